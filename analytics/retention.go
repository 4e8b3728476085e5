package analytics

import (
	"context"
	_ "embed"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/lives.sql
var livesSQL string

// life counts the people of a group who stayed for the same number of days.
type life struct {
	group
	stats.LifeRow
}

// Retention reports how long people stay in the programme and in the
// organisation, the latter against the comparison group, their intent to stay,
// and what those who left had answered before. With a wave it counts as of the day that wave closed.
func (s *Service) Retention(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("retention")
	out.AsOf = r.day().Format(time.DateOnly)
	lives, err := r.lives(ctx)
	if err != nil {
		return nil, err
	}
	r.inProgramme(out, lives["programme"])
	r.inOrganisation(out, lives["organisation"])
	r.compareCurves(out, lives["organisation"])
	if err := r.cohorts(ctx, out); err != nil {
		return nil, err
	}
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return r.finish(out), nil
	}
	if err := r.intent(ctx, out); err != nil {
		return nil, err
	}
	if err := r.beforeLeaving(ctx, out); err != nil {
		return nil, err
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

// day is the one on which lives are counted: today, or the last of the chosen
// wave or of the programme when they are over.
func (r *request) day() time.Time {
	at := r.now
	if r.Query.Wave != "" && !r.today && r.end > 0 && r.waves[r.end-1].Closes.Before(at) {
		at = r.waves[r.end-1].Closes
	}
	return r.within(at)
}

// within is the day of a time, or the last of the programme when that is over.
func (r *request) within(at time.Time) time.Time {
	day := program.Day(at, r.location)
	if ends := r.program.Ends; !ends.IsZero() && ends.Before(day) {
		return ends
	}
	return day
}

func (r *request) lives(ctx context.Context) (map[string][]life, error) {
	found := map[string][]life{}
	groups := map[[2]string]group{} // there are many rows of few groups
	_, err := clickhouse.Collect(ctx, r.db, "retention", livesSQL, func(rows driver.Rows) (life, error) {
		var (
			kind, role, segment string
			days                int64
			events, censored    uint64
		)
		err := rows.Scan(&kind, &role, &segment, &days, &events, &censored)
		of, known := groups[[2]string{role, segment}]
		if !known && err == nil {
			of, err = r.keptGroup(role, segment)
			groups[[2]string{role, segment}] = of
		}
		one := life{of, stats.LifeRow{Time: float64(days), Events: int(events), Censored: int(censored)}}
		found[kind] = append(found[kind], one)
		return one, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("day", r.day().Format(time.DateOnly)),
		clickhouse.Named("roles", roleNames(program.Roles())), clickhouse.Named("segmented", len(r.by) > 0))
	return found, err
}

func roleNames(roles []program.Role) []string {
	list := make([]string, len(roles))
	for i, role := range roles {
		list[i] = string(role)
	}
	return list
}

// lifeView is a set of lives with the plans of who lived them and who left.
type lifeView struct {
	lives        []life
	people, left plans
}

func (r *request) lifeView(lives []life) *lifeView {
	return &lifeView{lives: lives,
		people: planOf(r.rule(), lives, func(l life) int { return l.Events + l.Censored }),
		left:   planOf(r.rule(), lives, func(l life) int { return l.Events }),
	}
}

// fewLeft reports whether 1 to k−1 people of a cell left, or so many would follow.
func (v *lifeView) fewLeft(c suppression.Cell) bool {
	left := v.left.verdict(c)
	return left == suppression.TooFew || left == suppression.Remainder
}

func (v *lifeView) of(c suppression.Cell) []stats.LifeRow {
	var rows []stats.LifeRow
	for _, l := range v.lives {
		if l.in(c) {
			rows = append(rows, l.LifeRow)
		}
	}
	return rows
}

func (v *lifeView) counts(c suppression.Cell) (n, events int) {
	for _, row := range v.of(c) {
		n, events = n+row.Events+row.Censored, events+row.Events
	}
	return n, events
}

// inProgramme adds the curves of staying in the programme, which the comparison
// group is no part of.
func (r *request) inProgramme(out *Report, lives []life) {
	if r.Role == program.Comparison {
		return
	}
	v := r.lifeView(lives)
	list := r.cells(groupsOf(lives), []program.Role{"", program.Mentor, program.Mentee}, []program.Role{""})
	for _, c := range list {
		r.addCurve(out, MeasureStay, v, c)
	}
	groups := list[len(list)-segments(list):]
	if len(r.by) == 0 && r.Role == "" {
		groups = list[1:] // the two roles
	}
	if len(groups) > 1 {
		out.Tests = append(out.Tests, r.logRank(MeasureStayLogRank, v, groups))
	}
}

func segments(list []suppression.Cell) int {
	n := 0
	for _, c := range list {
		if !c.IsWhole() {
			n++
		}
	}
	return n
}

// inOrganisation adds the curves of staying employed, and the comparison with
// the comparison group.
func (r *request) inOrganisation(out *Report, lives []life) {
	v := r.lifeView(lives)
	everybody := []program.Role{"", program.Mentor, program.Mentee, program.Comparison}
	for _, c := range r.cells(groupsOf(lives), everybody, everybody[:1]) {
		r.addCurve(out, MeasureEmployment, v, c)
	}
	if r.Role == program.Comparison {
		return
	}
	ours, theirs := suppression.Whole(string(r.Role)), suppression.Whole(string(program.Comparison))
	verdict := v.people.verdict(ours)
	n1, left1 := v.counts(ours)
	n2, left2 := v.counts(theirs)
	why := func(compute func() (stats.Estimate, error)) func() (stats.Estimate, error) {
		return func() (stats.Estimate, error) {
			switch v.people.verdict(theirs) {
			case suppression.Empty:
				return stats.Estimate{}, reason(CodeNoComparison)
			case suppression.Shown:
				if v.fewLeft(ours) || v.fewLeft(theirs) { // else a ratio would tell how many
					return stats.Estimate{}, reason(CodeFewLeft)
				}
				return compute()
			}
			return stats.Estimate{}, reason(CodeTooFew)
		}
	}
	add := func(measure string, compute func() (stats.Estimate, error)) {
		f := r.show(r.figure(measure, "", ours), verdict, why(compute))
		if f.Withheld != nil && f.Withheld.Code == CodeNoAnswers {
			f.Withheld = r.withheld(CodeNoEmployment)
		}
		out.Figures = append(out.Figures, f)
	}
	add(MeasureRelativeRisk, func() (stats.Estimate, error) { return stats.RelativeRisk(left1, n1, left2, n2) })
	add(MeasureRiskDifference, func() (stats.Estimate, error) { return stats.RiskDifference(left1, n1, left2, n2) })
	out.Tests = append(out.Tests, r.logRank(MeasureEmploymentLogRank, v, []suppression.Cell{ours, theirs}))
}

// logRank compares those of the groups that may be shown.
func (r *request) logRank(measure string, v *lifeView, groups []suppression.Cell) Test {
	test := Test{Measure: measure, Groups: []string{}}
	var tables [][]stats.LifeRow
	for _, c := range groups {
		if v.people.verdict(c) == suppression.Shown && !v.fewLeft(c) {
			test.Groups = append(test.Groups, r.cellName(c))
			tables = append(tables, v.of(c))
		}
	}
	if len(tables) < 2 {
		test.Withheld = r.withheld(CodeTooFewCases)
		return test
	}
	result, err := stats.LogRank(tables...)
	if err != nil {
		test.Withheld = r.why(err)
		return test
	}
	test.ChiSquared, test.DF, test.P = &result.ChiSquared, &result.DF, &result.P
	return test
}

// intent adds the favourability of the scales on intent to stay.
func (r *request) intent(ctx context.Context, out *Report) error {
	f, err := r.frame(ctx, r.reach())
	if err != nil {
		return err
	}
	for _, id := range orNone(scaleIDs(f.questionnaires, survey.KindRetention)) {
		views, err := r.viewsOf(ctx, f, id, noENPS)
		if err != nil {
			return err
		}
		at := r.target(views)
		wave := r.wave(f.waves[at])
		out.Wave = &wave
		for i, v := range views {
			figures := r.intentFigures(v, everybody())
			if r.isAsked(i, f.waves) {
				out.Series = append(out.Series, slices.Clone(figures)...)
			}
			if i == at {
				if err := compare(ctx, r, figures, views, at, ComparePrevious); err != nil {
					return err
				}
				out.Figures = append(out.Figures, figures...)
			}
		}
	}
	return nil
}

func (r *request) intentFigures(v *scaleView, wholes []program.Role) []Figure {
	var list []Figure
	for _, c := range r.cells(v.people(), wholes, wholes[:1]) {
		list = append(list, r.favourability(MeasureIntent, v, c, v.of(c)))
	}
	return list
}
