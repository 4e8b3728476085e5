package exports

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"mentorpulse/analytics"
	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
	"mentorpulse/survey"
)

// service is a programme with answers in a real store, behind the real routes.
type service struct {
	db      *clickhouse.DB
	surveys *survey.Store
	program program.Program
	service *analytics.Service
	waves   []survey.Wave
	answers []survey.Response
	handler http.Handler
	key     string
}

func newService(t *testing.T, policy program.Policy) *service {
	t.Helper()
	ctx := context.Background()
	db := storetest.Open(t)
	programs := program.NewStore(db)
	s := &service{db: db, surveys: survey.NewStore(db)}
	t.Cleanup(s.surveys.Close)
	s.program = program.Program{ID: "acme-2025", Name: "Акме & Co", Policy: policy, K: 5, TimeZone: "Europe/Kyiv",
		Languages: []string{"uk", "en"}, Attributes: []string{"department"}, Starts: time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)}
	must(t, programs.PutProgram(ctx, s.program))
	s.fill(t, programs)
	secret, err := access.ParseSecret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	must(t, err)
	s.service, err = analytics.New(db, programs, s.surveys, survey.NewPseudonyms(secret))
	must(t, err)

	owners := access.NewOwners(secret)
	s.key = owners.Key(s.program)
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	source := &Source{Analyst: s.service, Surveys: s.surveys, Version: "test", Now: func() time.Time { return time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC) }}
	(&API{Source: source, Responses: &Responses{DB: db, Surveys: s.surveys}}).Routes(r.Group("/api/v1/programs/:id", owners.Require(programs)))
	s.handler = r
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill stores 12 pairs and 10 colleagues of a comparison group, and their
// answers in three waves; one department has only two people.
func (s *service) fill(t *testing.T, programs *program.Store) {
	t.Helper()
	ctx := context.Background()
	q, err := survey.BuiltIn("reverse-mentoring")
	must(t, err)
	id := program.DeriveID(s.program.ID, "survey", "pulse")
	for i := range 3 {
		opens := time.Date(2025, 1, 6+28*i, 7, 0, 0, 0, time.UTC)
		w := survey.Wave{ID: program.DeriveID(id.String(), "wave", fmt.Sprint(i)), SurveyID: id, ProgramID: s.program.ID, Number: i + 1,
			Occurrence: opens.Format(time.DateOnly), Opens: opens, Closes: opens.AddDate(0, 0, 7), QuestionnaireID: q.ID, QuestionnaireVersion: q.Version}
		must(t, s.surveys.PutWave(ctx, w))
		s.waves = append(s.waves, w)
	}
	var roster program.Snapshot
	for i := range 34 {
		p := program.Participant{ProgramID: s.program.ID, ExternalID: fmt.Sprint("e", i), Role: program.Comparison, Name: "Secret Name", Email: fmt.Sprintf("secret%d@example.org", i),
			Joined: s.program.Starts, EmployedFrom: s.program.Starts.AddDate(-2, 0, 0), Attributes: map[string]string{"department": []string{"Продажі", "IT"}[i%2]}}
		p.ID = program.ParticipantID(p.ProgramID, p.ExternalID, p.Email)
		if i < 24 {
			p.Role = []program.Role{program.Mentor, program.Mentee}[i/12]
		}
		if i == 3 || i == 4 {
			p.Attributes = map[string]string{"department": "Двоє"}
		}
		if i%4 == 1 {
			p.Left, p.EmployedTo = p.Joined.AddDate(0, 0, 30+5*i), p.Joined.AddDate(0, 0, 30+5*i)
		}
		roster.Participants = append(roster.Participants, p)
	}
	must(t, programs.Put(ctx, roster))
	for n, w := range s.waves {
		var invited []survey.Invitation
		for i, p := range roster.Participants {
			invited = append(invited, survey.Invitation{ProgramID: p.ProgramID, SurveyID: w.SurveyID, Wave: w.ID, Participant: p.ID, Role: p.Role, Attributes: p.Attributes})
			if (i+n)%7 != 0 {
				s.answers = append(s.answers, s.answer(q, w, p, i))
			}
		}
		must(t, s.surveys.Invite(ctx, invited))
	}
	must(t, s.surveys.PutAll(ctx, s.answers))
}

func (s *service) answer(q *survey.Questionnaire, w survey.Wave, p program.Participant, i int) survey.Response {
	r := survey.Response{ProgramID: p.ProgramID, SurveyID: w.SurveyID, Wave: w.ID, Respondent: program.DeriveID("pseudonym", p.ID.String()), Role: p.Role,
		Attributes: p.Attributes, Final: i != 20, SubmittedAt: w.Opens.Add(time.Hour), Seconds: 90, Pair: program.DeriveID("pair", fmt.Sprint(i%12))}
	for j, it := range q.WaveItems(w.Number, p.Role) {
		switch it.Type {
		case survey.Goals:
			r.Stored.Goals, r.Stored.Ratings = []uuid.UUID{program.DeriveID("goal", "1"), program.DeriveID("goal", "2")}, []int8{-1, int8(i % 3)}
		case survey.OpenText:
			r.Stored.TextItems, r.Stored.Texts = append(r.Stored.TextItems, it.Number), append(r.Stored.Texts, "=SUM(1,2)")
		case survey.Rating:
			r.Stored.Items, r.Stored.Values = append(r.Stored.Items, it.Number), append(r.Stored.Values, float32((i+w.Number)%11))
		default:
			r.Stored.Items, r.Stored.Values = append(r.Stored.Items, it.Number), append(r.Stored.Values, float32(1+(i+j+w.Number)%max(2, len(it.Options), int(it.Max))))
		}
	}
	return r
}

func (s *service) get(path, key string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, "/api/v1/programs/"+s.program.ID+path, nil)
	req.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	return w
}

// The workbook that an owner downloads holds what the reports say, to the cell.
func TestReportOverHTTP(t *testing.T) {
	s := newService(t, program.Confidential)
	for _, lang := range []string{"uk", "en"} {
		w := s.get("/report.xlsx?by=department&lang="+lang, s.key)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", lang, w.Code, w.Body)
		}
		if got := w.Header().Get("Cache-Control") + " " + w.Header().Get("Content-Type"); got != "no-store "+workbookType {
			t.Errorf("headers %q", got)
		}
		if got := w.Header().Get("Content-Length"); got != fmt.Sprint(w.Body.Len()) {
			t.Errorf("length %s of %d", got, w.Body.Len())
		}
		_, names, err := mime.ParseMediaType(w.Header().Get("Content-Disposition"))
		if want := words(lang).t("file.report") + " Акме & Co 2025-06-01.xlsx"; err != nil || names["filename"] != want {
			t.Errorf("file name %q, %v, want %q", names["filename"], err, want)
		}
		s.checkReport(t, w.Body.Bytes(), lang)
		if !bytes.Equal(w.Body.Bytes(), s.get("/report.xlsx?by=department&lang="+lang, s.key).Body.Bytes()) {
			t.Error("asked twice at one time, two files")
		}
	}
}

func (s *service) checkReport(t *testing.T, data []byte, lang string) {
	t.Helper()
	file := read(t, data)
	q := analytics.Query{Program: s.program.ID, By: "department", Lang: lang}
	shown, withheld := 0, 0
	for _, call := range []func(context.Context, analytics.Query) (*analytics.Report, error){
		s.service.Participation, s.service.Engagement, s.service.Confidence, s.service.Retention, s.service.Goals,
	} {
		r, err := call(context.Background(), q)
		must(t, err)
		want := append([]analytics.Figure{}, r.Figures...)
		for _, f := range r.Series {
			if f.Wave != r.Wave.Label {
				want = append(want, f)
			}
		}
		for i, f := range want {
			checkFigure(t, file.Sheet[words(lang).t("sheet."+r.Kind)], headRow+1+i, f, lang)
			if f.Withheld != nil {
				withheld++
			} else {
				shown++
			}
		}
	}
	if shown < 50 || withheld < 5 {
		t.Errorf("%d figures shown and %d withheld: the programme is too small to test with", shown, withheld)
	}
	for name, part := range parts(t, data) {
		if strings.Contains(part, "Secret Name") || strings.Contains(part, "secret1@") {
			t.Errorf("%s names a participant", name)
		}
	}
}

// What cannot be made is a problem, never half a file.
func TestReportRefusals(t *testing.T) {
	s := newService(t, program.Confidential)
	for _, c := range []struct {
		path, key string
		status    int
		kind      string
	}{
		{"/report.xlsx", "mpk_wrong", http.StatusUnauthorized, "key-refused"},
		{"/report.xlsx?lang=de", s.key, http.StatusBadRequest, "unknown-language"},
		{"/report.xlsx?by=salary", s.key, http.StatusBadRequest, "unknown-attribute"},
		{"/report.xlsx?wave=1999-01-01", s.key, http.StatusNotFound, "unknown-wave"},
		{"/report.xlsx?role=mentor", s.key, http.StatusBadRequest, "unknown-parameter"},
		{"/report.xlsx?by=department&by=department", s.key, http.StatusBadRequest, "repeated-parameter"},
		{"/report.xlsx?by=department;wave=1", s.key, http.StatusBadRequest, "unreadable-parameters"},
		{"/responses.xlsx?wave=1", s.key, http.StatusBadRequest, "unknown-parameter"},
		{"/responses.xlsx", s.key, http.StatusForbidden, "not-identified"},
	} {
		w := s.get(c.path, c.key)
		var problem struct{ Type, Detail string }
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Detail == "" {
			t.Errorf("%s: %v in %q", c.path, err, w.Body)
		}
		if w.Code != c.status || problem.Type != "/problems/"+c.kind || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s, want %d %s", c.path, w.Code, problem.Type, c.status, c.kind)
		}
	}
}

// The raw answers of an identified programme: submitted ones only, each item in
// its column, nobody named.
func TestResponsesOverHTTP(t *testing.T) {
	s := newService(t, program.Identified)
	w := s.get("/responses.xlsx?lang=en", s.key)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for name, part := range parts(t, w.Body.Bytes()) {
		if strings.Contains(part, "Secret Name") || strings.Contains(part, "secret1@") || strings.Contains(part, "<f>") {
			t.Errorf("%s names a participant or has a formula", name)
		}
	}
	sheet := read(t, w.Body.Bytes()).Sheet["Responses"]
	columns := map[string]int{}
	for col := 1; ; col++ {
		title := cell(t, sheet, col, 1).Value
		if title == "" {
			break
		}
		columns[title] = col
	}
	at := func(title string) int {
		if columns[title] == 0 {
			t.Fatalf("no column %q", title)
		}
		return columns[title]
	}
	want := map[string]survey.Response{}
	for _, r := range s.answers {
		if r.Final {
			want[r.Respondent.String()+s.occurrence(r.Wave)] = r
		}
	}
	q, err := survey.BuiltIn("reverse-mentoring")
	must(t, err)
	row := 2
	for ; cell(t, sheet, 1, row).Value != ""; row++ {
		key := cell(t, sheet, at("Respondent (pseudonym)"), row).Value + cell(t, sheet, at("Wave"), row).Value
		r, ok := want[key]
		if !ok {
			t.Fatalf("row %d: %q was not submitted or comes twice", row, key)
		}
		delete(want, key)
		if got := cell(t, sheet, at("department"), row).Value; got != r.Attributes["department"] {
			t.Errorf("department %q", got)
		}
		for i, number := range r.Stored.Items {
			it := itemOf(q, number)
			c := cell(t, sheet, at(it.ID), row)
			if it.Type == survey.Single || it.Type == survey.Multiple {
				if c.Value == "" || strings.ContainsAny(c.Value, "0123456789.") {
					t.Errorf("%s: %q, want options", it.ID, c.Value)
				}
				continue
			}
			wantNumber(t, it.ID, c, ptr(float64(r.Stored.Values[i])))
		}
		for i, rating := range r.Stored.Ratings {
			wantNumber(t, "goal", cell(t, sheet, at(fmt.Sprintf("goals.%d", i+1)), row), ptr(float64(rating)))
		}
	}
	if len(want) > 0 {
		t.Errorf("%d responses are missing", len(want))
	}
}

func (s *service) occurrence(wave uuid.UUID) string {
	for _, w := range s.waves {
		if w.ID == wave {
			return w.Occurrence
		}
	}
	return ""
}

func itemOf(q *survey.Questionnaire, number uint16) survey.Item {
	for _, it := range q.Items {
		if it.Number == number {
			return it
		}
	}
	return survey.Item{}
}

func TestResponsesRefusedAndCancelled(t *testing.T) {
	s := newService(t, program.Identified)
	responses := &Responses{DB: s.db, Surveys: s.surveys}
	for _, policy := range []program.Policy{program.Confidential, program.Anonymous} {
		p := s.program
		p.Policy = policy
		var out bytes.Buffer
		if err := responses.Encode(context.Background(), &out, p, "uk"); !errors.Is(err, ErrNotIdentified) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", policy, err, out.Len())
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	layout, err := responses.layout(ctx, s.program, "en")
	must(t, err)
	n := 0
	for _, err = range responses.rows(ctx, s.program, layout) {
		if n++; err != nil {
			break
		}
		cancel()
	}
	cancel()
	if !errors.Is(err, context.Canceled) || n == len(s.answers) {
		t.Errorf("after the reader went: %v, %d rows", err, n)
	}
}
