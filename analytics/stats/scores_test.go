package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*(1+math.Abs(a)+math.Abs(b))
}

// likert draws answers on a scale of 1 to 5.
func likert(least, most int) *rapid.Generator[[]float64] {
	return rapid.SliceOfN(rapid.Map(rapid.IntRange(1, 5), func(i int) float64 { return float64(i) }), least, most)
}

func shuffled[T any](seed uint64, values []T) []T {
	out := slices.Clone(values)
	rng := rand.New(rand.NewPCG(seed, 1))
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func requireInside(t *rapid.T, name string, e Estimate) {
	t.Helper()
	if e.Interval != nil && !(e.Interval.Low <= e.Value+1e-9 && e.Value <= e.Interval.High+1e-9) {
		t.Fatalf("%s: %v lies outside %v", name, e.Value, *e.Interval)
	}
}

func TestProportionSolvesTheScoreEquation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		x := rapid.IntRange(0, n).Draw(t, "x")
		e, mirror := must[Estimate](t)(Proportion(x, n)), must[Estimate](t)(Proportion(n-x, n))
		requireInside(t, "Wilson", e)
		if !near(e.Interval.Low, 1-mirror.Interval.High, 1e-12) {
			t.Fatalf("%v and the mirrored %v differ", *e.Interval, *mirror.Interval)
		}
		// The ends are the π for which (p−π)² = z²π(1−π)/n.
		for _, pi := range []float64{e.Interval.Low, e.Interval.High} {
			if left, right := math.Pow(e.Value-pi, 2), 1.959963984540054*1.959963984540054*pi*(1-pi)/float64(n); !near(left, right, 1e-12) {
				t.Fatalf("at %v: %v is not %v", pi, left, right)
			}
		}
	})
}

func TestNetPromoterMirrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.IntRange(0, 400)
		p, s, d := draw.Draw(t, "promoters"), draw.Draw(t, "passives")+1, draw.Draw(t, "detractors")
		e, mirror := must[Estimate](t)(NetPromoter(p, s, d)), must[Estimate](t)(NetPromoter(d, s, p))
		if e.Value != -mirror.Value || !near(e.Interval.Low, -mirror.Interval.High, 1e-12) {
			t.Fatalf("%+v does not mirror %+v", e, mirror)
		}
		if e.Interval.Low < -100 || e.Interval.High > 100 {
			t.Fatalf("%v leaves ±100", *e.Interval)
		}
		// The same from answers coded −1, 0, 1 with the three added ones.
		sum, squares, n := float64(p-d), float64(p+d)+1.5, float64(p+s+d)+3
		mean := sum / n
		if half := 100 * 1.959963984540054 * math.Sqrt((squares/n-mean*mean)/n); e.Interval.High < 100 && !near(e.Interval.High, 100*mean+half, 1e-9) {
			t.Fatalf("upper end %v, from coded answers %v", e.Interval.High, 100*mean+half)
		}
	})
}

func TestMeanFollowsTheScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := likert(2, 60).Draw(t, "x")
		s := must[Sample](t)(Summarize(x))
		e := must[Estimate](t)(Mean(s))
		requireInside(t, "mean", e)
		if (e.Interval == nil) != (slices.Min(x) == slices.Max(x)) {
			t.Fatalf("%v has interval %v", x, e.Interval)
		}
		index := must[Estimate](t)(Index(e, 5))
		requireInside(t, "index", index)
		if !near(index.Value, 25*(stat.Mean(x, nil)-1), 1e-12) || index.Value < 0 || index.Value > 100 {
			t.Fatalf("index %v of %v", index.Value, x)
		}
		other := must[Sample](t)(Summarize(shuffled(7, x)))
		if !near(s.Mean, other.Mean, 1e-12) || !near(s.Variance, other.Variance, 1e-12) {
			t.Fatalf("%+v in another order is %+v", s, other)
		}
	})
}

// answers draws k items of n people who share a factor to some degree.
func answers(t *rapid.T, leastItems int) [][]float64 {
	n, k := rapid.IntRange(20, 60).Draw(t, "people"), rapid.IntRange(leastItems, 7).Draw(t, "items")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
	rows := make([][]float64, n)
	for i := range rows {
		common := rng.NormFloat64()
		rows[i] = make([]float64, k)
		for j := range rows[i] {
			rows[i][j] = common*(0.4+float64(j)/8) + rng.NormFloat64()
		}
	}
	return rows
}

func TestAlphaFromThePeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := answers(t, 2)
		e := must[Estimate](t)(Alpha(covarianceOf(rows), len(rows)))
		requireInside(t, "alpha", e)
		// From its relation to the analysis of variance: ICC(3,k) (Hoyt 1941).
		r := must[Ratings](t)(RateTargets(rows))
		if hoyt := 1 - r.Residual/r.Between; !near(e.Value, hoyt, 1e-9) {
			t.Fatalf("alpha %v, by analysis of variance %v", e.Value, hoyt)
		}
	})
}

func TestOmegaIsTheMaximumOfTheLikelihood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cov := covarianceOf(answers(t, 3))
		m, err := Omega(cov)
		if err != nil {
			requireReason(t, "Omega", err)
			return
		}
		if !(m.Omega >= 0 && m.Omega < 1) {
			t.Fatalf("omega %v", m.Omega)
		}
		// A fit of three items is exact unless it has run into the limit.
		k := len(cov)
		best := discrepancy(cov, m.Loadings, m.Uniquenesses)
		if k == 3 && !m.Heywood && best > 1e-6 {
			t.Fatalf("discrepancy %v of an exact model %+v", best, m)
		}
		rng := rand.New(rand.NewPCG(5, 5))
		for range 50 {
			loading, own := slices.Clone(m.Loadings), slices.Clone(m.Uniquenesses)
			for i := range k {
				sd := math.Sqrt(cov[i][i])
				loading[i] += 0.01 * sd * rng.NormFloat64()
				own[i] = max(minUniqueness*sd*sd, own[i]*(1+0.02*rng.NormFloat64()))
			}
			if other := discrepancy(cov, loading, own); other < best-1e-7 {
				t.Fatalf("%+v fits with %v, a neighbour with %v", m, best, other)
			}
		}
	})
}

// discrepancy is the maximum likelihood fit function log|Σ| + tr(SΣ⁻¹) − log|S| − k.
func discrepancy(cov [][]float64, loading, own []float64) float64 {
	k := len(cov)
	model, sample := mat.NewSymDense(k, nil), mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			model.SetSym(i, j, loading[i]*loading[j])
			sample.SetSym(i, j, cov[i][j])
		}
		model.SetSym(i, i, loading[i]*loading[i]+own[i])
	}
	var chol, cholSample mat.Cholesky
	var ratio mat.Dense
	if !chol.Factorize(model) || !cholSample.Factorize(sample) || chol.SolveTo(&ratio, sample) != nil {
		return math.Inf(1)
	}
	return chol.LogDet() + mat.Trace(&ratio) - cholSample.LogDet() - float64(k)
}

func TestOmegaOfEqualItemsIsAlpha(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, 8).Draw(t, "items")
		r := rapid.Float64Range(.05, .95).Draw(t, "r")
		cov := make([][]float64, k)
		for i := range cov {
			cov[i] = slices.Repeat([]float64{4 * r}, k)
			cov[i][i] = 4
		}
		alpha, omega := must[Estimate](t)(Alpha(cov, 50)), must[OneFactor](t)(Omega(cov))
		if !near(alpha.Value, omega.Omega, 1e-6) {
			t.Fatalf("alpha %v, omega %v", alpha.Value, omega.Omega)
		}
	})
}

func TestOmegaWithoutAFactor(t *testing.T) {
	for name, cov := range map[string][][]float64{
		"unrelated items": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"one pair of two": {{1, .5, 0}, {.5, 1, 0}, {0, 0, 1}},
	} {
		if m, err := Omega(cov); err == nil {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestRelativeWeightsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := answers(t, 3)
		x := mat.NewDense(len(rows), len(rows[0]), slices.Concat(rows...))
		k := len(rows[0]) - 1
		corr, withY := make([][]float64, k), make([]float64, k)
		full := mat.NewSymDense(k+1, nil)
		stat.CorrelationMatrix(full, x, nil)
		for i := range k {
			corr[i] = mat.Row(nil, i, full)[:k]
			withY[i] = full.At(i, k)
		}
		d := must[Drivers](t)(RelativeWeights(corr, withY))
		sum := 0.0
		for _, w := range d.Weights {
			if w < 0 || w > 1 {
				t.Fatalf("weights %v", d.Weights)
			}
			sum += w
		}
		// R² by ordinary regression.
		var beta mat.VecDense
		if err := beta.SolveVec(mat.NewDense(k, k, slices.Concat(corr...)), mat.NewVecDense(k, withY)); err != nil {
			t.Fatal(err)
		}
		if r2 := mat.Dot(&beta, mat.NewVecDense(k, withY)); !near(r2, d.R2, 1e-9) || !near(r2, sum, 1e-9) {
			t.Fatalf("R² %v and Σε %v, by regression %v", d.R2, sum, r2)
		}
		// Relabelling the predictors relabels the weights.
		back, backY := make([][]float64, k), make([]float64, k)
		for i := range k {
			back[i] = slices.Clone(corr[k-1-i])
			slices.Reverse(back[i])
			backY[i] = withY[k-1-i]
		}
		other := must[Drivers](t)(RelativeWeights(back, backY))
		for i := range k {
			if !near(other.Weights[i], d.Weights[k-1-i], 1e-9) {
				t.Fatalf("%v reversed is %v", d.Weights, other.Weights)
			}
		}
	})
}

func TestRelativeWeightsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		corr [][]float64
		y    []float64
		want error
	}{
		"twins":              {[][]float64{{1, 1}, {1, 1}}, []float64{.3, .3}, ErrUndefined},
		"impossible matrix":  {[][]float64{{1, .9, -.9}, {.9, 1, .9}, {-.9, .9, 1}}, []float64{.1, .1, .1}, ErrInvalid},
		"impossible outcome": {[][]float64{{1, 0}, {0, 1}}, []float64{.9, .9}, ErrInvalid},
		"covariances":        {[][]float64{{2, 0}, {0, 2}}, []float64{.1, .1}, ErrInvalid},
		"none":               {nil, nil, ErrTooFew},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := RelativeWeights(c.corr, c.y)
			requireError(t, err, c.want)
		})
	}
}

func TestMidranksByCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := likert(0, 30).Draw(t, "x")
		ranks := must[[]float64](t)(Midranks(x))
		for i := range x {
			below, same := 0, 0
			for _, other := range x {
				if other < x[i] {
					below++
				} else if other == x[i] {
					same++
				}
			}
			if want := float64(below) + float64(same+1)/2; ranks[i] != want {
				t.Fatalf("rank %v of %v in %v, not %v", ranks[i], x[i], x, want)
			}
		}
	})
}

func TestSpearmanKeepsToTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 30).Draw(t, "n")
		x, y := likert(n, n).Draw(t, "x"), likert(n, n).Draw(t, "y")
		e, err := Spearman(x, y)
		if err != nil {
			requireReason(t, "Spearman", err)
			return
		}
		requireInside(t, "Spearman", e)
		cubes, falling := make([]float64, n), make([]float64, n)
		for i := range x {
			cubes[i], falling[i] = x[i]*x[i]*x[i], -y[i]
		}
		if same := must[Estimate](t)(Spearman(y, cubes)); !near(same.Value, e.Value, 1e-12) {
			t.Fatalf("%v of %v, %v after a rising transformation", e.Value, x, same.Value)
		}
		if mirror := must[Estimate](t)(Spearman(x, falling)); !near(mirror.Value, -e.Value, 1e-12) {
			t.Fatalf("%v does not mirror %v", mirror.Value, e.Value)
		}
	})
}

func TestSpearmanByHand(t *testing.T) {
	// Σd² = 4, so r = 1 − 24/120; tanh of 1.09861 ± 1.95996·√(1.32/2).
	e := must[Estimate](t)(Spearman([]float64{1, 2, 3, 4, 5}, []float64{2, 1, 4, 3, 5}))
	if !near(e.Value, .8, 1e-12) || math.Abs(e.Interval.Low+.4571) > 5e-5 || math.Abs(e.Interval.High-.9908) > 5e-5 {
		t.Errorf("%v with %v", e.Value, *e.Interval)
	}
}
