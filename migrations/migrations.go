// Package migrations holds the tables of the store and applies them. The same
// files serve the embedded engine, one server, ClickHouse Cloud (which
// replicates by itself) and a replicated cluster: what differs is rendered into
// them from Target.
package migrations

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"testing/fstest"
	"text/template"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"mentorpulse/internal/clickhouse"
)

//go:embed *.sql
var files embed.FS

// versionTable holds which migrations were applied.
const versionTable = "schema_versions"

// Target says where the tables are made. The zero value is the embedded engine,
// one server or ClickHouse Cloud; Cluster names a self-managed cluster whose
// servers define the macros {shard} and {replica}.
type Target struct{ Cluster string }

// clusterName is the form of a cluster's name: it stands in DDL, where nothing
// can be bound.
var clusterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// OnCluster is the clause that makes a statement run on every server.
func (t Target) OnCluster() string {
	if t.Cluster == "" {
		return ""
	}
	return " ON CLUSTER `" + t.Cluster + "`"
}

// Replacing is the engine of a table whose newest revision of a row wins.
func (t Target) Replacing(table string) string {
	if t.Cluster == "" {
		return "ReplacingMergeTree(revision)"
	}
	return "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/" + table + "', '{replica}', revision)"
}

// Render gives the migration files as they are for target.
func Render(target Target) (fs.FS, error) {
	if target.Cluster != "" && !clusterName.MatchString(target.Cluster) {
		return nil, fmt.Errorf("cluster %q: use letters, digits, _ . and -", target.Cluster)
	}
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	rendered := fstest.MapFS{}
	for _, entry := range entries {
		t, err := template.New(entry.Name()).Option("missingkey=error").ParseFS(files, entry.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", entry.Name(), err)
		}
		var out bytes.Buffer
		if err := t.Execute(&out, target); err != nil {
			return nil, fmt.Errorf("migration %s: %w", entry.Name(), err)
		}
		rendered[entry.Name()] = &fstest.MapFile{Data: out.Bytes(), Mode: 0o444}
	}
	return rendered, nil
}

// Up applies what is missing and returns the names of the migrations applied.
// Every statement may run twice, so two processes may do this at once.
func Up(ctx context.Context, db *clickhouse.DB, target Target) ([]string, error) {
	rendered, err := Render(target)
	if err != nil {
		return nil, err
	}
	store, err := database.NewStoreFromQuerier(versionTable, versions{target})
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	handle := ch.OpenDB(db.Options())
	defer func() { _ = handle.Close() }()
	provider, err := goose.NewProvider(goose.DialectCustom, handle, rendered, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	var names []string
	for _, r := range results {
		names = append(names, r.Source.Path)
	}
	return names, nil
}
