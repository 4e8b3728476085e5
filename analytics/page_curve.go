package analytics

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// survival is a drawing of Kaplan–Meier curves: steps with the band of their
// intervals, the median where it is reached, and the numbers at risk below.
type survival struct {
	words
	ID, Title, Definition, Description string
	Notice                             string // why nothing is drawn
	Ticks                              []string
	Grid                               string
	Weeks                              []mark // under the drawing
	Lines                              []survivalLine
}

// Say gives a text of the page.
func (s *survival) Say(id string) string { return s.t("page-" + id) }

// mark is a text at a place of the axis, in percent from the left.
type mark struct{ X, Text, Anchor string }

// survivalLine is one curve: its marks, and the same numbers for the table.
type survivalLine struct {
	Name, N      string
	Style        string // of the line, by which it is told apart
	Line, Band   string
	Median, Said string
	AtRisk       []mark
	Rows         []survivalRow
	Withheld     string
}

type survivalRow struct{ Time, AtRisk, Value, Interval string }

// riskGap is the least distance between two numbers at risk, in percent, at
// which they can be told apart on a phone.
const riskGap = 11

// newSurvival draws curves of one measure together; those that are withheld are
// named with the reason.
func (b *board) newSurvival(title string, curves []Curve) *survival {
	if len(curves) == 0 {
		return nil
	}
	b.drawings++
	b.used[curves[0].Measure] = true
	s := &survival{words: b.words, ID: fmt.Sprintf("curve-%d", b.drawings), Title: title, Definition: "def-" + curves[0].Measure}
	end, low := 0.0, 1.0
	for _, c := range curves {
		if c.Withheld != nil || c.Until == nil {
			continue
		}
		end = max(end, *c.Until)
		for _, p := range c.Points {
			low = min(low, p.Survival)
			if p.Low != nil {
				low = min(low, *p.Low)
			}
		}
	}
	a := axis{low: 0, high: 100, scale: 100}
	if low >= .5 {
		a.low = 50
	}
	step := weekStep(end)
	last := max(math.Ceil(end/step)*step, step)
	for i, c := range curves {
		s.Lines = append(s.Lines, b.survivalLine(c, a, last, i))
	}
	if end == 0 {
		s.Notice = cmp.Or(s.Lines[0].Withheld, b.t(CodeTooFewCases))
		return s
	}
	for _, v := range []float64{a.high, (a.low + a.high) / 2, a.low} {
		s.Ticks = append(s.Ticks, b.value(v/a.scale, UnitShare, 0))
		s.Grid += fmt.Sprintf("M0 %.2fH%.0f", a.y(v/a.scale), drawing)
	}
	for t := 0.0; t <= last; t += step {
		s.Weeks = append(s.Weeks, markAt(100*t/last, b.decimal(t, 0)))
	}
	s.Description = b.t("page-curve-description", "end", b.decimal(end, 0), "bottom", s.Ticks[2])
	return s
}

// markAt puts a text at a place; at the ends it stays within the drawing.
func markAt(x float64, text string) mark {
	p := mark{fmt.Sprintf("%.2f%%", x), text, "middle"}
	switch {
	case x < 1:
		p.Anchor = "start"
	case x > 99:
		p.Anchor = "end"
	}
	return p
}

// weekStep is the distance between two weeks named on the axis: at most six are.
func weekStep(end float64) float64 {
	for _, step := range []float64{1, 2, 4, 8, 13, 26, 52} {
		if end <= 6*step {
			return step
		}
	}
	return 52 * math.Ceil(end/(6*52))
}

// step is a level part of a curve in the drawing.
type step struct{ from, to, y, low, high float64 }

func (b *board) survivalLine(c Curve, a axis, last float64, place int) survivalLine {
	l := survivalLine{Name: b.role(c.Role), Style: []string{"solid", "dashed"}[min(place, 1)]}
	if c.Segment != nil {
		l.Name = b.segment(c.Segment)
	}
	if c.Withheld != nil || c.Until == nil || c.N == nil {
		l.Withheld = b.t(CodeUndefined)
		if c.Withheld != nil {
			l.Withheld = c.Withheld.Reason
		}
		return l
	}
	l.N = b.decimal(float64(*c.N), 0)
	x := func(weeks float64) float64 { return drawing * weeks / last }
	var steps []step
	named := math.Inf(-1)
	for i, p := range c.Points {
		one := step{x(p.Time), x(*c.Until), a.y(p.Survival), a.y(p.Survival), a.y(p.Survival)}
		row := survivalRow{Time: b.decimal(p.Time, 1), AtRisk: b.decimal(float64(p.AtRisk), 0), Value: b.value(p.Survival, UnitShare, 1)}
		if p.Low != nil && p.High != nil {
			one.low, one.high = a.y(*p.Low), a.y(*p.High)
			row.Interval = b.interval(*p.Low, *p.High, UnitShare)
		}
		if i+1 < len(c.Points) {
			one.to = x(c.Points[i+1].Time)
		}
		if one.from-named >= riskGap {
			l.AtRisk, named = append(l.AtRisk, markAt(one.from, row.AtRisk)), one.from
		}
		steps, l.Rows = append(steps, one), append(l.Rows, row)
	}
	l.draw(steps)
	l.Said = b.t("page-curve-no-median")
	if m := c.Median; m != nil {
		l.Median = fmt.Sprintf("M0 %.2fH%.2fV%.0f", a.y(.5), x(*m), drawing)
		l.Said = b.t("page-curve-median", "weeks", b.decimal(*m, 1))
		if c.MedianLow != nil && c.MedianHigh != nil {
			l.Said = b.t("page-curve-median-interval", "weeks", b.decimal(*m, 1),
				"interval", b.interval(*c.MedianLow, *c.MedianHigh, UnitWeeks))
		}
	}
	return l
}

// draw makes the line and the band of the steps: out along the upper ends of the
// intervals and back along the lower ones.
func (l *survivalLine) draw(steps []step) {
	var line, out, back strings.Builder
	for i, s := range steps {
		command := "V"
		if i == 0 {
			command = fmt.Sprintf("M%.2f ", s.from)
		}
		fmt.Fprintf(&line, "%s%.2fH%.2f", command, s.y, s.to)
		fmt.Fprintf(&out, "%s%.2fH%.2f", command, s.high, s.to)
		last := steps[len(steps)-1-i]
		fmt.Fprintf(&back, "V%.2fH%.2f", last.low, last.from)
	}
	l.Line, l.Band = line.String(), out.String()+back.String()+"Z"
}
