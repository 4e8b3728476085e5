package analytics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// bruteScale computes from the rows, one by one, what the report computes from
// the store's sums. It shares nothing with it but the definition.
type bruteScale struct {
	scores               []float64
	byPerson, recommends map[string]float64
	favourable, answers  int
	complete             [][]float64
	high, low, recommend int
	submitted            int
}

func brute(answers []survey.Response, items []uint16, reversed map[uint16]bool, in func(survey.Response) bool) bruteScale {
	b := bruteScale{byPerson: map[string]float64{}, recommends: map[string]float64{}}
	for _, r := range answers {
		if !r.Final || !in(r) {
			continue
		}
		b.submitted++
		var keyed []float64
		for _, want := range items {
			for i, item := range r.Stored.Items {
				if item == want {
					v := float64(r.Stored.Values[i])
					if reversed[item] {
						v = 6 - v
					}
					keyed = append(keyed, v)
				}
			}
		}
		sum := 0.0
		for _, v := range keyed {
			sum += v
			b.answers++
			if v >= 4 {
				b.favourable++
			}
		}
		if len(keyed) > 0 && 2*len(keyed) >= len(items) {
			score := 100 * (sum/float64(len(keyed)) - 1) / 4
			b.scores = append(b.scores, score)
			b.byPerson[r.Respondent.String()] = score
		}
		if len(keyed) == len(items) {
			b.complete = append(b.complete, keyed)
		}
		for i, item := range r.Stored.Items {
			if item == 4 {
				b.recommend++
				b.recommends[r.Respondent.String()] = 0
				if r.Stored.Values[i] >= 9 {
					b.high++
					b.recommends[r.Respondent.String()] = 100
				} else if r.Stored.Values[i] <= 6 {
					b.low++
					b.recommends[r.Respondent.String()] = -100
				}
			}
		}
	}
	return b
}

func bruteAlpha(rows [][]float64) float64 {
	k := len(rows[0])
	variance := func(x []float64) float64 {
		mean, sum := 0.0, 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			sum += (v - mean) * (v - mean)
		}
		return sum / float64(len(x)-1)
	}
	total, items := make([]float64, len(rows)), 0.0
	for j := range k {
		column := make([]float64, len(rows))
		for i, row := range rows {
			column[i] = row[j]
			total[i] += row[j]
		}
		items += variance(column)
	}
	return float64(k) / float64(k-1) * (1 - items/variance(total))
}

var engagementItems, engagementReversed = []uint16{1, 2, 3}, map[uint16]bool{2: true}

func TestEngagementAgreesWithBruteForce(t *testing.T) {
	f := newFixture(t, 3)
	f.population(1, 150)
	for _, by := range []string{"", "department"} {
		report := f.report(f.service.Engagement, Query{By: by})
		for w, wave := range f.waves {
			for _, figure := range report.Series {
				if figure.Wave != wave.Occurrence {
					continue
				}
				b := brute(f.answers, engagementItems, engagementReversed, func(r survey.Response) bool {
					role := figure.Role == "" && r.Role != program.Comparison || r.Role == figure.Role
					return r.Wave == wave.ID && role && (figure.Segment == nil || r.Attributes["department"] == figure.Segment["department"])
				})
				name := fmt.Sprint(figure.Measure, " ", w, figure.Role, figure.Segment)
				if figure.Withheld != nil {
					t.Errorf("%s is withheld: %s", name, figure.Withheld.Code)
					continue
				}
				switch figure.Measure {
				case MeasureEngagement:
					s, _ := stats.Summarize(b.scores)
					e, _ := stats.Mean(s)
					near(t, name, figure.Value, e.Value)
					near(t, name, figure.Low, e.Interval.Low)
					count(t, name, figure.N, len(b.scores))
				case MeasureFavourability:
					near(t, name, figure.Value, float64(b.favourable)/float64(b.answers))
					count(t, name, figure.N, b.answers)
				case MeasureENPS:
					near(t, name, figure.Value, 100*float64(b.high-b.low)/float64(b.recommend))
					count(t, name, figure.N, b.recommend)
				case MeasureAlpha:
					near(t, name, figure.Value, bruteAlpha(b.complete))
					count(t, name, figure.N, len(b.complete))
				}
			}
		}
	}
}

func TestEngagementChangeIsPairedByRespondent(t *testing.T) {
	f := newFixture(t, 2)
	f.population(3, 180)
	report := f.report(f.service.Engagement, Query{Wave: "latest", By: "location"})
	if report.Series != nil || report.Wave.Number != 2 {
		t.Errorf("a chosen wave has no series: %d, wave %+v", len(report.Series), report.Wave)
	}
	compared := 0
	for _, figure := range report.Figures {
		if figure.Measure != MeasureEngagement {
			continue
		}
		in := func(wave int) map[string]float64 {
			return brute(f.answers, engagementItems, engagementReversed, func(r survey.Response) bool {
				role := figure.Role == "" && r.Role != program.Comparison || r.Role == figure.Role
				return r.Wave == f.waves[wave].ID && role && (figure.Segment == nil || r.Attributes["location"] == figure.Segment["location"])
			}).byPerson
		}
		then, now := in(0), in(1)
		var diffs []float64
		different := 0
		for who, score := range now {
			if before, ok := then[who]; ok {
				diffs = append(diffs, score-before)
			} else {
				different++
			}
		}
		for who := range then {
			if _, ok := now[who]; !ok {
				different++
			}
		}
		name := fmt.Sprint(figure.Role, figure.Segment)
		if figure.Change == nil {
			t.Fatalf("%s has no change", name)
		}
		if different > 0 && different < 5 {
			if figure.Change.Withheld == nil {
				t.Errorf("%s: %d people are in one wave only, yet the change is shown", name, different)
			}
			continue
		}
		compared++
		s, _ := stats.Summarize(diffs)
		test, _ := stats.PairedT(s)
		people := len(diffs)
		if figure.Segment != nil && different > 0 { // only the levels, which are shown
			a, _ := stats.Summarize(slices.Collect(maps.Values(then)))
			b, _ := stats.Summarize(slices.Collect(maps.Values(now)))
			test, _ = stats.WelchT(a, b)
			people = len(then) + len(now)
		}
		near(t, name, figure.Change.Value, test.Difference.Value)
		near(t, name, figure.Change.P, test.P)
		near(t, name, figure.Change.High, test.Difference.Interval.High)
		count(t, name, figure.Change.N, people)
		if figure.Change.Q == nil || *figure.Change.Q < *figure.Change.P {
			t.Errorf("%s: q %v below p %v", name, figure.Change.Q, *figure.Change.P)
		}
	}
	if compared < 3 {
		t.Errorf("only %d changes were compared", compared)
	}
}

func TestEngagementChangeIsWelchWhenAnonymous(t *testing.T) {
	f := newFixture(t, 2, func(p *program.Program) { p.Policy = program.Anonymous })
	f.population(3, 90)
	report := f.report(f.service.Engagement, Query{})
	change := find(t, report.Figures, MeasureEngagement, "", "", "").Change
	scores := func(wave int) stats.Sample {
		s, _ := stats.Summarize(brute(f.answers, engagementItems, engagementReversed, func(r survey.Response) bool {
			return r.Wave == f.waves[wave].ID && r.Role != program.Comparison
		}).scores)
		return s
	}
	want, _ := stats.WelchT(scores(0), scores(1))
	near(t, "p", change.P, want.P)
	near(t, "difference", change.Value, want.Difference.Value)
	if change.Method != "welch" {
		t.Errorf("method %s", change.Method)
	}
}

func TestEngagementOfDegenerateData(t *testing.T) {
	same := func(n int) func(*fixture) {
		return func(f *fixture) {
			for i := range n {
				f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", map[uint16]float32{1: 4, 2: 2, 3: 4, 4: 9})
			}
		}
	}
	for name, test := range map[string]struct {
		fill func(*fixture)
		want map[string]string // measure: code of why, of the value or else of the interval
	}{
		"nobody":            {func(*fixture) {}, map[string]string{MeasureEngagement: CodeNoAnswers, MeasureENPS: CodeNoAnswers}},
		"one respondent":    {same(1), map[string]string{MeasureEngagement: CodeTooFew, MeasureAlpha: CodeTooFew, MeasureENPS: CodeTooFew}},
		"four":              {same(4), map[string]string{MeasureEngagement: CodeTooFew}},
		"everyone the same": {same(6), map[string]string{MeasureEngagement: CodeConstant, MeasureFavourability: "", MeasureAlpha: CodeConstant, MeasureOmega: CodeConstant, MeasureENPS: ""}},
		"no answer in any response": {func(f *fixture) {
			for i := range 7 {
				f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", nil)
			}
		}, map[string]string{MeasureEngagement: CodeTooFew, MeasureFavourability: CodeTooFew, MeasureENPS: CodeTooFew}},
		"drafts only": {func(f *fixture) {
			for i := range 7 {
				f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", map[uint16]float32{1: 4}, func(r *survey.Response) { r.Final = false })
			}
		}, map[string]string{MeasureEngagement: CodeNoAnswers}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1)
			test.fill(f)
			f.store()
			report := f.report(f.service.Engagement, Query{Wave: "1"})
			for measure, want := range test.want {
				figure, got := find(t, report.Figures, measure, "", "", ""), ""
				switch {
				case figure.Withheld != nil:
					got = figure.Withheld.Code
					if figure.Value != nil || figure.N != nil || figure.Low != nil || figure.Withheld.Reason == "" {
						t.Errorf("%s is withheld and says %v, n %v, reason %q", measure, figure.Value, figure.N, figure.Withheld.Reason)
					}
				case figure.NoInterval != nil:
					got = figure.NoInterval.Code
				}
				if got != want {
					t.Errorf("%s: %q, want %q", measure, got, want)
				}
			}
		})
	}
}

func TestSampleOfEqualNumbersHasNoVariance(t *testing.T) {
	x := 100.0 / 3
	sum, squares := 0.0, 0.0
	for range 1_000_000 {
		sum, squares = sum+x, squares+x*x
	}
	if s := sampleOf(1_000_000, sum, squares); s.Variance != 0 || math.Abs(s.Mean-x) > 1e-6 {
		t.Errorf("%+v", s)
	}
}
