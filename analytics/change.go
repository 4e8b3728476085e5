package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/survey"
)

//go:embed queries/paired.sql
var pairedSQL string

// exactBelow is the number of people below which the permutation test stands
// beside the t test.
const exactBelow = 20

// seriesPaired is the number of scored people in a wave up to which a request for
// the whole series compares person by person. Above it the join would cost as
// much as everything else, while treating the waves as independent groups, which
// makes the interval a little wider, says the same about so many people.
const seriesPaired = 20_000

// pairedRow counts people with the same roles, segments and scores in two
// waves.
type pairedRow struct {
	then, now           group
	scoreThen, scoreNow float64
	n                   int
}

// people is the group of those who are in both waves: what changed belongs to
// no cell.
func (p pairedRow) people() group {
	g := p.now
	if p.then.role != p.now.role {
		g.role = suppression.Moved
	}
	g.values = slices.Clone(p.now.values)
	for i := range g.values {
		if p.then.values[i] != p.now.values[i] {
			g.values[i] = suppression.Moved
		}
	}
	return g
}

// comparison is a scale in two waves, person by person.
type comparison struct {
	then, now *scaleView
	rows      []pairedRow
	both      plans // of those who have a score in both waves
	different plans // of those who have one in only one of them
}

// pair reads the joint distribution of the scores of a scale in two waves.
func (r *request) pair(ctx context.Context, then, now *scaleView) (*comparison, error) {
	c := &comparison{then: then, now: now}
	surveys, _ := ids([]survey.Wave{then.wave, now.wave})
	params := append(r.scaleParams(now.scale), clickhouse.Named("surveys", surveys),
		clickhouse.Named("then", then.wave.ID.String()), clickhouse.Named("now", now.wave.ID.String()))
	var err error
	c.rows, err = clickhouse.Collect(ctx, r.db, "changes on scale "+now.scale.id, pairedSQL, func(rows driver.Rows) (pairedRow, error) {
		var (
			p                       pairedRow
			roleThen, roleNow       string
			segmentThen, segmentNow survey.Attributes
			n                       uint64
		)
		err := rows.Scan(&roleThen, &segmentThen, &p.scoreThen, &roleNow, &segmentNow, &p.scoreNow, &n)
		p.n = int(n)
		p.then, p.now = r.groupOf(roleThen, segmentThen), r.groupOf(roleNow, segmentNow)
		return p, err
	}, params...)
	if err != nil {
		return nil, err
	}
	var one []headcount
	for _, view := range []*scaleView{then, now} {
		for _, t := range view.tallies {
			one = append(one, headcount{t.group, t.scored})
		}
	}
	for _, p := range c.rows {
		one = append(one, headcount{p.then, -p.n}, headcount{p.now, -p.n})
	}
	c.both = planOf(r.rule(), c.rows, func(p pairedRow) int { return p.n }).during(true, false)
	c.different = planOf(r.rule(), addUp(one), func(h headcount) int { return h.n })
	return c, nil
}

// headcount is a number of people of a group.
type headcount struct {
	group
	n int
}

// addUp adds the numbers of the same group.
func addUp(list []headcount) []headcount {
	var sums []headcount
	at := map[string]int{}
	for _, h := range list {
		key := fmt.Sprintf("%q %q", h.role, h.values)
		i, known := at[key]
		if !known {
			i = len(sums)
			at[key] = i
			sums = append(sums, headcount{group: h.group})
		}
		sums[i].n += h.n
	}
	return sums
}

// allowed is the reason why a cell may not be compared, nil when it may. Beside
// the two figures, their difference tells the sum of what the people in only
// one of the waves answered; so there must be none or at least k of these too.
func (c *comparison) allowed(r *request, at suppression.Cell) *Withheld {
	if c.then.scores.verdict(at) != suppression.Shown || c.now.scores.verdict(at) != suppression.Shown {
		return r.withheld(CodeNotCompared)
	}
	if w := r.forbidden(c.both.verdict(at)); w != nil {
		return w
	}
	different := c.then.of(at).scored + c.now.of(at).scored
	for _, p := range c.rows {
		if p.then.in(at) && p.now.in(at) {
			different -= 2 * p.n
		}
	}
	v := c.different.verdict(at)
	if !suppression.Comparable(different, r.k()) || v == suppression.TooFew || v == suppression.Remainder {
		return r.withheld(CodeMembership)
	}
	return nil
}

// change is what a cell's people changed between the waves.
type change struct {
	first, second, diff stats.Sample
	diffs               []float64 // one a person, for few people; else nil
	counts              map[float64]int
}

func (c *comparison) change(at suppression.Cell) change {
	var (
		n                                   int
		sum1, sum2, sq1, sq2, sumD, squareD float64
	)
	out := change{counts: map[float64]int{}}
	for _, p := range c.rows {
		if !p.then.in(at) || !p.now.in(at) {
			continue
		}
		w, d := float64(p.n), p.scoreNow-p.scoreThen
		n += p.n
		sum1, sq1 = sum1+w*p.scoreThen, sq1+w*p.scoreThen*p.scoreThen
		sum2, sq2 = sum2+w*p.scoreNow, sq2+w*p.scoreNow*p.scoreNow
		sumD, squareD = sumD+w*d, squareD+w*d*d
		out.counts[d] += p.n
		for range min(p.n, exactBelow) {
			if len(out.diffs) < exactBelow {
				out.diffs = append(out.diffs, d)
			}
		}
	}
	out.first, out.second, out.diff = sampleOf(n, sum1, sq1), sampleOf(n, sum2, sq2), sampleOf(n, sumD, squareD)
	if n >= exactBelow {
		out.diffs = nil
	}
	return out
}

// cellOf is the cell that a figure is about.
func (r *request) cellOf(f Figure) suppression.Cell {
	c := suppression.Whole(string(f.Role))
	if f.Segment == nil {
		return c
	}
	cuts := make([]suppression.Cut, len(r.by))
	for i, attribute := range r.by {
		cuts[i] = suppression.By(attribute, f.Segment[r.program.Attributes[attribute]])
	}
	return suppression.Segment(string(f.Role), cuts...)
}

// tested puts the result of a t test into a change. Without a test there is
// still the difference, unless there are too few people even for that.
func (r *request) tested(out *Change, test stats.TTest, err error) {
	if err != nil {
		out.NoTest = r.why(err)
		if !errors.Is(err, stats.ErrConstant) {
			return
		}
	} else {
		out.P = &test.P
	}
	d := test.Difference
	out.Value, out.N = &d.Value, &d.N
	if d.Interval != nil {
		out.Low, out.High = &d.Interval.Low, &d.Interval.High
	}
}

func (c *Change) effect(e stats.Estimate) {
	c.Effect = &e.Value
	if e.Interval != nil {
		c.EffectLow, c.EffectHigh = &e.Interval.Low, &e.Interval.High
	}
}

// adjust gives every comparison its q over all that the report makes of the
// same measure at once.
func (r *request) adjust(figures []Figure) {
	family := map[string][]*Change{}
	for _, f := range figures {
		if f.Change != nil && f.Change.P != nil {
			family[f.Measure] = append(family[f.Measure], f.Change)
		}
	}
	for _, changes := range family {
		p := make([]float64, len(changes))
		for i, c := range changes {
			p[i] = *c.P
		}
		q, err := stats.FalseDiscovery(p)
		if err != nil {
			continue
		}
		for i, c := range changes {
			c.Q = &q[i]
		}
	}
}
