package stats

import (
	"errors"
	"math"
	"testing"
)

// TestDifferenceOfIsPublished: 56/70 and 48/80 (Newcombe 1998) differ by .2000,
// .0524 to .3339, and 9/10 and 3/10 by .6, .1705 to .8090.
func TestDifferenceOfIsPublished(t *testing.T) {
	for _, test := range []struct {
		a, n, b, m       int
		value, low, high float64
	}{{56, 70, 48, 80, .2, .0524, .3339}, {9, 10, 3, 10, .6, .1705, .8090}} {
		a, b := must[Estimate](t)(Proportion(test.a, test.n)), must[Estimate](t)(Proportion(test.b, test.m))
		got := DifferenceOf(a, b)
		if math.Abs(got.Value-test.value) > 1e-9 || math.Abs(got.Interval.Low-test.low) > 5e-5 || math.Abs(got.Interval.High-test.high) > 5e-5 || got.N != test.n+test.m {
			t.Errorf("%+v, %+v", got, got.Interval)
		}
		back := DifferenceOf(b, a)
		if math.Abs(back.Interval.Low+got.Interval.High) > 1e-12 {
			t.Errorf("turned: %+v", back.Interval)
		}
		a.Interval, a.NoInterval = nil, ErrConstant
		if none := DifferenceOf(b, a); none.Interval != nil || !errors.Is(none.NoInterval, ErrConstant) || none.Value != -got.Value {
			t.Errorf("without one: %+v", none)
		}
	}
}
