package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"mentorpulse/exports"
)

// benchExport measures rows a second of the raw workbook. The limit is
// excelize's StreamWriter given the same cells as they end up in the workbook.
func benchExport(ctx context.Context, _ *app, size benchSize) (ours, limit float64, err error) {
	rate := func(export func(int, io.Writer) error) func(int) (float64, error) {
		return func(int) (float64, error) {
			began := time.Now()
			if err := export(size.exportRows, io.Discard); err != nil {
				return 0, err
			}
			return float64(size.exportRows) / time.Since(began).Seconds(), ctx.Err()
		}
	}
	return alternate(size.rounds, rate(exportRaw), rate(exportBare))
}

// exportColumns are those of raw data: who, when and where from, then 12 answers.
func exportColumns() []exports.Column {
	columns := []exports.Column{{Title: "wave", Width: 14}, {Title: "number", Width: 14}, {Title: "respondent", Width: 38}, {Title: "role", Width: 14},
		{Title: "submitted", Width: 20}, {Title: "seconds", Width: 14}, {Title: "department", Width: 18}, {Title: "level", Width: 18}}
	for i := range benchAnswers {
		columns = append(columns, exports.Column{Title: "item-" + strconv.Itoa(i+1), Width: 12})
	}
	return columns
}

// exportTime is the place of the one cell that the two sides are given in
// different forms.
const exportTime = 4

// exportRow puts the nth row's cells into row, but for the time.
func exportRow(n int, row []any) {
	row[0], row[1] = "2026-01-05", 1
	row[2] = fmt.Sprintf("5f0c7a11-8d2e-4c57-9b1f-%012d", n)
	row[3], row[5] = "mentor", 40+n%200
	row[6], row[7] = "department", "level"
	for i := 8; i < len(row); i++ {
		row[i] = float64((n+i)%5 + 1)
	}
}

// exportAt is when the nth row was submitted, in Unix seconds: on 2026-01-05.
func exportAt(n int) int64 { return 1_767_571_200 + int64(n%86_400) }

func exportRaw(rows int, w io.Writer) error {
	columns := exportColumns()
	raw := &exports.Raw{Lang: "en", Sheet: "Responses", Columns: columns}
	var all iter.Seq2[exports.Row, error] = func(yield func(exports.Row, error) bool) {
		row := make(exports.Row, len(columns))
		for n := range rows {
			exportRow(n, row)
			row[exportTime] = time.Unix(exportAt(n), 0).UTC()
			if !yield(row, nil) {
				return
			}
		}
	}
	return raw.Encode(w, all)
}

func exportBare(rows int, w io.Writer) (err error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }()
	format := "yyyy-mm-dd hh:mm:ss"
	style, err := file.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	stream, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	columns := exportColumns()
	titles := make([]any, len(columns))
	for i, c := range columns {
		titles[i] = c.Title
	}
	if err := stream.SetRow("A1", titles); err != nil {
		return err
	}
	row := make([]any, len(columns))
	for n := range rows {
		exportRow(n, row)
		row[exportTime] = excelize.Cell{StyleID: style, Value: float64(exportAt(n))/86_400 + 25_569} // days since 1899-12-30
		if err := stream.SetRow("A"+strconv.Itoa(n+2), row); err != nil {
			return err
		}
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	return file.Write(w)
}
