package stats

import (
	"fmt"
	"math"
)

// reliableZ is the criterion of Jacobson & Truax, |RCI| > 1.96.
const reliableZ = 1.96

// ReliableChangeIndex returns Jacobson & Truax's (1991) index of one person's
// change, (second − first)/√(2s²(1−r)), in standard errors of a difference. sd is
// the standard deviation at baseline, reliability that of the scale, 0 ≤ r < 1.
// The change is reliable when the index is beyond ±1.96.
//
// ErrConstant for sd 0, ErrUndefined for a reliability below 0 or of 1.
func ReliableChangeIndex(first, second, sd, reliability float64) (float64, error) {
	if err := checkFinite("scores", first, second); err != nil {
		return 0, err
	}
	se, err := differenceError(sd, reliability)
	if err != nil {
		return 0, err
	}
	return (second - first) / se, nil
}

// ReliableChangeLimit returns the least change that is reliable, in the unit of
// the scale: 1.96·√(2s²(1−r)). A change must be greater. It lets the store count
// who changed without the index of each person. Errors as [ReliableChangeIndex].
func ReliableChangeLimit(sd, reliability float64) (float64, error) {
	se, err := differenceError(sd, reliability)
	if err != nil {
		return 0, err
	}
	return reliableZ * se, nil
}

func differenceError(sd, reliability float64) (float64, error) {
	if err := checkFinite("sd, reliability", sd, reliability); err != nil {
		return 0, err
	}
	if sd < 0 || reliability > 1 {
		return 0, fmt.Errorf("%w: sd %v, reliability %v", ErrInvalid, sd, reliability)
	}
	if sd < 1e-30 {
		return 0, fmt.Errorf("%w: the baseline scores are all the same", ErrConstant)
	}
	if reliability < 0 || 1-reliability < 1e-12 {
		return 0, fmt.Errorf("%w: a reliability of %.3f gives no error of a difference; it must be from 0 to below 1", ErrUndefined, reliability)
	}
	return sd * math.Sqrt(2*(1-reliability)), nil
}

// ReliableChange divides people by whether they changed reliably. Each share is
// 0…1 with Wilson's interval, over the same N people.
type ReliableChange struct {
	Up, Unchanged, Down Estimate
}

// ReliableShares turns counts of people beyond ±[ReliableChangeLimit] and within
// it into shares. ErrTooFew when all are 0, ErrInvalid when one is below 0.
func ReliableShares(up, unchanged, down int) (ReliableChange, error) {
	if err := checkCounts("up, unchanged, down", up, unchanged, down); err != nil {
		return ReliableChange{}, err
	}
	n := up + unchanged + down
	var out ReliableChange
	for _, part := range []struct {
		count int
		into  *Estimate
	}{{up, &out.Up}, {unchanged, &out.Unchanged}, {down, &out.Down}} {
		share, err := Proportion(part.count, n)
		if err != nil {
			return ReliableChange{}, err
		}
		*part.into = share
	}
	return out, nil
}

// ClassifyChanges divides changes (later − earlier, one a person, in the unit of
// the scale) at limit, as [ReliableChangeLimit] gives it; a change of exactly the
// limit is unchanged. ErrTooFew without changes, ErrInvalid for a limit below 0.
func ClassifyChanges(changes []float64, limit float64) (ReliableChange, error) {
	if err := checkFinite("changes", changes...); err != nil {
		return ReliableChange{}, err
	}
	if !(limit >= 0 && limit <= maxMagnitude) {
		return ReliableChange{}, fmt.Errorf("%w: the limit of a reliable change is %v", ErrInvalid, limit)
	}
	var up, down int
	for _, c := range changes {
		switch {
		case c > limit:
			up++
		case c < -limit:
			down++
		}
	}
	return ReliableShares(up, len(changes)-up-down, down)
}
