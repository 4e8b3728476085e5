package analytics

import (
	"cmp"
	"context"
	"sync"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Engagement reports index, favourability, eNPS and the reliability of the
// engagement scale, with the change of the index since the wave before: person
// by person where answers are linked, but for a series of very large waves.
// Nothing to show is not an error: the figures then say why.
func (s *Service) Engagement(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("engagement")
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	f, err := r.frame(ctx, r.reach())
	if err != nil {
		return nil, err
	}
	for i, id := range orNone(scaleIDs(f.questionnaires, survey.KindEngagement)) {
		if err := r.engagementScale(ctx, out, f, id, i == 0); err != nil {
			return nil, err
		}
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

// reach are the waves to read, oldest first: those asked for, and before them
// what the first is compared with.
func (r *request) reach() []survey.Wave {
	switch {
	case r.Compare == CompareBaseline:
		return r.waves[:r.end]
	case r.Compare == CompareGroup:
		return r.asked()
	}
	if p := r.previous(r.first); p >= 0 {
		return append([]survey.Wave{r.waves[p]}, r.asked()...)
	}
	return r.asked()
}

// previous is the place of the wave before, of the same survey, or −1.
func (r *request) previous(at int) int {
	for i := at - 1; i >= 0; i-- {
		if r.waves[i].SurveyID == r.waves[at].SurveyID {
			return i
		}
	}
	return -1
}

func enpsItem(q *survey.Questionnaire) uint16 {
	for _, s := range q.ScalesOf(survey.KindENPS) {
		for _, it := range q.ItemsOf(s.ID) {
			return it.Number
		}
	}
	return 0
}

// engagementScale adds the figures of one scale, and those of eNPS beside the
// first.
func (r *request) engagementScale(ctx context.Context, out *Report, f *frame, id string, first bool) error {
	views, err := r.viewsOf(ctx, f, id, enpsItem)
	if err != nil {
		return err
	}
	at := r.target(views)
	if first {
		wave := r.wave(f.waves[at])
		out.Wave = &wave
	}
	for i, v := range views {
		if r.isAsked(i, f.waves) {
			out.Series = append(out.Series, r.engagementFigures(v, everybody(), first)...)
		}
	}
	figures := append(r.engagementFigures(views[at], everybody(), first), r.omegas(views[at])...)
	if err := compare(ctx, r, figures, views, at, ComparePrevious); err != nil {
		return err
	}
	out.Figures = append(out.Figures, figures...)
	return nil
}

// isAsked reports whether the wave at a place of those that reach gives stands in
// the series: it is one of several that are asked for.
func (r *request) isAsked(at int, reach []survey.Wave) bool {
	return r.chosen < 0 && at >= len(reach)-len(r.asked())
}

// scaleView is a scale in one wave, with the plans of its measures.
type scaleView struct {
	wave    survey.Wave
	scale   scale
	tallies []*tally
	invited []group // when the report is cut
	scores  planned // of those with an index
	answers planned // of those with any answer
	enps    planned
}

func (r *request) view(w survey.Wave, s scale, tallies []*tally, invited []group) *scaleView {
	plan := func(n func(*tally) int) planned {
		return sync.OnceValue(func() plans { return planOf(r.rule(), tallies, n).during(len(tallies) > 0, w.Open(r.now)) })
	}
	return &scaleView{wave: w, scale: s, tallies: tallies, invited: invited,
		scores:  plan(func(t *tally) int { return t.scored }),
		answers: plan(func(t *tally) int { return t.respondents }),
		enps:    plan((*tally).raters),
	}
}

// people are the groups that the wave was about: those invited, and those of
// answers that came without invitations.
func (v *scaleView) people() []group { return append(groupsOf(v.tallies), v.invited...) }

// scored is the number of people with a score.
func (v *scaleView) scored() int {
	n := 0
	for _, t := range v.tallies {
		n += t.scored
	}
	return n
}

// of adds up the people of a cell.
func (v *scaleView) of(c suppression.Cell) *tally {
	sum := &tally{}
	for _, t := range v.tallies {
		if t.in(c) {
			sum.add(t)
		}
	}
	return sum
}

// everybody are the participants as a whole, and each role by itself.
func everybody() []program.Role { return append([]program.Role{""}, program.Roles()...) }

func (r *request) engagementFigures(v *scaleView, wholes []program.Role, withENPS bool) []Figure {
	var list []Figure
	for _, c := range r.cells(v.people(), wholes, wholes[:1]) {
		t := v.of(c)
		list = append(list, r.indexFigure(MeasureEngagement, v, c, t), r.favourability(MeasureFavourability, v, c, t))
		if c.IsWhole() {
			list = append(list, r.reliability(MeasureAlpha, v, c, t))
		}
		if withENPS {
			list = append(list, r.show(r.figure(MeasureENPS, v.wave.Occurrence, c), v.enps.verdict(c), func() (stats.Estimate, error) {
				return stats.NetPromoter(t.promoters, t.passives, t.detractors)
			}).unasked(r, v.scale.enps == 0, CodeNotMeasured))
		}
	}
	return list
}

// omegas are given for one wave only, since each is a search.
func (r *request) omegas(v *scaleView) []Figure {
	var list []Figure
	for _, c := range r.cells(v.people(), everybody(), nil) {
		if c.IsWhole() {
			list = append(list, r.reliability(MeasureOmega, v, c, v.of(c)))
		}
	}
	return list
}

// scaled starts a figure of the view's scale.
func (r *request) scaled(measure string, v *scaleView, c suppression.Cell) Figure {
	f := r.figure(measure, v.wave.Occurrence, c)
	f.Scale, f.ScaleTitle = v.scale.id, v.scale.title.In(r.Lang)
	return f
}

func (r *request) indexFigure(measure string, v *scaleView, c suppression.Cell, t *tally) Figure {
	return r.show(r.scaled(measure, v, c), v.scores.verdict(c), func() (stats.Estimate, error) {
		return indexOf(t.sample())
	}).because(r, v)
}

func (r *request) favourability(measure string, v *scaleView, c suppression.Cell, t *tally) Figure {
	return r.show(r.scaled(measure, v, c), v.answers.verdict(c), func() (stats.Estimate, error) {
		return stats.Proportion(t.favourable, t.answers)
	}).because(r, v)
}

// leastAlpha is the alpha below which no omega is given.
const leastAlpha = 0.1

func (r *request) reliability(measure string, v *scaleView, c suppression.Cell, t *tally) Figure {
	return r.show(r.scaled(measure, v, c), v.scores.verdict(c), func() (stats.Estimate, error) {
		switch {
		case c.Role == "" && v.scale.mixed():
			return stats.Estimate{}, reason(CodeMixedItems)
		case t.complete < r.k():
			return stats.Estimate{}, reason(CodeTooFew)
		case measure == MeasureOmega:
			// Where the items share next to nothing there is no factor to fit,
			// and the search for one would take long.
			if alpha, err := stats.Alpha(t.covariance(), t.complete); err != nil || alpha.Value < leastAlpha {
				return stats.Estimate{}, cmp.Or(err, stats.ErrUndefined)
			}
			model, err := stats.Omega(t.covariance())
			return stats.Estimate{Value: model.Omega, N: t.complete, NoInterval: reason(CodeNoInterval)}, err
		}
		return stats.Alpha(t.covariance(), t.complete)
	}).because(r, v)
}

// because says why nobody could answer where the questionnaire has no such
// scale.
func (f Figure) because(r *request, v *scaleView) Figure {
	code := CodeNotMeasured
	if v.scale.long {
		code = CodeTooLong
	}
	return f.unasked(r, len(v.scale.items) == 0, code)
}

// unasked replaces the reason when nobody was asked, which hides nothing about
// people.
func (f Figure) unasked(r *request, nobody bool, code string) Figure {
	if nobody && f.Withheld != nil {
		f.Withheld = r.withheld(code)
	}
	return f
}
