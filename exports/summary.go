package exports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// The columns of the summary's table.
const (
	sumMeasure = iota + 1
	sumWho
	sumValue
	sumN
	sumLow
	sumHigh
	sumChange
	sumChangeLow
	sumChangeHigh
	sumReading
)

const (
	sumFactCol  = 2
	summaryRows = 17 // of the chart
	measureWide = 46
	readingWide = 84
)

// headlines lists, by report, the measures that stand on the first page.
func headlines(kind string) []string {
	switch kind {
	case kindParticipation:
		return []string{analytics.MeasureResponseRate}
	case kindEngagement:
		return []string{analytics.MeasureEngagement, analytics.MeasureFavourability, analytics.MeasureENPS}
	case kindConfidence:
		return []string{analytics.MeasureConfidence, analytics.MeasureReliablyUp, analytics.MeasureDifference}
	case kindRetention:
		return []string{analytics.MeasureStay, analytics.MeasureEmployment, analytics.MeasureRelativeRisk, analytics.MeasureIntent}
	case kindGoals:
		return []string{analytics.MeasureGoals, analytics.MeasureGoalsChange, analytics.MeasureExpected}
	}
	return nil
}

// headline picks the figures of a report for the first page: of each measure and
// scale the participants as a whole, or where there is no such figure each role.
func headline(r *analytics.Report) []analytics.Figure {
	var picked []analytics.Figure
	for _, measure := range headlines(r.Kind) {
		var scales []string
		for _, f := range r.Figures {
			if f.Measure == measure && !slices.Contains(scales, f.Scale) {
				scales = append(scales, f.Scale)
			}
		}
		for _, scale := range scales {
			picked = append(picked, wholeOrRoles(r.Figures, measure, scale)...)
		}
	}
	return picked
}

func wholeOrRoles(figures []analytics.Figure, measure, scale string) []analytics.Figure {
	var roles []analytics.Figure
	for _, f := range figures {
		if f.Measure != measure || f.Scale != scale || f.Segment != nil || f.Level != "" {
			continue
		}
		if f.Role == "" {
			return []analytics.Figure{only(f)}
		}
		if f.Role != program.Comparison {
			roles = append(roles, only(f))
		}
	}
	return roles
}

// summary fills the first sheet, which prints on one page.
func (e *Evaluation) summary(s *sheet, sheets []*measureSheet) {
	s.widths(1, measureWide, 16, 10, 7, 10, 10, 10, 10, 10, readingWide)
	s.text(1, 1, s.t("summary.title", "name", e.Program.Name), titleStyle)
	s.note(s.file.SetRowHeight(s.name, 1, 30))
	row := 3
	for _, fact := range e.facts(s) {
		s.text(1, row, fact[0], faintStyle)
		s.text(sumFactCol, row, fact[1], style{})
		row++
	}
	row++
	head := row
	s.header(1, head, strings.Split(s.t("summary.header"), "|")...)
	s.height(head, 2)
	for _, m := range sheets {
		for _, f := range headline(m.report) {
			row++
			s.headline(row, m, f)
		}
	}
	s.text(1, row+1, s.t("summary.note"), faintStyle)
	e.summaryChart(s, sheets, row+3)
	last := row + 3 + summaryRows
	s.freeze(1, head+1)
	s.print("landscape", 1, e.Program.Name)
	s.area(s.ref(1, 1, sumReading, last))
}

// facts are the lines above the table: what was asked, when, of whom, how
// confidentially, and when and by whom the workbook was made.
func (e *Evaluation) facts(s *sheet) [][2]string {
	period := s.day(e.Program.Starts) + " – "
	if e.Program.Ends.IsZero() {
		period = s.t("fact.open-ended", "from", s.day(e.Program.Starts))
	} else {
		period += s.day(e.Program.Ends)
	}
	r := e.Engagement
	waves := s.t("fact.no-waves")
	if n := len(r.Waves); n > 0 {
		waves = s.t("fact.waves", "count", n, "from", s.date(r.Waves[0].Label), "to", s.date(r.Waves[n-1].Label))
	}
	if r.Wave != nil {
		waves += " " + s.t("fact.figures-of", "wave", lowerFirst(s.wave(*r.Wave)))
	}
	return [][2]string{
		{s.t("fact.period"), period},
		{s.t("fact.waves-title"), waves},
		{s.t("fact.confidentiality"), s.t("policy."+string(r.Policy)) + " " + s.t("fact.k", "count", r.K)},
		{s.t("fact.made"), e.madeLine(s.words)},
	}
}

func (e *Evaluation) madeLine(l words) string {
	at := e.Made.UTC()
	zone := "UTC"
	if loc, err := e.Program.Location(); err == nil {
		at, zone = e.Made.In(loc), e.Program.TimeZone
	}
	made := fmt.Sprintf("%s %s (%s)", l.day(at), at.Format("15:04"), zone)
	if e.MadeBy != "" {
		made += " · " + e.MadeBy
	}
	return made + " · mentorpulse " + e.Version
}

func (s *sheet) headline(row int, m *measureSheet, f analytics.Figure) {
	body := bodyStyle
	number := body.as(s.format(f.Unit))
	title, reading, words := m.title(f), s.reading(f), body
	if reading == "" {
		reading, words = m.report.Definitions[f.Measure].Reading, body.soft() // how it is read at all
	}
	s.text(sumMeasure, row, title, body.strong().wrapped())
	s.text(sumWho, row, s.role(f.Role), body)
	for col := sumValue; col <= sumChangeHigh; col++ {
		s.style(col, row, body)
	}
	if f.Withheld != nil {
		s.text(sumValue, row, s.t("summary.withheld"), body.soft())
	} else {
		s.number(sumValue, row, f.Value, number.strong())
		s.count(sumN, row, f.N, body)
		s.number(sumLow, row, f.Low, number)
		s.number(sumHigh, row, f.High, number)
		if c := f.Change; c != nil && c.Withheld == nil {
			change := body.as(s.changeFormat(f.Unit))
			s.number(sumChange, row, c.Value, change)
			s.number(sumChangeLow, row, c.Low, change)
			s.number(sumChangeHigh, row, c.High, change)
		}
	}
	s.text(sumReading, row, reading, words.wrapped().indented())
	s.height(row, max(lines(title, measureWide+2), lines(reading, readingWide+10)))
}

// summaryChart draws the indices over the waves, from the cells of the sheets
// that hold them: engagement, then the confidences.
func (e *Evaluation) summaryChart(s *sheet, sheets []*measureSheet, row int) {
	colours := []string{navy, "D9762B", "1B8A7A", "7A4E9C"}
	var series []excelize.ChartSeries
	var first *measureSheet
	var values []*float64
	for _, m := range sheets {
		for i := range m.trends {
			t := &m.trends[i]
			if t.unit != analytics.UnitIndex || t.head == 0 || len(series) == len(colours) {
				continue
			}
			if first == nil {
				first = m
			}
			for p, f := range t.at {
				if p.role == t.roles[0] {
					values = append(values, f.Value)
				}
			}
			colour := colours[len(series)]
			// The head of a block is two rows above its first number and names
			// the trend.
			series = append(series, lineSeries(m.ref(t.col, t.head-1, t.col, t.head-1), m.values(t, 0), m.values(t, 1), colour, 2.5))
		}
	}
	if len(series) == 0 {
		return
	}
	c := first.frame(s.t("summary.chart"), analytics.UnitIndex)
	c.Type, c.Series = excelize.Line, series
	span(&c.YAxis, values, 100)
	c.Format.AltText = s.t("chart.alt", "title", s.t("summary.chart"), "sheet", s.name)
	c.Dimension = excelize.ChartDimension{Width: 1540, Height: chartHeight}
	s.note(s.file.AddChart(s.name, at(1, row), c))
}
