package clickhouse

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// engineConn is one connection with the settings and the database that hold on
// it now, so that a statement pays for changing them only when they differ.
type engineConn struct {
	handle   *connHandle
	database string
	settings map[string]string
}

// fits reports whether s can run on c without a change.
func (c *engineConn) fits(s statement) bool {
	return (s.database == "" || s.database == c.database) && maps.Equal(c.settings, s.settings)
}

// pool lends connections, each to one statement at a time. It gives one that
// already has the statement's settings when it can, since changing them takes
// as long as a small statement.
type pool struct {
	tokens chan struct{} // as many as idle
	mu     sync.Mutex
	idle   []*engineConn
}

func newPool(size int) *pool { return &pool{tokens: make(chan struct{}, size)} }

func (p *pool) put(c *engineConn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.tokens <- struct{}{}
}

func (p *pool) take(ctx context.Context, s statement) (*engineConn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-p.tokens:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.idle, func(c *engineConn) bool { return c.fits(s) })
	if i < 0 {
		i = 0 // the one that has been idle longest
	}
	c := p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	return c, nil
}

// drain takes every connection out of the pool, waiting at most so long.
func (p *pool) drain(wait time.Duration) {
	timeout := time.After(wait)
	for range cap(p.tokens) {
		select {
		case <-p.tokens:
		case <-timeout:
			return
		}
	}
}

// acquire takes a connection and brings it to the statement's database and
// settings.
func (e *engine) acquire(ctx context.Context, s statement) (*engineConn, error) {
	c, err := e.pool.take(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := e.prepare(c, s); err != nil {
		e.pool.put(c)
		return nil, err
	}
	return c, nil
}

func (e *engine) prepare(c *engineConn, s statement) error {
	if s.database != "" && s.database != c.database {
		if err := e.simple(c, "USE "+quoteIdentifier(s.database)); err != nil {
			return err
		}
		c.database = s.database
	}
	if maps.Equal(c.settings, s.settings) {
		return nil
	}
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		if value := s.settings[name]; c.settings[name] != value {
			changes = append(changes, quoteIdentifier(name)+" = "+quoteString(value))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.settings)) {
		if _, keep := s.settings[name]; !keep {
			changes = append(changes, quoteIdentifier(name)+" = DEFAULT")
		}
	}
	if err := e.simple(c, "SET "+strings.Join(changes, ", ")); err != nil {
		// Some of the changes may have been made: none may stay for the next
		// statement. A name that the engine does not know fails here again.
		for _, settings := range []map[string]string{c.settings, s.settings} {
			for name := range settings {
				_ = e.simple(c, "SET "+quoteIdentifier(name)+" = DEFAULT")
			}
		}
		c.settings = map[string]string{}
		return err
	}
	c.settings = maps.Clone(s.settings)
	return nil
}
