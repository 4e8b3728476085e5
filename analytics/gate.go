package analytics

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// The reasons why something is withheld.
const (
	CodeTooFew         = "too-few"          // fewer than k people
	CodeRemainder      = "remainder"        // would reveal fewer than k others
	CodeNoAnswers      = "no-answers"       // nobody at all has answered in the wave
	CodeNotMeasured    = "not-measured"     // the scale was not asked in the wave
	CodeTooLong        = "too-long"         // more items than the measure can take
	CodeMixedItems     = "mixed-items"      // the roles answered other items
	CodeTooFewCases    = "too-few-cases"    // too little for the method
	CodeConstant       = "constant"         // no variation
	CodeUndefined      = "undefined"        // the data do not determine it
	CodeMembership     = "membership"       // membership changed by 1…k−1 people
	CodeNotCompared    = "not-compared"     // one of the two figures is withheld
	CodeAnonymous      = "anonymous"        // answers are not linked between waves
	CodeNoInvitations  = "no-invitations"   // nobody was invited here
	CodeNoWaves        = "no-waves"         // the programme has no wave yet
	CodeFewLeft        = "few-left"         // 1…k−1 people left
	CodeNoGoals        = "no-goals"         // no rated goals
	CodeNoComparison   = "no-comparison"    // no comparison group
	CodeNoEmployment   = "no-employment"    // no employment dates
	CodeOtherItems     = "other-items"      // the scale has other items in the other wave
	CodeNoEarlier      = "no-earlier"       // no earlier wave shows the figure
	CodeItself         = "itself"           // it would be compared with itself
	CodeStillOpen      = "still-open"       // the wave is open, so the figure still grows
	CodeUncompared     = "uncompared"       // the measure has no such comparison
	CodeAllTime        = "all-time"         // it is of no single wave
	CodeNotInProgramme = "not-in-programme" // nor is the comparison group
	CodeOtherScales    = "other-scales"     // no earlier wave asked the scales of a model together
	CodeOthersScales   = "others-scales"    // the comparison group was not asked the scales of a model together
	CodePooled         = "pooled"           // all waves are in the figure, so none is left to compare with
	CodeMetAtStart     = "met-at-start"     // the baseline meets the target
	CodeBiased         = "biased"           // resampling moves the figure one way
	CodeNoInterval     = "no-interval"      // the method gives none
	CodeOpenWave       = "open-wave"        // a segment of a wave that is still open
	CodeNoAttributes   = "no-attributes"    // the programme declares none to cut by
	CodeNoObjectives   = "no-objectives"    // the programme has set none
	CodeNoAlertsYet    = "no-alerts-yet"    // no wave has closed yet

	CodeFewComments     = "few-comments"     // fewer people wrote than comments are shown of
	CodeOtherComments   = "other-comments"   // would leave the comments of few others
	CodeOpenComments    = "open-comments"    // the wave is still open
	CodeNoQuestions     = "no-questions"     // nobody was asked an open question
	CodeCommentsLimited = "comments-limited" // there are more than are read
)

// group is the people who share a role and all declared attributes. Values run
// in parallel with the programme's attributes, and are nil when the report is
// not cut by one.
type group struct {
	role   program.Role
	values []string
}

func (r *request) groupOf(role string, segment survey.Attributes) group {
	g := group{role: program.Role(role)}
	for _, a := range r.segmentedBy() {
		g.values = append(g.values, segment[a])
	}
	return g
}

// counted is a part of the people, as plans need to know it.
type counted interface{ people() group }

func (g group) people() group { return g }

func (g group) in(c suppression.Cell) bool {
	// Everybody means the participants; the comparison group stands apart.
	if c.Role == "" && g.role == program.Comparison {
		return false
	}
	return c.Has(suppression.Group{Role: string(g.role), Values: g.values})
}

// plans decide for the participants and for the comparison group, who have no
// total in common.
type plans struct {
	participants, comparison *suppression.Plan
	// answered: somebody has answered in the wave. From then on nobody in a cell
	// is said to be too few, as one to k−1 people are: else the reason would
	// change when a single person answers, and tell who has not.
	answered bool
	// open: the wave is open, so its segments are not shown yet. Read before and
	// after one answer, they would tell it.
	open bool
}

// planned are plans that are made when they are first asked: many waves are read
// of which only some are shown.
type planned func() plans

func (p planned) verdict(c suppression.Cell) suppression.Verdict { return p().verdict(c) }

// rule is what plans of a request have in common: the smallest group shown, and
// whether two attributes are combined.
type rule struct {
	k       int
	crossed bool
}

func (r *request) rule() rule { return rule{r.k(), len(r.by) > 1} }

// planOf makes the plan of one measure from the parts and the number of people
// in each who are behind the measure.
func planOf[T counted](by rule, parts []T, n func(T) int) plans {
	var in, out []suppression.Group
	for _, part := range parts {
		g := part.people()
		one := suppression.Group{Role: string(g.role), Values: g.values, N: n(part)}
		if g.role == program.Comparison {
			out = append(out, one)
		} else {
			in = append(in, one)
		}
	}
	return plans{participants: suppression.New(by.k, in, by.crossed), comparison: suppression.New(by.k, out, by.crossed)}
}

// during are the plans for answers of one wave.
func (p plans) during(answered, open bool) plans {
	p.answered, p.open = answered, open
	return p
}

func (p plans) verdict(c suppression.Cell) suppression.Verdict {
	plan := p.participants
	if c.Role == string(program.Comparison) {
		plan = p.comparison
	}
	v := plan.Verdict(c)
	switch {
	case p.open && !c.IsWhole():
		return suppression.Early
	case p.answered && v == suppression.Empty:
		return suppression.TooFew
	}
	return v
}

// cells lists what the report shows of a wave: each of the wholes, and the
// segments of those in cut that the groups of people fall into. With a role
// asked for, it is that one alone.
func (r *request) cells(people []group, wholes, cut []program.Role) []suppression.Cell {
	if r.Role != "" {
		wholes, cut = []program.Role{r.Role}, []program.Role{r.Role}
	}
	var list []suppression.Cell
	for _, role := range wholes {
		list = append(list, suppression.Whole(string(role)))
	}
	if len(r.by) == 0 {
		return list
	}
	for _, role := range cut {
		seen := map[suppression.Cell]bool{}
		for _, g := range people {
			if g.in(suppression.Whole(string(role))) {
				seen[suppression.Segment(string(role), r.cutsOf(g)...)] = true
			}
		}
		list = append(list, slices.SortedFunc(maps.Keys(seen), func(a, b suppression.Cell) int {
			return cmp.Or(cmp.Compare(a.Cuts[0].Value, b.Cuts[0].Value), cmp.Compare(a.Cuts[1].Value, b.Cuts[1].Value))
		})...)
	}
	return list
}

// cutsOf are the values of a group that the report is cut by.
func (r *request) cutsOf(g group) []suppression.Cut {
	cuts := make([]suppression.Cut, len(r.by))
	for i, attribute := range r.by {
		cuts[i] = suppression.By(attribute, g.values[attribute])
	}
	return cuts
}

// figure starts the figure of a measure about a cell.
func (r *request) figure(measure, wave string, c suppression.Cell) Figure {
	f := Figure{Measure: measure, Wave: wave, Role: program.Role(c.Role), Unit: r.unit(measure)}
	for _, cut := range c.Cuts {
		if at := cut.Attribute(); at >= 0 {
			if f.Segment == nil {
				f.Segment = map[string]string{}
			}
			f.Segment[r.program.Attributes[at]] = cut.Value
		}
	}
	return f
}

// show is the gate that every figure passes: it fills f with what compute gives
// when the verdict allows it, else with the reason why not.
func (r *request) show(f Figure, v suppression.Verdict, compute func() (stats.Estimate, error)) Figure {
	if f.Withheld = r.forbidden(v); f.Withheld != nil {
		return f
	}
	e, err := compute()
	if err != nil {
		f.Withheld = r.why(err)
		return f
	}
	if math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
		f.Withheld = r.withheld(CodeUndefined)
		return f
	}
	f.Value, f.N = &e.Value, &e.N
	switch {
	case e.Interval != nil:
		f.Low, f.High = &e.Interval.Low, &e.Interval.High
	case e.NoInterval != nil:
		f.NoInterval = r.why(e.NoInterval)
	}
	return f
}

// forbidden is the reason that a verdict gives to withhold, nil for Shown.
func (r *request) forbidden(v suppression.Verdict) *Withheld {
	switch v {
	case suppression.Shown:
		return nil
	case suppression.Empty:
		return r.withheld(CodeNoAnswers)
	case suppression.TooFew:
		return r.withheld(CodeTooFew)
	case suppression.Early:
		return r.withheld(CodeOpenWave)
	}
	return r.withheld(CodeRemainder)
}

func (r *request) withheld(code string) *Withheld {
	return &Withheld{Code: code, Reason: r.messages.T(r.Lang, code, "k", r.k())}
}

// reason is an error that carries the code of why something is withheld.
type reason string

func (c reason) Error() string { return string(c) }

// why puts the reason of an error of stats, or of our own, into words.
func (r *request) why(err error) *Withheld {
	var own reason
	switch {
	case errors.As(err, &own):
		return r.withheld(string(own))
	case errors.Is(err, stats.ErrTooFew):
		return r.withheld(CodeTooFewCases)
	case errors.Is(err, stats.ErrConstant):
		return r.withheld(CodeConstant)
	case errors.Is(err, stats.ErrBiased):
		return r.withheld(CodeBiased)
	}
	return r.withheld(CodeUndefined)
}

// cellName names a cell in the reader's language.
func (r *request) cellName(c suppression.Cell) string {
	who := r.messages.T(r.Lang, "role-"+cmp.Or(c.Role, "all"))
	for _, cut := range c.Cuts {
		if cut.Attribute() >= 0 {
			who += " · " + cmp.Or(cut.Value, r.messages.T(r.Lang, "not-known"))
		}
	}
	return who
}
