package analytics

import (
	"fmt"
	"math"
	"strings"
)

// A trend is drawn in a square of 100 by 100 that the page stretches: lines keep
// their width, and everything written stands around the drawing as text.
const drawing = 100.0

// trend is a measure over the waves: a line, the band of its intervals, and the
// same numbers as a table.
type trend struct {
	words
	ID, Title, Description string
	Drawn                  bool // false while fewer than two waves have a number
	Band, Line             string
	Whiskers               string // the interval of a wave between two withheld ones
	Dots, OpenDots         string // of closed and of open waves
	Grid                   string
	Mark                   string   // the wave asked for
	Ticks                  []string // of the axis, from the top
	Labels                 []string // under the waves; empty where there is no room
	Rows                   []trendRow
}

// Say gives a text of the page.
func (t *trend) Say(id string) string { return t.t("page-" + id) }

// trendRow is a wave in the table behind a trend.
type trendRow struct {
	Wave string
	Open bool
	figureView
}

// maxLabels is how many waves are named under a trend of a phone's width.
const maxLabels = 4

// point is a wave in the drawing; y grows downwards.
type point struct{ x, y, low, high float64 }

// newTrend draws the figures of one measure, one a wave and oldest first, on the
// axis a; wave is the one whose figures stand beside it.
func (b *board) newTrend(title, wave string, figures []Figure, waves []Wave, a axis) *trend {
	if len(figures) == 0 {
		return nil
	}
	b.drawings++
	t := &trend{words: b.words, ID: fmt.Sprintf("trend-%d", b.drawings), Title: b.t("page-trend-title", "title", title)}
	open := map[string]bool{}
	for _, w := range waves {
		open[w.Label] = w.Open
	}
	var runs [][]point
	shown, broken := 0, true
	step := (len(figures) + maxLabels - 1) / maxLabels
	for i, f := range figures {
		t.Rows = append(t.Rows, trendRow{Wave: b.date(f.Wave), Open: open[f.Wave], figureView: b.figure(f, "")})
		label := ""
		if (len(figures)-1-i)%step == 0 {
			label = b.shortDate(f.Wave)
		}
		t.Labels = append(t.Labels, label)
		x := (float64(i) + .5) * drawing / float64(len(figures))
		if b.Query.Wave != "" && f.Wave == wave {
			t.Mark = fmt.Sprintf("M%.2f 0V%.0f", x, drawing)
		}
		if f.Withheld != nil || f.Value == nil {
			broken = true
			continue
		}
		shown++
		p := point{x: x, y: a.y(*f.Value), low: a.y(*f.Value), high: a.y(*f.Value)}
		if f.Low != nil && f.High != nil {
			p.low, p.high = a.y(*f.Low), a.y(*f.High)
		}
		dot := fmt.Sprintf("M%.2f %.2fh.01", p.x, p.y) // a line with round ends is a dot that does not stretch
		if open[f.Wave] {
			t.OpenDots += dot
		} else {
			t.Dots += dot
		}
		if broken {
			runs, broken = append(runs, nil), false
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], p)
	}
	for _, run := range runs {
		t.draw(run)
	}
	t.Drawn = shown > 1
	t.describe(b, figures, a, shown)
	return t
}

// draw adds waves that follow each other with nothing withheld between them.
func (t *trend) draw(run []point) {
	if len(run) == 1 {
		t.Whiskers += fmt.Sprintf("M%.2f %.2fV%.2f", run[0].x, run[0].low, run[0].high)
		return
	}
	var line, above, below strings.Builder
	for i, p := range run {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&line, "%s%.2f %.2f", command, p.x, p.y)
		fmt.Fprintf(&above, "%s%.2f %.2f", command, p.x, p.high)
		back := run[len(run)-1-i]
		fmt.Fprintf(&below, "L%.2f %.2f", back.x, back.low)
	}
	t.Line += line.String()
	t.Band += above.String() + below.String() + "Z"
}

// describe says in words what the drawing shows.
func (t *trend) describe(b *board, figures []Figure, a axis, shown int) {
	unit := figures[0].Unit
	for _, v := range []float64{a.high, (a.low + a.high) / 2, a.low} {
		t.Ticks = append(t.Ticks, b.value(v/a.scale, unit, 0))
		t.Grid += fmt.Sprintf("M0 %.2fH%.0f", a.y(v/a.scale), drawing)
	}
	if shown < 2 {
		t.Description = b.t("page-trend-short")
		return
	}
	var first, last Figure
	for _, f := range figures {
		if f.Withheld != nil || f.Value == nil {
			continue
		}
		if first.Value == nil {
			first = f
		}
		last = f
	}
	t.Description = b.t("page-trend-description", "count", shown, "from", b.value(*first.Value, unit, 1), "first", b.date(first.Wave),
		"to", b.value(*last.Value, unit, 1), "last", b.date(last.Wave), "bottom", t.Ticks[2], "top", t.Ticks[0])
}

// axis is what a drawing spans, in the figures' unit times scale.
type axis struct{ low, high, scale float64 }

// axisOf spans the figures and their intervals in round numbers, inside what the
// unit can be.
func axisOf(figures []Figure) axis {
	a := axis{scale: 1}
	if len(figures) == 0 {
		return a
	}
	floor, ceiling := math.Inf(-1), math.Inf(1)
	switch figures[0].Unit {
	case UnitShare:
		a.scale, floor, ceiling = 100, 0, 100
	case UnitIndex:
		floor, ceiling = 0, 100
	case UnitScore:
		floor, ceiling = -100, 100
	case UnitShareDx:
		a.scale, floor, ceiling = 100, -100, 100
	case UnitCoef, UnitRatio, UnitSD:
		a.scale = 100
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, f := range figures {
		if f.Withheld != nil {
			continue
		}
		for _, v := range []*float64{f.Value, f.Low, f.High} {
			if v != nil {
				low, high = min(low, *v*a.scale), max(high, *v*a.scale)
			}
		}
	}
	if low > high { // nothing is shown
		low, high = 0, 0
	}
	step := 10.0
	if high-low > 60 {
		step = 50
	}
	a.low, a.high = max(math.Floor(low/step)*step, floor), min(math.Ceil(high/step)*step, ceiling)
	// An even number of steps has a round middle; at least two keep a flat line
	// looking flat.
	for n := (a.high - a.low) / step; n < 2 || math.Mod(n, 2) != 0; n = (a.high - a.low) / step {
		if a.high+step <= ceiling && (a.high-high <= low-a.low || a.low-step < floor) {
			a.high += step
		} else {
			a.low -= step
		}
	}
	return a
}

func (a axis) y(v float64) float64 { return drawing * (a.high - v*a.scale) / (a.high - a.low) }
