package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"mentorpulse/internal/access"
	"mentorpulse/internal/storetest"
	"mentorpulse/survey"
)

// benchApp is the service on a database of its own.
func benchApp(t *testing.T) *app {
	t.Helper()
	t.Setenv(asProgram, "1") // the load generator is this program again
	secret, err := access.FileSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a, err := assemble(storetest.Open(t), secret, "http://127.0.0.1", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.surveys.Close)
	return a
}

func TestBenchJobs(t *testing.T) {
	a := benchApp(t)
	size := benchSize{rounds: 1, submitFor: 200 * time.Millisecond, connections: 8, pairs: 50, responses: 2000,
		closedWaves: 5, largeWave: 2000, openWave: 100, exportRows: 100, invited: 200, messages: 40}
	for _, job := range benchJobs() {
		ours, limit, err := job.measure(context.Background(), a, size)
		if err != nil {
			t.Fatalf("%s: %v", job.Job, err)
		}
		if ours <= 0 || limit <= 0 {
			t.Errorf("%s: ours %v, limit %v", job.Job, ours, limit)
		}
	}
}

func TestBenchFindsLostAnswers(t *testing.T) {
	a := benchApp(t)
	a.pulse = a.pulse.Recording(&leak{Recorder: a.surveys})
	// So many people that nobody's answers are sent twice in a round.
	size := benchSize{rounds: 1, submitFor: 100 * time.Millisecond, connections: 8, pairs: 3000}
	if _, _, err := benchSubmit(context.Background(), a, size); err == nil || !strings.Contains(err.Error(), "in the store") {
		t.Errorf("a service that loses answers: %v", err)
	}
}

// leak loses every tenth answer.
type leak struct {
	survey.Recorder
	n atomic.Int64
}

func (l *leak) Put(ctx context.Context, r survey.Response) error {
	if l.n.Add(1)%10 == 0 {
		return nil
	}
	return l.Recorder.Put(ctx, r)
}

// Both sides of the export must write the same cells.
func TestExportSidesAgree(t *testing.T) {
	const rows = 50
	var sides [2][][]string
	for i, export := range []func(int, io.Writer) error{exportRaw, exportBare} {
		var book bytes.Buffer
		if err := export(rows, &book); err != nil {
			t.Fatal(err)
		}
		file, err := excelize.OpenReader(&book)
		if err != nil {
			t.Fatal(err)
		}
		sides[i], err = file.GetRows(file.GetSheetName(0), excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(sides[0]) != rows+1 {
		t.Fatalf("%d rows, want a head and %d", len(sides[0]), rows)
	}
	for n := range sides[0] {
		if !slices.Equal(sides[0][n], sides[1][n]) {
			t.Fatalf("row %d differs:\n%q\n%q", n+1, sides[0][n], sides[1][n])
		}
	}
}

func TestAlternate(t *testing.T) {
	var order []string
	side := func(name string, figures ...float64) func(int) (float64, error) {
		return func(round int) (float64, error) {
			order = append(order, name)
			return figures[round], nil
		}
	}
	// The first figure of each is the warm-up's.
	ours, limit, err := alternate(4, side("a", 1000, 1, 9, 2, 4), side("b", 0, 5, 5, 6, 7))
	if err != nil || ours != 3 || limit != 5.5 {
		t.Errorf("medians %v and %v, %v", ours, limit, err)
	}
	if got := strings.Join(order, ""); got != "ababababab" {
		t.Errorf("order %s", got)
	}
}

func TestMeasurementsAreWritten(t *testing.T) {
	results := []measurement{
		{Job: "submit", Ours: 6000, Limit: 10000, Unit: "submissions/s", Ratio: 0.6, ToReach: 0.5, Better: "higher"},
		{Job: "analytics-live", Ours: 14, Limit: 10, Unit: "ms", Ratio: 1.4, ToReach: 1.3, Better: "lower"},
	}
	var out bytes.Buffer
	if err := printMeasurements(&out, results); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[1], "≥ 0.50") || strings.Contains(lines[1], "not") || !strings.Contains(lines[2], "≤ 1.30  not reached") {
		t.Errorf("table:\n%s", out.String())
	}
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := writeMeasurements(path, results); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"job", "ours", "limit", "unit", "ratio", "to_reach", "better"} {
		if _, ok := list[0][key]; !ok || len(list) != 2 {
			t.Errorf("no %q in %s", key, text)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	ok := "HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 2\r\n\r\n{}"
	two := bufio.NewReader(strings.NewReader(ok + ok))
	for range 2 {
		if err := readAnswer(two); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\n",
		"",
	} {
		if err := readAnswer(bufio.NewReader(strings.NewReader(bad))); err == nil {
			t.Errorf("%q was taken for an answer", bad)
		}
	}
}
