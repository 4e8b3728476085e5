package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// FalseDiscovery returns the q value of each p value, in the order given: the
// false discovery rate at which that comparison is just rejected (Benjamini &
// Hochberg 1995). Each q is at least its p and at most 1; equal p have equal q.
// No p values give no q values. ErrInvalid when a p is not within 0…1.
func FalseDiscovery(p []float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, x := range p {
		if !(x >= 0 && x <= 1) {
			return nil, fmt.Errorf("%w: p[%d] is %v, not within 0 to 1", ErrInvalid, i, x)
		}
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	q := make([]float64, len(p))
	least := 1.0
	for rank := len(p); rank >= 1; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(p))/float64(rank))
		q[i] = max(least, p[i]) // p·m/rank can round below p
	}
	return q, nil
}
