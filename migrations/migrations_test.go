package migrations_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"mentorpulse/internal/storetest"
	"mentorpulse/migrations"
)

func TestUpTwice(t *testing.T) {
	db := storetest.Open(t)
	ctx := context.Background()
	again, err := migrations.Up(ctx, db, migrations.Target{})
	if err != nil {
		t.Fatal(err)
	}
	if len(again) != 0 {
		t.Errorf("applied again: %v", again)
	}
	var tables uint64
	if err := db.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND engine = 'ReplacingMergeTree'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	files := mustRender(t, migrations.Target{})
	sources, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	made := 1 // the table of versions
	for _, name := range sources {
		if strings.Contains(text(t, mustRender(t, migrations.Target{}), name), "CREATE TABLE") {
			made++
		}
	}
	if int(tables) != made {
		t.Errorf("%d tables, want %d", tables, made)
	}
}

func text(t *testing.T, files fs.FS, name string) string {
	t.Helper()
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The cluster form cannot run here; the engine's own parser must take it.
func TestClusterForm(t *testing.T) {
	db := storetest.Open(t)
	ctx := context.Background()
	files := mustRender(t, migrations.Target{Cluster: "pulse"})
	sources, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		_, statement, ok := strings.Cut(text(t, files, name), "-- +goose Up\n")
		if !ok {
			t.Fatalf("%s: no goose marker", name)
		}
		// What makes a table says how it is replicated, and what changes one, that
		// it may run twice.
		parts, kind := []string{"ON CLUSTER `pulse`", "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/", "IF NOT EXISTS"}, "CreateQuery"
		if strings.Contains(statement, "ALTER TABLE") {
			parts, kind = []string{"ON CLUSTER `pulse`", "IF NOT EXISTS"}, "AlterQuery"
		}
		for _, part := range parts {
			if !strings.Contains(statement, part) {
				t.Errorf("%s: no %s", name, part)
			}
		}
		if strings.Count(strings.TrimRight(strings.TrimSpace(statement), ";"), ";") > 0 {
			t.Errorf("%s: more than one statement; ClickHouse has no transaction to undo the first", name)
		}
		var ast string
		if err := db.QueryRow(ctx, "EXPLAIN AST "+strings.TrimRight(strings.TrimSpace(statement), ";")).Scan(&ast); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !strings.HasPrefix(ast, kind) {
			t.Errorf("%s: parsed as %s", name, ast)
		}
	}
}

func TestClusterNameIsChecked(t *testing.T) {
	if _, err := migrations.Render(migrations.Target{Cluster: "a` ; DROP"}); err == nil {
		t.Error("a cluster name with SQL in it was taken")
	}
}

func mustRender(t *testing.T, target migrations.Target) fs.FS {
	t.Helper()
	files, err := migrations.Render(target)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
