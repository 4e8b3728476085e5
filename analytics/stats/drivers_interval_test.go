package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// noise are people whose predictors have next to nothing to do with the outcome.
func noise(seed uint64, n, predictors int, strength float64) []ScoreCluster {
	rng := rand.New(rand.NewPCG(seed, 5))
	var groups [][][]float64
	for range n {
		v := []float64{rng.NormFloat64()}
		for range predictors {
			x := rng.NormFloat64()
			v[0] += strength * x
			v = append(v, x)
		}
		groups = append(groups, [][]float64{v})
	}
	return clustersOf(groups)
}

// TestIntervalsOfDriversHoldTheirValue, or there is none and it is said why: where
// R² is near 0, plain percentiles lie above it.
func TestIntervalsOfDriversHoldTheirValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		predictors := rapid.IntRange(2, 6).Draw(t, "predictors")
		clusters := noise(rapid.Uint64().Draw(t, "seed"), predictors*rapid.IntRange(10, 20).Draw(t, "people"), predictors,
			rapid.Float64Range(0, .5).Draw(t, "strength"))
		got, err := EstimateDrivers(clusters, Resampling{Resamples: 200, Seed: rapid.Uint64().Draw(t, "draw")})
		if err != nil {
			t.Fatal(err)
		}
		all := append(append(append([]Estimate{got.R2}, got.Weights...), got.Shares...), got.Correlations...)
		for i, e := range all {
			switch {
			case e.Interval == nil && !errors.Is(e.NoInterval, ErrBiased):
				t.Fatalf("figure %d has no interval: %v", i, e.NoInterval)
			case e.Interval != nil && (e.Interval.Low > e.Value || e.Value > e.Interval.High || e.Interval.Low == e.Interval.High):
				t.Fatalf("figure %d: %v outside %+v", i, e.Value, *e.Interval)
			}
		}
	})
}

// TestIntervalsOfSmallWeightsHoldTheTruth about as often as they say. The scales are
// independent, so that each weight of all people is its squared correlation.
func TestIntervalsOfSmallWeightsHoldTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	const runs, people = 300, 43
	effects, rest := []float64{.35, .25, .1}, .85
	all := rest * rest
	for _, b := range effects {
		all += b * b
	}
	held := make([]int, len(effects))
	for run := range runs {
		var groups [][][]float64
		for range people {
			v := []float64{rest * rng.NormFloat64()}
			for _, b := range effects {
				x := rng.NormFloat64()
				v[0] += b * x
				v = append(v, x)
			}
			groups = append(groups, [][]float64{v})
		}
		got, err := EstimateDrivers(clustersOf(groups), Resampling{Resamples: 300, Seed: uint64(run)})
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range effects {
			if truth, w := b*b/all, got.Weights[i].Interval; w != nil && w.Low <= truth && truth <= w.High {
				held[i]++
			}
		}
	}
	for i, n := range held {
		if n < runs*88/100 {
			t.Errorf("weight of %v: %d of %d intervals hold it", effects[i], n, runs)
		}
	}
}

// TestIntervalsOfDriversAreSeldomMissing: of predictors that have nothing to do
// with the outcome R² has no interval once in some twenty samples.
func TestIntervalsOfDriversAreSeldomMissing(t *testing.T) {
	missing := 0
	for seed := range uint64(100) {
		got, err := EstimateDrivers(noise(seed, 60, 5, 0), Resampling{Resamples: 200, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got.R2.Interval == nil {
			missing++
		}
	}
	if missing == 0 || missing > 15 {
		t.Errorf("%d of 100 have no interval", missing)
	}
}

// TestBiasCorrectedPercentiles: with 42% of the resamples below the value, z₀ is
// −0.2019, so the ends are those at Φ(−2.3637) = .0090 and Φ(1.5562) = .9402; the
// value in their middle gives the plain percentiles.
func TestBiasCorrectedPercentiles(t *testing.T) {
	draws := make([]float64, 10_000)
	for i := range draws {
		draws[i] = float64(i + 1)
	}
	for _, test := range []struct {
		value     float64
		low, high float64
	}{{5000.5, 250, 9750}, {4200.5, 91, 9402}} {
		got := Estimate{Value: test.value}.biasCorrected(draws, false).Interval
		if got == nil || math.Abs(got.Low-test.low) > 1 || math.Abs(got.High-test.high) > 1 {
			t.Errorf("%v: %+v, want %v to %v", test.value, got, test.low, test.high)
		}
	}
	for _, beyond := range []float64{0, 100, 9900, 20_000} {
		if got := (Estimate{Value: beyond}).biasCorrected(draws, true); got.Interval != nil || !errors.Is(got.NoInterval, ErrBiased) {
			t.Errorf("%v: %+v", beyond, got)
		}
	}
}

// TestBiasCorrectionRespectsUnits: the interval of a monotone transform is the
// transform of the interval.
func TestBiasCorrectionRespectsUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draws := make([]float64, 200)
		for i := range draws {
			draws[i] = distuv.UnitNormal.Quantile((float64(i) + .5) / 200)
		}
		value := rapid.Float64Range(-1.5, 1.5).Draw(t, "value")
		plain := Estimate{Value: value}.biasCorrected(draws, false)
		for i := range draws {
			draws[i] = math.Exp(draws[i])
		}
		other := Estimate{Value: math.Exp(value)}.biasCorrected(draws, false)
		if math.Abs(math.Exp(plain.Interval.Low)-other.Interval.Low) > 1e-9 || math.Abs(math.Exp(plain.Interval.High)-other.Interval.High) > 1e-9 {
			t.Fatalf("%+v and %+v", plain.Interval, other.Interval)
		}
	})
}
