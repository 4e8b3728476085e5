package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"pgregory.net/rapid"
)

// version is one revision of a row.
type version struct {
	key      uint32
	revision uint64
	text     string
}

const createVersions = "CREATE TABLE versions (key UInt32, revision UInt64, text String) ENGINE = ReplacingMergeTree(revision) ORDER BY key"

// versionTable is written by the tests; before is called before a block is
// encoded, when it is not nil.
func versionTable(before func(rows int)) Table[version] {
	return Table[version]{
		Name:    "versions",
		Columns: []Column{{"key", "UInt32"}, {"revision", "UInt64"}, {"text", "String"}},
		Encode: func(block driver.Batch, rows []version) error {
			if before != nil {
				before(len(rows))
			}
			for _, r := range rows {
				if err := block.Append(r.key, r.revision, r.text); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// stored reads the newest revision of every key, and fails when a key is there
// twice.
func stored(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, db *DB) map[uint32]version {
	rows, err := db.Query(context.Background(), "SELECT key, revision, text FROM versions FINAL")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := map[uint32]version{}
	for rows.Next() {
		var v version
		if err := rows.Scan(&v.key, &v.revision, &v.text); err != nil {
			t.Fatal(err)
		}
		if _, twice := found[v.key]; twice {
			t.Fatalf("key %d is there twice", v.key)
		}
		found[v.key] = v
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWriterStoresEveryAcknowledgedRowOnce(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		const callers, writes = 300, 20
		mustExec(t, db, createVersions)
		var blocks, rows atomic.Int64
		w := NewWriter(db, versionTable(func(n int) { blocks.Add(1); rows.Add(int64(n)) }), callers, 128)
		var group sync.WaitGroup
		for caller := range callers {
			group.Go(func() {
				for n := range writes {
					row := version{uint32(caller*writes/2 + n/2), uint64(n), fmt.Sprintf("%d\n%d", caller, n)}
					if err := w.Write(t.Context(), row); err != nil {
						t.Errorf("%v: %v", row, err)
						return
					}
					if n > 0 {
						continue
					}
					var text string
					err := db.QueryRow(t.Context(), "SELECT text FROM versions FINAL WHERE key = {k:UInt32}", Named("k", row.key)).Scan(&text)
					if err != nil || text != row.text {
						t.Errorf("%v is acknowledged and reads %q, %v", row, text, err)
					}
				}
			})
		}
		group.Wait()
		w.Close()
		found := stored(t, db)
		if len(found) != callers*writes/2 {
			t.Errorf("%d keys, want %d", len(found), callers*writes/2)
		}
		for key, v := range found {
			caller, n := int(key)/(writes/2), int(key)%(writes/2)*2+1
			if want := (version{key, uint64(n), fmt.Sprintf("%d\n%d", caller, n)}); v != want {
				t.Errorf("stored %v, want %v", v, want)
			}
		}
		if rows.Load() != callers*writes {
			t.Errorf("%d rows went into blocks, want %d", rows.Load(), callers*writes)
		}
		if mean := float64(rows.Load()) / float64(blocks.Load()); mean < 10 {
			t.Errorf("%.1f rows a block: the callers were not grouped", mean)
		}
	})
}

// TestWriterProperty writes any rows by any number of callers and closes the
// writer at any time: what was acknowledged is there, its newest revision once,
// and nothing is there that was never written.
func TestWriterProperty(t *testing.T) {
	db := inProcess(t)
	rapid.Check(t, func(r *rapid.T) {
		mustExec(t, db, "DROP TABLE IF EXISTS versions SYNC")
		mustExec(t, db, createVersions)
		queue, block := rapid.IntRange(1, 64).Draw(r, "queue"), rapid.IntRange(4, 64).Draw(r, "block")
		keys := rapid.SliceOfN(rapid.SliceOfN(rapid.Uint32Range(0, 30), 0, 6), 1, 12).Draw(r, "keys of each caller")
		closeAfter := rapid.Int32Range(0, 60).Draw(r, "close after")
		w := NewWriter(db, versionTable(nil), queue, block)
		var (
			group                  sync.WaitGroup
			mu                     sync.Mutex
			revision               uint64
			acknowledged, accepted = map[uint32]version{}, map[version]bool{}
			answers                atomic.Int32
		)
		for _, mine := range keys {
			group.Go(func() {
				for _, key := range mine {
					mu.Lock()
					revision++
					row := version{key, revision, texts[int(revision)%len(texts)]}
					accepted[row] = true
					mu.Unlock()
					err := w.Write(t.Context(), row)
					mu.Lock()
					switch {
					case err == nil:
						if acknowledged[key].revision < row.revision {
							acknowledged[key] = row
						}
					case errors.Is(err, ErrBusy), errors.Is(err, ErrClosed):
						delete(accepted, row)
					default:
						t.Errorf("%v: %v", row, err)
					}
					mu.Unlock()
					if answers.Add(1) == closeAfter {
						w.Close()
					}
				}
			})
		}
		group.Wait()
		w.Close()
		found := stored(r, db)
		if len(found) != len(acknowledged) {
			r.Fatalf("%d keys are stored, %d acknowledged", len(found), len(acknowledged))
		}
		for key, want := range acknowledged {
			if found[key] != want || !accepted[want] {
				r.Fatalf("stored %v, acknowledged %v", found[key], want)
			}
		}
	})
}

func TestWriterTellsTheErrorToEveryoneInTheBlock(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		const callers = 100
		mustExec(t, db, createVersions)
		w := NewWriter(db, versionTable(nil), callers, callers)
		var acknowledged atomic.Int32
		failed := make(chan error, callers)
		for caller := range callers {
			go func() {
				for n := uint64(1); ; n++ {
					if err := w.Write(t.Context(), version{uint32(caller), n, "text"}); err != nil {
						failed <- err
						return
					}
					acknowledged.Add(1)
				}
			}()
		}
		eventually(t, "rows are stored", func() bool { return acknowledged.Load() > 3*callers })
		mustExec(t, db, "DROP TABLE versions SYNC")
		for range callers {
			select {
			case err := <-failed:
				if !strings.Contains(err.Error(), "versions") {
					t.Errorf("%v does not name the table", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("someone got no answer")
			}
		}
		// The writer goes on when the store does.
		mustExec(t, db, createVersions)
		if err := w.Write(t.Context(), version{1, 1, "again"}); err != nil {
			t.Error(err)
		}
		w.Close()
		if found := stored(t, db); len(found) != 1 || found[1].text != "again" {
			t.Errorf("stored %v", found)
		}
	})
}

// gated is a writer whose blocks wait for open; with a queue of four rows.
func gated(t *testing.T, db *DB) (w *Writer[version], begun chan struct{}, open func()) {
	t.Helper()
	mustExec(t, db, createVersions)
	gate := make(chan struct{})
	begun = make(chan struct{}, 100)
	w = NewWriter(db, versionTable(func(int) { begun <- struct{}{}; <-gate }), 4, 100)
	open = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(func() { open(); w.Close() })
	return w, begun, open
}

// write writes row in the background.
func write(ctx context.Context, w *Writer[version], key uint32) chan error {
	done := make(chan error, 1)
	go func() { done <- w.Write(ctx, version{key: key, revision: 1}) }()
	return done
}

func TestWriterIsBusyWhenTheQueueIsFull(t *testing.T) {
	db := inProcess(t)
	w, begun, open := gated(t, db)
	answers := []chan error{write(t.Context(), w, 0)}
	<-begun
	for key := range 4 {
		answers = append(answers, write(t.Context(), w, uint32(1+key)))
	}
	eventually(t, "the queue is full", func() bool { return len(w.queue) == 4 })
	if err := w.Write(t.Context(), version{key: 9}); !errors.Is(err, ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	for _, answer := range answers {
		if len(answer) > 0 {
			t.Errorf("acknowledged before the insert: %v", <-answer)
		}
	}
	open()
	for _, answer := range answers {
		if err := <-answer; err != nil {
			t.Error(err)
		}
	}
	if found := stored(t, db); len(found) != 5 {
		t.Errorf("stored %v", found)
	}
}

func TestWriterCloseStoresWhatWasAccepted(t *testing.T) {
	db := inProcess(t)
	w, begun, open := gated(t, db)
	answers := []chan error{write(t.Context(), w, 0)}
	<-begun
	for key := range 3 {
		answers = append(answers, write(t.Context(), w, uint32(1+key)))
	}
	eventually(t, "the rows are accepted", func() bool { return len(w.queue) == 3 })
	closed := make(chan struct{})
	go func() { w.Close(); close(closed) }()
	eventually(t, "the writer takes no more", func() bool {
		w.mu.RLock()
		defer w.mu.RUnlock()
		return w.closing
	})
	open()
	<-closed
	for _, answer := range answers {
		if err := <-answer; err != nil {
			t.Error(err)
		}
	}
	if found := stored(t, db); len(found) != 4 {
		t.Errorf("stored %v", found)
	}
	w.Close() // a second time does nothing
	if err := w.Write(t.Context(), version{}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}

func TestWriterCallerMayLeave(t *testing.T) {
	db := inProcess(t)
	w, begun, open := gated(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	first := write(ctx, w, 1)
	<-begun
	second := write(ctx, w, 2)
	eventually(t, "the row waits", func() bool { return len(w.queue) == 1 })
	cancel()
	for _, answer := range []chan error{first, second} {
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that the context ended", err)
		}
	}
	open()
	w.Close()
	if found := stored(t, db); len(found) != 2 {
		t.Errorf("stored %v", found)
	}
}

// TestWriterAloneDoesNotWait holds the promise that grouping costs nothing when
// there is nobody to group with.
func TestWriterAloneDoesNotWait(t *testing.T) {
	db := inProcess(t)
	mustExec(t, db, createVersions)
	var blocks atomic.Int32
	w := NewWriter(db, versionTable(func(int) { blocks.Add(1) }), 10, 10)
	defer w.Close()
	for n := range 20 {
		if err := w.Write(t.Context(), version{key: uint32(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if blocks.Load() != 20 {
		t.Errorf("%d blocks of 20 rows written one after another", blocks.Load())
	}
	waiting := w.gather([]pending[version]{{}}, 1)
	if len(waiting) != 1 {
		t.Errorf("gathered %d", len(waiting))
	}
}
