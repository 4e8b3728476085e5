package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

// ErrDataInUse is returned when another process has the data directory open.
var ErrDataInUse = errors.New("data directory is in use")

// engine is ClickHouse inside this process, on one data directory. It has a
// pool of connections, each running one statement at a time, and one more
// connection that is kept to cancel statements with.
type engine struct {
	lib    *library
	conns  chan *engineConn
	all    []*engineConn
	killer chan *engineConn
	serial atomic.Uint64
}

// engineConn is one connection with the settings and the database that hold on
// it now, so that a statement pays for changing them only when they differ.
type engineConn struct {
	handle   *connHandle
	database string
	settings map[string]string
}

// statement is one SQL statement as it comes from the driver.
type statement struct {
	sql      string
	database string
	settings map[string]string
	params   map[string]string
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
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	lib.setSignalHandlers(0)
	e := &engine{lib: lib, conns: make(chan *engineConn, size), killer: make(chan *engineConn, 1)}
	for i := range size + 1 {
		c, err := e.connect(dir)
		if err != nil {
			e.close()
			return nil, err
		}
		if i == 0 {
			e.killer <- c
		} else {
			e.conns <- c
		}
	}
	return e, nil
}

func (e *engine) connect(dir string) (*engineConn, error) {
	argv := cStrings("mentorpulse", "--path="+dir)
	handle := e.lib.connect(int32(len(argv)), &argv[0])
	runtime.KeepAlive(argv)
	if handle == nil || *handle == 0 {
		return nil, fmt.Errorf("%w: %s is open in another process, or cannot be written; stop that process or choose another --data", ErrDataInUse, dir)
	}
	c := &engineConn{handle: handle, database: "default", settings: map[string]string{}}
	e.all = append(e.all, c)
	return c, nil
}

// close waits for the statements under way and closes every connection.
func (e *engine) close() {
	for range cap(e.conns) {
		select {
		case <-e.conns:
		case <-time.After(10 * time.Second):
		}
	}
	for _, c := range e.all {
		e.lib.closeConn(c.handle)
	}
	e.all = nil
}

// acquire takes a connection and brings it to the statement's database and
// settings.
func (e *engine) acquire(ctx context.Context, s statement) (*engineConn, error) {
	var c *engineConn
	select {
	case c = <-e.conns:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := e.prepare(c, s); err != nil {
		e.release(c)
		return nil, err
	}
	return c, nil
}

func (e *engine) release(c *engineConn) { e.conns <- c }

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
	c.settings = nil // unknown until every change is made
	if err := e.simple(c, "SET "+strings.Join(changes, ", ")); err != nil {
		c.settings = map[string]string{"unknown": "unknown"}
		return err
	}
	c.settings = maps.Clone(s.settings)
	return nil
}

// simple runs a statement without result on c.
func (e *engine) simple(c *engineConn, sql string) error {
	text, format := bytesOf(sql), bytesOf("Native")
	r := e.lib.query(*c.handle, &text[0], uint(len(sql)), &format[0], uint(len("Native")))
	defer e.lib.destroyResult(r)
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

// watch cancels the statement marked by tag when ctx ends; stop ends the watch.
func (e *engine) watch(ctx context.Context, tag string) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		// The statement may not have started yet when its context ends, so
		// the cancelling is repeated until the statement is over.
		c := <-e.killer
		defer func() { e.killer <- c }()
		for {
			_ = e.simple(c, "KILL QUERY WHERE startsWith(query, "+quoteString(tag)+") ASYNC")
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return func() { cancel(); close(done) }
}

func (e *engine) tag() string {
	return "/* mp-" + strconv.FormatUint(e.serial.Add(1), 36) + " */ "
}

// run executes s and returns its result in the Native format; the caller
// closes it, which frees the connection. The first block is ready when run
// returns, so a statement that fails at once fails here.
func (e *engine) run(ctx context.Context, s statement) (io.ReadCloser, error) {
	c, err := e.acquire(ctx, s)
	if err != nil {
		return nil, err
	}
	tag := e.tag()
	r := &resultReader{engine: e, conn: c, stop: e.watch(ctx, tag), ctx: ctx}
	sql, format := bytesOf(tag+s.sql), bytesOf("Native")
	n, fn := uint(len(tag)+len(s.sql)), uint(len("Native"))
	names, nameLens, values, valueLens := cParams(s.params)
	streamed := isSelect(s.sql)
	var result uintptr
	switch {
	case streamed && len(s.params) > 0:
		result = e.lib.streamQueryParams(*c.handle, &sql[0], n, &format[0], fn, &names[0], &nameLens[0], &values[0], &valueLens[0], uint(len(names)))
	case streamed:
		result = e.lib.streamQuery(*c.handle, &sql[0], n, &format[0], fn)
	case len(s.params) > 0:
		result = e.lib.queryParams(*c.handle, &sql[0], n, &format[0], fn, &names[0], &nameLens[0], &values[0], &valueLens[0], uint(len(names)))
	default:
		result = e.lib.query(*c.handle, &sql[0], n, &format[0], fn)
	}
	runtime.KeepAlive(names)
	runtime.KeepAlive(values)
	if err := e.failure(result); err != nil {
		if result != 0 {
			e.lib.destroyResult(result)
		}
		r.end()
		return nil, r.cause(err)
	}
	if streamed {
		r.stream = result
		err = r.fetch()
	} else {
		r.take(result)
		r.last = true
	}
	if err != nil && !errors.Is(err, io.EOF) {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// insert appends data, Native blocks at revision 0, by an INSERT statement
// without FORMAT.
func (e *engine) insert(ctx context.Context, s statement, data []byte) error {
	c, err := e.acquire(ctx, s)
	if err != nil {
		return err
	}
	defer e.release(c)
	if err := ctx.Err(); err != nil {
		return err
	}
	sql, format := bytesOf(s.sql), bytesOf("Native")
	stream := e.lib.insert(*c.handle, &sql[0], uint(len(s.sql)), &format[0], uint(len("Native")))
	defer e.lib.destroyInsertState(stream)
	if text := e.lib.insertError(stream); text != "" {
		return &engineError{text}
	}
	if len(data) > 0 && e.lib.insertAppend(stream, &data[0], uint(len(data))) != 0 {
		if text := e.lib.insertError(stream); text != "" {
			return &engineError{text}
		}
	}
	result := e.lib.insertDone(stream)
	if result != 0 {
		defer e.lib.destroyResult(result)
	}
	return e.failure(result)
}

// resultReader reads a result block by block. It is used by one goroutine.
type resultReader struct {
	engine *engine
	conn   *engineConn
	ctx    context.Context
	stop   func()
	stream uintptr
	chunk  []byte
	last   bool
	closed bool
}

func (r *resultReader) Read(p []byte) (int, error) {
	if len(r.chunk) == 0 {
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}

// fetch brings the next block, or io.EOF after the last.
func (r *resultReader) fetch() error {
	if r.last || r.closed {
		return io.EOF
	}
	result := r.engine.lib.streamFetch(*r.conn.handle, r.stream)
	if result == 0 {
		r.last = true
		return io.EOF
	}
	if err := r.engine.failure(result); err != nil {
		r.engine.lib.destroyResult(result)
		r.last = true
		return r.cause(err)
	}
	r.take(result)
	if len(r.chunk) == 0 {
		r.last = true
		return io.EOF
	}
	return nil
}

// take copies the result's bytes and frees it.
func (r *resultReader) take(result uintptr) {
	n := r.engine.lib.resultLength(result)
	if n > 0 {
		r.chunk = append([]byte(nil), unsafe.Slice(r.engine.lib.resultBuffer(result), n)...)
	}
	r.engine.lib.destroyResult(result)
}

// cause prefers the context's error, which is why the engine was told to stop.
func (r *resultReader) cause(err error) error {
	if ctxErr := r.ctx.Err(); ctxErr != nil {
		return fmt.Errorf("query stopped: %w", ctxErr)
	}
	return err
}

func (r *resultReader) Close() error {
	if r.closed {
		return nil
	}
	if r.stream != 0 {
		if !r.last {
			r.engine.lib.streamCancel(*r.conn.handle, r.stream)
		}
		r.engine.lib.destroyResult(r.stream)
	}
	r.end()
	return nil
}

func (r *resultReader) end() {
	r.closed = true
	r.stop()
	r.engine.release(r.conn)
}

// isSelect reports whether the statement gives rows that can be streamed.
func isSelect(sql string) bool {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n(")
		switch {
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql, "*/")
		default:
			word, _, _ := strings.Cut(strings.ToUpper(sql[:min(len(sql), 12)]), " ")
			word, _, _ = strings.Cut(word, "\n")
			return word == "SELECT" || word == "WITH"
		}
	}
}

func bytesOf(s string) []byte { return append([]byte(s), 0) }

// cStrings makes NUL-terminated strings; the result must be kept alive.
func cStrings(list ...string) []*byte {
	out := make([]*byte, len(list))
	for i, s := range list {
		out[i] = &bytesOf(s)[0]
	}
	return out
}

func cParams(params map[string]string) (names []*byte, nameLens []uint, values []*byte, valueLens []uint) {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		names = append(names, &bytesOf(name)[0])
		nameLens = append(nameLens, uint(len(name)))
		values = append(values, &bytesOf(params[name])[0])
		valueLens = append(valueLens, uint(len(params[name])))
	}
	return names, nameLens, values, valueLens
}

func quoteIdentifier(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}

func quoteString(s string) string {
	return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(s) + "'"
}
