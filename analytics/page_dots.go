package analytics

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"mentorpulse/internal/program"
)

// dots are figures side by side on one axis: a row each, with a dot for the
// figure and a line for its interval. The drawing stands in a table, which says
// the same in numbers.
type dots struct {
	words
	ID, Title, Definition string
	About                 string
	Ticks                 []string // of the axis, from the left
	Mark                  string   // what the line through all rows stands for
	RowsAre               string   // what the rows are; empty for groups of people
	Rows                  []dotRow
	Missing               string // what is not asked, so that it has no row
	State                 stateView
	Remedy                string
}

// Say gives a text of the page.
func (d *dots) Say(id string) string { return d.t("page-" + id) }

// dotRow is a figure in the drawing; one that is withheld has no marks.
type dotRow struct {
	Name, Note string
	Whole      bool // what the others are parts of
	figureView
	Compared              string // with what, or why with nothing, where that was asked for
	Grid, Span, Dot, Mark string // paths
}

// dotOf is a figure with its name in a drawing of dots. One that is compared in
// full says also that nothing discernible differs; in a drawing of many, what does
// is enough.
type dotOf struct {
	name, note string
	figure     Figure
	inFull     bool
}

// newDots draws the figures of a measure on one axis: on as much of it as they
// take, or on all of it. Mark, if there is one, is a value that all are seen
// against, and what it stands for.
func (b *board) newDots(title, measure string, list []dotOf, mark *float64, markName string, whole ...axis) *dots {
	b.drawings++
	d := &dots{words: b.words, ID: fmt.Sprintf("dots-%d", b.drawings), Title: title, Definition: "def-" + measure}
	var figures []Figure
	for _, one := range list {
		figures = append(figures, one.figure)
	}
	if mark != nil {
		figures = append(figures, Figure{Unit: b.service.unit(measure), Value: mark})
		d.Mark = markName
	}
	a := axisOf(figures)
	if len(whole) > 0 {
		a = whole[0]
	}
	unit, grid := b.service.unit(measure), ""
	for _, v := range []float64{a.low, (a.low + a.high) / 2, a.high} {
		d.Ticks = append(d.Ticks, b.value(v/a.scale, unit, 0))
		grid += fmt.Sprintf("M%.2f 0V%.0f", a.x(v/a.scale), drawing)
	}
	for i, one := range list {
		row := dotRow{Name: one.name, Note: one.note, Whole: i == 0 && one.figure.Segment == nil && one.figure.Role == b.Role,
			figureView: b.figure(one.figure, ""), Grid: grid}
		switch c := one.figure.Change; {
		case !one.inFull && row.Direction == "same":
			row.Direction = ""
		case one.inFull && c != nil && c.Withheld == nil && row.Withheld == "": // without an interval, too
			row.Direction = cmp.Or(row.Direction, "same")
		}
		if c := one.figure.Change; b.Compare != "" && c != nil {
			row.Compared = b.compared(c, unit)
		}
		if mark != nil {
			row.Mark = fmt.Sprintf("M%.2f 0V%.0f", a.x(*mark), drawing)
		}
		if f := one.figure; row.Value != "" {
			row.Dot = fmt.Sprintf("M%.2f %.0fh.01", a.x(*f.Value), drawing/2)
			if f.Low != nil && f.High != nil {
				row.Span = fmt.Sprintf("M%.2f %.0fH%.2f", a.x(*f.Low), drawing/2, a.x(*f.High))
			}
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}

// compared says what a figure was compared with where nothing else on the page does,
// and why it was not compared.
func (b *board) compared(c *Change, unit string) string {
	switch {
	case c.Withheld != nil:
		return c.Withheld.Reason
	case c.Other != nil:
		return b.other(c, b.value(*c.Other, unit, 1))
	}
	return ""
}

// other says the value that a figure was compared with, and whose it is.
func (b *board) other(c *Change, value string) string {
	if c.Against == CompareGroup {
		return b.t("page-other-group", "value", value)
	}
	return b.t("page-other-wave", "date", b.date(c.From), "value", value)
}

// x is where a value lies from the left.
func (a axis) x(v float64) float64 { return drawing - a.y(v) }

// byRole draws a measure for the participants and each role that has it; nil on
// a page about one role, which is drawn already.
func (b *board) byRole(kind, measure, scale, title string) *dots {
	if b.Role != "" {
		return nil
	}
	var list []dotOf
	for _, role := range b.roles() {
		if f, ok := pick(b.reports[kind].shown.Figures, measure, scale, role); ok {
			list = append(list, dotOf{name: b.role(role), figure: f})
		}
	}
	if len(list) < 2 {
		return nil
	}
	return b.newDots(title, measure, list, nil, "")
}

// bySegment draws a measure of a role for each group that the attributes asked
// for make, below the whole; nil without attributes.
func (b *board) bySegment(kind, measure, scale, title string, role program.Role) *dots {
	cut := b.reports[kind].cut
	if cut == nil {
		return nil
	}
	var list []dotOf
	if f, ok := pick(cut.Figures, measure, scale, role); ok {
		list = append(list, dotOf{name: b.role(role), figure: f})
	}
	segments := map[string]Figure{}
	for _, f := range cut.Figures {
		if f.Measure == measure && f.Scale == scale && f.Role == role && f.Segment != nil && f.Level == "" {
			segments[b.segmentKey(f.Segment)] = f
		}
	}
	for _, key := range slices.Sorted(maps.Keys(segments)) {
		list = append(list, dotOf{name: b.segment(segments[key].Segment), figure: segments[key]})
	}
	if len(segments) == 0 {
		return nil
	}
	var mark *float64
	name := ""
	if whole := list[0].figure; whole.Segment == nil && whole.Withheld == nil {
		mark, name = whole.Value, b.role(role)
	}
	return b.newDots(title, measure, list, mark, name)
}
