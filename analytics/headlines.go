package analytics

import (
	"context"
	"slices"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// headline is what reports across the measures show of one of them: in each of
// its waves, oldest first, the figures of a role or of the participants.
type headline struct {
	role  program.Role // about whom the first figure is
	views []view
	// figures are those of the view at a place; at −1 those that say that there is
	// none.
	figures func(at int) []Figure
}

// newHeadline makes one of views of whatever kind.
func newHeadline[V view](role program.Role, views []V, figures func(V) []Figure) headline {
	h := headline{role: role, figures: func(at int) []Figure {
		if at < 0 {
			return nil
		}
		return figures(views[at])
	}}
	for _, v := range views {
		h.views = append(h.views, v)
	}
	return h
}

// headlines reads the measures that reports across them show: the response rate,
// engagement with favourability and eNPS, intent to stay and goal attainment in
// every wave of the frame, and scales of the kinds in those waves of turns in
// which they are asked. Who has figures wholess the segments is in wholes, of which
// the first is cut; of what a role alone answers, each role has its own, the
// comparison group when it is in wholes.
func (r *request) headlines(ctx context.Context, f, turns *frame, wholes []program.Role, kinds ...survey.Kind) ([]headline, error) {
	rates, err := r.rates(ctx, f, wholes)
	if err != nil {
		return nil, err
	}
	list := []headline{rates}
	for i, id := range scaleIDs(f.questionnaires, survey.KindEngagement) {
		views, err := r.viewsOf(ctx, f, id, enpsItem)
		if err != nil {
			return nil, err
		}
		list = append(list, newHeadline(r.Role, views, func(v *scaleView) []Figure {
			all := r.engagementFigures(v, wholes, i == 0)
			return slices.DeleteFunc(all, func(f Figure) bool { return f.Measure == MeasureAlpha })
		}))
	}
	for _, id := range scaleIDs(f.questionnaires, survey.KindRetention) {
		views, err := r.viewsOf(ctx, f, id, noENPS)
		if err != nil {
			return nil, err
		}
		list = append(list, newHeadline(r.Role, views, func(v *scaleView) []Figure { return r.intentFigures(v, wholes) }))
	}
	goals, err := r.goalHeadlines(ctx, f)
	if err != nil {
		return nil, err
	}
	list = append(list, goals...)
	scales, err := r.turnHeadlines(ctx, turns, wholes, kinds)
	return append(list, scales...), err
}

func (r *request) rates(ctx context.Context, f *frame, wholes []program.Role) (headline, error) {
	funnels, err := r.funnels(ctx, f.waves)
	views := make([]*funnelView, len(f.waves))
	for i, w := range f.waves {
		views[i] = r.funnelView(w, funnels[w.ID])
	}
	return newHeadline(r.Role, views, func(v *funnelView) []Figure {
		var list []Figure
		for _, c := range r.cells(groupsOf(v.funnels), wholes, wholes[:1]) {
			list = append(list, r.rateFigure(v, c, v.of(c)))
		}
		return list
	}), err
}

func (r *request) goalHeadlines(ctx context.Context, f *frame) ([]headline, error) {
	attained, err := r.attained(ctx, f.waves)
	if err != nil {
		return nil, err
	}
	var list []headline
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		if r.Role != "" && r.Role != role {
			continue
		}
		var views []*goalView
		for _, w := range f.waves {
			views = append(views, r.goalView(w, role, attained[w.ID], f.invited[w.ID]))
		}
		list = append(list, newHeadline(role, views, func(v *goalView) []Figure {
			var figures []Figure
			for _, c := range r.goalCells(v) {
				a := v.of(c)
				figures = append(figures, r.goalMean(MeasureGoals, v, c, a.pairs, a.score, a.score2))
			}
			return figures
		}))
	}
	return list, nil
}

// turnHeadlines are the levels of scales, each role's by itself.
func (r *request) turnHeadlines(ctx context.Context, f *frame, wholes []program.Role, kinds []survey.Kind) ([]headline, error) {
	rows := r.scaleRows(f, kinds)
	turns, err := r.turns(ctx, f, rows)
	if err != nil {
		return nil, err
	}
	measures := map[survey.Kind]string{survey.KindConfidence: MeasureConfidence, survey.KindBenefit: MeasureBenefit, survey.KindChallenge: MeasureChallenge}
	var list []headline
	for _, row := range rows {
		for _, role := range row.Roles {
			views := turns[turn{row.ID, role}]
			if !r.wants(role, wholes) {
				continue
			}
			m := scaleMeasures{index: measures[row.Kind]}
			h := newHeadline(role, views, func(v *scaleView) []Figure { return r.levels(v, m, []program.Role{role}) })
			inTurn := h.figures
			h.figures = func(at int) []Figure {
				if at < 0 {
					return r.outOfTurn(f, row, m, role)
				}
				return inTurn(at)
			}
			list = append(list, h)
		}
	}
	return list, nil
}

// wants reports whether figures of a role alone are wanted: of the one asked for;
// of mentors and mentees, and of the comparison group when it is in wholes.
func (r *request) wants(role program.Role, wholes []program.Role) bool {
	if r.Role != "" {
		return role == r.Role
	}
	return role != program.Comparison || slices.Contains(wholes, role)
}

// newest is the place of the view that figures of a role are about: the newest of
// the waves asked for in which the role is shown, else the newest of them, −1 for
// none.
func newest[V view](r *request, views []V, role program.Role) int {
	newest := -1
	for i, v := range slices.Backward(views) {
		switch {
		case !r.asks(v.in()):
		case v.shown(suppression.Whole(string(role))) == suppression.Shown:
			return i
		case newest < 0:
			newest = i
		}
	}
	return newest
}
