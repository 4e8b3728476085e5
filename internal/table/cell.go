package table

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Cell is one cell: its text, trimmed, and where it stands (both 1-based).
type Cell struct {
	Row, Column int
	Text        string

	date1904 bool
}

// Ref is the cell's address as the spreadsheet program shows it, such as B7.
func (c Cell) Ref() string { return ColumnName(c.Column) + strconv.Itoa(c.Row) }

// Empty reports whether the cell holds nothing.
func (c Cell) Empty() bool { return c.Text == "" }

var (
	// ErrNotDate is returned for a text that is no date in a form we read.
	ErrNotDate = errors.New("not a date: write 2026-03-01 or 01.03.2026")
	// ErrTwoDigitYear is returned for a date such as 01.03.26, whose century
	// would be a guess.
	ErrTwoDigitYear = errors.New("the year has two digits: write all four, such as 01.03.2026")
	// ErrNotNumber is returned for a text that is no decimal number.
	ErrNotNumber = errors.New("not a number: write 1.5 or 1,5")
)

// The serial numbers that are taken for dates: 1927 to 2201. Below them lie
// years and ids typed into the wrong column.
const (
	firstSerial = 10_000
	lastSerial  = 110_000
)

var (
	serialForm = regexp.MustCompile(`^\d{5,6}(\.\d+)?$`)
	isoForm    = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{1,2}:\d{2}.*)?$`)
	dottedForm = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: \d{1,2}:\d{2}.*)?(?:\s*р\.?)?$`)
	shortForm  = regexp.MustCompile(`^\d{1,2}\.\d{1,2}\.\d{2}(?:\s*р\.?)?$`)
	numberForm = regexp.MustCompile(`^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,2})?$`)
)

// ParseDate reads a day as UTC midnight: an Excel serial number (of the 1900
// system, or of 1904 when the workbook says so), 2026-03-01 or 01.03.2026. A
// time of day is dropped. Slashes are refused, because 03/04 is March to some
// and April to others, and so are two-digit years (ErrTwoDigitYear), days that
// do not exist and years outside 1900–2199 (ErrNotDate).
func ParseDate(c Cell) (time.Time, error) {
	text := c.Text
	if serialForm.MatchString(text) {
		return parseSerial(text, c.date1904)
	}
	if m := isoForm.FindStringSubmatch(text); m != nil {
		return day(m[1], m[2], m[3])
	}
	if m := dottedForm.FindStringSubmatch(text); m != nil {
		return day(m[3], m[2], m[1])
	}
	if shortForm.MatchString(text) {
		return time.Time{}, ErrTwoDigitYear
	}
	return time.Time{}, ErrNotDate
}

func parseSerial(text string, date1904 bool) (time.Time, error) {
	serial, err := strconv.ParseFloat(text, 64)
	if err != nil || serial < firstSerial || serial > lastSerial {
		return time.Time{}, ErrNotDate
	}
	// Day 0 is 30 December 1899 and not the 31st, because Excel counts a
	// 29 February 1900 that never was.
	epoch := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	if date1904 {
		epoch = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return epoch.AddDate(0, 0, int(serial)), nil
}

func day(year, month, date string) (time.Time, error) {
	y, _ := strconv.Atoi(year) // the forms above let only digits through
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(date)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	// time.Date turns 31 April into 1 May.
	if y < 1900 || y > 2199 || int(t.Month()) != m || t.Day() != d {
		return time.Time{}, ErrNotDate
	}
	return t, nil
}

// ParseNumber reads a decimal number with a point or a comma; spaces between
// groups of digits and the typographic minus are understood. A single comma or
// point is always the decimal separator, so 1,234 is a little over one. The
// result is finite.
func ParseNumber(c Cell) (float64, error) {
	text := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "\u2212", "-").Replace(c.Text)
	if !numberForm.MatchString(text) {
		return 0, ErrNotNumber
	}
	v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		return 0, ErrNotNumber
	}
	return v, nil
}
