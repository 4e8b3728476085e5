package analytics

import (
	"fmt"
	"slices"
	"testing"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// TestTrends: every wave of the range in the series, and the change from its first.
func TestTrends(t *testing.T) {
	f := newFixture(t, 4)
	f.population(9, 210)
	for waves, want := range map[string]struct{ first, last int }{"": {0, 3}, "2..3": {1, 2}, "4": {0, 3}} {
		report := f.report(f.service.Trends, Query{Wave: waves})
		for _, role := range []program.Role{"", program.Mentee, program.Comparison} {
			in := func(wave int) bruteScale {
				return f.scoresOf(wave, func(r survey.Response) bool {
					return role == "" && r.Role != program.Comparison || r.Role == role
				})
			}
			figure := find(t, report.Figures, MeasureEngagement, f.waves[want.last].Occurrence, role, "")
			now, then := in(want.last), in(want.first)
			s, _ := stats.Summarize(now.scores)
			near(t, waves, figure.Value, s.Mean)
			if figure.Change == nil || figure.Change.From != f.waves[want.first].Occurrence || figure.Change.Method != "paired" {
				t.Fatalf("%q: change %+v", waves, figure.Change)
			}
			var diffs []float64
			for who, score := range now.byPerson {
				if before, ok := then.byPerson[who]; ok {
					diffs = append(diffs, score-before)
				}
			}
			if d, _ := stats.Summarize(diffs); figure.Change.Withheld == nil {
				near(t, waves+" change", figure.Change.Value, d.Mean)
			}
			for w, wave := range f.waves {
				inSeries := slices.ContainsFunc(report.Series, func(f Figure) bool {
					return f.Measure == MeasureEngagement && f.Role == role && f.Wave == wave.Occurrence
				})
				if wanted := waves != "4" && w >= want.first && w <= want.last; inSeries != wanted {
					t.Errorf("%q: wave %d in the series: %v", waves, w+1, inSeries)
				}
			}
		}
		for _, measure := range []string{MeasureResponseRate, MeasureFavourability, MeasureENPS, MeasureConfidence, MeasureIntent, MeasureGoals, MeasureChallenge} {
			if !slices.ContainsFunc(report.Figures, func(f Figure) bool { return f.Measure == measure }) {
				t.Errorf("%q: no %s", waves, measure)
			}
		}
	}
}

// TestTrendOfGoals: pairs with one goal each, rated in two waves.
func TestTrendOfGoals(t *testing.T) {
	f := newFixture(t, 2)
	var roster program.Snapshot
	scores := make([][]float64, 2)
	for i := range 12 {
		pair := program.DeriveID("pair", fmt.Sprint(i))
		goal := program.Goal{ID: program.GoalID(pair, "1"), ProgramID: f.program.ID, Pair: pair, Code: "1", Title: "T", Weight: 1, Baseline: -2}
		roster.Goals = append(roster.Goals, goal)
		for w := range f.waves {
			level := int8(w*(1+i%2) + i%3 - 2)
			score, err := stats.GoalScore([]stats.Goal{{Weight: 1, Level: float64(level)}})
			f.must(err)
			scores[w] = append(scores[w], score)
			f.respond(w, fmt.Sprint(i), program.Mentor, []string{"IT", "HR"}[i%2], "Kyiv", nil, func(r *survey.Response) {
				r.Stored.Goals, r.Stored.Ratings = append(r.Stored.Goals, goal.ID), append(r.Stored.Ratings, level)
			})
		}
	}
	f.must(f.programs.Put(t.Context(), roster))
	f.store()
	figure := find(t, f.report(f.service.Trends, Query{}).Figures, MeasureGoals, f.waves[1].Occurrence, program.Mentor, "")
	now, _ := stats.Summarize(scores[1])
	for i := range scores[1] {
		scores[1][i] -= scores[0][i]
	}
	diff, _ := stats.Summarize(scores[1])
	test, _ := stats.PairedT(diff)
	near(t, "T", figure.Value, now.Mean)
	if figure.Change == nil || figure.Change.From != f.waves[0].Occurrence {
		t.Fatalf("change %+v", figure.Change)
	}
	near(t, "change", figure.Change.Value, test.Difference.Value)
	near(t, "p", figure.Change.P, test.P)
	cell := find(t, f.report(f.service.Heatmap, Query{}).Figures, MeasureGoals, f.waves[1].Occurrence, program.Mentor, "HR")
	if cell.Change == nil || cell.Change.Against != CompareWhole {
		t.Fatalf("cell %+v", cell)
	}
	near(t, "difference from the whole", cell.Change.Value, *cell.Value-now.Mean)
}

// TestTrendOfScalesAskedInTurn has a series of the waves that asked, and says so of
// a range in which none did.
func TestTrendOfScalesAskedInTurn(t *testing.T) {
	f := newFixture(t, 5)
	f.asks("turns", turnsQuestionnaire)
	for _, w := range []int{0, 4} {
		f.turn(w, 9, program.Mentor, 21, 22)
	}
	f.store()
	report := f.report(f.service.Trends, Query{})
	var waves []string
	for _, figure := range report.Series {
		if figure.Measure == MeasureChallenge {
			waves = append(waves, figure.Wave)
		}
	}
	if want := []string{f.waves[0].Occurrence, f.waves[4].Occurrence}; !slices.Equal(waves, want) {
		t.Errorf("series of %v, want %v", waves, want)
	}
	if figure := ofScale(t, report.Figures, MeasureChallenge, "power", program.Mentor); figure.Change == nil || figure.Change.From != f.waves[0].Occurrence || figure.State == "" {
		t.Errorf("%+v", figure)
	}
	if figure := ofScale(t, f.report(f.service.Trends, Query{Wave: "2..4"}).Figures, MeasureChallenge, "power", program.Mentor); code(figure.Withheld) != CodeNotMeasured {
		t.Errorf("%+v", figure)
	}
}
