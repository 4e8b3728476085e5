package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// native is the format in which the driver exchanges blocks with the engine.
const native = "Native"

// statement is one SQL statement as it comes from the driver.
type statement struct {
	sql      string
	database string
	settings map[string]string
	params   map[string]string
}

// tagged marks the statement, so that it alone can be cancelled.
func (e *engine) tagged(s statement) (tag, sql string) {
	tag = fmt.Sprintf("/* mp-%d */ ", e.serial.Add(1))
	return tag, tag + s.sql
}

// run executes s and returns its result in the Native format; the caller
// closes it, which frees the connection. The first block is ready when run
// returns, so a statement that fails at once fails here.
func (e *engine) run(ctx context.Context, s statement) (io.ReadCloser, error) {
	c, err := e.acquire(ctx, s)
	if err != nil {
		return nil, err
	}
	tag, text := e.tagged(s)
	r := &resultReader{engine: e, conn: c, stop: e.watch(ctx, tag), ctx: ctx}
	streamed := isSelect(s.sql)
	result := e.send(c, text, s.params, streamed)
	if err := e.failure(result); err != nil {
		if result != 0 {
			e.lib.destroyResult(result)
		}
		r.broken = true
		r.end()
		return nil, stopped(ctx, err)
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

// send starts a statement and returns its result, or the handle from which its
// blocks are fetched when it is streamed.
func (e *engine) send(c *engineConn, text string, params map[string]string, streamed bool) uintptr {
	sql, format := bytesOf(text), bytesOf(native)
	n, fn := uint(len(text)), uint(len(native))
	if len(params) == 0 {
		if streamed {
			return e.lib.streamQuery(*c.handle, &sql[0], n, &format[0], fn)
		}
		return e.lib.query(*c.handle, &sql[0], n, &format[0], fn)
	}
	names, nameLens, values, valueLens := cParams(params)
	defer runtime.KeepAlive(names)
	defer runtime.KeepAlive(values)
	query := e.lib.queryParams
	if streamed {
		query = e.lib.streamQueryParams
	}
	return query(*c.handle, &sql[0], n, &format[0], fn, &names[0], &nameLens[0], &values[0], &valueLens[0], uint(len(names)))
}

// insert appends data, Native blocks at revision 0, by an INSERT statement
// without FORMAT. When ctx ends under way, the data may or may not be stored.
func (e *engine) insert(ctx context.Context, s statement, data []byte) (err error) {
	c, err := e.acquire(ctx, s)
	if err != nil {
		return err
	}
	defer e.pool.put(c)
	defer func() {
		if err != nil {
			e.forget(c)
		}
	}()
	tag, text := e.tagged(s)
	defer e.watch(ctx, tag)()
	sql, format := bytesOf(text), bytesOf(native)
	stream := e.lib.insert(*c.handle, &sql[0], uint(len(text)), &format[0], uint(len(native)))
	if stream == 0 {
		return e.failure(0)
	}
	defer e.lib.destroyInsertState(stream)
	if text := e.lib.insertError(stream); text != "" {
		return stopped(ctx, &engineError{text})
	}
	if len(data) > 0 {
		// A failed append is told by the end of the stream, with its cause.
		_ = e.lib.insertAppend(stream, &data[0], uint(len(data)))
	}
	result := e.lib.insertDone(stream)
	if result != 0 {
		defer e.lib.destroyResult(result)
	}
	return stopped(ctx, e.failure(result))
}

// forget makes the connection let go of a statement that failed: it keeps what
// the statement held, its place in system.processes too, until the next one.
func (e *engine) forget(c *engineConn) { _ = e.simple(c, "SELECT 1") }

// stopped prefers the context's error when err is what the engine says of a
// statement that it was told to stop.
func stopped(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); err != nil && ctxErr != nil {
		return fmt.Errorf("query stopped: %w", ctxErr)
	}
	return err
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
	broken bool // ended by an error or before the last block
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
	// Whoever closes a result reads it to its end first: not after a cancel.
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("query stopped: %w", err)
	}
	result := r.engine.lib.streamFetch(*r.conn.handle, r.stream)
	if err := r.engine.failure(result); err != nil {
		if result != 0 {
			r.engine.lib.destroyResult(result)
		}
		r.last, r.broken = true, true
		return stopped(r.ctx, err)
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
		r.chunk = append(r.chunk[:0], unsafe.Slice(r.engine.lib.resultBuffer(result), n)...)
	}
	r.engine.lib.destroyResult(result)
}

func (r *resultReader) Close() error {
	if r.closed {
		return nil
	}
	if r.stream != 0 {
		if !r.last {
			r.broken = true
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
	if r.broken {
		r.engine.forget(r.conn)
	}
	r.engine.pool.put(r.conn)
}

// isSelect reports whether the statement gives rows that can be streamed.
func isSelect(sql string) bool { return slices.Contains([]string{"SELECT", "WITH"}, verb(sql)) }

// changesTables reports whether the statement may make a table take other rows.
func changesTables(sql string) bool {
	return !slices.Contains([]string{"SELECT", "WITH", "INSERT"}, verb(sql))
}

// verb is the word that the statement begins with, in capitals.
func verb(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n(")
		switch {
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql, "*/")
		default:
			words := strings.Fields(sql[:min(len(sql), 12)])
			if len(words) == 0 {
				return ""
			}
			return strings.ToUpper(words[0])
		}
	}
}
