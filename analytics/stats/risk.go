package stats

import (
	"fmt"
	"math"
)

// RelativeRisk returns the risk in the first group over that in the second,
// (events1/n1)/(events2/n2), with the log interval of Katz et al. (1978); N is
// n1+n2. Above 1 the first group leaves more.
//
// ErrTooFew for an empty group; ErrUndefined when nobody left in the second; no
// interval when nobody left in the first (ErrUndefined) or everybody in both
// (ErrConstant).
func RelativeRisk(events1, n1, events2, n2 int) (Estimate, error) {
	if err := checkGroups(events1, n1, events2, n2); err != nil {
		return Estimate{}, err
	}
	if events2 == 0 {
		return Estimate{}, fmt.Errorf("%w: no events among the %d of the second group", ErrUndefined, n2)
	}
	a, b := float64(events1), float64(events2)
	ratio := a / float64(n1) / (b / float64(n2))
	e := Estimate{Value: ratio, N: n1 + n2}
	if events1 == 0 {
		return e.withoutInterval(fmt.Errorf("%w: no events among the %d of the first group", ErrUndefined, n1)), nil
	}
	if events1 == n1 && events2 == n2 {
		return e.withoutInterval(fmt.Errorf("%w: events to everybody in both groups", ErrConstant)), nil
	}
	half := normalQuantile() * math.Sqrt(1/a-1/float64(n1)+1/b-1/float64(n2))
	return e.withInterval(ratio*math.Exp(-half), ratio*math.Exp(half)), nil
}

// RiskDifference returns the risk in the first group minus that in the second,
// −1…1, with the hybrid score interval (Newcombe 1998, method 10); N is n1+n2.
// ErrTooFew for an empty group. The interval always exists.
func RiskDifference(events1, n1, events2, n2 int) (Estimate, error) {
	if err := checkGroups(events1, n1, events2, n2); err != nil {
		return Estimate{}, err
	}
	p1, p2 := float64(events1)/float64(n1), float64(events2)/float64(n2)
	low1, high1 := wilson(events1, n1)
	low2, high2 := wilson(events2, n2)
	d := p1 - p2
	e := Estimate{Value: d, N: n1 + n2}
	return e.withInterval(d-math.Hypot(p1-low1, high2-p2), d+math.Hypot(high1-p1, p2-low2)), nil
}

// RiskTest returns the two-sided p that the risks in two groups are the same,
// from the χ² of their table with one degree of freedom and no correction
// (Pearson 1900). ErrTooFew for an empty group; ErrConstant when nobody or
// everybody of both had the event.
func RiskTest(events1, n1, events2, n2 int) (float64, error) {
	if err := checkGroups(events1, n1, events2, n2); err != nil {
		return 0, err
	}
	pooled := float64(events1+events2) / float64(n1+n2)
	if pooled == 0 || pooled == 1 {
		return 0, fmt.Errorf("%w: the same happened to everybody in both groups", ErrConstant)
	}
	d := float64(events1)/float64(n1) - float64(events2)/float64(n2)
	z := math.Abs(d) / math.Sqrt(pooled*(1-pooled)*(1/float64(n1)+1/float64(n2)))
	return math.Erfc(z / math.Sqrt2), nil
}

func checkGroups(events1, n1, events2, n2 int) error {
	if err := checkShare("events of the first group", events1, n1); err != nil {
		return err
	}
	return checkShare("events of the second group", events2, n2)
}
