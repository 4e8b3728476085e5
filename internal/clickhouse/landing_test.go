package clickhouse

import (
	"fmt"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"
)

// seen counts the ids that are in their table, without the transport, which
// would move what has landed first.
func seen(t *testing.T, db *DB) uint64 {
	t.Helper()
	r, err := db.transport.engine.run(t.Context(), statement{sql: "SELECT uniqExact(id) FROM ids", database: db.options.Auth.Database})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var block proto.Block
	var n proto.ColUInt64
	if err := block.DecodeRawBlock(proto.NewReader(r), 0, proto.Results{{Data: &n}}); err != nil {
		t.Fatal(err)
	}
	return n.Row(0)
}

// land writes n ids one after another, of which the first goes straight into
// the table.
func land(t *testing.T, db *DB, n int) {
	t.Helper()
	mustExec(t, db, createIDs)
	w := NewWriter(db, idTable(), 10, 10)
	defer w.Close()
	for range n {
		if err := w.Write(t.Context(), uuid.New()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLandedRowsAreSeenByTheNextStatement(t *testing.T) {
	for name, count := range map[string]func(*testing.T, *DB) uint64{
		"a query": func(t *testing.T, db *DB) uint64 { return scan[uint64](t, db, "SELECT count() FROM ids") },
		"an insert from a query": func(t *testing.T, db *DB) uint64 {
			mustExec(t, db, "CREATE TABLE copy AS ids")
			mustExec(t, db, "INSERT INTO copy SELECT id FROM ids")
			return scan[uint64](t, db, "SELECT count() FROM copy")
		},
		"a change of tables": func(t *testing.T, db *DB) uint64 {
			mustExec(t, db, "RENAME TABLE ids TO copy")
			return scan[uint64](t, db, "SELECT count() FROM copy")
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := inProcess(t)
			land(t, db, 5)
			if got := seen(t, db); got != 1 {
				t.Errorf("%d of 5 rows are in the table at once: nothing lands", got)
			}
			if got := count(t, db); got != 5 {
				t.Errorf("%d of 5 rows are seen", got)
			}
		})
	}
}

func TestLandedRowsAreMovedUnasked(t *testing.T) {
	db := inProcess(t)
	land(t, db, 5)
	eventually(t, "the rows are in the table", func() bool { return seen(t, db) == 5 })
}

// TestLandedRowsAreFoundAgain opens the landing a second time, as after a crash.
func TestLandedRowsAreFoundAgain(t *testing.T) {
	db := inProcess(t)
	land(t, db, 5)
	for range 2 {
		if _, err := newLanding(t.Context(), db.transport.engine); err != nil {
			t.Fatal(err)
		}
		if got := seen(t, db); got != 5 {
			t.Errorf("%d of 5 rows are found", got)
		}
	}
}

func TestLandingHoldsSoMuch(t *testing.T) {
	db := inProcess(t)
	mustExec(t, db, createVersions)
	w := NewWriter(db, versionTable(nil), 10, 10)
	defer w.Close()
	l := db.transport.landing
	for n := range 100 {
		if err := w.Write(t.Context(), version{uint32(n), 1, fmt.Sprintf("%0100000d", n)}); err != nil {
			t.Fatal(err)
		}
		if err := l.hold(t.Context()); err != nil {
			t.Fatal(err)
		}
		size := l.size
		l.release()
		if size > landedSize {
			t.Fatalf("%d bytes wait", size)
		}
	}
	if found := stored(t, db); len(found) != 100 {
		t.Errorf("%d of 100 rows are stored", len(found))
	}
}

// TestWithoutLanding is how an engine without key-value tables stores.
func TestWithoutLanding(t *testing.T) {
	whole := inProcess(t)
	without := *whole.transport
	without.landing = nil
	db, err := without.open(t.Context(), Config{Database: whole.options.Auth.Database, Conns: 2})
	if err != nil {
		t.Fatal(err)
	}
	land(t, db, 5)
	if got := seen(t, db); got != 5 {
		t.Errorf("%d of 5 rows are stored", got)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestWhatWasNotAcknowledgedDoesNotComeBack: storing a block failed when it was in
// the landing already, and its sender was told so.
func TestWhatWasNotAcknowledgedDoesNotComeBack(t *testing.T) {
	db := inProcess(t)
	land(t, db, 2)
	l := db.transport.landing
	if err := l.hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := l.blocks[0]
	l.blocks, l.size, l.lost = nil, 0, true
	l.release()
	if n := scan[uint64](t, db, "SELECT count() FROM ids"); n != 1 {
		t.Errorf("%d rows, want the one that was acknowledged; %q is lost", n, one.sql)
	}
	if _, err := newLanding(t.Context(), db.transport.engine); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, db); got != 1 {
		t.Errorf("%d rows after opening again, want 1", got)
	}
}
