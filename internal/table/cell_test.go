package table_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mentorpulse/internal/table"
)

// cellOf is a text as a cell of a table that was read.
func cellOf(t interface{ Fatal(...any) }, text string) table.Cell {
	got, err := table.Read(strings.NewReader("x\n\""+text+"\"\n"), "f.csv", table.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return got.Rows[1].Cell(1)
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-01":           "2026-03-01",
		"2026-03-01 09:30":     "2026-03-01",
		"2026-03-01T23:59:59Z": "2026-03-01",
		"01.03.2026":           "2026-03-01",
		"1.3.2026":             "2026-03-01",
		"01.03.2026 р.":        "2026-03-01",
		"01.03.2026 00:00:00":  "2026-03-01",
		"29.02.2024":           "2024-02-29",
		"46082":                "2026-03-01",
		"46082.75":             "2026-03-01",
	} {
		got, err := table.ParseDate(cellOf(t, text))
		if err != nil || got.Format(time.DateOnly) != want || got.Location() != time.UTC {
			t.Errorf("ParseDate(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"01.03.26": table.ErrTwoDigitYear, "1.3.26 р.": table.ErrTwoDigitYear,
		"03/04/2026": table.ErrNotDate, "31.04.2026": table.ErrNotDate, "29.02.2025": table.ErrNotDate,
		"2026-13-01": table.ErrNotDate, "2026": table.ErrNotDate, "березень": table.ErrNotDate,
		"1226-03-01": table.ErrNotDate, "-46082": table.ErrNotDate, "999999": table.ErrNotDate,
		"2026-03-01x": table.ErrNotDate, "00.00.2026": table.ErrNotDate,
	} {
		if got, err := table.ParseDate(cellOf(t, text)); !errors.Is(err, want) {
			t.Errorf("ParseDate(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	if _, err := table.ParseDate(table.Cell{}); !errors.Is(err, table.ErrNotDate) {
		t.Errorf("an empty cell is a date: %v", err)
	}
}

func TestEveryDayIsReadFromEveryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1970, 1, 1+rapid.IntRange(0, 60_000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		layout := rapid.SampledFrom([]string{"2006-01-02", "02.01.2006", "2.1.2006", "2006-01-02 15:04:05"}).Draw(t, "layout")
		got, err := table.ParseDate(cellOf(t, day.Format(layout)))
		if err != nil || !got.Equal(day) {
			t.Fatalf("ParseDate(%q) = %v, %v", day.Format(layout), got, err)
		}
	})
}

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"1,5": 1.5, "1.5": 1.5, "2": 2, "-0,25": -0.25, "−2": -2, "+1": 1,
		"12 345,5": 12345.5, "12\u00a0345": 12345, "1e3": 1000, "0": 0,
	} {
		if got, err := table.ParseNumber(cellOf(t, text)); err != nil || got != want {
			t.Errorf("ParseNumber(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"one", "1,2,3", "1.234,5", "NaN", "Inf", "0x10", "5%", "--1", "1e999"} {
		if got, err := table.ParseNumber(cellOf(t, text)); !errors.Is(err, table.ErrNotNumber) {
			t.Errorf("ParseNumber(%q) = %v, %v; want a refusal", text, got, err)
		}
	}
}

func TestRef(t *testing.T) {
	for want, cell := range map[string]table.Cell{
		"A1": {Row: 1, Column: 1}, "B7": {Row: 7, Column: 2}, "AB12": {Row: 12, Column: 28},
	} {
		if got := cell.Ref(); got != want {
			t.Errorf("Ref of %+v = %s, want %s", cell, got, want)
		}
	}
}
