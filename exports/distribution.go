package exports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// distribution is the figures of one measure by level, such as how many goals
// stand at each of −2…+2.
type distribution struct {
	measure, unit string
	roles         []program.Role
	levels        []string
	at            map[levelPoint]analytics.Figure
}

type levelPoint struct {
	level string
	role  program.Role
}

// distributionsOf gathers the distributions of a report's wave, without cuts.
func distributionsOf(r *analytics.Report) []distribution {
	var all []distribution
	for _, f := range r.Figures {
		if f.Level == "" || f.Segment != nil {
			continue
		}
		i := slices.IndexFunc(all, func(d distribution) bool { return d.measure == f.Measure })
		if i < 0 {
			all = append(all, distribution{measure: f.Measure, unit: f.Unit, at: map[levelPoint]analytics.Figure{}})
			i = len(all) - 1
		}
		d := &all[i]
		if !slices.Contains(d.roles, f.Role) {
			d.roles = append(d.roles, f.Role)
		}
		if !slices.Contains(d.levels, f.Level) {
			d.levels = append(d.levels, f.Level)
		}
		d.at[levelPoint{f.Level, f.Role}] = only(f)
	}
	for _, d := range all {
		slices.SortStableFunc(d.levels, func(a, b string) int { return levelNumber(a) - levelNumber(b) })
	}
	return slices.DeleteFunc(all, func(d distribution) bool {
		for _, f := range d.at {
			if f.Value != nil {
				return false
			}
		}
		return true
	})
}

func levelNumber(level string) int {
	n, err := strconv.Atoi(strings.Replace(level, "−", "-", 1))
	if err != nil {
		return 0
	}
	return n
}

// level names a level of goal attainment (Kiresuk & Sherman 1968).
func (l words) level(level string) string {
	names := map[string]string{"-2": "level.m2", "-1": "level.m1", "0": "level.0", "1": "level.p1", "2": "level.p2"}
	if id, ok := names[level]; ok {
		return l.t(id)
	}
	return level
}

// distributions writes the levels of each distribution and draws them as columns.
func (m *measureSheet) distributions() {
	for _, d := range distributionsOf(m.report) {
		title := m.measureTitle(d.measure)
		m.text(chartsCol, m.next, title, sectionStyle)
		head := m.next + 1
		titles := []string{m.t("distribution.level")}
		for _, role := range d.roles {
			titles = append(titles, m.role(role))
		}
		m.header(chartsCol, head, titles...)
		last := head + len(d.levels)
		chart := m.frame(title, d.unit)
		chart.YAxis.Maximum = nil
		chart.Type = excelize.Col
		gap := uint(60)
		chart.GapWidth = &gap
		for i, role := range d.roles {
			col := chartsCol + 1 + i
			for j, level := range d.levels {
				m.number(col, head+1+j, d.at[levelPoint{level, role}].Value, bodyStyle.as(m.format(d.unit)))
			}
			chart.Series = append(chart.Series, excelize.ChartSeries{
				Name: m.ref(col, head, col, head), Categories: m.ref(chartsCol, head+1, chartsCol, last),
				Values: m.ref(col, head+1, col, last), Fill: solid(roleColour(role)),
			})
		}
		for j, level := range d.levels {
			m.text(chartsCol, head+1+j, m.level(level), bodyStyle.wrapped())
			m.height(head+1+j, lines(m.level(level), 26))
		}
		m.next = last + 2
		m.chart(chart)
	}
}
