package analytics

import (
	"context"
	"slices"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Heatmap reports the headline figures of every value of an attribute, or pair
// of values: response rate, engagement, intent to stay, goal attainment,
// confidence, benefits and challenges, each with its difference from the whole in
// the same wave unless the query names another comparison. Without an attribute it
// is the programme's first.
//
// Segments of an open wave are not shown, so of several waves the newest closed one
// counts; of scales asked in turn, the newest in which the role was asked. The
// figures name their wave.
func (s *Service) Heatmap(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(r.by) == 0 && len(r.program.Attributes) > 0 {
		r.By, r.by = r.program.Attributes[0], []int{0}
	}
	out := r.report("heatmap")
	switch {
	case len(r.waves) == 0:
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	case len(r.by) == 0:
		out.Notice = r.withheld(CodeNoAttributes)
		return out, nil
	}
	turns, core, err := r.mapped(ctx)
	if err != nil {
		return nil, err
	}
	wave := r.wave(core.waves[len(core.waves)-1])
	out.Wave = &wave
	list, err := r.headlines(ctx, core, turns, []program.Role{r.Role}, survey.KindConfidence, survey.KindBenefit, survey.KindChallenge)
	if err != nil {
		return nil, err
	}
	for _, h := range list {
		at := newest(r, h.views, h.role)
		if at < 0 {
			continue
		}
		figures := h.figures(at)
		if r.Compare == "" {
			r.contrast(figures, h.views[at])
		} else if err := compare(ctx, r, figures, h.views, at, ""); err != nil {
			return nil, err
		}
		out.Figures = append(out.Figures, figures...)
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

// closed are those of the waves that are.
func (r *request) closed(waves []survey.Wave) []survey.Wave {
	return slices.DeleteFunc(slices.Clone(waves), func(w survey.Wave) bool { return w.Open(r.now) })
}

// mapped are the waves of which scales asked in turn are read, the closed ones
// unless only open ones are asked for; and of them those to read of what is asked in
// each: last the one that the map is of, which is the newest in which engagement is
// shown, and before it what the query compares it with.
func (r *request) mapped(ctx context.Context) (turns, core *frame, err error) {
	waves := r.closed(r.waves[:r.end])
	if len(r.closed(r.asked())) == 0 {
		waves = r.waves[:r.end]
	}
	if turns, err = r.frame(ctx, waves); err != nil {
		return nil, nil, err
	}
	asked := turns.of(r.asked())
	views, err := r.viewsOf(ctx, asked, orNone(scaleIDs(asked.questionnaires, survey.KindEngagement))[0], enpsItem)
	if err != nil {
		return nil, nil, err
	}
	now := asked.waves[newest(r, views, r.Role)]
	at := slices.IndexFunc(r.waves, func(w survey.Wave) bool { return w.ID == now.ID })
	core = turns.of([]survey.Wave{now})
	switch p := r.previous(at); {
	case r.Compare == CompareBaseline:
		core = turns.of(r.waves[:at+1])
	case r.Compare == ComparePrevious && p >= 0:
		core = turns.of([]survey.Wave{r.waves[p], now})
	}
	return turns, core, nil
}

// contrast fills in how each segment of a view differs from the whole that it is
// part of. The two overlap, so it is tested against everybody else in the whole;
// what it differs from the whole by is that difference times their share of it.
// The two figures being shown, neither that difference nor everybody else's figure
// says more than they do.
func (r *request) contrast(figures []Figure, v view) {
	for i := range figures {
		f := &figures[i]
		part, _ := v.quantity(f.Unit, r.cellOf(*f))
		if f.Withheld != nil || f.Segment == nil || part == nil {
			continue
		}
		whole, verdict := v.quantity(f.Unit, suppression.Whole(string(f.Role)))
		others, share := whole.without(part)
		if verdict == suppression.Shown && share <= 0 {
			f.Change = r.noChange(CompareWhole, f.Wave, CodeItself)
			continue
		}
		out := &Change{Against: CompareWhole, From: f.Wave}
		r.independent(out, verdict, others, part)
		for _, end := range []**float64{&out.Value, &out.Low, &out.High} {
			if *end != nil {
				scaled := **end * share
				*end = &scaled
			}
		}
		f.Change = out
	}
}

// without is the quantity without a part of it, and the share that is left.
func (q *quantity) without(part *quantity) (rest *quantity, share float64) {
	if q.share {
		rest = shareOf(q.events-part.events, q.n-part.n)
		return rest, float64(rest.n) / float64(max(q.n, 1))
	}
	n1, sum1, squares1 := sums(q.sample)
	n2, sum2, squares2 := sums(part.sample)
	rest = meanOf(sampleOf(n1-n2, sum1-sum2, squares1-squares2))
	return rest, float64(n1-n2) / float64(max(n1, 1))
}
