package stats

import (
	"fmt"
	"math"
)

// Proportion returns successes/n, 0…1, with the score interval (Wilson 1927).
// Used for favourability, response rates and every other share. ErrTooFew for
// n = 0, ErrInvalid for counts below 0 or successes above n. The interval
// exists from n = 1 and never leaves 0…1.
func Proportion(successes, n int) (Estimate, error) {
	if err := checkShare("successes", successes, n); err != nil {
		return Estimate{}, err
	}
	low, high := wilson(successes, n)
	return Estimate{Value: float64(successes) / float64(n), N: n}.withInterval(low, high), nil
}

func checkShare(name string, x, n int) error {
	if err := checkCounts(name, x, n); err != nil {
		return err
	}
	if x > n {
		return fmt.Errorf("%w: %s is %d, more than n = %d", ErrInvalid, name, x, n)
	}
	if n == 0 {
		return tooFew("observations", 0, 1)
	}
	return nil
}

func wilson(successes, n int) (low, high float64) {
	z, size := normalQuantile(), float64(n)
	p := float64(successes) / size
	centre := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	low, high = (centre-half)/(1+z*z/size), (centre+half)/(1+z*z/size)
	// The formula gives these ends exactly; rounding does not.
	if successes == 0 {
		low = 0
	}
	if successes == n {
		high = 1
	}
	return max(0, low), min(1, high)
}

// NetPromoter returns the net promoter score 100(P−D)/n, −100…+100 points, with
// the adjusted-Wald interval (Rocks 2016): 3 is added to n and ¾ to promoters
// and detractors each; the ends are cut at ±100. The interval is centred on the
// adjusted score and therefore not on Value. ErrTooFew when all three counts
// are 0, ErrInvalid when one is below 0. The interval exists from n = 1.
func NetPromoter(promoters, passives, detractors int) (Estimate, error) {
	if err := checkCounts("promoters, passives, detractors", promoters, passives, detractors); err != nil {
		return Estimate{}, err
	}
	n := promoters + passives + detractors
	if n == 0 {
		return Estimate{}, tooFew("answers", 0, 1)
	}
	size := float64(n) + 3
	p, d := (float64(promoters)+0.75)/size, (float64(detractors)+0.75)/size
	half := normalQuantile() * math.Sqrt((p+d-(p-d)*(p-d))/size)
	e := Estimate{Value: 100 * float64(promoters-detractors) / float64(n), N: n}
	return e.withInterval(max(-100, 100*(p-d-half)), min(100, 100*(p-d+half))), nil
}
