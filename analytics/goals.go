package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/goals.sql
	goalsSQL string
	//go:embed queries/agreement.sql
	agreementSQL string
	//go:embed queries/goals_state.sql
	goalsStateSQL string
)

// attainment holds the sufficient statistics of the goal scores of the pairs
// that people of a group belong to.
type attainment struct {
	group
	pairs, rated           int
	score, base, change    float64
	score2, base2, change2 float64
	levels                 [5]int // goals rated −2 … +2
}

func (a *attainment) add(o *attainment) {
	a.pairs += o.pairs
	a.rated += o.rated
	a.score, a.score2 = a.score+o.score, a.score2+o.score2
	a.base, a.base2 = a.base+o.base, a.base2+o.base2
	a.change, a.change2 = a.change+o.change, a.change2+o.change2
	for i := range a.levels {
		a.levels[i] += o.levels[i]
	}
}

// agreement is what mentor and mentee said of the same goals of one wave.
type agreement struct {
	pairs          int
	mentor, mentee stats.Sample
	covariance     float64
}

// Goals reports goal attainment as mentors and as mentees rate it: the score at
// baseline and now, its change, the share of goals met, the distribution of
// ratings, and how far the two agree. A pair counts as one; nothing is shown
// about fewer than k pairs.
func (s *Service) Goals(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("goals")
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	waves := r.reach()
	if r.Role == program.Comparison {
		wave := r.wave(waves[len(waves)-1])
		out.Wave, out.Notice = &wave, r.withheld(CodeNotInProgramme)
		return out, nil
	}
	attained, err := r.attained(ctx, waves)
	if err != nil {
		return nil, err
	}
	agreed, err := r.agreed(ctx, waves)
	if err != nil {
		return nil, err
	}
	invited, err := r.invited(ctx, waves)
	if err != nil {
		return nil, err
	}
	at := len(waves) - 1
	for r.isAsked(at-1, waves) && len(attained[waves[at].ID]) == 0 {
		at--
	}
	wave := r.wave(waves[at])
	out.Wave = &wave
	views := map[program.Role][]*goalView{}
	for i, w := range waves {
		var figures []Figure
		for _, role := range []program.Role{program.Mentor, program.Mentee} {
			v := r.goalView(w, role, attained[w.ID], invited[w.ID])
			views[role] = append(views[role], v)
			figures = append(figures, r.goalFigures(v)...)
			if i != at {
				continue
			}
			now := r.goalFigures(v)
			if err := r.compareGoals(ctx, now, views[role], at); err != nil {
				return nil, err
			}
			out.Figures = append(out.Figures, now...)
		}
		agreement := r.agreementFigure(w, agreed[w.ID], len(attained[w.ID]) > 0)
		if r.isAsked(i, waves) {
			out.Series = append(append(out.Series, figures...), agreement)
		}
		if i == at {
			out.Figures = append(out.Figures, agreement)
		}
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

// compareGoals fills in the changes of the score and of the share of goals at the
// expected level. What else is given beside them is of the start, or since then.
func (r *request) compareGoals(ctx context.Context, figures []Figure, views []*goalView, at int) error {
	for i := range figures {
		if m := figures[i].Measure; m != MeasureGoals && m != MeasureExpected {
			continue
		}
		if err := compare(ctx, r, figures[i:i+1], views, at, ComparePrevious); err != nil {
			return err
		}
	}
	return nil
}

// attainmentRow is an attainment as it is counted and kept.
type attainmentRow struct {
	Role, Attributes           string
	Pairs, Rated               uint64
	Score, Score2, Base, Base2 float64
	Change, Change2            float64
	Levels                     []uint64
}

// goalCount is what is counted of the waves by a query that also reads the goals
// as they are now, of state goals.
func (r *request) goalCount(ctx context.Context, query string, segmented bool) (fact, error) {
	var latest, goals uint64
	err := r.db.QueryRow(ctx, goalsStateSQL, clickhouse.Named("program", r.program.ID)).Scan(&latest, &goals)
	if err != nil {
		return fact{}, fmt.Errorf("goals of %q: %w", r.program.ID, err)
	}
	return fact{query: query, of: fmt.Sprint(segmented, latest, goals)}, nil
}

func (r *request) attained(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]*attainment, error) {
	of, err := r.goalCount(ctx, goalsSQL, len(r.by) > 0)
	if err != nil {
		return nil, err
	}
	rows, err := keeping(ctx, r, of, waves, r.countAttained)
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID][]*attainment{}
	for wave, list := range rows {
		for _, row := range list {
			a := &attainment{pairs: int(row.Pairs), rated: int(row.Rated), score: row.Score, score2: row.Score2, base: row.Base, base2: row.Base2,
				change: row.Change, change2: row.Change2}
			if a.group, err = r.keptGroup(row.Role, row.Attributes); err != nil {
				return nil, err
			}
			for i := range min(len(row.Levels), len(a.levels)) {
				a.levels[i] = int(row.Levels[i])
			}
			found[wave] = append(found[wave], a)
		}
	}
	return found, nil
}

func (r *request) countAttained(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]attainmentRow, error) {
	found := map[uuid.UUID][]attainmentRow{}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "goals", goalsSQL, func(rows driver.Rows) (a attainmentRow, err error) {
		var wave uuid.UUID
		err = rows.Scan(&wave, &a.Role, &a.Attributes, &a.Pairs, &a.Score, &a.Score2, &a.Base, &a.Base2, &a.Change, &a.Change2, &a.Rated, &a.Levels)
		found[wave] = append(found[wave], a)
		return a, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("segmented", len(r.by) > 0))
	return found, err
}

// agreementRow is an agreement as it is counted and kept.
type agreementRow struct {
	Pairs, Rated               uint64
	MentorMean, MentorVariance float64
	MenteeMean, MenteeVariance float64
	Covariance                 float64
}

func (r *request) agreed(ctx context.Context, waves []survey.Wave) (map[uuid.UUID]agreement, error) {
	of, err := r.goalCount(ctx, agreementSQL, false)
	if err != nil {
		return nil, err
	}
	rows, err := keeping(ctx, r, of, waves, r.countAgreed)
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID]agreement{}
	for wave, list := range rows {
		for _, row := range list { // one
			n := int(row.Rated)
			found[wave] = agreement{pairs: int(row.Pairs), mentor: stats.Sample{N: n, Mean: row.MentorMean, Variance: row.MentorVariance},
				mentee: stats.Sample{N: n, Mean: row.MenteeMean, Variance: row.MenteeVariance}, covariance: row.Covariance}
		}
	}
	return found, nil
}

func (r *request) countAgreed(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]agreementRow, error) {
	found := map[uuid.UUID][]agreementRow{}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "agreement on goals", agreementSQL, func(rows driver.Rows) (a agreementRow, err error) {
		var wave uuid.UUID
		err = rows.Scan(&wave, &a.Pairs, &a.Rated, &a.MentorMean, &a.MentorVariance, &a.MenteeMean, &a.MenteeVariance, &a.Covariance)
		found[wave] = append(found[wave], a)
		return a, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	return found, err
}

// goalView is what one role rated in one wave: its ratings make no total with the
// other's.
type goalView struct {
	wave    survey.Wave
	role    program.Role
	own     []*attainment
	invited []group
	plan    plans // of the pairs rated
}

func (r *request) goalView(w survey.Wave, role program.Role, all []*attainment, invited []group) *goalView {
	v := &goalView{wave: w, role: role, invited: invited}
	for _, a := range all {
		if a.role == role {
			v.own = append(v.own, a)
		}
	}
	v.plan = planOf(r.rule(), v.own, func(a *attainment) int { return a.pairs }).during(len(all) > 0, w.Open(r.now))
	return v
}

func (v *goalView) in() survey.Wave { return v.wave }
func (v *goalView) grows() bool     { return false }
func (v *goalView) shown(c suppression.Cell) suppression.Verdict {
	if c.Role == string(program.Comparison) {
		return suppression.Empty // they have no goals
	}
	return v.plan.verdict(c)
}

func (v *goalView) quantity(unit string, c suppression.Cell) (*quantity, suppression.Verdict) {
	switch a := v.of(c); unit {
	case UnitT:
		return meanOf(sampleOf(a.pairs, a.score, a.score2)), v.shown(c)
	case UnitShare: // of goals at the expected level
		return shareOf(a.expected(), a.rated), v.shown(c)
	}
	return nil, suppression.Empty
}

// expected is the number of goals at the expected level or above.
func (a *attainment) expected() int { return a.levels[2] + a.levels[3] + a.levels[4] }

func (v *goalView) of(c suppression.Cell) *attainment {
	sum := &attainment{}
	for _, a := range v.own {
		if a.in(c) {
			sum.add(a)
		}
	}
	return sum
}

// goalCells are the cells of a role's ratings; none when another role is asked
// for.
func (r *request) goalCells(v *goalView) []suppression.Cell {
	if r.Role != "" && r.Role != v.role {
		return nil
	}
	return r.cells(append(groupsOf(v.own), v.invited...), []program.Role{v.role}, []program.Role{v.role})
}

func (r *request) goalFigures(v *goalView) []Figure {
	var list []Figure
	for _, c := range r.goalCells(v) {
		list = append(list, r.goalCell(v, c)...)
	}
	return list
}

// goalMean is the mean over pairs of a score with the given sums.
func (r *request) goalMean(measure string, v *goalView, c suppression.Cell, pairs int, sum, squares float64) Figure {
	return r.show(r.figure(measure, v.wave.Occurrence, c), v.plan.verdict(c), func() (stats.Estimate, error) {
		return stats.Mean(sampleOf(pairs, sum, squares))
	}).unrated(r)
}

func (r *request) goalCell(v *goalView, c suppression.Cell) []Figure {
	a := v.of(c)
	share := func(measure, level string, n int) Figure {
		f := r.figure(measure, v.wave.Occurrence, c)
		f.Level = level
		return r.show(f, v.plan.verdict(c), func() (stats.Estimate, error) { return stats.Proportion(n, a.rated) }).unrated(r)
	}
	list := []Figure{
		r.goalMean(MeasureGoals, v, c, a.pairs, a.score, a.score2),
		r.goalMean(MeasureGoalsBase, v, c, a.pairs, a.base, a.base2),
		r.goalMean(MeasureGoalsChange, v, c, a.pairs, a.change, a.change2),
		share(MeasureExpected, "", a.expected()),
	}
	for i, n := range a.levels {
		list = append(list, share(MeasureLevels, strconv.Itoa(i-2), n))
	}
	return list
}

// unrated says that goals are what nobody rated.
func (f Figure) unrated(r *request) Figure {
	if f.Withheld != nil && f.Withheld.Code == CodeNoAnswers {
		f.Withheld = r.withheld(CodeNoGoals)
	}
	return f
}

func (r *request) agreementFigure(w survey.Wave, a agreement, rated bool) Figure {
	whole := suppression.Whole("")
	plan := planOf(r.rule(), []headcount{{n: a.pairs}}, func(h headcount) int { return h.n }).during(rated, false)
	return r.show(r.figure(MeasureAgreement, w.Occurrence, whole), plan.verdict(whole), func() (stats.Estimate, error) {
		ratings, err := stats.RateByTwo(a.mentor, a.mentee, a.covariance)
		if err != nil {
			return stats.Estimate{}, err
		}
		return ratings.Agreement()
	}).unrated(r)
}
