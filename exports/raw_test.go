package exports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tealeg/xlsx/v3"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func each(rows ...Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func rawWorkbook(t testing.TB, r *Raw, rows iter.Seq2[Row, error]) *xlsx.File {
	t.Helper()
	var out bytes.Buffer
	if err := r.Encode(&out, rows); err != nil {
		t.Fatal(err)
	}
	return read(t, out.Bytes())
}

func rawOf(columns int) *Raw {
	r := &Raw{Lang: "en", Sheet: "Responses"}
	for i := range columns {
		r.Columns = append(r.Columns, Column{"c" + strconv.Itoa(i+1), 12})
	}
	return r
}

func TestRawCells(t *testing.T) {
	at := time.Date(2026, 1, 5, 9, 30, 15, 0, time.UTC)
	long := strings.Repeat("я", 40000)
	file := rawWorkbook(t, rawOf(6), each(
		Row{4, 2.5, "=1+1", nil, true, at},
		Row{nil, nil, "a\x00b\x1b\r\nc", long, nil, nil}))
	s := file.Sheet["Responses"]
	wantNumber(t, "whole", cell(t, s, 1, 2), ptr(4.))
	wantNumber(t, "decimal", cell(t, s, 2, 2), ptr(2.5))
	if c := cell(t, s, 3, 2); c.Value != "=1+1" || c.Formula() != "" || c.Type() == xlsx.CellTypeStringFormula {
		t.Errorf("%q became %q, type %d", "=1+1", c.Value, c.Type())
	}
	wantNumber(t, "not answered", cell(t, s, 4, 2), nil)
	if c := cell(t, s, 5, 2); !c.Bool() {
		t.Errorf("true became %q", c.Value)
	}
	got, err := cell(t, s, 6, 2).GetTime(false)
	if err != nil || got.Sub(at).Abs() > time.Second {
		t.Errorf("%v became %v, %v", at, got, err)
	}
	if c := cell(t, s, 3, 3); c.Value != "ab\nc" {
		t.Errorf("control characters: %q", c.Value)
	}
	if c := cell(t, s, 4, 3); len([]rune(c.Value)) != maxCell || !strings.HasSuffix(c.Value, " … [cut]") {
		t.Errorf("a long text has %d characters and ends %q", len([]rune(c.Value)), c.Value[len(c.Value)-12:])
	}
}

// Past the limit of a sheet the rows go on on the next, each with its head, and
// none is lost.
func TestRawIsSplitOverSheets(t *testing.T) {
	r := rawOf(2)
	r.rows = 5 // four besides the head
	r.Key = &Key{Sheet: "Items", Columns: []Column{{"item", 10}}, Rows: [][]string{{"c1"}, {"-c2"}}}
	var rows []Row
	for i := range 9 {
		rows = append(rows, Row{i, "text"})
	}
	file := rawWorkbook(t, r, each(rows...))
	var names []string
	next := 0
	for _, s := range file.Sheets {
		names = append(names, s.Name)
		if s.Name == "Items" {
			if c := cell(t, s, 1, 3); c.Value != "-c2" || c.Formula() != "" {
				t.Errorf("key %q", c.Value)
			}
			continue
		}
		if c := cell(t, s, 1, 1); c.Value != "c1" {
			t.Errorf("%s begins with %q", s.Name, c.Value)
		}
		for row := 2; row <= 5 && next < 9; row++ {
			wantNumber(t, s.Name, cell(t, s, 1, row), ptr(float64(next)))
			next++
		}
	}
	if got := strings.Join(names, "|"); got != "Responses|Responses 2|Responses 3|Items" || next != 9 {
		t.Errorf("sheets %s, %d rows", got, next)
	}
}

// When the reader has gone, no more rows are asked for and nothing is written.
func TestRawStopsWhenItsReaderGoes(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	asked := 0
	var out bytes.Buffer
	err := rawOf(1).Encode(&out, func(yield func(Row, error) bool) {
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			asked++
			if asked == 100 {
				cancel()
			}
			if !yield(Row{asked}, nil) {
				return
			}
		}
	})
	if !errors.Is(err, context.Canceled) || asked != 100 || out.Len() != 0 {
		t.Errorf("error %v after %d rows, %d bytes", err, asked, out.Len())
	}
}

func TestRawWriterThatFails(t *testing.T) {
	if err := rawOf(1).Encode(fullDisk{}, each(Row{1})); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

func TestRawRowOfAnotherWidth(t *testing.T) {
	if err := rawOf(2).Encode(io.Discard, each(Row{1})); err == nil {
		t.Error("a row of one cell was taken for two columns")
	}
}

// Whatever text comes, what clean gives fits a cell and is valid in XML.
func TestClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + string(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes"))
		if rapid.Bool().Draw(t, "long") {
			text = strings.Repeat(text+"🙂", 3000)
		}
		const note = " [cut]"
		got := clean(text, note)
		units := 0
		for _, r := range got {
			if r > 0xffff {
				units++
			}
			units++
			if r < 0x20 && r != '\n' && r != '\t' || r == 0xfffd {
				t.Fatalf("%q has %U", got, r)
			}
		}
		if units > maxCell {
			t.Fatalf("%d units", units)
		}
		if again := clean(got, note); again != got {
			t.Fatalf("cleaned again: %q", again)
		}
	})
}

// benchRows are answers such as a pulse has: pseudonym, role, two attributes, a
// time and twelve items, one cell reused for every row.
func benchRows(n int) ([]Column, iter.Seq2[Row, error]) {
	columns := rawOf(17).Columns
	return columns, func(yield func(Row, error) bool) {
		row := make(Row, len(columns))
		at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
		for i := range n {
			row[0], row[1], row[2], row[3] = fmt.Sprintf("respondent-%08d", i), "mentor", "Sales", "Kyiv"
			row[4] = at
			for j := 5; j < 17; j++ {
				row[j] = 1 + (i+j)%5
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

const benchSize = 20_000

func BenchmarkRaw(b *testing.B) {
	columns, rows := benchRows(benchSize)
	for b.Loop() {
		if err := (&Raw{Lang: "en", Sheet: "Responses", Columns: columns}).Encode(io.Discard, rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchSize)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkStreamWriter is the limit: the same cells with excelize alone.
func BenchmarkStreamWriter(b *testing.B) {
	_, rows := benchRows(benchSize)
	for b.Loop() {
		file := excelize.NewFile()
		stream, err := file.NewStreamWriter("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		n := 1
		for row, err := range rows {
			if err != nil {
				b.Fatal(err)
			}
			if err := stream.SetRow("A"+strconv.Itoa(n), row); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := stream.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := file.Write(io.Discard); err != nil {
			b.Fatal(err)
		}
		_ = file.Close()
	}
	b.ReportMetric(float64(benchSize)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
