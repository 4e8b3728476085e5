package stats

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// anyFloat draws numbers as a store or a mistake can bring them.
func anyFloat() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Float64(),
		rapid.Float64Range(-5, 5),
		rapid.SampledFrom([]float64{0, 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, 1e15, -1e15, 1e-15}),
	)
}

// anyCount draws counts, the impossible ones too.
func anyCount() *rapid.Generator[int] {
	return rapid.OneOf(rapid.IntRange(-1, 4), rapid.IntRange(0, 300), rapid.SampledFrom([]int{1e6, 1e12, math.MaxInt}))
}

func anySample(t *rapid.T, label string) Sample {
	return Sample{anyCount().Draw(t, label+" n"), anyFloat().Draw(t, label+" mean"), anyFloat().Draw(t, label+" variance")}
}

func anyTable(t *rapid.T, label string, rows, columns int) [][]float64 {
	table := make([][]float64, rows)
	for i := range table {
		table[i] = rapid.SliceOfN(anyFloat(), columns, columns).Draw(t, label)
	}
	return table
}

// requireSound fails unless an outcome keeps the package's promise: either a
// result without NaN or infinity, or the zero value and one of the four reasons.
func requireSound(t *rapid.T, name string, result any, err error) {
	t.Helper()
	if err != nil {
		requireReason(t, name, err)
		if !reflect.ValueOf(result).IsZero() {
			t.Fatalf("%s: %+v beside the error %v", name, result, err)
		}
		return
	}
	requireFinite(t, name, reflect.ValueOf(result))
}

func requireReason(t *rapid.T, name string, err error) {
	t.Helper()
	for _, reason := range []error{ErrTooFew, ErrConstant, ErrUndefined, ErrInvalid} {
		if errors.Is(err, reason) {
			return
		}
	}
	t.Fatalf("%s: error %q wraps none of the reasons", name, err)
}

func requireFinite(t *rapid.T, name string, v reflect.Value) {
	t.Helper()
	if e, ok := v.Interface().(Estimate); ok {
		if (e.Interval == nil) != (e.NoInterval != nil) {
			t.Fatalf("%s: interval %v and reason %v", name, e.Interval, e.NoInterval)
		}
		if e.NoInterval != nil {
			requireReason(t, name, e.NoInterval)
			e.NoInterval = nil
		} else if e.Interval.Low > e.Interval.High {
			t.Fatalf("%s: the interval %v is the wrong way round", name, *e.Interval)
		}
	}
	switch v.Kind() {
	case reflect.Float64:
		if !isFinite(v.Float()) {
			t.Fatalf("%s: %v in the result", name, v.Float())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			requireFinite(t, name, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			requireFinite(t, name+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			requireFinite(t, name, v.Index(i))
		}
	}
}

// TestNothingButNumbers feeds every function with anything at all.
func TestNothingButNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := anyCount().Draw(t, "n"), anyCount().Draw(t, "m")
		i, j := anyCount().Draw(t, "i"), anyCount().Draw(t, "j")
		a, b, c := anySample(t, "a"), anySample(t, "b"), anySample(t, "c")
		x, y := anyFloat().Draw(t, "x"), anyFloat().Draw(t, "y")

		result, err := Proportion(i, n)
		requireSound(t, "Proportion", result, err)
		result, err = NetPromoter(i, j, n)
		requireSound(t, "NetPromoter", result, err)
		result, err = RelativeRisk(i, n, j, m)
		requireSound(t, "RelativeRisk", result, err)
		result, err = RiskDifference(i, n, j, m)
		requireSound(t, "RiskDifference", result, err)
		result, err = Mean(a)
		requireSound(t, "Mean", result, err)
		result, err = Index(result, i)
		requireSound(t, "Index", result, err)
		result, err = HedgesG(a, b)
		requireSound(t, "HedgesG", result, err)
		b.N, c.N = a.N, a.N
		result, err = HedgesAverage(a, b, c)
		requireSound(t, "HedgesAverage", result, err)
		test, err := PairedT(a)
		requireSound(t, "PairedT", test, err)
		test, err = PairedShares(i, j, n, m)
		requireSound(t, "PairedShares", test, err)
		test, err = WelchT(a, b)
		requireSound(t, "WelchT", test, err)
		index, err := ReliableChangeIndex(x, y, a.Mean, a.Variance)
		requireSound(t, "ReliableChangeIndex", index, err)
		index, err = ReliableChangeLimit(x, y)
		requireSound(t, "ReliableChangeLimit", index, err)
		shares, err := ReliableShares(i, j, n)
		requireSound(t, "ReliableShares", shares, err)
		index, err = GoalSums{x, y, a.Mean}.Score()
		requireSound(t, "GoalSums.Score", index, err)
		ratings, err := RateByTwo(a, b, x)
		requireSound(t, "RateByTwo", ratings, err)
		requireRatings(t, ratings)
		requireRatings(t, Ratings{n, m, x, y, a.Mean, a.Variance})
	})
}

func requireRatings(t *rapid.T, r Ratings) {
	t.Helper()
	for name, icc := range map[string]func() (Estimate, error){
		"OneWay": r.OneWay, "Agreement": r.Agreement, "Consistency": r.Consistency,
	} {
		result, err := icc()
		requireSound(t, name, result, err)
	}
}

// TestNothingButNumbersFromSlices does the same for what takes data by the row.
func TestNothingButNumbersFromSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(anyFloat(), 0, 12)
		x, y := values.Draw(t, "x"), values.Draw(t, "y")
		k := rapid.IntRange(0, 5).Draw(t, "k")
		square := anyTable(t, "square", k, k)

		sample, err := Summarize(x)
		requireSound(t, "Summarize", sample, err)
		ranks, err := Midranks(x)
		requireSound(t, "Midranks", ranks, err)
		q, err := FalseDiscovery(x)
		requireSound(t, "FalseDiscovery", q, err)
		flip, err := SignFlip(x)
		requireSound(t, "SignFlip", flip, err)
		estimate, err := Spearman(x, y[:min(len(x), len(y))])
		requireSound(t, "Spearman", estimate, err)
		estimate, err = Alpha(square, anyCount().Draw(t, "n"))
		requireSound(t, "Alpha", estimate, err)
		model, err := Omega(square)
		requireSound(t, "Omega", model, err)
		drivers, err := RelativeWeights(square, x)
		requireSound(t, "RelativeWeights", drivers, err)
		changes, err := ClassifyChanges(x, anyFloat().Draw(t, "limit"))
		requireSound(t, "ClassifyChanges", changes, err)
		ratings, err := RateTargets(square)
		requireSound(t, "RateTargets", ratings, err)
		requireRatings(t, ratings)
		goals, table := make([]Goal, len(x)), make([]LifeRow, len(x))
		clusters := make([]Cluster, len(x))
		for i, v := range x {
			count := anyCount().Draw(t, "count")
			goals[i] = Goal{v, float64(min(count, 9))}
			table[i] = LifeRow{v, count, i % 2}
			clusters[i] = Cluster{Cell{count, v}, Cell{i, float64(i)}}
		}
		score, err := GoalScore(goals)
		requireSound(t, "GoalScore", score, err)
		curve, err := KaplanMeier(table)
		requireSound(t, "KaplanMeier", curve, err)
		estimate, err = curve.At(anyFloat().Draw(t, "time"))
		requireSound(t, "Curve.At", estimate, err)
		half := len(x) / 2
		logRank, err := LogRank(table[:half], table[half:])
		requireSound(t, "LogRank", logRank, err)
		if err == nil {
			ratio, err := PetoHazardRatio(logRank)
			requireSound(t, "PetoHazardRatio", ratio, err)
		}
		estimate, err = DifferenceInDifferences(clusters[:half], clusters[half:], Resampling{200, 1})
		requireSound(t, "DifferenceInDifferences", estimate, err)
	})
}
