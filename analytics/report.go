package analytics

import (
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Query says which figures are wanted. Only Program is required.
type Query struct {
	Program string
	// Wave is an occurrence ("2026-01-05"), a number ("3") or "latest", or two of
	// them with ".." between, of which either may be left out. Of a range, and of
	// every wave when it is empty, the newest with answers stands in
	// Report.Figures and each in Report.Series.
	Wave string
	// By is one of the programme's declared attributes, or two with a comma
	// between.
	By string
	// Compare says what figures are compared with; empty for what the report
	// compares with by itself.
	Compare Comparison
	// Role is "mentor", "mentee" or "comparison". Empty: the participants, that
	// is mentors and mentees together, with each role beside them.
	Role program.Role
	// Lang is "uk" or "en", for the reasons and definitions; empty: the
	// programme's own language.
	Lang string

	// trend wants nothing but Report.Series, so figures need no changes.
	trend bool
	// today: who stayed is counted as of today although waves are named, since it
	// was not the reader who named them.
	today bool
	// brief: for what is made from reports and shows nothing of those who left.
	brief bool
}

// Comparison is what a figure is compared with.
type Comparison string

// The comparisons.
const (
	ComparePrevious Comparison = "previous"   // the wave before
	CompareBaseline Comparison = "baseline"   // the first wave with a figure of the group
	CompareGroup    Comparison = "comparison" // the comparison group in the same wave
)

// CompareWhole is what the heat map compares a segment with by itself: the whole
// that it is part of, in the same wave. It cannot be asked for.
const CompareWhole Comparison = "whole"

// methodNone is the method of a change that was not made, methodLogRank that of
// curves, methodBootstrap that of drivers.
const (
	methodNone      = "none"
	methodLogRank   = "log-rank"
	methodBootstrap = "bootstrap"
)

// CompareStayed is what the answers of those who left are compared with: those of
// the people who stayed. It cannot be asked for.
const CompareStayed Comparison = "stayed"

// Comparisons lists what can be compared with.
func Comparisons() []Comparison { return []Comparison{ComparePrevious, CompareBaseline, CompareGroup} }

// Report is one measure of one programme. Its slices are never nil where JSON
// shows them, and it holds no NaN and no infinity.
type Report struct {
	Kind    string         `json:"report"` // "engagement", …
	Program string         `json:"program"`
	Name    string         `json:"name"` // of the programme
	Lang    string         `json:"lang"`
	Policy  program.Policy `json:"policy"`
	K       int            `json:"k"` // smallest group shown
	By      string         `json:"by,omitempty"`
	Role    program.Role   `json:"role,omitempty"`
	// Wave is the one that Figures are about; nil when the programme has none.
	Wave *Wave `json:"wave"`
	// Waves are all waves of the programme, oldest first.
	Waves []Wave `json:"waves"`
	// AsOf is the day on which retention counts who stayed, "2026-01-05".
	AsOf string `json:"as_of,omitempty"`
	// Notice says why the report as a whole has no figures; nil otherwise.
	Notice *Withheld `json:"notice,omitempty"`
	// Scales are those that benefits and challenges are about, in their order.
	Scales []ScaleRow `json:"scales,omitempty"`
	// Models are those of drivers: which scales were weighed together.
	Models []DriverModel `json:"models,omitempty"`
	// Figures of Wave: the whole first, then each role, then the segments. Of
	// benefits and challenges each is of the wave that it names.
	Figures []Figure `json:"figures"`
	// Series holds the same figures for every wave asked for, oldest first, when
	// the query did not name one; without changes and omega.
	Series []Figure `json:"series,omitempty"`
	// Curves, Tests and Cohorts are filled by retention.
	Curves  []Curve  `json:"curves,omitempty"`
	Tests   []Test   `json:"tests,omitempty"`
	Cohorts []Cohort `json:"cohorts,omitempty"`
	// Definitions of every measure that stands in the report, by id.
	Definitions map[string]Definition `json:"definitions"`
}

// ScaleRow is a scale of the benefit scorecard or the challenge monitor; its
// figures have its id as their Scale.
type ScaleRow struct {
	ID    string         `json:"id"`
	Title string         `json:"title"`
	Kind  survey.Kind    `json:"kind"`
	Group survey.Group   `json:"group,omitempty"` // for whom a benefit is
	Roles []program.Role `json:"roles"`           // who is asked
	// WarnFrom is the index from which a challenge warns, Remedy what the
	// questionnaire advises then.
	WarnFrom *float64 `json:"warn_from,omitempty"`
	Remedy   string   `json:"remedy,omitempty"`
	// State and Certainty are the worst of the roles' figures, see Figure; empty
	// where there is none that is shown.
	State     string `json:"state,omitempty"`
	Certainty string `json:"certainty,omitempty"`
}

// DriverModel is a set of scales that were asked together, and whose answers the
// drivers of engagement are told from.
type DriverModel struct {
	Role    program.Role `json:"role"`
	Outcome string       `json:"outcome"` // id of the engagement scale
	Scales  []string     `json:"scales"`  // ids of the predictors
	Waves   []string     `json:"waves"`   // labels, oldest first
}

// Wave names one wave of the programme.
type Wave struct {
	Label  string `json:"label"` // the occurrence, "2026-01-05"
	Number int    `json:"number"`
	Opens  string `json:"opens"` // RFC 3339 in the programme's zone
	Closes string `json:"closes"`
	Open   bool   `json:"open"` // figures of an open wave still change
}

// Figure is one number with all that is needed to read it, or the reason why it
// is withheld. A withheld figure has neither Value nor N; null is never zero.
type Figure struct {
	Measure string `json:"measure"` // a definition's id
	// Scale is the id of the questionnaire's scale, ScaleTitle its name in the
	// report's language; empty when the figure is of no scale.
	Scale      string `json:"scale,omitempty"`
	ScaleTitle string `json:"scale_title,omitempty"`
	Wave       string `json:"wave,omitempty"` // label
	// Role is empty for the participants as a whole.
	Role program.Role `json:"role,omitempty"`
	// Segment holds the attribute and its value; the value "" means that the
	// attribute is not known. Nil for the whole.
	Segment map[string]string `json:"segment,omitempty"`
	// Except is the segment that a figure leaves out: it is about all others of
	// the role. Nil for most figures.
	Except map[string]string `json:"except,omitempty"`
	// Level is set for figures of a distribution: "-2" … "2", or one of GapClasses.
	Level string `json:"level,omitempty"`
	// Model is set for figures of drivers: the place of theirs in Report.Models,
	// from 1.
	Model int `json:"model,omitempty"`

	Value *float64 `json:"value"`
	// Low and High are the ends of the 95% interval; both nil when there is
	// none, which NoInterval explains.
	Low        *float64  `json:"low"`
	High       *float64  `json:"high"`
	NoInterval *Withheld `json:"no_interval,omitempty"`
	// N counts what the definition says it counts.
	N    *int   `json:"n"`
	Unit string `json:"unit"` // see Units

	// State is that of a challenge's index against its threshold: StateBelow or
	// StateWarning, and then Certainty CertaintyClear or CertaintyPossible. Empty
	// for other measures, and where the figure is withheld.
	State     string `json:"state,omitempty"`
	Certainty string `json:"certainty,omitempty"`

	// Change is set where the measure is compared with an earlier wave or the
	// comparison group, and on every figure of Report.Figures that is shown when
	// the query names a comparison: with the reason where it cannot be made.
	Change   *Change   `json:"change,omitempty"`
	Withheld *Withheld `json:"withheld,omitempty"`
}

// The units of figures.
const (
	UnitIndex   = "index"   // 0–100
	UnitShare   = "share"   // 0–1
	UnitScore   = "score"   // −100…100
	UnitCount   = "count"   // people, unless the definition says otherwise
	UnitSeconds = "seconds" // of time
	UnitWeeks   = "weeks"   // of time
	UnitCoef    = "coefficient"
	UnitT       = "t_score" // mean 50, standard deviation 10
	UnitRatio   = "ratio"
	UnitSD      = "sd" // standard deviations
	UnitP       = "p"
	UnitPoints  = "points" // a difference of two indices
	UnitShareDx = "share_difference"
)

// Change compares a figure with the same figure of an earlier wave, of the
// comparison group, or of the whole that it is part of.
type Change struct {
	Against Comparison `json:"against"`
	From    string     `json:"from"`   // label of the wave compared with, "" without one
	Method  string     `json:"method"` // "paired" by person or goal, "welch" or "newcombe" as independent groups, "log-rank" as curves, "bootstrap" of drivers, or "none"
	// Value is later − earlier, group − comparison group, or segment − whole, in
	// the figure's unit.
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	// N people answered in both waves (paired), or in either (independent groups).
	N *int `json:"n"`
	// P is two-sided; PExact that of the sign-flip permutation test for fewer
	// than 20 people; Q the false discovery rate over all comparisons that the
	// report makes of this measure at once.
	P      *float64 `json:"p"`
	PExact *float64 `json:"p_exact,omitempty"`
	Q      *float64 `json:"q"`
	// Effect is Hedges' g_av (paired) or g (welch), with its interval.
	Effect     *float64 `json:"effect"`
	EffectLow  *float64 `json:"effect_low"`
	EffectHigh *float64 `json:"effect_high"`
	// Other is what the figure was compared with, where no figure of another wave
	// or group says it: of drivers, and of curves the share still there at At weeks.
	Other      *float64  `json:"other,omitempty"`
	At         *float64  `json:"at,omitempty"`
	NoInterval *Withheld `json:"no_interval,omitempty"` // why Low and High are nil
	NoTest     *Withheld `json:"no_test,omitempty"`     // why P is nil
	NoEffect   *Withheld `json:"no_effect,omitempty"`   // why Effect is, of a mean
	// Unpaired is why the same people are not compared person by person, where
	// that is how the measure is compared.
	Unpaired *Withheld `json:"unpaired,omitempty"`
	Withheld *Withheld `json:"withheld,omitempty"`
}

// Withheld says why something is not shown.
type Withheld struct {
	Code   string `json:"code"`   // one of the Code… constants
	Reason string `json:"reason"` // in the report's language
}

// Curve is a Kaplan–Meier curve, published in steps of at least k people.
type Curve struct {
	Measure string            `json:"measure"`
	Role    program.Role      `json:"role,omitempty"`
	Segment map[string]string `json:"segment,omitempty"`
	Unit    string            `json:"unit"` // of time: UnitWeeks
	N       *int              `json:"n"`
	Events  *int              `json:"events"`
	Points  []CurvePoint      `json:"points"`
	// Until is how far the curve is known.
	Until *float64 `json:"until"`
	// Median stay; nil while more than half are still there.
	Median     *float64  `json:"median"`
	MedianLow  *float64  `json:"median_low"`
	MedianHigh *float64  `json:"median_high"`
	Withheld   *Withheld `json:"withheld,omitempty"`
}

// CurvePoint is the state of a curve from Time until the next point. The first
// point is at 0.
type CurvePoint struct {
	Time     float64  `json:"time"`
	AtRisk   int      `json:"at_risk"` // just before Time
	Survival float64  `json:"survival"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
}

// Test compares groups, such as the log-rank test.
type Test struct {
	Measure    string    `json:"measure"`
	Groups     []string  `json:"groups"`
	ChiSquared *float64  `json:"chi_squared"`
	DF         *int      `json:"df"`
	P          *float64  `json:"p"`
	Withheld   *Withheld `json:"withheld,omitempty"`
}

// Cohort is a row of the cohort triangle: those whose first wave it was.
type Cohort struct {
	Wave string       `json:"wave"` // label of the first wave
	Role program.Role `json:"role,omitempty"`
	N    *int         `json:"n"`
	// Active is the share still in the programme at each of Report.Waves, where
	// people who left are counted k at a time: up to k−1 more may have. It is nil
	// before the cohort began, where it is not reached yet, and where withheld.
	Active   []*float64 `json:"active"`
	Withheld *Withheld  `json:"withheld,omitempty"`
}
