package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// TestRiskTest: the physicians' health study (Katz 1978's example, aspirin against
// placebo) has z = -5.00 without correction, so p = 5.7e-7 (Agresti 2002, 3.1.1).
func TestRiskTest(t *testing.T) {
	p, err := RiskTest(104, 11037, 189, 11034)
	if err != nil || math.Abs(p-5.7e-7) > 5e-8 {
		t.Errorf("p %v, %v", p, err)
	}
	for _, all := range []int{0, 7} {
		if _, err := RiskTest(all, 7, all, 7); err == nil {
			t.Errorf("%d of 7 in both groups are tested", all)
		}
	}
	if _, err := RiskTest(0, 0, 1, 2); err == nil {
		t.Error("an empty group is tested")
	}
}

// TestRiskTestIsPearsons: p is that of the chi-squared of the table, whichever
// group comes first and whichever outcome is counted.
func TestRiskTestIsPearsons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 60).Draw(t, "n"), rapid.IntRange(1, 60).Draw(t, "m")
		a, b := rapid.IntRange(0, n).Draw(t, "a"), rapid.IntRange(0, m).Draw(t, "b")
		p, err := RiskTest(a, n, b, m)
		if a+b == 0 || a+b == n+m {
			if err == nil {
				t.Fatal("nothing varies, yet there is a p")
			}
			return
		}
		chi, total := 0.0, float64(n+m)
		for _, cell := range [][3]float64{{float64(a), float64(n), float64(a + b)}, {float64(n - a), float64(n), total - float64(a+b)},
			{float64(b), float64(m), float64(a + b)}, {float64(m - b), float64(m), total - float64(a+b)}} {
			expected := cell[1] * cell[2] / total
			chi += (cell[0] - expected) * (cell[0] - expected) / expected
		}
		if want := (distuv.ChiSquared{K: 1}).Survival(chi); math.Abs(p-want) > 1e-9 {
			t.Fatalf("p %v, Pearson's %v", p, want)
		}
		turned, _ := RiskTest(b, m, a, n)
		others, _ := RiskTest(n-a, n, m-b, m)
		if math.Abs(p-turned) > 1e-12 || math.Abs(p-others) > 1e-12 {
			t.Fatalf("p %v, the groups turned %v, the outcomes turned %v", p, turned, others)
		}
	})
}
