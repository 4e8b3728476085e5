package analytics

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// ratedTwice is a fixture of two waves in which pairs rate two goals each; skips
// says who leaves out which goal in a wave.
func ratedTwice(t *testing.T, pairs int, skips func(wave, pair, goal int) bool, change ...func(*program.Program)) (f *fixture, level func(wave, pair, goal int) int8) {
	t.Helper()
	f = newFixture(t, 2, change...)
	level = func(wave, pair, goal int) int8 { return int8((pair*(goal+2)+wave*(pair%3)+pair/4)%5 - 2) }
	var roster program.Snapshot
	for i := range pairs {
		pair := program.PairID(f.program.ID, program.DeriveID("mentor", fmt.Sprint(i)), program.DeriveID("mentee", fmt.Sprint(i)))
		for g := range 2 {
			code := fmt.Sprint(g + 1)
			roster.Goals = append(roster.Goals, program.Goal{ID: program.GoalID(pair, code), ProgramID: f.program.ID, Pair: pair, Code: code, Title: "T", Weight: 1, Baseline: -1})
		}
		for w := range 2 {
			f.respond(w, fmt.Sprint("mentor", i), program.Mentor, []string{"IT", "HR"}[i%2], "Kyiv", nil, func(r *survey.Response) {
				for g := range 2 {
					if !skips(w, i, g) {
						r.Stored.Goals, r.Stored.Ratings = append(r.Stored.Goals, roster.Goals[2*i+g].ID), append(r.Stored.Ratings, level(w, i, g))
					}
				}
			})
		}
	}
	f.must(f.programs.Put(context.Background(), roster))
	f.store()
	return f, level
}

// TestShareOfGoalsMetIsComparedGoalByGoal where the same people rated the same
// goals, or so many did not that it gives nobody away; else as independent shares.
func TestShareOfGoalsMetIsComparedGoalByGoal(t *testing.T) {
	for name, test := range map[string]struct {
		skips     func(wave, pair, goal int) bool
		anonymous bool
		method    string
		unpaired  string // why not of the same goals
	}{
		"everybody, everything":         {func(int, int, int) bool { return false }, false, "paired", ""},
		"one pair leaves out a goal":    {func(w, pair, g int) bool { return w == 1 && pair == 3 && g == 1 }, false, "newcombe", CodeUnpairedCombined},
		"four came anew":                {func(w, pair, _ int) bool { return w == 0 && pair < 4 }, false, "newcombe", CodeUnpairedCombined},
		"six went, enough not to tell":  {func(w, pair, _ int) bool { return w == 1 && pair < 6 }, false, "paired", ""},
		"six rate another goal":         {func(w, pair, g int) bool { return w == 1 && pair < 6 && g == 1 }, false, "paired", ""},
		"hardly any rate the same":      {func(w, pair, _ int) bool { return (pair < 14) == (w == 1) && pair < 27 }, false, "newcombe", CodeUnpairedCombined},
		"nobody can be told over waves": {func(int, int, int) bool { return false }, true, "newcombe", CodeUnpairedAnonymous},
	} {
		t.Run(name, func(t *testing.T) {
			f, level := ratedTwice(t, 30, test.skips, func(p *program.Program) {
				if test.anonymous {
					p.Policy = program.Anonymous
				}
			})
			var then, now, rated [2]int // of all, of those who rated the same
			var table [4]int
			met := func(w, pair, g int) int {
				if level(w, pair, g) >= 0 {
					return 1
				}
				return 0
			}
			for pair := range 30 {
				same := true
				for g := range 2 {
					same = same && test.skips(0, pair, g) == test.skips(1, pair, g)
				}
				for g := range 2 {
					for w, into := range []*[2]int{&then, &now} {
						if !test.skips(w, pair, g) {
							into[0] += met(w, pair, g)
							into[1]++
						}
					}
					if same && !test.skips(0, pair, g) {
						rated[0]++
						table[3-2*met(0, pair, g)-met(1, pair, g)]++ // both, first, second, neither
					}
				}
			}
			report := f.report(f.service.Goals, Query{Wave: "2"})
			goalScoresCompared(t, find(t, report.Figures, MeasureGoals, "", program.Mentor, ""), test.method == "paired", test.unpaired, test.skips, level)
			figure := find(t, report.Figures, MeasureExpected, "", program.Mentor, "")
			c := figure.Change
			if c == nil || c.Method != test.method || c.Withheld != nil || c.Against != ComparePrevious || c.From != f.waves[0].Occurrence || c.Q == nil {
				t.Fatalf("change %+v, want %s", c, test.method)
			}
			if code(c.Unpaired) != test.unpaired {
				t.Errorf("unpaired %+v, want %q", c.Unpaired, test.unpaired)
			}
			if test.method == "paired" {
				want, _ := stats.PairedShares(table[0], table[1], table[2], table[3])
				near(t, "change", c.Value, want.Difference.Value)
				near(t, "low", c.Low, want.Difference.Interval.Low)
				near(t, "high", c.High, want.Difference.Interval.High)
				near(t, "p", c.P, want.P)
				count(t, "goals", c.N, rated[0])
				return
			}
			want, _ := stats.RiskDifference(now[0], now[1], then[0], then[1])
			near(t, "change", c.Value, want.Value)
			near(t, "low", c.Low, want.Interval.Low)
			count(t, "goals of both", c.N, want.N)
		})
	}
}

// goalScoresCompared checks the change of the score of 30 pairs of ratedTwice: of
// those whose same goals were rated in both waves, or of all as independent.
func goalScoresCompared(t *testing.T, figure Figure, paired bool, unpaired string, skips func(wave, pair, goal int) bool, level func(wave, pair, goal int) int8) {
	t.Helper()
	score := func(w, pair int) (float64, bool) { // all weights are 1
		n, sum := 0., 0.
		for g := range 2 {
			if !skips(w, pair, g) {
				n, sum = n+1, sum+float64(level(w, pair, g))
			}
		}
		return 50 + 10*sum/math.Sqrt(.7*n+.3*n*n), n > 0
	}
	var then, now, first, second, diffs []float64
	for pair := range 30 {
		was, ratedThen := score(0, pair)
		is, ratedNow := score(1, pair)
		if ratedThen {
			then = append(then, was)
		}
		if ratedNow {
			now = append(now, is)
		}
		if ratedThen && ratedNow && skips(0, pair, 1) == skips(1, pair, 1) {
			first, second, diffs = append(first, was), append(second, is), append(diffs, is-was)
		}
	}
	sample := func(values []float64) stats.Sample {
		s, err := stats.Summarize(values)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	c, method := figure.Change, map[bool]string{true: "paired", false: "welch"}[paired]
	if c == nil || c.Method != method || c.Withheld != nil || c.Q == nil || code(c.Unpaired) != unpaired {
		t.Fatalf("change of the score %+v, want %s, unpaired %q", c, method, unpaired)
	}
	want, err := stats.WelchT(sample(then), sample(now))
	if paired {
		want, err = stats.PairedT(sample(diffs))
		if effect, err := stats.HedgesAverage(sample(first), sample(second), sample(diffs)); c.NoEffect == nil {
			near(t, "effect", c.Effect, effect.Value)
		} else if code(c.NoEffect) != CodeCombined || err != nil {
			t.Errorf("no effect: %+v, %v", c.NoEffect, err)
		}
		if !strings.HasSuffix(Reading("en", figure), fmt.Sprintf("the %d pairs whose goals the same people rated in both waves.", len(diffs))) {
			t.Errorf("read as %q", Reading("en", figure))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	near(t, "change of the score", c.Value, want.Difference.Value)
	near(t, "low", c.Low, want.Difference.Interval.Low)
	near(t, "p", c.P, want.P)
	count(t, "pairs", c.N, want.Difference.N)
}

// TestChangesOfGoalsOfSegments: goal by goal only where the same people rated the
// same in both waves.
func TestChangesOfGoalsOfSegments(t *testing.T) {
	f, _ := ratedTwice(t, 40, func(w, pair, _ int) bool { return w == 1 && pair < 14 && pair%2 == 0 }) // seven of IT went
	report := f.report(f.service.Goals, Query{Wave: "2", By: "department", Compare: CompareBaseline})
	for value, want := range map[string]string{"": "paired", "HR": "paired", "IT": "newcombe"} {
		if c := find(t, report.Figures, MeasureExpected, "", program.Mentor, value).Change; c == nil || c.Method != want || c.Against != CompareBaseline || c.Value == nil {
			t.Errorf("%q: change %+v, want %s", value, c, want)
		}
	}
	withheldChange(t, find(t, report.Figures, MeasureGoalsChange, "", program.Mentor, ""), CompareBaseline, CodeUncompared)
	report = f.report(f.service.Goals, Query{Compare: CompareGroup})
	withheldChange(t, find(t, report.Figures, MeasureExpected, "", program.Mentor, ""), CompareGroup, CodeNoComparison)
	withheldChange(t, find(t, report.Figures, MeasureGoals, "", program.Mentor, ""), CompareGroup, CodeNoComparison)
}

// TestGoalsAreNotOfTheComparisonGroup, and the report says so instead of showing
// how far mentors and mentees agree.
func TestGoalsAreNotOfTheComparisonGroup(t *testing.T) {
	f, _ := ratedTwice(t, 30, func(int, int, int) bool { return false })
	report := f.report(f.service.Goals, Query{Role: program.Comparison})
	if code(report.Notice) != CodeNotInProgramme || report.Wave == nil || len(report.Figures)+len(report.Series) > 0 {
		t.Errorf("%+v", report)
	}
}
