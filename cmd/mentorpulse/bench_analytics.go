package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/analytics"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/bench_responses.sql
var benchResponsesSQL string

// benchAnalytics measures how long the engagement of an open wave takes over
// HTTP, in milliseconds. The limit is the statements that its figures come
// from, run one after the other by the driver, their rows read and dropped.
func benchAnalytics(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	p, err := fillWave(ctx, a, size.responses)
	if err != nil {
		return 0, 0, err
	}
	statements, err := statementsOf(ctx, a, func(ctx context.Context, s *analytics.Service) error {
		_, err := s.Engagement(ctx, analytics.Query{Program: p.ID, Wave: "latest", Lang: "en"})
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	addresses, stop, err := serveBoth(ctx, a)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	address := "http://" + addresses[0] + "/api/v1/programs/" + p.ID + "/analytics/engagement?wave=latest"
	// One round is one request, so more rounds than elsewhere.
	return alternate(3*size.rounds,
		func(int) (float64, error) {
			began := time.Now()
			n, err := engagementPeople(ctx, address, a.owners.Key(p))
			took := milliseconds(began)
			if err == nil && n != size.responses {
				err = fmt.Errorf("the report counts %d people, %d answered", n, size.responses)
			}
			return took, err
		},
		func(int) (float64, error) {
			began := time.Now()
			for _, s := range statements {
				if err := s.run(ctx, a.db); err != nil {
					return 0, err
				}
			}
			return milliseconds(began), nil
		})
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since)) / float64(time.Millisecond)
}

// fillWave makes a programme with an open wave that so many people have answered.
func fillWave(ctx context.Context, a *app, people int) (program.Program, error) {
	p, err := benchProgram(ctx, a, "bench-analytics")
	if err != nil {
		return p, err
	}
	q, wave, err := openWave(ctx, a, p)
	if err != nil {
		return p, err
	}
	if err := answerAll(ctx, a, q, wave, people); err != nil {
		return p, err
	}
	return p, settle(ctx, a.db)
}

// answerAll gives a wave the final responses of so many people, half of them mentors.
func answerAll(ctx context.Context, a *app, q *survey.Questionnaire, wave survey.Wave, people int) error {
	params := []any{
		clickhouse.Named("program", wave.ProgramID), clickhouse.Named("survey", wave.SurveyID.String()), clickhouse.Named("wave", wave.ID.String()),
		clickhouse.Named("people", people),
	}
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		var numbers []uint16
		var lows, highs []float64
		for _, it := range q.WaveItems(wave.Number, role) {
			low, high := it.Min, it.Max
			switch it.Type {
			case survey.Goals, survey.OpenText:
				continue // their answers are ratings and texts
			case survey.Single:
				low, high = 1, float64(len(it.Options))
			case survey.Multiple:
				low, high = 1, float64(int(1)<<len(it.Options)-1)
			}
			numbers, lows, highs = append(numbers, it.Number), append(lows, low), append(highs, high)
		}
		params = append(params, clickhouse.Named(string(role)+"_items", numbers), clickhouse.Named(string(role)+"_lows", lows), clickhouse.Named(string(role)+"_highs", highs))
	}
	if err := a.db.Exec(ctx, benchResponsesSQL, params...); err != nil {
		return fmt.Errorf("responses: %w", err)
	}
	return nil
}

// settle waits until the engine has no merges under way, so that they disturb
// neither side.
func settle(ctx context.Context, db *clickhouse.DB) error {
	deadline := time.Now().Add(time.Minute)
	for {
		var merges uint64
		if err := db.QueryRow(ctx, "SELECT count() FROM system.merges").Scan(&merges); err != nil {
			return fmt.Errorf("merges: %w", err)
		}
		if merges == 0 || time.Now().After(deadline) {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// boundStatement is a statement with its parameters.
type boundStatement struct {
	text string
	args []any
}

// run executes the statement and reads its rows to the end.
func (s boundStatement) run(ctx context.Context, db *clickhouse.DB) error {
	rows, err := db.Query(ctx, s.text, s.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		// The driver has decoded its columns.
	}
	return rows.Err()
}

// statementRecorder is a store that notes the statements it is asked.
type statementRecorder struct {
	driver.Conn
	mu    sync.Mutex
	asked []boundStatement
}

// Query implements driver.Conn.
func (r *statementRecorder) Query(ctx context.Context, text string, args ...any) (driver.Rows, error) {
	r.note(text, args)
	return r.Conn.Query(ctx, text, args...)
}

// QueryRow implements driver.Conn.
func (r *statementRecorder) QueryRow(ctx context.Context, text string, args ...any) driver.Row {
	r.note(text, args)
	return r.Conn.QueryRow(ctx, text, args...)
}

// Select implements driver.Conn.
func (r *statementRecorder) Select(ctx context.Context, dest any, text string, args ...any) error {
	r.note(text, args)
	return r.Conn.Select(ctx, dest, text, args...)
}

func (r *statementRecorder) note(text string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, boundStatement{text, args})
}

// statementsOf are those by which a report reads its figures. The look-ups of the
// programme and its waves are not among them.
func statementsOf(ctx context.Context, a *app, report func(context.Context, *analytics.Service) error) ([]boundStatement, error) {
	recorder := &statementRecorder{Conn: a.db.Conn}
	service, err := analytics.New(&clickhouse.DB{Conn: recorder}, a.programs, a.surveys, survey.NewPseudonyms(a.secret))
	if err != nil {
		return nil, err
	}
	if err := report(ctx, service); err != nil {
		return nil, err
	}
	if len(recorder.asked) == 0 {
		return nil, errors.New("the report read nothing")
	}
	return recorder.asked, nil
}

// fetch gets what is at an address that takes an owner's key. An answer that is
// not 200 is an error.
func fetch(ctx context.Context, address, key string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("owner", key) // pages take it too
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.300s", address, res.Status, body)
	}
	return body, err
}

// engagementPeople gets the report and returns how many people its index is of.
func engagementPeople(ctx context.Context, address, key string) (int, error) {
	body, err := fetch(ctx, address, key)
	if err != nil {
		return 0, err
	}
	var report analytics.Report
	if err := json.Unmarshal(body, &report); err != nil {
		return 0, err
	}
	for _, f := range report.Figures {
		if f.Measure == analytics.MeasureEngagement && f.Role == "" && f.Segment == nil && f.N != nil {
			return *f.N, nil
		}
	}
	return 0, errors.New("the report has no engagement index")
}
