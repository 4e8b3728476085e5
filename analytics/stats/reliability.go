package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Alpha returns Cronbach's (1951) alpha of a scale with the interval of Feldt
// (1965). cov is the k×k covariance matrix of its items, reversed items turned
// first, over n people who answered all of them; N is n. At most 1; below 0
// when the items contradict each other, which is a finding and not an error.
//
// ErrTooFew below 2 items or 2 people, ErrConstant when the sum of the items
// does not vary. No interval when alpha is exactly 1 (ErrConstant).
func Alpha(cov [][]float64, n int) (Estimate, error) {
	m, err := covariances(cov, 2)
	if err != nil {
		return Estimate{}, err
	}
	if err := checkCounts("n", n); err != nil {
		return Estimate{}, err
	}
	if n < 2 {
		return Estimate{}, tooFew("people", n, 2)
	}
	k := float64(len(cov))
	own, total := mat.Trace(m), mat.Sum(m)
	// Items that cancel out leave a total of rounding only.
	if total < 1e-60 || total <= 1e-12*own {
		return Estimate{}, fmt.Errorf("%w: the sum of the items has no variance", ErrConstant)
	}
	alpha := min(1, k/(k-1)*(1-own/total))
	e := Estimate{Value: alpha, N: n}
	if 1-alpha < 1e-12 {
		return e.withoutInterval(fmt.Errorf("%w: the items agree completely", ErrConstant)), nil
	}
	f := distuv.F{D1: float64(n - 1), D2: float64(n-1) * (k - 1)}
	return e.withInterval(1-(1-alpha)*f.Quantile(upperTail), 1-(1-alpha)*f.Quantile(1-upperTail)), nil
}

// OneFactor is a one-factor model of a scale, item i = loading i · factor + own
// part, in the units of the items.
type OneFactor struct {
	// Omega is McDonald's (1999) coefficient (Σλ)²/((Σλ)²+Σθ), 0…1.
	Omega float64
	// Loadings λ, one an item, turned so that their sum is not negative.
	Loadings []float64
	// Uniquenesses θ, one an item: the variance that the factor leaves.
	Uniquenesses []float64
	// Heywood tells that a uniqueness has run into its lower limit of 0.5% of the
	// item's variance: the model fits badly, and Omega is not to be leaned on.
	Heywood bool
}

// minUniqueness is the least share of an item's variance left to the item, as in
// R's factanal.
const minUniqueness = 0.005

// Omega fits one factor to the k×k covariance matrix of a scale's items by
// maximum likelihood, by the EM algorithm of Rubin & Thayer (1982), and returns
// McDonald's omega with the model. Reversed items are to be turned first.
//
// ErrTooFew below 3 items, for which a factor is not determined; ErrConstant when
// an item does not vary; ErrUndefined when the items do not share one factor.
func Omega(cov [][]float64) (OneFactor, error) {
	m, err := covariances(cov, 3)
	if err != nil {
		return OneFactor{}, err
	}
	corr, sd, err := standardize(m)
	if err != nil {
		return OneFactor{}, err
	}
	loading, own, err := fitOneFactor(corr)
	if err != nil {
		return OneFactor{}, err
	}
	out := OneFactor{Loadings: loading, Uniquenesses: own}
	var common, unique float64
	for i := range loading {
		out.Heywood = out.Heywood || own[i] <= minUniqueness
		loading[i] *= sd[i]
		own[i] *= sd[i] * sd[i]
		common += loading[i]
		unique += own[i]
	}
	if common < 0 {
		for i := range loading {
			loading[i] = -loading[i]
		}
	}
	out.Omega = common * common / (common*common + unique)
	return out, nil
}

// fitOneFactor returns the loadings and uniquenesses of the standardized items.
func fitOneFactor(corr *mat.SymDense) (loading, own []float64, err error) {
	const (
		maxSteps  = 200_000
		tolerance = 1e-11
	)
	undetermined := fmt.Errorf("%w: the items do not share one factor", ErrUndefined)
	var eigen mat.EigenSym
	if !eigen.Factorize(corr, true) {
		return nil, nil, undetermined
	}
	k := corr.SymmetricDim()
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	first := max(eigen.Values(nil)[k-1], 0)
	loading, own = make([]float64, k), make([]float64, k)
	for i := range k {
		loading[i] = 0.9 * math.Sqrt(first) * vectors.At(i, k-1)
		own[i] = max(minUniqueness, 1-loading[i]*loading[i])
	}
	weight, cross := mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
	for range maxSteps {
		information := 0.0
		for i := range k {
			weight.SetVec(i, loading[i]/own[i])
			information += loading[i] * loading[i] / own[i]
		}
		weight.ScaleVec(1/(1+information), weight)
		cross.MulVec(corr, weight)
		second := 1/(1+information) + mat.Dot(weight, cross)
		change := 0.0
		for i := range k {
			next := cross.AtVec(i) / second
			change = max(change, math.Abs(next-loading[i]))
			loading[i] = next
			own[i] = max(minUniqueness, 1-next*cross.AtVec(i))
		}
		if change < tolerance {
			return loading, own, checkShared(loading, undetermined)
		}
	}
	return nil, nil, undetermined
}

// checkShared wants three items that load: with fewer, any of many models fits.
func checkShared(loading []float64, undetermined error) error {
	count := 0
	for _, x := range loading {
		if math.Abs(x) > 1e-4 {
			count++
		}
	}
	if count < 3 {
		return undetermined
	}
	return nil
}
