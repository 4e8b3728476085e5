package stats

import (
	"fmt"
	"math"
	"slices"
)

// MaxSignFlip is the largest number of differences that [SignFlip] takes. The
// measures use it below 20; beyond this the t test says the same.
const MaxSignFlip = 30

// SignFlipTest is the exact result of a sign-flip permutation test.
type SignFlipTest struct {
	// Extreme of the Total = 2ⁿ ways to give the differences signs have a sum at
	// least as far from 0 as the one observed.
	Extreme, Total int64
	// P is Extreme/Total.
	P float64
}

// SignFlip returns the exact two-sided permutation p of within-person differences
// (Fisher 1935): under no change each difference could as well have had the other
// sign. Differences of 0 stay in. Sums that differ by rounding alone count as
// equal, so a tie with the observed sum is counted as extreme.
//
// ErrTooFew below 2 differences, ErrInvalid above [MaxSignFlip] or when one is not
// finite. Differences that are all 0 give p = 1.
func SignFlip(diffs []float64) (SignFlipTest, error) {
	if len(diffs) < 2 {
		return SignFlipTest{}, tooFew("differences", len(diffs), 2)
	}
	if len(diffs) > MaxSignFlip {
		return SignFlipTest{}, fmt.Errorf("%w: %d differences, at most %d; use the t test", ErrInvalid, len(diffs), MaxSignFlip)
	}
	if err := checkFinite("differences", diffs...); err != nil {
		return SignFlipTest{}, err
	}
	var sum, magnitude float64
	for _, d := range diffs {
		sum += d
		magnitude += math.Abs(d)
	}
	limit := math.Abs(sum) - 1e-9*magnitude
	total := int64(1) << len(diffs)
	extreme := total
	if limit > 0 {
		// The sums are symmetric about 0, so twice the upper tail is both.
		middle := len(diffs) / 2
		extreme = 2 * countAtLeast(signedSums(diffs[:middle]), signedSums(diffs[middle:]), limit)
	}
	return SignFlipTest{Extreme: extreme, Total: total, P: float64(extreme) / float64(total)}, nil
}

// signedSums returns the 2ⁿ sums of ±values in ascending order.
func signedSums(values []float64) []float64 {
	sums := make([]float64, 1, 1<<len(values))
	for _, v := range values {
		for _, s := range sums {
			sums = append(sums, s-v)
		}
		for i := range len(sums) / 2 {
			sums[i] += v
		}
	}
	slices.Sort(sums)
	return sums
}

// countAtLeast counts the pairs of one entry from each ascending slice whose sum
// is at least limit. Halving the differences in this way makes 2ⁿ signs cost
// only about 2^(n/2) steps.
func countAtLeast(a, b []float64, limit float64) int64 {
	var count int64
	j := len(b)
	for _, x := range a {
		for j > 0 && x+b[j-1] >= limit {
			j--
		}
		count += int64(len(b) - j)
	}
	return count
}
