package stats

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestReasons pins which reason each kind of thin data gives.
func TestReasons(t *testing.T) {
	one, flat, some := Sample{N: 1, Mean: 3, Variance: math.NaN()}, Sample{N: 9, Mean: 3}, Sample{N: 9, Mean: 3, Variance: 1}
	outcome := func(_ any, err error) error { return err }
	interval := func(e Estimate, err error) error { return errors.Join(err, e.NoInterval) }
	for name, c := range map[string]struct{ got, want error }{
		"mean of nothing":              {outcome(Mean(Sample{Mean: math.NaN()})), ErrTooFew},
		"interval of one":              {interval(Mean(one)), ErrTooFew},
		"interval of a constant":       {interval(Mean(flat)), ErrConstant},
		"interval of rounding":         {interval(Mean(Sample{9, 3, -1e-15})), ErrConstant},
		"negative variance":            {outcome(Mean(Sample{9, 3, -1})), ErrInvalid},
		"index off the scale":          {outcome(Index(Estimate{Value: 6}, 5)), ErrInvalid},
		"share of nobody":              {outcome(Proportion(0, 0)), ErrTooFew},
		"share above all":              {outcome(Proportion(3, 2)), ErrInvalid},
		"nps of nobody":                {outcome(NetPromoter(0, 0, 0)), ErrTooFew},
		"paired t of one":              {outcome(PairedT(one)), ErrTooFew},
		"paired t of a constant":       {outcome(PairedT(flat)), ErrConstant},
		"Welch of one":                 {outcome(WelchT(one, some)), ErrTooFew},
		"Welch of two constants":       {outcome(WelchT(flat, flat)), ErrConstant},
		"g_av of two people":           {outcome(HedgesAverage(Sample{2, 1, 1}, Sample{2, 2, 1}, Sample{2, 1, 1})), ErrTooFew},
		"g_av of unequal n":            {outcome(HedgesAverage(some, Sample{8, 3, 1}, some)), ErrInvalid},
		"interval of an equal change":  {interval(HedgesAverage(some, some, flat)), ErrConstant},
		"g of two constants":           {outcome(HedgesG(flat, flat)), ErrConstant},
		"one sign to flip":             {outcome(SignFlip([]float64{1})), ErrTooFew},
		"too many signs":               {outcome(SignFlip(make([]float64, MaxSignFlip+1))), ErrInvalid},
		"p above 1":                    {outcome(FalseDiscovery([]float64{1.1})), ErrInvalid},
		"change without spread":        {outcome(ReliableChangeLimit(0, .8)), ErrConstant},
		"change without error":         {outcome(ReliableChangeLimit(1, 1)), ErrUndefined},
		"change with negative alpha":   {outcome(ReliableChangeLimit(1, -.2)), ErrUndefined},
		"changes of nobody":            {outcome(ClassifyChanges(nil, 1)), ErrTooFew},
		"alpha of one item":            {outcome(Alpha([][]float64{{1}}, 9)), ErrTooFew},
		"alpha of cancelling items":    {outcome(Alpha([][]float64{{1, -1}, {-1, 1}}, 9)), ErrConstant},
		"interval of alpha 1":          {interval(Alpha([][]float64{{1, 1}, {1, 1}}, 9)), ErrConstant},
		"alpha of no covariance":       {outcome(Alpha([][]float64{{1, 2}, {2, 1}}, 9)), ErrInvalid},
		"omega of two items":           {outcome(Omega([][]float64{{1, .5}, {.5, 1}})), ErrTooFew},
		"omega of a constant item":     {outcome(Omega([][]float64{{1, .5, 0}, {.5, 1, 0}, {0, 0, 0}})), ErrConstant},
		"ranks of a constant":          {outcome(Spearman([]float64{1, 2, 3}, []float64{2, 2, 2})), ErrConstant},
		"ranks of unequal lengths":     {outcome(Spearman([]float64{1, 2, 3}, nil)), ErrInvalid},
		"interval of three ranks":      {interval(Spearman([]float64{1, 2, 3}, []float64{1, 3, 2})), ErrTooFew},
		"relative risk to none":        {outcome(RelativeRisk(1, 5, 0, 5)), ErrUndefined},
		"interval of no risk":          {interval(RelativeRisk(0, 5, 1, 5)), ErrUndefined},
		"interval of certain risk":     {interval(RelativeRisk(5, 5, 5, 5)), ErrConstant},
		"difference to an empty group": {outcome(RiskDifference(1, 5, 0, 0)), ErrTooFew},
		"score of no goals":            {outcome(GoalScore(nil)), ErrTooFew},
		"score of a weightless goal":   {outcome(GoalScore([]Goal{{0, 1}})), ErrInvalid},
		"score of a level off scale":   {outcome(GoalScore([]Goal{{1, 3}})), ErrInvalid},
		"one target":                   {outcome(RateTargets([][]float64{{1, 2}})), ErrTooFew},
		"ragged ratings":               {outcome(RateTargets([][]float64{{1, 2}, {1}})), ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) { requireError(t, c.got, c.want) })
	}
}

func TestTTestsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 40).Draw(t, "n")
		a, b := must[Sample](t)(Summarize(likert(n, n).Draw(t, "a"))), must[Sample](t)(Summarize(likert(n, n).Draw(t, "b")))
		w, err := WelchT(a, b)
		if err != nil {
			requireError(t, err, ErrConstant)
			return
		}
		mirror := must[TTest](t)(WelchT(b, a))
		if !near(w.T, -mirror.T, 1e-12) || !near(w.P, mirror.P, 1e-12) {
			t.Fatalf("%+v does not mirror %+v", w, mirror)
		}
		if w.DF < float64(n-1)-1e-9 || w.DF > float64(2*n-2)+1e-9 {
			t.Fatalf("%v degrees of freedom for two samples of %d", w.DF, n)
		}
		requireInside(t, "Welch", w.Difference)
		// An interval holds 0 exactly when p is above .05.
		if holds := w.Difference.Interval.Low <= 0 && w.Difference.Interval.High >= 0; math.Abs(w.P-.05) > 1e-9 && holds != (w.P > .05) {
			t.Fatalf("p %v with %v", w.P, *w.Difference.Interval)
		}
		g := must[Estimate](t)(HedgesG(a, b))
		if g.Value*w.T < 0 || g.Interval == nil {
			t.Fatalf("g %+v for t %v", g, w.T)
		}
	})
}

func TestEffectIntervalsHoldTheirLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statistic := rapid.Float64Range(-12, 12).Draw(t, "t")
		df := float64(rapid.IntRange(2, 400).Draw(t, "df"))
		e := effectInterval(Estimate{}, statistic, df, 1)
		if e.Interval == nil {
			t.Fatalf("no interval: %v", e.NoInterval)
		}
		mirror := effectInterval(Estimate{}, -statistic, df, 1)
		if !near(mirror.Interval.Low, -e.Interval.High, 1e-9) {
			t.Fatalf("%v does not mirror %v", *mirror.Interval, *e.Interval)
		}
		for delta, want := range map[float64]float64{e.Interval.Low: .975, e.Interval.High: .025} {
			if statistic < 0 {
				delta, want = -delta, 1-want
			}
			if p := (distuv.NoncentralT{Nu: df, Mu: delta}).CDF(math.Abs(statistic)); math.Abs(p-want) > 1e-8 {
				t.Fatalf("P(T ≤ %v | %v) is %v, not %v", math.Abs(statistic), delta, p, want)
			}
		}
		// The interval holds 0 exactly when the t test does not reject it.
		if p := tProbability(statistic, df); math.Abs(p-.05) > 1e-6 && (e.Interval.Low <= 0 && e.Interval.High >= 0) != (p > .05) {
			t.Fatalf("p %v with %v", p, *e.Interval)
		}
	})
}

func TestEffectSizesOfSleep(t *testing.T) {
	first, second, diff := sleep()
	a, b, d := sampleOf(t, first), sampleOf(t, second), sampleOf(t, diff)
	// 1.58/√((3.2006+4.0090)/2) · (1 − 3/71), by hand.
	if g := must[Estimate](t)(HedgesG(a, b)); math.Abs(g.Value-.7970) > 5e-5 || g.Interval == nil || g.N != 20 {
		t.Errorf("g %+v", g)
	}
	e := must[Estimate](t)(HedgesAverage(a, b, d))
	// 1.58/((1.7890+2.0022)/2) · (1 − 3/35), by hand.
	if math.Abs(e.Value-.7621) > 5e-5 || e.Interval == nil || e.Interval.Low <= 0 || e.Interval.High <= e.Value {
		t.Errorf("g_av %+v", e)
	}
}

func TestSignFlipByEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Tenths, so that sums tie on paper and differ in floating point.
		tenths := rapid.SliceOfN(rapid.IntRange(-12, 12), 2, 12).Draw(t, "tenths")
		diffs, sum := make([]float64, len(tenths)), 0
		for i, d := range tenths {
			diffs[i] = float64(d) / 10
			sum += d
		}
		var extreme int64
		for signs := range 1 << len(tenths) {
			other := 0
			for i, d := range tenths {
				if signs>>i&1 == 1 {
					d = -d
				}
				other += d
			}
			if max(other, -other) >= max(sum, -sum) {
				extreme++
			}
		}
		got := must[SignFlipTest](t)(SignFlip(diffs))
		if got.Extreme != extreme || got.Total != 1<<len(tenths) {
			t.Fatalf("%+v, by enumeration %d", got, extreme)
		}
		if again := must[SignFlipTest](t)(SignFlip(shuffled(3, diffs))); again != got {
			t.Fatalf("%+v in another order is %+v", got, again)
		}
	})
}

func TestSignFlipOfMany(t *testing.T) {
	diffs := slices.Repeat([]float64{1}, MaxSignFlip)
	if got := must[SignFlipTest](t)(SignFlip(diffs)); got.Extreme != 2 || got.Total != 1<<MaxSignFlip {
		t.Errorf("%+v for differences that all agree", got)
	}
}

func TestFalseDiscoveryByStepUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 25).Draw(t, "p")
		level := rapid.Float64Range(.001, .999).Draw(t, "level")
		q := must[[]float64](t)(FalseDiscovery(p))
		// The procedure as published: reject up to the largest k with p₍k₎ ≤ k/m·level.
		sorted, limit := slices.Sorted(slices.Values(p)), -1.0
		for i, x := range sorted {
			if x <= float64(i+1)/float64(len(p))*level {
				limit = x
			}
		}
		for i := range p {
			if math.Abs(q[i]-level) > 1e-12 && (q[i] <= level) != (p[i] <= limit) {
				t.Fatalf("q %v of p %v at %v, limit %v", q[i], p[i], level, limit)
			}
			if q[i] < p[i] || q[i] > 1 {
				t.Fatalf("q %v of p %v", q[i], p[i])
			}
		}
		if other := must[[]float64](t)(FalseDiscovery(shuffled(9, p))); !slices.Equal(other, shuffled(9, q)) {
			t.Fatalf("%v in another order is %v", q, other)
		}
	})
}

func TestReliableChangeByTheIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sd, r := rapid.Float64Range(.1, 20).Draw(t, "sd"), rapid.Float64Range(0, .99).Draw(t, "r")
		changes := rapid.SliceOfN(rapid.Float64Range(-50, 50), 1, 40).Draw(t, "changes")
		limit := must[float64](t)(ReliableChangeLimit(sd, r))
		var up, down int
		for _, c := range changes {
			index := must[float64](t)(ReliableChangeIndex(0, c, sd, r))
			if math.Abs(math.Abs(index)-1.96) < 1e-9 {
				return // either side of the limit is right
			}
			if index > 1.96 {
				up++
			} else if index < -1.96 {
				down++
			}
		}
		got := must[ReliableChange](t)(ClassifyChanges(changes, limit))
		want := must[ReliableChange](t)(ReliableShares(up, len(changes)-up-down, down))
		if got.Up.Value != want.Up.Value || got.Down.Value != want.Down.Value {
			t.Fatalf("%+v, by the index %+v", got, want)
		}
		if sum := got.Up.Value + got.Unchanged.Value + got.Down.Value; !near(sum, 1, 1e-12) {
			t.Fatalf("shares add up to %v", sum)
		}
	})
}
