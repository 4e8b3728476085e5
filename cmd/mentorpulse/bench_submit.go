package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/bench_stored.sql
var benchStoredSQL string

// benchSubmit measures durable submissions over HTTP. The limit is the same
// router, decoding, checks and look-ups with the store's write left out.
func benchSubmit(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	crowd, err := newCrowd(ctx, a, size.pairs)
	if err != nil {
		return 0, 0, err
	}
	bare := *a
	bare.pulse = a.pulse.Recording(noStore{})
	addresses, stop, err := serveBoth(ctx, a, &bare)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	load, err := startLoad(ctx, crowd.plan(size.connections))
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, load.Close()) }()

	stored := map[uuid.UUID]int{} // the digit acknowledged last, by respondent
	run := func(address string, round int) (loadResult, float64, error) {
		result, err := load.round(loadRound{Address: address, For: size.submitFor, Digit: round % 10})
		return result, float64(result.total()) / result.Took.Seconds(), err
	}
	ours, limit, err = alternate(size.rounds,
		func(round int) (float64, error) {
			result, rate, err := run(addresses[0], round)
			crowd.note(stored, result, round%10)
			return rate, err
		},
		func(round int) (float64, error) {
			_, rate, err := run(addresses[1], round)
			return rate, err
		})
	if err != nil {
		return 0, 0, err
	}
	return ours, limit, crowd.verify(ctx, a, stored)
}

// noStore takes responses and keeps none.
type noStore struct{}

func (noStore) Put(context.Context, survey.Response) error { return nil }

// serveBoth serves two forms of the service on loopback addresses until stop.
func serveBoth(ctx context.Context, all ...*app) (addresses []string, stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, len(all))
	stop = func() error {
		cancel()
		var errs []error
		for range addresses {
			errs = append(errs, <-ended)
		}
		return errors.Join(errs...)
	}
	for _, a := range all {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		addresses = append(addresses, listener.Addr().String())
		go func() { ended <- serve(ctx, listener, a.handler(false)) }()
	}
	return addresses, stop, nil
}

// crowd is a programme with an open wave and the requests its people send.
type crowd struct {
	program     program.Program
	wave        survey.Wave
	respondents []uuid.UUID
	requests    [][]byte
	// digit is the place, from a request's end, of the answer that changes from
	// round to round, and item is the number of its item.
	digit int
	item  uint16
}

func newCrowd(ctx context.Context, a *app, pairs int) (*crowd, error) {
	p, err := benchProgram(ctx, a, "bench-submit")
	if err != nil {
		return nil, err
	}
	people := benchPeople(p, pairs)
	if err := a.programs.Put(ctx, people); err != nil {
		return nil, err
	}
	q, wave, err := openWave(ctx, a, p)
	if err != nil {
		return nil, err
	}
	items := map[program.Role][]survey.Item{}
	for _, role := range program.Roles() {
		items[role] = q.WaveItems(wave.Number, role)
	}
	c := &crowd{program: p, wave: wave}
	names := survey.NewPseudonyms(a.secret)
	for i, person := range people.Participants {
		token := a.pulse.Links().Token(survey.Invitee{ProgramID: p.ID, Wave: wave.ID, Participant: person.ID})
		body, item, err := submission(items[person.Role], people.Goals[i/2].ID)
		if err != nil {
			return nil, err
		}
		request := fmt.Appendf(nil, "PUT /api/v1/s/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body)
		c.respondents = append(c.respondents, names.Respondent(p, wave.ID, person.ID))
		c.requests = append(c.requests, request)
		c.item, c.digit = item, len(digitMark)
	}
	return c, nil
}

// digitMark ends a submission: its digit is the mark's first byte.
const digitMark = `0}]}`

// submission is a final submission with an answer to each item; the last is the
// 0–10 rating, whose digit changes.
func submission(items []survey.Item, goal uuid.UUID) (body []byte, rated uint16, err error) {
	sub := survey.Submission{Final: true}
	last := survey.Answer{Value: new(float64)}
	for i, it := range items {
		answer := survey.Answer{Item: it.ID}
		value := float64(i%5 + 1)
		switch it.Type {
		case survey.Likert:
			answer.Value = &value
		case survey.Goals:
			value = float64(i%5 - 2)
			answer.Item, answer.Value = survey.GoalPrefix+goal.String(), &value
		case survey.Single:
			answer.Choices = []string{it.Options[0].ID}
		case survey.Rating:
			last.Item, rated = it.ID, it.Number
			continue
		default:
			return nil, 0, fmt.Errorf("item %q of type %s has no answer here", it.ID, it.Type)
		}
		sub.Answers = append(sub.Answers, answer)
	}
	sub.Answers = append(sub.Answers, last)
	if len(sub.Answers) != benchAnswers || last.Item == "" {
		return nil, 0, fmt.Errorf("%d answers with a rating %q, want %d with one", len(sub.Answers), last.Item, benchAnswers)
	}
	// The answers stand last, so that the digit has one place in every request.
	body, err = json.Marshal(struct {
		Final   bool            `json:"final"`
		Answers []survey.Answer `json:"answers"`
	}{sub.Final, sub.Answers})
	if err == nil && !bytes.HasSuffix(body, []byte(digitMark)) {
		err = fmt.Errorf("a submission ends in %q, want %q", body[max(0, len(body)-8):], digitMark)
	}
	return body, rated, err
}

// plan deals the requests out to connections.
func (c *crowd) plan(connections int) loadPlan {
	plan := loadPlan{Requests: make([][][]byte, connections), Digit: c.digit}
	for i, request := range c.requests {
		plan.Requests[i%connections] = append(plan.Requests[i%connections], request)
	}
	return plan
}

// note records what a round had acknowledged.
func (c *crowd) note(stored map[uuid.UUID]int, result loadResult, digit int) {
	connections := len(result.Acknowledged)
	for i, respondent := range c.respondents {
		if i/connections < result.Acknowledged[i%connections] {
			stored[respondent] = digit
		}
	}
}

// verify compares what is in the table with what was acknowledged: every answer
// must be there, in its last form, and no other.
func (c *crowd) verify(ctx context.Context, a *app, acknowledged map[uuid.UUID]int) error {
	type row struct {
		respondent uuid.UUID
		digit      float32
		answers    uint64
	}
	rows, err := clickhouse.Collect(ctx, a.db, "submissions", benchStoredSQL, func(rows driver.Rows) (row, error) {
		var r row
		return r, rows.Scan(&r.respondent, &r.digit, &r.answers)
	}, clickhouse.Named("program", c.program.ID), clickhouse.Named("wave", c.wave.ID.String()), clickhouse.Named("item", c.item))
	if err != nil {
		return err
	}
	if len(rows) != len(acknowledged) {
		return fmt.Errorf("%d people were told that their answers are stored, and %d have answers in the store", len(acknowledged), len(rows))
	}
	for _, r := range rows {
		if digit, ok := acknowledged[r.respondent]; !ok || float32(digit) != r.digit || r.answers != benchAnswers {
			return fmt.Errorf("respondent %s has %d answers from round %v in the store; acknowledged were %d from round %d", r.respondent, r.answers, r.digit, benchAnswers, digit)
		}
	}
	return nil
}

// benchProgram stores a programme to measure with.
func benchProgram(ctx context.Context, a *app, id string) (program.Program, error) {
	y, m, d := time.Now().UTC().Date()
	p := program.Program{ID: id, Name: id, Policy: program.Confidential, K: program.DefaultK, TimeZone: "UTC", Languages: []string{"uk", "en"},
		Attributes: []string{"department", "level"}, Starts: time.Date(y-1, m, d, 0, 0, 0, 0, time.UTC)}
	return p, a.programs.PutProgram(ctx, p)
}

// benchPeople are pairs with a goal each: a mentor and a mentee in turn.
func benchPeople(p program.Program, pairs int) program.Snapshot {
	var all program.Snapshot
	for i := range pairs {
		var ids [2]uuid.UUID
		for n, role := range []program.Role{program.Mentor, program.Mentee} {
			key := fmt.Sprintf("%d-%s", i, role)
			ids[n] = program.ParticipantID(p.ID, key, "")
			all.Participants = append(all.Participants, program.Participant{
				ID: ids[n], ProgramID: p.ID, ExternalID: key, Name: key, Role: role, Joined: p.Starts,
				Attributes: map[string]string{"department": fmt.Sprintf("department %d", i%12), "level": fmt.Sprintf("level %d", n+1)},
			})
		}
		pair := program.Pair{ID: program.PairID(p.ID, ids[0], ids[1]), ProgramID: p.ID, Mentor: ids[0], Mentee: ids[1], From: p.Starts}
		all.Pairs = append(all.Pairs, pair)
		all.Goals = append(all.Goals, program.Goal{ID: program.GoalID(pair.ID, "1"), ProgramID: p.ID, Pair: pair.ID, Code: "1", Title: "Goal", Weight: 1, Baseline: -1})
	}
	return all
}

// openWave makes the programme's pulse with a wave that opened an hour ago.
func openWave(ctx context.Context, a *app, p program.Program) (*survey.Questionnaire, survey.Wave, error) {
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		return nil, survey.Wave{}, err
	}
	one := survey.NewSurvey(p.ID, pulseCode, q, program.Roles(), survey.Recurrence{
		RRule: "FREQ=MONTHLY", Start: time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04"), TimeZone: p.TimeZone, OpenDays: 7,
	})
	if err := a.surveys.PutSurvey(ctx, one); err != nil {
		return nil, survey.Wave{}, err
	}
	if err := a.scheduler.Due(ctx); err != nil {
		return nil, survey.Wave{}, err
	}
	waves, err := a.surveys.Waves(ctx, p.ID)
	if err != nil {
		return nil, survey.Wave{}, err
	}
	if len(waves) != 1 {
		return nil, survey.Wave{}, fmt.Errorf("%d waves are open, want one", len(waves))
	}
	return q, waves[0], nil
}
