// Package table reads the tables that people keep (CSV files of any usual
// encoding, Excel workbooks) into rows of text cells that know where they
// stand, so that a problem can be pointed at as B7. It treats every file as
// hostile: size, rows, columns, cells and what an archive inflates to are all
// bounded before they are allocated.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"
)

// Limits bound what a file may cost to read. Every field must be positive.
type Limits struct {
	Bytes    int64 // size of the file
	Inflated int64 // size of everything in an Excel file once unpacked
	Rows     int   // rows that hold anything, the header included
	Columns  int   // columns up to the last that holds anything
	Cells    int   // cells of all rows together, up to the last filled one of each row
}

// DefaultLimits suit a roster: 20 MB and up to 100,000 rows.
func DefaultLimits() Limits {
	return Limits{Bytes: 20 << 20, Inflated: 64 << 20, Rows: 100_000, Columns: 256, Cells: 1_000_000}
}

// Table is what was read: the rows that hold anything, in their order.
type Table struct {
	Name  string // the file's name, for messages
	Sheet string // the worksheet's name; empty for CSV
	Rows  []Row

	cells    int
	date1904 bool
}

// Row is one row of a table.
type Row struct {
	Number   int // 1-based, as the spreadsheet program numbers it
	texts    []string
	date1904 bool
}

// Len is the number of columns up to the last that holds anything.
func (r Row) Len() int { return len(r.texts) }

// Cell is the cell in the 1-based column; one past the last is empty.
func (r Row) Cell(column int) Cell {
	c := Cell{Row: r.Number, Column: column, date1904: r.date1904}
	if column >= 1 && column <= len(r.texts) {
		c.Text = r.texts[column-1]
	}
	return c
}

// Read reads a table from r, of which it takes at most limits.Bytes+1 bytes
// into memory. What kind of file it is follows from its content; name only
// stands in messages. A file that cannot be read gives an *Error, which says
// in both languages what to do; any other error comes from r.
func Read(r io.Reader, name string, limits Limits) (*Table, error) {
	if limits.Bytes < 1 || limits.Inflated < 1 || limits.Rows < 1 || limits.Columns < 1 || limits.Cells < 1 {
		return nil, fmt.Errorf("reading %s: every limit must be positive: %+v", name, limits)
	}
	data, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	t := &Table{Name: name}
	if int64(len(data)) > limits.Bytes {
		err = &Error{Code: TooLarge, Limit: limits.Bytes}
	} else {
		err = t.read(data, limits)
	}
	var refused *Error
	if errors.As(err, &refused) {
		refused.File = name
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Table) read(data []byte, limits Limits) error {
	var err error
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return &Error{Code: Empty}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		err = t.readExcel(data, limits)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}):
		// The container of .xls, and of an .xlsx that is locked by a password.
		return &Error{Code: OldExcel}
	default:
		err = t.readCSV(data, limits)
	}
	if err == nil && len(t.Rows) == 0 {
		return &Error{Code: Empty}
	}
	return err
}

// add appends a row, without what is empty at its end; an empty row is left
// out, so that formatted but unused rows of a worksheet cost nothing.
func (t *Table) add(number int, texts []string, limits Limits) error {
	filled := 0
	for i, text := range texts {
		texts[i] = clean(text)
		if texts[i] != "" {
			filled = i + 1
		}
	}
	if filled == 0 {
		return nil
	}
	if filled > limits.Columns {
		return &Error{Code: TooManyColumns, Row: number, Limit: int64(limits.Columns)}
	}
	if len(t.Rows) == limits.Rows {
		return &Error{Code: TooManyRows, Row: number, Limit: int64(limits.Rows)}
	}
	if t.cells += filled; t.cells > limits.Cells {
		return &Error{Code: TooManyCells, Row: number, Limit: int64(limits.Cells)}
	}
	t.Rows = append(t.Rows, Row{Number: number, texts: texts[:filled:filled], date1904: t.date1904})
	return nil
}

// clean trims a cell of white space and of the invisible characters that come
// with text pasted from web pages, and composes letters that macOS keeps
// decomposed (й as и and a breve), so that equal text compares equal.
func clean(text string) string {
	return norm.NFC.String(strings.TrimFunc(text, func(r rune) bool {
		switch r {
		case ' ', '\t', '\n', '\r', '\v', '\f', '\u00a0', '\u2007', '\u202f', '\u200b', '\u200e', '\u200f', '\ufeff':
			return true
		}
		return false
	}))
}

// ColumnName is the letter of a 1-based column, as in a spreadsheet: 28 is AB.
func ColumnName(column int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return fmt.Sprint(column)
	}
	return name
}
