package exports

import (
	"math"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
)

func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

func lineSeries(name, categories, values, colour string, width float64) excelize.ChartSeries {
	return excelize.ChartSeries{
		Name: name, Categories: categories, Values: values,
		Line:   excelize.LineOptions{Type: excelize.LineSolid, Width: width, Fill: solid(colour)},
		Fill:   solid(colour),
		Marker: excelize.ChartMarker{Symbol: "circle", Size: 5, Fill: solid(colour)},
	}
}

// frame is what every chart has: title, alt text, axes in the figure's unit. It
// is drawn from cells alone and keeps no copy of their values.
func (m *measureSheet) frame(title, unit string) *excelize.Chart {
	no, zero := false, 0.0
	font := excelize.Font{Family: "Calibri", Size: 9, Color: faint}
	c := &excelize.Chart{
		Dimension:    excelize.ChartDimension{Width: chartPixels, Height: chartHeight},
		Title:        excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: clean(title, ""), Font: &excelize.Font{Family: "Calibri", Size: 12, Bold: true, Color: navy}}}},
		Legend:       excelize.ChartLegend{Position: "bottom", Font: &font},
		Format:       excelize.GraphicOptions{AltText: clean(m.t("chart.alt", "title", title, "sheet", m.name), ""), Name: clean(title, ""), Positioning: "oneCell"},
		XAxis:        excelize.ChartAxis{Font: font},
		YAxis:        excelize.ChartAxis{Font: font, MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: axisFormat(unit)}},
		VaryColors:   &no,
		ShowBlanksAs: "gap",
		Border:       excelize.LineOptions{Type: excelize.LineSolid, Width: 0.75, Fill: solid(line)},
	}
	top := 100.0
	switch unit {
	case analytics.UnitIndex:
		c.YAxis.Minimum, c.YAxis.Maximum = &zero, &top
	case analytics.UnitShare:
		one := 1.0
		c.YAxis.Minimum, c.YAxis.Maximum = &zero, &one
	case analytics.UnitCount:
		c.YAxis.Minimum = &zero
	}
	// Below the chart, not across it where the axis goes through zero.
	c.XAxis.TickLabelPosition = excelize.ChartTickLabelLow
	return c
}

// span fits the vertical axis of a line chart to what it shows, in whole tens of
// the scale: a change of a few points can then be seen.
func span(axis *excelize.ChartAxis, values []*float64, scale float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v != nil {
			low, high = min(low, *v), max(high, *v)
		}
	}
	if low > high {
		return
	}
	ten := scale / 10
	bottom, top := ten*math.Floor(low/ten), ten*math.Ceil(high/ten)
	if top-bottom < 3*ten {
		bottom, top = bottom-ten, top+ten
	}
	if axis.Minimum != nil {
		bottom = max(bottom, *axis.Minimum)
	}
	if axis.Maximum != nil {
		top = min(top, *axis.Maximum)
	}
	axis.Minimum, axis.Maximum, axis.MajorUnit = &bottom, &top, ten
}

func axisFormat(unit string) string {
	if unit == analytics.UnitShare {
		return "0%"
	}
	return `0;"−"0`
}

// chart places a chart in the next place that plan made, two abreast; when all
// are taken its numbers are in the tables alone.
func (m *measureSheet) chart(c *excelize.Chart) {
	if m.drawn == m.most {
		return
	}
	col := chartsCol + chartWidth*(m.drawn%2)
	m.note(m.file.AddChart(m.name, at(col, m.charts[m.drawn]), c))
	m.drawn++
}
