package exports

import (
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
		Dimension:    excelize.ChartDimension{Width: 580, Height: 330},
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
	return c
}

func axisFormat(unit string) string {
	if unit == analytics.UnitShare {
		return "0%"
	}
	return `0;"−"0`
}

// chart places a chart in the next free place of the sheet, two abreast.
func (m *measureSheet) chart(c *excelize.Chart) {
	col := chartsCol + chartWidth*(m.charts%2)
	row := headRow + 1 + chartRows*(m.charts/2)
	m.charts++
	m.note(m.file.AddChart(m.name, at(col, row), c))
}
