package analytics

import (
	"context"

	"mentorpulse/analytics/suppression"
	"mentorpulse/survey"
)

// sameRecommending compares the eNPS of a cell person by person, each as 100, 0 or
// −100, and reports whether that is decided, as paired does. Who answers the
// question need not have a score on the scale beside it: the question is a scale of
// its own here, with a panel of its own.
func (r *request) sameRecommending(ctx context.Context, out *Change, then, now *scaleView, at suppression.Cell) (bool, error) {
	list, err := r.questionnaires(ctx, []survey.Wave{then.wave, now.wave})
	if err != nil {
		return false, err
	}
	a, b := then.recommending(list[0]), now.recommending(list[1])
	if a == nil || b == nil {
		return false, nil
	}
	return r.paired(ctx, out, a, b, at)
}

// recommending is the view of the question of the eNPS by itself; nil where it is
// not a scale of one item.
func (v *scaleView) recommending(q *survey.Questionnaire) *scaleView {
	for _, s := range q.ScalesOf(survey.KindENPS) {
		one := scaleIn(q, s.ID, 0)
		if len(one.items) != 1 || one.items[0].Number != v.scale.enps {
			continue
		}
		one.recommends = true
		own := &scaleView{wave: v.wave, scale: one, scores: v.enps}
		for _, t := range v.tallies {
			own.tallies = append(own.tallies, &tally{group: t.group, scored: t.raters()})
		}
		return own
	}
	return nil
}

// recommendation is what an answer counts in the eNPS, given as the index 0–100.
func (s scale) recommendation(index float64) float64 {
	switch answer := s.min + index*(s.max-s.min)/100; {
	case answer > 8.5:
		return 100
	case answer < 6.5:
		return -100
	}
	return 0
}
