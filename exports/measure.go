package exports

import (
	"mentorpulse/analytics"
)

// The columns of a measure's sheet: the table of figures, then, past a gap, the
// charts with the numbers they are drawn from.
const (
	headRow    = 5
	chartsCol  = figureColumns + 2
	chartWidth = 7 // columns of one chart
	chartRows  = 18
)

// measureSheet is the sheet of one report.
type measureSheet struct {
	*sheet
	report *analytics.Report
	figure []figureRow
	trends []trend
	// next is the row below the charts where the next block of numbers goes.
	next   int
	charts int
}

// measure writes the sheet of a report.
func (b *book) measure(e *Evaluation, r *analytics.Report) *measureSheet {
	m := &measureSheet{sheet: b.sheet(b.t("sheet." + r.Kind)), report: r}
	m.head(e)
	last := m.figures()
	m.widths(chartsCol-1, 3)
	for i := range 2 * chartWidth {
		m.widths(chartsCol+i, 11.5)
	}
	m.text(chartsCol, 1, m.t("charts.title", "sheet", m.name), sectionStyle)
	// The numbers go below the charts, so how many charts there will be is
	// settled first.
	m.trends = trendsOf(r)
	drawn := min(len(m.trends), maxTrendCharts)
	if len(m.trends) > 0 && r.Kind == kindGoals {
		drawn = min(drawn, 1)
	}
	total := drawn + len(curvesShown(r)) + len(distributionsOf(r))
	m.next = headRow + 1 + chartRows*((total+1)/2)
	for i := range m.trends {
		m.trend(&m.trends[i], i < drawn)
	}
	m.distributions()
	m.curves()
	m.tests()
	m.cohorts()
	m.freeze(3, headRow+1)
	m.print("landscape", 0, e.Program.Name)
	m.repeat(headRow)
	ranges := m.ref(1, 1, figureColumns, max(last, headRow+1))
	if m.next > headRow+1 {
		ranges = m.ref(chartsCol, 1, chartsCol+2*chartWidth-1, m.next) + "," + ranges
	}
	m.area(ranges)
	return m
}

// head writes what the sheet is about and how to read it.
func (m *measureSheet) head(e *Evaluation) {
	r := m.report
	m.text(1, 1, m.name, titleStyle)
	m.note(m.file.SetRowHeight(m.name, 1, 28))
	about := e.Program.Name
	if r.Wave != nil {
		about += " · " + m.wave(*r.Wave)
	}
	m.text(1, 2, about, faintStyle)
	m.text(1, 3, m.t("head.reading", "k", r.K), faintStyle)
	if r.Notice != nil {
		m.text(1, 4, r.Notice.Reason, style{bold: true})
	}
}

// wave names a wave by number and day, and says when it is still open.
func (l words) wave(w analytics.Wave) string {
	text := l.t("wave.name", "number", w.Number, "date", l.date(w.Label))
	if w.Open {
		text += " (" + l.t("wave.open") + ")"
	}
	return text
}

// title names a figure: its measure, and the scale it is of.
func (m *measureSheet) title(f analytics.Figure) string {
	title := f.Measure
	if d, ok := m.report.Definitions[f.Measure]; ok {
		title = d.Title
	}
	if f.ScaleTitle != "" && f.ScaleTitle != title {
		title = f.ScaleTitle + ": " + lowerFirst(title)
	}
	if f.Level != "" {
		title += ", " + m.level(f.Level)
	}
	return title
}
