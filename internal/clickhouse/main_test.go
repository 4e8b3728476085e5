package clickhouse

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// The engine allows one data directory a process, so all tests share one engine
// and take a database each.
var (
	shared    *DB
	databases atomic.Int32
)

func TestMain(m *testing.M) {
	if job := os.Getenv("CLICKHOUSE_TEST_CHILD"); job != "" {
		os.Exit(runChild(job))
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clickhouse-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shared, err = Open(context.Background(), Config{DataDir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = shared.CloseEngine() }()
	return m.Run()
}

// inProcess gives the test a database of its own on the shared engine.
func inProcess(t testing.TB) *DB {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	db, err := shared.Sibling(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := shared.Exec(context.Background(), "DROP DATABASE "+name+" SYNC"); err != nil {
			t.Error(err)
		}
	})
	return db
}

// overHTTP gives the test a database of its own on the shared engine, reached
// as a server is: by a DSN, with a network between.
func overHTTP(t testing.TB) *DB {
	t.Helper()
	server := httptest.NewServer(shared.Handler())
	t.Cleanup(server.Close)
	db, err := Open(t.Context(), Config{DSN: server.URL + "/" + inProcess(t).options.Auth.Database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// everyWay runs the test against each way to reach a ClickHouse.
func everyWay(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Run("in process", func(t *testing.T) { test(t, inProcess(t)) })
	t.Run("over HTTP", func(t *testing.T) { test(t, overHTTP(t)) })
}

func mustExec(t testing.TB, db *DB, sql string, args ...any) {
	t.Helper()
	if err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// scan reads the one row of a query.
func scan[T any](t testing.TB, db *DB, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// oneLineError requires an error of one line that contains each of the words.
func oneLineError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error has more than one line: %q", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
}
