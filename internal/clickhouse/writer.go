package clickhouse

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrBusy is returned by Write when the queue is full: nothing was stored, and
// the caller may try again a little later.
var ErrBusy = errors.New("too many answers at once; try again in a moment")

// ErrClosed is returned by Write after Close.
var ErrClosed = errors.New("the store is closing")

// Column is one column of a table, as an INSERT names it.
type Column struct{ Name, Type string }

// Table says where a Writer's rows go and how a block of them is encoded.
type Table[T any] struct {
	Name    string
	Columns []Column
	// Encode appends rows to the columns of block, column by column in the
	// order of Columns.
	Encode func(block driver.Batch, rows []T) error
}

// Writer stores rows by group commit: what concurrent callers bring while an
// insert is under way goes into the next one as a single block, and each caller
// gets its answer after the insert that holds its row.
type Writer[T any] struct {
	db    *DB
	table Table[T]
	queue chan pending[T]
	block int
	// closing is closed by Close; writers hold in while they put into queue.
	mu      sync.RWMutex
	closing bool
	done    sync.WaitGroup
}

type pending[T any] struct {
	row    T
	stored chan error
}

// insertTimeout bounds one insert: an answer that cannot be stored within it
// gets an error instead of waiting on.
const insertTimeout = 30 * time.Second

// linger bounds the wait for callers that are expected back; see gather.
const linger = 4 * time.Millisecond

// NewWriter starts a writer with room for queue waiting rows, at most block
// rows an insert.
func NewWriter[T any](db *DB, table Table[T], queue, block int) *Writer[T] {
	w := &Writer[T]{db: db, table: table, queue: make(chan pending[T], queue), block: block}
	w.done.Add(1)
	go w.run()
	return w
}

// Write stores row and returns after it is stored. When ctx ends first, the row
// may or may not be stored: writing it again is safe, since rows are upserts.
func (w *Writer[T]) Write(ctx context.Context, row T) error {
	p := pending[T]{row: row, stored: make(chan error, 1)}
	w.mu.RLock()
	if w.closing {
		w.mu.RUnlock()
		return ErrClosed
	}
	select {
	case w.queue <- p:
		w.mu.RUnlock()
	default:
		w.mu.RUnlock()
		return ErrBusy
	}
	select {
	case err := <-p.stored:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close takes no more rows, stores those that were accepted, and returns.
func (w *Writer[T]) Close() {
	w.mu.Lock()
	if !w.closing {
		w.closing = true
		close(w.queue)
	}
	w.mu.Unlock()
	w.done.Wait()
}

func (w *Writer[T]) run() {
	defer w.done.Done()
	var (
		waiting  []pending[T]
		rows     []T
		expected = 1
	)
	for first := range w.queue {
		waiting = w.gather(append(waiting[:0], first), expected)
		rows = rows[:0]
		for _, p := range waiting {
			rows = append(rows, p.row)
		}
		err := w.store(rows)
		expected = len(waiting) + len(w.queue)
		for _, p := range waiting {
			p.stored <- err
		}
	}
}

// gather adds what is waiting already, and waits a moment for as many as were
// in the last block or in the queue at its end. An insert costs nearly the same
// for one row as for many, so two groups of callers that take turns, each
// waiting for the other's insert, are better served in one block. A caller
// alone never waits.
func (w *Writer[T]) gather(waiting []pending[T], expected int) []pending[T] {
	var late <-chan time.Time
	for len(waiting) < w.block {
		select {
		case p, open := <-w.queue:
			if !open {
				return waiting
			}
			waiting = append(waiting, p)
			continue
		default:
		}
		if len(waiting) >= expected {
			return waiting
		}
		if late == nil {
			late = time.After(linger)
		}
		select {
		case p, open := <-w.queue:
			if !open {
				return waiting
			}
			waiting = append(waiting, p)
		case <-late:
			return waiting
		}
	}
	return waiting
}

func (w *Writer[T]) store(rows []T) error {
	ctx, cancel := context.WithTimeout(context.Background(), insertTimeout)
	defer cancel()
	return Insert(withLanding(ctx), w.db, w.table, rows)
}
