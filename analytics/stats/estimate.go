package stats

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Level is the confidence level of every interval of the package.
const Level = 0.95

// upperTail is the probability below the upper end of an interval.
const upperTail = 1 - (1-Level)/2

// The reasons why there is no figure, or no interval to one. Errors of the
// package wrap them.
var (
	ErrTooFew    = errors.New("too few data")
	ErrConstant  = errors.New("the data do not vary")
	ErrUndefined = errors.New("the data do not determine the figure")
	ErrBiased    = errors.New("resampling moves the figure one way")
	ErrInvalid   = errors.New("invalid argument")
)

// Interval is a confidence interval at [Level], in the unit of its estimate.
type Interval struct {
	Low, High float64
}

// Estimate is a figure with the number of observations behind it.
type Estimate struct {
	Value float64
	// Interval is nil when there is none; NoInterval then says why, and is nil
	// otherwise.
	Interval   *Interval
	NoInterval error
	// N counts what the function says it counts: people, answers, targets.
	N int
}

// withInterval returns e with the interval, or with the reason for its absence
// when rounding or extreme degrees of freedom have left no finite one.
func (e Estimate) withInterval(low, high float64) Estimate {
	if !isFinite(low) || !isFinite(high) {
		return e.withoutInterval(fmt.Errorf("%w: the interval has no finite end", ErrUndefined))
	}
	// Two ends a rounding apart can come out the wrong way round.
	e.Interval, e.NoInterval = &Interval{Low: min(low, high), High: max(low, high)}, nil
	return e
}

func (e Estimate) withoutInterval(reason error) Estimate {
	e.Interval, e.NoInterval = nil, reason
	return e
}

// maxMagnitude bounds what the package accepts. No measure of the product comes
// near it, and below it no product or power taken here can overflow.
const maxMagnitude = 1e15

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func checkFinite(name string, values ...float64) error {
	for i, x := range values {
		if !(math.Abs(x) <= maxMagnitude) { // also false for NaN
			return fmt.Errorf("%w: %s[%d] is %v; it must be a number within ±%g", ErrInvalid, name, i, x, maxMagnitude)
		}
	}
	return nil
}

func checkCounts(name string, counts ...int) error {
	for i, n := range counts {
		if n < 0 || n > maxMagnitude {
			return fmt.Errorf("%w: %s[%d] is %d; a count lies between 0 and %g", ErrInvalid, name, i, n, maxMagnitude)
		}
	}
	return nil
}

func tooFew(what string, have, need int) error {
	return fmt.Errorf("%w: %d %s, at least %d needed", ErrTooFew, have, what, need)
}

// normalQuantile is the standard normal quantile at upperTail, 1.96 in short.
func normalQuantile() float64 { return distuv.UnitNormal.Quantile(upperTail) }

// tQuantile is the quantile of Student's t at upperTail.
func tQuantile(df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(upperTail)
}

// tProbability is the two-sided p of a t statistic.
func tProbability(t, df float64) float64 {
	return min(1, 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Survival(math.Abs(t)))
}
