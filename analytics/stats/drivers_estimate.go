package stats

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// ScoreCluster holds the sums of the score vectors of people who are not
// independent of each other, such as one person's in several waves. A vector is
// the outcome, then the predictors.
type ScoreCluster struct {
	N        int       // vectors
	Sums     []float64 // of each score
	Products []float64 // k×k, of each two
}

// Add joins another cluster of the same scores to it.
func (c *ScoreCluster) Add(o ScoreCluster) {
	c.N += o.N
	for i, x := range o.Sums {
		c.Sums[i] += x
	}
	for i, x := range o.Products {
		c.Products[i] += x
	}
}

// compare puts clusters into an order of their own, so that what is drawn of them
// depends on the seed and the answers alone.
func (c ScoreCluster) compare(o ScoreCluster) int {
	return cmp.Or(cmp.Compare(c.N, o.N), slices.Compare(c.Sums, o.Sums), slices.Compare(c.Products, o.Products))
}

// DriverEstimates are [Drivers] with intervals, and the correlation of each
// predictor with the outcome. N of each counts vectors.
type DriverEstimates struct {
	R2                            Estimate
	Weights, Shares, Correlations []Estimate // one a predictor; a share is of R²
}

// EstimateDrivers divides the variance of the outcome among the predictors
// (Johnson 2000), with the intervals of a bootstrap that draws whole clusters
// (Tonidandel, LeBreton & Johnson 2009; Cameron, Gelbach & Miller 2008). R² and
// weights come out greater in resamples than in what is resampled, the more so the
// smaller they are. The percentiles of R² and of correlations are corrected for that
// bias (Efron 1981). Those of weights and shares are not: next to 0 the correction
// takes the upper end away, and of 43 people and three scales only four intervals in
// five would hold the truth. They are stretched to their value instead. Weights are
// never below 0, so their intervals do not tell them from 0; they tell one from
// another. The order of clusters does not matter.
//
// Errors as [RelativeWeights]; ErrTooFew below two vectors, ErrConstant when a
// score does not vary, ErrUndefined for shares when R² is 0. No interval with fewer
// than 2 clusters or when over one resample in twenty has no weights (ErrTooFew),
// when resampling changes nothing (ErrConstant), nor when it moves a figure so far
// one way that no correction makes up for it (ErrBiased).
func EstimateDrivers(clusters []ScoreCluster, how Resampling) (DriverEstimates, error) {
	if how.Resamples < 200 || how.Resamples > 100_000 {
		return DriverEstimates{}, fmt.Errorf("%w: %d resamples; take 200 to 100000", ErrInvalid, how.Resamples)
	}
	k, err := checkScores(clusters)
	if err != nil {
		return DriverEstimates{}, err
	}
	sum := total(clusters, k)
	point, err := sum.drivers()
	if err != nil {
		return DriverEstimates{}, err
	}
	draws, err := resampleDrivers(clusters, k, len(point), how)
	list := make([]Estimate, len(point))
	for i, v := range point {
		list[i] = Estimate{Value: v, N: sum.n}
		if err != nil {
			list[i] = list[i].withoutInterval(err)
			continue
		}
		slices.Sort(draws[i])
		if p := k - 1; 1 <= i && i < 1+2*p {
			list[i] = list[i].percentiles(draws[i])
		} else {
			list[i] = list[i].biasCorrected(draws[i], i == 0)
		}
	}
	p := k - 1
	return DriverEstimates{R2: list[0], Weights: list[1 : 1+p], Shares: list[1+p : 1+2*p], Correlations: list[1+2*p:]}, nil
}

// percentiles gives an estimate the interval from the 2.5th to the 97.5th percentile
// of its sorted resamples, stretched to the value where that is beyond.
func (e Estimate) percentiles(draws []float64) Estimate {
	if draws[len(draws)-1]-draws[0] <= 1e-9 {
		return e.withoutInterval(fmt.Errorf("%w: resampling changes nothing", ErrConstant))
	}
	low, high := stat.Quantile(0.025, stat.Empirical, draws, nil), stat.Quantile(0.975, stat.Empirical, draws, nil)
	return e.withInterval(min(low, e.Value), max(high, e.Value))
}

// biasCorrected gives an estimate the interval of its sorted resamples: their
// percentiles at Φ(2z₀ ± z), where z₀ is the normal quantile of the share of them
// below the value (Efron 1981). Where that share is beyond the level of the
// interval, the value would lie outside, and there is none (ErrBiased). The lower
// end of a figure that is never negative is 0 where no resample reaches so low.
func (e Estimate) biasCorrected(draws []float64, nonnegative bool) Estimate {
	if draws[len(draws)-1]-draws[0] <= 1e-9 {
		return e.withoutInterval(fmt.Errorf("%w: resampling changes nothing", ErrConstant))
	}
	z0, z := bias(e.Value, draws), normalQuantile()
	if !(math.Abs(z0) < z) {
		return e.withoutInterval(fmt.Errorf("%w: by %.1f of a standard deviation", ErrBiased, z0))
	}
	from, to := distuv.UnitNormal.CDF(2*z0-z), distuv.UnitNormal.CDF(2*z0+z)
	low, high := stat.Quantile(from, stat.Empirical, draws, nil), stat.Quantile(to, stat.Empirical, draws, nil)
	if nonnegative && from*float64(len(draws)) < 1 {
		low = 0
	}
	if low > e.Value || high < e.Value { // rounding, next to the limit above
		return e.withoutInterval(ErrBiased)
	}
	return e.withInterval(low, high)
}

// bias is the normal quantile of the share of the sorted draws that lie below a
// value, those at it by half; infinite when all lie on one side.
func bias(value float64, draws []float64) float64 {
	below, _ := slices.BinarySearch(draws, value)
	upTo := below
	for upTo < len(draws) && draws[upTo] == value {
		upTo++
	}
	return distuv.UnitNormal.Quantile(float64(below+upTo) / 2 / float64(len(draws)))
}

func checkScores(clusters []ScoreCluster) (k int, err error) {
	if len(clusters) == 0 {
		return 0, tooFew("score vectors", 0, 2)
	}
	k = len(clusters[0].Sums)
	if k < 2 {
		return 0, tooFew("scores in a vector", k, 2)
	}
	for _, c := range clusters {
		if len(c.Sums) != k || len(c.Products) != k*k {
			return 0, fmt.Errorf("%w: a cluster of %d sums and %d products where there are %d scores", ErrInvalid, len(c.Sums), len(c.Products), k)
		}
		if err := cmp.Or(checkCounts("vectors", c.N), checkFinite("sums", c.Sums...), checkFinite("products", c.Products...)); err != nil {
			return 0, err
		}
	}
	return k, nil
}

// scoreSums adds up clusters.
type scoreSums struct {
	n              int
	sums, products []float64
}

func newScoreSums(k int) *scoreSums {
	return &scoreSums{sums: make([]float64, k), products: make([]float64, k*k)}
}

func total(clusters []ScoreCluster, k int) *scoreSums {
	sum := newScoreSums(k)
	for _, c := range clusters {
		sum.add(c)
	}
	return sum
}

func (s *scoreSums) add(c ScoreCluster) {
	s.n += c.N
	for i, x := range c.Sums {
		s.sums[i] += x
	}
	for i, x := range c.Products {
		s.products[i] += x
	}
}

func (s *scoreSums) reset() {
	s.n = 0
	clear(s.sums)
	clear(s.products)
}

// drivers are R², the weights, their shares and the correlations, one after the
// other.
func (s *scoreSums) drivers() ([]float64, error) {
	k, n := len(s.sums), float64(s.n)
	if s.n < 2 {
		return nil, tooFew("score vectors", s.n, 2)
	}
	cov := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			c := (s.products[i*k+j] - s.sums[i]*s.sums[j]/n) / (n - 1)
			if i == j && c <= 1e-9*max(s.products[i*k+i]/n, 1) { // what rounding leaves of none
				return nil, fmt.Errorf("%w: score %d", ErrConstant, i)
			}
			cov.SetSym(i, j, c)
		}
	}
	corr, _, err := standardize(cov)
	if err != nil {
		return nil, err
	}
	among, with := make([][]float64, k-1), make([]float64, k-1)
	for i := range among {
		with[i] = min(1, max(-1, corr.At(0, i+1)))
		among[i] = make([]float64, k-1)
		for j := range among[i] {
			among[i][j] = corr.At(i+1, j+1)
		}
	}
	d, err := RelativeWeights(among, with)
	if err != nil {
		return nil, err
	}
	if d.R2 <= 0 {
		return nil, fmt.Errorf("%w: the predictors have nothing to do with the outcome", ErrUndefined)
	}
	out := append([]float64{d.R2}, d.Weights...)
	for _, w := range d.Weights {
		out = append(out, w/d.R2)
	}
	return append(out, with...), nil
}

// resampleDrivers returns, for each of the figures of drivers, its values in the
// resamples that have one.
func resampleDrivers(clusters []ScoreCluster, k, figures int, how Resampling) ([][]float64, error) {
	if len(clusters) < 2 {
		return nil, tooFew("clusters", len(clusters), 2)
	}
	sorted := slices.SortedFunc(slices.Values(clusters), ScoreCluster.compare)
	rng := rand.New(rand.NewPCG(how.Seed, uint64(how.Resamples)))
	draws := make([][]float64, figures)
	sum := newScoreSums(k)
	for range how.Resamples {
		sum.reset()
		for range sorted {
			sum.add(sorted[rng.IntN(len(sorted))])
		}
		values, err := sum.drivers()
		if err != nil {
			continue
		}
		for i, v := range values {
			draws[i] = append(draws[i], v)
		}
	}
	if got := len(draws[0]); got < how.Resamples-how.Resamples/20 {
		return nil, fmt.Errorf("%w: %d of %d resamples have no weights", ErrTooFew, how.Resamples-got, how.Resamples)
	}
	return draws, nil
}
