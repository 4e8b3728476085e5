package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
)

// Sample holds the sufficient statistics of a set of numbers: how many, their
// mean and their unbiased variance (n−1). Mean is not read when N is 0, nor
// Variance when N is below 2, so what the store gives there (NaN) may stay.
type Sample struct {
	N              int
	Mean, Variance float64
}

// Summarize reduces values to their sample statistics; with fewer than two
// values the Variance is 0, with none the Mean too. ErrInvalid when a value is
// not finite.
func Summarize(values []float64) (Sample, error) {
	if err := checkFinite("values", values...); err != nil {
		return Sample{}, err
	}
	switch len(values) {
	case 0:
		return Sample{}, nil
	case 1:
		return Sample{N: 1, Mean: values[0]}, nil
	}
	mean, variance := stat.MeanVariance(values, nil)
	return Sample{N: len(values), Mean: mean, Variance: variance}, nil
}

// roundingVariance is the variance, relative to the squared mean, below which a
// sample counts as constant: a one-pass sum of squares in double precision
// leaves about that much where there is none.
const roundingVariance = 1e-14

func (s Sample) check(name string) error {
	if err := checkCounts(name+" n", s.N); err != nil {
		return err
	}
	if s.N >= 1 {
		if err := checkFinite(name+" mean", s.Mean); err != nil {
			return err
		}
	}
	if s.N < 2 {
		return nil
	}
	if !(math.Abs(s.Variance) <= maxMagnitude*maxMagnitude) {
		return fmt.Errorf("%w: %s variance is %v", ErrInvalid, name, s.Variance)
	}
	if s.Variance < 0 && !s.constant() {
		return fmt.Errorf("%w: %s variance is %v, below 0", ErrInvalid, name, s.Variance)
	}
	return nil
}

// constant tells whether the variance is nothing but rounding.
func (s Sample) constant() bool {
	return s.Variance <= 0 && -s.Variance <= roundingVariance*s.Mean*s.Mean ||
		s.Variance > 0 && (s.Variance <= roundingVariance*s.Mean*s.Mean || s.Variance < 1e-60)
}

// Mean returns the mean with Student's t interval (Student 1908), in the unit of
// the data; N is the sample's. ErrTooFew without data; without an interval for
// one value (ErrTooFew) and for values that are all the same (ErrConstant).
func Mean(s Sample) (Estimate, error) {
	if err := s.check("sample"); err != nil {
		return Estimate{}, err
	}
	if s.N == 0 {
		return Estimate{}, tooFew("values", 0, 1)
	}
	e := Estimate{Value: s.Mean, N: s.N}
	if s.N < 2 {
		return e.withoutInterval(tooFew("values", s.N, 2)), nil
	}
	if s.constant() {
		return e.withoutInterval(fmt.Errorf("%w: all %d values are the same", ErrConstant, s.N)), nil
	}
	half := tQuantile(float64(s.N-1)) * math.Sqrt(s.Variance/float64(s.N))
	return e.withInterval(s.Mean-half, s.Mean+half), nil
}

// Index puts a mean on a scale of 1…points, and its interval, on 0…100:
// 100(x̄−1)/(points−1). An interval is cut at the ends of the scale, which a
// t interval of a mean close to them can pass. ErrInvalid when points is below
// 2 or the mean is off the scale.
func Index(mean Estimate, points int) (Estimate, error) {
	if points < 2 {
		return Estimate{}, fmt.Errorf("%w: a scale of %d points; it has at least 2", ErrInvalid, points)
	}
	const rounding = 1e-9
	if top := float64(points); !(mean.Value >= 1-rounding && mean.Value <= top+rounding) {
		return Estimate{}, fmt.Errorf("%w: mean %v is off the scale of 1 to %d", ErrInvalid, mean.Value, points)
	}
	index := func(x float64) float64 {
		return min(100, max(0, 100*(x-1)/float64(points-1)))
	}
	out := mean
	out.Value = index(mean.Value)
	if mean.Interval != nil {
		out = out.withInterval(index(mean.Interval.Low), index(mean.Interval.High))
	}
	return out, nil
}
