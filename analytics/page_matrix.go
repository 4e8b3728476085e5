package analytics

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"mentorpulse/internal/program"
)

// matrix is figures of several measures by group. Each cell says its number. Its
// ground is the darker the higher an index is, or the more it differs from
// everybody together where it is compared with that.
type matrix struct {
	words
	ID, How string
	Columns []string
	Rows    []matrixRow
	Notes   []cutNote // why figures are not there
}

// Say gives a text of the page.
func (m *matrix) Say(id string) string { return m.t("page-" + id) }

type matrixRow struct {
	Name, Who, Definition string
	Cells                 []matrixCell
}

// matrixCell is a figure with its ground, and how it differs in words.
type matrixCell struct {
	cutCell
	Shade string
	Side  string // "higher" or "lower", in words
	Arrow string // the same as a class
}

// matrixRowOf says what a row is about.
type matrixRowOf struct {
	title, who, measure, scale string
	role                       program.Role
}

// newMatrix makes the matrix of a report that is cut; nil when it has no group.
func (b *board) newMatrix(report *Report, rows []matrixRowOf) *matrix {
	segments := map[string]map[string]string{}
	for _, f := range report.Figures {
		if f.Segment != nil {
			segments[b.segmentKey(f.Segment)] = f.Segment
		}
	}
	if len(segments) == 0 {
		return nil
	}
	b.drawings++
	m := &matrix{words: b.words, ID: fmt.Sprintf("matrix-%d", b.drawings), Columns: []string{b.t("page-cut-all")}}
	keys := slices.Sorted(maps.Keys(segments))
	for _, key := range keys {
		m.Columns = append(m.Columns, b.segment(segments[key]))
	}
	for _, of := range rows {
		whole, ok := pick(report.Figures, of.measure, of.scale, of.role)
		if !ok || unasked(whole) {
			continue
		}
		b.used[of.measure] = true
		row := matrixRow{Name: of.title, Who: of.who, Definition: "def-" + of.measure, Cells: []matrixCell{b.matrixCell(m, whole, Figure{})}}
		for _, key := range keys {
			i := slices.IndexFunc(report.Figures, func(f Figure) bool {
				return f.Measure == of.measure && f.Scale == of.scale && f.Role == of.role && f.Segment != nil && b.segmentKey(f.Segment) == key
			})
			one := Figure{Measure: of.measure, Withheld: &Withheld{CodeTooFew, b.t(CodeTooFew, "k", report.K)}}
			if i >= 0 {
				one = report.Figures[i]
			}
			row.Cells = append(row.Cells, b.matrixCell(m, one, whole))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// matrixCell is the cell of a figure, seen against the whole.
func (b *board) matrixCell(m *matrix, f, whole Figure) matrixCell {
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
	switch {
	case f.Change != nil && f.Change.Against == CompareWhole:
		c.differs(b, f)
	case f.Unit == UnitIndex && whole.Measure != "" && whole.Value != nil:
		c.Shade = shadeOf(*f.Value / indexAxis().high)
		if f.Low != nil && f.High != nil {
			c.side(b, "", *f.Low-*whole.Value, *f.High-*whole.Value)
		}
	}
	return c
}

// differs shows how a figure differs from the whole: its ground by how much, in
// words whether that is discernible, and if only by itself, whether by chance
// among so many.
func (c *matrixCell) differs(b *board, f Figure) {
	d := f.Change
	if d.Value == nil {
		return
	}
	way := "better"
	if (*d.Value < 0) != (f.Measure == MeasureChallenge) { // of challenges high is bad
		way = "worse"
	}
	if size := min(int(math.Abs(*d.Value)/notable(f.Unit)), 3); size > 0 {
		c.Shade = fmt.Sprintf("%s-%d", way, size)
	}
	if d.Low == nil || d.High == nil {
		return
	}
	sure := ""
	if d.Q == nil || *d.Q > discernible {
		sure = "perhaps-"
	}
	c.side(b, sure, *d.Low, *d.High)
}

// notable is the difference from which on a ground is shaded, in a unit.
func notable(unit string) float64 {
	switch unit {
	case UnitShare:
		return .05
	case UnitScore:
		return 10
	case UnitT:
		return 2.5
	}
	return 5
}

// side says on which side of zero a whole interval lies.
func (c *matrixCell) side(b *board, sure string, low, high float64) {
	switch {
	case low > 0:
		c.Side, c.Arrow = b.t("page-"+sure+"higher"), "up"
	case high < 0:
		c.Side, c.Arrow = b.t("page-"+sure+"lower"), "down"
	}
}
