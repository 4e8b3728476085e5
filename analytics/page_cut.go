package analytics

import (
	"cmp"
	"slices"

	"mentorpulse/internal/program"
)

// cutTable shows the headline figures of each value of an attribute.
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

// newCut makes the table of the attribute asked for; nil without one.
func (b *board) newCut() *cutTable {
	if b.cut == nil || b.shown["participation"].Notice != nil {
		return nil
	}
	t := &cutTable{Title: b.t("page-cut-by", "attribute", b.By), Attribute: b.By,
		Withheld: b.t("page-withheld"), NotesTitle: b.t("page-cut-notes")}
	if w := b.cut["engagement"].Wave; w != nil {
		t.Wave = b.wave(*w)
	}
	columns := b.cutMeasures()
	values := []string{}
	for _, col := range columns {
		b.used[col.measure] = true
		t.Columns = append(t.Columns, cutColumn{col.title, b.role(col.role), "def-" + col.measure})
		for _, f := range b.cut[col.kind].Figures {
			if v, ok := f.Segment[b.By]; ok && f.Role == col.role && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	t.Rows = append(t.Rows, b.cutRow(t, columns, b.t("page-cut-all"), nil))
	for _, v := range values {
		name := v
		if v == "" {
			name = b.t("not-known")
		}
		t.Rows = append(t.Rows, b.cutRow(t, columns, name, &v))
	}
	return t
}

// cutMeasures are the columns, those that the reports have figures for.
func (b *board) cutMeasures() []cutMeasure {
	var list []cutMeasure
	for _, kind := range kinds() {
		for _, f := range b.cut[kind].Figures {
			if f.Segment != nil {
				continue
			}
			m := cutMeasure{kind: kind, measure: f.Measure, scale: f.Scale, role: f.Role, title: b.title(kind, f.Measure)}
			switch f.Measure {
			case MeasureResponseRate, MeasureEngagement, MeasureENPS, MeasureStay, MeasureIntent:
				if f.Role == "" {
					list = append(list, m)
				}
			case MeasureConfidence:
				if f.Role != program.Comparison {
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

// cutRow is the row of a value of the attribute, or of everybody for nil.
func (b *board) cutRow(t *cutTable, columns []cutMeasure, name string, value *string) cutRow {
	row := cutRow{Name: name}
	for _, col := range columns {
		i := slices.IndexFunc(b.cut[col.kind].Figures, func(f Figure) bool {
			v, segment := f.Segment[b.By]
			return f.Measure == col.measure && f.Scale == col.scale && f.Role == col.role && f.Level == "" &&
				segment == (value != nil) && (value == nil || v == *value)
		})
		cell := cutCell{figureView: figureView{Withheld: b.t(CodeTooFew, "k", b.cut[col.kind].K)}}
		if i >= 0 {
			cell.figureView = b.figure(b.cut[col.kind].Figures[i], "")
		}
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
