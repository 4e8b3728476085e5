package clickhouse

import (
	"context"
	"sync"
	"time"
)

const (
	// gatherMost bounds how many keys one read is for.
	gatherMost = 1000
	// gatherTimeout is how long a read may take.
	gatherTimeout = 30 * time.Second
)

// Gather answers by one read what concurrent callers ask for: what is asked while
// reads are under way waits for the next. So each answer is of a read that began
// after it was asked for, and shows all that was stored by then, by whichever
// process.
type Gather[K comparable, V any] struct {
	// read gives what there is, by key; what is not there may be left out.
	read    func(ctx context.Context, keys []K) (map[K]V, error)
	atOnce  int
	mu      sync.Mutex
	waiting []*asked[K, V]
	reads   int // under way
}

// asked is one question, whose answer is there when done is closed.
type asked[K comparable, V any] struct {
	key    K
	answer V
	err    error
	done   chan struct{}
}

// NewGather makes a Gather that reads by read, so many times at once at most.
func NewGather[K comparable, V any](atOnce int, read func(ctx context.Context, keys []K) (map[K]V, error)) *Gather[K, V] {
	return &Gather[K, V]{read: read, atOnce: atOnce}
}

// Get returns what there is of key, or the zero value.
func (g *Gather[K, V]) Get(ctx context.Context, key K) (V, error) {
	one := &asked[K, V]{key: key, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, one)
	more := g.reads < g.atOnce
	if more {
		g.reads++
	}
	g.mu.Unlock()
	if more {
		// The reads are for all that wait, and do not end with one of them.
		go g.run(context.WithoutCancel(ctx))
	}
	select {
	case <-one.done:
		return one.answer, one.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// run reads until nobody waits.
func (g *Gather[K, V]) run(ctx context.Context) {
	for {
		g.mu.Lock()
		now := g.waiting[:min(len(g.waiting), gatherMost)]
		g.waiting = g.waiting[len(now):]
		if len(now) == 0 {
			g.reads--
		}
		g.mu.Unlock()
		if len(now) == 0 {
			return
		}
		g.answer(ctx, now)
	}
}

// answer reads for some who wait.
func (g *Gather[K, V]) answer(ctx context.Context, now []*asked[K, V]) {
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	var keys []K
	known := make(map[K]bool, len(now))
	for _, one := range now {
		if !known[one.key] {
			known[one.key] = true
			keys = append(keys, one.key)
		}
	}
	found, err := g.read(ctx, keys)
	for _, one := range now {
		one.answer, one.err = found[one.key], err
		close(one.done)
	}
}
