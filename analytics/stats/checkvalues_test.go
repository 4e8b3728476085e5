package stats

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// checkValue is a figure of ours beside the published one, as it is printed there.
type checkValue struct {
	name      string
	ours      float64
	published string
}

// precision is half a unit of the last printed digit.
func precision(t *testing.T, printed string) float64 {
	t.Helper()
	digits, exponent, _ := strings.Cut(printed, "e")
	_, decimals, _ := strings.Cut(digits, ".")
	scale := 0
	if exponent != "" {
		var err error
		if scale, err = strconv.Atoi(exponent); err != nil {
			t.Fatalf("published value %q: %v", printed, err)
		}
	}
	return 0.5000001 * math.Pow(10, float64(scale-len(decimals)))
}

// TestCheckValues compares every measure with published results, to the precision
// in which they are printed. Run it with -v for the table.
func TestCheckValues(t *testing.T) {
	var all []checkValue
	for _, group := range []func(*testing.T) []checkValue{
		checkProportions, checkScales, checkChanges, checkSurvival, checkRisks, checkGoals,
	} {
		all = append(all, group(t)...)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-46s %14s %12s %10s\n", "check value", "ours", "published", "difference")
	for _, c := range all {
		published, err := strconv.ParseFloat(c.published, 64)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		difference := c.ours - published
		fmt.Fprintf(&table, "%-46s %14.7g %12s %10.1e\n", c.name, c.ours, c.published, difference)
		if !(math.Abs(difference) <= precision(t, c.published)) {
			t.Errorf("%s: %v, published %s", c.name, c.ours, c.published)
		}
	}
	t.Log(table.String())
}

// ends lists an estimate with its interval; an empty value is not checked.
func ends(t *testing.T, name string, e Estimate, value, low, high string) []checkValue {
	t.Helper()
	if e.Interval == nil {
		t.Fatalf("%s has no interval: %v", name, e.NoInterval)
	}
	out := []checkValue{{name + " low", e.Interval.Low, low}, {name + " high", e.Interval.High, high}}
	if value != "" {
		out = append([]checkValue{{name, e.Value, value}}, out...)
	}
	return out
}

func checkProportions(t *testing.T) []checkValue {
	proportion, nps := must[Estimate](t), must[Estimate](t)
	var out []checkValue
	out = append(out, ends(t, "Wilson 81/263", proportion(Proportion(81, 263)), "", ".2553", ".3662")...)
	out = append(out, ends(t, "Wilson 0/20", proportion(Proportion(0, 20)), "0", "0", ".1611")...)
	out = append(out, ends(t, "Wilson 1/29", proportion(Proportion(1, 29)), "", ".0061", ".1718")...)
	score := nps(NetPromoter(45, 30, 25))
	middle, half := (score.Interval.High+score.Interval.Low)/2, (score.Interval.High-score.Interval.Low)/2
	return append(out,
		checkValue{"eNPS 45/30/25", score.Value, "20.0"},
		checkValue{"eNPS adjusted", middle, "19.42"},
		checkValue{"eNPS adjusted ±", half, "15.65"},
	)
}

func checkScales(t *testing.T) []checkValue {
	alpha := must[Estimate](t)(Alpha(covarianceOf(attitude()), 30))
	omega := must[OneFactor](t)(Omega(congeneric()))
	drivers := must[Drivers](t)(RelativeWeights([][]float64{{1, .5}, {.5, 1}}, []float64{.6, .4}))
	return append(ends(t, "alpha, attitude (interval: Feldt, R psych)", alpha, ".8431", ".74", ".92"),
		checkValue{"omega, loadings .8 .7 .6 .5", omega.Omega, ".749446"}, // 2.6²/(2.6²+2.26)
		checkValue{"first loading", omega.Loadings[0], ".800000"},
		checkValue{"last uniqueness", omega.Uniquenesses[3], ".750000"},
		checkValue{"relative weight 1", drivers.Weights[0], ".2867"},
		checkValue{"relative weight 2", drivers.Weights[1], ".0867"},
		checkValue{"relative weights, sum (R²)", drivers.Weights[0] + drivers.Weights[1], ".3733"},
	)
}

func checkChanges(t *testing.T) []checkValue {
	first, second, diff := sleep()
	a, b, d := sampleOf(t, first), sampleOf(t, second), sampleOf(t, diff)
	paired, welch := must[TTest](t)(PairedT(d)), must[TTest](t)(WelchT(b, a))
	flip := must[SignFlipTest](t)(SignFlip(diff))
	q := must[[]float64](t)(FalseDiscovery(benjaminiHochberg()))
	rejected := 0.0
	for _, x := range q {
		if x <= .05 {
			rejected++
		}
	}
	rci := must[float64](t)(ReliableChangeIndex(32.5, 47.5, 10, .80))
	out := ends(t, "sleep, paired difference", paired.Difference, "1.58", ".7001", "2.4599")
	out = append(out,
		checkValue{"sleep, paired t", paired.T, "4.0621"},
		checkValue{"sleep, paired p", paired.P, ".002833"},
		checkValue{"sleep, Welch t (R t.test)", welch.T, "-1.8608"},
		checkValue{"sleep, Welch df (R t.test)", welch.DF, "17.776"},
		checkValue{"sleep, Welch p (R t.test)", welch.P, ".07939"},
	)
	out = append(out, ends(t, "sleep, Welch (R t.test)", welch.Difference, "", "-3.3654832", ".2054832")...)
	return append(out,
		checkValue{"sleep, sign flips, extreme", float64(flip.Extreme), "4"},
		checkValue{"sleep, sign flips, total", float64(flip.Total), "1024"},
		checkValue{"Benjamini–Hochberg, rejected at .05", rejected, "4"},
		checkValue{"Benjamini–Hochberg, q₄", q[3], ".035625"},
		checkValue{"Jacobson–Truax index", rci, "2.37"},
	)
}

func checkSurvival(t *testing.T) []checkValue {
	drugTable, placeboTable := freireich()
	drug, placebo := must[Curve](t)(KaplanMeier(drugTable)), must[Curve](t)(KaplanMeier(placeboTable))
	test := must[LogRankTest](t)(LogRank(drugTable, placeboTable))
	var out []checkValue
	for _, want := range []struct {
		time, atRisk float64
		s, se        string
	}{{6, 21, ".8571", ".0764"}, {10, 15, ".7529", ".0963"}, {23, 6, ".4482", ".1346"}} {
		for _, p := range drug.Points {
			if p.Time != want.time {
				continue
			}
			name := fmt.Sprintf("6-MP S(%v)", want.time)
			out = append(out,
				checkValue{name, p.Survival, want.s},
				checkValue{name + " SE", p.SE, want.se},
				checkValue{name + " at risk", float64(p.AtRisk), fmt.Sprint(want.atRisk)},
			)
		}
	}
	if len(out) != 9 {
		t.Fatalf("the 6-MP curve lacks a time: %+v", drug.Points)
	}
	for name, m := range map[string]Median{"6-MP": drug.Median, "placebo": placebo.Median} {
		if m.Value == nil || m.Low == nil {
			t.Fatalf("%s median is not reached: %+v", name, m)
		}
	}
	if drug.Median.High != nil {
		t.Errorf("6-MP median's upper end is %v; the curve does not reach it", *drug.Median.High)
	}
	return append(out,
		checkValue{"6-MP median", *drug.Median.Value, "23"},
		checkValue{"6-MP median low (SAS lifetest)", *drug.Median.Low, "13"},
		checkValue{"placebo median", *placebo.Median.Value, "8"},
		checkValue{"placebo median low (SAS lifetest)", *placebo.Median.Low, "4"},
		checkValue{"placebo median high (SAS lifetest)", *placebo.Median.High, "11"},
		checkValue{"log-rank χ²", test.ChiSquared, "16.793"},
		checkValue{"log-rank p", test.P, "4.17e-5"},
		checkValue{"log-rank, expected under 6-MP", test.Groups[0].Expected, "19.25"},
	)
}

func checkRisks(t *testing.T) []checkValue {
	relative := must[Estimate](t)(RelativeRisk(189, 11034, 104, 11037))
	difference := must[Estimate](t)(RiskDifference(56, 70, 48, 80))
	return append(ends(t, "relative risk 189/11034 v 104/11037", relative, "1.818", "1.433", "2.306"),
		ends(t, "risk difference 56/70 − 48/80", difference, ".2000", ".0524", ".3339")...)
}

func checkGoals(t *testing.T) []checkValue {
	even := must[float64](t)(GoalScore([]Goal{{1, 1}, {1, 1}, {1, 1}}))
	uneven := must[float64](t)(GoalScore([]Goal{{3, 1}, {2, 0}, {1, -1}}))
	r := must[Ratings](t)(RateTargets(shroutFleiss()))
	estimate := must[Estimate](t)
	out := []checkValue{
		{"goal attainment, three at +1", even, "63.69"},
		{"goal attainment, weights 3 2 1", uneven, "54.41"},
		{"Shrout–Fleiss BMS", r.Between, "11.24"},
		{"Shrout–Fleiss WMS", r.Within, "6.26"},
		{"Shrout–Fleiss JMS", r.Judges, "32.49"},
		{"Shrout–Fleiss EMS", r.Residual, "1.02"},
	}
	out = append(out, ends(t, "ICC(1,1) (interval: R psych)", estimate(r.OneWay()), ".166", "-.133", ".72")...)
	out = append(out, ends(t, "ICC(2,1) = ICC(A,1) (interval: R psych)", estimate(r.Agreement()), ".290", ".019", ".76")...)
	return append(out, ends(t, "ICC(3,1) (interval: R psych)", estimate(r.Consistency()), ".715", ".342", ".95")...)
}
