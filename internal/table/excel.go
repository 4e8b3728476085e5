package table

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// readExcel reads the first visible worksheet that holds anything.
func (t *Table) readExcel(data []byte, limits Limits) (err error) {
	if err := checkArchive(data, limits); err != nil {
		return err
	}
	// The parser is given files from strangers. Should one make it panic, that
	// is a damaged file and no reason to lose the process.
	defer func() {
		if p := recover(); p != nil {
			err = &Error{Code: Damaged, Err: fmt.Errorf("the workbook cannot be parsed: %v", p)}
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, // dates as serial numbers, whatever format they are shown in
		// Equal, so that nothing is unpacked to the disk.
		UnzipSizeLimit:    limits.Inflated,
		UnzipXMLSizeLimit: limits.Inflated,
	})
	if err != nil {
		return &Error{Code: Damaged, Err: err}
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	properties, err := book.GetWorkbookProps()
	if err != nil {
		return &Error{Code: Damaged, Err: err}
	}
	t.date1904 = properties.Date1904 != nil && *properties.Date1904
	for _, sheet := range book.GetSheetList() {
		visible, err := book.GetSheetVisible(sheet)
		if err != nil {
			return &Error{Code: Damaged, Err: err}
		}
		if !visible {
			continue // where templates keep the lists their cells choose from
		}
		if err := t.readSheet(book, sheet, limits); err != nil {
			return err
		}
		if len(t.Rows) > 0 {
			t.Sheet = sheet
			return nil
		}
	}
	return nil
}

func (t *Table) readSheet(book *excelize.File, sheet string, limits Limits) error {
	rows, err := book.Rows(sheet)
	if err != nil {
		return &Error{Code: Damaged, Err: err}
	}
	for number := 1; rows.Next(); number++ {
		texts, err := rows.Columns()
		if err != nil {
			_ = rows.Close()
			return &Error{Code: Damaged, Row: number, Err: err}
		}
		for i := range texts {
			texts[i] = plainNumber(texts[i])
		}
		if err := t.add(number, texts, limits); err != nil {
			_ = rows.Close()
			return err
		}
	}
	if err := errors.Join(rows.Error(), rows.Close()); err != nil {
		return &Error{Code: Damaged, Err: err}
	}
	return nil
}

var floatForm = regexp.MustCompile(`^-?(\d+\.0|\d+(\.\d+)?[eE][+-]?\d{1,2}|\d+\.\d{12,})$`)

// plainNumber writes a number as the cell shows it. In the file Google Sheets
// stores 1001 as 1001.0, others as 1.001E3, and a computed 0.3 may stand there
// as 0.30000000000000004; an id or a weight must not depend on that.
func plainNumber(text string) string {
	if !floatForm.MatchString(text) {
		return text
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	// Excel keeps 15 significant digits.
	v, err = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
