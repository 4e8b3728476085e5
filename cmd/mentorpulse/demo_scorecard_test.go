package main

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"mentorpulse/analytics"
)

// scorecards: the levels of benefits, aims, steps and challenges in every closed
// wave, as the reports have them, are the true ones, department by department;
// and lack of time is a clear warning where the truth has it.
func (h *history) scorecards(t *testing.T, a *app) {
	seen := map[string]int{}
	for wave := 1; wave < h.size.Waves; wave++ { // the last is open
		q := analytics.Query{Program: h.size.id(), Wave: strconv.Itoa(wave), By: attrDepartment, Lang: "en"}
		for _, call := range []func() (*analytics.Report, error){
			func() (*analytics.Report, error) { return a.analytics.Benefits(t.Context(), q) },
			func() (*analytics.Report, error) { return a.analytics.Challenges(t.Context(), q) },
		} {
			report, err := call()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Figures {
				if f.Unit != analytics.UnitIndex || f.Segment == nil || f.Withheld != nil || f.Low == nil || *f.N < 30 {
					continue
				}
				s, _ := h.q.Scale(f.Scale)
				atRisk := h.atRisk(f.Role, f.Segment)
				want := h.truth.scale(s, f.Role, atRisk, float64(wave-1)/float64(h.size.Waves-1))
				se := (*f.High - *f.Low) / (2 * 1.96)
				if math.Abs(*f.Value-want) > 4*se {
					t.Errorf("%s of %s in %v, wave %d: %.1f, true %.1f, standard error %.1f", f.Scale, f.Role, f.Segment, wave, *f.Value, want, se)
				}
				seen[fmt.Sprint(s.Kind)]++
				if f.Scale == "challenge-time" {
					seen[fmt.Sprint(atRisk, f.State, f.Certainty)]++
				}
			}
		}
	}
	if seen["benefit"] < 10 || seen["challenge"] < 5 || seen["step"] < 5 {
		t.Errorf("only %v could be told", seen)
	}
	if seen["truewarningclear"] == 0 || seen["falsebelow"] == 0 || seen["falsewarningclear"] > 0 {
		t.Errorf("lack of time: %v", seen)
	}
}
