package stats

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// DriverChange compares a figure of drivers with that of another wave or group.
// Its P is 1 where the difference has no interval, and then says nothing.
type DriverChange struct {
	TTest
	Other float64 // what it is compared with
}

// DriverChanges are the changes of [DriverEstimates].
type DriverChanges struct {
	R2                            DriverChange
	Weights, Shares, Correlations []DriverChange
}

// CompareDrivers compares the drivers of one set of scales in two waves or groups;
// a difference is now − then. Both are resampled, and the intervals are those of
// the differences, as [EstimateDrivers] makes them: of R² and correlations corrected
// for bias (Efron 1981), for a smaller sample brings a greater R²; of weights and
// shares plain percentiles, stretched to the value, for with the correction up to
// one difference of shares in five would be found where there is none. P is the
// level at which such an interval ends at 0.
//
// Where some of the people are the same in both, so that the two are not
// independent, the same clusters are at the same places of both lists, those of a
// single one with an N of 0 in the other; then both are resampled by the same draws
// of clusters. The order of clusters does not matter. N counts the vectors of both.
// Errors as [EstimateDrivers], and ErrInvalid for lists of different scores, or of
// different lengths where people are the same.
func CompareDrivers(then, now []ScoreCluster, same bool, how Resampling) (DriverChanges, error) {
	if how.Resamples < 200 || how.Resamples > 100_000 {
		return DriverChanges{}, fmt.Errorf("%w: %d resamples; take 200 to 100000", ErrInvalid, how.Resamples)
	}
	k, err := checkScores(then)
	if err != nil {
		return DriverChanges{}, err
	}
	switch other, err := checkScores(now); {
	case err != nil:
		return DriverChanges{}, err
	case other != k || same && len(then) != len(now):
		return DriverChanges{}, fmt.Errorf("%w: %d clusters of %d scores and %d of %d", ErrInvalid, len(then), k, len(now), other)
	}
	before, after := total(then, k), total(now, k)
	was, err := before.drivers()
	if err != nil {
		return DriverChanges{}, err
	}
	is, err := after.drivers()
	if err != nil {
		return DriverChanges{}, err
	}
	draws, err := resampleBoth(then, now, k, len(is), same, how)
	list, p := make([]DriverChange, len(is)), k-1
	for i := range list {
		d := Estimate{Value: is[i] - was[i], N: before.n + after.n}
		list[i] = DriverChange{TTest{Difference: d.withoutInterval(err), P: 1}, was[i]}
		if err != nil {
			continue
		}
		slices.Sort(draws[i])
		reaches := reachesZero
		if 1 <= i && i < 1+2*p {
			list[i].Difference, reaches = d.percentiles(draws[i]), percentileOfZero
		} else {
			list[i].Difference = d.biasCorrected(draws[i], false)
		}
		if list[i].Difference.Interval != nil {
			list[i].P = reaches(d.Value, draws[i])
		}
	}
	return DriverChanges{R2: list[0], Weights: list[1 : 1+p], Shares: list[1+p : 1+2*p], Correlations: list[1+2*p:]}, nil
}

// reachesZero is the two-sided level at which the bias-corrected interval of a
// value ends at 0; what lies beyond all draws counts as half of one.
func reachesZero(value float64, draws []float64) float64 {
	z0, zero := bias(value, draws), bias(0, draws)
	limit := distuv.UnitNormal.Quantile(1 - 0.5/float64(len(draws)))
	return 2 * distuv.UnitNormal.Survival(math.Abs(max(-limit, min(limit, zero))-2*z0))
}

// percentileOfZero is the two-sided level at which the interval of percentiles, as
// it is stretched to the value, ends at 0; where all draws lie on the value's side
// of 0, that counts as half of one.
func percentileOfZero(value float64, draws []float64) float64 {
	beyond := 0
	for _, d := range draws {
		if value == 0 || d == 0 || (d > 0) != (value > 0) {
			beyond++
		}
	}
	return min(1, 2*max(0.5, float64(beyond))/float64(len(draws)))
}

// resampleBoth returns, for each of the figures of drivers, its differences in the
// resamples in which both have one.
func resampleBoth(then, now []ScoreCluster, k, figures int, same bool, how Resampling) ([][]float64, error) {
	if len(then) < 2 || len(now) < 2 {
		return nil, tooFew("clusters", min(len(then), len(now)), 2)
	}
	then, now = ordered(then, now, same)
	rng := rand.New(rand.NewPCG(how.Seed, uint64(how.Resamples)))
	draws := make([][]float64, figures)
	before, after := newScoreSums(k), newScoreSums(k)
	for range how.Resamples {
		before.reset()
		after.reset()
		for i := range max(len(then), len(now)) {
			at := rng.IntN(len(now))
			if i < len(now) {
				after.add(now[at])
			}
			if !same {
				at = rng.IntN(len(then))
			}
			if i < len(then) {
				before.add(then[at])
			}
		}
		was, err := before.drivers()
		if err != nil {
			continue
		}
		is, err := after.drivers()
		if err != nil {
			continue
		}
		for i := range is {
			draws[i] = append(draws[i], is[i]-was[i])
		}
	}
	if got := len(draws[0]); got < how.Resamples-how.Resamples/20 {
		return nil, fmt.Errorf("%w: %d of %d resamples have no weights", ErrTooFew, how.Resamples-got, how.Resamples)
	}
	return draws, nil
}

// ordered puts the clusters of both into an order of their own; those of the same
// people stay together.
func ordered(then, now []ScoreCluster, same bool) (_, _ []ScoreCluster) {
	if !same {
		return slices.SortedFunc(slices.Values(then), ScoreCluster.compare), slices.SortedFunc(slices.Values(now), ScoreCluster.compare)
	}
	places := make([]int, len(now))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Or(now[a].compare(now[b]), then[a].compare(then[b])) })
	before, after := make([]ScoreCluster, len(now)), make([]ScoreCluster, len(now))
	for i, at := range places {
		before[i], after[i] = then[at], now[at]
	}
	return before, after
}
