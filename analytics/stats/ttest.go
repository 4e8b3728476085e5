package stats

import (
	"fmt"
	"math"
)

// TTest is the result of a t test.
type TTest struct {
	// Difference is the mean difference with its interval, in the unit of the
	// data; its N counts pairs in a paired test and both samples otherwise.
	Difference Estimate
	T, DF, P   float64
}

// PairedT tests whether the mean of within-person differences is 0 (Student
// 1908). diff summarizes later minus earlier, one a person.
//
// ErrTooFew below 2 differences. ErrConstant when they are all the same; the mean
// difference still exists and [Mean] gives it.
func PairedT(diff Sample) (TTest, error) {
	if err := diff.check("difference"); err != nil {
		return TTest{}, err
	}
	if diff.N < 2 {
		return TTest{}, tooFew("pairs", diff.N, 2)
	}
	if diff.constant() {
		return TTest{}, fmt.Errorf("%w: all %d differences are the same", ErrConstant, diff.N)
	}
	return tTest(diff.Mean, math.Sqrt(diff.Variance/float64(diff.N)), float64(diff.N-1), diff.N), nil
}

// WelchT tests whether the means of two independent samples differ without
// taking their variances as equal (Welch 1947); the difference is b − a.
//
// ErrTooFew below 2 values in a sample, ErrConstant when neither varies.
func WelchT(a, b Sample) (TTest, error) {
	if err := checkTwo(a, b); err != nil {
		return TTest{}, err
	}
	if a.constant() && b.constant() {
		return TTest{}, fmt.Errorf("%w: neither sample does", ErrConstant)
	}
	va, vb := max(0, a.Variance)/float64(a.N), max(0, b.Variance)/float64(b.N)
	// Shares of the sum and not raw squares, which underflow for small variances.
	sa, sb := va/(va+vb), vb/(va+vb)
	df := 1 / (sa*sa/float64(a.N-1) + sb*sb/float64(b.N-1))
	return tTest(b.Mean-a.Mean, math.Sqrt(va+vb), df, a.N+b.N), nil
}

func checkTwo(a, b Sample) error {
	if err := a.check("first sample"); err != nil {
		return err
	}
	if err := b.check("second sample"); err != nil {
		return err
	}
	if least := min(a.N, b.N); least < 2 {
		return tooFew("values in a sample", least, 2)
	}
	return nil
}

func tTest(difference, se, df float64, n int) TTest {
	half := tQuantile(df) * se
	t := difference / se
	return TTest{
		Difference: Estimate{Value: difference, N: n}.withInterval(difference-half, difference+half),
		T:          t,
		DF:         df,
		P:          tProbability(t, df),
	}
}
