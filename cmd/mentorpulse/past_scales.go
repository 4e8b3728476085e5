package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/survey"
)

//go:embed queries/past_scale.sql
var pastScaleSQL string

// pastScale is a scale in one wave as it is stored, read back after an import
// to be compared with what the other tool said.
type pastScale struct {
	wave          uuid.UUID
	items         int
	points        survey.Points
	scores        stats.Sample // of those who answered at least half, points from 1
	complete      int
	sums, product []float64
}

// writePastScales reports how the imported scales came out: the cases and the
// reliability, and the mean with how many are behind it. Nothing is said about
// fewer people than the programme shows.
func (a *app) writePastScales(ctx context.Context, out io.Writer, c *survey.PastChanges) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "wave\tscale\titems\tcomplete\talpha\t95%\trespondents\tindex\t95%") // Flush reports what fails
	for _, s := range c.Questionnaire.Scales {
		byWave, err := a.readPastScale(ctx, c, s)
		if err != nil {
			return err
		}
		for _, wave := range c.Waves {
			one, answered := byWave[wave.ID]
			if !answered {
				continue
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%d", wave.Occurrence, s.ID, one.items)
			alpha, alphaErr := stats.Alpha(one.covariance(), one.complete)
			writeEstimate(w, "%.4f", alpha, alphaErr, one.complete, c.Program.K)
			mean, meanErr := stats.Mean(one.scores)
			if meanErr == nil {
				mean, meanErr = stats.Index(mean, int(one.points.Max-one.points.Min)+1)
			}
			writeEstimate(w, "%.3f", mean, meanErr, one.scores.N, c.Program.K)
			_, _ = fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

// writeEstimate writes n, the estimate and its interval; a dash for what the
// answers do not determine.
func writeEstimate(w io.Writer, format string, e stats.Estimate, err error, n, k int) {
	if n < k {
		_, _ = fmt.Fprintf(w, "\t<%d\t-\t-", k)
		return
	}
	value, interval := "-", "-"
	if err == nil {
		value = fmt.Sprintf(format, e.Value)
	}
	if err == nil && e.Interval != nil {
		interval = fmt.Sprintf(format+"–"+format, e.Interval.Low, e.Interval.High)
	}
	_, _ = fmt.Fprintf(w, "\t%d\t%s\t%s", n, value, interval)
}

func (a *app) readPastScale(ctx context.Context, c *survey.PastChanges, s survey.Scale) (map[uuid.UUID]pastScale, error) {
	items, reversed, waves := []uint16{}, []uint16{}, []string{}
	for _, it := range c.Questionnaire.ItemsOf(s.ID) {
		items = append(items, it.Number)
		if it.Reversed {
			reversed = append(reversed, it.Number)
		}
	}
	for _, wave := range c.Waves {
		waves = append(waves, wave.ID.String())
	}
	all, err := clickhouse.Collect(ctx, a.db, "scale "+s.ID, pastScaleSQL, func(rows driver.Rows) (pastScale, error) {
		one := pastScale{items: len(items), points: s.Points}
		var respondents, complete uint64
		err := rows.Scan(&one.wave, &respondents, &one.scores.Mean, &one.scores.Variance, &complete, &one.sums, &one.product)
		one.scores.N, one.complete = int(respondents), int(complete)
		return one, err
	}, clickhouse.Named("program", c.Program.ID), clickhouse.Named("survey", c.Survey.ID.String()), clickhouse.Named("waves", waves),
		clickhouse.Named("scale_items", items), clickhouse.Named("reversed_items", reversed),
		clickhouse.Named("min", s.Points.Min), clickhouse.Named("max", s.Points.Max))
	if err != nil {
		return nil, err
	}
	byWave := map[uuid.UUID]pastScale{}
	for _, one := range all {
		byWave[one.wave] = one
	}
	return byWave, nil
}

// covariance is the unbiased covariance matrix of the items over the complete
// cases; nil for fewer than two.
func (s pastScale) covariance() [][]float64 {
	if s.complete < 2 {
		return nil
	}
	n := float64(s.complete)
	cov := make([][]float64, s.items)
	for i := range cov {
		cov[i] = make([]float64, s.items)
		for j := range cov[i] {
			cov[i][j] = (s.product[i*s.items+j] - s.sums[i]*s.sums[j]/n) / (n - 1)
		}
	}
	return cov
}
