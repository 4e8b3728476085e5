package clickhouse

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What is asked during a read is read after it, all of it at once; nobody is
// answered by a read that began before they asked.
func TestGatherReadsAfterItIsAsked(t *testing.T) {
	var (
		stored  atomic.Int64
		reads   [][]int
		entered = make(chan struct{})
		goOn    = make(chan struct{})
	)
	g := NewGather(1, func(_ context.Context, keys []int) (map[int]int64, error) {
		seen := stored.Load()
		reads = append(reads, slices.Sorted(slices.Values(keys)))
		if len(reads) == 1 {
			close(entered)
			<-goOn
		}
		found := map[int]int64{}
		for _, key := range keys {
			found[key] = seen
		}
		return found, nil
	})
	var all sync.WaitGroup
	get := func(key int, want int64) {
		all.Go(func() {
			if got, err := g.Get(t.Context(), key); err != nil || got != want {
				t.Errorf("%d: %d, %v; want %d", key, got, err, want)
			}
		})
	}
	get(0, 0)
	<-entered
	stored.Store(7)
	for key := range 5 {
		get(key, 7)
		get(key, 7)
	}
	waits := func() int {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.waiting)
	}
	for waits() < 10 {
		time.Sleep(time.Millisecond)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Get(gone, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone waits: %v", err)
	}
	close(goOn)
	all.Wait()
	if len(reads) != 2 || !slices.Equal(reads[1], []int{0, 1, 2, 3, 4, 5}) {
		t.Errorf("read %v", reads)
	}
}

func TestGatherTellsAllThatTheReadFailed(t *testing.T) {
	broken := errors.New("broken")
	g := NewGather(1, func(context.Context, []int) (map[int]int, error) { return nil, broken })
	for range 2 { // and goes on
		if _, err := g.Get(t.Context(), 1); !errors.Is(err, broken) {
			t.Error(err)
		}
	}
}
