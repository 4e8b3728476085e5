package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

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

// pairedRow counts people with the same roles, segments and scores in two
// waves.
type pairedRow struct {
	then, now           group
	scoreThen, scoreNow float64
	n                   int
}

// comparison is a scale in two waves, person by person.
type comparison struct {
	then, now *scaleView
	rows      []pairedRow
}

// pair reads the joint distribution of the scores of a scale in two waves.
func (r *request) pair(ctx context.Context, then, now *scaleView) (*comparison, error) {
	c := &comparison{then: then, now: now}
	surveys, _ := ids([]survey.Wave{then.wave, now.wave})
	params := append(r.scaleParams(now.scale), clickhouse.Named("surveys", surveys),
		clickhouse.Named("then", then.wave.ID.String()), clickhouse.Named("now", now.wave.ID.String()))
	of := fact{query: pairedSQL, of: fmt.Sprint(now.scale.content(), len(r.by) > 0), beside: []survey.Wave{then.wave}}
	found, err := keeping(ctx, r, of, []survey.Wave{now.wave}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]pairedCount, error) {
		counted, err := clickhouse.Collect(ctx, r.db, "changes on scale "+now.scale.id, pairedSQL, func(rows driver.Rows) (p pairedCount, err error) {
			err = rows.Scan(&p.RoleThen, &p.AttributesThen, &p.ScoreThen, &p.RoleNow, &p.AttributesNow, &p.ScoreNow, &p.N)
			return p, err
		}, params...)
		return map[uuid.UUID][]pairedCount{now.wave.ID: counted}, err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range found[now.wave.ID] {
		row := pairedRow{scoreThen: p.ScoreThen, scoreNow: p.ScoreNow, n: int(p.N)}
		if now.scale.recommends {
			row.scoreThen, row.scoreNow = now.scale.recommendation(p.ScoreThen), now.scale.recommendation(p.ScoreNow)
		}
		if row.then, err = r.keptGroup(p.RoleThen, p.AttributesThen); err != nil {
			return nil, err
		}
		if row.now, err = r.keptGroup(p.RoleNow, p.AttributesNow); err != nil {
			return nil, err
		}
		c.rows = append(c.rows, row)
	}
	return c, nil
}

// pairedCount is a pairedRow as it is counted and kept.
type pairedCount struct {
	RoleThen, AttributesThen string
	ScoreThen                float64
	RoleNow, AttributesNow   string
	ScoreNow                 float64
	N                        uint64
}

// headcount is a number of people of a group.
type headcount struct {
	group
	n int
}

// scored counts who of a cell has a score in both waves, and who in only one.
func (c *comparison) scored(at suppression.Cell) (both, one int) {
	for _, p := range c.rows {
		if p.then.in(at) && p.now.in(at) {
			both += p.n
		}
	}
	return both, c.then.of(at).scored + c.now.of(at).scored - 2*both
}

// The reasons why a change is shown in part, or of two independent groups where
// the same people could be compared.
const (
	CodeCombined          = "combined"           // would reveal fewer than k others with other changes
	CodeUnpairedCombined  = "unpaired-combined"  // the same, of the change person by person
	CodeUnpairedSegment   = "unpaired-segment"   // somebody came to the segment or left it
	CodeUnpairedMany      = "unpaired-many"      // too many histories for a panel
	CodeUnpairedLarge     = "unpaired-large"     // more people than are compared one by one
	CodeUnpairedAnonymous = "unpaired-anonymous" // answers are not linked between waves
)

// pairing says how a cell may be compared, and with a code what not and why: not
// person by person, or so but without the size of the effect.
type pairing struct {
	how  how
	code string
}

type how int

const (
	withhold how = iota
	byPerson     // the change of the people who are in both waves
	byLevel      // the two levels as those of independent groups
)

// pairing decides on a cell whose two levels are shown. With them, the change of
// who is in both waves tells what the people in only one of them add up to; so
// there must be none of these, or at least k. When there are none, it follows
// from the levels, and so does the size of its effect. When there are k, the panel looks at
// the changes of all waves; of segments, of which there are too many for that,
// and where the panel refuses, the levels alone are compared.
func (r *request) pairing(ctx context.Context, c *comparison, at suppression.Cell) (pairing, error) {
	_, one := c.scored(at)
	switch {
	case !suppression.Comparable(one, r.k()):
		return pairing{how: withhold}, nil
	case one == 0:
		return pairing{how: byPerson}, nil
	case !at.IsWhole():
		return pairing{byLevel, CodeUnpairedSegment}, nil
	}
	p, err := r.panelOf(ctx, c.now)
	if err != nil {
		return pairing{}, err
	}
	return p.pairing(c.then.wave, c.now.wave, at.Role), nil
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
	} else if d.NoInterval != nil {
		out.NoInterval = r.why(d.NoInterval)
	}
}

// sized puts the size of the effect into a change, or the reason why there is none.
func (r *request) sized(c *Change, e stats.Estimate, err error) {
	if err != nil {
		c.NoEffect = r.why(err)
		return
	}
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
			key := f.Measure
			if f.Change.Against == CompareWhole {
				key = "" // a heat map is looked at as a whole
			}
			family[key] = append(family[key], f.Change)
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
