package stats

import (
	"fmt"
	"math"
)

// goalCorrelation is the correlation between goals that Kiresuk & Sherman assume.
const goalCorrelation = 0.3

// Goal is one scaled goal: its weight, above 0, and the level attained, −2…+2,
// where 0 is what was expected.
type Goal struct {
	Weight, Level float64
}

// GoalSums are the sums over one pair's goals from which its score follows.
type GoalSums struct {
	WeightLevel   float64 // Σwx
	Weight        float64 // Σw
	WeightSquared float64 // Σw²
}

// GoalScore returns the goal attainment T score (Kiresuk & Sherman 1968) of one
// pair's goals: 50 is what was expected, and 10 one standard deviation.
// T = 50 + 10Σwx/√((1−ρ)Σw² + ρ(Σw)²), ρ = .3. The weights' scale does not matter.
//
// ErrTooFew without goals, ErrInvalid for a weight that is not above 0 or a level
// beyond ±2.
func GoalScore(goals []Goal) (float64, error) {
	var sums GoalSums
	for i, g := range goals {
		if err := checkFinite(fmt.Sprintf("goal %d weight, level", i), g.Weight, g.Level); err != nil {
			return 0, err
		}
		if g.Weight <= 0 {
			return 0, fmt.Errorf("%w: the weight of goal %d is %v; it must be above 0", ErrInvalid, i, g.Weight)
		}
		if math.Abs(g.Level) > 2 {
			return 0, fmt.Errorf("%w: the level of goal %d is %v; it is from −2 to +2", ErrInvalid, i, g.Level)
		}
		sums.WeightLevel += g.Weight * g.Level
		sums.Weight += g.Weight
		sums.WeightSquared += g.Weight * g.Weight
	}
	if len(goals) == 0 {
		return 0, tooFew("goals", 0, 1)
	}
	return sums.Score()
}

// Score is [GoalScore] from sums. ErrTooFew when Σw is 0, ErrInvalid for sums that
// no weights above 0 and levels of −2…+2 can have.
func (s GoalSums) Score() (float64, error) {
	if err := checkFinite("Σwx, Σw", s.WeightLevel, s.Weight); err != nil {
		return 0, err
	}
	const rounding = 1e-9
	square := s.Weight * s.Weight
	if !(s.Weight >= 0 && s.WeightSquared >= 0 && s.WeightSquared <= square*(1+rounding)) ||
		math.Abs(s.WeightLevel) > 2*s.Weight*(1+rounding) {
		return 0, fmt.Errorf("%w: Σwx %v, Σw %v, Σw² %v do not belong together", ErrInvalid, s.WeightLevel, s.Weight, s.WeightSquared)
	}
	if s.Weight < 1e-100 {
		return 0, tooFew("goals with a weight", 0, 1)
	}
	return 50 + 10*s.WeightLevel/math.Sqrt((1-goalCorrelation)*s.WeightSquared+goalCorrelation*square), nil
}
