package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Ratings holds the mean squares of n targets (goals) that were each rated by the
// same k raters, from which the intraclass correlations follow. Names and order
// are those of Shrout & Fleiss (1979).
type Ratings struct {
	Targets, Raters int
	// Between targets (BMS), within targets (WMS), between raters (JMS), and the
	// residual (EMS), each in the squared unit of the ratings.
	Between, Within, Judges, Residual float64
}

// RateTargets analyses a table of ratings, one row a target, one column a rater,
// without gaps. ErrTooFew below 2 targets or 2 raters, ErrInvalid for rows of
// different length or a value that is not finite.
func RateTargets(table [][]float64) (Ratings, error) {
	n := len(table)
	if n < 2 {
		return Ratings{}, tooFew("targets", n, 2)
	}
	k := len(table[0])
	if k < 2 {
		return Ratings{}, tooFew("raters", k, 2)
	}
	targets, raters := make([]float64, n), make([]float64, k)
	for i, row := range table {
		if len(row) != k {
			return Ratings{}, fmt.Errorf("%w: target %d has %d ratings, not %d", ErrInvalid, i, len(row), k)
		}
		if err := checkFinite(fmt.Sprintf("ratings of target %d", i), row...); err != nil {
			return Ratings{}, err
		}
		targets[i] = stat.Mean(row, nil)
		for j, x := range row {
			raters[j] += x / float64(n)
		}
	}
	grand := stat.Mean(targets, nil)
	var within, residual, largest float64
	for i, row := range table {
		for j, x := range row {
			largest = max(largest, math.Abs(x))
			own := x - targets[i]
			within += own * own
			left := own - (raters[j] - grand)
			residual += left * left
		}
	}
	return Ratings{
		Targets: n, Raters: k,
		Between:  float64(k) * stat.Variance(targets, nil),
		Within:   within / float64(n*(k-1)),
		Judges:   float64(n) * stat.Variance(raters, nil),
		Residual: residual / float64((n-1)*(k-1)),
	}.withoutRounding(1e-24 * largest * largest), nil
}

// withoutRounding clears mean squares that are nothing but rounding, so that a
// ratio of two of them is not taken for agreement.
func (r Ratings) withoutRounding(floor float64) Ratings {
	for _, square := range []*float64{&r.Between, &r.Within, &r.Judges, &r.Residual} {
		if *square <= floor {
			*square = 0
		}
	}
	return r
}

// RateByTwo is [RateTargets] for two raters, such as self and partner, from the
// statistics of one scan: the ratings of each and their unbiased covariance.
func RateByTwo(a, b Sample, covariance float64) (Ratings, error) {
	if err := a.check("first rater"); err != nil {
		return Ratings{}, err
	}
	if err := b.check("second rater"); err != nil {
		return Ratings{}, err
	}
	if a.N != b.N {
		return Ratings{}, fmt.Errorf("%w: %d and %d ratings; both rate every target", ErrInvalid, a.N, b.N)
	}
	if a.N < 2 {
		return Ratings{}, tooFew("targets", a.N, 2)
	}
	va, vb := max(0, a.Variance), max(0, b.Variance)
	const rounding = 1e-9
	if limit := (va + vb) / 2; !(covariance >= -limit*(1+rounding) && covariance <= limit*(1+rounding)) {
		return Ratings{}, fmt.Errorf("%w: covariance %v with variances %v and %v", ErrInvalid, covariance, va, vb)
	}
	n, d := float64(a.N), a.Mean-b.Mean
	r := Ratings{
		Targets: a.N, Raters: 2,
		Between:  max(0, (va+vb)/2+covariance),
		Judges:   n * d * d / 2,
		Residual: max(0, (va+vb)/2-covariance),
	}
	r.Within = (r.Judges + (n-1)*r.Residual) / n
	return r.withoutRounding(roundingVariance * max(a.Mean*a.Mean, b.Mean*b.Mean)), nil
}

// OneWay returns ICC(1,1) (Shrout & Fleiss 1979): the correlation of two ratings
// of a target by raters who are not told apart. At most 1, at least −1/(k−1); N is
// the number of targets. ErrConstant when all ratings are the same; no interval
// when the raters agree completely or the targets' means are all the same
// (ErrConstant).
func (r Ratings) OneWay() (Estimate, error) {
	df := float64(r.Targets) * float64(r.Raters-1)
	return r.fromRatio(r.Within, df)
}

// Consistency returns ICC(3,1) (Shrout & Fleiss 1979), which is ICC(C,1) of McGraw
// & Wong (1996): whether the raters order targets alike, whatever their level.
// Range, N and errors as [Ratings.OneWay].
func (r Ratings) Consistency() (Estimate, error) {
	df := float64(r.Targets-1) * float64(r.Raters-1)
	return r.fromRatio(r.Residual, df)
}

// fromRatio is (B−e)/(B+(k−1)e) with the interval from the F ratio B/e.
func (r Ratings) fromRatio(noise, df float64) (Estimate, error) {
	if err := r.check(); err != nil {
		return Estimate{}, err
	}
	k, n := float64(r.Raters), float64(r.Targets)
	total := r.Between + (k-1)*noise
	if total <= 0 {
		return Estimate{}, fmt.Errorf("%w: all ratings are the same", ErrConstant)
	}
	e := Estimate{Value: (r.Between - noise) / total, N: r.Targets}
	if noise <= 1e-14*r.Between {
		return e.withoutInterval(fmt.Errorf("%w: the raters agree completely", ErrConstant)), nil
	}
	if r.Between == 0 {
		return e.withoutInterval(fmt.Errorf("%w: the targets' means are all the same", ErrConstant)), nil
	}
	f := r.Between / noise
	low := f / distuv.F{D1: n - 1, D2: df}.Quantile(upperTail)
	high := f * distuv.F{D1: df, D2: n - 1}.Quantile(upperTail)
	return e.withInterval((low-1)/(low+k-1), (high-1)/(high+k-1)), nil
}

// Agreement returns ICC(2,1) of Shrout & Fleiss (1979), which is computed as
// ICC(A,1) of McGraw & Wong (1996): whether the raters give a target the same
// value. At most 1; without a lower bound, since below 0 it says only that raters
// differ more than targets do. N is the number of targets. The interval is Shrout
// & Fleiss's, after Satterthwaite. Errors as [Ratings.OneWay], and ErrUndefined
// when two raters of two targets only contradict each other.
func (r Ratings) Agreement() (Estimate, error) {
	if err := r.check(); err != nil {
		return Estimate{}, err
	}
	k, n := float64(r.Raters), float64(r.Targets)
	total := r.Between + (k-1)*r.Residual + k*(r.Judges-r.Residual)/n
	if squares := r.Between + r.Residual + r.Judges; squares == 0 {
		return Estimate{}, fmt.Errorf("%w: all ratings are the same", ErrConstant)
	} else if total <= 1e-12*squares {
		return Estimate{}, fmt.Errorf("%w: two raters who contradict each other on two targets", ErrUndefined)
	}
	icc := (r.Between - r.Residual) / total
	e := Estimate{Value: icc, N: r.Targets}
	if 1-icc <= 1e-12 {
		return e.withoutInterval(fmt.Errorf("%w: the raters agree completely", ErrConstant)), nil
	}
	if r.Between == 0 {
		return e.withoutInterval(fmt.Errorf("%w: the targets' means are all the same", ErrConstant)), nil
	}
	a, b := k*icc/(n*(1-icc)), 1+k*icc*(n-1)/(n*(1-icc))
	x, y := a*r.Judges, b*r.Residual
	df := (x + y) * (x + y) / (x*x/(k-1) + y*y/((n-1)*(k-1)))
	if !(df > 0) {
		return e.withoutInterval(fmt.Errorf("%w: the interval has no degrees of freedom", ErrUndefined)), nil
	}
	up, down := distuv.F{D1: n - 1, D2: df}.Quantile(upperTail), distuv.F{D1: df, D2: n - 1}.Quantile(upperTail)
	rest := k*r.Judges + (k*n-k-n)*r.Residual
	return e.withInterval(
		n*(r.Between-up*r.Residual)/(up*rest+n*r.Between),
		n*(down*r.Between-r.Residual)/(rest+n*down*r.Between),
	), nil
}

func (r Ratings) check() error {
	if r.Targets < 2 || r.Raters < 2 {
		return fmt.Errorf("%w: %d targets and %d raters, at least 2 of each needed", ErrTooFew, r.Targets, r.Raters)
	}
	for _, square := range []float64{r.Between, r.Within, r.Judges, r.Residual} {
		if !(square >= 0 && square <= maxMagnitude*maxMagnitude*maxMagnitude) {
			return fmt.Errorf("%w: a mean square is %v", ErrInvalid, square)
		}
	}
	return nil
}
