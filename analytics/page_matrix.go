package analytics

import (
	"fmt"
	"maps"
	"slices"

	"mentorpulse/internal/program"
)

// matrix is figures of several scales by group: each cell says its number, and
// its ground is the darker the higher it is.
type matrix struct {
	words
	ID, Title, Definition string
	Columns               []string
	Rows                  []matrixRow
	Notes                 []cutNote // why figures are not there
}

// Say gives a text of the page.
func (m *matrix) Say(id string) string { return m.t("page-" + id) }

type matrixRow struct {
	Name, Who string
	Cells     []matrixCell
}

// matrixCell is a figure with its ground, and on which side of everybody's it
// lies where its whole interval does.
type matrixCell struct {
	cutCell
	Shade string
	Side  string // "higher" or "lower", in words
	Arrow string // the same as a class
}

// matrixRowOf says what a row is about.
type matrixRowOf struct {
	title, who, scale string
	role              program.Role
}

// newMatrix makes the matrix of an index from a report that is cut; nil when it
// has no group.
func (b *board) newMatrix(report *Report, measure string, rows []matrixRowOf) *matrix {
	segments := map[string]map[string]string{}
	for _, f := range report.Figures {
		if f.Measure == measure && f.Segment != nil {
			segments[b.segmentKey(f.Segment)] = f.Segment
		}
	}
	if len(segments) == 0 {
		return nil
	}
	b.drawings++
	m := &matrix{words: b.words, ID: fmt.Sprintf("matrix-%d", b.drawings), Title: b.title(report.Kind, measure), Definition: "def-" + measure}
	b.used[measure] = true
	keys := slices.Sorted(maps.Keys(segments))
	m.Columns = append(m.Columns, b.t("page-cut-all"))
	for _, key := range keys {
		m.Columns = append(m.Columns, b.segment(segments[key]))
	}
	for _, of := range rows {
		whole, _ := pick(report.Figures, measure, of.scale, of.role)
		if unasked(whole) {
			continue
		}
		row := matrixRow{Name: of.title, Who: of.who, Cells: []matrixCell{b.matrixCell(m, whole, Figure{}, report.K)}}
		for _, key := range keys {
			i := slices.IndexFunc(report.Figures, func(f Figure) bool {
				return f.Measure == measure && f.Scale == of.scale && f.Role == of.role && f.Segment != nil && b.segmentKey(f.Segment) == key
			})
			one := Figure{Measure: measure, Withheld: &Withheld{CodeTooFew, b.t(CodeTooFew, "k", report.K)}}
			if i >= 0 {
				one = report.Figures[i]
			}
			row.Cells = append(row.Cells, b.matrixCell(m, one, whole, report.K))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// matrixCell is the cell of a figure, seen against the whole.
func (b *board) matrixCell(m *matrix, f, whole Figure, k int) matrixCell {
	if f.Measure == "" {
		f = Figure{Withheld: &Withheld{CodeTooFew, b.t(CodeTooFew, "k", k)}}
	}
	c := matrixCell{cutCell: cutCell{figureView: b.figure(f, "")}}
	if why := c.Withheld; why != "" {
		at := slices.IndexFunc(m.Notes, func(n cutNote) bool { return n.Reason == why })
		if at < 0 {
			at = len(m.Notes)
			m.Notes = append(m.Notes, cutNote{at + 1, why})
		}
		c.Note, c.NoteLabel = at+1, b.t("page-cut-note", "number", at+1)
		return c
	}
	c.Shade = shadeOf(*f.Value / indexAxis().high)
	if whole.Value == nil || f.Low == nil || f.High == nil {
		return c
	}
	switch {
	case *f.Low > *whole.Value:
		c.Side, c.Arrow = b.t("page-higher"), "up"
	case *f.High < *whole.Value:
		c.Side, c.Arrow = b.t("page-lower"), "down"
	}
	return c
}
