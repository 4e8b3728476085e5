package stats

import (
	"errors"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// attitude is R's data set of that name (Chatterjee & Price 1977): rating,
// complaints, privileges, learning, raises, critical, advance of 30 departments.
func attitude() [][]float64 {
	return [][]float64{
		{43, 51, 30, 39, 61, 92, 45}, {63, 64, 51, 54, 63, 73, 47}, {71, 70, 68, 69, 76, 86, 48},
		{61, 63, 45, 47, 54, 84, 35}, {81, 78, 56, 66, 71, 83, 47}, {43, 55, 49, 44, 54, 49, 34},
		{58, 67, 42, 56, 66, 68, 35}, {71, 75, 50, 55, 70, 66, 41}, {72, 82, 72, 67, 71, 83, 31},
		{67, 61, 45, 47, 62, 80, 41}, {64, 53, 53, 58, 58, 67, 34}, {67, 60, 47, 39, 59, 74, 41},
		{69, 62, 57, 42, 55, 63, 25}, {68, 83, 83, 45, 59, 77, 35}, {77, 77, 54, 72, 79, 77, 46},
		{81, 90, 50, 72, 60, 54, 36}, {74, 85, 64, 69, 79, 79, 63}, {65, 60, 65, 75, 55, 80, 60},
		{65, 70, 46, 57, 75, 85, 46}, {50, 58, 68, 54, 64, 78, 52}, {50, 40, 33, 34, 43, 64, 33},
		{64, 61, 52, 62, 66, 80, 41}, {53, 66, 52, 50, 63, 80, 37}, {40, 37, 42, 58, 50, 57, 49},
		{63, 54, 42, 48, 66, 75, 33}, {66, 77, 66, 63, 88, 76, 72}, {78, 75, 58, 74, 80, 78, 49},
		{48, 57, 44, 45, 51, 83, 38}, {85, 85, 71, 71, 77, 74, 55}, {82, 82, 39, 59, 64, 78, 39},
	}
}

// sleep is Student's (1908) data: extra hours of sleep of ten patients under each
// of two drugs, and the differences second − first.
func sleep() (first, second, diff []float64) {
	first = []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	second = []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	for i := range first {
		diff = append(diff, second[i]-first[i])
	}
	return first, second, diff
}

// freireich is the trial of Freireich et al. (1963): weeks of remission under
// 6-MP and under placebo.
func freireich() (drug, placebo []LifeRow) {
	for _, t := range []float64{6, 6, 6, 7, 10, 13, 16, 22, 23} {
		drug = append(drug, LifeRow{Time: t, Events: 1})
	}
	for _, t := range []float64{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35} {
		drug = append(drug, LifeRow{Time: t, Censored: 1})
	}
	for _, t := range []float64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23} {
		placebo = append(placebo, LifeRow{Time: t, Events: 1})
	}
	return drug, placebo
}

// shroutFleiss is the table of Shrout & Fleiss (1979): 6 targets, 4 judges.
func shroutFleiss() [][]float64 {
	return [][]float64{{9, 2, 5, 8}, {6, 1, 3, 2}, {8, 4, 6, 8}, {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}}
}

// benjaminiHochberg are the 15 p values of Benjamini & Hochberg (1995).
func benjaminiHochberg() []float64 {
	return []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .324, .4262, .5719, .6528, .759, 1}
}

// congeneric is the correlation matrix of four items that load .8, .7, .6 and .5
// on one factor, without error.
func congeneric() [][]float64 {
	return [][]float64{{1, .56, .48, .40}, {.56, 1, .42, .35}, {.48, .42, 1, .30}, {.40, .35, .30, 1}}
}

// covarianceOf is the sample covariance matrix of rows of observations.
func covarianceOf(rows [][]float64) [][]float64 {
	x := mat.NewDense(len(rows), len(rows[0]), slices.Concat(rows...))
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, x, nil)
	out := make([][]float64, len(rows[0]))
	for i := range out {
		out[i] = mat.Row(nil, i, &cov)
	}
	return out
}

// failer is what tests and property tests have in common.
type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// must unwraps a result that has to exist.
func must[T any](t failer) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

func sampleOf(t *testing.T, values []float64) Sample {
	t.Helper()
	return must[Sample](t)(Summarize(values))
}

func requireError(t failer, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, not %v", err, want)
	}
}
