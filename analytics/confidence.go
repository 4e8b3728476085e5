package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"math"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/clusters.sql
var clustersSQL string

const (
	// bootstrapClusters is the most clusters that a bootstrap draws from.
	bootstrapClusters = 4000
	resamples         = 2000
	bootstrapSeed     = 20260105 // any fixed number: the same data give the same interval
)

// Confidence reports every confidence scale for each role that is asked it:
// level and reliability in each wave, the change from the first wave, how many
// changed reliably, and the difference in differences against the comparison
// group. Roles are never added up, for they answer about different things.
func (s *Service) Confidence(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("confidence")
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	f, err := r.frame(ctx, r.waves[:r.end]) // the first may hold the baseline
	if err != nil {
		return nil, err
	}
	for _, id := range scaleIDs(f.questionnaires, survey.KindConfidence) {
		if err := r.confidenceScale(ctx, out, f, id); err != nil {
			return nil, err
		}
	}
	if out.Wave == nil {
		wave := r.wave(r.waves[r.end-1])
		out.Wave = &wave
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

func (r *request) confidenceScale(ctx context.Context, out *Report, f *frame, id string) error {
	views, err := r.viewsOf(ctx, f, id, noENPS)
	if err != nil {
		return err
	}
	roles := audience(f.questionnaires, id)
	at := r.target(views)
	if out.Wave == nil {
		wave := r.wave(r.waves[at])
		out.Wave = &wave
	}
	if r.chosen < 0 {
		for _, v := range views[r.first:] {
			out.Series = append(out.Series, r.levels(v, ofConfidence(), roles)...)
		}
	}
	for _, role := range roles {
		if r.Role != "" && r.Role != role {
			continue
		}
		figures := r.levels(views[at], ofConfidence(), []program.Role{role})
		if err := compare(ctx, r, figures, views, at, CompareBaseline); err != nil {
			return err
		}
		if first := baseline(views, role, at); first >= 0 {
			reliable, err := r.reliablyChanged(ctx, views[first], views[at], suppression.Whole(string(role)))
			if err != nil {
				return err
			}
			figures = append(figures, reliable...)
		}
		out.Figures = append(out.Figures, figures...)
		if role != program.Comparison && r.Role != program.Comparison {
			difference, err := r.difference(ctx, views, at, role)
			if err != nil {
				return err
			}
			out.Figures = append(out.Figures, difference)
		}
	}
	return nil
}

// audience lists the roles that any of the questionnaires asks a scale.
func audience(questionnaires []*survey.Questionnaire, id string) []program.Role {
	var roles []program.Role
	for _, role := range program.Roles() {
		for _, q := range questionnaires {
			if s, ok := q.Scale(id); ok && s.Asks(role) {
				roles = append(roles, role)
				break
			}
		}
	}
	return roles
}

// scaleMeasures are the measures that a report has of a scale; none where empty.
type scaleMeasures struct{ index, favourability, alpha string }

func ofConfidence() scaleMeasures {
	return scaleMeasures{index: MeasureConfidence, alpha: MeasureConfidenceAlpha}
}

// levels are the figures of each of the roles, which are never added up: what they
// are asked is about different things. A single item has no reliability.
func (r *request) levels(v *scaleView, m scaleMeasures, roles []program.Role) []Figure {
	var list []Figure
	for _, c := range r.cells(v.people(), roles, roles) {
		t := v.of(c)
		list = append(list, r.indexFigure(m.index, v, c, t))
		if m.favourability != "" {
			list = append(list, r.favourability(m.favourability, v, c, t))
		}
		if m.alpha != "" && c.IsWhole() && (len(v.scale.items) == 0 || v.scale.asked(program.Role(c.Role)) > 1) {
			list = append(list, r.reliability(m.alpha, v, c, t))
		}
	}
	warn(list, v.scale)
	return list
}

// reliablyChanged gives the shares of people whose change passes what error of
// measurement would bring. They count the people in both waves, and what decides
// on the mean change of these decides on them. Where it cannot, since there are
// too many histories, k people in both waves, and none or k in only one, are
// enough: of how many changed between two waves nothing follows from other waves,
// and roles, of which there is no total here, leave no rest.
func (r *request) reliablyChanged(ctx context.Context, first, now *scaleView, at suppression.Cell) ([]Figure, error) {
	var (
		why    *Withheld
		shares stats.ReliableChange
	)
	c, err := r.linked(ctx, first, now)
	if err != nil {
		return nil, err
	}
	switch {
	case r.program.Policy == program.Anonymous:
		why = r.withheld(CodeAnonymous)
	case c == nil || now.scores.verdict(at) != suppression.Shown:
		why = r.withheld(CodeNotCompared)
	default:
		if why, err = r.uncounted(ctx, c, at); err != nil {
			return nil, err
		}
		if why == nil {
			if shares, err = reliableShares(c.change(at), first.of(at)); err != nil {
				why = r.why(err)
			}
		}
	}
	var figures []Figure
	add := func(measure string, e stats.Estimate) {
		f := r.scaled(measure, now, at)
		if f.Withheld = why; why == nil {
			f = r.show(f, suppression.Shown, func() (stats.Estimate, error) { return e, nil })
		}
		figures = append(figures, f)
	}
	add(MeasureReliablyUp, shares.Up)
	add(MeasureUnchanged, shares.Unchanged)
	add(MeasureReliablyDown, shares.Down)
	return figures, nil
}

// uncounted is why it is not told how many of a cell changed; nil where it is.
func (r *request) uncounted(ctx context.Context, c *comparison, at suppression.Cell) (*Withheld, error) {
	allowed, err := r.pairing(ctx, c, at)
	both, _ := c.scored(at)
	switch {
	case err != nil:
		return nil, err
	case allowed.how == withhold || both < r.k():
		return r.withheld(CodeMembership), nil
	case allowed.code == CodeUnpairedCombined:
		return r.withheld(CodeCombined), nil
	}
	return nil, nil
}

// reliableShares takes the limit of a reliable change from the baseline: its
// standard deviation and its alpha.
func reliableShares(moved change, baseline *tally) (stats.ReliableChange, error) {
	if baseline.complete < 2 {
		return stats.ReliableChange{}, reason(CodeTooFewCases)
	}
	alpha, err := stats.Alpha(baseline.covariance(), baseline.complete)
	if err != nil {
		return stats.ReliableChange{}, err
	}
	limit, err := stats.ReliableChangeLimit(math.Sqrt(baseline.sample().Variance), alpha.Value)
	if err != nil {
		return stats.ReliableChange{}, err
	}
	up, unchanged, down := 0, 0, 0
	for d, n := range moved.counts {
		switch {
		case d > limit:
			up += n
		case d < -limit:
			down += n
		default:
			unchanged += n
		}
	}
	return stats.ReliableShares(up, unchanged, down)
}

// difference is the difference in differences of a role against the comparison
// group, between the first and the newest wave, up to the one asked for, in
// which both have scores that are shown: it follows from those four means.
func (r *request) difference(ctx context.Context, views []*scaleView, at int, role program.Role) (Figure, error) {
	treated, compared := suppression.Whole(string(role)), suppression.Whole(string(program.Comparison))
	f := r.scaled(MeasureDifference, views[at], treated)
	first, last := -1, -1
	answered := false
	for i, v := range views[:at+1] {
		answered = answered || v.scores.verdict(compared) == suppression.Shown
		if v.wave.SurveyID != views[at].wave.SurveyID ||
			v.scores.verdict(treated) != suppression.Shown || v.scores.verdict(compared) != suppression.Shown {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	switch {
	case !answered:
		f.Withheld = r.withheld(CodeNoComparison)
		return f, nil
	case first == last:
		f.Withheld = r.withheld(CodeNotCompared)
		return f, nil
	}
	then, now := views[first], views[last]
	f.Wave = now.wave.Occurrence
	clusters, err := r.clusters(ctx, then, now, role)
	if err != nil {
		return f, err
	}
	return r.show(f, suppression.Shown, func() (stats.Estimate, error) {
		return stats.DifferenceInDifferences(clusters[false], clusters[true], stats.Resampling{Resamples: resamples, Seed: bootstrapSeed})
	}), nil
}

// clusters reads the sums of each cluster, by whether it is of the comparison
// group.
func (r *request) clusters(ctx context.Context, then, now *scaleView, role program.Role) (map[bool][]stats.Cluster, error) {
	buckets := uint64(math.MaxUint64) // as good as none
	if now.scored() > 2*bootstrapClusters {
		buckets = bootstrapClusters / 2
	}
	surveyIDs, _ := ids([]survey.Wave{then.wave, now.wave})
	params := append(r.scaleParams(now.scale), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("role", string(role)),
		clickhouse.Named("then", then.wave.ID.String()), clickhouse.Named("now", now.wave.ID.String()), clickhouse.Named("buckets", buckets))
	of := fact{query: clustersSQL, of: fmt.Sprint(now.scale.content(), role, buckets), beside: []survey.Wave{then.wave}}
	rows, err := keeping(ctx, r, of, []survey.Wave{now.wave}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]clusterRow, error) {
		list, err := clickhouse.Collect(ctx, r.db, "clusters on scale "+now.scale.id, clustersSQL, func(rows driver.Rows) (c clusterRow, err error) {
			err = rows.Scan(&c.Compared, &c.PeopleThen, &c.ScoreThen, &c.PeopleNow, &c.ScoreNow)
			return c, err
		}, params...)
		return map[uuid.UUID][]clusterRow{now.wave.ID: list}, err
	})
	found := map[bool][]stats.Cluster{}
	for _, row := range rows[now.wave.ID] {
		c := stats.Cluster{}
		c.Before.Sum, c.After.Sum, c.Before.N, c.After.N = row.ScoreThen, row.ScoreNow, int(row.PeopleThen), int(row.PeopleNow)
		found[row.Compared == 1] = append(found[row.Compared == 1], c)
	}
	return found, err
}

// clusterRow is a cluster as it is counted and kept.
type clusterRow struct {
	Compared              uint8
	PeopleThen, PeopleNow uint64
	ScoreThen, ScoreNow   float64
}
