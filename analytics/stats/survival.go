package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// LifeRow counts the people whose observation ended at one time since joining:
// those who left then and those who were last seen then and are still there.
// The unit of Time (days, waves) is the caller's. Who is censored at a time was
// at risk at it.
type LifeRow struct {
	Time             float64
	Events, Censored int
}

// LifeTable counts people by time, ascending; left[i] tells whether person i left
// at times[i] or was still there. ErrInvalid when the slices differ in length or
// a time is negative or not finite. No people give an empty table.
func LifeTable(times []float64, left []bool) ([]LifeRow, error) {
	if len(times) != len(left) {
		return nil, fmt.Errorf("%w: %d times and %d endings", ErrInvalid, len(times), len(left))
	}
	rows := make([]LifeRow, len(times))
	for i, t := range times {
		rows[i].Time = t
		if left[i] {
			rows[i].Events = 1
		} else {
			rows[i].Censored = 1
		}
	}
	return mergeRows(rows)
}

// mergeRows sorts rows by time, adds up those of the same time and drops those of
// nobody.
func mergeRows(rows []LifeRow) ([]LifeRow, error) {
	for i, r := range rows {
		if err := checkFinite("time", r.Time); err != nil {
			return nil, err
		}
		if r.Time < 0 {
			return nil, fmt.Errorf("%w: time %d is %v; leaving is not before joining", ErrInvalid, i, r.Time)
		}
		if err := checkCounts(fmt.Sprintf("events, censored at time %v", r.Time), r.Events, r.Censored); err != nil {
			return nil, err
		}
	}
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b LifeRow) int { return cmp.Compare(a.Time, b.Time) })
	merged := sorted[:0]
	for _, r := range sorted {
		if r.Events+r.Censored == 0 {
			continue
		}
		if last := len(merged) - 1; last >= 0 && merged[last].Time == r.Time {
			merged[last].Events += r.Events
			merged[last].Censored += r.Censored
			continue
		}
		merged = append(merged, r)
	}
	return merged, nil
}

// CurvePoint is the state of a survival curve from its Time until the next.
type CurvePoint struct {
	Time float64
	// AtRisk people were under observation just before Time; Events of them left
	// and Censored were last seen at it.
	AtRisk, Events, Censored int
	// Survival is the estimated share still there after Time, 0…1.
	Survival float64
	// SE is Greenwood's (1926) standard error of Survival; 0 where Survival is 1
	// or 0, which says nothing about precision.
	SE float64
	// Interval is Greenwood's on the log-log scale (Kalbfleisch & Prentice 1980),
	// within 0…1; nil where Survival is 1 or 0, for which the scale has no value.
	Interval *Interval
}

// Median is a median time with its interval (Brookmeyer & Crowley 1982, on the
// log-log scale). A part that the curve does not reach is nil: with more than half
// still there the median is not known yet.
type Median struct {
	Value, Low, High *float64
}

// Curve is a Kaplan–Meier estimate.
type Curve struct {
	// Points, ascending, one for every time at which an observation ended.
	Points []CurvePoint
	// N people, of whom Events left.
	N, Events int
	Median    Median
}

// KaplanMeier estimates the share still there by time since joining (Kaplan &
// Meier 1958). Rows may come in any order and repeat a time. Nobody having left
// is no error: the curve stays at 1. ErrTooFew without people, ErrInvalid for a
// negative time or count.
func KaplanMeier(table []LifeRow) (Curve, error) {
	rows, err := mergeRows(table)
	if err != nil {
		return Curve{}, err
	}
	if len(rows) == 0 {
		return Curve{}, tooFew("people", 0, 1)
	}
	curve := Curve{Points: make([]CurvePoint, 0, len(rows))}
	for _, r := range rows {
		curve.N += r.Events + r.Censored
		curve.Events += r.Events
	}
	atRisk, survival, greenwood := curve.N, 1.0, 0.0
	z := normalQuantile()
	for _, r := range rows {
		p := CurvePoint{Time: r.Time, AtRisk: atRisk, Events: r.Events, Censored: r.Censored}
		stay := atRisk - r.Events
		survival *= float64(stay) / float64(atRisk)
		p.Survival = withoutDust(survival)
		if stay > 0 {
			greenwood += float64(r.Events) / (float64(atRisk) * float64(stay))
			p.SE = survival * math.Sqrt(greenwood)
			p.Interval = logLogInterval(survival, greenwood, z)
		}
		curve.Points = append(curve.Points, p)
		atRisk -= r.Events + r.Censored
	}
	curve.Median = curve.median()
	return curve, nil
}

// withoutDust takes from a share what multiplying in double precision leaves at
// its end: 0.8750000000000002 is seven of eight. Twelve decimals tell shares of
// far more people apart than there are.
func withoutDust(share float64) float64 {
	const decimals = 1e12
	return math.Round(share*decimals) / decimals
}

func logLogInterval(survival, greenwood, z float64) *Interval {
	if greenwood == 0 || survival <= 0 || survival >= 1 {
		return nil
	}
	half := z * math.Sqrt(greenwood) / math.Abs(math.Log(survival))
	return &Interval{
		Low:  math.Pow(survival, math.Exp(half)),
		High: math.Pow(survival, math.Exp(-half)),
	}
}

// median finds where the curve and the ends of its interval cross one half.
func (c Curve) median() Median {
	ends := func(of func(CurvePoint) float64) *float64 { return crossesHalf(c.Points, of) }
	return Median{
		Value: ends(func(p CurvePoint) float64 { return p.Survival }),
		Low: ends(func(p CurvePoint) float64 {
			if p.Interval == nil {
				return p.Survival
			}
			return p.Interval.Low
		}),
		High: ends(func(p CurvePoint) float64 {
			if p.Interval == nil {
				// At 0 the interval is not known; the end stays unreached.
				return 1
			}
			return p.Interval.High
		}),
	}
}

// crossesHalf returns the first time at which a falling step function is at or
// below one half. When it rests exactly on one half, any time up to the next step
// is a median, and the middle is taken, as R's survfit does.
func crossesHalf(points []CurvePoint, of func(CurvePoint) float64) *float64 {
	const rounding = 1e-9
	for i, p := range points {
		level := of(p)
		if level > 0.5+rounding {
			continue
		}
		at := p.Time
		if math.Abs(level-0.5) <= rounding {
			for _, next := range points[i+1:] {
				if next.Events > 0 {
					at = (p.Time + next.Time) / 2
					break
				}
			}
		}
		return &at
	}
	return nil
}

// At returns the share still there at a time since joining, with its interval; N
// is the number still under observation just before that time. Before anybody has
// left, and after everybody has, there is no interval (ErrUndefined).
//
// ErrTooFew past the last time at which anybody was under observation, for there
// the curve is not known; ErrInvalid for a negative time.
func (c Curve) At(time float64) (Estimate, error) {
	if err := checkFinite("time", time); err != nil {
		return Estimate{}, err
	}
	if time < 0 {
		return Estimate{}, fmt.Errorf("%w: time %v is before joining", ErrInvalid, time)
	}
	if len(c.Points) == 0 {
		return Estimate{}, tooFew("people", 0, 1)
	}
	// next is the first point after the time.
	next := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].Time > time })
	e := Estimate{Value: 1, N: c.N}
	var interval *Interval
	if next > 0 {
		p := c.Points[next-1]
		e.Value, interval = p.Survival, p.Interval
		e.N = p.AtRisk
		if p.Time < time {
			e.N -= p.Events + p.Censored
		}
		if next == len(c.Points) && p.Time < time && p.Survival > 0 {
			return Estimate{}, fmt.Errorf("%w: nobody was observed for %v, the longest is %v", ErrTooFew, time, p.Time)
		}
	}
	if interval == nil {
		return e.withoutInterval(fmt.Errorf("%w: nobody, or everybody, has left by %v", ErrUndefined, time)), nil
	}
	return e.withInterval(interval.Low, interval.High), nil
}
