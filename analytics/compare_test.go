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

// scoresOf are the engagement scores of a wave, person by person, of whom in
// chooses.
func (f *fixture) scoresOf(wave int, in func(survey.Response) bool) bruteScale {
	return brute(f.answers, engagementItems, engagementReversed, func(r survey.Response) bool { return r.Wave == f.waves[wave].ID && in(r) })
}

func TestFiguresByTwoAttributesAgreeWithBruteForce(t *testing.T) {
	f := newFixture(t, 2)
	f.population(5, 240)
	report := f.report(f.service.Engagement, Query{By: "location, department", Wave: "2"})
	crossed := 0
	for _, figure := range report.Figures {
		if figure.Measure != MeasureEngagement || figure.Segment == nil {
			continue
		}
		if len(figure.Segment) != 2 {
			t.Fatalf("segment %v is not of two attributes", figure.Segment)
		}
		if figure.Withheld != nil {
			continue
		}
		crossed++
		b := f.scoresOf(1, func(r survey.Response) bool {
			return r.Role != program.Comparison && r.Attributes["department"] == figure.Segment["department"] && r.Attributes["location"] == figure.Segment["location"]
		})
		s, _ := stats.Summarize(b.scores)
		near(t, fmt.Sprint(figure.Segment), figure.Value, s.Mean)
		count(t, fmt.Sprint(figure.Segment), figure.N, len(b.scores))
	}
	if crossed != 6 {
		t.Errorf("%d combinations are shown, want 3 departments in 2 locations", crossed)
	}
}

func TestRangeOfWaves(t *testing.T) {
	f := newFixture(t, 4)
	f.population(2, 150)
	for name, test := range map[string]struct {
		waves string
		want  []int // numbers of the waves in the series
		from  int   // the wave compared with
	}{
		"both ends":   {"2..3", []int{2, 3}, 2},
		"dates":       {"2026-01-19..2026-02-02", []int{2, 3}, 2},
		"from a wave": {"3..", []int{3, 4}, 3},
		"up to one":   {"..2", []int{1, 2}, 1},
		"everything":  {"..", []int{1, 2, 3, 4}, 3},
		"one wave":    {"2..2", nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, call := range f.service.reports() {
				report := f.report(call, Query{Wave: test.waves})
				if kind == "heatmap" || kind == "drivers" {
					continue // of one wave, of all together
				}
				var got []int
				for _, figure := range report.Series {
					at := slices.IndexFunc(f.waves, func(w survey.Wave) bool { return w.Occurrence == figure.Wave })
					if !slices.Contains(got, at+1) {
						got = append(got, at+1)
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("%s has a series of waves %v, want %v", kind, got, test.want)
				}
			}
			report := f.report(f.service.Engagement, Query{Wave: test.waves})
			change := find(t, report.Figures, MeasureEngagement, "", "", "").Change
			if want := f.waves[test.from-1].Occurrence; change == nil || change.From != want || change.Against != ComparePrevious {
				t.Errorf("compared with %+v, want wave %s", change, want)
			}
		})
	}
}

func TestChangesAgainstWhatIsAskedFor(t *testing.T) {
	f := newFixture(t, 3)
	f.population(4, 210)
	participants := func(r survey.Response) bool { return r.Role != program.Comparison }
	others := func(r survey.Response) bool { return r.Role == program.Comparison }
	now, first, group := f.scoresOf(2, participants), f.scoresOf(0, participants), f.scoresOf(2, others)

	report := f.report(f.service.Engagement, Query{Wave: "3", Compare: CompareBaseline})
	index := find(t, report.Figures, MeasureEngagement, "", "", "").Change
	var diffs []float64
	for who, score := range now.byPerson {
		if before, ok := first.byPerson[who]; ok {
			diffs = append(diffs, score-before)
		}
	}
	s, _ := stats.Summarize(diffs)
	if index == nil || index.From != f.waves[0].Occurrence || index.Method != "paired" {
		t.Fatalf("compared with the baseline: %+v", index)
	}
	near(t, "change of the index since the baseline", index.Value, s.Mean)
	favourable := find(t, report.Figures, MeasureFavourability, "", "", "").Change
	wanted, _ := stats.RiskDifference(now.favourable, now.answers, first.favourable, first.answers)
	near(t, "change of favourability", favourable.Value, wanted.Value)
	near(t, "its lower end", favourable.Low, wanted.Interval.Low)
	enps := find(t, report.Figures, MeasureENPS, "", "", "").Change
	diffs = nil
	for who, value := range now.recommends {
		if before, ok := first.recommends[who]; ok {
			diffs = append(diffs, value-before)
		}
	}
	s, _ = stats.Summarize(diffs)
	near(t, "change of eNPS", enps.Value, s.Mean)

	report = f.report(f.service.Engagement, Query{Wave: "3", Compare: CompareGroup, By: "department"})
	a, _ := stats.Summarize(group.scores)
	b, _ := stats.Summarize(now.scores)
	test, _ := stats.WelchT(a, b)
	change := find(t, report.Figures, MeasureEngagement, "", "", "").Change
	near(t, "difference from the comparison group", change.Value, test.Difference.Value)
	near(t, "its p", change.P, test.P)
	withheldChange(t, find(t, report.Figures, MeasureEngagement, "", program.Comparison, ""), CompareGroup, CodeItself)
	if change := find(t, report.Figures, MeasureEngagement, "", "", "IT").Change; change == nil || change.Against != CompareGroup || change.Q == nil {
		t.Errorf("a segment is compared with %+v", change)
	}
}

func TestChangeOfTheResponseRate(t *testing.T) {
	f := asked(t, 18)
	second := f.waves[0]
	second.ID, second.Number, second.Occurrence = program.DeriveID("second"), 2, "2026-01-19"
	second.Opens, second.Closes = second.Opens.AddDate(0, 0, 14), second.Closes.AddDate(0, 0, 14)
	f.must(f.surveys.PutWave(t.Context(), second))
	invitations, err := f.surveys.Invitations(t.Context(), f.waves[0])
	f.must(err)
	for i := range invitations {
		invitations[i].Wave = second.ID
	}
	f.must(f.surveys.Invite(t.Context(), invitations))
	f.waves, f.answers = append(f.waves, second), nil
	for i := range 12 {
		f.respond(1, fmt.Sprint("p", i), program.Roles()[i%2], "IT", "Kyiv", map[uint16]float32{1: 3})
	}
	f.store()
	f.service.now = second.Closes.AddDate(0, 0, 7).UTC
	change := find(t, f.report(f.service.Participation, Query{Wave: "2"}).Figures, MeasureResponseRate, "", "", "").Change
	invited := 0
	for _, i := range invitations {
		if i.Role != program.Comparison {
			invited++
		}
	}
	want, _ := stats.RiskDifference(12, invited, 18, invited)
	if change == nil || change.Method != "newcombe" {
		t.Fatalf("change of the response rate: %+v", change)
	}
	near(t, "change of the response rate", change.Value, want.Value)
	f.service.now = second.Opens.UTC
	withheldChange(t, find(t, f.report(f.service.Participation, Query{Wave: "2"}).Figures, MeasureResponseRate, "", "", ""), ComparePrevious, CodeStillOpen)
}

// withheldChange fails unless the change of a figure is nothing but a reason.
func withheldChange(t testing.TB, f Figure, against Comparison, want string) {
	t.Helper()
	c := f.Change
	if c == nil || c.Against != against || c.Method != methodNone || code(c.Withheld) != want || c.Withheld.Reason == "" || c.Withheld.Reason == want {
		t.Errorf("%s of %q %v has the change %+v, want none, as %s", f.Measure, f.Role, f.Segment, c, want)
	} else if c.Value != nil || c.Low != nil || c.High != nil || c.N != nil || c.P != nil || c.Q != nil || c.Effect != nil {
		t.Errorf("%s: a withheld change with numbers: %+v", f.Measure, c)
	}
}

// TestEveryComparisonAskedForIsAnswered: each figure that is shown has a change or
// the reason why not, in every report, whatever it is to be compared with; what is
// withheld has neither.
func TestEveryComparisonAskedForIsAnswered(t *testing.T) {
	f := newFixture(t, 3)
	f.population(4, 210)
	f.service.now = func() time.Time { return f.waves[2].Opens.Add(time.Hour) } // the third is open
	for kind, call := range f.service.reports() {
		for _, against := range Comparisons() {
			for _, q := range []Query{{Compare: against}, {Compare: against, Wave: "1", By: "department", Lang: "uk"}, {Compare: against, Wave: "3"},
				{Compare: against, Wave: "2..", Role: program.Comparison}, {Compare: against, Wave: "2", Role: program.Mentee, By: "department,location"}} {
				for _, figure := range f.report(call, q).Figures {
					c := figure.Change
					switch name := fmt.Sprintf("%s %+v: %s of %q %v", kind, q, figure.Measure, figure.Role, figure.Segment); {
					case figure.Withheld != nil && c != nil:
						t.Errorf("%s is withheld and has the change %+v", name, c)
					case figure.Withheld == nil && c == nil:
						t.Errorf("%s has no change and no reason", name)
					case c == nil:
					case c.Against != against || (c.Withheld == nil) != (c.Value != nil || c.NoTest != nil):
						t.Errorf("%s has the change %+v", name, c)
					case c.Method == methodNone:
						withheldChange(t, figure, against, c.Withheld.Code)
					}
				}
			}
		}
	}
}

// TestWhyNothingIsCompared names the reasons.
func TestWhyNothingIsCompared(t *testing.T) {
	f := newFixture(t, 2)
	for i := range 24 { // there is no comparison group
		for w := range 2 {
			f.respond(w, fmt.Sprint(i), program.Roles()[i%2], "IT", "Kyiv", map[uint16]float32{1: float32(1 + i%5), 2: 3, 3: float32(1 + (i+w)%5), 4: float32(i % 11)})
		}
	}
	f.store()
	for name, test := range map[string]struct {
		query   Query
		measure string
		against Comparison
		want    string
	}{
		"the first wave, unasked":      {Query{Wave: "1"}, MeasureEngagement, ComparePrevious, CodeNoEarlier},
		"the first wave has no before": {Query{Wave: "1", Compare: ComparePrevious}, MeasureFavourability, ComparePrevious, CodeNoEarlier},
		"the first is the baseline":    {Query{Wave: "1", Compare: CompareBaseline}, MeasureENPS, CompareBaseline, CodeNoEarlier},
		"nobody to compare with":       {Query{Compare: CompareGroup}, MeasureEngagement, CompareGroup, CodeNotCompared},
		"alpha is not compared":        {Query{Compare: ComparePrevious}, MeasureAlpha, ComparePrevious, CodeUncompared},
	} {
		t.Run(name, func(t *testing.T) {
			withheld := find(t, f.report(f.service.Engagement, test.query).Figures, test.measure, "", "", "")
			if test.want == CodeNotCompared && withheld.Change != nil && withheld.Change.Withheld != nil {
				withheld.Change.Method = methodNone // of a test that was not made
			}
			withheldChange(t, withheld, test.against, test.want)
		})
	}
	if figure := find(t, f.report(f.service.Engagement, Query{}).Figures, MeasureAlpha, "", "", ""); figure.Change != nil {
		t.Errorf("nothing was asked of alpha: %+v", figure.Change)
	}
}
