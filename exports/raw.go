package exports

import (
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// Row is one row of raw data, a cell a column: nil, int, float64, bool, string
// or time.Time. The iterator may reuse it for the next row.
type Row []any

// Column is one column of raw data.
type Column struct {
	Title string
	Width float64 // in characters
}

// Raw is a workbook of rows written as they come, in memory that does not grow
// with them: excelize keeps them in a temporary file until they are zipped.
type Raw struct {
	Lang    string // "uk" or "en"
	Sheet   string // name of the first sheet; the next are "name 2", "name 3"…
	Columns []Column
	// Key explains the columns on a sheet of its own, a row each; nil: none.
	Key *Key
	// rows is how many rows a sheet has, the head included; 0: Excel's limit.
	rows int
}

// Key is a small table that goes on the last sheet.
type Key struct {
	Sheet   string
	Columns []Column
	Rows    [][]string
}

// Encode writes the workbook (.xlsx) to w. The first error that rows gives ends
// the work before anything is written to w.
func (r *Raw) Encode(w io.Writer, rows iter.Seq2[Row, error]) error {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }()
	e, err := r.encoder(file)
	if err != nil {
		return fmt.Errorf("raw data: %w", err)
	}
	for row, err := range rows {
		if err == nil {
			err = e.write(row)
		}
		if err != nil {
			return fmt.Errorf("raw data: %w", err)
		}
	}
	if err := e.end(); err != nil {
		return fmt.Errorf("raw data: %w", err)
	}
	if err := e.key(r.Key); err != nil {
		return fmt.Errorf("raw data: %w", err)
	}
	if err := writeTo(w, file); err != nil {
		return fmt.Errorf("raw data: %w", err)
	}
	return nil
}

// rawEncoder is the sheet being written.
type rawEncoder struct {
	*Raw
	file    *excelize.File
	stream  *excelize.StreamWriter
	sheets  int
	row     int // last row written
	cells   []any
	instant excelize.Cell
	head    int // style
	note    string
}

func (r *Raw) encoder(file *excelize.File) (*rawEncoder, error) {
	l := words(r.Lang)
	e := &rawEncoder{Raw: r, file: file, cells: make([]any, len(r.Columns)), note: l.t("cell.cut")}
	format := l.dateFormat() + " hh:mm:ss"
	instant, err := file.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return nil, err
	}
	e.instant.StyleID = instant
	if e.head, err = file.NewStyle(headerStyle.excel()); err != nil {
		return nil, err
	}
	return e, e.next()
}

// next begins a sheet with its head.
func (e *rawEncoder) next() error {
	e.sheets++
	name := e.Sheet
	var err error
	if e.sheets == 1 {
		err = e.file.SetSheetName("Sheet1", name)
	} else {
		name += " " + strconv.Itoa(e.sheets)
		_, err = e.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	e.stream, err = e.begin(name, e.Columns)
	e.row = 1
	return err
}

// begin opens a sheet: widths, a head that stays in sight, the titles.
func (e *rawEncoder) begin(name string, columns []Column) (*excelize.StreamWriter, error) {
	stream, err := e.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	titles := make([]any, len(columns))
	for i, c := range columns {
		if err := stream.SetColWidth(i+1, i+1, c.Width); err != nil {
			return nil, err
		}
		titles[i] = excelize.Cell{StyleID: e.head, Value: clean(c.Title, e.note)}
	}
	panes := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := stream.SetPanes(panes); err != nil {
		return nil, err
	}
	return stream, stream.SetRow("A1", titles)
}

func (e *rawEncoder) write(row Row) error {
	limit := e.rows
	if limit == 0 {
		limit = excelize.TotalRows
	}
	if e.row >= limit {
		if err := e.end(); err != nil {
			return err
		}
		if err := e.next(); err != nil {
			return err
		}
	}
	if len(row) != len(e.cells) {
		return fmt.Errorf("row %d has %d cells for %d columns", e.row, len(row), len(e.cells))
	}
	for i, v := range row {
		switch v := v.(type) {
		case string:
			e.cells[i] = e.text(row[i], v)
		case time.Time:
			e.instant.Value = serial(v)
			e.cells[i] = e.instant
		default:
			e.cells[i] = v
		}
	}
	e.row++
	return e.stream.SetRow("A"+strconv.Itoa(e.row), e.cells)
}

// text keeps a text that needs no cleaning in the box it came in.
func (e *rawEncoder) text(boxed any, text string) any {
	if plain(text) {
		return boxed
	}
	return clean(text, e.note)
}

func (e *rawEncoder) end() error { return e.stream.Flush() }

// key writes the sheet that explains the columns.
func (e *rawEncoder) key(key *Key) error {
	if key == nil {
		return nil
	}
	if _, err := e.file.NewSheet(key.Sheet); err != nil {
		return err
	}
	stream, err := e.begin(key.Sheet, key.Columns)
	if err != nil {
		return err
	}
	for i, row := range key.Rows {
		cells := make([]any, len(row))
		for j, text := range row {
			cells[j] = clean(text, e.note)
		}
		if err := stream.SetRow("A"+strconv.Itoa(i+2), cells); err != nil {
			return err
		}
	}
	return stream.Flush()
}

// serial is Excel's number for an instant: days since 1899-12-30, in UTC.
func serial(t time.Time) float64 {
	return float64(t.UnixMilli())/86_400_000 + 25569
}
