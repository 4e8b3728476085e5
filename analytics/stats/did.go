package stats

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Cell holds the sum of N answers.
type Cell struct {
	N   int
	Sum float64
}

// Cluster holds the answers, before and after, of people who are not independent
// of each other: the two of a pair, or one person without a pair. Either cell may
// be empty.
type Cluster struct {
	Before, After Cell
}

// Resampling sets a bootstrap: how many resamples, 200…100,000, and the seed,
// which makes the result the same every time.
type Resampling struct {
	Resamples int
	Seed      uint64
}

// DifferenceInDifferences returns (T₁−T₀)−(C₁−C₀), how much more the treated group
// changed than the comparison group, in the unit of the answers (Card & Krueger
// 1994). The means are over answers. The interval is the percentile one of a
// bootstrap that draws whole clusters within each group (Cameron, Gelbach & Miller
// 2008). N counts the clusters of both groups. The order of clusters does not
// matter.
//
// ErrTooFew when one of the four means has no answers; no interval with fewer than
// 2 clusters in a group or when over one resample in twenty lacks a mean
// (ErrTooFew), nor when resampling changes nothing (ErrConstant).
func DifferenceInDifferences(treated, comparison []Cluster, how Resampling) (Estimate, error) {
	if how.Resamples < 200 || how.Resamples > 100_000 {
		return Estimate{}, fmt.Errorf("%w: %d resamples; take 200 to 100000", ErrInvalid, how.Resamples)
	}
	for _, group := range [][]Cluster{treated, comparison} {
		if err := checkClusters(group); err != nil {
			return Estimate{}, err
		}
	}
	changeT, okT := change(treated)
	changeC, okC := change(comparison)
	if !okT || !okC {
		return Estimate{}, fmt.Errorf("%w: each group needs answers both before and after", ErrTooFew)
	}
	e := Estimate{Value: changeT - changeC, N: len(treated) + len(comparison)}
	if least := min(len(treated), len(comparison)); least < 2 {
		return e.withoutInterval(tooFew("clusters in a group", least, 2)), nil
	}
	draws := resampleDifferences(treated, comparison, how)
	if len(draws) < how.Resamples-how.Resamples/20 {
		return e.withoutInterval(fmt.Errorf("%w: %d of %d resamples have no answers before or after", ErrTooFew, how.Resamples-len(draws), how.Resamples)), nil
	}
	spread := draws[len(draws)-1] - draws[0]
	if spread <= 1e-9*(1+max(draws[len(draws)-1], -draws[0])) {
		return e.withoutInterval(fmt.Errorf("%w: all clusters changed alike", ErrConstant)), nil
	}
	return e.withInterval(
		stat.Quantile(1-upperTail, stat.Empirical, draws, nil),
		stat.Quantile(upperTail, stat.Empirical, draws, nil),
	), nil
}

// resampleDifferences returns the differences of the resamples that have one,
// ascending.
func resampleDifferences(treated, comparison []Cluster, how Resampling) []float64 {
	rng := rand.New(rand.NewPCG(how.Seed, uint64(how.Resamples)))
	t, c := sortedClusters(treated), sortedClusters(comparison)
	drawnT, drawnC := make([]Cluster, len(t)), make([]Cluster, len(c))
	draws := make([]float64, 0, how.Resamples)
	for range how.Resamples {
		for i := range drawnT {
			drawnT[i] = t[rng.IntN(len(t))]
		}
		for i := range drawnC {
			drawnC[i] = c[rng.IntN(len(c))]
		}
		changeT, okT := change(drawnT)
		changeC, okC := change(drawnC)
		if okT && okC {
			draws = append(draws, changeT-changeC)
		}
	}
	slices.Sort(draws)
	return draws
}

// sortedClusters makes what is drawn depend on the seed and the answers alone and
// not on the order in which a store returns them.
func sortedClusters(clusters []Cluster) []Cluster {
	sorted := slices.Clone(clusters)
	slices.SortFunc(sorted, func(a, b Cluster) int {
		return cmp.Or(
			cmp.Compare(a.Before.N, b.Before.N), cmp.Compare(a.Before.Sum, b.Before.Sum),
			cmp.Compare(a.After.N, b.After.N), cmp.Compare(a.After.Sum, b.After.Sum),
		)
	})
	return sorted
}

func checkClusters(clusters []Cluster) error {
	for _, c := range clusters {
		if err := checkCounts("answers before, after", c.Before.N, c.After.N); err != nil {
			return err
		}
		if err := checkFinite("sums before, after", c.Before.Sum, c.After.Sum); err != nil {
			return err
		}
		if c.Before.N == 0 && c.Before.Sum != 0 || c.After.N == 0 && c.After.Sum != 0 {
			return fmt.Errorf("%w: a cell of no answers has a sum", ErrInvalid)
		}
	}
	return nil
}

// change is the mean after minus the mean before; not ok when either has no
// answers.
func change(clusters []Cluster) (float64, bool) {
	var before, after Cell
	for _, c := range clusters {
		before.N += c.Before.N
		before.Sum += c.Before.Sum
		after.N += c.After.N
		after.Sum += c.After.Sum
	}
	if before.N == 0 || after.N == 0 {
		return 0, false
	}
	return after.Sum/float64(after.N) - before.Sum/float64(before.N), true
}
