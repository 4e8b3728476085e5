package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/goals_paired.sql
	goalsPairedSQL string
	//go:embed queries/goal_histories.sql
	goalHistoriesSQL string
)

// goalsTwice counts goals that the same people rated in two waves, and the people
// as pairs: whether the goals were at the expected level or above, and their scores.
type goalsTwice struct {
	then, now                     group
	pairs                         int
	both, earlier, later, neither int
	first, second, change         powers
}

// powers are the sums of a score and of its square.
type powers struct{ sum, squares float64 }

func (s *powers) add(o powers) { s.sum, s.squares = s.sum+o.sum, s.squares+o.squares }

// goalsTwiceRow is the same as it is counted and kept.
type goalsTwiceRow struct {
	RoleThen, AttributesThen, RoleNow, AttributesNow string
	Pairs, Both, Earlier, Later, Neither             uint64
	First, First2, Second, Second2, Change, Change2  float64 // sums of scores then, now and of the differences, and of squares
}

// sameGoals compares the share of goals at the expected level in two waves goal by
// goal, or the score pair by pair, and reports whether it could: where the same
// people rated the same goals in both, or where those who did not are so many that
// the panel of goals allows it. Else the two figures are compared as independent,
// which tells no more than they do.
func (r *request) sameGoals(ctx context.Context, out *Change, unit string, then, now *goalView, at suppression.Cell) (bool, error) {
	switch {
	case then.plan.verdict(at) != suppression.Shown:
		return false, nil
	case r.program.Policy == program.Anonymous:
		out.Unpaired = r.withheld(CodeUnpairedAnonymous)
		return false, nil
	case now.rated() > linkedUpTo:
		out.Unpaired = r.withheld(CodeUnpairedLarge)
		return false, nil
	}
	list, err := r.goalsTwice(ctx, then, now)
	if err != nil {
		return false, err
	}
	sum := goalsTwice{}
	for _, g := range list {
		if g.then.in(at) && g.now.in(at) {
			sum.pairs += g.pairs
			sum.both, sum.earlier, sum.later, sum.neither = sum.both+g.both, sum.earlier+g.earlier, sum.later+g.later, sum.neither+g.neither
			sum.first.add(g.first)
			sum.second.add(g.second)
			sum.change.add(g.change)
		}
	}
	allowed := pairing{how: byPerson}
	one := then.of(at).pairs + now.of(at).pairs - 2*sum.pairs
	switch {
	case one > 0 && !at.IsWhole():
		out.Unpaired = r.withheld(CodeUnpairedSegment)
		return false, nil
	case sum.pairs < r.k():
		out.Unpaired = r.withheld(CodeUnpairedCombined)
		return false, nil
	case one > 0:
		p, err := r.goalPanel(ctx, now)
		if err != nil {
			return false, err
		}
		if allowed = p.pairing(then.wave, now.wave, at.Role); allowed.how != byPerson {
			out.Unpaired = r.withheld(allowed.code)
			return false, nil
		}
	}
	out.Method = "paired"
	if unit == UnitShare { // a difference of shares has no size of an effect that could be left out
		test, err := stats.PairedShares(sum.both, sum.earlier, sum.later, sum.neither)
		r.tested(out, test, err)
		return true, nil
	}
	r.testedInPairs(out, allowed, sampleOf(sum.pairs, sum.first.sum, sum.first.squares), sampleOf(sum.pairs, sum.second.sum, sum.second.squares),
		sampleOf(sum.pairs, sum.change.sum, sum.change.squares))
	return true, nil
}

// rated is the number of pairs whose goals were rated.
func (v *goalView) rated() int { return v.of(suppression.Whole(string(v.role))).pairs }

// goalsTwice reads the goals that were rated in both of two waves, once in a
// request.
func (r *request) goalsTwice(ctx context.Context, then, now *goalView) ([]goalsTwice, error) {
	key := fmt.Sprint(then.wave.ID, now.wave.ID)
	if list, known := r.ratedTwice[key]; known {
		return list, nil
	}
	of, err := r.goalCount(ctx, goalsPairedSQL, len(r.by) > 0)
	if err != nil {
		return nil, err
	}
	of.beside = []survey.Wave{then.wave}
	surveyIDs, _ := ids([]survey.Wave{then.wave, now.wave})
	found, err := keeping(ctx, r, of, []survey.Wave{now.wave}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]goalsTwiceRow, error) {
		rows, err := clickhouse.Collect(ctx, r.db, "goals rated twice", goalsPairedSQL, func(rows driver.Rows) (g goalsTwiceRow, err error) {
			err = rows.Scan(&g.RoleThen, &g.AttributesThen, &g.RoleNow, &g.AttributesNow, &g.Pairs, &g.Both, &g.Earlier, &g.Later, &g.Neither,
				&g.First, &g.First2, &g.Second, &g.Second2, &g.Change, &g.Change2)
			return g, err
		}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("segmented", len(r.by) > 0),
			clickhouse.Named("then", then.wave.ID.String()), clickhouse.Named("now", now.wave.ID.String()))
		return map[uuid.UUID][]goalsTwiceRow{now.wave.ID: rows}, err
	})
	if err != nil {
		return nil, err
	}
	var list []goalsTwice
	for _, row := range found[now.wave.ID] {
		g := goalsTwice{pairs: int(row.Pairs), both: int(row.Both), earlier: int(row.Earlier), later: int(row.Later), neither: int(row.Neither),
			first: powers{row.First, row.First2}, second: powers{row.Second, row.Second2}, change: powers{row.Change, row.Change2}}
		if g.then, err = r.keptGroup(row.RoleThen, row.AttributesThen); err != nil {
			return nil, err
		}
		if g.now, err = r.keptGroup(row.RoleNow, row.AttributesNow); err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	r.ratedTwice[key] = list
	return list, nil
}

// goalPanel decides which changes on the same goals are shown, over the waves up to
// that of a view. Somebody who rates other goals of a pair counts as having gone
// and another come, for the change says nothing of these.
func (r *request) goalPanel(ctx context.Context, now *goalView) (*panel, error) {
	return r.panels.of(now.wave.ID.String()+" goals", func() (*panel, error) { return r.newGoalPanel(ctx, now) })
}

// newGoalPanel makes what goalPanel gives.
func (r *request) newGoalPanel(ctx context.Context, now *goalView) (*panel, error) {
	p := &panel{}
	var waves []survey.Wave
	for _, w := range r.waves {
		if w.SurveyID == now.wave.SurveyID {
			waves, p.waves = append(waves, w), append(p.waves, w.ID)
		}
		if w.ID == now.wave.ID {
			break
		}
	}
	of, err := r.goalCount(ctx, goalHistoriesSQL, true)
	if err != nil {
		return nil, err
	}
	of.of += fmt.Sprintf(" %q", r.program.Attributes)
	of.beside = slices.DeleteFunc(slices.Clone(waves), func(w survey.Wave) bool { return w.ID == now.wave.ID })
	surveyIDs, waveIDs := ids(waves)
	found, err := keeping(ctx, r, of, []survey.Wave{now.wave}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]suppression.History, error) {
		histories, err := clickhouse.Collect(ctx, r.db, "histories on goals", goalHistoriesSQL, r.historyReader(),
			clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
			clickhouse.Named("most", suppression.MaxHistories+1))
		return map[uuid.UUID][]suppression.History{now.wave.ID: histories}, err
	})
	if err != nil {
		return nil, err
	}
	p.participants, p.comparison = panelsOf(r.k(), found[now.wave.ID])
	return p, nil
}
