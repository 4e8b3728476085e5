package clickhouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	block "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// transport speaks ClickHouse's HTTP protocol with the embedded engine: the
// driver hands it requests as it would send them to a server.
type transport struct {
	engine  *engine
	landing *landing // nil when the engine has none
	hello   []byte
}

// helloQuery is the driver's first query on every connection. The driver reads
// its answer at the driver's own newest revision and all that follows at the
// revision which the answer names; the engine writes every block at revision 0,
// so this one answer is written here, naming 0.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

// insertFormat is what the driver puts behind an INSERT whose data follows.
const insertFormat = "FORMAT Native"

// inlineData is the head of an INSERT with its data in the statement's text, in
// a format other than Values: the engine ends such data at an empty line.
var inlineData = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s[^'(]*(?:\([^')]*\)[^'(]*)?\sFORMAT\s+(\w+)\s+\S`)

// refusals of the transport itself, in the engine's form: the driver reads them
// like any other exception.
const (
	noCompression = "Code: 89. DB::Exception: the embedded engine is not compressed over HTTP: leave compress out of the DSN"
	noInlineData  = "Code: 62. DB::Exception: an INSERT cannot have data in format %s in its text: send it as a batch, or write VALUES"
)

func newTransport(ctx context.Context, e *engine) (*transport, error) {
	version, err := engineVersion(ctx, e)
	if err != nil {
		return nil, err
	}
	var hello block.Block
	for _, c := range []struct {
		name  string
		typ   column.Type
		value any
	}{
		{"displayName()", "String", "embedded"},
		{"version()", "String", version},
		{"revision()", "UInt32", uint32(0)},
		{"timezone()", "String", "UTC"},
	} {
		if err := hello.AddColumn(c.name, c.typ); err != nil {
			return nil, fmt.Errorf("embedded engine: %w", err)
		}
		if err := hello.Columns[len(hello.Columns)-1].AppendRow(c.value); err != nil {
			return nil, fmt.Errorf("embedded engine: %w", err)
		}
	}
	var buf proto.Buffer
	if err := hello.Encode(&buf, ch.ClientTCPProtocolVersion); err != nil {
		return nil, fmt.Errorf("embedded engine: %w", err)
	}
	l, err := newLanding(ctx, e)
	if err != nil {
		return nil, err
	}
	return &transport{engine: e, landing: l, hello: buf.Buf}, nil
}

// engineVersion asks the engine for its version, such as 26.7.3.1.
func engineVersion(ctx context.Context, e *engine) (string, error) {
	body, err := e.run(ctx, statement{sql: "SELECT version() AS v"})
	if err != nil {
		return "", fmt.Errorf("embedded engine: %w", err)
	}
	defer func() { _ = body.Close() }()
	r := proto.NewReader(body)
	var v proto.ColStr
	var block proto.Block
	if err := block.DecodeRawBlock(r, 0, proto.Results{{Name: "v", Data: &v}}); err != nil {
		return "", fmt.Errorf("embedded engine: %w", err)
	}
	if v.Rows() != 1 {
		return "", errors.New("embedded engine: no version")
	}
	return v.Row(0), nil
}

// protocolParams are the URL parameters of the HTTP protocol that are not
// settings of the query.
var protocolParams = map[string]bool{
	"database": true, "default_format": true, "client_protocol_version": true,
	"query": true, "query_id": true, "quota_key": true, "session_id": true,
	"wait_end_of_query": true,
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	s := statement{settings: map[string]string{}, params: map[string]string{}}
	query := req.URL.Query()
	if query.Has("compress") || query.Has("decompress") || req.Header.Get("Content-Encoding") != "" {
		return t.fail(req, &engineError{noCompression})
	}
	for name := range query {
		if param, ok := strings.CutPrefix(name, "param_"); ok {
			s.params[param] = query.Get(name)
		} else if !protocolParams[name] {
			s.settings[name] = query.Get(name)
		}
	}
	s.database = query.Get("database")
	s.settings["async_insert"] = "0" // an insert is acknowledged when it is stored
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("read the request for the embedded engine: %w", err)
		}
	}
	s.sql = query.Get("query")
	if s.sql == "" {
		s.sql = string(body)
		return t.query(req, s)
	}
	s.sql = strings.TrimSuffix(s.sql, insertFormat)
	insert := t.engine.insert
	if t.landing != nil && mayLand(req.Context()) {
		insert = t.landing.put
	}
	if err := insert(req.Context(), s, body); err != nil {
		return t.fail(req, err)
	}
	return respond(req, http.StatusOK, http.NoBody, 0), nil
}

func (t *transport) query(req *http.Request, s statement) (*http.Response, error) {
	if s.sql == helloQuery {
		return respond(req, http.StatusOK, io.NopCloser(bytes.NewReader(t.hello)), -1), nil
	}
	if m := inlineData.FindStringSubmatch(s.sql); m != nil && !strings.EqualFold(m[1], "VALUES") {
		return t.fail(req, &engineError{fmt.Sprintf(noInlineData, m[1])})
	}
	body, err := t.run(req.Context(), s)
	if err != nil {
		return t.fail(req, err)
	}
	return respond(req, http.StatusOK, body, -1), nil
}

// run executes s after what has landed is where s looks for it.
func (t *transport) run(ctx context.Context, s statement) (body io.ReadCloser, err error) {
	if t.landing == nil {
		return t.engine.run(ctx, s)
	}
	if changesTables(s.sql) {
		err = t.landing.alone(ctx, func() error {
			body, err = t.engine.run(ctx, s)
			return err
		})
		return body, err
	}
	if err := t.landing.settle(ctx); err != nil {
		return nil, err
	}
	return t.engine.run(ctx, s)
}

// close stores what has landed and closes the engine.
func (t *transport) close(ctx context.Context) error {
	var err error
	if t.landing != nil {
		err = t.landing.settle(ctx)
	}
	t.engine.close()
	return err
}

// exceptionCode is the number in the engine's "Code: 60. DB::Exception: …".
var exceptionCode = regexp.MustCompile(`^Code:\s*(\d+)`)

// fail turns the engine's refusal into the response a server would give. Other
// errors (a context that ended) are the transport's own.
func (t *transport) fail(req *http.Request, err error) (*http.Response, error) {
	var refused *engineError
	if !errors.As(err, &refused) {
		return nil, err
	}
	res := respond(req, http.StatusInternalServerError, io.NopCloser(strings.NewReader(refused.text)), int64(len(refused.text)))
	if m := exceptionCode.FindStringSubmatch(refused.text); m != nil {
		res.Header.Set("X-ClickHouse-Exception-Code", m[1])
	}
	return res, nil
}

func respond(req *http.Request, status int, body io.ReadCloser, length int64) *http.Response {
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: body, ContentLength: length, Request: req,
	}
}

// ServeHTTP serves the transport over a network, so that what reaches a server
// over HTTP can be tried against the embedded engine.
func (t *transport) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	res, err := t.RoundTrip(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = res.Body.Close() }()
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(res.StatusCode)
	buf := make([]byte, 64<<10)
	for {
		n, err := res.Body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			// The status is out: what a server writes then, and breaking the
			// connection, tell the reader that the result is not whole.
			_, _ = fmt.Fprintf(w, "\r\n__exception__\r\n%s\n", oneLine(err.Error()))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}
