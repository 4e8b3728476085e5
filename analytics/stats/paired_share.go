package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// PairedShares compares two shares of the same n cases, from the four counts of
// what held of them: in both, in the first only, in the second only, in neither.
// The difference is second − first, −1…1, with the square-and-add interval that
// allows for the correlation of the two (Newcombe 1998b, method 10); p is that of
// the exact test on the cases that changed (McNemar 1947), two-sided and 1 when
// none did. N is the cases. The interval always exists. ErrTooFew without cases.
func PairedShares(both, first, second, neither int) (TTest, error) {
	n := both + first + second + neither
	if err := checkCounts("cases that held in both, first, second, neither", both, first, second, neither); err != nil {
		return TTest{}, err
	}
	if n == 0 {
		return TTest{}, tooFew("cases", 0, 1)
	}
	p1, p2 := float64(both+first)/float64(n), float64(both+second)/float64(n)
	low1, high1 := wilson(both+first, n)
	low2, high2 := wilson(both+second, n)
	phi := pairedCorrelation(float64(both), float64(first), float64(second), float64(neither))
	add := func(a, b float64) float64 { return math.Sqrt(max(0, a*a-2*phi*a*b+b*b)) }
	d := p2 - p1
	e := Estimate{Value: d, N: n}.withInterval(d-add(p2-low2, high1-p1), d+add(high2-p2, p1-low1))
	return TTest{Difference: e, P: mcNemar(first, second)}, nil
}

// pairedCorrelation is φ of the table, corrected for continuity where it is
// positive; 0 where a margin is empty.
func pairedCorrelation(both, first, second, neither float64) float64 {
	margins := (both + first) * (second + neither) * (both + second) * (first + neither)
	if margins == 0 {
		return 0
	}
	product, half := both*neither-first*second, (both+first+second+neither)/2
	if product >= 0 {
		product = max(0, product-half)
	}
	return product / math.Sqrt(margins)
}

// mcNemar is the two-sided exact p that of the cases that changed as many did so
// one way as the other.
func mcNemar(one, other int) float64 {
	if one == other {
		return 1
	}
	changed := distuv.Binomial{N: float64(one + other), P: 0.5}
	return min(1, 2*changed.CDF(float64(min(one, other))))
}
