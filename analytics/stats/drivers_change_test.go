package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestCompareDriversIsTheDifference of the two, whichever is resampled how; no
// order matters, and exchanging the two turns the sign.
func TestCompareDriversIsTheDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, same := rapid.IntRange(40, 60).Draw(t, "people"), rapid.Bool().Draw(t, "same")
		seed := rapid.Uint64Range(0, 1000).Draw(t, "seed")
		then, now := clustersOf(people(seed, n)), clustersOf(people(seed+5000, n))
		how := Resampling{Resamples: 200, Seed: 3}
		got, err := CompareDrivers(then, now, same, how)
		if err != nil {
			t.Fatal(err)
		}
		was, _ := EstimateDrivers(then, how)
		is, _ := EstimateDrivers(now, how)
		check := func(c DriverChange, was, is Estimate) {
			d := c.Difference
			if math.Abs(d.Value-(is.Value-was.Value)) > 1e-12 || c.Other != was.Value || d.N != was.N+is.N || c.P <= 0 || c.P > 1 {
				t.Fatalf("%+v of %v and %v", c, was.Value, is.Value)
			}
			if i := d.Interval; i == nil && !errors.Is(d.NoInterval, ErrBiased) || i != nil && (i.Low > d.Value || i.High < d.Value) {
				t.Fatalf("interval %+v, %v of %v", i, d.NoInterval, d.Value)
			} else if i != nil && (i.Low > 0 || i.High < 0) && c.P > .05+.01 || i != nil && i.Low < 0 && i.High > 0 && c.P < .05-.01 {
				t.Fatalf("p %v beside %+v", c.P, *i)
			}
		}
		check(got.R2, was.R2, is.R2)
		for i := range got.Weights {
			check(got.Weights[i], was.Weights[i], is.Weights[i])
			check(got.Shares[i], was.Shares[i], is.Shares[i])
			check(got.Correlations[i], was.Correlations[i], is.Correlations[i])
		}
		rand.New(rand.NewPCG(seed, 3)).Shuffle(n, func(i, j int) {
			then[i], then[j] = then[j], then[i]
			now[i], now[j] = now[j], now[i]
		})
		again, _ := CompareDrivers(then, now, same, how)
		if math.Abs(again.Weights[0].Difference.Value-got.Weights[0].Difference.Value) > 1e-9 || math.Abs(again.Weights[0].P-got.Weights[0].P) > .02 {
			t.Fatalf("in another order %+v, was %+v", again.Weights[0], got.Weights[0])
		}
		back, _ := CompareDrivers(now, then, same, how)
		if math.Abs(back.R2.Difference.Value+got.R2.Difference.Value) > 1e-9 {
			t.Fatalf("turned %+v, was %+v", back.R2, got.R2)
		}
	})
}

// TestCompareDriversOfTheSamePeople: who answers nearly alike in both waves tells
// more of a change than as many other people.
func TestCompareDriversOfTheSamePeople(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	first := people(5, 150)
	var second [][][]float64
	for _, vectors := range first {
		var own [][]float64
		for _, v := range vectors {
			w := append([]float64(nil), v...)
			for i := range w {
				w[i] += .1 * rng.NormFloat64()
			}
			own = append(own, w)
		}
		second = append(second, own)
	}
	how := Resampling{Resamples: 400, Seed: 2}
	same, err := CompareDrivers(clustersOf(first), clustersOf(second), true, how)
	if err != nil {
		t.Fatal(err)
	}
	apart, err := CompareDrivers(clustersOf(first), clustersOf(second), false, how)
	if err != nil {
		t.Fatal(err)
	}
	width := func(c DriverChange) float64 { return c.Difference.Interval.High - c.Difference.Interval.Low }
	for i := range same.Weights {
		if 2*width(same.Weights[i]) > width(apart.Weights[i]) {
			t.Errorf("weight %d: %+v of the same, %+v of others", i, same.Weights[i].Difference.Interval, apart.Weights[i].Difference.Interval)
		}
	}
}

// TestCompareDriversFindsWhatDiffers: the weight of the first predictor is several
// times as great among the others.
func TestCompareDriversFindsWhatDiffers(t *testing.T) {
	got, err := CompareDrivers(noise(1, 400, 3, .1), noise(2, 400, 3, .8), false, Resampling{Resamples: 400, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got.R2.Difference.Interval.Low < .2 || got.R2.P > .01 || got.Correlations[0].P > .05 {
		t.Errorf("R² %+v, p %v; correlation p %v", got.R2.Difference.Interval, got.R2.P, got.Correlations[0].P)
	}
	// Of the same population a change is found in about one of twenty.
	found := 0
	for seed := range uint64(100) {
		got, err := CompareDrivers(noise(2*seed+10, 60, 2, .5), noise(2*seed+11, 90, 2, .5), false, Resampling{Resamples: 200, Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		if got.Weights[0].Difference.Interval != nil && got.Weights[0].P < .05 {
			found++
		}
	}
	if found == 0 || found > 12 {
		t.Errorf("%d of 100 samples of one population are told apart", found)
	}
}

// TestIntervalsOfChangedWeightsHoldTheTruth about as often as they say, of small
// weights and their shares too, and what has not changed is seldom told apart. The
// scales are independent, so that each weight of all people is its squared
// correlation.
func TestIntervalsOfChangedWeightsHoldTheTruth(t *testing.T) {
	const rest = .85
	truth := func(effects []float64) (weights, shares []float64) {
		explained := 0.
		for _, b := range effects {
			explained += b * b
		}
		for _, b := range effects {
			weights, shares = append(weights, b*b/(explained+rest*rest)), append(shares, b*b/explained)
		}
		return weights, shares
	}
	sample := func(rng *rand.Rand, n int, effects []float64) []ScoreCluster {
		var groups [][][]float64
		for range n {
			v := []float64{rest * rng.NormFloat64()}
			for _, b := range effects {
				x := rng.NormFloat64()
				v[0] += b * x
				v = append(v, x)
			}
			groups = append(groups, [][]float64{v})
		}
		return clustersOf(groups)
	}
	const runs = 200
	for name, test := range map[string]struct {
		then, now  []float64
		nThen, few int
	}{
		"unchanged":           {[]float64{.35, .25, .1}, []float64{.35, .25, .1}, 43, runs * 90 / 100},
		"of more people":      {[]float64{.35, .25, .1}, []float64{.35, .25, .1}, 150, runs * 90 / 100},
		"the small has grown": {[]float64{.35, .25, .1}, []float64{.1, .25, .35}, 43, runs * 86 / 100},
	} {
		rng := rand.New(rand.NewPCG(5, 9))
		weightsThen, sharesThen := truth(test.then)
		weightsNow, sharesNow := truth(test.now)
		held := make([]int, 2*len(test.now))
		for run := range runs {
			got, err := CompareDrivers(sample(rng, test.nThen, test.then), sample(rng, 43, test.now), false, Resampling{Resamples: 200, Seed: uint64(run)})
			if err != nil {
				t.Fatal(err)
			}
			hold := func(at int, c DriverChange, truth float64) {
				if i := c.Difference.Interval; i != nil && i.Low <= truth && truth <= i.High && (truth != 0 || c.P > .04) {
					held[at]++
				}
			}
			for i := range test.now {
				hold(i, got.Weights[i], weightsNow[i]-weightsThen[i])
				hold(len(test.now)+i, got.Shares[i], sharesNow[i]-sharesThen[i])
			}
		}
		for i, n := range held {
			if n < test.few {
				t.Errorf("%s: change %d: %d of %d intervals hold it", name, i, n, runs)
			}
		}
	}
}

func TestCompareDriversOfTooLittle(t *testing.T) {
	enough, how := clustersOf(people(1, 30)), Resampling{Resamples: 200}
	none := make([]ScoreCluster, len(enough))
	for i := range none {
		none[i] = ScoreCluster{Sums: make([]float64, 4), Products: make([]float64, 16)}
	}
	for name, test := range map[string]struct {
		then, now []ScoreCluster
		same      bool
		want      error
	}{
		"nobody":         {nil, enough, false, ErrTooFew},
		"nobody then":    {none, enough, true, ErrTooFew},
		"other scores":   {noise(1, 30, 1, 1), enough, false, ErrInvalid},
		"other clusters": {enough[:20], enough, true, ErrInvalid},
	} {
		if got, err := CompareDrivers(test.then, test.now, test.same, how); !errors.Is(err, test.want) || !reflect.DeepEqual(got, DriverChanges{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := CompareDrivers(enough, enough, true, Resampling{}); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	alike, err := CompareDrivers(enough, enough, true, how)
	if err != nil || alike.R2.Difference.Value != 0 || alike.R2.Difference.Interval != nil || !errors.Is(alike.R2.Difference.NoInterval, ErrConstant) {
		t.Errorf("nothing has changed: %+v, %v", alike.R2, err)
	}
}
