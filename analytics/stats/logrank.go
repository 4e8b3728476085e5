package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// LogRankGroup compares what happened in a group with what the curve common to
// all groups would have brought.
type LogRankGroup struct {
	N, Observed int
	Expected    float64
}

// LogRankTest is the result of a log-rank test.
type LogRankTest struct {
	ChiSquared float64
	DF         int
	P          float64
	// Groups in the order given.
	Groups []LogRankGroup
}

// LogRank tests whether two or more groups leave at the same rate (Mantel 1966),
// with the hypergeometric variance at tied times. Each group is a table as
// [LifeTable] makes it, rows in any order.
//
// A group of which nobody was left when the first person of any group left has
// nothing to compare: it is listed and not tested, and lowers DF. ErrTooFew when
// fewer than two groups remain or a group is empty; ErrUndefined when nobody left
// or all left at once.
func LogRank(groups ...[]LifeRow) (LogRankTest, error) {
	if len(groups) < 2 {
		return LogRankTest{}, tooFew("groups", len(groups), 2)
	}
	out := LogRankTest{Groups: make([]LogRankGroup, len(groups))}
	tables := make([][]LifeRow, len(groups))
	for g, table := range groups {
		rows, err := mergeRows(table)
		if err != nil {
			return LogRankTest{}, fmt.Errorf("group %d: %w", g, err)
		}
		for _, r := range rows {
			out.Groups[g].N += r.Events + r.Censored
			out.Groups[g].Observed += r.Events
		}
		if out.Groups[g].N == 0 {
			return LogRankTest{}, fmt.Errorf("group %d: %w", g, tooFew("people", 0, 1))
		}
		tables[g] = rows
	}
	variance := expectEvents(tables, out.Groups)
	var tested []int
	for g, group := range out.Groups {
		if group.Expected > 0 {
			tested = append(tested, g)
		}
	}
	if len(tested) == 0 {
		return LogRankTest{}, fmt.Errorf("%w: nobody left in any group", ErrUndefined)
	}
	if len(tested) < 2 {
		return LogRankTest{}, tooFew("groups with anybody there when the first person left", len(tested), 2)
	}
	// The differences add up to 0, so the last group says nothing of its own.
	out.DF = len(tested) - 1
	v, d := mat.NewSymDense(out.DF, nil), mat.NewVecDense(out.DF, nil)
	for i, g := range tested[:out.DF] {
		d.SetVec(i, float64(out.Groups[g].Observed)-out.Groups[g].Expected)
		for j, h := range tested[:i+1] {
			v.SetSym(i, j, variance.At(g, h))
		}
	}
	var chol mat.Cholesky
	x := mat.NewVecDense(out.DF, nil)
	if !chol.Factorize(v) || chol.SolveVecTo(x, d) != nil {
		return LogRankTest{}, fmt.Errorf("%w: everybody left at once", ErrUndefined)
	}
	out.ChiSquared = max(0, mat.Dot(d, x))
	out.P = distuv.ChiSquared{K: float64(out.DF)}.Survival(out.ChiSquared)
	return out, nil
}

// PetoHazardRatio is how many times as often the first group leaves as the second,
// from their log-rank test: exp((O − E)/V) with the interval of the same exponent
// ± z/√V (Peto's one-step estimate, Yusuf et al. 1985). N is the people of both.
// It needs nobody to have left the second. Ratios far from 1 are drawn towards it.
//
// ErrInvalid unless the test is of two groups; ErrUndefined when the first left
// exactly as often as expected, which leaves V unknown, or when V is next to 0.
func PetoHazardRatio(test LogRankTest) (Estimate, error) {
	if len(test.Groups) != 2 {
		return Estimate{}, fmt.Errorf("%w: %d groups, want 2", ErrInvalid, len(test.Groups))
	}
	first := test.Groups[0]
	excess := float64(first.Observed) - first.Expected
	if excess == 0 || test.ChiSquared <= 0 {
		return Estimate{}, fmt.Errorf("%w: %d left, as expected", ErrUndefined, first.Observed)
	}
	variance := excess * excess / test.ChiSquared
	e := Estimate{Value: math.Exp(excess / variance), N: first.N + test.Groups[1].N}
	half := normalQuantile() / math.Sqrt(variance)
	low, high := math.Exp(excess/variance-half), math.Exp(excess/variance+half)
	if math.IsInf(high, 0) || math.IsNaN(high) {
		return Estimate{}, fmt.Errorf("%w: next to nobody could have left when the first group did", ErrUndefined)
	}
	return e.withInterval(low, high), nil
}

// expectEvents fills in the expected events of each group and returns the
// covariance matrix of observed minus expected.
func expectEvents(tables [][]LifeRow, groups []LogRankGroup) *mat.SymDense {
	k := len(tables)
	variance := mat.NewSymDense(k, nil)
	atRisk, next := make([]float64, k), make([]int, k)
	total := 0.0
	for g := range groups {
		atRisk[g] = float64(groups[g].N)
		total += atRisk[g]
	}
	for _, time := range allTimes(tables) {
		ended, events := make([]float64, k), 0.0
		for g, rows := range tables {
			if i := next[g]; i < len(rows) && rows[i].Time == time {
				events += float64(rows[i].Events)
				ended[g] = float64(rows[i].Events + rows[i].Censored)
				next[g]++
			}
		}
		if events > 0 {
			for g := range k {
				groups[g].Expected += events * atRisk[g] / total
			}
			addVariance(variance, atRisk, total, events)
		}
		for g, n := range ended {
			atRisk[g] -= n
			total -= n
		}
	}
	return variance
}

// addVariance adds the hypergeometric covariances of one time.
func addVariance(variance *mat.SymDense, atRisk []float64, total, events float64) {
	if total < 2 {
		return // the last one there: nothing is left to chance
	}
	scale := events * (total - events) / (total - 1)
	for g, a := range atRisk {
		for h := range g + 1 {
			share := -a * atRisk[h] / (total * total)
			if g == h {
				share += a / total
			}
			variance.SetSym(g, h, variance.At(g, h)+scale*share)
		}
	}
}

// allTimes returns every time of the tables once, ascending.
func allTimes(tables [][]LifeRow) []float64 {
	var times []float64
	for _, rows := range tables {
		for _, r := range rows {
			times = append(times, r.Time)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}
