package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/survey"
)

//go:embed queries/rated.sql
var ratedSQL string

// The measures of the report of pairs.
const (
	MeasurePairsCheckIn  = "pairs.needs-check-in"
	MeasurePairsTooEarly = "pairs.too-early"
	MeasurePairsOnTrack  = "pairs.on-track"
	MeasurePairsMet      = "pairs.met"
	MeasurePairsMeetings = "pairs.meetings"
	MeasurePairsGoals    = "pairs.goals-agreed"
	MeasurePairsRated    = "pairs.goals-rated"
)

// UnitMonthly counts what happens to one pair in a month.
const UnitMonthly = "per_month"

// Why the report of pairs lacks something.
const (
	CodeNoPairs      = "no-pairs"       // no pair works
	CodeNoMeetings   = "no-meetings"    // no meeting was ever noted
	CodeCounted      = "counted"        // all were counted, so nothing is estimated
	CodeNoClosedWave = "no-closed-wave" // no wave has closed yet
)

// daysOfMonth is the mean length of a month.
const daysOfMonth = 365.25 / 12

// pairFigures are about all pairs that work. All but the last are of facts that
// are not confidential and that the list shows for each pair, so nothing of them
// is withheld. Who has rated goals has answered, so that is told of no pair, and
// of all of them only past the threshold.
func (r *request) pairFigures(ctx context.Context, judged []judgedPair, day time.Time, logged bool) ([]Figure, error) {
	settled := 0
	var met, goals int
	rate := 0.0
	statuses := map[PairStatus]int{}
	for _, j := range judged {
		statuses[j.status]++
		if j.goals > 0 {
			goals++
		}
		if j.status == TooEarly {
			continue
		}
		settled++
		if j.meetings > 0 && daysBetween(j.latest, day) <= contactWithin {
			met++
		}
		rate += float64(j.recent) / float64(min(j.age(day), recentDays)) * daysOfMonth
	}
	fact := func(measure string, value float64, n int, why error) Figure {
		return r.show(r.figure(measure, "", suppression.Whole("")), suppression.Shown, func() (stats.Estimate, error) {
			if n == 0 {
				why = reason(CodeNoPairs)
			}
			return stats.Estimate{Value: value / float64(max(n, 1)), N: n, NoInterval: reason(CodeCounted)}, why
		})
	}
	var unlogged error
	if !logged {
		unlogged = reason(CodeNoMeetings)
	}
	figures := []Figure{
		fact(MeasurePairsCheckIn, float64(statuses[NeedsCheckIn]), len(judged), nil),
		fact(MeasurePairsTooEarly, float64(statuses[TooEarly]), len(judged), nil),
		fact(MeasurePairsOnTrack, float64(statuses[OnTrack]), len(judged), unlogged),
		fact(MeasurePairsMet, float64(met), settled, unlogged),
		fact(MeasurePairsMeetings, rate, settled, unlogged),
		fact(MeasurePairsGoals, float64(goals), len(judged), nil),
	}
	rated, err := r.goalsRated(ctx)
	return append(figures, rated), err
}

// goalsRated is the share of the pairs with goals that had one rated in the
// newest closed wave. An open one would tell, read before and after, when a pair
// answers.
func (r *request) goalsRated(ctx context.Context) (Figure, error) {
	whole := suppression.Whole("")
	var wave *survey.Wave
	for i := range r.waves {
		if !r.waves[i].Open(r.now) {
			wave = &r.waves[i]
		}
	}
	if wave == nil {
		f := r.figure(MeasurePairsRated, "", whole)
		f.Withheld = r.withheld(CodeNoClosedWave)
		return f, nil
	}
	var asked, rated uint64
	err := r.db.QueryRow(ctx, ratedSQL, clickhouse.Named("program", r.program.ID),
		clickhouse.Named("survey", wave.SurveyID.String()), clickhouse.Named("wave", wave.ID.String())).Scan(&asked, &rated)
	if err != nil {
		return Figure{}, fmt.Errorf("goals rated: %w", err)
	}
	plan := planOf(r.rule(), []headcount{{n: int(rated)}}, func(h headcount) int { return h.n }).during(rated > 0, false)
	return r.show(r.figure(MeasurePairsRated, wave.Occurrence, whole), plan.verdict(whole), func() (stats.Estimate, error) {
		return stats.Proportion(int(rated), int(asked))
	}).unrated(r), nil
}
