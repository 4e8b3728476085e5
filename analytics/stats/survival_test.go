package stats

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gonum.org/v1/gonum/stat/distuv"
)

type stay struct {
	time float64
	left bool
}

func stays(least int) *rapid.Generator[[]stay] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stay {
		return stay{float64(rapid.IntRange(0, 12).Draw(t, "time")), rapid.Bool().Draw(t, "left")}
	}), least, 40)
}

func lifeTable(t *rapid.T, people []stay) []LifeRow {
	times, left := make([]float64, len(people)), make([]bool, len(people))
	for i, p := range people {
		times[i], left[i] = p.time, p.left
	}
	return must[[]LifeRow](t)(LifeTable(times, left))
}

// oneByOne is the table of the same people with a row each, in the order given.
func oneByOne(people []stay) []LifeRow {
	rows := make([]LifeRow, len(people))
	for i, p := range people {
		rows[i] = LifeRow{Time: p.time, Censored: 1}
		if p.left {
			rows[i] = LifeRow{Time: p.time, Events: 1}
		}
	}
	return rows
}

// TestKaplanMeierWithoutDust: people leave one after the other, and the product of
// the shares is the share of those who are left, to the last digit.
func TestKaplanMeierWithoutDust(t *testing.T) {
	for people := 2; people <= 200; people++ {
		rows := make([]LifeRow, people)
		for i := range rows {
			rows[i] = LifeRow{Time: float64(i), Events: 1}
		}
		curve, err := KaplanMeier(rows)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range curve.Points {
			if want := math.Round(1e12*float64(people-1-i)/float64(people)) / 1e12; p.Survival != want {
				t.Fatalf("%d of %d are left: %v, want %v", people-1-i, people, p.Survival, want)
			}
		}
	}
}

func TestKaplanMeierByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := stays(1).Draw(t, "people")
		curve := must[Curve](t)(KaplanMeier(lifeTable(t, people)))
		before := 1.0
		for _, p := range curve.Points {
			// The product over all event times up to this one, counted from the people.
			survival := 1.0
			for time := 0.0; time <= p.Time; time++ {
				atRisk, events := 0, 0
				for _, s := range people {
					if s.time >= time {
						atRisk++
					}
					if s.time == time && s.left {
						events++
					}
				}
				if atRisk > 0 {
					survival *= 1 - float64(events)/float64(atRisk)
				}
				if time == p.Time && (atRisk != p.AtRisk || events != p.Events) {
					t.Fatalf("at %v: %+v, by counting %d at risk, %d events", time, p, atRisk, events)
				}
			}
			if !near(p.Survival, survival, 1e-12) || p.Survival > before {
				t.Fatalf("at %v: %v, by definition %v", p.Time, p.Survival, survival)
			}
			if i := p.Interval; i != nil && !(0 <= i.Low && i.Low <= p.Survival && p.Survival <= i.High && i.High <= 1) {
				t.Fatalf("at %v: %v with %v", p.Time, p.Survival, *i)
			}
			before = p.Survival
		}
		again := must[Curve](t)(KaplanMeier(shuffled(4, oneByOne(people))))
		if again.N != curve.N || !slices.EqualFunc(again.Points, curve.Points, samePoint) {
			t.Fatalf("%+v by the person is %+v", curve, again)
		}
	})
}

func samePoint(a, b CurvePoint) bool {
	a.Interval, b.Interval = nil, nil
	return a == b
}

func TestKaplanMeierWithoutCensoringIsTheShareThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := stays(2).Draw(t, "people")
		for i := range people {
			people[i].left = true
		}
		curve := must[Curve](t)(KaplanMeier(lifeTable(t, people)))
		for _, p := range curve.Points {
			there := 0
			for _, s := range people {
				if s.time > p.Time {
					there++
				}
			}
			n := float64(len(people))
			share := float64(there) / n
			// Without censoring Greenwood's is the binomial standard error.
			if !near(p.Survival, share, 1e-12) || !near(p.SE, math.Sqrt(share*(1-share)/n), 1e-9) {
				t.Fatalf("at %v: %+v, the share is %v", p.Time, p, share)
			}
		}
		times := make([]float64, len(people))
		for i, s := range people {
			times[i] = s.time
		}
		slices.Sort(times)
		middle := (times[(len(times)-1)/2] + times[len(times)/2]) / 2
		if curve.Median.Value == nil || *curve.Median.Value != middle {
			t.Fatalf("median %v of %v", curve.Median.Value, times)
		}
	})
}

func TestCurveAt(t *testing.T) {
	drug, _ := freireich()
	curve := must[Curve](t)(KaplanMeier(drug))
	for _, c := range []struct {
		time, value float64
		n           int
		interval    bool
	}{{0, 1, 21, false}, {5.9, 1, 21, false}, {6, .8571, 21, true}, {6.5, .8571, 17, true}, {23, .4482, 6, true}, {35, .4482, 1, true}} {
		e := must[Estimate](t)(curve.At(c.time))
		if math.Abs(e.Value-c.value) > 5e-5 || e.N != c.n || (e.Interval != nil) != c.interval {
			t.Errorf("S(%v) is %+v; expected %+v", c.time, e, c)
		}
	}
	_, err := curve.At(36)
	requireError(t, err, ErrTooFew)
	_, err = curve.At(-1)
	requireError(t, err, ErrInvalid)
	_, err = Curve{}.At(1)
	requireError(t, err, ErrTooFew)
	_, err = KaplanMeier(nil)
	requireError(t, err, ErrTooFew)
	_, err = LifeTable([]float64{1}, nil)
	requireError(t, err, ErrInvalid)
}

func TestKaplanMeierOfEmptyEnds(t *testing.T) {
	curve := must[Curve](t)(KaplanMeier([]LifeRow{{Time: 4, Censored: 9}}))
	if e := must[Estimate](t)(curve.At(4)); e.Value != 1 || e.Interval != nil || curve.Median.Value != nil {
		t.Errorf("nobody left: %+v, median %+v", e, curve.Median)
	}
	curve = must[Curve](t)(KaplanMeier([]LifeRow{{Time: 4, Events: 9}}))
	if e := must[Estimate](t)(curve.At(40)); e.Value != 0 || e.N != 0 || *curve.Median.Value != 4 {
		t.Errorf("all left: %+v, median %+v", e, curve.Median)
	}
}

func TestLogRankByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := stays(1).Draw(t, "a"), stays(1).Draw(t, "b")
		got, err := LogRank(oneByOne(a), oneByOne(b))
		// Observed minus expected of the first group and its variance.
		var difference, variance float64
		for time := 0.0; time <= 12; time++ {
			var atRisk, n, events, first float64
			for g, people := range [][]stay{a, b} {
				for _, s := range people {
					if s.time >= time {
						n++
						atRisk += float64(1 - g)
					}
					if s.time == time && s.left {
						events++
						first += float64(1 - g)
					}
				}
			}
			if n > 0 {
				difference += first - events*atRisk/n
			}
			if n > 1 {
				variance += events * (atRisk / n) * (1 - atRisk/n) * (n - events) / (n - 1)
			}
		}
		if err != nil {
			if variance > 1e-12 {
				t.Fatalf("%v with a variance of %v", err, variance)
			}
			return
		}
		chi := difference * difference / variance
		if !near(got.ChiSquared, chi, 1e-9) || got.DF != 1 || !near(got.P, distuv.ChiSquared{K: 1}.Survival(chi), 1e-9) {
			t.Fatalf("%+v, by definition χ² %v", got, chi)
		}
		if observed := got.Groups[0].Observed + got.Groups[1].Observed; !near(float64(observed), got.Groups[0].Expected+got.Groups[1].Expected, 1e-9) {
			t.Fatalf("%d observed, %v and %v expected", observed, got.Groups[0].Expected, got.Groups[1].Expected)
		}
	})
}

func TestLogRankOfManyGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := make([][]LifeRow, rapid.IntRange(3, 5).Draw(t, "groups"))
		for g := range groups {
			groups[g] = lifeTable(t, stays(5).Draw(t, "people"))
		}
		got, err := LogRank(groups...)
		if err != nil {
			requireReason(t, "LogRank", err)
			return
		}
		slices.Reverse(groups)
		back := must[LogRankTest](t)(LogRank(groups...))
		if !near(got.ChiSquared, back.ChiSquared, 1e-8) || got.DF != back.DF || got.P < 0 || got.P > 1 {
			t.Fatalf("%+v reversed is %+v", got, back)
		}
		// A group of people gone before anybody left changes nothing.
		if first := firstEvent(groups); first > 0 {
			more := must[LogRankTest](t)(LogRank(append(groups, []LifeRow{{Time: first / 2, Censored: 7}})...))
			if !near(more.ChiSquared, back.ChiSquared, 1e-12) || more.DF != back.DF {
				t.Fatalf("%+v with an idle group is %+v", back, more)
			}
		}
	})
}

func firstEvent(groups [][]LifeRow) float64 {
	first := math.Inf(1)
	for _, r := range slices.Concat(groups...) {
		if r.Events > 0 {
			first = min(first, r.Time)
		}
	}
	return first
}

func TestLogRankReasons(t *testing.T) {
	some := []LifeRow{{Time: 2, Events: 3, Censored: 1}}
	for name, c := range map[string]struct {
		groups [][]LifeRow
		want   error
	}{
		"one group":        {[][]LifeRow{some}, ErrTooFew},
		"an empty group":   {[][]LifeRow{some, nil}, ErrTooFew},
		"an idle group":    {[][]LifeRow{some, {{Time: 1, Censored: 4}}}, ErrTooFew},
		"nobody left":      {[][]LifeRow{{{Time: 1, Censored: 4}}, {{Time: 2, Censored: 4}}}, ErrUndefined},
		"all left at once": {[][]LifeRow{{{Time: 1, Events: 4}}, {{Time: 1, Events: 2}}}, ErrUndefined},
		"a negative time":  {[][]LifeRow{some, {{Time: -1, Events: 2}}}, ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LogRank(c.groups...)
			requireError(t, err, c.want)
		})
	}
}

// By the published table of the 6-MP trial: 9 of 19.25 expected left under 6-MP,
// 21 of 10.75 under placebo, at a variance of 6.257.
func TestPetoHazardRatio(t *testing.T) {
	drug, placebo := freireich()
	ratio := must[Estimate](t)(PetoHazardRatio(must[LogRankTest](t)(LogRank(placebo, drug))))
	const exponent, variance = 10.25 / 6.257, 6.257
	for what, c := range map[string]struct{ got, want float64 }{
		"ratio": {ratio.Value, math.Exp(exponent)},
		"low":   {ratio.Interval.Low, math.Exp(exponent - 1.959964/math.Sqrt(variance))},
		"high":  {ratio.Interval.High, math.Exp(exponent + 1.959964/math.Sqrt(variance))},
	} {
		if math.Abs(c.got/c.want-1) > 2e-3 {
			t.Errorf("%s %v, want %v", what, c.got, c.want)
		}
	}
	if ratio.N != 42 {
		t.Errorf("of %d people", ratio.N)
	}
	if _, err := PetoHazardRatio(must[LogRankTest](t)(LogRank(drug, placebo, drug))); !errors.Is(err, ErrInvalid) {
		t.Errorf("three groups: %v", err)
	}
	if _, err := PetoHazardRatio(LogRankTest{Groups: []LogRankGroup{{N: 5}, {N: 5}}}); !errors.Is(err, ErrUndefined) {
		t.Errorf("as expected: %v", err)
	}
}

// The ratio of two groups is one over that of them the other way round, and its
// interval leaves out 1 where the test is significant.
func TestPetoHazardRatioAgreesWithTheTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups [2][]LifeRow
		for g := range groups {
			for range rapid.IntRange(1, 30).Draw(t, "people") {
				row := LifeRow{Time: float64(rapid.IntRange(1, 9).Draw(t, "time")), Censored: 1}
				if rapid.Bool().Draw(t, "left") {
					row.Events, row.Censored = 1, 0
				}
				groups[g] = append(groups[g], row)
			}
		}
		test, err := LogRank(groups[0], groups[1])
		if err != nil {
			return
		}
		ratio, err := PetoHazardRatio(test)
		if err != nil {
			return
		}
		turned, err := LogRank(groups[1], groups[0])
		if err != nil {
			t.Fatal(err)
		}
		other, err := PetoHazardRatio(turned)
		if err != nil || math.Abs(ratio.Value*other.Value-1) > 1e-6 {
			t.Fatalf("%v and %v, %v", ratio.Value, other.Value, err)
		}
		excludes := ratio.Interval.Low > 1 || ratio.Interval.High < 1
		if math.Abs(test.P-0.05) > 1e-9 && excludes != (test.P < 0.05) {
			t.Fatalf("interval %v at p %v", ratio.Interval, test.P)
		}
	})
}
