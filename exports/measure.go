package exports

import (
	"cmp"

	"mentorpulse/analytics"
)

// The columns of a measure's sheet: the table of figures, then, past a gap, the
// charts with the numbers they are drawn from.
const (
	headRow    = 5
	chartsCol  = figureColumns + 2
	chartWidth = 7 // columns of one chart
	// Pixels of a chart, and from the top of one to that of the next.
	chartPixels, chartHeight, chartPitch = 770, 330, 350
	// maxCharts is how many charts a sheet has: more do not print on a page.
	maxCharts = 4
)

// measureSheet is the sheet of one report.
type measureSheet struct {
	*sheet
	report *analytics.Report
	trends []trend
	// next is the row below the charts where the next block of numbers goes.
	next int
	// charts are the rows where charts go, two abreast, and drawn how many are there.
	charts []int
	drawn  int
	most   int // charts there is room for
	groups []curveGroup
}

// measure writes the sheet of a report.
func (b *book) measure(e *Evaluation, r *analytics.Report) *measureSheet {
	m := &measureSheet{sheet: b.sheet(b.t("sheet." + r.Kind)), report: r}
	m.head(e)
	m.figures()
	m.widths(chartsCol-1, 3)
	m.widths(chartsCol, 26, 20, 13, 13, 13, 13, 13, 16, 16, 16, 16, 16, 16, 16)
	m.text(chartsCol, 1, m.t("charts.title", "sheet", m.name), titleStyle)
	m.plan()
	m.curveTable()
	m.tests()
	m.cohorts()
	printed := m.next - 1
	for i := range m.trends {
		m.trend(&m.trends[i])
	}
	m.distributions()
	for i, g := range m.groups {
		m.curvePoints(i, g)
	}
	m.freeze(2, headRow+1)
	m.print("landscape", 0, e.Program.Name)
	m.repeat(headRow)
	// Of the figures those of the report's wave print; the waves before it are
	// for the screen, where they can be filtered.
	ranges := m.ref(1, 1, figureColumns, headRow+max(len(r.Figures), 1))
	if printed > headRow {
		// The charts and results print on a page before the figures; the numbers
		// that the charts are drawn from stand in the figures too.
		ranges = m.ref(chartsCol, 1, chartsCol+2*chartWidth-1, printed) + "," + ranges
	}
	m.area(ranges)
	return m
}

// plan settles which charts there will be and so where the tables below them
// begin. The heights of the figures' rows are known by then.
func (m *measureSheet) plan() {
	m.trends = trendsOf(m.report)
	m.groups = curvesShown(m.report)
	levels := len(distributionsOf(m.report))
	most := maxCharts
	if len(m.groups) > 0 || levels > 0 {
		most = 2 // beside what is drawn of the wave itself
	}
	m.trends = m.trends[:min(len(m.trends), most)]
	m.next = headRow + 1
	m.most = min(maxCharts, len(m.trends)+levels+len(m.groups))
	for range (m.most + 1) / 2 {
		m.charts = append(m.charts, m.next, m.next)
		m.next = m.rowBelow(m.next, chartPitch)
	}
}

// rowBelow is the first row that begins at least so many pixels below the top of
// row.
func (m *measureSheet) rowBelow(row, pixels int) int {
	for ; pixels > 0; row++ {
		points := 15.0
		if n := m.heights[row]; n > 0 {
			points = rowHeight(n)
		}
		pixels -= int(points * 4 / 3)
	}
	return row
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
	m.text(chartsCol, 2, about, faintStyle)
	m.text(1, 3, m.t("head.reading", "threshold", m.t("fact.k", "count", r.K)), faintStyle)
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

// severalScales reports whether figures of the report need their scale to be
// told apart.
func (m *measureSheet) severalScales() bool {
	one := ""
	for _, f := range m.report.Figures {
		if f.Scale != "" && one != "" && f.Scale != one {
			return true
		}
		one = cmp.Or(f.Scale, one)
	}
	return false
}

// title names a figure: its measure, and the scale it is of.
func (m *measureSheet) title(f analytics.Figure) string {
	title := f.Measure
	if d, ok := m.report.Definitions[f.Measure]; ok {
		title = d.Title
	}
	if f.ScaleTitle != "" && m.severalScales() {
		title = f.ScaleTitle + ": " + lowerFirst(title)
	}
	if f.Level != "" {
		title += ", " + m.level(f.Level)
	}
	return title
}
