package stats

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestPairedSharesArePublished: complete response before and after consolidation
// therapy (Cavo et al. 2012), as in Fagerland, Lydersen & Laake (2017, chapter 8):
// before − after −.0621 (−.1186 to −.0046).
func TestPairedSharesArePublished(t *testing.T) {
	got, err := PairedShares(59, 6, 16, 80)
	if err != nil {
		t.Fatal(err)
	}
	d := got.Difference
	if math.Abs(d.Value-.0621) > 5e-5 || math.Abs(d.Interval.Low-.0046) > 5e-5 || math.Abs(d.Interval.High-.1186) > 5e-5 || d.N != 161 {
		t.Errorf("difference %v, %+v of %d", d.Value, d.Interval, d.N)
	}
	if math.Abs(got.P-.0525) > 5e-5 { // 2·P(X ≤ 6) of 22 by halves
		t.Errorf("p %v", got.P)
	}
}

// TestPairedShares: p agrees with summing the binomial term by term; exchanging the
// two occasions, or what holds for what does not, turns the sign; the interval
// holds the difference and lies within ±1.
func TestPairedShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) int { return rapid.IntRange(0, 40).Draw(t, name) }
		a, b, c, d := draw("both"), draw("first"), draw("second"), draw("neither")
		got, err := PairedShares(a, b, c, d)
		if a+b+c+d == 0 {
			if !errors.Is(err, ErrTooFew) {
				t.Fatal(err)
			}
			return
		}
		e := got.Difference
		if err != nil || e.Interval.Low > e.Value || e.Interval.High < e.Value || e.Interval.Low < -1-1e-12 || e.Interval.High > 1+1e-12 {
			t.Fatalf("%v: %v in %+v", err, e.Value, e.Interval)
		}
		sum, term := 0.0, math.Pow(.5, float64(b+c))
		for i := range b + c + 1 {
			if i <= min(b, c) {
				sum += term
			}
			term *= float64(b+c-i) / float64(i+1)
		}
		if want := min(1, 2*sum); math.Abs(got.P-want) > 1e-9 {
			t.Fatalf("p %v, want %v", got.P, want)
		}
		for _, other := range [][4]int{{a, c, b, d}, {d, c, b, a}} {
			turned, _ := PairedShares(other[0], other[1], other[2], other[3])
			if math.Abs(turned.Difference.Value+e.Value) > 1e-12 || math.Abs(turned.Difference.Interval.Low+e.Interval.High) > 1e-9 || math.Abs(turned.P-got.P) > 1e-12 {
				t.Fatalf("%v gives %+v, turned %+v", []int{a, b, c, d}, e, turned.Difference)
			}
		}
		// What goes together tells more than what does not.
		apart, _ := RiskDifference(a+c, a+b+c+d, a+b, a+b+c+d)
		if a*d > b*c && e.Interval.High-e.Interval.Low > apart.Interval.High-apart.Interval.Low+1e-12 {
			t.Fatalf("%+v is wider than %+v", e.Interval, apart.Interval)
		}
	})
}
