package stats

import "math"

// DifferenceOf returns a − b of two independent estimates of the same unit, with
// the interval that is recovered from theirs, which need not be symmetric (Zou &
// Donner 2008). Of two proportions with Wilson's intervals it is [RiskDifference].
// N counts the observations of both. No interval where one of the two has none,
// for the same reason.
func DifferenceOf(a, b Estimate) Estimate {
	d := Estimate{Value: a.Value - b.Value, N: a.N + b.N}
	for _, one := range []Estimate{a, b} {
		if one.Interval == nil {
			return d.withoutInterval(one.NoInterval)
		}
	}
	return d.withInterval(d.Value-math.Hypot(a.Value-a.Interval.Low, b.Interval.High-b.Value),
		d.Value+math.Hypot(a.Interval.High-a.Value, b.Value-b.Interval.Low))
}
