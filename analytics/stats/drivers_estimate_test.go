package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// clustersOf makes a cluster of each group of vectors.
func clustersOf(groups [][][]float64) []ScoreCluster {
	var list []ScoreCluster
	for _, vectors := range groups {
		k := len(vectors[0])
		c := ScoreCluster{N: len(vectors), Sums: make([]float64, k), Products: make([]float64, k*k)}
		for _, v := range vectors {
			for i, x := range v {
				c.Sums[i] += x
				for j, y := range v {
					c.Products[i*k+j] += x * y
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// people draws so many, each with a few vectors in which the second predictor
// matters twice as much as the first and the third not at all.
func people(seed uint64, n int) [][][]float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	var groups [][][]float64
	for range n {
		own := rng.NormFloat64()
		var vectors [][]float64
		for range 1 + rng.IntN(3) {
			a, b, c := own+rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()
			vectors = append(vectors, []float64{50 + 0.5*a + 2*b + rng.NormFloat64(), a, 10 * b, c})
		}
		groups = append(groups, vectors)
	}
	return groups
}

// TestEstimateDriversIsThatOfTheCorrelations: the weights are Johnson's of the
// correlations taken vector by vector, whatever the clusters.
func TestEstimateDriversIsThatOfTheCorrelations(t *testing.T) {
	groups := people(1, 120)
	got, err := EstimateDrivers(clustersOf(groups), Resampling{Resamples: 300, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	var columns [4][]float64
	for _, vectors := range groups {
		for _, v := range vectors {
			for i, x := range v {
				columns[i] = append(columns[i], x)
			}
		}
	}
	r := func(a, b []float64) float64 {
		var ma, mb, ab, aa, bb float64
		for i := range a {
			ma, mb = ma+a[i]/float64(len(a)), mb+b[i]/float64(len(a))
		}
		for i := range a {
			ab, aa, bb = ab+(a[i]-ma)*(b[i]-mb), aa+(a[i]-ma)*(a[i]-ma), bb+(b[i]-mb)*(b[i]-mb)
		}
		return ab / math.Sqrt(aa*bb)
	}
	among, with := make([][]float64, 3), make([]float64, 3)
	for i := range 3 {
		with[i] = r(columns[0], columns[i+1])
		for j := range 3 {
			among[i] = append(among[i], r(columns[i+1], columns[j+1]))
		}
		among[i][i] = 1
	}
	want, err := RelativeWeights(among, with)
	if err != nil {
		t.Fatal(err)
	}
	shares := 0.0
	for i := range 3 {
		if math.Abs(got.Weights[i].Value-want.Weights[i]) > 1e-9 || math.Abs(got.Correlations[i].Value-with[i]) > 1e-9 {
			t.Errorf("predictor %d: weight %v, correlation %v; want %v, %v", i, got.Weights[i].Value, got.Correlations[i].Value, want.Weights[i], with[i])
		}
		if w := got.Weights[i]; w.Interval == nil || w.Interval.Low > w.Value || w.Interval.High < w.Value || w.N != len(columns[0]) {
			t.Errorf("predictor %d: interval %+v around %v, n %d", i, w.Interval, w.Value, w.N)
		}
		shares += got.Shares[i].Value
	}
	if math.Abs(got.R2.Value-want.R2) > 1e-9 || math.Abs(shares-1) > 1e-9 {
		t.Errorf("R² %v, want %v; shares add up to %v", got.R2.Value, want.R2, shares)
	}
	if got.Weights[1].Interval.Low <= got.Weights[0].Interval.High || got.Correlations[2].Interval.Low > 0 || got.Correlations[2].Interval.High < 0 {
		t.Errorf("what matters is not told from what does not: %+v", got)
	}
}

// TestEstimateDriversDoesNotDependOnOrder nor on the unit of a score.
func TestEstimateDriversDoesNotDependOnOrder(t *testing.T) {
	groups := people(2, 60)
	one, err := EstimateDrivers(clustersOf(groups), Resampling{Resamples: 200, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	two, err := EstimateDrivers(clustersOf(groups), Resampling{Resamples: 200, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for i := range one.Weights {
		a, b := one.Weights[i], two.Weights[i]
		if math.Abs(a.Value-b.Value) > 1e-9 || math.Abs(a.Interval.Low-b.Interval.Low) > 1e-9 {
			t.Errorf("%+v and %+v", a, b)
		}
	}
}

// TestEstimateDriversIntervalsCover the true correlation about as often as they
// say, also where a person's vectors are alike.
func TestEstimateDriversIntervalsCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const runs, truth = 200, 0.6
	covered := 0
	for run := range runs {
		var groups [][][]float64
		for range 80 {
			x := rng.NormFloat64()
			v := []float64{truth*x + math.Sqrt(1-truth*truth)*rng.NormFloat64(), x}
			groups = append(groups, [][]float64{v, v, v}) // the same answers three times
		}
		got, err := EstimateDrivers(clustersOf(groups), Resampling{Resamples: 200, Seed: uint64(run)})
		if err != nil {
			t.Fatal(err)
		}
		if i := got.Correlations[0].Interval; i.Low <= truth && truth <= i.High {
			covered++
		}
	}
	if covered < 0.89*runs {
		t.Errorf("%d of %d intervals hold the truth", covered, runs)
	}
}

func TestEstimateDriversOfDegenerateData(t *testing.T) {
	how := Resampling{Resamples: 200, Seed: 1}
	line := func(f func(i float64) []float64, n int) []ScoreCluster {
		var groups [][][]float64
		for i := range n {
			groups = append(groups, [][]float64{f(float64(i))})
		}
		return clustersOf(groups)
	}
	for name, test := range map[string]struct {
		clusters []ScoreCluster
		want     error
	}{
		"nothing":          {nil, ErrTooFew},
		"one vector":       {line(func(i float64) []float64 { return []float64{i, i} }, 1), ErrTooFew},
		"outcome alone":    {line(func(i float64) []float64 { return []float64{i} }, 9), ErrTooFew},
		"constant outcome": {line(func(i float64) []float64 { return []float64{100.0 / 3, i} }, 9), ErrConstant},
		"constant score":   {line(func(i float64) []float64 { return []float64{i, math.Mod(i, 3), 70} }, 9), ErrConstant},
		"the same twice":   {line(func(i float64) []float64 { return []float64{math.Mod(i*i, 7), i, 2*i + 1} }, 20), ErrUndefined},
		"not finite":       {line(func(i float64) []float64 { return []float64{i, math.NaN()} }, 9), ErrInvalid},
		"ragged":           {append(line(func(i float64) []float64 { return []float64{i, i * i} }, 9), ScoreCluster{N: 1, Sums: []float64{1}, Products: []float64{1}}), ErrInvalid},
	} {
		if _, err := EstimateDrivers(test.clusters, how); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if _, err := EstimateDrivers(line(func(i float64) []float64 { return []float64{i, i * i} }, 9), Resampling{Resamples: 10}); !errors.Is(err, ErrInvalid) {
		t.Errorf("10 resamples: %v", err)
	}
	one, err := EstimateDrivers(clustersOf([][][]float64{{{1, 2}, {2, 3}, {3, 1}, {4, 6}}}), how)
	if err != nil || one.R2.Interval != nil || !errors.Is(one.R2.NoInterval, ErrTooFew) {
		t.Errorf("one cluster: %+v, %v", one.R2, err)
	}
}
