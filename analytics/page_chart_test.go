package analytics

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mentorpulse/internal/program"
)

// testBoard makes views in English of a programme that is cut by department.
func testBoard() *board {
	return &board{words: "en", used: map[string]bool{}, reports: map[string]evidence{}, service: &Service{messages: texts()},
		program: program.Program{Attributes: []string{"department"}}, asked: &request{by: []int{0}}}
}

func ref[T any](v T) *T { return &v }

// coordinate is a number in a path.
var coordinate = regexp.MustCompile(`-?\d+(\.\d+)?`)

func within(t *rapid.T, path string) {
	for _, text := range coordinate.FindAllString(path, -1) {
		if v, err := strconv.ParseFloat(text, 64); err != nil || v < -.01 || v > drawing+.01 {
			t.Fatalf("%s lies outside the drawing: %s", text, path)
		}
	}
	if strings.Contains(path, "NaN") || strings.Contains(path, "Inf") {
		t.Fatalf("path %s", path)
	}
}

func TestCurvesStayWithinTheirDrawing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var curves []Curve
		for range rapid.IntRange(1, 2).Draw(t, "curves") {
			n := rapid.IntRange(5, 5000).Draw(t, "people")
			c := Curve{Measure: MeasureStay, N: &n, Points: []CurvePoint{{0, n, 1, nil, nil}}}
			at, s := 0.0, 1.0
			for range rapid.IntRange(0, 12).Draw(t, "steps") {
				at += rapid.Float64Range(.1, 30).Draw(t, "weeks")
				s *= rapid.Float64Range(0, 1).Draw(t, "stay")
				p := CurvePoint{Time: at, AtRisk: n, Survival: s}
				if rapid.Bool().Draw(t, "interval") {
					p.Low, p.High = ref(s*rapid.Float64Range(0, 1).Draw(t, "low")), ref(s+(1-s)*rapid.Float64Range(0, 1).Draw(t, "high"))
				}
				c.Points = append(c.Points, p)
			}
			c.Until = ref(at + rapid.Float64Range(0, 60).Draw(t, "longer"))
			c.Median = crossing(c.Points, func(p CurvePoint) *float64 { return &p.Survival })
			curves = append(curves, c)
		}
		got := testBoard().newSurvival("Stay", curves)
		if got.Notice != "" {
			return // nobody has been there for a week
		}
		within(t, got.Grid)
		for i, l := range got.Lines {
			within(t, l.Line)
			within(t, l.Band)
			within(t, l.Median)
			if (l.Median != "") != (curves[i].Median != nil) || len(l.Rows) != len(curves[i].Points) || !strings.HasSuffix(l.Band, "Z") {
				t.Fatalf("line %+v of %+v", l, curves[i])
			}
			last := math.Inf(-1)
			for _, p := range l.AtRisk {
				x, _ := strconv.ParseFloat(strings.TrimSuffix(p.X, "%"), 64)
				if x-last < riskGap-.01 {
					t.Fatalf("numbers at risk at %v and %v", last, x)
				}
				last = x
			}
		}
		if len(got.Weeks) > 8 {
			t.Fatalf("%d weeks on the axis", len(got.Weeks))
		}
	})
}

func TestWithheldCurveIsNotDrawn(t *testing.T) {
	few := &Withheld{CodeFewLeft, "too few have left"}
	shown := Curve{Measure: MeasureStay, N: ref(20), Until: ref(12.0), Median: ref(8.0), MedianLow: ref(4.0), MedianHigh: ref(11.0),
		Points: []CurvePoint{{0, 20, 1, nil, nil}, {8, 15, .4, ref(.2), ref(.6)}}}
	hidden := Curve{Measure: MeasureStay, Role: program.Mentee, N: ref(3), Points: []CurvePoint{}, Withheld: few}
	got := testBoard().newSurvival("Stay", []Curve{shown, hidden})
	if l := got.Lines[1]; l.Line != "" || l.Band != "" || l.N != "" || len(l.Rows) > 0 || l.Withheld != few.Reason {
		t.Errorf("withheld: %+v", l)
	}
	if l := got.Lines[0]; l.Said != "Half had left after 8.0 weeks (CI 4.0–11.0)." || l.Median != "M0 50.00H66.67V100" ||
		l.Line != "M0.00 0.00H66.67V60.00H100.00" || l.Rows[1].Interval != "20.0–60.0%" {
		t.Errorf("shown: %+v", l)
	}
	if got := testBoard().newSurvival("Stay", []Curve{hidden}); got.Notice != few.Reason || got.Grid != "" {
		t.Errorf("nothing to draw: %+v", got)
	}
}

func TestTriangleLeavesBlankWhatIsAhead(t *testing.T) {
	b := testBoard()
	report := &Report{Waves: []Wave{{Label: "2026-01-05"}, {Label: "2026-01-19"}, {Label: "2026-02-02"}}, Cohorts: []Cohort{
		{Wave: "2026-01-05", N: ref(40), Active: []*float64{ref(1.0), ref(.8), ref(.8)}},
		{Wave: "2026-01-19", Active: []*float64{nil, nil, nil}, Withheld: &Withheld{CodeTooFew, "too few"}},
		{Wave: "2026-02-02", N: ref(10), Active: []*float64{nil, nil, ref(1.0)}},
	}}
	b.reports["retention"] = evidence{shown: report, all: report}
	got := b.cohorts(report)
	if len(got.Columns) != 3 || got.Span != 4 {
		t.Errorf("columns %q, span %d", got.Columns, got.Span)
	}
	for i, want := range []triangleRow{
		{Cohort: "5\u00a0Jan\u00a02026", N: "40", Cells: []shaded{{"≤\u00a0100%", "shade-7"}, {"≤\u00a080%", "shade-6"}, {"≤\u00a080%", "shade-6"}}},
		{Cohort: "19\u00a0Jan\u00a02026", Withheld: "too few", Blank: 3},
		{Cohort: "2\u00a0Feb\u00a02026", N: "10", Cells: []shaded{{"≤\u00a0100%", "shade-7"}}, Blank: 2},
	} {
		if fmt.Sprint(got.Rows[i]) != fmt.Sprint(want) {
			t.Errorf("row %d: %+v, want %+v", i, got.Rows[i], want)
		}
	}
}

func TestLevelsPartAtWhatWasExpected(t *testing.T) {
	b := testBoard()
	var figures []Figure
	for i, share := range []float64{.1, .2, .3, .4, 0} {
		figures = append(figures, Figure{Measure: MeasureLevels, Role: program.Mentor, Level: goalLevels()[i], Unit: UnitShare, Value: &share, N: ref(50)},
			Figure{Measure: MeasureLevels, Role: program.Mentee, Level: goalLevels()[i], Unit: UnitShare, Withheld: &Withheld{CodeTooFew, "too few"}})
	}
	b.reports["goals"] = evidence{shown: &Report{}, all: &Report{}}
	got := b.newLevels(figures)
	want := []levelPiece{
		{"0.00%", "10.00%", "5.00%", "−2", "level-0"}, {"10.00%", "20.00%", "20.00%", "−1", "level-1"},
		{"30.00%", "30.00%", "45.00%", "0: 30%", "level-2"}, {"60.00%", "40.00%", "80.00%", "+1: 40%", "level-3"},
	}
	if fmt.Sprint(got.Bars[0].Pieces) != fmt.Sprint(want) || got.Bars[0].Zero != "30.00%" {
		t.Errorf("%v from %s, want %v", got.Bars[0].Pieces, got.Bars[0].Zero, want)
	}
	if bar := got.Bars[1]; bar.Withheld != "too few" || bar.N != "" || len(bar.Pieces) > 0 {
		t.Errorf("withheld: %+v", bar)
	}
	if b.newLevels(nil) != nil {
		t.Error("levels are drawn of nothing")
	}
}

func TestMatrixSaysHowAGroupDiffers(t *testing.T) {
	for _, test := range []struct {
		measure, unit         string
		value, low, high, q   float64
		shade, words, against string
	}{
		{MeasureEngagement, UnitIndex, 12, 2, 22, .01, "better-2", "higher", "whole"},
		{MeasureEngagement, UnitIndex, -30, -40, -20, .2, "worse-3", "perhaps lower", "whole"},
		{MeasureEngagement, UnitIndex, 4, -3, 11, .01, "", "", "whole"},
		{MeasureChallenge, UnitIndex, 12, 2, 22, .01, "worse-2", "higher", "whole"},
		{MeasureResponseRate, UnitShare, -.06, -.1, -.02, .04, "worse-1", "lower", "whole"},
		{MeasureEngagement, UnitIndex, 12, 2, 22, .01, "shade-4", "higher", "previous"},
	} {
		f := Figure{Measure: test.measure, Unit: test.unit, Value: ref(.5), Low: ref(.4), High: ref(.6), N: ref(9),
			Change: &Change{Against: Comparison(test.against), Value: &test.value, Low: &test.low, High: &test.high, Q: &test.q}}
		whole := Figure{Measure: test.measure, Value: ref(45.0)}
		if test.unit == UnitIndex {
			f.Value, f.Low, f.High = ref(60.0), ref(50.0), ref(70.0)
		}
		if test.against == "previous" {
			test.shade = "shade-4"
		}
		if got := testBoard().matrixCell(&matrix{}, f, whole); got.Shade != test.shade || got.Side != test.words {
			t.Errorf("%+v: %q, %q", test, got.Shade, got.Side)
		}
	}
	m := &matrix{}
	if got := testBoard().matrixCell(m, Figure{Measure: MeasureEngagement, Withheld: &Withheld{CodeTooFew, "too few"}}, Figure{}); got.Note != 1 ||
		got.Value != "" || got.N != "" || got.Shade != "" || m.Notes[0].Reason != "too few" {
		t.Errorf("withheld: %+v", got)
	}
}

func TestDotsLieOnTheirAxis(t *testing.T) {
	b := testBoard()
	b.service.definitions = []definitionText{{ID: MeasureChallenge, Unit: UnitIndex}}
	shown := Figure{Measure: MeasureChallenge, Unit: UnitIndex, Value: ref(40.0), Low: ref(30.0), High: ref(55.0), N: ref(12)}
	hidden := Figure{Measure: MeasureChallenge, Unit: UnitIndex, Withheld: &Withheld{CodeTooFew, "too few"}}
	got := b.newDots("Time", MeasureChallenge, []dotOf{{name: "Mentors", figure: shown}, {name: "Mentees", figure: hidden}}, ref(50.0), "Threshold", indexAxis())
	if r := got.Rows[0]; r.Dot != "M40.00 50h.01" || r.Span != "M30.00 50H55.00" || r.Mark != "M50.00 0V100" || r.N != "12" {
		t.Errorf("shown: %+v", r)
	}
	if r := got.Rows[1]; r.Dot != "" || r.Span != "" || r.Value != "" || r.N != "" || r.Withheld != "too few" {
		t.Errorf("withheld: %+v", r)
	}
	if fmt.Sprint(got.Ticks) != "[0 50 100]" {
		t.Errorf("ticks %q", got.Ticks)
	}
}
