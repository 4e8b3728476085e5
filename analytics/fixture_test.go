package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
	"mentorpulse/survey"
)

//go:embed testdata/questionnaire.yaml
var testQuestionnaire []byte

//go:embed testdata/comments.yaml
var commentsQuestionnaire []byte

// fixture is a programme in a real store.
type fixture struct {
	t        testing.TB
	db       *clickhouse.DB
	programs *program.Store
	surveys  *survey.Store
	names    survey.Pseudonyms
	service  *Service
	program  program.Program
	survey   uuid.UUID
	waves    []survey.Wave
	answers  []survey.Response
}

var testStart = time.Date(2026, 1, 5, 7, 0, 0, 0, time.UTC)

func newFixture(t testing.TB, waves int, change ...func(*program.Program)) *fixture {
	t.Helper()
	db := storetest.Open(t)
	f := &fixture{t: t, db: db, programs: program.NewStore(db), surveys: survey.NewStore(db)}
	t.Cleanup(f.surveys.Close)
	f.program = program.Program{ID: "acme", Name: "Acme", Policy: program.Confidential, K: 5, TimeZone: "Europe/Kyiv",
		Languages: []string{"en", "uk"}, Attributes: []string{"department", "location"}, Starts: testStart}
	for _, c := range change {
		c(&f.program)
	}
	ctx := context.Background()
	f.must(f.programs.PutProgram(ctx, f.program))
	_, err := f.surveys.PutQuestionnaire(ctx, f.program.ID, testQuestionnaire)
	f.must(err)
	f.survey = program.DeriveID(f.program.ID, "survey", "pulse")
	for i := range waves {
		opens := testStart.AddDate(0, 0, 14*i)
		w := survey.Wave{ID: program.DeriveID(f.survey.String(), "wave", fmt.Sprint(i)), SurveyID: f.survey, ProgramID: f.program.ID, Number: i + 1,
			Occurrence: opens.Format(time.DateOnly), Opens: opens, Closes: opens.AddDate(0, 0, 7), QuestionnaireID: "test", QuestionnaireVersion: 1}
		f.must(f.surveys.PutWave(ctx, w))
		f.waves = append(f.waves, w)
	}
	secret, err := access.ParseSecret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	f.must(err)
	f.names = survey.NewPseudonyms(secret)
	f.service, err = New(db, f.programs, f.surveys, f.names)
	f.must(err)
	f.service.now = func() time.Time { return testStart.AddDate(0, 0, 14*waves) }
	return f
}

// newCommentsFixture is a fixture whose questionnaire has open questions; with
// all else it would be too long for a wave.
func newCommentsFixture(t testing.TB, waves int, change ...func(*program.Program)) *fixture {
	t.Helper()
	f := newFixture(t, waves, change...)
	_, err := f.surveys.PutQuestionnaire(context.Background(), f.program.ID, commentsQuestionnaire)
	f.must(err)
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// respond notes a final response; store writes what was noted.
func (f *fixture) respond(wave int, who string, role program.Role, department, location string, answers map[uint16]float32, change ...func(*survey.Response)) {
	r := survey.Response{ProgramID: f.program.ID, SurveyID: f.survey, Wave: f.waves[wave].ID, Respondent: program.DeriveID(who), Role: role,
		Attributes: map[string]string{"department": department, "location": location}, Final: true, SubmittedAt: f.waves[wave].Opens}
	for item := uint16(0); item < 50; item++ {
		if v, ok := answers[item]; ok {
			r.Stored.Items, r.Stored.Values = append(r.Stored.Items, item), append(r.Stored.Values, v)
		}
	}
	for _, c := range change {
		c(&r)
	}
	f.answers = append(f.answers, r)
}

func (f *fixture) store() {
	f.t.Helper()
	f.must(f.surveys.PutAll(context.Background(), f.answers))
}

// population makes random answers of a few dozen people with gaps, in two
// departments and locations, the same people in every wave but for some.
func (f *fixture) population(seed uint64, people int) {
	rng, other := rand.New(rand.NewPCG(seed, 7)), rand.New(rand.NewPCG(seed, 8))
	for i := range people {
		role := program.Roles()[i%3]
		department, location := []string{"IT", "HR", "Sales"}[rng.IntN(3)], []string{"Kyiv", "Lviv"}[rng.IntN(2)]
		for w := range f.waves {
			if rng.IntN(6) == 0 {
				continue
			}
			level := rng.IntN(3)
			answers := map[uint16]float32{}
			for _, item := range []uint16{1, 2, 3, 5, 6, 7, 8, 9} {
				if rng.IntN(10) > 0 {
					answers[item] = float32(1 + min(4, level+rng.IntN(3)+w/2))
				}
			}
			if rng.IntN(5) > 0 {
				answers[4] = float32(rng.IntN(11))
			}
			for item := uint16(11); item <= 15; item++ {
				if other.IntN(10) > 0 {
					answers[item] = float32(1 + min(4, level+other.IntN(3)))
				}
			}
			final := rng.IntN(12) > 0
			f.respond(w, fmt.Sprint("person", i), role, department, location, answers, func(r *survey.Response) {
				r.Final, r.Seconds = final, uint32(rng.IntN(200))
				r.Pair = program.DeriveID("pair", fmt.Sprint(i/3))
			})
		}
	}
	f.store()
}

func (f *fixture) report(call func(context.Context, Query) (*Report, error), q Query) *Report {
	f.t.Helper()
	q.Program = f.program.ID
	r, err := call(context.Background(), q)
	f.must(err)
	return r
}

// find returns the figure of a measure, wave, role and segment value.
func find(t testing.TB, list []Figure, measure, wave string, role program.Role, value string) Figure {
	t.Helper()
	for _, f := range list {
		got := ""
		for _, v := range f.Segment {
			got = v
		}
		if f.Measure == measure && (wave == "" || f.Wave == wave) && f.Role == role && got == value {
			return f
		}
	}
	t.Fatalf("no figure %s of wave %q, role %q, segment %q", measure, wave, role, value)
	return Figure{}
}

func near(t testing.TB, what string, got *float64, want float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is null, want %v", what, want)
	} else if math.Abs(*got-want) > 1e-6*max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, *got, want)
	}
}

func count(t testing.TB, what string, got *int, want int) {
	t.Helper()
	if got == nil || *got != want {
		t.Errorf("%s: n is %v, want %d", what, got, want)
	}
}
