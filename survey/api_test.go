package survey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func (p *place) router() *gin.Engine {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	survey.NewAPI(p.pulse).Routes(r.Group("/api/v1"))
	return r
}

func call(r http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Accept-Language", "en")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

type sheet struct {
	Wave     string          `json:"wave"`
	ClosesAt time.Time       `json:"closes_at"`
	Final    bool            `json:"final"`
	Unsent   bool            `json:"unsent"`
	Place    string          `json:"place"`
	Items    []sheetItem     `json:"items"`
	Answers  []survey.Answer `json:"answers"`
}

type sheetItem struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Prompt   string   `json:"prompt"`
	Min, Max *float64 `json:"-"`
	Low      *float64 `json:"min"`
	High     *float64 `json:"max"`
	Options  []struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	} `json:"options"`
}

func read(t *testing.T, r http.Handler, token string) sheet {
	t.Helper()
	w := call(r, http.MethodGet, "/api/v1/s/"+token, "")
	if w.Code != http.StatusOK {
		t.Fatalf("GET: %d %s", w.Code, w.Body)
	}
	var s sheet
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// answersTo answers every item of a sheet by its type, with the highest value.
func answersTo(s sheet) []survey.Answer {
	var all []survey.Answer
	for _, it := range s.Items {
		a := survey.Answer{Item: it.ID}
		switch it.Type {
		case "single", "multiple":
			a.Choices = []string{it.Options[0].ID}
		case "text":
			text := "Дякую за «живі» приклади 🙂\n=1+1"
			a.Text = &text
		default:
			a.Value = it.High
		}
		all = append(all, a)
	}
	return all
}

func submission(final bool, answers ...survey.Answer) string {
	b, err := json.Marshal(survey.Submission{Answers: answers, Final: final})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestAnswersComeBackAsGiven(t *testing.T) {
	p := opened(t)
	r := p.router()
	for n, person := range p.people.Participants {
		token := p.token(t, n)
		first := read(t, r, token)
		if first.Wave != "2026-01-05" || first.Final || len(first.Answers) != 0 || len(first.Items) == 0 {
			t.Fatalf("%s: fresh sheet %+v", person.Role, first)
		}
		goals := 0
		for _, it := range first.Items {
			if it.Prompt == "" {
				t.Errorf("%s: item %s has no prompt", person.Role, it.ID)
			}
			if it.Type == "goal" {
				goals++
			}
		}
		if want := map[program.Role]int{program.Mentor: 2, program.Mentee: 2}[person.Role]; goals != want {
			t.Errorf("%s is asked about %d goals, want %d", person.Role, goals, want)
		}
		want := answersTo(first)
		if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(true, want...)); w.Code != http.StatusOK {
			t.Fatalf("%s: PUT %d %s", person.Role, w.Code, w.Body)
		}
		again := read(t, r, token)
		if !again.Final {
			t.Errorf("%s: not final after submitting", person.Role)
		}
		given := map[string]string{}
		for _, a := range again.Answers {
			if a.At == nil || !a.At.Equal(p.now) {
				t.Errorf("%s: %s was given at %v, want %s", person.Role, a.Item, a.At, p.now)
			}
			a.At = nil
			b, _ := json.Marshal(a)
			given[a.Item] = string(b)
		}
		shown := 0
		for _, a := range want {
			b, _ := json.Marshal(a)
			if got, ok := given[a.Item]; ok && got != string(b) {
				t.Errorf("%s: sent %s, came back %s", person.Role, b, got)
			} else if ok {
				shown++
			}
		}
		// Those that a condition hides are dropped; at most two are conditional.
		if shown < len(want)-2 {
			t.Errorf("%s: %d of %d answers came back", person.Role, shown, len(want))
		}
	}
}

func TestDraftThenFinalThenChange(t *testing.T) {
	p := opened(t)
	r := p.router()
	token := p.token(t, 0)
	all := answersTo(read(t, r, token))
	put := func(want int, final bool, answers ...survey.Answer) {
		t.Helper()
		if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(final, answers...)); w.Code != want {
			t.Fatalf("PUT: %d, want %d: %s", w.Code, want, w.Body)
		}
	}
	put(http.StatusOK, false, all[0])
	if s := read(t, r, token); s.Final || len(s.Answers) != 1 {
		t.Errorf("draft: %+v", s)
	}
	put(http.StatusUnprocessableEntity, true, all[0]) // required ones are missing
	if s := read(t, r, token); s.Final || len(s.Answers) != 1 {
		t.Errorf("after a refused submission: %+v", s)
	}
	put(http.StatusOK, true, all...)
	put(http.StatusConflict, false, all[0])
	low := 1.0
	all[0].Value = &low
	put(http.StatusOK, true, all...)
	s := read(t, r, token)
	for _, a := range s.Answers {
		if a.Item == all[0].Item && *a.Value != 1 {
			t.Errorf("the second submission did not replace the first: %v", *a.Value)
		}
	}
	p.now = s.ClosesAt.Add(-time.Second)
	put(http.StatusOK, true, all...)
	p.now = s.ClosesAt
	put(http.StatusGone, true, all...)
}

// Each of these must be refused with the status, name what is wrong, and leave
// nothing behind.
func TestRefusals(t *testing.T) {
	p := opened(t)
	r := p.router()
	token := p.token(t, 0)
	all := answersTo(read(t, r, token))
	tooHigh := 6.0
	cases := []struct {
		name, token, body string
		status            int
		says, saysNot     string
	}{
		{"altered", token[:20] + flip(token[20]) + token[21:], submission(true, all...), 404, "do not know this link", "acme"},
		{"last letter altered", token[:len(token)-1] + flip(token[len(token)-1]), submission(true, all...), 404, "do not know this link", "acme"},
		{"truncated", token[:len(token)-8], submission(true, all...), 404, "do not know this link", "acme"},
		{"not a token", "x", `{"answers":[],"final":true}`, 404, "do not know this link", ""},
		{"10 MB token", strings.Repeat("A", 10<<20), submission(true, all...), 404, "do not know", ""},
		{"unknown item", token, submission(true, append([]survey.Answer{{Item: "no-such", Value: &tooHigh}}, all...)...), 422, "no-such", ""},
		{"out of range", token, submission(true, append([]survey.Answer{{Item: all[0].Item, Value: &tooHigh}}, all[1:]...)...), 422, all[0].Item, ""},
		{"twice", token, submission(true, append([]survey.Answer{all[0]}, all...)...), 422, all[0].Item, ""},
		{"10 MB answer", token, `{"answers":[{"item":"comment","text":"` + strings.Repeat("a", 10<<20) + `"}],"final":true}`, 413, "256 kB", ""},
		{"10,000 items", token, submission(true, make([]survey.Answer, 10_000)...), 422, "200", "Submission"},
		{"10,000 long items", token, submission(true, fill(make([]survey.Answer, 10_000), survey.Answer{Item: strings.Repeat("a", 60)})...), 413, "256 kB", ""},
		{"invalid UTF-8", token, "{\"answers\":[{\"item\":\"comment\",\"text\":\"\xff\xfe\"}],\"final\":true}", 400, "UTF-8", ""},
		{"not JSON", token, "answers=1", 400, "JSON", ""},
		{"wrong kind", token, `{"answers":[{"item":"` + all[0].Item + `","value":"five"}],"final":true}`, 400, "answers[0].value: expected a number", "float64"},
		{"no item", token, `{"answers":[{"value":5}],"final":true}`, 422, "must not be missing", ""},
		{"empty", token, ``, 400, "The document is empty", ""},
		{"null", token, `null`, 400, "found null", ""},
		{"a list", token, `[]`, 400, "expected an object", "survey."},
		{"cut short", token, `{"answers":[{"item":`, 400, "breaks off at line 1, character 21", "EOF"},
		{"no answers", token, `{"final":false}`, 422, "answers", ""},
		{"mistyped final", token, `{"answers":[],"finl":true}`, 400, "finl", ""},
		{"two documents", token, `{"answers":[]} {"answers":[]}`, 400, "JSON", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := call(r, http.MethodPut, "/api/v1/s/"+c.token, c.body)
			if w.Code != c.status {
				t.Errorf("status %d, want %d: %.300s", w.Code, c.status, w.Body)
			}
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
				t.Errorf("content type %q", w.Header().Get("Content-Type"))
			}
			if !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("does not say %q: %.500s", c.says, w.Body)
			}
			if c.saysNot != "" && strings.Contains(w.Body.String(), c.saysNot) {
				t.Errorf("says %q: %s", c.saysNot, w.Body)
			}
			uk := call(r, http.MethodPut, "/api/v1/s/"+c.token, c.body, "Accept-Language", "uk")
			if !strings.ContainsAny(uk.Body.String(), "іїєґ") || strings.Contains(uk.Body.String(), "-detail") {
				t.Errorf("in Ukrainian: %.300s", uk.Body)
			}
		})
	}
	if s := read(t, r, token); len(s.Answers) != 0 {
		t.Errorf("something was stored: %+v", s.Answers)
	}
}

func flip(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

func fill(all []survey.Answer, one survey.Answer) []survey.Answer {
	for i := range all {
		all[i] = one
	}
	return all
}

func TestRevokedForeignAndEarlyLinks(t *testing.T) {
	p := opened(t)
	token := p.token(t, 0)
	if err := p.programs.RevokeLinks(context.Background(), p.program.ID, p.people.Participants[0].ID); err != nil {
		t.Fatal(err)
	}
	// A service that has not read the audience yet sees it at once.
	p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, p.clock)
	r := p.router()
	if w := call(r, http.MethodGet, "/api/v1/s/"+token, ""); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "replaced") {
		t.Errorf("revoked: %d %s", w.Code, w.Body)
	}
	fresh := p.pulse.Links().Token(survey.Invitee{ProgramID: "acme", Wave: p.wave(t).ID, Participant: p.people.Participants[0].ID, Revision: 1})
	if w := call(r, http.MethodGet, "/api/v1/s/"+fresh, ""); w.Code != http.StatusOK {
		t.Errorf("the link that replaces it: %d %s", w.Code, w.Body)
	}
	for name, i := range map[string]survey.Invitee{
		"another programme":    {ProgramID: "other", Wave: p.wave(t).ID, Participant: p.people.Participants[1].ID},
		"an unknown wave":      {ProgramID: "acme", Wave: p.people.Participants[1].ID, Participant: p.people.Participants[1].ID},
		"nobody's participant": {ProgramID: "acme", Wave: p.wave(t).ID, Participant: p.wave(t).ID},
	} {
		if w := call(r, http.MethodGet, "/api/v1/s/"+p.pulse.Links().Token(i), ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	second := p.token(t, 1)
	p.now = p.now.AddDate(0, 0, -1)
	if w := call(r, http.MethodGet, "/api/v1/s/"+second, ""); w.Code != http.StatusForbidden {
		t.Errorf("early: %d %s", w.Code, w.Body)
	}
	p.now = p.now.AddDate(0, 1, 0)
	if w := call(r, http.MethodGet, "/api/v1/s/"+second, ""); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "10.01.2026 09:00") {
		t.Errorf("expired: %d %s", w.Code, w.Body)
	}
}

// A hundred people at once, each changing their mind: every acknowledged answer
// is there, the last of each person counts, and there is one row a person.
func TestConcurrentSubmissionsAreNeitherLostNorDoubled(t *testing.T) {
	const people, times = 100, 3
	ctx := context.Background()
	p := opened(t, func(p *place) {
		for i := range people {
			key := fmt.Sprintf("c%03d", i)
			p.people.Participants = append(p.people.Participants, program.Participant{
				ID: program.ParticipantID("acme", key, ""), ProgramID: "acme", ExternalID: key, Role: program.Comparison, Joined: p.program.Starts,
			})
		}
	})
	r := p.router()
	all := answersTo(read(t, r, p.token(t, 2)))
	var done sync.WaitGroup
	for n := range people {
		token := p.token(t, 3+n)
		done.Go(func() {
			for i := range times {
				mine := append([]survey.Answer(nil), all...)
				value := float64(1 + (n+i)%5)
				mine[0].Value = &value
				if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(true, mine...)); w.Code != http.StatusOK {
					t.Errorf("PUT: %d %s", w.Code, w.Body)
				}
			}
		})
	}
	done.Wait()
	for n := range people {
		got, err := p.surveys.Response(ctx, p.wave(t), p.respondent(t, 3+n))
		if err != nil {
			t.Fatal(err)
		}
		if want := float32(1 + (n+times-1)%5); got.Stored.Values[0] != want {
			t.Errorf("participant %d: %v, want the last answer %v", n, got.Stored.Values[0], want)
		}
	}
}

func TestPseudonyms(t *testing.T) {
	p := sample(t)
	names := survey.NewPseudonyms(testSecret)
	a, b := p.people.Participants[0].ID, p.people.Participants[1].ID
	w1, w2 := program.DeriveID("w1"), program.DeriveID("w2")
	prog := p.program
	if names.Respondent(prog, w1, a) != names.Respondent(prog, w2, a) || names.Respondent(prog, w1, a) == a || names.Respondent(prog, w1, a) == names.Respondent(prog, w1, b) {
		t.Error("confidential: one name a person in every wave, which is not their id")
	}
	prog.Policy = program.Anonymous
	if names.Respondent(prog, w1, a) == names.Respondent(prog, w2, a) || names.Pair(prog, w1, b) == names.Pair(prog, w2, b) {
		t.Error("anonymous: a new name every wave")
	}
	prog.Policy = program.Identified
	if names.Respondent(prog, w1, a) != a {
		t.Error("identified: the participant's id")
	}
}

func TestLinkHeadersKeepItPrivate(t *testing.T) {
	p := opened(t)
	w := call(p.router(), http.MethodGet, "/api/v1/s/"+p.token(t, 0), "")
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", w.Header())
	}
	for _, secret := range []string{"Name-e1", "e1@acme.example", p.people.Participants[0].ID.String()} {
		if bytes.Contains(w.Body.Bytes(), []byte(secret)) {
			t.Errorf("the sheet shows %q", secret)
		}
	}
}

// In an anonymous programme nothing stored tells when an answer was given, and
// the last answer still counts.
func TestAnonymousAnswersHaveNoTime(t *testing.T) {
	ctx := context.Background()
	p := opened(t, func(p *place) { p.program.Policy = program.Anonymous })
	r := p.router()
	token := p.token(t, 0)
	all := answersTo(read(t, r, token))
	for i := range 3 {
		value := float64(1 + i)
		all[0].Value = &value
		p.now = p.now.Add(time.Hour)
		if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(true, all...)); w.Code != http.StatusOK {
			t.Fatalf("PUT: %d %s", w.Code, w.Body)
		}
	}
	got, err := p.surveys.Response(ctx, p.wave(t), p.respondent(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	opens := p.wave(t).Opens
	if got.Stored.Values[0] != 3 || !got.SubmittedAt.Equal(opens) || got.Revision != 1<<63|uint64(opens.UnixMicro())+2 {
		t.Errorf("value %v, submitted %s, revision %d; the wave opened %s (%d)", got.Stored.Values[0], got.SubmittedAt, got.Revision, opens, opens.UnixMicro())
	}
}

// A final answer and drafts that cross it: whatever is stored last, the final
// answer stays.
func TestDraftNeverTakesBackAFinalAnswer(t *testing.T) {
	p := opened(t)
	r := p.router()
	for n := range p.people.Participants {
		token := p.token(t, n)
		all := answersTo(read(t, r, token))
		var both sync.WaitGroup
		both.Go(func() {
			if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(true, all...)); w.Code != http.StatusOK {
				t.Errorf("final: %d %s", w.Code, w.Body)
			}
		})
		for range 5 {
			both.Go(func() { call(r, http.MethodPut, "/api/v1/s/"+token, submission(false, all[0])) })
		}
		both.Wait()
		if s := read(t, r, token); !s.Final || len(s.Answers) < 2 {
			t.Errorf("after a final answer and drafts: final %t, %d answers", s.Final, len(s.Answers))
		}
	}
	// The store alone decides so, in either order.
	one := survey.Response{ProgramID: "acme", SurveyID: p.survey.ID, Wave: p.wave(t).ID, Respondent: program.DeriveID("x"), Role: program.Mentor, SubmittedAt: p.now}
	final := one
	final.Final = true
	for _, next := range []survey.Response{one, final, one} {
		if err := p.surveys.Put(context.Background(), next); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := p.surveys.Response(context.Background(), p.wave(t), one.Respondent); err != nil || !got.Final {
		t.Errorf("%+v, %v", got, err)
	}
}
