package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// HedgesAverage returns the size of a change between two measurements of the
// same people, Hedges' g_av = J·d̄/((s₁+s₂)/2) with J = 1 − 3/(4·df − 1) and
// df = n − 1 (Hedges 1981; Lakens 2013), in standard deviations. first and second
// summarize the two measurements, diff the differences second − first, all of the
// same n people; N is n. The interval is the noncentral t one of Algina &
// Keselman (2003) for the uncorrected effect.
//
// ErrTooFew below 3 people (J is 0 for two), ErrConstant when neither measurement
// varies; no interval when the differences do not (ErrConstant).
func HedgesAverage(first, second, diff Sample) (Estimate, error) {
	if err := checkTwo(first, second); err != nil {
		return Estimate{}, err
	}
	if err := diff.check("difference"); err != nil {
		return Estimate{}, err
	}
	if first.N != second.N || first.N != diff.N {
		return Estimate{}, fmt.Errorf("%w: paired samples of %d, %d and %d people", ErrInvalid, first.N, second.N, diff.N)
	}
	n := diff.N
	if n < 3 {
		return Estimate{}, tooFew("pairs", n, 3)
	}
	if first.constant() && second.constant() {
		return Estimate{}, fmt.Errorf("%w: neither measurement does", ErrConstant)
	}
	unit := (math.Sqrt(max(0, first.Variance)) + math.Sqrt(max(0, second.Variance))) / 2
	df := float64(n - 1)
	e := Estimate{Value: smallSample(df) * diff.Mean / unit, N: n}
	if diff.constant() {
		return e.withoutInterval(fmt.Errorf("%w: all %d differences are the same", ErrConstant, n)), nil
	}
	se := math.Sqrt(diff.Variance / float64(n))
	return effectInterval(e, diff.Mean/se, df, se/unit), nil
}

// HedgesG returns the size of the difference b − a between two independent
// samples, Hedges' (1981) g = J·(x̄b−x̄a)/s with s pooled and J = 1 − 3/(4·df − 1),
// df = n₁+n₂−2, in standard deviations; N is n₁+n₂. The interval is the noncentral
// t one (Steiger & Fouladi 1997) for the uncorrected effect.
//
// ErrTooFew below 2 values in a sample, ErrConstant when neither varies.
func HedgesG(a, b Sample) (Estimate, error) {
	if err := checkTwo(a, b); err != nil {
		return Estimate{}, err
	}
	if a.constant() && b.constant() {
		return Estimate{}, fmt.Errorf("%w: neither sample does", ErrConstant)
	}
	na, nb := float64(a.N), float64(b.N)
	df := na + nb - 2
	pooled := math.Sqrt(((na-1)*max(0, a.Variance) + (nb-1)*max(0, b.Variance)) / df)
	d, scale := (b.Mean-a.Mean)/pooled, math.Sqrt(1/na+1/nb)
	return effectInterval(Estimate{Value: smallSample(df) * d, N: a.N + b.N}, d/scale, df, scale), nil
}

// smallSample is Hedges' correction J, in the approximation he gives.
func smallSample(df float64) float64 { return 1 - 3/(4*df-1) }

// effectInterval finds the noncentrality parameters under which t is at either
// tail and turns them into effects by scale.
func effectInterval(e Estimate, t, df, scale float64) Estimate {
	// By symmetry only t ≥ 0 is solved for.
	sign := 1.0
	if t < 0 {
		sign = -1
	}
	low, okLow := noncentrality(math.Abs(t), df, upperTail)
	high, okHigh := noncentrality(math.Abs(t), df, 1-upperTail)
	if !okLow || !okHigh {
		return e.withoutInterval(fmt.Errorf("%w: t is %.4g, too far out for an interval", ErrUndefined, t))
	}
	low, high = sign*scale*low, sign*scale*high
	return e.withInterval(min(low, high), max(low, high))
}

// noncentrality solves P(T ≤ t | df, δ) = p for δ by bisection; the probability
// falls as δ rises.
func noncentrality(t, df, p float64) (delta float64, ok bool) {
	below := func(delta float64) float64 { return distuv.NoncentralT{Nu: df, Mu: delta}.CDF(t) }
	// The spread of δ given t is about that of the large-sample approximation.
	step := 4 * math.Sqrt(1+t*t/(2*df))
	low, high := t-step, t+step
	for range 50 {
		if below(low) > p {
			break
		}
		low -= step
	}
	for range 50 {
		if below(high) < p {
			break
		}
		high += step
	}
	if !(below(low) > p && below(high) < p) {
		return 0, false
	}
	for range 200 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if below(middle) > p {
			low = middle
		} else {
			high = middle
		}
	}
	return low + (high-low)/2, true
}
