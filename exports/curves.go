package exports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
)

// curveGroup is the curves that one chart compares.
type curveGroup struct {
	measure string
	curves  []analytics.Curve
}

// curvesShown groups the curves that may be shown by measure: those of the roles
// first, then those of the segments where there are several to compare.
func curvesShown(r *analytics.Report) []curveGroup {
	var groups []curveGroup
	find := func(c analytics.Curve) *curveGroup {
		for i := range groups {
			first := groups[i].curves[0]
			if first.Measure == c.Measure && (first.Segment == nil) == (c.Segment == nil) {
				return &groups[i]
			}
		}
		groups = append(groups, curveGroup{measure: c.Measure})
		return &groups[len(groups)-1]
	}
	for _, c := range r.Curves {
		if c.Withheld == nil && drawn(c) {
			g := find(c)
			g.curves = append(g.curves, c)
		}
	}
	slices.SortStableFunc(groups, func(a, b curveGroup) int { return len(a.curves[0].Segment) - len(b.curves[0].Segment) })
	return slices.DeleteFunc(groups, func(g curveGroup) bool { return g.curves[0].Segment != nil && len(g.curves) < 2 })
}

// drawn reports whether a curve has a length: a step, or a time until which
// everybody is still there.
func drawn(c analytics.Curve) bool {
	return len(c.Points) > 1 || len(c.Points) == 1 && c.Until != nil && *c.Until > c.Points[0].Time
}

// palette colours the curves of segments.
func palette(i int) string {
	colours := []string{navy, "1B8A7A", "D9762B", "7A4E9C", "B23A48", "5C7A29", "2A7FB8", "8A8D91"}
	return colours[i%len(colours)]
}

// curveTable sums up every curve: how many people, how many left, median stay.
func (m *measureSheet) curveTable() {
	if len(m.report.Curves) == 0 {
		return
	}
	m.text(chartsCol, m.next, m.t("curves.title"), sectionStyle)
	head := m.next + 1
	titles := strings.Split(m.t("curves.header"), "|")
	m.header(chartsCol, head, titles...)
	m.height(head, 2)
	for i, c := range m.report.Curves {
		row := head + 1 + i
		name := m.measureTitle(c.Measure)
		m.text(chartsCol, row, name, bodyStyle.wrapped())
		m.height(row, lines(name, 26))
		m.text(chartsCol+1, row, m.group(c), bodyStyle.wrapped())
		for col := 2; col < len(titles); col++ {
			m.style(chartsCol+col, row, bodyStyle)
		}
		if c.Withheld != nil {
			m.text(chartsCol+2, row, c.Withheld.Reason, bodyStyle.soft())
			continue
		}
		weeks := bodyStyle.as(m.format(c.Unit))
		m.count(chartsCol+2, row, c.N, bodyStyle)
		m.count(chartsCol+3, row, c.Events, bodyStyle)
		m.number(chartsCol+4, row, c.Median, weeks)
		m.number(chartsCol+5, row, c.MedianLow, weeks)
		m.number(chartsCol+6, row, c.MedianHigh, weeks)
		m.number(chartsCol+7, row, c.Until, weeks)
		if c.Median == nil {
			m.text(chartsCol+4, row, m.t("curves.no-median"), bodyStyle.soft().wrapped())
			m.height(row, lines(m.t("curves.no-median"), 13))
		}
	}
	m.next = head + len(m.report.Curves) + 2
}

func (m *measureSheet) measureTitle(measure string) string {
	if d, ok := m.report.Definitions[measure]; ok {
		return d.Title
	}
	return measure
}

// group names whose curve it is.
func (m *measureSheet) group(c analytics.Curve) string {
	if c.Segment == nil {
		return m.role(c.Role)
	}
	if c.Role == "" {
		return m.segment(c.Segment)
	}
	return m.role(c.Role) + ", " + m.segment(c.Segment)
}

// curvePoints writes the points of the curves of one chart, a table for all, and
// draws them. Between two points the curve is level, so each point but the first
// is preceded by one at its time with the survival until then.
func (m *measureSheet) curvePoints(n int, g curveGroup) {
	title := m.measureTitle(g.measure)
	m.text(chartsCol, m.next, m.t("curves.points", "title", title), sectionStyle)
	head := m.next + 1
	titles := strings.Split(m.t("curves.points-header"), "|")
	m.header(chartsCol, head, titles...)
	m.height(head, 2)
	chart := m.frame(title, analytics.UnitShare)
	chart.Type = excelize.Scatter
	zero := 0.0
	chart.XAxis.Minimum = &zero
	chart.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "0"}
	chart.XAxis.Title = excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: m.t("curves.axis"), Font: &excelize.Font{Family: "Calibri", Size: 9, Color: faint}}}}
	row := head
	for i, c := range g.curves {
		first := row + 1
		for j, p := range c.Points {
			if j > 0 {
				row++
				m.curveRow(row, c, analytics.CurvePoint{Time: p.Time, Survival: c.Points[j-1].Survival}, false)
			}
			row++
			m.curveRow(row, c, p, true)
		}
		if last := c.Points[len(c.Points)-1]; c.Until != nil && *c.Until > last.Time {
			row++
			m.curveRow(row, c, analytics.CurvePoint{Time: *c.Until, Survival: last.Survival}, false)
		}
		colour := roleColour(c.Role)
		if c.Segment != nil {
			colour = palette(i)
		}
		s := lineSeries(m.ref(chartsCol, first, chartsCol, first), m.ref(chartsCol+1, first, chartsCol+1, row), m.ref(chartsCol+2, first, chartsCol+2, row), colour, 2)
		s.Marker.Symbol = "none"
		chart.Series = append(chart.Series, s)
	}
	m.table("curves_"+strconv.Itoa(n+1), chartsCol, head, chartsCol+len(titles)-1, row)
	m.text(chartsCol, row+1, m.t("curves.steps"), faintStyle)
	m.next = row + 3
	m.chart(chart)
}

func (m *measureSheet) curveRow(row int, c analytics.Curve, p analytics.CurvePoint, known bool) {
	st, share := bodyStyle, bodyStyle.as(formatShare)
	if !known {
		st.colour, share.colour = faint, faint
	}
	m.text(chartsCol, row, m.group(c), st)
	m.number(chartsCol+1, row, &p.Time, st.as(formatOne))
	m.number(chartsCol+2, row, &p.Survival, share)
	m.number(chartsCol+3, row, p.Low, share)
	m.number(chartsCol+4, row, p.High, share)
	m.style(chartsCol+5, row, st)
	if known {
		m.count(chartsCol+5, row, &p.AtRisk, st)
	}
}

// tests writes the comparisons of groups.
func (m *measureSheet) tests() {
	if len(m.report.Tests) == 0 {
		return
	}
	m.text(chartsCol, m.next, m.t("tests.title"), sectionStyle)
	head := m.next + 1
	m.header(chartsCol, head, strings.Split(m.t("tests.header"), "|")...)
	m.height(head, 2)
	for i, t := range m.report.Tests {
		row := head + 1 + i
		name, groups := m.measureTitle(t.Measure), strings.Join(t.Groups, " / ")
		m.text(chartsCol, row, name, bodyStyle.wrapped())
		m.text(chartsCol+1, row, groups, bodyStyle.wrapped())
		m.height(row, max(lines(name, 26), lines(groups, 20)))
		for col := 2; col < 5; col++ {
			m.style(chartsCol+col, row, bodyStyle)
		}
		if t.Withheld != nil {
			m.text(chartsCol+2, row, t.Withheld.Reason, bodyStyle.soft())
			continue
		}
		m.number(chartsCol+2, row, t.ChiSquared, bodyStyle.as(formatTwo))
		m.count(chartsCol+3, row, t.DF, bodyStyle)
		m.number(chartsCol+4, row, t.P, bodyStyle.as(m.formatP()))
	}
	m.next = head + len(m.report.Tests) + 2
}

// cohorts writes the cohort triangle: who began in which wave, and the share of
// them still there in each. What is not reached yet stays blank.
func (m *measureSheet) cohorts() {
	if len(m.report.Cohorts) == 0 {
		return
	}
	m.text(chartsCol, m.next, m.t("cohorts.title"), sectionStyle)
	head := m.next + 1
	m.header(chartsCol, head, strings.Split(m.t("cohorts.header"), "|")...)
	for i, w := range m.report.Waves {
		m.text(chartsCol+3+i, head, m.shortDate(w.Label), headerStyle)
	}
	m.height(head, 2)
	for i, c := range m.report.Cohorts {
		row := head + 1 + i
		m.dateCell(chartsCol, row, c.Wave, bodyStyle)
		m.text(chartsCol+1, row, m.role(c.Role), bodyStyle)
		if c.Withheld != nil {
			m.text(chartsCol+2, row, c.Withheld.Reason, bodyStyle.soft())
			continue
		}
		m.count(chartsCol+2, row, c.N, bodyStyle)
		for j, share := range c.Active {
			st := bodyStyle.as(`"≤ "0%`)
			if share != nil {
				st.fill = pale
			}
			m.number(chartsCol+3+j, row, share, st)
		}
	}
	m.next = head + len(m.report.Cohorts) + 2
}
