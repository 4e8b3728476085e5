package table

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

var (
	errNotUTF8     = errors.New("a UTF-8 byte order mark, but not UTF-8 after it")
	errNotCyrillic = errors.New("neither UTF-8 nor Windows-1251")
	errUndefined   = errors.New("bytes that the encoding does not define")
)

// readCSV reads a text file whose cells are set apart by commas, semicolons or
// tabs.
func (t *Table) readCSV(data []byte, limits Limits) error {
	text, err := decode(data)
	if err != nil {
		return err
	}
	if looksLikeMarkup(text) {
		return &Error{Code: NotTable}
	}
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // as old Mac programs end lines
	}
	if row := overwide(text); row > 0 {
		return &Error{Code: TooManyColumns, Row: row, Limit: int64(limits.Columns)}
	}
	text, comma := delimiter(text)
	r := newCSVReader(text, comma)
	number, endLine := 0, 0
	for {
		texts, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			// The rows so far and the blank lines between are as far as a
			// spreadsheet program would count, too.
			return &Error{Code: BadQuotes, Row: number + bad.StartLine - endLine, Err: bad.Err}
		}
		if err != nil {
			return err
		}
		// The csv package skips blank lines, a spreadsheet program counts them;
		// a quoted cell of several lines is one row to both.
		startLine, _ := r.FieldPos(0)
		number += startLine - endLine
		last := len(texts) - 1
		endLine, _ = r.FieldPos(last)
		endLine += strings.Count(texts[last], "\n")
		if err := t.add(number, texts, limits); err != nil {
			return err
		}
	}
}

// overwide is the first row with more separators than a spreadsheet program has
// columns, or 0. The csv package would allocate each such cell before it could
// be refused, some 30 bytes for every comma.
func overwide(text string) int {
	const mostColumns = 16_384
	row, quoted := 1, false
	var commas, semicolons, tabs int
	for i := range len(text) {
		switch text[i] {
		case '"':
			quoted = !quoted
		case '\n':
			if !quoted {
				row++
				commas, semicolons, tabs = 0, 0, 0
			}
		case ',':
			if !quoted {
				commas++
			}
		case ';':
			if !quoted {
				semicolons++
			}
		case '\t':
			if !quoted {
				tabs++
			}
		}
		if max(commas, semicolons, tabs) > mostColumns {
			return row
		}
	}
	return 0
}

func newCSVReader(text string, comma rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = comma
	r.FieldsPerRecord = -1 // a short row is a row whose last cells are empty
	return r
}

// delimiter finds what sets the cells apart. Excel's own "sep=;" line decides
// and is taken off. Else each candidate is tried on the first rows, and the one
// that gives most of them as many cells as the first row has (and at least two)
// is right: a comma inside a semicolon file is not in every row.
func delimiter(text string) (rest string, comma rune) {
	line, after, found := strings.Cut(text, "\n")
	if sep, ok := strings.CutPrefix(strings.ToLower(strings.TrimRight(line, "\r")), "sep="); found && ok {
		for _, c := range []rune{',', ';', '\t'} {
			if sep == string(c) {
				return after, c
			}
		}
	}
	comma = ','
	bestShare, bestCells := 0.0, 1
	for _, c := range []rune{';', ',', '\t'} {
		share, cells := regularity(text, c)
		if cells > 1 && (share > bestShare || share == bestShare && cells > bestCells) {
			comma, bestShare, bestCells = c, share, cells
		}
	}
	return text, comma
}

// regularity is the share of the first rows that have as many cells as the
// first, and that number.
func regularity(text string, comma rune) (share float64, cells int) {
	const sample = 50
	r := newCSVReader(text, comma)
	r.ReuseRecord = true
	rows, same := 0, 0
	for rows < sample {
		texts, err := r.Read()
		if err != nil {
			break
		}
		if rows == 0 {
			cells = len(texts)
		}
		if rows++; len(texts) == cells {
			same++
		}
	}
	if rows == 0 {
		return 0, 0
	}
	return float64(same) / float64(rows), cells
}

// looksLikeMarkup recognises the web pages that many systems export under the
// name of .xls.
func looksLikeMarkup(text string) bool {
	start := strings.ToLower(strings.TrimSpace(text[:min(len(text), 256)]))
	for _, tag := range []string{"<!doctype", "<html", "<table", "<?xml", "<head", "<meta"} {
		if strings.HasPrefix(start, tag) {
			return true
		}
	}
	return false
}
