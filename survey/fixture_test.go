package survey_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
	"mentorpulse/survey"
)

// place is a programme on the real store with its clock.
type place struct {
	db        *clickhouse.DB
	programs  *program.Store
	surveys   *survey.Store
	pulse     *survey.Pulse
	scheduler *survey.Scheduler
	program   program.Program
	survey    survey.Survey
	people    program.Snapshot
	now       time.Time
}

var testSecret = must(access.ParseSecret(base64.StdEncoding.EncodeToString(make([]byte, 32))))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (p *place) clock() time.Time { return p.now }

// sample makes a programme of a mentor, a mentee and one in the comparison
// group, with a weekly survey from Monday 2026-01-05 09:00 in Kyiv, as it is at
// 10:00 on that day, before the scheduler has run.
func sample(t *testing.T, mutators ...func(*place)) *place {
	t.Helper()
	ctx := context.Background()
	db := storetest.Open(t)
	p := &place{db: db, programs: program.NewStore(db), surveys: survey.NewStore(db), now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)}
	t.Cleanup(p.surveys.Close)
	p.program = program.Program{
		ID: "acme", Name: "Зворотне наставництво Acme", Policy: program.Confidential, K: 5, TimeZone: "Europe/Kyiv",
		Languages: []string{"uk", "en"}, Attributes: []string{"department"}, Starts: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Contact: "pulse@acme.example",
	}
	q := must(survey.BuiltIn("reverse-mentoring"))
	p.survey = survey.NewSurvey(p.program.ID, "pulse", q, program.Roles(), survey.Recurrence{
		RRule: "FREQ=WEEKLY;BYDAY=MO", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 5,
	})
	p.people = samplePeople(p.program)
	for _, change := range mutators {
		change(p)
	}
	p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, p.clock)
	p.scheduler = survey.NewScheduler(p.programs, p.surveys, p.clock)
	if err := p.programs.PutProgram(ctx, p.program); err != nil {
		t.Fatal(err)
	}
	if err := p.programs.Put(ctx, p.people); err != nil {
		t.Fatal(err)
	}
	if err := p.surveys.PutSurvey(ctx, p.survey); err != nil {
		t.Fatal(err)
	}
	return p
}

func samplePeople(prog program.Program) program.Snapshot {
	var all program.Snapshot
	for i, role := range program.Roles() {
		key := fmt.Sprint("e", i+1)
		all.Participants = append(all.Participants, program.Participant{
			ID: program.ParticipantID(prog.ID, key, ""), ProgramID: prog.ID, ExternalID: key,
			Email: key + "@acme.example", Name: "Name-" + key, Language: "en", Role: role, Joined: prog.Starts,
			Attributes: map[string]string{"department": "IT", "shoe size": "42"},
		})
	}
	mentor, mentee := all.Participants[0], all.Participants[1]
	pair := program.Pair{ID: program.PairID(prog.ID, mentor.ID, mentee.ID), ProgramID: prog.ID, Mentor: mentor.ID, Mentee: mentee.ID, From: prog.Starts}
	all.Pairs = []program.Pair{pair}
	for _, code := range []string{"1", "2"} {
		all.Goals = append(all.Goals, program.Goal{ID: program.GoalID(pair.ID, code), ProgramID: prog.ID, Pair: pair.ID, Code: code, Title: "Goal " + code, Weight: 1, Baseline: -1})
	}
	return all
}

// opened is the sample with its first wave open.
func opened(t *testing.T, mutators ...func(*place)) *place {
	t.Helper()
	p := sample(t, mutators...)
	if err := p.scheduler.Due(context.Background()); err != nil {
		t.Fatal(err)
	}
	return p
}

// wave returns the newest wave.
func (p *place) wave(t *testing.T) survey.Wave {
	t.Helper()
	waves, err := p.surveys.Waves(context.Background(), p.program.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(waves) == 0 {
		t.Fatal("no wave")
	}
	return waves[len(waves)-1]
}

// token is the link of the nth participant (mentor, mentee, comparison).
func (p *place) token(t *testing.T, n int) string {
	t.Helper()
	return p.pulse.Links().Token(survey.Invitee{ProgramID: p.program.ID, Wave: p.wave(t).ID, Participant: p.people.Participants[n].ID})
}

// respondent is the name of the nth participant's answers in the newest wave.
func (p *place) respondent(t *testing.T, n int) uuid.UUID {
	t.Helper()
	return survey.NewPseudonyms(testSecret).Respondent(p.program, p.wave(t).ID, p.people.Participants[n].ID)
}
