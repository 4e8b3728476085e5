package analytics

import (
	"slices"
	"strconv"
)

// triangle is the cohorts by how many waves ago they joined. What a cohort has
// not reached yet is blank.
type triangle struct {
	words
	Title, Definition string
	Columns           []string
	Span              int // n and all columns
	Rows              []triangleRow
}

// Say gives a text of the page.
func (t *triangle) Say(id string) string { return t.t("page-" + id) }

type triangleRow struct {
	Cohort, N string
	Cells     []shaded
	Blank     int // cells at the end that are not reached
	Withheld  string
}

// shaded is a number on a ground that is the darker the higher it is.
type shaded struct{ Value, Shade string }

// atMost stands before a share: up to k−1 more may have left.
const atMost = "≤" + noBreak

// shades is how many grounds there are.
const shades = 8

// shadeOf is the class of the ground of a share between 0 and 1.
func shadeOf(share float64) string {
	return "shade-" + strconv.Itoa(min(int(share*shades), shades-1))
}

// cohorts makes the triangle; nil without a cohort.
func (b *board) cohorts(report *Report) *triangle {
	if len(report.Cohorts) == 0 {
		return nil
	}
	b.used[MeasureCohorts] = true
	t := &triangle{words: b.words, Title: b.title("retention", MeasureCohorts), Definition: "def-" + MeasureCohorts}
	longest := 0
	for _, c := range report.Cohorts {
		joined := slices.IndexFunc(report.Waves, func(w Wave) bool { return w.Label == c.Wave })
		if joined < 0 {
			continue
		}
		row := triangleRow{Cohort: b.date(c.Wave)}
		if c.Withheld != nil || c.N == nil {
			row.Withheld = b.t(CodeUndefined)
			if c.Withheld != nil {
				row.Withheld = c.Withheld.Reason
			}
		} else {
			row.N = b.decimal(float64(*c.N), 0)
		}
		for _, share := range c.Active[joined:] {
			if row.Withheld == "" && share != nil {
				row.Cells = append(row.Cells, shaded{atMost + b.value(*share, UnitShare, 0), shadeOf(*share)})
			}
		}
		longest = max(longest, len(row.Cells), len(c.Active)-joined)
		t.Rows = append(t.Rows, row)
	}
	for i := range t.Rows {
		t.Rows[i].Blank = longest - len(t.Rows[i].Cells)
	}
	t.Span = longest + 1
	for i := range longest {
		t.Columns = append(t.Columns, b.decimal(float64(i), 0))
	}
	return t
}
