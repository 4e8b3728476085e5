package clickhouse

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// respondents is a table as wide as that of the answers.
func respondents() (create string, table Table[uuid.UUID]) {
	columns := []Column{
		{"program_id", "LowCardinality(String)"}, {"survey_id", "UUID"}, {"wave_id", "UUID"}, {"respondent", "UUID"},
		{"role", "LowCardinality(String)"}, {"pair", "UUID"}, {"attributes", "Map(LowCardinality(String), LowCardinality(String))"},
		{"final", "Bool"}, {"items", "Array(UInt16)"}, {"values", "Array(Float32)"}, {"goals", "Array(UUID)"}, {"ratings", "Array(Int8)"},
		{"text_items", "Array(UInt16)"}, {"texts", "Array(String)"}, {"opened_at", "DateTime64(3)"}, {"submitted_at", "DateTime64(3)"}, {"revision", "UInt64"},
	}
	var list []string
	for _, c := range columns {
		list = append(list, quoteIdentifier(c.Name)+" "+c.Type)
	}
	create = "CREATE TABLE answers (" + strings.Join(list, ", ") + ") ENGINE = ReplacingMergeTree(revision) ORDER BY (program_id, survey_id, wave_id, respondent)"
	items, values := []uint16{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, []float32{1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2}
	attributes, at := map[string]string{"department": "Sales", "level": "3"}, time.Now()
	return create, Table[uuid.UUID]{Name: "answers", Columns: columns, Encode: func(block driver.Batch, rows []uuid.UUID) error {
		for _, id := range rows {
			err := block.Append("demo", uuid.Max, uuid.Max, id, "mentor", id, attributes, true, items, values,
				[]uuid.UUID{}, []int8{}, []uint16{}, []string{}, at, at, uint64(1))
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

// BenchmarkWriter writes rows as wide as an answer by 64 concurrent callers,
// each waiting for its acknowledgement.
func BenchmarkWriter(b *testing.B) {
	db := inProcess(b)
	create, table := respondents()
	mustExec(b, db, create)
	w := NewWriter(db, table, 1000, 1000)
	defer w.Close()
	var n atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		group.Go(func() {
			for n.Add(1) <= int64(b.N) {
				if err := w.Write(b.Context(), uuid.New()); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkSelect reads one value by a bound parameter.
func BenchmarkSelect(b *testing.B) {
	db := inProcess(b)
	for b.Loop() {
		if got := scan[uint64](b, db, "SELECT {n:UInt64}", Named("n", 7)); got != 7 {
			b.Fatal(got)
		}
	}
}
