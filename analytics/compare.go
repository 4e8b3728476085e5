package analytics

import (
	"cmp"
	"context"
	"errors"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
)

// compare fills in the change of every figure of the view at, which is one of
// views, that is shown: against what the query names, or else what the report
// compares with by itself. Indices are compared person by person where answers
// are linked and that reveals nobody; everything else as two independent groups.
func (r *request) compare(ctx context.Context, figures []Figure, views []*scaleView, at int, usual Comparison) error {
	now := views[at]
	for i := range figures {
		f := &figures[i]
		if f.Withheld != nil || f.Scale != now.scale.id && f.Scale != "" || len(now.tallies) == 0 || len(now.scale.items) == 0 && f.Scale != "" {
			continue
		}
		against, then := cmp.Or(r.Compare, usual), now
		switch against {
		case CompareGroup:
			if f.Role == program.Comparison {
				continue
			}
		case CompareBaseline:
			then = viewAt(views, baseline(views, f.Role, at))
		default:
			then = viewAt(views, previousIn(views, at))
		}
		if then == nil || len(then.tallies) == 0 {
			continue
		}
		var err error
		if f.Change, err = r.change(ctx, *f, against, then, now); err != nil {
			return err
		}
	}
	return nil
}

// viewAt is the view at a place, nil for −1.
func viewAt(views []*scaleView, at int) *scaleView {
	if at < 0 {
		return nil
	}
	return views[at]
}

// change compares one figure; nil for measures that are not compared.
func (r *request) change(ctx context.Context, f Figure, against Comparison, then, now *scaleView) (*Change, error) {
	here := r.cellOf(f)
	there := here
	if against == CompareGroup {
		there = suppression.Whole(string(program.Comparison))
	}
	out := &Change{Against: against, From: then.wave.Occurrence, Method: "none"}
	if f.Scale != "" && then.scale.content() != now.scale.content() {
		out.Withheld = r.withheld(CodeOtherItems)
		return out, nil
	}
	switch f.Measure {
	case MeasureFavourability, MeasureIntent:
		a, b := then.of(there), now.of(here)
		r.shares(out, then.answers.verdict(there), a.favourable, a.answers, b.favourable, b.answers)
	case MeasureENPS:
		r.independent(out, then.enps.verdict(there), then.of(there).recommendations(), now.of(here).recommendations())
	case MeasureAlpha, MeasureOmega, MeasureConfidenceAlpha:
		return nil, nil
	default:
		if against != CompareGroup {
			if decided, err := r.paired(ctx, out, then, now, here); decided || err != nil {
				return out, err
			}
		}
		r.independent(out, then.scores.verdict(there), then.of(there).sample(), now.of(here).sample())
	}
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
// done, or refused in every form.
func (r *request) paired(ctx context.Context, out *Change, then, now *scaleView, at suppression.Cell) (bool, error) {
	if now.scored() > linkedUpTo || then.scores.verdict(at) != suppression.Shown {
		return false, nil
	}
	c, err := r.linked(ctx, then, now)
	if c == nil || err != nil {
		return false, err
	}
	switch how, err := r.pairing(ctx, c, at); {
	case how == byLevel || err != nil:
		return false, err
	case how == withhold:
		out.Method, out.Withheld = "paired", r.withheld(CodeMembership)
		return true, nil
	}
	out.Method = "paired"
	moved := c.change(at)
	test, err := stats.PairedT(moved.diff)
	if errors.Is(err, stats.ErrConstant) { // a difference there is, a test of it there is not
		test.Difference, _ = stats.Mean(moved.diff)
	}
	r.tested(out, test, err)
	if effect, err := stats.HedgesAverage(moved.first, moved.second, moved.diff); err == nil {
		out.effect(effect)
	}
	if moved.diffs != nil {
		if exact, err := stats.SignFlip(moved.diffs); err == nil {
			out.PExact = &exact.P
		}
	}
	return true, nil
}

// independent compares two samples as independent groups; v is the verdict on
// the one compared with, the other is shown.
func (r *request) independent(out *Change, v suppression.Verdict, a, b stats.Sample) {
	out.Method = "welch"
	if v != suppression.Shown {
		out.Withheld = r.withheld(CodeNotCompared)
		return
	}
	test, err := stats.WelchT(a, b)
	if errors.Is(err, stats.ErrConstant) {
		test.Difference = stats.Estimate{Value: b.Mean - a.Mean, N: a.N + b.N}
	}
	r.tested(out, test, err)
	if effect, err := stats.HedgesG(a, b); err == nil {
		out.effect(effect)
	}
}

// shares compares two proportions as independent groups; v as in independent.
func (r *request) shares(out *Change, v suppression.Verdict, eventsThen, then, eventsNow, now int) {
	out.Method = "newcombe"
	if v != suppression.Shown {
		out.Withheld = r.withheld(CodeNotCompared)
		return
	}
	test := stats.TTest{}
	difference, err := stats.RiskDifference(eventsNow, now, eventsThen, then)
	if err == nil {
		test.Difference = difference
		test.P, err = stats.RiskTest(eventsNow, now, eventsThen, then)
	}
	r.tested(out, test, err)
}

// recommendations are the eNPS as a sample of 100, 0 and −100.
func (t *tally) recommendations() stats.Sample {
	up, down := float64(t.promoters), float64(t.detractors)
	return sampleOf(t.raters(), 100*(up-down), 10000*(up+down))
}
