package main

import (
	"math"
	"testing"
	"time"

	"mentorpulse/analytics"
)

// The demonstration has something to show of how far apart the two of a pair are:
// all classes of the scales, and of the goals, which most pairs rate alike, what
// it looks like when classes are hidden together.
func TestDemoShowsHowFarApartPairsAre(t *testing.T) {
	a := testApp(t)
	made(t, a, defaultDemo(), time.Now())
	out, err := analytics.NewPairs(a.analytics, a.pulse).Report(t.Context(), analytics.PairsQuery{Program: defaultDemo().id(), Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	for _, f := range out.Gaps {
		if f.Level != "" && f.Value != nil {
			sums[f.Measure+" "+f.Scale] += *f.Value
		}
	}
	for _, gap := range []string{"pairs.gap engagement", "pairs.gap intent-to-stay"} {
		if math.Abs(sums[gap]-1) > 1e-9 {
			t.Errorf("the shares of %s add up to %v", gap, sums[gap])
		}
	}
	if alike := sums["pairs.goals-gap "]; alike < .5 || alike > .9 {
		t.Errorf("the share of pairs that rate their goals alike is shown as %v", alike)
	}
}
