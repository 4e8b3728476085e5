package analytics

import (
	"fmt"
	"testing"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// TestENPSIsComparedPersonByPerson where the same people answered the question in
// both waves, or so many did not that it gives nobody away, whoever answered the
// scale beside it; else as two independent groups.
func TestENPSIsComparedPersonByPerson(t *testing.T) {
	for name, test := range map[string]struct {
		skips     func(wave, person int) bool // the question; the scale is answered by all
		anonymous bool
		unpaired  string
		withheld  string // as a change of the scale would be
	}{
		"everybody":            {skips: func(int, int) bool { return false }},
		"one came":             {skips: func(w, i int) bool { return w == 0 && i == 3 }, withheld: CodeMembership},
		"six went":             {skips: func(w, i int) bool { return w == 1 && i < 6 }},
		"hardly any did twice": {skips: func(w, i int) bool { return (i < 14) == (w == 1) && i < 27 }, unpaired: CodeUnpairedCombined},
		"nobody can be told":   {skips: func(int, int) bool { return false }, anonymous: true, unpaired: CodeUnpairedAnonymous},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 2, func(p *program.Program) {
				if test.anonymous {
					p.Policy = program.Anonymous
				}
			})
			for i := range 30 {
				for w := range 2 {
					answers := map[uint16]float32{4: float32((i*7 + w*(i%4) + i/5) % 11)}
					if test.skips(w, i) {
						delete(answers, 4)
					}
					for _, n := range engagementItems {
						answers[n] = float32(1 + (i+int(n)+w)%5)
					}
					f.respond(w, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", answers)
				}
			}
			f.store()
			var waves [2]bruteScale
			var all [2][]float64
			for w := range waves {
				waves[w] = f.scoresOf(w, func(survey.Response) bool { return true })
				for _, value := range waves[w].recommends {
					all[w] = append(all[w], value)
				}
			}
			var diffs []float64
			for who, value := range waves[1].recommends {
				if before, both := waves[0].recommends[who]; both {
					diffs = append(diffs, value-before)
				}
			}
			then, _ := stats.Summarize(all[0])
			now, _ := stats.Summarize(all[1])
			diff, _ := stats.Summarize(diffs)
			method := "paired"
			want, err := stats.PairedT(diff)
			if test.unpaired != "" {
				method = "welch"
				want, err = stats.WelchT(then, now)
			}
			f.must(err)
			figure := find(t, f.report(f.service.Engagement, Query{Wave: "2"}).Figures, MeasureENPS, "", program.Mentor, "")
			c := figure.Change
			if test.withheld != "" {
				if c == nil || c.Value != nil || c.P != nil || code(c.Withheld) != test.withheld {
					t.Errorf("change %+v, want none, as %s", c, test.withheld)
				}
				return
			}
			if c == nil || c.Withheld != nil || c.Method != method || code(c.Unpaired) != test.unpaired || c.Q == nil {
				t.Fatalf("change %+v, want %s, unpaired %q", c, method, test.unpaired)
			}
			near(t, "change", c.Value, want.Difference.Value)
			near(t, "low", c.Low, want.Difference.Interval.Low)
			near(t, "p", c.P, want.P)
			count(t, "people", c.N, want.Difference.N)
		})
	}
}
