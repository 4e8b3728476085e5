package analytics

import (
	"context"
	_ "embed"
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
	switch {
	case len(r.waves) == 0:
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	case r.Role == program.Comparison:
		out.Notice = r.withheld(CodeNoGoals)
	}
	waves := r.asked()
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
	for r.chosen < 0 && at > 0 && len(attained[waves[at].ID]) == 0 {
		at--
	}
	wave := r.wave(waves[at])
	out.Wave = &wave
	for i, w := range waves {
		figures := r.goalFigures(w, attained[w.ID], invited[w.ID])
		figures = append(figures, r.agreementFigure(w, agreed[w.ID], len(attained[w.ID]) > 0))
		if r.chosen < 0 {
			out.Series = append(out.Series, figures...)
		}
		if i == at {
			out.Figures = figures
		}
	}
	return r.finish(out), nil
}

func (r *request) attained(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]*attainment, error) {
	found := map[uuid.UUID][]*attainment{}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "goals", goalsSQL, func(rows driver.Rows) (*attainment, error) {
		var (
			wave         uuid.UUID
			role         string
			segment      survey.Attributes
			pairs, rated uint64
			levels       []uint64
			a            = &attainment{}
		)
		err := rows.Scan(&wave, &role, &segment, &pairs, &a.score, &a.score2, &a.base, &a.base2, &a.change, &a.change2, &rated, &levels)
		a.group, a.pairs, a.rated = r.groupOf(role, segment), int(pairs), int(rated)
		for i := range min(len(levels), len(a.levels)) {
			a.levels[i] = int(levels[i])
		}
		found[wave] = append(found[wave], a)
		return a, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("segmented", len(r.by) > 0))
	return found, err
}

func (r *request) agreed(ctx context.Context, waves []survey.Wave) (map[uuid.UUID]agreement, error) {
	found := map[uuid.UUID]agreement{}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "agreement on goals", agreementSQL, func(rows driver.Rows) (agreement, error) {
		var (
			wave         uuid.UUID
			pairs, rated uint64
			a            agreement
		)
		err := rows.Scan(&wave, &pairs, &rated, &a.mentor.Mean, &a.mentor.Variance, &a.mentee.Mean, &a.mentee.Variance, &a.covariance)
		a.pairs, a.mentor.N, a.mentee.N = int(pairs), int(rated), int(rated)
		found[wave] = a
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

func (v *goalView) in() survey.Wave                              { return v.wave }
func (v *goalView) grows() bool                                  { return false }
func (v *goalView) shown(c suppression.Cell) suppression.Verdict { return v.plan.verdict(c) }

func (v *goalView) quantity(unit string, c suppression.Cell) (*quantity, suppression.Verdict) {
	if unit != UnitT {
		return nil, suppression.Empty
	}
	a := v.of(c)
	return meanOf(sampleOf(a.pairs, a.score, a.score2)), v.plan.verdict(c)
}

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

func (r *request) goalFigures(w survey.Wave, all []*attainment, invited []group) []Figure {
	var list []Figure
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		v := r.goalView(w, role, all, invited)
		for _, c := range r.goalCells(v) {
			list = append(list, r.goalCell(v, c)...)
		}
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
		share(MeasureExpected, "", a.levels[2]+a.levels[3]+a.levels[4]),
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
