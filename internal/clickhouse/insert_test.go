package clickhouse

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func TestInsertAndCollect(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		mustExec(t, db, createVersions)
		table := versionTable(nil)
		rows := make([]version, insertBlock+1) // two inserts
		for i := range rows {
			rows[i] = version{uint32(i), 1, texts[i%(len(texts)-1)]}
		}
		if err := Insert(t.Context(), db, table, rows); err != nil {
			t.Fatal(err)
		}
		if err := Insert(t.Context(), db, table, nil); err != nil {
			t.Fatal(err)
		}
		found := stored(t, db)
		for i, row := range rows {
			if found[uint32(i)] != row {
				t.Fatalf("stored %v, want %v", found[uint32(i)], row)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := Insert(ctx, db, table, rows); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that the context ended", err)
		}
	})
}

// A result that breaks off must not look like a short one.
func TestCollectOfABrokenResult(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		count := func(rows driver.Rows) (uint64, error) {
			var n uint64
			return n, rows.Scan(&n)
		}
		all, err := Collect(t.Context(), db, "numbers", "SELECT number FROM numbers(100000)", count)
		if err != nil || len(all) != 100_000 {
			t.Errorf("%d rows, %v", len(all), err)
		}
		all, err = Collect(t.Context(), db, "numbers", "SELECT throwIf(number = 3000000) + number FROM numbers(5000000) SETTINGS max_block_size = 65536", count)
		if err == nil || all != nil || !strings.HasPrefix(err.Error(), "numbers: ") {
			t.Errorf("%d rows, %v; want an error that says what was read", len(all), err)
		}
	})
}
