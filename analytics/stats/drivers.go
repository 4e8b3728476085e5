package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Drivers says how much of the variance of an outcome its predictors account for
// and how that divides among them.
type Drivers struct {
	// Weights are shares of the outcome's variance, one a predictor, each 0…1;
	// their sum is R2.
	Weights []float64
	// R2 is the squared multiple correlation, 0…1.
	R2 float64
}

// RelativeWeights divides R² among correlated predictors (Johnson 2000): each
// predictor is traced through the nearest uncorrelated variables. corr is the k×k
// correlation matrix of the predictors, withOutcome their k correlations with the
// outcome, all over the same people.
//
// ErrTooFew without predictors; ErrUndefined when one predictor is a combination
// of the others; ErrInvalid when the correlations cannot belong together, which
// happens when each is taken over other people.
func RelativeWeights(corr [][]float64, withOutcome []float64) (Drivers, error) {
	m, err := symmetric("correlation", corr, 1)
	if err != nil {
		return Drivers{}, err
	}
	k := len(corr)
	if len(withOutcome) != k {
		return Drivers{}, fmt.Errorf("%w: %d correlations with the outcome for %d predictors", ErrInvalid, len(withOutcome), k)
	}
	if err := checkCorrelations(corr, withOutcome); err != nil {
		return Drivers{}, err
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		return Drivers{}, fmt.Errorf("%w: the correlation matrix has no eigenvalues", ErrUndefined)
	}
	values := eigen.Values(nil)
	const negligible = 1e-9
	if values[0] < -negligible {
		return Drivers{}, fmt.Errorf("%w: the correlations cannot belong together; take them over the same people", ErrInvalid)
	}
	if values[0] < negligible {
		return Drivers{}, fmt.Errorf("%w: one predictor is a combination of the others", ErrUndefined)
	}
	var v mat.Dense
	eigen.VectorsTo(&v)
	out := Drivers{Weights: make([]float64, k)}
	for j := range k {
		// beta regresses the outcome on the j-th uncorrelated variable, root is
		// column j of the square root of the matrix.
		var beta float64
		root := make([]float64, k)
		for a := range k {
			scale := math.Sqrt(values[a])
			for i := range k {
				beta += v.At(j, a) * v.At(i, a) / scale * withOutcome[i]
				root[i] += v.At(i, a) * scale * v.At(j, a)
			}
		}
		for i := range k {
			out.Weights[i] += root[i] * root[i] * beta * beta
		}
		out.R2 += beta * beta
	}
	const rounding = 1e-6
	if out.R2 > 1+rounding {
		return Drivers{}, fmt.Errorf("%w: R² would be %.3f; take all correlations over the same people", ErrInvalid, out.R2)
	}
	out.R2 = min(1, out.R2)
	return out, nil
}

func checkCorrelations(corr [][]float64, withOutcome []float64) error {
	const rounding = 1e-9
	for i, row := range corr {
		if math.Abs(row[i]-1) > rounding {
			return fmt.Errorf("%w: entry %d of the correlation matrix's diagonal is %v, not 1", ErrInvalid, i, row[i])
		}
	}
	for _, row := range append([][]float64{withOutcome}, corr...) {
		for j, r := range row {
			if !(math.Abs(r) <= 1+rounding) {
				return fmt.Errorf("%w: correlation %d is %v, not within ±1", ErrInvalid, j, r)
			}
		}
	}
	return nil
}
