package exports

import (
	"slices"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// trend is one measure of one scale over the waves, by role.
type trend struct {
	measure, scale, unit string
	roles                []program.Role // "" for the participants as a whole
	at                   map[trendPoint]analytics.Figure
	// Where its numbers stand, once written: the head's row and the first column.
	head, col int
}

type trendPoint struct {
	wave string
	role program.Role
}

// trendsOf gathers the series of a report into trends, in its own order. Trends
// without a single number, and those of one wave, are left out: they would be
// empty charts.
func trendsOf(r *analytics.Report) []trend {
	var all []trend
	for _, f := range r.Series {
		if f.Segment != nil || f.Level != "" || f.Wave == "" || !drawable(f) {
			continue
		}
		i := slices.IndexFunc(all, func(t trend) bool { return t.measure == f.Measure && t.scale == f.Scale })
		if i < 0 {
			all = append(all, trend{measure: f.Measure, scale: f.Scale, unit: f.Unit, at: map[trendPoint]analytics.Figure{}})
			i = len(all) - 1
		}
		t := &all[i]
		if !slices.Contains(t.roles, f.Role) {
			t.roles = append(t.roles, f.Role)
		}
		t.at[trendPoint{f.Wave, f.Role}] = only(f)
	}
	return slices.DeleteFunc(all, func(t trend) bool { return t.shown(r.Waves) < 2 })
}

// drawable reports whether a figure is a level that can be followed over the
// waves: not where the pairs began, nor how far they have come since.
func drawable(f analytics.Figure) bool {
	if f.Measure == analytics.MeasureGoalsBase || f.Measure == analytics.MeasureGoalsChange {
		return false
	}
	switch f.Unit {
	case analytics.UnitIndex, analytics.UnitShare, analytics.UnitScore, analytics.UnitT:
		return true
	}
	return false
}

// shown counts the waves that have a number.
func (t trend) shown(waves []analytics.Wave) int {
	n := 0
	for _, w := range waves {
		if slices.ContainsFunc(t.roles, func(r program.Role) bool { return t.at[trendPoint{w.Label, r}].Value != nil }) {
			n++
		}
	}
	return n
}

// trend writes the numbers of a trend, the interval beside its first role, and
// draws it. A withheld number leaves its cell empty: a text would be drawn as
// zero. The table of figures has the reason.
func (m *measureSheet) trend(t *trend) {
	waves := m.report.Waves
	title := m.title(analytics.Figure{Measure: t.measure, Scale: t.scale, ScaleTitle: m.scaleTitle(t)})
	m.text(chartsCol, m.next, title, sectionStyle)
	t.head, t.col = m.next+1, chartsCol
	titles := []string{m.t("trend.wave"), m.role(t.roles[0]), m.t("trend.low"), m.t("trend.high")}
	for _, role := range t.roles[1:] {
		titles = append(titles, m.role(role))
	}
	m.header(chartsCol, t.head, titles...)
	m.height(t.head, 2)
	for i, w := range waves {
		row := t.head + 1 + i
		number := bodyStyle.as(m.format(t.unit))
		m.text(chartsCol, row, m.shortDate(w.Label), bodyStyle)
		first := t.at[trendPoint{w.Label, t.roles[0]}]
		m.number(chartsCol+1, row, first.Value, number.strong())
		m.number(chartsCol+2, row, first.Low, number)
		m.number(chartsCol+3, row, first.High, number)
		for j, role := range t.roles[1:] {
			m.number(chartsCol+4+j, row, t.at[trendPoint{w.Label, role}].Value, number)
		}
	}
	m.next = t.head + len(waves) + 3
	if m.report.Kind == kindParticipation {
		m.chart(m.columnChart(t, title))
	} else {
		m.chart(m.lineChart(t, title))
	}
}

func (m *measureSheet) scaleTitle(t *trend) string {
	for _, f := range t.at {
		return f.ScaleTitle
	}
	return ""
}

// values is the range of a trend's column, and names that of its waves.
func (m *measureSheet) values(t *trend, col int) string {
	return m.ref(t.col+col, t.head+1, t.col+col, t.head+len(m.report.Waves))
}

func (m *measureSheet) lineChart(t *trend, title string) *excelize.Chart {
	names := m.values(t, 0)
	series := []excelize.ChartSeries{lineSeries(m.ref(t.col+1, t.head, t.col+1, t.head), names, m.values(t, 1), roleColour(t.roles[0]), 2.5)}
	for i, role := range t.roles[1:] {
		col := 4 + i
		series = append(series, lineSeries(m.ref(t.col+col, t.head, t.col+col, t.head), names, m.values(t, col), roleColour(role), 1.75))
	}
	for _, col := range []int{2, 3} {
		s := lineSeries(m.ref(t.col+col, t.head, t.col+col, t.head), names, m.values(t, col), roleColour(t.roles[0]), 0.75)
		s.Line.Dash = excelize.LineDashSysDash
		s.Marker.Symbol = "none"
		series = append(series, s)
	}
	c := m.frame(title, t.unit)
	c.Type, c.Series = excelize.Line, series
	var values []*float64
	for p, f := range t.at {
		values = append(values, f.Value)
		if p.role == t.roles[0] {
			values = append(values, f.Low, f.High)
		}
	}
	switch t.unit {
	case analytics.UnitShare:
		span(&c.YAxis, values, 1)
	case analytics.UnitIndex, analytics.UnitT:
		span(&c.YAxis, values, 100)
	}
	return c
}

func (m *measureSheet) columnChart(t *trend, title string) *excelize.Chart {
	names := m.values(t, 0)
	var series []excelize.ChartSeries
	for i, role := range t.roles {
		col := 1
		if i > 0 {
			col = 3 + i
		}
		series = append(series, excelize.ChartSeries{
			Name: m.ref(t.col+col, t.head, t.col+col, t.head), Categories: names, Values: m.values(t, col), Fill: solid(roleColour(role)),
		})
	}
	c := m.frame(title, t.unit)
	gap := uint(60)
	c.Type, c.Series, c.GapWidth = excelize.Col, series, &gap
	return c
}
