package clickhouse

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// endless takes hours; its text is found in system.processes.
const endless = "SELECT max(sipHash64(number)) FROM numbers(100000000000000)"

// running counts the statements of the text that the engine is running.
func running(t *testing.T, text string) uint64 {
	t.Helper()
	return scan[uint64](t, shared, "SELECT count() FROM system.processes WHERE query LIKE {q:String} AND query NOT LIKE '%system.processes%'",
		Named("q", "%"+text+"%"))
}

// eventually waits for ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func TestCancelStopsTheQuery(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		for _, sql := range []string{
			endless,
			"INSERT INTO FUNCTION null('n UInt64') " + endless,
		} {
			ctx, cancel := context.WithCancel(t.Context())
			failed := make(chan error, 1)
			go func() { failed <- db.Exec(ctx, sql) }()
			eventually(t, "the query runs", func() bool { return running(t, "100000000000000") == 1 })
			cancel()
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", sql, err)
			}
			eventually(t, "the query is gone", func() bool { return running(t, "100000000000000") == 0 })
		}
		for range 10 {
			if got := scan[uint8](t, db, "SELECT 7"); got != 7 {
				t.Errorf("the next query gave %d", got)
			}
		}
	})
}

func TestDeadlineStopsTheQuery(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := db.Exec(ctx, endless); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		eventually(t, "the query is gone", func() bool { return running(t, "100000000000000") == 0 })
	})
}

func TestCancelInMidStreamIsAnError(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		rows, err := db.Query(ctx, "SELECT number FROM numbers(100000000000000)")
		if err != nil {
			t.Fatal(err)
		}
		for range 200_000 {
			if !rows.Next() {
				t.Fatal(rows.Err())
			}
		}
		cancel()
		for deadline := time.Now().Add(10 * time.Second); rows.Next(); {
			if time.Now().After(deadline) {
				t.Fatal("rows go on")
			}
		}
		if err := rows.Err(); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
			t.Errorf("rows.Err() = %v", err)
		}
		eventually(t, "the query is gone", func() bool { return running(t, "100000000000000") == 0 })
	})
}

// TestAbandonedStreamsHoldUpNoCancel cancels a query while results that nobody
// reads on wait to be cancelled too.
func TestAbandonedStreamsHoldUpNoCancel(t *testing.T) {
	db := inProcess(t)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := db.Query(ctx, "SELECT number FROM numbers(100000000000000)")
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		defer func() { _ = rows.Close() }()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := db.Exec(ctx, endless); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("cancelled after %s", took)
	}
}

func TestCancelWhileWaitingForAConnection(t *testing.T) {
	db := inProcess(t)
	busy, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, cap(shared.transport.engine.pool.tokens))
	for range cap(ended) {
		go func() { ended <- shared.Exec(busy, endless) }()
	}
	eventually(t, "every connection is taken", func() bool { return len(shared.transport.engine.pool.tokens) == 0 })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := db.Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("waited %s", took)
	}
	stop()
	for range cap(ended) {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if got := scan[uint8](t, db, "SELECT 7"); got != 7 {
		t.Errorf("the next query gave %d", got)
	}
}
