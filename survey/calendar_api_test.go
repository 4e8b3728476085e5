package survey_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// scheduling is the schedule's endpoints with the owner's key.
type scheduling struct {
	*place
	router http.Handler
	key    []string
}

func newScheduling(t *testing.T, p *place) *scheduling {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	owners := access.NewOwners(testSecret)
	survey.NewScheduleAPI(survey.NewPlanner(p.surveys, p.clock)).Routes(r.Group("/api/v1/programs/:id", owners.Require(p.programs)))
	return &scheduling{p, openapitest.Wrap(t, r), []string{"Authorization", "Bearer " + owners.Key(p.program)}}
}

// answer is what came back: a schedule, or a problem.
type answer struct {
	survey.Calendar
	Type, Title, Detail string
	status              int
	tag                 string
}

// waves names the next waves, each by the time at which it opens.
func (a answer) waves() string {
	var all []string
	for _, one := range a.Next {
		all = append(all, one.Opens.Format("01-02 15:04"))
	}
	return strings.Join(all, ", ")
}

func (s *scheduling) call(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	w := call(s.router, method, "/api/v1/programs/acme/schedule"+path, body, append(headers, s.key...)...)
	out := answer{status: w.Code, tag: w.Header().Get("ETag")}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return out
}

func TestScheduleOverHTTP(t *testing.T) {
	p := opened(t)
	s := newScheduling(t, p)
	const before = "01-12 09:00, 01-19 09:00, 01-26 09:00"
	got := s.call(t, http.MethodGet, "", "")
	if got.status != http.StatusOK || got.waves() != before || len(got.Open) != 1 || got.TimeZone != "Europe/Kyiv" || got.tag == "" {
		t.Fatalf("%+v", got)
	}
	next := got.Next[0]
	if next.Closes.Format(time.RFC3339) != "2026-01-17T09:00:00+02:00" || len(next.Reminders) != 1 || next.Reminders[0].Format("01-02 15:04") != "01-15 09:00" {
		t.Errorf("%+v; want the third day's reminder, since on the fifth it closes", next)
	}
	// A dry run shows it and stores nothing.
	const move = `{"wave":"2026-01-12","at":"2026-01-13T14:00"}`
	dry := s.call(t, http.MethodPost, "/move?dry_run=true", move)
	if dry.status != http.StatusOK || dry.waves() != "01-13 14:00, 01-19 09:00, 01-26 09:00" || !dry.DryRun || !dry.Next[0].Moved || dry.tag != got.tag {
		t.Errorf("%+v", dry)
	}
	if again := s.call(t, http.MethodGet, "", ""); again.waves() != before || again.tag != got.tag {
		t.Errorf("after the dry run: %+v", again)
	}
	// The change for the schedule that was seen; for an older one it is refused.
	moved := s.call(t, http.MethodPost, "/move", move, "If-Match", dry.tag)
	if moved.status != http.StatusOK || moved.waves() != dry.waves() || moved.DryRun || moved.tag == dry.tag {
		t.Errorf("%+v", moved)
	}
	if late := s.call(t, http.MethodPost, "/skip", `{"wave":"2026-01-19"}`, "If-Match", dry.tag); late.status != http.StatusPreconditionFailed || late.Type != "/problems/schedule-changed" {
		t.Errorf("%+v", late)
	}
	if again := s.call(t, http.MethodPost, "/move", move); again.tag != moved.tag {
		t.Errorf("moving it again changed the schedule: %+v", again)
	}
	if back := s.call(t, http.MethodPost, "/unmove", `{"wave":"2026-01-12"}`, "If-Match", moved.tag); back.waves() != before {
		t.Errorf("%+v", back)
	}
	if none := s.call(t, http.MethodPost, "/skip?survey=other", `{"wave":"2026-01-12"}`); none.status != http.StatusNotFound || none.Type != "/problems/schedule-no-survey" {
		t.Errorf("%+v", none)
	}
}

// A request that was sent again, since its answer was lost, does nothing, even
// when somebody else has undone the change in between.
func TestScheduleChangeWithAKeyIsMadeOnce(t *testing.T) {
	s := newScheduling(t, opened(t))
	const skip = `{"wave":"2026-01-12"}`
	first := s.call(t, http.MethodPost, "/skip", skip, "Idempotency-Key", "one", "If-Match", s.call(t, http.MethodGet, "", "").tag)
	if first.status != http.StatusOK || first.waves() != "01-19 09:00, 01-26 09:00, 02-02 09:00" {
		t.Fatalf("%+v", first)
	}
	undone := s.call(t, http.MethodPost, "/unskip", skip)
	if again := s.call(t, http.MethodPost, "/skip", skip, "Idempotency-Key", "one", "If-Match", `"gone"`); again.status != http.StatusOK || again.tag != undone.tag {
		t.Errorf("%+v", again)
	}
	if other := s.call(t, http.MethodPost, "/skip", `{"wave":"2026-01-19"}`, "Idempotency-Key", "one"); other.status != http.StatusUnprocessableEntity || other.Type != "/problems/schedule-key-reused" {
		t.Errorf("%+v", other)
	}
	if anew := s.call(t, http.MethodPost, "/skip", skip, "Idempotency-Key", "two"); anew.waves() != first.waves() {
		t.Errorf("%+v", anew)
	}
}

func TestScheduleRefusals(t *testing.T) {
	s := newScheduling(t, opened(t))
	before := s.call(t, http.MethodGet, "", "")
	for _, tc := range []struct {
		path, body, lang string
		status           int
		kind, says       string
	}{
		{"/move", `{"wave":"2026-01-05","at":"2026-01-20"}`, "en", 409, "schedule-open", "has been open since 5\u00a0January 2026, 09:00 Kyiv time"},
		{"/move", `{"wave":"2026-01-05","at":"2026-01-20"}`, "uk", 409, "schedule-open", "триває від 5\u00a0січня 2026, 09:00 за київським часом"},
		{"/move", `{"wave":"2026-01-12","at":"2026-01-15"}`, "en", 409, "schedule-overlap", "19\u00a0January 2026"},
		{"/move", `{"wave":"2026-01-12","at":"2026-01-15"}`, "uk", 409, "schedule-overlap", "Хвиля за 19\u00a0січня 2026 відкрилася б"},
		{"/skip", `{"wave":"2026-01-13"}`, "en", 422, "schedule-unknown-wave", "13\u00a0January"},
		{"/skip", `{"wave":"2026-01-12","reason":"holiday"}`, "en", 400, "not-json", "reason"},
		{"/skip", `{"wave":7}`, "en", 400, "not-json", "wave"},
		{"/skip", `{"wave":"2026-01-12"}{}`, "en", 400, "not-json", "something follows"},
		{"/skip", "\xff", "en", 400, "not-utf8", "UTF-8"},
		{"/skip", strings.Repeat(" ", 20<<10), "en", 413, "too-large", "16"},
		{"/skip", "", "en", 422, "schedule-missing-wave", "2026-05-04"},
		{"/skip?dry_run=maybe", `{"wave":"2026-01-12"}`, "en", 400, "schedule-bad-dry-run", "dry_run=true"},
		{"/skip?dry_rum=true", `{"wave":"2026-01-12"}`, "en", 400, "schedule-bad-parameter", "dry_rum"},
		{"/stop", "", "en", 404, "schedule-unknown-action", "“stop”"},
		{"/pause", `{"from":"2026-01-01"}`, "uk", 409, "schedule-pause-past", "5\u00a0січня"},
		{"/close", `{"at":"2026-01-11"}`, "en", 409, "schedule-closes-sooner", "10\u00a0January 2026, 09:00"},
	} {
		got := s.call(t, http.MethodPost, tc.path, tc.body, "Accept-Language", tc.lang)
		if got.status != tc.status || got.Type != "/problems/"+tc.kind || !strings.Contains(got.Title+got.Detail, tc.says) {
			t.Errorf("%s %s: %d %s %q; want %d %s with %q", tc.path, tc.body, got.status, got.Type, got.Detail, tc.status, tc.kind, tc.says)
		}
		if strings.Contains(got.Detail, "recurrence:") {
			t.Errorf("%s shows what is internal: %q", tc.path, got.Detail)
		}
	}
	if after := s.call(t, http.MethodGet, "", ""); after.tag != before.tag || after.waves() != before.waves() {
		t.Errorf("a refusal changed the schedule: %+v", after)
	}
	w := call(s.router, http.MethodPost, "/api/v1/programs/acme/schedule/skip", `{"wave":"2026-01-12"}`)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("without a key: %d", w.Code)
	}
}

// Closing early takes effect for the participants, and can be taken back for as
// long as the wave is open.
func TestClosingEarlyOverHTTP(t *testing.T) {
	p := opened(t)
	s := newScheduling(t, p)
	api := p.router()
	if got := s.call(t, http.MethodPost, "/close", `{"at":"2026-01-06T18:00"}`); got.status != http.StatusOK || len(got.Open) != 1 || !got.Open[0].ClosesEarly {
		t.Fatalf("%+v", got)
	}
	if got := s.call(t, http.MethodPost, "/unclose", ""); got.status != http.StatusOK || got.Open[0].ClosesEarly {
		t.Errorf("%+v", got)
	}
	if got := s.call(t, http.MethodPost, "/close", `{"at":"2026-01-06T18:00"}`); got.status != http.StatusOK {
		t.Errorf("%+v", got)
	}
	token := p.token(t, 0)
	p.now = time.Date(2026, 1, 6, 16, 0, 0, 0, time.UTC)
	// By the rule it would still be open: whoever joins now is not asked any more.
	newcomer := p.people.Participants[0]
	newcomer.ID, newcomer.ExternalID = program.ParticipantID("acme", "e9", ""), "e9"
	if err := p.programs.Put(context.Background(), program.Snapshot{Participants: []program.Participant{newcomer}}); err != nil {
		t.Fatal(err)
	}
	if err := p.scheduler.Due(context.Background()); err != nil {
		t.Fatal(err)
	}
	if all := must(p.surveys.Invitations(context.Background(), p.wave(t))); len(all) != 3 {
		t.Errorf("%d are invited to a wave that has closed", len(all))
	}
	if w := call(api, http.MethodGet, "/api/v1/s/"+token, ""); w.Code != http.StatusGone {
		t.Errorf("after it closed: %d", w.Code)
	}
	if got := s.call(t, http.MethodPost, "/unclose", ""); got.status != http.StatusConflict || got.Type != "/problems/schedule-none-open" {
		t.Errorf("what has closed was opened again: %+v", got)
	}
}
