package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Midranks returns the rank of each value, 1…n, in the order given; values that
// are the same share the mean of their ranks. No values give no ranks. ErrInvalid
// when a value is not finite.
func Midranks(values []float64) ([]float64, error) {
	if err := checkFinite("values", values...); err != nil {
		return nil, err
	}
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	ranks := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			ranks[i] = float64(start+1+end) / 2
		}
		start = end
	}
	return ranks, nil
}

// Spearman returns the rank correlation of x and y (Spearman 1904), −1…1, as the
// product-moment correlation of midranks, so that ties are met, with the interval
// of Bonett & Wright (2000) through Fisher's z; N counts the pairs of values.
//
// ErrTooFew below 2 pairs, ErrConstant when x or y does not vary, ErrInvalid for
// slices of different length. No interval below 4 pairs (ErrTooFew) or for a
// correlation of ±1 (ErrConstant).
func Spearman(x, y []float64) (Estimate, error) {
	if len(x) != len(y) {
		return Estimate{}, fmt.Errorf("%w: %d and %d values", ErrInvalid, len(x), len(y))
	}
	n := len(x)
	if n < 2 {
		return Estimate{}, tooFew("pairs of values", n, 2)
	}
	rx, err := Midranks(x)
	if err != nil {
		return Estimate{}, err
	}
	ry, err := Midranks(y)
	if err != nil {
		return Estimate{}, err
	}
	if slices.Max(rx) == slices.Min(rx) || slices.Max(ry) == slices.Min(ry) {
		return Estimate{}, fmt.Errorf("%w: all values of one side are the same", ErrConstant)
	}
	r := min(1, max(-1, stat.Correlation(rx, ry, nil)))
	e := Estimate{Value: r, N: n}
	if n < 4 {
		return e.withoutInterval(tooFew("pairs of values", n, 4)), nil
	}
	if 1-math.Abs(r) < 1e-12 {
		return e.withoutInterval(fmt.Errorf("%w: the order is the same on both sides", ErrConstant)), nil
	}
	half := normalQuantile() * math.Sqrt((1+r*r/2)/float64(n-3))
	z := math.Atanh(r)
	return e.withInterval(math.Tanh(z-half), math.Tanh(z+half)), nil
}
