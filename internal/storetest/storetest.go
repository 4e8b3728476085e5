// Package storetest gives tests the real store: the embedded engine with the
// real migrations, a database for each test.
package storetest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/migrations"
)

// The engine allows one data directory in a process, so the tests of a package
// share it; it goes with the process.
var (
	serial atomic.Uint64
	shared = sync.OnceValues(func() (*clickhouse.DB, error) {
		dir, err := os.MkdirTemp("", "mentorpulse-test-")
		if err != nil {
			return nil, err
		}
		return clickhouse.Open(context.Background(), clickhouse.Config{DataDir: dir})
	})
)

// Open returns a new, migrated database, which is dropped after the test.
func Open(t testing.TB) *clickhouse.DB {
	t.Helper()
	ctx := context.Background()
	engine, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d_%s", serial.Add(1), strings.Map(letters, t.Name()))
	db, err := engine.Sibling(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrations.Up(ctx, db, migrations.Target{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		if err := engine.Exec(ctx, "DROP DATABASE `"+name+"`"); err != nil {
			t.Error(err)
		}
	})
	return db
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
