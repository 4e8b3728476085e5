package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// residentBytes is the memory that the process has now.
func residentBytes(t testing.TB) int64 {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

func TestLargeResultStreamsInBoundedMemory(t *testing.T) {
	const rowCount, limit = 50_000_000, 192 << 20 // the result alone is 400 MB
	everyWay(t, func(t *testing.T, db *DB) {
		before := residentBytes(t)
		rows, err := db.Query(t.Context(), "SELECT number FROM numbers({n:UInt64})", Named("n", rowCount))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var n, peak int64
		for rows.Next() {
			if n++; n%1_000_000 == 0 {
				peak = max(peak, residentBytes(t)-before)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if n != rowCount {
			t.Errorf("%d rows, want %d", n, rowCount)
		}
		if peak > limit {
			t.Errorf("memory grew by %d MiB", peak>>20)
		}
	})
}

func TestFailureInMidStreamIsAnError(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		rows, err := db.Query(t.Context(), "SELECT number, throwIf(number = 3000000, 'out of order') FROM numbers(10000000)")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if n == 0 || n > 3_000_000 {
			t.Errorf("%d rows before the failure", n)
		}
		if err := rows.Err(); err == nil || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("rows.Err() = %v", err)
		}
		if err := rows.Close(); err != nil && !strings.Contains(err.Error(), "out of order") {
			t.Errorf("rows.Close() = %v", err)
		}
		if got := scan[uint8](t, db, "SELECT 7"); got != 7 {
			t.Errorf("the next query gave %d", got)
		}
	})
}

func TestFailureAtOnceIsAnException(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		for sql, code := range map[string]int32{
			"SELECT nothing":                     47,
			"SELECT 1 FROM missing":              60,
			"SELEC 1":                            62,
			"SELECT throwIf(1)":                  395,
			"INSERT INTO missing VALUES (1)":     60,
			"INSERT INTO missing SELECT 1":       60,
			"SELECT {a:UInt8}":                   456,
			"SELECT 1 SETTINGS no_such = 1":      115,
			"CREATE TABLE t (a Nope) ENGINE=Log": 50,
		} {
			var exception *ch.Exception
			if err := db.Exec(t.Context(), sql); !errors.As(err, &exception) || exception.Code != code {
				t.Errorf("%s: %v, want code %d", sql, err, code)
			}
		}
	})
}

func TestLimitsAreHonoured(t *testing.T) {
	for _, test := range []struct {
		name, sql string
		settings  ch.Settings
		code      int32
	}{
		{"time", "SELECT max(sipHash64(number)) FROM numbers(100000000000)", ch.Settings{"max_execution_time": 1}, 159},
		{"memory", "SELECT groupArray(number) FROM numbers(100000000)", ch.Settings{"max_memory_usage": 50 << 20}, 241},
	} {
		t.Run(test.name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, db *DB) {
				start := time.Now()
				err := db.Exec(ch.Context(t.Context(), ch.WithSettings(test.settings)), test.sql)
				var exception *ch.Exception
				if !errors.As(err, &exception) || exception.Code != test.code {
					t.Errorf("%v, want code %d", err, test.code)
				}
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("stopped after %s", took)
				}
			})
		})
	}
}

func TestLimitsOfTheConfig(t *testing.T) {
	db := inProcess(t)
	if got := scan[string](t, db, "SELECT toString(getSetting('max_execution_time')) || ' ' || toString(getSetting('max_memory_usage'))"); got != "60 4294967296" {
		t.Errorf("limits are %s", got)
	}
}

// TestSettingsDoNotLeak runs on every connection of the pool, so a setting that
// stayed on one would be seen.
func TestSettingsDoNotLeak(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		together := func(ctx context.Context, sql, want string) {
			t.Helper()
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					var got string
					if err := db.QueryRow(ctx, sql).Scan(&got); err != nil || got != want {
						t.Errorf("%s gave %q, %v; want %q", sql, got, err, want)
					}
				})
			}
			group.Wait()
		}
		const limit = "SELECT toString(getSetting('max_result_rows')) FROM (SELECT sleep(0.05))"
		together(ch.Context(t.Context(), ch.WithSettings(ch.Settings{"max_result_rows": 77})), limit, "77")
		together(t.Context(), limit, "0")
		// A bad setting is refused, and takes what came with it along.
		for range 8 {
			err := db.Exec(ch.Context(t.Context(), ch.WithSettings(ch.Settings{"max_result_rows": 78, "no_such_setting": 1})), "SELECT 1")
			if err == nil {
				t.Error("an unknown setting was taken")
			}
		}
		together(t.Context(), limit, "0")
		together(ch.Context(t.Context(), ch.WithSettings(ch.Settings{"max_result_rows": 79})), limit, "79")
	})
}

func TestSiblingsKeepTheirDatabases(t *testing.T) {
	one, two := inProcess(t), inProcess(t)
	for i, db := range []*DB{one, two} {
		mustExec(t, db, "CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n")
		mustExec(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d)", i))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				for i, db := range []*DB{one, two} {
					var n uint8
					if err := db.QueryRow(t.Context(), "SELECT n FROM t").Scan(&n); err != nil || int(n) != i {
						t.Errorf("database %d gave %d, %v", i, n, err)
					}
				}
			}
		})
	}
	group.Wait()
}

func TestConcurrentUse(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		mustExec(t, db, "CREATE TABLE t (worker UInt8, n UInt32, text String) ENGINE = MergeTree ORDER BY (worker, n)")
		var group sync.WaitGroup
		for worker := range 24 {
			group.Go(func() {
				for n := range 10 {
					text := fmt.Sprintf("%d\n%d", worker, n)
					if err := db.Exec(t.Context(), "INSERT INTO t VALUES (?, ?, ?)", worker, n, text); err != nil {
						t.Error(err)
					}
					var got string
					err := db.QueryRow(t.Context(), "SELECT text FROM t WHERE worker = {w:UInt8} AND n = {n:UInt32}",
						Named("w", worker), Named("n", n)).Scan(&got)
					if err != nil || got != text {
						t.Errorf("worker %d: %q, %v; want %q", worker, got, err, text)
					}
				}
			})
		}
		group.Wait()
		if n := scan[uint64](t, db, "SELECT count() FROM t"); n != 240 {
			t.Errorf("%d rows, want 240", n)
		}
	})
}

// TestEngineConfigIsRead fails when the engine no longer knows a setting of
// engine.xml or does not read the file.
func TestEngineConfigIsRead(t *testing.T) {
	for name, want := range map[string]string{
		"old_parts_lifetime": "120", "merge_selector_base": "15", "auto_statistics_types": "",
		"write_marks_for_substreams_in_compact_parts": "0", "ratio_of_defaults_for_sparse_serialization": "1",
	} {
		got := scan[string](t, shared, "SELECT value FROM system.merge_tree_settings WHERE name = {n:String}", Named("n", name))
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := scan[string](t, shared, "SELECT toString(getSetting('query_profiler_real_time_period_ns'))"); got != "0" {
		t.Errorf("the profiler's period is %s", got)
	}
}
