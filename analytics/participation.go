package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"gonum.org/v1/gonum/stat/distuv"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/participation.sql
var participationSQL string

// funnel counts how far people came.
type funnel struct {
	group
	invited, opened, started, submitted int
	times                               map[uint32]uint64 // seconds: people
}

func (f *funnel) add(o *funnel) {
	f.invited += o.invited
	f.opened += o.opened
	f.started += o.started
	f.submitted += o.submitted
	if f.times == nil {
		f.times = map[uint32]uint64{}
	}
	for seconds, n := range o.times {
		f.times[seconds] += n
	}
}

func (f *funnel) timed() int {
	n := 0
	for _, people := range f.times {
		n += int(people)
	}
	return n
}

// median of the times in seconds, the mean of the middle two for an even
// number, as quantileExactInclusive has it.
func (f *funnel) median() float64 {
	n, seen := f.timed(), 0
	low, high := (n-1)/2, n/2
	sum := 0.0
	for _, seconds := range slices.Sorted(maps.Keys(f.times)) {
		next := seen + int(f.times[seconds])
		if low >= seen && low < next {
			sum += float64(seconds)
		}
		if high >= seen && high < next {
			sum += float64(seconds)
		}
		seen = next
	}
	return sum / 2
}

// Participation reports who was invited, opened the link, started and
// submitted, the response rate and the time taken, and how those who answered
// differ from those invited.
func (s *Service) Participation(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("participation")
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	waves := r.reach()
	funnels, err := r.funnels(ctx, waves)
	if err != nil {
		return nil, err
	}
	for i, w := range waves {
		figures := r.funnelFigures(w, funnels[w.ID])
		if r.isAsked(i, waves) {
			out.Series = append(out.Series, slices.Clone(figures)...)
		}
		if i == len(waves)-1 {
			wave := r.wave(w)
			views := make([]*funnelView, len(waves))
			for v, w := range waves {
				views[v] = r.funnelView(w, funnels[w.ID])
			}
			if err := compare(ctx, r, figures, views, i, ComparePrevious); err != nil {
				return nil, err
			}
			out.Wave, out.Figures = &wave, figures
			out.Tests = r.nonResponse(w, funnels[w.ID])
		}
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

// funnelRow is a funnel as it is counted and kept.
type funnelRow struct {
	Role, Attributes                    string
	Invited, Opened, Started, Submitted uint64
	Times                               map[uint32]uint64
}

func (r *request) funnels(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]*funnel, error) {
	rows, err := keeping(ctx, r, fact{query: participationSQL, of: fmt.Sprint(len(r.by) > 0)}, waves, r.countFunnels)
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID][]*funnel{}
	for wave, list := range rows {
		for _, row := range list {
			g, err := r.keptGroup(row.Role, row.Attributes)
			if err != nil {
				return nil, err
			}
			found[wave] = append(found[wave], &funnel{group: g, invited: int(row.Invited), opened: int(row.Opened), started: int(row.Started),
				submitted: int(row.Submitted), times: row.Times})
		}
	}
	return found, nil
}

func (r *request) countFunnels(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]funnelRow, error) {
	found := map[uuid.UUID][]funnelRow{}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "participation", participationSQL, func(rows driver.Rows) (f funnelRow, err error) {
		var wave uuid.UUID
		err = rows.Scan(&wave, &f.Role, &f.Attributes, &f.Invited, &f.Opened, &f.Started, &f.Submitted, &f.Times)
		found[wave] = append(found[wave], f)
		return f, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("roles", roleNames(program.Roles())), clickhouse.Named("segmented", len(r.by) > 0))
	return found, err
}

// funnelView is the participation in one wave with the plans of its counts.
type funnelView struct {
	wave                                       survey.Wave
	open                                       bool
	funnels                                    []*funnel
	invited, opened, started, submitted, timed plans
}

func (r *request) funnelView(w survey.Wave, funnels []*funnel) *funnelView {
	plan := func(n, whole func(*funnel) int) plans {
		some := slices.ContainsFunc(funnels, func(f *funnel) bool { return whole(f) > 0 })
		return planOf(r.rule(), funnels, n).during(some, false) // live also while the wave is open
	}
	opened, started := func(f *funnel) int { return f.opened }, func(f *funnel) int { return f.started }
	submitted := func(f *funnel) int { return f.submitted }
	return &funnelView{wave: w, open: w.Open(r.now), funnels: funnels,
		invited:   planOf(r.rule(), funnels, func(f *funnel) int { return f.invited }),
		opened:    plan(opened, opened),
		started:   plan(started, started),
		submitted: plan(submitted, submitted),
		timed:     plan((*funnel).timed, submitted),
	}
}

func (v *funnelView) grows() bool                                  { return v.open }
func (v *funnelView) in() survey.Wave                              { return v.wave }
func (v *funnelView) shown(c suppression.Cell) suppression.Verdict { return v.rate(c) }

func (v *funnelView) quantity(unit string, c suppression.Cell) (*quantity, suppression.Verdict) {
	if unit != UnitShare {
		return nil, suppression.Empty
	}
	f := v.of(c)
	return shareOf(min(f.submitted, f.invited), f.invited), v.rate(c)
}

func (v *funnelView) of(c suppression.Cell) *funnel {
	sum := &funnel{}
	for _, f := range v.funnels {
		if f.in(c) {
			sum.add(f)
		}
	}
	return sum
}

// stage is the verdict on a count of people who came so far. Nobody of a whole
// wave of k invited people or more is a count of 0 and is said.
func (v *funnelView) stage(p plans, c suppression.Cell) suppression.Verdict {
	if verdict := p.verdict(c); verdict != suppression.Empty {
		return verdict
	}
	return v.invited.verdict(c)
}

// rate is the verdict on what is made of both invited and submitted people.
// Nobody in the whole wave having answered is a rate of 0 and is said.
func (v *funnelView) rate(c suppression.Cell) suppression.Verdict {
	if verdict := v.invited.verdict(c); verdict != suppression.Shown {
		return verdict
	}
	if verdict := v.submitted.verdict(c); verdict != suppression.Empty {
		return verdict
	}
	return suppression.Shown
}

func (r *request) funnelFigures(w survey.Wave, funnels []*funnel) []Figure {
	v := r.funnelView(w, funnels)
	whole := v.of(suppression.Whole(string(r.Role)))
	var list []Figure
	for _, c := range r.cells(groupsOf(funnels), everybody(), []program.Role{""}) {
		f := v.of(c)
		stage := func(measure string, p plans, n int) {
			list = append(list, r.show(r.figure(measure, w.Occurrence, c), v.stage(p, c), func() (stats.Estimate, error) {
				return stats.Estimate{Value: float64(n), N: n}, nil
			}).uninvited(r, f))
		}
		stage(MeasureInvited, v.invited, f.invited)
		stage(MeasureOpened, v.opened, f.opened)
		stage(MeasureStarted, v.started, f.started)
		stage(MeasureSubmitted, v.submitted, f.submitted)
		list = append(list,
			r.rateFigure(v, c, f),
			r.show(r.figure(MeasureMedianTime, w.Occurrence, c), v.median(c), func() (stats.Estimate, error) {
				return stats.Estimate{Value: f.median(), N: f.timed(), NoInterval: reason(CodeNoInterval)}, nil
			}).uninvited(r, f))
		if !c.IsWhole() || r.Role == "" && (c.Role == string(program.Mentor) || c.Role == string(program.Mentee)) {
			list = append(list, r.representation(w, v, c, f, whole))
		}
	}
	return list
}

func (r *request) rateFigure(v *funnelView, c suppression.Cell, f *funnel) Figure {
	return r.show(r.figure(MeasureResponseRate, v.wave.Occurrence, c), v.rate(c), func() (stats.Estimate, error) {
		return stats.Proportion(min(f.submitted, f.invited), f.invited)
	}).uninvited(r, f)
}

// median is the verdict on the times: nobody has one until somebody submits.
func (v *funnelView) median(c suppression.Cell) suppression.Verdict {
	verdict := v.timed.verdict(c)
	if invited := v.invited.verdict(c); verdict == suppression.Empty && invited != suppression.Shown {
		return invited
	}
	return verdict
}

// representation compares a group's share of the answers with its share of the
// invitations.
func (r *request) representation(w survey.Wave, v *funnelView, c suppression.Cell, f, whole *funnel) Figure {
	verdict := v.rate(c)
	if of := v.rate(suppression.Whole(string(r.Role))); verdict == suppression.Shown && of != suppression.Shown {
		verdict = of
	}
	return r.show(r.figure(MeasureRepresentation, w.Occurrence, c), verdict, func() (stats.Estimate, error) {
		if whole.submitted == 0 {
			return stats.Estimate{}, reason(CodeNoAnswers)
		}
		return stats.Estimate{Value: float64(f.submitted)/float64(whole.submitted) - float64(f.invited)/float64(whole.invited),
			N: f.invited, NoInterval: reason(CodeNoInterval)}, nil
	}).uninvited(r, f)
}

// uninvited says that nobody was invited where that is why there is no figure.
func (f Figure) uninvited(r *request, of *funnel) Figure {
	if of.invited == 0 && f.Withheld != nil && (f.Withheld.Code == CodeNoAnswers || f.Withheld.Code == CodeTooFew) {
		f.Withheld = r.withheld(CodeNoInvitations)
	}
	return f
}

// nonResponse tests whether groups answer at different rates: the segments of
// the attribute asked for, else the roles.
func (r *request) nonResponse(w survey.Wave, funnels []*funnel) []Test {
	v := r.funnelView(w, funnels)
	all := r.cells(groupsOf(funnels), []program.Role{program.Mentor, program.Mentee}, []program.Role{""})
	test := Test{Measure: MeasureNonResponse, Groups: []string{}}
	var answered, silent []float64
	for _, c := range all {
		if c.IsWhole() != (len(r.by) == 0) || v.rate(c) != suppression.Shown {
			continue
		}
		f := v.of(c)
		test.Groups = append(test.Groups, r.cellName(c))
		answered, silent = append(answered, float64(f.submitted)), append(silent, float64(max(f.invited-f.submitted, 0)))
	}
	if len(test.Groups) < 2 {
		test.Withheld = r.withheld(CodeTooFewCases)
		return []Test{test}
	}
	chi, ok := pearson(answered, silent)
	if !ok {
		test.Withheld = r.withheld(CodeConstant)
		return []Test{test}
	}
	df := len(answered) - 1
	p := distuv.ChiSquared{K: float64(df)}.Survival(chi)
	test.ChiSquared, test.DF, test.P = &chi, &df, &p
	return []Test{test}
}

// pearson is the χ² (Pearson 1900) of a table of two rows; false when one of
// them is empty, so that there is nothing to compare.
func pearson(a, b []float64) (chi float64, ok bool) {
	var sumA, sumB float64
	for i := range a {
		sumA, sumB = sumA+a[i], sumB+b[i]
	}
	if sumA == 0 || sumB == 0 {
		return 0, false
	}
	for i := range a {
		column := a[i] + b[i]
		expectA, expectB := column*sumA/(sumA+sumB), column*sumB/(sumA+sumB)
		chi += (a[i]-expectA)*(a[i]-expectA)/expectA + (b[i]-expectB)*(b[i]-expectB)/expectB
	}
	return chi, true
}
