// Package clickhouse opens the store: a ClickHouse server by its DSN, or
// ClickHouse inside this process on a data directory. Both are reached by the
// same driver, so nothing else in the program knows which of them it has.
package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// Named binds a value to {name:Type} in a statement.
func Named(name string, value any) driver.NamedValue { return ch.Named(name, value) }

// IDs binds ids to {name:Array(UUID)} in a statement.
func IDs(name string, ids []uuid.UUID) driver.NamedValue {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return Named(name, texts)
}

// OldestServer is the oldest server version that the statements were written
// for: the first with the parts of the SQL they use.
const OldestServer = "25.3"

// Errors of Open, each with a sentence that says what to do.
var (
	ErrDSN       = errors.New("CLICKHOUSE_DSN cannot be used")
	ErrTooOld    = errors.New("ClickHouse server is too old")
	ErrNotThere  = errors.New("ClickHouse server does not answer")
	ErrBadAccess = errors.New("ClickHouse server refuses the user or the database")
)

// Config says which ClickHouse to open and what a single query may take.
type Config struct {
	DSN     string        // clickhouse://… (native), http://… or https://…; empty: embedded
	DataDir string        // the embedded engine's directory, used when DSN is empty
	Conns   int           // connections at most; default 8
	Timeout time.Duration // longest run of one query; default 60 s
	Memory  uint64        // bytes one query may use; default 4 GiB
	// Database on the embedded engine; default "default". Tests that share an
	// engine take one each. A server's database is named in its DSN.
	Database string
}

// DB is an open ClickHouse. It is safe for concurrent use.
type DB struct {
	driver.Conn
	options   *ch.Options
	transport *transport // nil on a server
}

// Open opens the ClickHouse that cfg names and checks that it answers.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Conns <= 0 {
		cfg.Conns = 8
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.Memory == 0 {
		cfg.Memory = 4 << 30
	}
	if cfg.DSN != "" {
		return openServer(ctx, cfg)
	}
	return openEmbedded(ctx, cfg)
}

func openEmbedded(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.DataDir == "" {
		return nil, errors.New("no store: give --data a directory, or set CLICKHOUSE_DSN")
	}
	e, err := openEngine(filepath.Join(cfg.DataDir, "clickhouse"), cfg.Conns)
	if err != nil {
		return nil, err
	}
	t, err := newTransport(ctx, e)
	if err != nil {
		e.close()
		return nil, err
	}
	return t.open(ctx, cfg)
}

func (t *transport) open(ctx context.Context, cfg Config) (*DB, error) {
	database := cfg.Database
	if database == "" {
		database = "default"
	}
	opt := &ch.Options{
		Protocol:      ch.HTTP,
		Addr:          []string{"embedded:0"},
		Auth:          ch.Auth{Database: database},
		TransportFunc: func(*http.Transport) (http.RoundTripper, error) { return t, nil },
	}
	limit(opt, cfg)
	return connect(ctx, opt, t)
}

// Sibling opens another database of the same embedded engine, which is made
// when missing; closing it leaves the engine open.
func (db *DB) Sibling(ctx context.Context, database string) (*DB, error) {
	if db.transport == nil {
		return nil, errors.New("only the embedded engine has siblings")
	}
	if err := db.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+quoteIdentifier(database)); err != nil {
		return nil, err
	}
	opt := *db.options
	opt.Auth.Database = database
	return connect(ctx, &opt, db.transport)
}

// Handler serves the embedded engine over ClickHouse's HTTP protocol, so that
// the way to a server can be tested with a network between. It has no access
// control: serve it on a loopback address only.
//
// Only the embedded engine has a handler: of a server's DB it is nil.
func (db *DB) Handler() http.Handler {
	if db.transport == nil {
		return nil
	}
	return db.transport
}

func limit(opt *ch.Options, cfg Config) {
	opt.MaxOpenConns = cfg.Conns
	opt.MaxIdleConns = cfg.Conns
	opt.ConnMaxLifetime = 24 * time.Hour
	opt.DialTimeout = 10 * time.Second
	opt.ReadTimeout = cfg.Timeout + 10*time.Second
	if opt.Settings == nil {
		opt.Settings = ch.Settings{}
	}
	for name, value := range map[string]any{
		"max_execution_time": int(cfg.Timeout.Seconds()),
		"max_memory_usage":   cfg.Memory,
	} {
		if _, set := opt.Settings[name]; !set {
			opt.Settings[name] = value
		}
	}
}

func openServer(ctx context.Context, cfg Config) (*DB, error) {
	opt, err := ch.ParseDSN(cfg.DSN)
	// The driver takes a scheme that it does not know for its own.
	scheme, _, _ := strings.Cut(cfg.DSN, "://")
	if err != nil || !slices.Contains([]string{"clickhouse", "tcp", "native", "http", "https"}, scheme) {
		// The driver's message repeats the DSN, and with it the password.
		return nil, fmt.Errorf("%w: write it as clickhouse://user:password@host:9000/database, or http://…:8123/database", ErrDSN)
	}
	limit(opt, cfg)
	// A client that goes away must stop its query, also over HTTP.
	if opt.Protocol == ch.HTTP {
		opt.Settings["cancel_http_readonly_queries_on_client_close"] = 1
	}
	if opt.TLS != nil && opt.TLS.MinVersion == 0 {
		opt.TLS.MinVersion = tls.VersionTLS12
	}
	return connect(ctx, opt, nil)
}

func connect(ctx context.Context, opt *ch.Options, t *transport) (*DB, error) {
	conn, err := ch.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDSN, oneLine(err.Error()))
	}
	db := &DB{Conn: conn, options: opt, transport: t}
	if err := db.check(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return db, nil
}

// check reports in one line why the ClickHouse cannot be used.
func (db *DB) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	server := ""
	if len(db.options.Addr) > 0 {
		server = db.options.Addr[0]
	}
	var version string
	err := db.QueryRow(ctx, "SELECT version()").Scan(&version)
	var refused *ch.Exception
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%w: %s says %q; correct CLICKHOUSE_DSN", ErrBadAccess, server, oneLine(refused.Message))
	case err != nil:
		return fmt.Errorf("%w: %s: %s; start it or correct CLICKHOUSE_DSN", ErrNotThere, server, oneLine(err.Error()))
	}
	if older(version, OldestServer) {
		return fmt.Errorf("%w: %s is version %s, at least %s is needed; upgrade it, or leave CLICKHOUSE_DSN empty for the embedded engine", ErrTooOld, server, version, OldestServer)
	}
	slog.DebugContext(ctx, "store is open", "server", server, "version", version)
	return nil
}

// older compares two dotted versions by number.
func older(version, than string) bool {
	var a, b [2]int
	if n, _ := fmt.Sscanf(version, "%d.%d", &a[0], &a[1]); n != 2 {
		return true
	}
	_, _ = fmt.Sscanf(than, "%d.%d", &b[0], &b[1])
	return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
}

// Close closes the connections and, for the DB that Open gave, the embedded
// engine.
func (db *DB) Close() error { return db.Conn.Close() }

// CloseEngine closes the connections and the embedded engine under them.
func (db *DB) CloseEngine() error {
	err := db.Conn.Close()
	if db.transport != nil {
		ctx, cancel := context.WithTimeout(context.Background(), moveTimeout)
		defer cancel()
		err = errors.Join(err, db.transport.close(ctx))
	}
	return err
}

// Options are the driver's options of this DB, for tools that open their own
// database/sql handle (migrations).
func (db *DB) Options() *ch.Options {
	opt := *db.options
	return &opt
}
