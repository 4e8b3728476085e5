package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// symmetric checks that rows are a finite symmetric matrix of at least need
// rows and returns it as one.
func symmetric(name string, rows [][]float64, need int) (*mat.SymDense, error) {
	k := len(rows)
	if k < need {
		return nil, tooFew("items in the "+name+" matrix", k, need)
	}
	m := mat.NewSymDense(k, nil)
	for i, row := range rows {
		if len(row) != k {
			return nil, fmt.Errorf("%w: row %d of the %s matrix has %d entries, not %d", ErrInvalid, i, name, len(row), k)
		}
		if err := checkFinite(fmt.Sprintf("%s row %d", name, i), row...); err != nil {
			return nil, err
		}
	}
	for i := range k {
		for j := i; j < k; j++ {
			a, b := rows[i][j], rows[j][i]
			// Two sums taken in another order differ in the last digits.
			if math.Abs(a-b) > 1e-9*(1+math.Sqrt(math.Abs(rows[i][i]*rows[j][j]))) {
				return nil, fmt.Errorf("%w: the %s matrix is not symmetric at %d, %d (%v and %v)", ErrInvalid, name, i, j, a, b)
			}
			m.SetSym(i, j, (a+b)/2)
		}
	}
	return m, nil
}

// covariances is symmetric for a covariance matrix: no variance below 0, no
// covariance beyond what the two variances allow.
func covariances(rows [][]float64, need int) (*mat.SymDense, error) {
	m, err := symmetric("covariance", rows, need)
	if err != nil {
		return nil, err
	}
	const rounding = 1e-9
	for i := range rows {
		if m.At(i, i) < 0 {
			return nil, fmt.Errorf("%w: the variance of item %d is %v, below 0", ErrInvalid, i, m.At(i, i))
		}
		for j := range i {
			if limit := math.Sqrt(m.At(i, i) * m.At(j, j)); math.Abs(m.At(i, j)) > limit*(1+rounding)+1e-300 {
				return nil, fmt.Errorf("%w: the covariance of items %d and %d is %v, beyond ±%v", ErrInvalid, j, i, m.At(i, j), limit)
			}
		}
	}
	return m, nil
}

// standardize turns a covariance matrix into correlations and standard
// deviations. ErrConstant names the first item that does not vary.
func standardize(cov *mat.SymDense) (corr *mat.SymDense, sd []float64, err error) {
	k := cov.SymmetricDim()
	sd = make([]float64, k)
	for i := range sd {
		if cov.At(i, i) < 1e-60 {
			return nil, nil, fmt.Errorf("%w: item %d has no variance", ErrConstant, i)
		}
		sd[i] = math.Sqrt(cov.At(i, i))
	}
	corr = mat.NewSymDense(k, nil)
	for i := range k {
		corr.SetSym(i, i, 1)
		for j := i + 1; j < k; j++ {
			corr.SetSym(i, j, cov.At(i, j)/(sd[i]*sd[j]))
		}
	}
	return corr, sd, nil
}
