package exports

import (
	"slices"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// The colours of the workbook; each role has the same one in every chart.
const (
	ink   = "1F2A37"
	faint = "6B7280"
	line  = "D5DAE1"
	navy  = "1F3A5F"
	pale  = "EEF2F7"
	white = "FFFFFF"
)

func roleColour(r program.Role) string {
	switch r {
	case program.Mentor:
		return "1B8A7A"
	case program.Mentee:
		return "D9762B"
	case program.Comparison:
		return "8A8D91"
	}
	return navy
}

// style says how a cell looks. It is comparable, so that equal styles are one.
type style struct {
	size   float64 // points; 0 is 10
	bold   bool
	italic bool
	colour string
	fill   string
	wrap   bool
	align  string
	indent int
	top    bool
	rule   bool // a thin line below
	format string
	quoted bool // text that must never become a formula
}

var (
	titleStyle   = style{size: 18, bold: true, colour: navy}
	sectionStyle = style{size: 12, bold: true, colour: navy}
	faintStyle   = style{colour: faint}
	headerStyle  = style{bold: true, colour: white, fill: navy, wrap: true, align: "center"}
	bodyStyle    = style{rule: true, top: true}
)

func (s style) as(format string) style { s.format = format; return s }
func (s style) strong() style          { s.bold = true; return s }
func (s style) soft() style            { s.italic, s.colour = true, faint; return s }
func (s style) wrapped() style         { s.wrap = true; return s }

// indented keeps a text off the number to its left.
func (s style) indented() style { s.align, s.indent = "left", 1; return s }

func (s style) excel() *excelize.Style {
	size, colour := s.size, s.colour
	if size == 0 {
		size = 10
	}
	if colour == "" {
		colour = ink
	}
	x := &excelize.Style{
		Font:      &excelize.Font{Family: "Calibri", Size: size, Bold: s.bold, Italic: s.italic, Color: colour},
		Alignment: &excelize.Alignment{WrapText: s.wrap, Horizontal: s.align, Vertical: "center", Indent: s.indent},
	}
	if s.top {
		x.Alignment.Vertical = "top"
	}
	if s.fill != "" {
		x.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{s.fill}}
	}
	if s.rule {
		x.Border = []excelize.Border{{Type: "bottom", Style: 1, Color: line}}
	}
	if s.format != "" {
		x.CustomNumFmt = &s.format
	}
	return x
}

// styleID registers a style once.
func (b *book) styleID(s style) int {
	if id, known := b.styles[s]; known {
		return id
	}
	id, err := b.file.NewStyle(s.excel())
	b.note(err)
	if err == nil && s.quoted {
		// excelize has no option for it: a copy of the style that tells Excel to
		// keep the text a text when somebody edits the cell.
		all, quoted := b.file.Styles.CellXfs, true
		xf := all.Xf[id]
		xf.QuotePrefix = &quoted
		all.Xf = append(slices.Clip(all.Xf), xf)
		all.Count = len(all.Xf)
		id = len(all.Xf) - 1
	}
	b.styles[s] = id
	return id
}

// Number formats. Excel shows them with the decimal mark of its own language.
const (
	formatCount = `#,##0`
	formatOne   = `0.0;"−"0.0`
	formatTwo   = `0.00;"−"0.00`
	formatShare = `0.0%;"−"0.0%`
)

// format is the number format of a figure's unit.
func (l words) format(unit string) string {
	switch unit {
	case analytics.UnitShare:
		return formatShare
	case analytics.UnitShareDx:
		return `+0.0%;"−"0.0%;0.0%`
	case analytics.UnitPoints:
		return `+0.0;"−"0.0;0.0`
	case analytics.UnitCount:
		return formatCount
	case analytics.UnitSeconds:
		return `#,##0" ` + l.t("unit.seconds") + `"`
	case analytics.UnitWeeks:
		return `0.0" ` + l.t("unit.weeks") + `"`
	case analytics.UnitCoef, analytics.UnitRatio, analytics.UnitSD:
		return formatTwo
	case analytics.UnitP:
		return l.formatP()
	}
	return formatOne
}

// formatP shows a small p as less than a thousandth, not as zero.
func (l words) formatP() string {
	return `[<0.001]"< ` + l.decimal(.001, 3) + `";0.000`
}

// changeFormat is the number format of a change in a unit: always signed.
func (l words) changeFormat(unit string) string {
	switch unit {
	case analytics.UnitShare, analytics.UnitShareDx:
		return `+0.0%;"−"0.0%;0.0%`
	case analytics.UnitCoef, analytics.UnitRatio, analytics.UnitSD:
		return `+0.00;"−"0.00;0.00`
	}
	return `+0.0;"−"0.0;0.0`
}

// dateFormat shows a date as the language writes it, wherever it is opened.
func (l words) dateFormat() string {
	if l == "uk" {
		return `[$-422]dd.mm.yyyy`
	}
	return `[$-809]d mmm yyyy`
}
