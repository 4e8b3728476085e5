package analytics

import (
	"cmp"
	"context"
	"errors"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// view is what was read of one wave, as far as its figures are compared.
type view interface {
	in() survey.Wave
	// shown is the verdict on what is chiefly read.
	shown(c suppression.Cell) suppression.Verdict
	// quantity is what figures of a unit are about, with the verdict on it; nil
	// where they are not compared.
	quantity(unit string, c suppression.Cell) (*quantity, suppression.Verdict)
	// grows reports whether the figures only grow as yet, since the wave is open,
	// and so cannot be compared with those of a closed one.
	grows() bool
}

// quantity is a mean, or a share of n.
type quantity struct {
	sample    stats.Sample
	share     bool
	events, n int
}

func meanOf(s stats.Sample) *quantity                             { return &quantity{sample: s} }
func shareOf(events, n int) *quantity                             { return &quantity{share: true, events: events, n: n} }
func (v *scaleView) grows() bool                                  { return false }
func (v *scaleView) in() survey.Wave                              { return v.wave }
func (v *scaleView) shown(c suppression.Cell) suppression.Verdict { return v.scores.verdict(c) }

func (v *scaleView) quantity(unit string, c suppression.Cell) (*quantity, suppression.Verdict) {
	switch t := v.of(c); unit {
	case UnitIndex:
		return meanOf(t.sample()), v.scores.verdict(c)
	case UnitShare:
		return shareOf(t.favourable, t.answers), v.answers.verdict(c)
	case UnitScore:
		return meanOf(t.recommendations()), v.enps.verdict(c)
	}
	return nil, suppression.Empty
}

// comparedWith is the place in views of what a figure of a role in the view at is
// compared with, −1 for nothing.
func comparedWith[V view](views []V, at int, against Comparison, role program.Role) int {
	switch against {
	case CompareGroup:
		if role == program.Comparison {
			return -1
		}
		return at
	case CompareBaseline:
		return baseline(views, role, at)
	}
	for i := at - 1; i >= 0; i-- {
		if views[i].in().SurveyID == views[at].in().SurveyID {
			return i
		}
	}
	return -1
}

// baseline is the place of the first wave before at, of the same survey, in
// which the level of a role is shown; −1 when at is that wave itself. A wave that
// a few answered is none, for that they did is not told.
func baseline[V view](views []V, role program.Role, at int) int {
	for i := range at {
		if views[i].in().SurveyID == views[at].in().SurveyID && views[i].shown(suppression.Whole(string(role))) == suppression.Shown {
			return i
		}
	}
	return -1
}

// there is the cell that a figure's is compared with.
func (r *request) there(f Figure, against Comparison) suppression.Cell {
	if against == CompareGroup {
		return suppression.Whole(string(program.Comparison))
	}
	return r.cellOf(f)
}

// compare fills in the change of every figure of the view at, which is one of
// views, that is shown and is compared at all: against what the query names, or
// else what the report compares with by itself. Indices and eNPS are compared person by
// person, goal scores pair by pair and shares of goals goal by goal, where answers are linked and that
// reveals nobody; everything else as two independent groups. What cannot be
// compared says why.
func compare[V view](ctx context.Context, r *request, figures []Figure, views []V, at int, usual Comparison) error {
	now, against := views[at], cmp.Or(r.Compare, usual)
	if r.trend {
		return nil
	}
	for i := range figures {
		f := &figures[i]
		if f.Withheld != nil {
			continue
		}
		if q, _ := now.quantity(f.Unit, r.cellOf(*f)); q == nil {
			continue // Report.answer has the word on it
		}
		there := comparedWith(views, at, against, f.Role)
		if why := uncompared(r, *f, views, there, against, now.grows()); why != nil {
			f.Change = why
			continue
		}
		var err error
		if f.Change, err = r.change(ctx, *f, against, views[there], now); err != nil {
			return err
		}
	}
	return nil
}

// uncompared is the change of a figure that there is nothing to compare with, with
// the reason; nil where there is. there is the place that comparedWith gives.
func uncompared[V view](r *request, f Figure, views []V, there int, against Comparison, grows bool) *Change {
	switch {
	case against == CompareGroup && there < 0:
		return r.noChange(against, "", CodeItself)
	case against == CompareGroup:
		if views[there].shown(r.there(f, against)) == suppression.Empty {
			return r.noChange(against, views[there].in().Occurrence, CodeNoComparison)
		}
	case grows:
		return r.noChange(against, "", CodeStillOpen)
	case there < 0:
		return r.noChange(against, "", CodeNoEarlier)
	case views[there].shown(r.there(f, against)) == suppression.Empty:
		return r.noChange(against, views[there].in().Occurrence, CodeNotCompared)
	}
	return nil
}

// noChange is a change that is withheld before anything is computed.
func (r *request) noChange(against Comparison, from, code string) *Change {
	return &Change{Against: against, From: from, Method: methodNone, Withheld: r.withheld(code)}
}

// answer gives every figure of the report that is shown and has no change the
// reason why the comparison that the query names was not made.
func (r *request) answer(out *Report) {
	if r.Compare == "" {
		return
	}
	for i := range out.Figures {
		if f := &out.Figures[i]; f.Withheld == nil && f.Change == nil {
			f.Change = r.noChange(r.Compare, "", CodeUncompared)
		}
	}
}

// change compares one figure of a measure that is compared.
func (r *request) change(ctx context.Context, f Figure, against Comparison, then, now view) (*Change, error) {
	out := &Change{Against: against, From: then.in().Occurrence}
	if a, ok := then.(*scaleView); ok {
		b := now.(*scaleView) // of the same report
		if f.Scale != "" && a.scale.content() != b.scale.content() {
			return r.noChange(against, a.wave.Occurrence, CodeOtherItems), nil
		}
		if f.Unit == UnitIndex && against != CompareGroup {
			if decided, err := r.paired(ctx, out, a, b, r.cellOf(f)); decided || err != nil {
				return out, err
			}
		}
		if f.Unit == UnitScore && against != CompareGroup {
			if decided, err := r.sameRecommending(ctx, out, a, b, r.cellOf(f)); decided || err != nil {
				return out, err
			}
		}
	}
	if a, ok := then.(*goalView); ok && against != CompareGroup {
		if decided, err := r.sameGoals(ctx, out, f.Unit, a, now.(*goalView), r.cellOf(f)); decided || err != nil {
			return out, err
		}
	}
	b, _ := now.quantity(f.Unit, r.cellOf(f))
	a, v := then.quantity(f.Unit, r.there(f, against))
	r.independent(out, v, a, b)
	return out, nil
}

// linkedUpTo is the number of scored people in a wave up to which changes are
// made person by person. Above it the join would cost as much as everything
// else, while treating the waves as independent groups, which makes the interval
// a little wider, says the same about so many people.
const linkedUpTo = 20_000

// linked are two waves person by person; nil when the answers of a person are
// not linked, when the scale has changed, or when nobody is asked it.
func (r *request) linked(ctx context.Context, then, now *scaleView) (*comparison, error) {
	if r.program.Policy == program.Anonymous || then.scale.content() != now.scale.content() || len(now.scale.items) == 0 {
		return nil, nil
	}
	key := then.wave.ID.String() + now.wave.ID.String() + now.scale.id
	if c, known := r.compared[key]; known {
		return c, nil
	}
	c, err := r.pair(ctx, then, now)
	if err == nil {
		r.compared[key] = c
	}
	return c, err
}

// paired compares a cell person by person and reports whether that is decided:
// done, or refused in every form. If it is not, the change says why.
func (r *request) paired(ctx context.Context, out *Change, then, now *scaleView, at suppression.Cell) (bool, error) {
	switch {
	case then.scores.verdict(at) != suppression.Shown:
		return false, nil
	case r.program.Policy == program.Anonymous:
		out.Unpaired = r.withheld(CodeUnpairedAnonymous)
		return false, nil
	case now.scored() > linkedUpTo:
		out.Unpaired = r.withheld(CodeUnpairedLarge)
		return false, nil
	}
	c, err := r.linked(ctx, then, now)
	if c == nil || err != nil {
		return false, err
	}
	allowed, err := r.pairing(ctx, c, at)
	switch {
	case err != nil:
		return false, err
	case allowed.how == byLevel:
		out.Unpaired = r.withheld(allowed.code)
		return false, nil
	case allowed.how == withhold:
		out.Method, out.Withheld = "paired", r.withheld(CodeMembership)
		return true, nil
	}
	out.Method = "paired"
	moved := c.change(at)
	r.testedInPairs(out, allowed, moved.first, moved.second, moved.diff)
	if moved.diffs != nil {
		if exact, err := stats.SignFlip(moved.diffs); err == nil {
			out.PExact = &exact.P
		}
	}
	return true, nil
}

// testedInPairs puts into a change what is allowed of that of the same people, or
// pairs, with their scores then and now and the differences.
func (r *request) testedInPairs(out *Change, allowed pairing, first, second, diff stats.Sample) {
	test, err := stats.PairedT(diff)
	if errors.Is(err, stats.ErrConstant) { // a difference there is, a test of it there is not
		test.Difference, _ = stats.Mean(diff)
	}
	r.tested(out, test, err)
	if allowed.code != "" {
		out.NoEffect = r.withheld(allowed.code)
		return
	}
	effect, err := stats.HedgesAverage(first, second, diff)
	r.sized(out, effect, err)
}

// independent compares two quantities as of independent groups; v is the verdict
// on the one compared with, the other is shown.
func (r *request) independent(out *Change, v suppression.Verdict, a, b *quantity) {
	out.Method = "welch"
	if b.share {
		out.Method = "newcombe"
	}
	if v != suppression.Shown {
		out.Withheld = r.withheld(CodeNotCompared)
		return
	}
	if b.share {
		test := stats.TTest{}
		difference, err := stats.RiskDifference(b.events, b.n, a.events, a.n)
		if err == nil {
			test.Difference = difference
			test.P, err = stats.RiskTest(b.events, b.n, a.events, a.n)
		}
		r.tested(out, test, err)
		return
	}
	test, err := stats.WelchT(a.sample, b.sample)
	if errors.Is(err, stats.ErrConstant) {
		test.Difference = stats.Estimate{Value: b.sample.Mean - a.sample.Mean, N: a.sample.N + b.sample.N}
	}
	r.tested(out, test, err)
	effect, err := stats.HedgesG(a.sample, b.sample)
	r.sized(out, effect, err)
}

// recommendations are the eNPS as a sample of 100, 0 and −100.
func (t *tally) recommendations() stats.Sample {
	up, down := float64(t.promoters), float64(t.detractors)
	return sampleOf(t.raters(), 100*(up-down), 10000*(up+down))
}
