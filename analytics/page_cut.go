package analytics

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mentorpulse/internal/program"
)

// cutTable shows the headline figures of each group that the attributes asked
// for make.
type cutTable struct {
	Title, Attribute, Wave string
	Columns                []cutColumn
	Rows                   []cutRow
	Withheld, NotesTitle   string
	Notes                  []cutNote // why figures, or their intervals, are not there
}

type cutNote struct {
	Number int
	Reason string
}

type cutColumn struct{ Title, Who, Definition string }

type cutRow struct {
	Name  string
	Cells []cutCell
}

// cutCell is a figure, with the number of the note that says why it, or its
// interval, is not there.
type cutCell struct {
	figureView
	Note      int
	NoteLabel string
}

// cutMeasure is a column: a measure about one role, or the participants.
type cutMeasure struct {
	kind, measure, scale, title string
	role                        program.Role
}

// newCut makes the table of the attributes asked for from the reports of these
// kinds; nil without attributes or waves.
func (b *board) newCut(kinds ...string) *cutTable {
	if b.By == "" || len(b.asked.waves) == 0 {
		return nil
	}
	t := &cutTable{Title: b.t("page-cut-by", "attribute", b.attributes()), Attribute: b.attributes(),
		Withheld: b.t("page-withheld"), NotesTitle: b.t("page-cut-notes")}
	if w := b.reports[kinds[0]].cut.Wave; w != nil {
		t.Wave = b.wave(*w)
	}
	columns := b.cutMeasures(kinds)
	segments := map[string]map[string]string{}
	for _, col := range columns {
		b.used[col.measure] = true
		t.Columns = append(t.Columns, cutColumn{col.title, b.role(col.role), "def-" + col.measure})
		for _, f := range b.reports[col.kind].cut.Figures {
			if f.Segment != nil && f.Role == col.role {
				segments[b.segmentKey(f.Segment)] = f.Segment
			}
		}
	}
	t.Rows = append(t.Rows, b.cutRow(t, columns, b.t("page-cut-all"), nil))
	for _, key := range slices.Sorted(maps.Keys(segments)) {
		t.Rows = append(t.Rows, b.cutRow(t, columns, b.segment(segments[key]), segments[key]))
	}
	return t
}

// segment names a group by its values, in the order of the attributes asked for.
func (b *board) segment(values map[string]string) string {
	var names []string
	for _, at := range b.asked.by {
		names = append(names, cmp.Or(values[b.program.Attributes[at]], b.t("not-known")))
	}
	return strings.Join(names, " · ")
}

// segmentKey tells groups apart and orders them.
func (b *board) segmentKey(values map[string]string) string {
	var list []string
	for _, at := range b.asked.by {
		list = append(list, values[b.program.Attributes[at]])
	}
	return strings.Join(list, "\x00")
}

// cutMeasures are the columns, those that the reports have figures for.
func (b *board) cutMeasures(kinds []string) []cutMeasure {
	var list []cutMeasure
	for _, kind := range kinds {
		for _, f := range b.reports[kind].cut.Figures {
			if f.Segment != nil {
				continue
			}
			m := cutMeasure{kind: kind, measure: f.Measure, scale: f.Scale, role: f.Role, title: b.title(kind, f.Measure)}
			switch f.Measure {
			case MeasureResponseRate, MeasureEngagement, MeasureENPS, MeasureStay, MeasureIntent:
				if f.Role == b.Role {
					list = append(list, m)
				}
			case MeasureConfidence:
				if f.Role != program.Comparison || b.Role != "" {
					m.title = f.ScaleTitle
					list = append(list, m)
				}
			case MeasureGoals:
				list = append(list, m)
			}
		}
	}
	return list
}

// cutFigure finds the figure of a column about a segment, or about everybody for
// nil. A group without one is shown as any that is too small: that nobody of it
// is there is not told.
func (b *board) cutFigure(col cutMeasure, segment map[string]string) figureView {
	report := b.reports[col.kind].cut
	i := slices.IndexFunc(report.Figures, func(f Figure) bool {
		return f.Measure == col.measure && f.Scale == col.scale && f.Role == col.role && f.Level == "" && maps.Equal(f.Segment, segment)
	})
	if i < 0 {
		return figureView{Withheld: b.t(CodeTooFew, "k", report.K)}
	}
	return b.figure(report.Figures[i], "")
}

// cutRow is the row of a segment, or of everybody for nil.
func (b *board) cutRow(t *cutTable, columns []cutMeasure, name string, segment map[string]string) cutRow {
	row := cutRow{Name: name}
	for _, col := range columns {
		cell := cutCell{figureView: b.cutFigure(col, segment)}
		if why := cmp.Or(cell.Withheld, cell.NoInterval); why != "" {
			at := slices.IndexFunc(t.Notes, func(n cutNote) bool { return n.Reason == why })
			if at < 0 {
				at = len(t.Notes)
				t.Notes = append(t.Notes, cutNote{at + 1, why})
			}
			cell.Note, cell.NoteLabel = at+1, b.t("page-cut-note", "number", at+1)
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}
