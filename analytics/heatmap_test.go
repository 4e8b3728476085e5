package analytics

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// TestHeatmapAgreesWithBruteForce: each segment against everybody else, the
// difference on the scale of the whole, q over the whole map.
func TestHeatmapAgreesWithBruteForce(t *testing.T) {
	f := newFixture(t, 2)
	f.population(8, 240)
	scales := map[string][]uint16{"engagement": engagementItems, "stay": {9}, "digital": {5, 6}, "mentoring": {7, 8}, "literacy": {11, 12}, "recognition": {13}, "time": {15}}
	reversed := map[uint16]bool{2: true, 12: true}
	for _, by := range []string{"", "department,location"} {
		report := f.report(f.service.Heatmap, Query{By: by})
		if want := map[string]string{"": "department"}[by]; want != "" && report.By != want {
			t.Errorf("by %q", report.By)
		}
		compared := map[string]int{}
		var p, q []float64
		for _, figure := range report.Figures {
			name := fmt.Sprint(figure.Measure, figure.Scale, figure.Role, figure.Segment)
			if figure.Segment == nil || figure.Withheld != nil || figure.Change == nil {
				if figure.Segment == nil && figure.Change != nil {
					t.Errorf("%s, a whole, is compared", name)
				}
				continue
			}
			role := func(r survey.Response) bool {
				return r.Wave == f.waves[1].ID && (figure.Role == "" && r.Role != program.Comparison || r.Role == figure.Role)
			}
			segment := func(r survey.Response) bool {
				for attribute, value := range figure.Segment {
					if r.Attributes[attribute] != value {
						return false
					}
				}
				return true
			}
			items := scales[figure.Scale]
			if figure.Measure == MeasureENPS {
				items = engagementItems
			}
			here := brute(f.answers, items, reversed, func(r survey.Response) bool { return role(r) && segment(r) })
			others := brute(f.answers, items, reversed, func(r survey.Response) bool { return role(r) && !segment(r) })
			whole := brute(f.answers, items, reversed, role)
			compared[figure.Measure]++
			c := figure.Change
			switch {
			case figure.Unit == UnitIndex:
				a, _ := stats.Summarize(others.scores)
				b, _ := stats.Summarize(here.scores)
				all, _ := stats.Summarize(whole.scores)
				test, err := stats.WelchT(a, b)
				if err != nil {
					t.Fatal(name, err)
				}
				near(t, name+" difference", c.Value, b.Mean-all.Mean)
				near(t, name+" p", c.P, test.P)
				near(t, name+" low", c.Low, test.Difference.Interval.Low*float64(a.N)/float64(all.N))
			case figure.Measure == MeasureENPS:
				near(t, name, c.Value, 100*(float64(here.high-here.low)/float64(here.recommend)-float64(whole.high-whole.low)/float64(whole.recommend)))
			case figure.Unit == UnitShare:
				near(t, name, c.Value, float64(here.favourable)/float64(here.answers)-float64(whole.favourable)/float64(whole.answers))
				want, _ := stats.RiskTest(here.favourable, here.answers, others.favourable, others.answers)
				near(t, name+" p", c.P, want)
			}
			if c.Against != CompareWhole || c.From != f.waves[1].Occurrence {
				t.Errorf("%s is compared with %+v", name, c)
			}
			if c.P != nil {
				p, q = append(p, *c.P), append(q, *c.Q)
			}
		}
		for _, measure := range []string{MeasureEngagement, MeasureFavourability, MeasureENPS, MeasureIntent, MeasureConfidence, MeasureBenefit, MeasureChallenge} {
			if compared[measure] == 0 {
				t.Errorf("by %q: no difference of %s", by, measure)
			}
		}
		want, _ := stats.FalseDiscovery(p)
		if !slices.Equal(q, want) {
			t.Errorf("q over the map %v, want %v", q, want)
		}
	}
}

// TestHeatmapIsOfAClosedWave: while the newest is open the one before it is shown,
// and the open one by name says why not.
func TestHeatmapIsOfAClosedWave(t *testing.T) {
	f := newFixture(t, 3)
	f.population(8, 120)
	f.service.now = func() time.Time { return f.waves[2].Opens.Add(time.Hour) }
	report := f.report(f.service.Heatmap, Query{})
	if report.Wave.Number != 2 {
		t.Errorf("of wave %d", report.Wave.Number)
	}
	shown := 0
	for _, figure := range report.Figures {
		if figure.Wave != f.waves[1].Occurrence {
			t.Errorf("%s is of wave %s", figure.Measure, figure.Wave)
		}
		if figure.Segment != nil && figure.Value != nil {
			shown++
		}
	}
	if shown == 0 {
		t.Error("nothing is shown")
	}
	for _, figure := range f.report(f.service.Heatmap, Query{Wave: "3"}).Figures {
		if figure.Segment != nil && figure.Measure != MeasureResponseRate && code(figure.Withheld) != CodeOpenWave {
			t.Errorf("of the open wave: %+v", figure)
		}
	}
}

func TestHeatmapAgainstTheWaveBefore(t *testing.T) {
	f := newFixture(t, 3)
	f.population(8, 120)
	for compare, from := range map[Comparison]int{ComparePrevious: 1, CompareBaseline: 0, CompareGroup: 2} {
		change := find(t, f.report(f.service.Heatmap, Query{Compare: compare}).Figures, MeasureEngagement, "", "", "IT").Change
		if change == nil || change.Against != compare || change.From != f.waves[from].Occurrence {
			t.Errorf("%s: %+v", compare, change)
		}
	}
}

func TestHeatmapWithoutAttributes(t *testing.T) {
	f := newFixture(t, 1, func(p *program.Program) { p.Attributes = nil })
	f.population(1, 30)
	if report := f.report(f.service.Heatmap, Query{}); code(report.Notice) != CodeNoAttributes {
		t.Errorf("%+v", report.Notice)
	}
}

// TestHeatmapOfOneSegment: the only segment is the whole and differs from nothing.
func TestHeatmapOfOneSegment(t *testing.T) {
	f := newFixture(t, 1)
	for i := range 9 {
		f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", map[uint16]float32{1: float32(1 + i%5), 2: 3, 3: 4, 4: float32(i)})
	}
	f.store()
	figure := find(t, f.report(f.service.Heatmap, Query{}).Figures, MeasureEngagement, "", "", "IT")
	if figure.Value == nil {
		t.Errorf("%+v", figure)
	}
	withheldChange(t, figure, CompareWhole, CodeItself)
}
