package clickhouse

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Errors of opening the data directory.
var (
	// ErrDataInUse is returned when another process has the directory open.
	ErrDataInUse = errors.New("data directory is in use")
	// ErrDataDir is returned when the directory cannot be made or written.
	ErrDataDir = errors.New("data directory cannot be used")
)

//go:embed engine.xml
var engineConfig []byte

// engine is ClickHouse inside this process, on one data directory. It has a
// pool of connections, each running one statement at a time, and one more
// connection that is kept to cancel statements with.
type engine struct {
	lib    *library
	pool   *pool
	all    []*engineConn
	killer chan *engineConn
	serial atomic.Uint64
}

// engineError is what the engine says of a failed statement.
type engineError struct{ text string }

func (e *engineError) Error() string { return e.text }

// openEngine opens the engine on dir, which is created when missing, with as
// many connections as size.
func openEngine(dir string, size int) (*engine, error) {
	lib, err := loadLibrary()
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataDir, err)
	}
	if err := prepareDir(dir); err != nil {
		return nil, err
	}
	// Its handlers would take signals away from Go's.
	lib.setSignalHandlers(0)
	e := &engine{lib: lib, pool: newPool(size), killer: make(chan *engineConn, 1)}
	for i := range size + 1 {
		c, err := e.connect(dir)
		if err != nil {
			e.close()
			return nil, err
		}
		if i == 0 {
			e.killer <- c
		} else {
			e.pool.put(c)
		}
	}
	return e, nil
}

// configFile is where the engine's settings are put for it to read. Naming a
// file also keeps it from reading one that happens to lie in the working
// directory or in the home directory.
func configFile(dir string) string { return filepath.Join(dir, "engine.xml") }

// prepareDir makes dir and refuses one that cannot be written or is in use: the
// engine itself would say so on standard error only.
func prepareDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: %s: %w; choose another --data", ErrDataDir, dir, err)
	}
	status, err := os.OpenFile(filepath.Join(dir, "status"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w; make it writable for this user or choose another --data", ErrDataDir, err)
	}
	// The engine locks this file; closing it here gives the lock back.
	defer func() { _ = status.Close() }()
	err = syscall.Flock(int(status.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return inUse(dir)
	}
	if err != nil {
		return fmt.Errorf("%w: lock %s: %w; choose a directory on a local disk as --data", ErrDataDir, dir, err)
	}
	if err := os.WriteFile(configFile(dir), engineConfig, 0o600); err != nil {
		return fmt.Errorf("%w: %w; make it writable for this user or choose another --data", ErrDataDir, err)
	}
	return nil
}

func inUse(dir string) error {
	return fmt.Errorf("%w: %s; stop the process that has it open or choose another --data", ErrDataInUse, dir)
}

func (e *engine) connect(dir string) (*engineConn, error) {
	argv := cStrings("mentorpulse", "--path="+dir, "--config-file="+configFile(dir),
		// The sampling profiler starts two timers for every thread of every
		// query: a tenth of the time of a small one.
		"--query_profiler_real_time_period_ns=0", "--query_profiler_cpu_time_period_ns=0")
	handle := e.lib.connect(int32(len(argv)), &argv[0])
	runtime.KeepAlive(argv)
	if handle == nil || *handle == 0 {
		return nil, fmt.Errorf("%w: the engine does not start on %s; it was started on another directory in this process, or what the directory holds is damaged", ErrDataDir, dir)
	}
	c := &engineConn{handle: handle, database: "default", settings: map[string]string{}}
	e.all = append(e.all, c)
	return c, nil
}

// close waits a little for the statements under way and closes the connections.
func (e *engine) close() {
	e.pool.drain(10 * time.Second)
	for _, c := range e.all {
		e.lib.closeConn(c.handle)
	}
	e.all = nil
}

// simple runs a statement without result on c.
func (e *engine) simple(c *engineConn, sql string) error {
	text, format := bytesOf(sql), bytesOf(native)
	r := e.lib.query(*c.handle, &text[0], uint(len(sql)), &format[0], uint(len(native)))
	if r != 0 {
		defer e.lib.destroyResult(r)
	}
	return e.failure(r)
}

func (e *engine) failure(result uintptr) error {
	if result == 0 {
		return &engineError{"Code: 1001. DB::Exception: the engine returned nothing"}
	}
	if text := e.lib.resultError(result); text != "" {
		return &engineError{text}
	}
	return nil
}

// watch cancels the statement whose text begins with tag when ctx ends; stop
// ends the watch.
func (e *engine) watch(ctx context.Context, tag string) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		// The statement may not have started yet when its context ends, so
		// the cancelling is repeated until the statement is over.
		for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
			select {
			case c := <-e.killer:
				_ = e.simple(c, "KILL QUERY WHERE startsWith(query, "+quoteString(tag)+") ASYNC")
				e.killer <- c
			case <-done:
				return
			}
			select {
			case <-done:
				return
			case <-time.After(wait):
			}
		}
	})
	return func() { cancel(); close(done) }
}

func quoteIdentifier(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}

var quotes = strings.NewReplacer("\\", "\\\\", "'", "\\'")

func quoteString(s string) string { return "'" + quotes.Replace(s) + "'" }
