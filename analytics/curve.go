package analytics

import (
	"context"
	_ "embed"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

//go:embed queries/cohorts.sql
var cohortsSQL string

const daysInWeek = 7

// weeks turns days into weeks, to one decimal.
func weeks(days float64) float64 { return math.Round(10*days/daysInWeek) / 10 }

// addCurve adds the curve of a cell, and the share still there at its end as a
// figure.
func (r *request) addCurve(out *Report, measure string, v *lifeView, c suppression.Cell) {
	f := r.figure(measure, "", c)
	curve := Curve{Measure: measure, Role: f.Role, Segment: f.Segment, Unit: UnitWeeks, Points: []CurvePoint{}}
	last := stats.Estimate{}
	f = r.show(f, v.people.verdict(c), func() (stats.Estimate, error) {
		whole, err := stats.KaplanMeier(v.of(c))
		if err != nil {
			return stats.Estimate{}, err
		}
		if v.fewLeft(c) {
			return stats.Estimate{}, reason(CodeFewLeft)
		}
		if last, err = publish(&curve, whole, r.k()); err == nil {
			curve.N = &whole.N
		}
		return last, err
	})
	if f.Withheld != nil && f.Withheld.Code == CodeNoAnswers {
		f.Withheld = r.withheld(CodeTooFewCases)
		if measure == MeasureEmployment {
			f.Withheld = r.withheld(CodeNoEmployment)
		}
	}
	curve.Withheld = f.Withheld
	out.Curves, out.Figures = append(out.Curves, curve), append(out.Figures, f)
}

// publish puts a curve's steps into out, merged so that at least k people left
// in each, as far as at least k people are under observation. The days on which
// single people left cannot be read from it. It returns the last state.
func publish(out *Curve, whole stats.Curve, k int) (stats.Estimate, error) {
	steps, until := merged(whole, k)
	if until == 0 && whole.Events > 0 && len(steps) == 0 {
		return stats.Estimate{}, reason(CodeFewLeft)
	}
	end := weeks(until)
	out.Until = &end
	out.Points = append(out.Points, CurvePoint{Time: 0, AtRisk: whole.N, Survival: 1})
	last := stats.Estimate{Value: 1, N: whole.N, NoInterval: stats.ErrConstant}
	events := 0
	for _, s := range steps {
		p := CurvePoint{Time: weeks(s.Time), AtRisk: s.AtRisk, Survival: s.Survival}
		last = stats.Estimate{Value: s.Survival, N: whole.N, Interval: s.Interval}
		if s.Interval != nil {
			p.Low, p.High = &s.Interval.Low, &s.Interval.High
		} else {
			last.NoInterval = stats.ErrUndefined
		}
		events += s.Events
		out.Points = append(out.Points, p)
	}
	out.Events = &events
	out.Median = crossing(out.Points, func(p CurvePoint) *float64 { return &p.Survival })
	out.MedianLow = crossing(out.Points, func(p CurvePoint) *float64 { return p.Low })
	out.MedianHigh = crossing(out.Points, func(p CurvePoint) *float64 { return p.High })
	return last, nil
}

// merged joins the times at which people left until at least k did, and ends
// where fewer than k are under observation; a rest of fewer than k joins the
// step before it. Events of a step are all that it joins.
func merged(whole stats.Curve, k int) (steps []stats.CurvePoint, until float64) {
	pending := stats.CurvePoint{}
	for _, p := range whole.Points {
		if p.AtRisk < k {
			break
		}
		until = p.Time
		if p.Events == 0 {
			continue
		}
		events := pending.Events + p.Events
		pending = p
		pending.Events = events
		if events >= k {
			steps = append(steps, pending)
			pending = stats.CurvePoint{}
		}
	}
	if last := len(steps) - 1; pending.Events > 0 && last >= 0 {
		pending.Events += steps[last].Events
		steps[last] = pending
	}
	if pending.Events > 0 && len(steps) == 0 {
		return nil, 0 // fewer than k left while enough were under observation
	}
	return steps, until
}

// crossing is the first time at which a line of the curve is at or below one
// half.
func crossing(points []CurvePoint, line func(CurvePoint) *float64) *float64 {
	for _, p := range points {
		if y := line(p); y != nil && *y <= 0.5 {
			return &p.Time
		}
	}
	return nil
}

// cohortRow counts people by the waves by which they came and went.
type cohortRow struct {
	group
	entered, goneBy, n int
}

// cohorts adds the triangle: of those who had joined by a wave, the share still
// there at each later one, in steps of at least k people who left.
func (r *request) cohorts(ctx context.Context, out *Report) error {
	if len(r.waves) == 0 || r.Role == program.Comparison {
		return nil
	}
	waves := r.waves[:r.end]
	opens := make([]string, len(waves))
	for i, w := range waves {
		opens[i] = w.Opens.In(r.location).Format(time.DateOnly)
	}
	rows, err := clickhouse.Collect(ctx, r.db, "cohorts", cohortsSQL, func(rows driver.Rows) (cohortRow, error) {
		var (
			role          string
			entered, gone uint32
			n             uint64
		)
		err := rows.Scan(&role, &entered, &gone, &n)
		return cohortRow{group{role: program.Role(role), values: []string{waves[max(int(entered), 1)-1].Occurrence}}, int(entered), int(gone), int(n)}, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("day", r.day().Format(time.DateOnly)),
		clickhouse.Named("opens", opens), clickhouse.Named("roles", roleNames([]program.Role{program.Mentor, program.Mentee})))
	if err != nil {
		return err
	}
	plan := planOf(rule{k: r.k()}, rows, func(c cohortRow) int { return c.n })
	for i, w := range waves {
		cell := suppression.Segment(string(r.Role), suppression.By(0, w.Occurrence))
		cohort := Cohort{Wave: w.Occurrence, Role: r.Role, Active: make([]*float64, len(r.waves))}
		n, there := 0, make([]int, len(waves))
		for _, row := range rows {
			if row.entered != i+1 || !row.in(cell) {
				continue
			}
			n += row.n
			for j := i; j < len(waves); j++ {
				if row.goneBy == 0 || row.goneBy > j+1 {
					there[j] += row.n
				}
			}
		}
		if n == 0 {
			continue
		}
		if cohort.Withheld = r.forbidden(plan.verdict(cell)); cohort.Withheld == nil {
			cohort.N = &n
			for j := i; j < len(waves); j++ {
				share := stayedInSteps(n, there[j], r.k())
				cohort.Active[j] = &share
			}
		}
		out.Cohorts = append(out.Cohorts, cohort)
	}
	return nil
}

// stayedInSteps is the share of n people who stayed, with those who left counted k
// at a time. So a share moves, from wave to wave and from report to report, by
// nobody or by at least k people, in whatever order they come to be known, and
// does not say whether the next one to k−1 have left.
func stayedInSteps(n, there, k int) float64 {
	left := (n - there) / k * k
	return float64(n-left) / float64(n)
}
