package exports

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mentorpulse/analytics"
)

// The columns of a table of figures.
const (
	colFigure = iota + 1
	colRole
	colSegment
	colWave
	colValue
	colN
	colLow
	colHigh
	colChange
	colSince
	colChangeLow
	colChangeHigh
	colP
	colPExact
	colQ
	colEffect
	colRemark
	figureColumns = colRemark
)

// The widths of the columns that wrap, in characters.
const (
	figureWidth  = 44
	segmentWidth = 24
	remarkWidth  = 44
)

// figures writes the table: the wave the report is about, then the others.
func (m *measureSheet) figures() {
	m.widths(1, figureWidth, 16, segmentWidth, 10.5, 9, 6.5, 8.5, 8.5, 8.5, 10.5, 8.5, 8.5, 7.5, 7.5, 7.5, 8, remarkWidth)
	m.header(1, headRow, strings.Split(m.t("figures.header"), "|")...)
	m.height(headRow, 2)
	row := headRow
	for _, f := range tabled(m.report) {
		row++
		m.figureRow(row, f)
	}
	m.table("figures_"+m.report.Kind, 1, headRow, figureColumns, row)
}

// tabled lists the figures of a report once each: those of its wave, which
// carry the changes, and from the series what is not among them.
func tabled(r *analytics.Report) []analytics.Figure {
	seen := map[string]bool{}
	all := slices.Clone(r.Figures)
	for _, f := range all {
		seen[identity(f)] = true
	}
	for _, f := range r.Series {
		if !seen[identity(f)] {
			all = append(all, f)
		}
	}
	for i, f := range all {
		all[i] = only(f)
	}
	return all
}

// only keeps of a figure what may be shown. Withheld figures come without numbers;
// should one ever carry them, they still must not reach a cell or a chart.
func only(f analytics.Figure) analytics.Figure {
	if f.Withheld != nil {
		f.Value, f.Low, f.High, f.N, f.NoInterval, f.Change = nil, nil, nil, nil, nil, nil
	}
	if c := f.Change; c != nil && c.Withheld != nil {
		f.Change = &analytics.Change{From: c.From, Method: c.Method, Withheld: c.Withheld}
	}
	return f
}

// identity tells two figures of a report apart.
func identity(f analytics.Figure) string {
	parts := []string{f.Measure, f.Scale, f.Wave, string(f.Role), f.Level}
	for _, name := range slices.Sorted(maps.Keys(f.Segment)) {
		parts = append(parts, name, f.Segment[name])
	}
	return strings.Join(parts, "\x00")
}

func (m *measureSheet) figureRow(row int, f analytics.Figure) {
	body := bodyStyle
	if f.Segment == nil && f.Role == "" {
		body = body.strong()
	}
	number := body.as(m.format(f.Unit))
	title := m.title(f)
	m.text(colFigure, row, title, body.wrapped())
	m.text(colRole, row, m.role(f.Role), body)
	m.text(colSegment, row, m.segment(f.Segment), body.wrapped())
	m.dateCell(colWave, row, f.Wave, body)
	for col := colValue; col <= colRemark; col++ {
		m.style(col, row, body)
	}
	remark := remarkOf(f)
	if c := f.Change; c != nil && c.Against == analytics.CompareStayed && c.Withheld == nil {
		remark = strings.TrimSpace(m.reading(f) + " " + remark) // it is no change since a wave
	}
	if f.Withheld != nil {
		// The reason runs on over the empty cells beside it.
		m.text(colValue, row, f.Withheld.Reason, body.soft())
	} else {
		m.number(colValue, row, f.Value, number)
		m.count(colN, row, f.N, body)
		m.number(colLow, row, f.Low, number)
		m.number(colHigh, row, f.High, number)
		m.change(row, f, body)
		m.text(colRemark, row, remark, body.soft().wrapped().indented())
	}
	m.height(row, max(lines(title, figureWidth+2), lines(m.segment(f.Segment), segmentWidth), lines(remark, remarkWidth+4)))
}

// change writes how a figure compares with an earlier wave.
func (m *measureSheet) change(row int, f analytics.Figure, body style) {
	c := f.Change
	if c == nil || c.Withheld != nil {
		return
	}
	number := body.as(m.changeFormat(f.Unit))
	m.number(colChange, row, c.Value, number)
	m.dateCell(colSince, row, c.From, body)
	m.number(colChangeLow, row, c.Low, number)
	m.number(colChangeHigh, row, c.High, number)
	m.number(colP, row, c.P, body.as(m.formatP()))
	m.number(colPExact, row, c.PExact, body.as(m.formatP()))
	m.number(colQ, row, c.Q, body.as(m.formatP()))
	m.number(colEffect, row, c.Effect, body.as(formatTwo))
}

// remarkOf gathers the reasons why parts of a shown figure are missing.
func remarkOf(f analytics.Figure) string {
	var reasons []string
	add := func(w *analytics.Withheld) {
		if w != nil && !slices.Contains(reasons, w.Reason) {
			reasons = append(reasons, w.Reason)
		}
	}
	add(f.NoInterval)
	if f.Change != nil {
		add(f.Change.Withheld)
		add(f.Change.NoTest)
		add(f.Change.NoInterval)
		add(f.Change.NoEffect)
		add(f.Change.Unpaired)
	}
	return strings.Join(reasons, " ")
}

// lowerFirst writes a title inside a sentence; an abbreviation stays as it is.
func lowerFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	if unicode.IsUpper(second) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}
