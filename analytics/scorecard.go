package analytics

import (
	"cmp"
	"context"
	"slices"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// The states of a scale that warns.
const (
	StateBelow   = "below"   // the threshold
	StateWarning = "warning" // at the threshold or above
)

// How sure a warning is.
const (
	CertaintyClear    = "clear"    // the whole interval is at the threshold or above, or all answer alike
	CertaintyPossible = "possible" // it is not
)

// Benefits reports what the programme promises: a scale for each benefit, by
// whom it is for, then the aims and the steps of putting the programme in place.
// Level, favourability and reliability of each role that is asked, with the
// change since the scale was last asked.
//
// The questionnaire asks these scales in turn. Without a wave named, the figures
// of a scale are of the newest one asked for in which the role was asked it and
// its level is shown. Where there is none, they are withheld and say why.
func (s *Service) Benefits(ctx context.Context, q Query) (*Report, error) {
	return s.scorecard(ctx, q, "benefits", scaleMeasures{MeasureBenefit, MeasureBenefitFavourability, MeasureBenefitAlpha},
		survey.KindBenefit, survey.KindAim, survey.KindStep)
}

// Challenges reports what endangers the programme, as Benefits does what it
// promises: a high index is bad, and from its threshold on the scale warns.
func (s *Service) Challenges(ctx context.Context, q Query) (*Report, error) {
	return s.scorecard(ctx, q, "challenges", scaleMeasures{index: MeasureChallenge, alpha: MeasureChallengeAlpha}, survey.KindChallenge)
}

func (s *Service) scorecard(ctx context.Context, q Query, kind string, m scaleMeasures, kinds ...survey.Kind) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report(kind)
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	waves := r.waves[:r.end] // a scale may have been asked long ago
	if r.Compare == CompareGroup {
		waves = r.asked()
	}
	f, err := r.frame(ctx, waves)
	if err != nil {
		return nil, err
	}
	wave := r.wave(waves[len(waves)-1])
	out.Wave, out.Scales = &wave, r.scaleRows(f, kinds)
	if len(out.Scales) == 0 {
		out.Notice = r.withheld(CodeNotMeasured)
		return out, nil
	}
	turns, err := r.turns(ctx, f, out.Scales)
	if err != nil {
		return nil, err
	}
	for i := range out.Scales {
		if err := r.scoreScale(ctx, out, m, f, &out.Scales[i], turns); err != nil {
			return nil, err
		}
	}
	if len(out.Figures) == 0 { // the role is asked none of them
		out.Notice = r.withheld(CodeNotMeasured)
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

// scaleRows lists the scales of the kinds, in the order of the kinds, of benefits
// by whom they are for, and then of the questionnaire. Of several
// questionnaires the newest says what a scale is called.
func (r *request) scaleRows(f *frame, kinds []survey.Kind) []ScaleRow {
	var rows []ScaleRow
	for _, kind := range kinds {
		var own []ScaleRow
		for _, id := range scaleIDs(f.questionnaires, kind) {
			for _, q := range slices.Backward(f.questionnaires) {
				s, ok := q.Scale(id)
				if !ok || s.Kind != kind {
					continue
				}
				row := ScaleRow{ID: id, Title: s.Title.In(r.Lang), Kind: kind, Group: s.Group, Roles: audience(f.questionnaires, id), Remedy: s.Remedy.In(r.Lang)}
				if s.WarnFrom > 0 {
					row.WarnFrom = &s.WarnFrom
				}
				own = append(own, row)
				break
			}
		}
		slices.SortStableFunc(own, func(a, b ScaleRow) int { return cmp.Compare(groupPlace(a.Group), groupPlace(b.Group)) })
		rows = append(rows, own...)
	}
	return rows
}

func groupPlace(g survey.Group) int {
	return slices.Index([]survey.Group{survey.GroupMentees, survey.GroupMentors, survey.GroupOrganisation}, g)
}

// turn is a scale that a role is asked.
type turn struct {
	scale string
	role  program.Role
}

// inTheirTurn lists the scales in the waves in which they are asked, and the places
// there of each role's own, oldest first.
func inTheirTurn(f *frame, scales []ScaleRow) (of []occasion, places map[turn][]int) {
	places = map[turn][]int{}
	for w, q := range f.questionnaires {
		asked := map[program.Role]map[string]bool{}
		for _, role := range program.Roles() {
			asked[role] = q.WaveScales(f.waves[w].Number, role)
		}
		for _, s := range scales {
			for _, role := range s.Roles {
				if !asked[role][s.ID] {
					continue
				}
				if n := len(of); n == 0 || of[n-1].wave.ID != f.waves[w].ID || of[n-1].scale.id != s.ID {
					of = append(of, occasion{f.waves[w], scaleIn(q, s.ID, 0)})
				}
				places[turn{s.ID, role}] = append(places[turn{s.ID, role}], len(of)-1)
			}
		}
	}
	return of, places
}

// turns reads the scales in the waves in which they are asked, and gives for each
// role that is the views of its own waves, oldest first.
func (r *request) turns(ctx context.Context, f *frame, scales []ScaleRow) (map[turn][]*scaleView, error) {
	of, places := inTheirTurn(f, scales)
	views, err := r.views(ctx, f, of)
	if err != nil {
		return nil, err
	}
	turns := map[turn][]*scaleView{}
	for key, at := range places {
		for _, i := range at {
			turns[key] = append(turns[key], views[i])
		}
	}
	return turns, nil
}

// newestTurns reads of each role's turns the newest whose level is shown, as newest
// finds it; none where no level is. Older ones are read only where they are needed.
func (r *request) newestTurns(ctx context.Context, f *frame, scales []ScaleRow) (map[turn]*scaleView, error) {
	of, left := inTheirTurn(f, scales)
	found := map[turn]*scaleView{}
	for len(left) > 0 {
		var needed []int
		for _, at := range left {
			needed = append(needed, at[len(at)-1])
		}
		slices.Sort(needed)
		needed = slices.Compact(needed)
		some := make([]occasion, len(needed))
		for i, at := range needed {
			some[i] = of[at]
		}
		views, err := r.views(ctx, f, some)
		if err != nil {
			return nil, err
		}
		for key, at := range left {
			last := len(at) - 1
			v := views[slices.Index(needed, at[last])]
			if v.shown(suppression.Whole(string(key.role))) == suppression.Shown {
				found[key] = v
			}
			if left[key] = at[:last]; found[key] != nil || last == 0 {
				delete(left, key)
			}
		}
	}
	return found, nil
}

// asks reports whether the query asks for a wave.
func (r *request) asks(w survey.Wave) bool {
	return slices.ContainsFunc(r.asked(), func(one survey.Wave) bool { return one.ID == w.ID })
}

// scoreScale adds the figures of one scale, each role's by itself.
func (r *request) scoreScale(ctx context.Context, out *Report, m scaleMeasures, f *frame, row *ScaleRow, turns map[turn][]*scaleView) error {
	for _, role := range row.Roles {
		if r.Role != "" && r.Role != role {
			continue
		}
		views := turns[turn{row.ID, role}]
		at := newest(r, views, role)
		if at < 0 { // the turn of the scale is in other waves
			out.Figures = append(out.Figures, r.outOfTurn(f, *row, m, role)...)
			continue
		}
		figures := r.levels(views[at], m, []program.Role{role})
		if err := compare(ctx, r, figures, views, at, ComparePrevious); err != nil {
			return err
		}
		row.worsen(figures)
		out.Figures = append(out.Figures, figures...)
		for _, v := range views {
			if r.chosen < 0 && r.asks(v.wave) {
				out.Series = append(out.Series, r.levels(v, m, []program.Role{role})...)
			}
		}
	}
	return nil
}

// outOfTurn are the figures of a role that is asked the scale in other waves than
// those asked for.
func (r *request) outOfTurn(f *frame, row ScaleRow, m scaleMeasures, role program.Role) []Figure {
	unasked := r.view(f.waves[len(f.waves)-1], scale{id: row.ID, title: survey.Text{r.Lang: row.Title}}, nil, nil)
	return r.levels(unasked, m, []program.Role{role})
}

// warn gives each index of a scale that warns its state, unless it is withheld.
func warn(figures []Figure, s scale) {
	for i := range figures {
		f := &figures[i]
		switch {
		case s.warnFrom == 0 || f.Unit != UnitIndex || f.Value == nil:
		case *f.Value < s.warnFrom:
			f.State = StateBelow
		default:
			f.State, f.Certainty = StateWarning, CertaintyPossible
			if low, _ := f.ends(); low >= s.warnFrom {
				f.Certainty = CertaintyClear
			}
		}
	}
}

// worsen takes over the state of the roles' figures where it is worse than that
// of the roles before.
func (s *ScaleRow) worsen(figures []Figure) {
	order := []string{"", StateBelow, StateWarning + CertaintyPossible, StateWarning + CertaintyClear}
	for _, f := range figures {
		if f.Segment == nil && slices.Index(order, f.State+f.Certainty) > slices.Index(order, s.State+s.Certainty) {
			s.State, s.Certainty = f.State, f.Certainty
		}
	}
}
