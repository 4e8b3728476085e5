package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gonum.org/v1/gonum/stat"
)

func TestRisksMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n1, n2 := rapid.IntRange(1, 500).Draw(t, "n1"), rapid.IntRange(1, 500).Draw(t, "n2")
		a, b := rapid.IntRange(0, n1).Draw(t, "a"), rapid.IntRange(0, n2).Draw(t, "b")
		d, mirror := must[Estimate](t)(RiskDifference(a, n1, b, n2)), must[Estimate](t)(RiskDifference(b, n2, a, n1))
		requireInside(t, "risk difference", d)
		if !near(d.Interval.Low, -mirror.Interval.High, 1e-12) || d.Interval.Low < -1-1e-12 || d.Interval.High > 1+1e-12 {
			t.Fatalf("%v, the other way %v", *d.Interval, *mirror.Interval)
		}
		if a == 0 || b == 0 {
			return
		}
		r, inverse := must[Estimate](t)(RelativeRisk(a, n1, b, n2)), must[Estimate](t)(RelativeRisk(b, n2, a, n1))
		requireInside(t, "relative risk", r)
		if !near(r.Value*inverse.Value, 1, 1e-12) || (r.Interval != nil && !near(r.Interval.Low*inverse.Interval.High, 1, 1e-9)) {
			t.Fatalf("%+v, the other way %+v", r, inverse)
		}
	})
}

func TestGoalScoreBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		goals := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Goal {
			return Goal{float64(rapid.IntRange(1, 9).Draw(t, "weight")), float64(rapid.IntRange(-2, 2).Draw(t, "level"))}
		}), 1, 8).Draw(t, "goals")
		score := must[float64](t)(GoalScore(goals))
		flipped, scaled := slices.Clone(goals), slices.Clone(goals)
		for i := range goals {
			flipped[i].Level = -goals[i].Level
			scaled[i].Weight = goals[i].Weight * 2.5
		}
		if other := must[float64](t)(GoalScore(flipped)); !near(score-50, 50-other, 1e-12) {
			t.Fatalf("%v mirrors to %v", score, other)
		}
		if other := must[float64](t)(GoalScore(scaled)); !near(score, other, 1e-12) {
			t.Fatalf("%v with scaled weights is %v", score, other)
		}
		if other := must[float64](t)(GoalScore(shuffled(2, goals))); !near(score, other, 1e-12) {
			t.Fatalf("%v in another order is %v", score, other)
		}
		// At ±2 throughout the score is furthest out: 20/√ρ at most.
		if math.Abs(score-50) > 20/math.Sqrt(goalCorrelation) {
			t.Fatalf("score %v", score)
		}
	})
}

func ratingTable(t *rapid.T, raters int) [][]float64 {
	table := make([][]float64, rapid.IntRange(2, 20).Draw(t, "targets"))
	for i := range table {
		table[i] = likert(raters, raters).Draw(t, "ratings")
	}
	return table
}

func TestAgreementOfTwoRaters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := ratingTable(t, 2)
		a, b := make([]float64, len(table)), make([]float64, len(table))
		for i, row := range table {
			a[i], b[i] = row[0], row[1]
		}
		rows := must[Ratings](t)(RateTargets(table))
		scan := must[Ratings](t)(RateByTwo(must[Sample](t)(Summarize(a)), must[Sample](t)(Summarize(b)), stat.Covariance(a, b, nil)))
		for _, pair := range [][2]float64{{rows.Between, scan.Between}, {rows.Within, scan.Within}, {rows.Judges, scan.Judges}, {rows.Residual, scan.Residual}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Fatalf("%+v by the row, %+v by the scan", rows, scan)
			}
		}
	})
}

func TestAgreementProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := ratingTable(t, rapid.IntRange(2, 5).Draw(t, "raters"))
		r := must[Ratings](t)(RateTargets(table))
		k, n := float64(r.Raters), float64(r.Targets)
		// The sums of squares add up.
		if within := (r.Judges*(k-1) + r.Residual*(n-1)*(k-1)) / (n * (k - 1)); !near(within, r.Within, 1e-9) {
			t.Fatalf("%+v: within is %v from its parts", r, within)
		}
		shifted := make([][]float64, len(table))
		for i, row := range table {
			shifted[i] = slices.Clone(row)
			shifted[i][0] += 3
		}
		consistency, err := r.Consistency()
		if err != nil {
			requireError(t, err, ErrConstant)
			return
		}
		requireInside(t, "ICC(3,1)", consistency)
		if consistency.Value < -1/(k-1)-1e-9 || consistency.Value > 1+1e-9 {
			t.Fatalf("ICC(3,1) %v", consistency.Value)
		}
		again := must[Estimate](t)(must[Ratings](t)(RateTargets(shifted)).Consistency())
		if !near(again.Value, consistency.Value, 1e-9) {
			t.Fatalf("a lenient rater changes consistency from %v to %v", consistency.Value, again.Value)
		}
		oneWay := must[Estimate](t)(r.OneWay())
		agreement, err := r.Agreement()
		if err != nil {
			if r.Targets != 2 || r.Raters != 2 {
				t.Fatalf("%v for %v", err, table)
			}
			requireError(t, err, ErrUndefined)
			return
		}
		requireInside(t, "ICC(1,1)", oneWay)
		if agreement.Value > 1+1e-9 || oneWay.Value > 1+1e-9 {
			t.Fatalf("ICC(1,1) %v, ICC(2,1) %v", oneWay.Value, agreement.Value)
		}
		if agreement.Value > 0 {
			requireInside(t, "ICC(2,1)", agreement)
		}
	})
}

func TestRatersWhoAgree(t *testing.T) {
	r := must[Ratings](t)(RateTargets([][]float64{{.1, .1, .1}, {.7, .7, .7}, {.3, .3, .3}}))
	for name, icc := range map[string]func() (Estimate, error){"OneWay": r.OneWay, "Agreement": r.Agreement, "Consistency": r.Consistency} {
		e := must[Estimate](t)(icc())
		if !near(e.Value, 1, 1e-12) || e.Interval != nil {
			t.Errorf("%s of raters who agree: %+v", name, e)
		}
	}
	r = must[Ratings](t)(RateTargets([][]float64{{.1, .3}, {.1, .3}, {.1, .3}}))
	_, err := r.Consistency()
	requireError(t, err, ErrConstant)
	if e := must[Estimate](t)(r.Agreement()); e.Value != 0 || e.Interval != nil {
		t.Errorf("targets that do not differ: %+v", e)
	}
}

// changed simulates pairs of two people who answer before and after; half of what
// moves a pair is common to both.
func changed(rng *rand.Rand, pairs int, gain float64) []Cluster {
	out := make([]Cluster, pairs)
	for i := range out {
		common := rng.NormFloat64()
		for range 2 {
			out[i].Before.N++
			out[i].Before.Sum += 3 + rng.NormFloat64()/2
			out[i].After.N++
			out[i].After.Sum += 3 + gain + common + rng.NormFloat64()/2
		}
	}
	return out
}

func TestDifferenceInDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rng := rand.New(rand.NewPCG(seed, 8))
		treated, comparison := changed(rng, 20, 1), changed(rng, 15, 0)
		how := Resampling{Resamples: 400, Seed: seed}
		e := must[Estimate](t)(DifferenceInDifferences(treated, comparison, how))
		requireInside(t, "difference", e)
		again := must[Estimate](t)(DifferenceInDifferences(shuffled(6, treated), shuffled(6, comparison), how))
		if !near(again.Value, e.Value, 1e-12) || !near(again.Interval.Low, e.Interval.Low, 1e-9) || !near(again.Interval.High, e.Interval.High, 1e-9) {
			t.Fatalf("%v in another order is %v", *e.Interval, *again.Interval)
		}
		// What everybody gains alike is no difference.
		lifted := func(clusters []Cluster) []Cluster {
			out := slices.Clone(clusters)
			for i := range out {
				out[i].After.Sum += 0.7 * float64(out[i].After.N)
			}
			return out
		}
		same := must[Estimate](t)(DifferenceInDifferences(lifted(treated), lifted(comparison), how))
		if !near(same.Value, e.Value, 1e-9) || !near(same.Interval.Low, e.Interval.Low, 1e-9) {
			t.Fatalf("%v after a common gain is %v", *e.Interval, *same.Interval)
		}
		swapped := must[Estimate](t)(DifferenceInDifferences(comparison, treated, how))
		if !near(swapped.Value, -e.Value, 1e-9) {
			t.Fatalf("%v swapped is %v", e.Value, swapped.Value)
		}
	})
}

// TestDifferenceInDifferencesCoverage repeats the study with a known gain: the
// interval must hold it about as often as it says, for clusters and not for the
// people in them (by whom it would be about 85%).
func TestDifferenceInDifferencesCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(2026, 1))
	const studies = 400
	held := 0
	for s := range studies {
		e := must[Estimate](t)(DifferenceInDifferences(changed(rng, 60, 1), changed(rng, 60, 0), Resampling{300, uint64(s)}))
		if e.Interval.Low <= 1 && 1 <= e.Interval.High {
			held++
		}
	}
	if share := float64(held) / studies; share < .92 || share > .975 {
		t.Errorf("the interval held the gain in %.1f%% of studies", 100*share)
	}
}

func TestDifferenceInDifferencesReasons(t *testing.T) {
	how := Resampling{Resamples: 200, Seed: 1}
	whole := Cluster{Cell{2, 6}, Cell{2, 8}}
	before, after := Cluster{Before: Cell{1, 3}}, Cluster{After: Cell{1, 4}}
	_, err := DifferenceInDifferences([]Cluster{whole}, []Cluster{before}, how)
	requireError(t, err, ErrTooFew)
	_, err = DifferenceInDifferences([]Cluster{whole}, []Cluster{whole}, Resampling{})
	requireError(t, err, ErrInvalid)
	_, err = DifferenceInDifferences([]Cluster{whole}, []Cluster{{Before: Cell{0, 3}}}, how)
	requireError(t, err, ErrInvalid)
	estimate := must[Estimate](t)
	requireError(t, estimate(DifferenceInDifferences([]Cluster{whole}, []Cluster{whole, whole}, how)).NoInterval, ErrTooFew)
	requireError(t, estimate(DifferenceInDifferences([]Cluster{whole, whole}, []Cluster{whole, whole}, how)).NoInterval, ErrConstant)
	requireError(t, estimate(DifferenceInDifferences([]Cluster{before, after}, []Cluster{whole, whole}, how)).NoInterval, ErrTooFew)
}
