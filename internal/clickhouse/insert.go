package clickhouse

import (
	"context"
	"fmt"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// insertBlock is how many rows Insert sends at once: large enough for the
// engine, small enough to hold in memory twice.
const insertBlock = 100_000

// Insert stores rows at once, without waiting for others, in blocks: for
// imports and for what the service itself writes. When it fails half-way,
// writing the same rows again is safe, since rows are upserts.
func Insert[T any](ctx context.Context, db *DB, table Table[T], rows []T) error {
	for start := 0; start < len(rows); start += insertBlock {
		if err := insertOnce(ctx, db, table, rows[start:min(start+insertBlock, len(rows))]); err != nil {
			return fmt.Errorf("store %s: %w", table.Name, err)
		}
	}
	return nil
}

func insertOnce[T any](ctx context.Context, db *DB, table Table[T], rows []T) error {
	batch, err := db.PrepareBatch(ch.Context(ctx, ch.WithColumnNamesAndTypes(table.types())), table.insert())
	if err != nil {
		return err
	}
	defer func() { _ = batch.Close() }()
	if err := table.Encode(batch, rows); err != nil {
		return err
	}
	return batch.Send()
}

// insert is the statement that takes a block of the table's columns.
func (t Table[T]) insert() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoteIdentifier(c.Name)
	}
	return "INSERT INTO " + quoteIdentifier(t.Name) + " (" + strings.Join(names, ", ") + ")"
}

// types spare the driver from asking the server for the columns.
func (t Table[T]) types() []ch.ColumnNameAndType {
	types := make([]ch.ColumnNameAndType, len(t.Columns))
	for i, c := range t.Columns {
		types[i] = ch.ColumnNameAndType{Name: c.Name, Type: c.Type}
	}
	return types
}
