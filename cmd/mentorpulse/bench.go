package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

// benchCommand measures how fast the service is against the limit of what it is
// made of. A ratio that is not reached is a result, not a failure.
type benchCommand struct {
	Quick bool     `help:"Small enough for a minute; the ratios are rougher." env:"QUICK"`
	Only  []string `help:"Measure these jobs only." enum:"submit,analytics-live,overview-closed,overview-open,page,participant-page,export-raw,invitations,mail" placeholder:"JOB"`
	Out   string   `help:"File for the figures." default:"bench.json" placeholder:"FILE"`
	// Load makes this process the other end of the line, see loadGenerator.
	Load bool `hidden:""`
}

// benchSize is how much is measured.
type benchSize struct {
	rounds      int           // of each side, after a warm-up
	submitFor   time.Duration // one round of submissions
	connections int
	pairs       int // whose members submit
	responses   int // behind the live figures
	closedWaves int // of the programme with most responses
	largeWave   int // responses in each of them
	openWave    int // responses in a wave that is open
	exportRows  int
	invited     int // of one wave
	messages    int // sent by one connection
}

// benchAnswers is how many answers each response has.
const benchAnswers = 12

// Any fewer rounds, and one disturbed round moves the median.
func fullBench() benchSize {
	return benchSize{rounds: 7, submitFor: 3 * time.Second, connections: 64, pairs: 10_000, responses: 2_000_000,
		closedWaves: 50, largeWave: 400_000, openWave: 100_000, exportRows: 200_000, invited: 100_000, messages: 10_000}
}

func quickBench() benchSize {
	return benchSize{rounds: 5, submitFor: time.Second, connections: 64, pairs: 10_000, responses: 500_000,
		closedWaves: 20, largeWave: 20_000, openWave: 20_000, exportRows: 20_000, invited: 100_000, messages: 2000}
}

// measurement is one job's figure beside its limit, as bench.json lists it.
type measurement struct {
	Job     string  `json:"job"`
	Ours    float64 `json:"ours"`
	Limit   float64 `json:"limit"`
	Unit    string  `json:"unit"`
	Ratio   float64 `json:"ratio"` // ours ÷ limit
	ToReach float64 `json:"to_reach"`
	Better  string  `json:"better"` // higher or lower
	// PeakMiB is the most memory the process held during the job, engine and
	// all; 0 where the system does not tell.
	PeakMiB int `json:"peak_rss_mib,omitempty"`
}

func (m measurement) reached() bool {
	if m.Better == "lower" {
		return m.Ratio <= m.ToReach
	}
	return m.Ratio >= m.ToReach
}

// benchJob measures ours and the limit; the rest of the measurement is given.
type benchJob struct {
	measurement
	measure func(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error)
}

func benchJobs() []benchJob {
	return []benchJob{
		{measurement{Job: "submit", Unit: "submissions/s", ToReach: 0.5, Better: "higher"}, benchSubmit},
		{measurement{Job: "analytics-live", Unit: "ms", ToReach: 1.3, Better: "lower"}, benchAnalytics},
		{measurement{Job: "overview-closed", Unit: "ms", ToReach: 2, Better: "lower"}, benchOverviewClosed},
		{measurement{Job: "overview-open", Unit: "ms", ToReach: 1.3, Better: "lower"}, benchOverviewOpen},
		{measurement{Job: "page", Unit: "ms", ToReach: 1.5, Better: "lower"}, benchPage},
		{measurement{Job: "participant-page", Unit: "pages/s", ToReach: 0.5, Better: "higher"}, benchParticipantPage},
		{measurement{Job: "export-raw", Unit: "rows/s", ToReach: 0.8, Better: "higher"}, benchExport},
		{measurement{Job: "invitations", Unit: "ms", ToReach: 3, Better: "lower"}, benchInvitations},
		{measurement{Job: "mail", Unit: "messages/min", ToReach: 1, Better: "higher"}, benchMail},
	}
}

// Run prints the table and writes the file.
func (b *benchCommand) Run(ctx context.Context, _ *Globals) error {
	if b.Load {
		return newLoadGenerator(os.Stdin, os.Stdout).run(ctx)
	}
	size := fullBench()
	if b.Quick {
		size = quickBench()
	}
	results, err := bench(ctx, size, b.Only)
	if err != nil {
		return err
	}
	if err := printMeasurements(os.Stdout, results); err != nil {
		return err
	}
	return writeMeasurements(b.Out, results)
}

// bench runs the jobs that only names, or all.
func bench(ctx context.Context, size benchSize, only []string) (results []measurement, err error) {
	a, remove, err := newBenchApp(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	for _, job := range benchJobs() {
		if len(only) > 0 && !slices.Contains(only, job.Job) {
			continue
		}
		m := job.measurement
		forgetPeakMemory()
		if m.Ours, m.Limit, err = job.measure(ctx, a, size); err != nil {
			return nil, fmt.Errorf("bench %s: %w", job.Job, err)
		}
		m.Ratio = m.Ours / m.Limit
		m.PeakMiB = peakMemory()
		results = append(results, m)
	}
	return results, nil
}

// newBenchApp puts the service together on an embedded engine of its own, in a
// directory that remove removes.
func newBenchApp(ctx context.Context) (a *app, remove func() error, err error) {
	dir, err := os.MkdirTemp("", "mentorpulse-bench-")
	if err != nil {
		return nil, nil, err
	}
	a, err = open(ctx, &Globals{Data: dir, Migrate: true}, time.Now)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return a, func() error { return errors.Join(a.Close(), os.RemoveAll(dir)) }, nil
}

// alternate measures two sides in turn, so that what disturbs the machine for a
// while disturbs both, and returns their medians. The first round of each warms
// up and does not count.
func alternate(rounds int, ours, limit func(round int) (float64, error)) (float64, float64, error) {
	var figures [2][]float64
	for round := range rounds + 1 {
		for side, measure := range []func(int) (float64, error){ours, limit} {
			x, err := measure(round)
			if err != nil {
				return 0, 0, err
			}
			if round > 0 {
				figures[side] = append(figures[side], x)
			}
		}
	}
	return median(figures[0]), median(figures[1]), nil
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}

func printMeasurements(out io.Writer, results []measurement) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "job\tours\tlimit\tunit\tratio\tto reach\t\tpeak MiB\t")
	for _, m := range results {
		sign, verdict := "≥", "reached"
		if m.Better == "lower" {
			sign = "≤"
		}
		if !m.reached() {
			verdict = "not reached"
		}
		_, _ = fmt.Fprintf(w, "%s\t%.*f\t%.*f\t%s\t%.2f\t%s %.2f\t%s\t%d\t\n", m.Job, digits(m.Ours), m.Ours, digits(m.Limit), m.Limit, m.Unit, m.Ratio, sign, m.ToReach, verdict, m.PeakMiB)
	}
	return w.Flush()
}

// digits keeps three figures of small numbers.
func digits(x float64) int {
	if x >= 100 {
		return 0
	}
	return 1
}

// writeMeasurements writes the file whole or not at all.
func writeMeasurements(path string, results []measurement) error {
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".bench-*.json")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(append(text, '\n'))
	if err := cmp.Or(err, file.Chmod(0o644), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
