package analytics

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// owner is a programme with its pages and reports behind the key check.
type owner struct {
	*fixture
	router *gin.Engine
	key    string
}

func newOwner(f *fixture) *owner {
	f.t.Helper()
	secret, err := access.ParseSecret(strings.Repeat("c2VjcmV0", 8))
	f.must(err)
	owners := access.NewOwners(secret)
	gin.SetMode(gin.ReleaseMode)
	o := &owner{fixture: f, router: gin.New(), key: owners.Key(f.program)}
	NewPages(f.service, f.pairing(), survey.NewPlanner(f.surveys, func() time.Time { return f.service.now() })).Routes(o.router.Group("/programs/:id", owners.RequirePage(f.programs)))
	f.service.Routes(o.router.Group("/api/v1/programs/:id", owners.Require(f.programs)))
	return o
}

func (o *owner) get(path, accept, key string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Accept-Language", accept)
	if key != "" {
		request.SetBasicAuth("anything", key)
	}
	w := httptest.NewRecorder()
	o.router.ServeHTTP(w, request)
	return w
}

func (o *owner) report(kind, query string) *Report {
	o.t.Helper()
	w := o.get("/api/v1/programs/acme/analytics/"+kind+"?"+query, "en", o.key)
	var r Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
		o.t.Fatalf("%s: %d, %v", kind, w.Code, err)
	}
	return &r
}

var markup = regexp.MustCompile(`<[^>]*>`)

// readable is a page, or a part of it, as it is read.
func readable(page string) string {
	page = html.UnescapeString(markup.ReplaceAllString(page, " "))
	return strings.Join(strings.Fields(strings.ReplaceAll(page, noBreak, " ")), " ")
}

// staffed is a programme of people with names and addresses, most of whom
// answer in every wave; three of them are all of the department Treasury.
func staffed(t *testing.T) *owner {
	f := newFixture(t, 3)
	var people program.Snapshot
	var invitations []survey.Invitation
	for i := range 60 {
		department := []string{"Engineering", "Sales <b>&", ""}[i%3]
		if i >= 57 {
			department = "Treasury"
		}
		p := program.Participant{ProgramID: f.program.ID, ExternalID: fmt.Sprint("staff-", i), Name: fmt.Sprint("Zenoviia Holub", i),
			Email: fmt.Sprintf("zenoviia%d@acme.example", i), Role: program.Roles()[i/2%3], Joined: testStart,
			EmployedFrom: testStart, Attributes: map[string]string{"department": department, "location": "Kyiv"}}
		p.ID = program.ParticipantID(f.program.ID, p.ExternalID, p.Email)
		people.Participants = append(people.Participants, p)
		for w, wave := range f.waves {
			invitations = append(invitations, survey.Invitation{ProgramID: f.program.ID, SurveyID: f.survey, Wave: wave.ID, Participant: p.ID,
				Role: p.Role, Attributes: p.Attributes})
			level := float32(2 + (i+w)%3)
			f.respond(w, p.ID.String(), p.Role, department, "Kyiv", map[uint16]float32{1: level, 2: 6 - level, 3: float32(1 + i%5),
				4: float32(i % 11), 5: level, 6: float32(2 + w), 7: level, 8: float32(2 + w), 9: level})
		}
	}
	ctx := t.Context()
	f.must(f.programs.Put(ctx, people))
	f.must(f.surveys.Invite(ctx, invitations))
	f.store()
	last := f.waves[len(f.waves)-1]
	f.service.now = func() time.Time { return last.Opens.Add(24 * time.Hour) } // it is open
	return newOwner(f)
}

func TestOwnerPage(t *testing.T) {
	o := staffed(t)
	everything := []string{"Zenoviia", "staff-", "@acme.example", "NaN", "Inf", "<nil>", "%!", "page-", "reading-", "amount-",
		program.ParticipantID("acme", "staff-0", "").String(), program.DeriveID(o.program.ID, "survey", "pulse").String()}
	for _, test := range []struct {
		path, accept string
		status       int
		says, not    []string
	}{
		{"", "en", 200, []string{"Acme", "No figure about fewer than 5 people", "Participation in wave 3 of 2 Feb 2026", "closes 9 Feb 2026, 09:00 (Europe/Kyiv)",
			"Engagement index", "eNPS", "Digital", "Mentoring", "Retention in the programme", "No pair has rated its goals yet", "3 waves: 5 Jan 2026 – 2 Feb 2026"},
			[]string{"Treasury", "учасники"}},
		{"", "uk", 200, []string{"Acme", "у яких менше ніж 5 осіб", "Участь у хвилі 3 від 02.02.2026", "закриється 09.02.2026, 09:00 (Europe/Kyiv)", "Індекс залученості",
			"Жодна пара ще не оцінила цілей", "3 хвилі: 05.01.2026 – 02.02.2026"}, []string{"Engagement", "Wave", "points"}},
		{"?lang=uk", "en", 200, []string{"Чотири показники"}, nil},
		{"?wave=1", "en", 200, []string{"Participation in wave 1", "The wave closed 12 Jan 2026"}, []string{"Figures will change"}},
		{"?by=department", "en", 200, []string{"Groups compared: department", "Engineering", "Sales <b>&", "Treasury", "not known", "Not shown",
			"Fewer people than the programme’s confidentiality threshold (5)."}, nil},
		{"?by=department&wave=2026-01-19", "uk", 200, []string{"Порівняння груп: department", "Хвиля 2, 19.01.2026", "Не показано", "невідомо"}, []string{"Not shown"}},
		{"?wave=77", "en", 404, []string{"No such wave", "77"}, []string{"Engagement"}},
		{"?wave=77", "uk", 404, []string{"Немає такої хвилі", "77"}, nil},
		{"?by=shoe-size", "en", 400, []string{"No such attribute", "shoe-size", "department, location"}, nil},
		{"?by=shoe-size", "uk", 400, []string{"Немає такої ознаки", "shoe-size"}, nil},
		{"?lang=de", "en", 400, []string{"No such language", "de"}, nil},
		{"?lang=de", "uk", 400, []string{"Немає такої мови", "de"}, nil},
		{"?role=mentor", "en", 400, []string{"side by side", "mentor"}, nil},
		{"?role=mentor", "uk", 400, []string{"поруч", "mentor"}, nil},
		{"?departmnet=IT", "en", 400, []string{"departmnet", "lang, wave, from, to, by, and, compare."}, []string{"role"}},
		{"?by=department,", "en", 400, []string{"“department,”", "An attribute is missing"}, nil},
		{"?by=department,", "uk", 400, []string{"«department,»", "Бракує ознаки"}, nil},
		{"?by=%FF%00", "en", 400, []string{"“\ufffd\ufffd”"}, []string{"\xff", "\x00"}},
		{"?=department", "uk", 400, []string{"Параметр без назви", "«=department»"}, nil},
		{"?by=department&by=location", "uk", 400, []string{"лише одне значення"}, nil},
	} {
		w := o.get("/programs/acme"+test.path, test.accept, o.key)
		page := readable(w.Body.String())
		if w.Code != test.status || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s in %s: %d %v", test.path, test.accept, w.Code, w.Header())
		}
		for _, s := range test.says {
			if !strings.Contains(page, s) {
				t.Errorf("%s in %s does not say %q", test.path, test.accept, s)
			}
		}
		for _, s := range append(test.not, everything...) {
			if strings.Contains(page, s) || strings.Contains(w.Body.String(), s) && s != "page-" && len(s) > 8 {
				t.Errorf("%s in %s says %q", test.path, test.accept, s)
			}
		}
	}
}

func TestOwnerPageNeedsTheKey(t *testing.T) {
	o := newOwner(newFixture(t, 0))
	for _, test := range []struct{ path, key, accept, says string }{
		{"/programs/acme", "", "en", "the password is the programme’s key"},
		{"/programs/acme", "", "uk", "пароль – це ключ програми"},
		{"/programs/acme", o.key + "x", "en", "mentorpulse key PROGRAMME"},
		{"/programs/other", o.key, "uk", "mentorpulse key ПРОГРАМА"},
	} {
		w := o.get(test.path, test.accept, test.key)
		if w.Code != http.StatusUnauthorized || !strings.Contains(strings.Join(w.Header().Values("WWW-Authenticate"), " "), "Basic") {
			t.Errorf("%s: %d %v", test.path, w.Code, w.Header())
		}
		if page := readable(w.Body.String()); !strings.Contains(page, test.says) || strings.Contains(page, "Acme") {
			t.Errorf("%s in %s: %s", test.path, test.accept, page)
		}
	}
}

func TestOwnerPageWithoutWaves(t *testing.T) {
	o := newOwner(newFixture(t, 0, func(p *program.Program) { p.Policy = program.Anonymous }))
	for lang, says := range map[string][]string{
		"en": {"No wave of the programme has opened yet.", "There has been no wave yet.", "Answers are anonymous"},
		"uk": {"У програмі ще не відкрилася жодна хвиля.", "Відповіді анонімні"},
	} {
		for _, query := range []string{"", "&by=department", "&wave=latest"} {
			w := o.get("/programs/acme?lang="+lang+query, "", o.key)
			page := readable(w.Body.String())
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<svg") || strings.Contains(page, "page-") {
				t.Errorf("%s%s: %d", lang, query, w.Code)
			}
			for _, s := range says {
				if !strings.Contains(page, s) {
					t.Errorf("%s%s does not say %q", lang, query, s)
				}
			}
		}
	}
}

// TestOwnerPageShowsTheReports: what is shown of a group is what its report
// holds, and of a withheld one there is no number at all.
func TestOwnerPageShowsTheReports(t *testing.T) {
	o := staffed(t)
	page := o.get("/programs/acme?lang=uk&by=department", "", o.key).Body.String()
	table := page[strings.Index(page, `<table class="numbers cut">`):]
	table = table[:strings.Index(table, "</table>")]
	rows := map[string][]string{}
	for _, row := range regexp.MustCompile(`(?s)<tr><th scope="row">.*?</tr>`).FindAllString(table, -1) {
		cells := strings.Split(row, "<td")
		for _, cell := range cells[1:] {
			name := readable(cells[0])
			rows[name] = append(rows[name], readable("<td"+cell))
		}
	}
	shown, withheld := 0, 0
	engagement := o.report("engagement", "by=department&wave=2") // the newest that has closed
	for _, f := range engagement.Figures {
		value, ok := f.Segment["department"]
		if !ok || f.Measure != MeasureEngagement {
			continue
		}
		if value == "" {
			value = "невідомо"
		}
		cell := strings.Join(rows[value], "|")
		column := rows[value][1] // after the response rate
		if f.Withheld != nil {
			withheld++
			if !regexp.MustCompile(`^Не показано \d$`).MatchString(column) {
				t.Errorf("%s is withheld and its cell says %q", value, column)
			}
			continue
		}
		shown++
		want := words("uk").decimal(*f.Value, 1)
		if !strings.HasPrefix(column, want+" ") || !strings.HasSuffix(column, fmt.Sprintf("n = %d", *f.N)) {
			t.Errorf("%s: %q, want %s and n = %d (row %s)", value, column, want, *f.N, cell)
		}
	}
	if shown == 0 || withheld == 0 {
		t.Errorf("%d shown, %d withheld: the fixture is to have both", shown, withheld)
	}
	for _, cell := range rows["Treasury"] {
		if strings.Contains(cell, "n =") {
			t.Errorf("three people: %q", cell)
		}
	}
}

// TestOwnerPageIsWhole: every anchor leads somewhere, every label names
// something, ids are unique, nothing stands inline that the policy forbids, and
// the links to the reports work.
func TestOwnerPageIsWhole(t *testing.T) {
	o := staffed(t)
	for _, query := range []string{"lang=en", "lang=uk&by=department&wave=2", "lang=en&by=location"} {
		page := o.get("/programs/acme?"+query, "", o.key).Body.String()
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if ids[m[1]]++; ids[m[1]] > 1 {
				t.Errorf("%s: id %s stands twice", query, m[1])
			}
		}
		for _, m := range regexp.MustCompile(` (?:href="#|aria-labelledby="|for=")([^"]*)"`).FindAllStringSubmatch(page, -1) {
			for _, id := range strings.Fields(m[1]) {
				if ids[id] == 0 {
					t.Errorf("%s: nothing has the id %q", query, id)
				}
			}
		}
		for _, s := range []string{"<script", "style=", "<style", " onclick", "http://", "https://"} {
			if strings.Contains(page, s) {
				t.Errorf("%s: the page has %q", query, s)
			}
		}
		if trends := strings.Count(page, `<svg role="img"`); trends < 4 || strings.Count(page, "<caption>") < trends {
			t.Errorf("%s: %d trends, %d tables behind them", query, trends, strings.Count(page, "<caption>"))
		}
		links := regexp.MustCompile(`href="(/api/[^"]*/analytics/[^"]*)"`).FindAllStringSubmatch(page, -1)
		if len(links) != 5 || !strings.Contains(page, "/report.xlsx?lang="+query[5:7]) && !strings.Contains(page, "report.xlsx?by=") {
			t.Errorf("%s: links %v", query, links)
		}
		for _, m := range links {
			if w := o.get(html.UnescapeString(m[1]), "", o.key); w.Code != http.StatusOK {
				t.Errorf("%s: %s answers %d", query, m[1], w.Code)
			}
		}
		// The other language shows the same view.
		m := regexp.MustCompile(`<a href="\?([^"]*)" lang=`).FindStringSubmatch(page)
		asked, _ := url.ParseQuery(query)
		other, err := url.ParseQuery(html.UnescapeString(m[1]))
		if err != nil || other.Get("wave") != asked.Get("wave") || other.Get("by") != asked.Get("by") || other.Get("lang") == asked.Get("lang") {
			t.Errorf("%s: the other language is at %v", query, other)
		}
	}
}

func TestAxisHoldsItsFigures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{UnitIndex, UnitShare, UnitScore, UnitT, UnitShareDx, UnitCoef}).Draw(t, "unit")
		bounds := map[string][2]float64{UnitIndex: {0, 100}, UnitShare: {0, 1}, UnitScore: {-100, 100}, UnitT: {-30, 130},
			UnitShareDx: {-1, 1}, UnitCoef: {-1, 1}}[unit]
		var figures []Figure
		for range rapid.IntRange(1, 12).Draw(t, "waves") {
			v := rapid.Float64Range(bounds[0], bounds[1]).Draw(t, "value")
			low := rapid.Float64Range(bounds[0], v).Draw(t, "low")
			figures = append(figures, Figure{Unit: unit, Value: &v, Low: &low, High: &v})
		}
		a := axisOf(figures)
		for _, f := range figures {
			for _, v := range []float64{*f.Value, *f.Low} {
				if y := a.y(v); y < -1e-9 || y > drawing+1e-9 {
					t.Fatalf("%v lies at %v of an axis from %v to %v", v, y, a.low, a.high)
				}
			}
		}
		middle := (a.low + a.high) / 2
		if middle != math.Trunc(middle) || unit != UnitT && unit != UnitCoef && (a.low < bounds[0]*a.scale || a.high > bounds[1]*a.scale) {
			t.Fatalf("the axis runs from %v to %v", a.low, a.high)
		}
	})
}

func TestTrendBreaksWhereAFigureIsWithheld(t *testing.T) {
	b := &board{words: "en", used: map[string]bool{}}
	var figures []Figure
	for i, v := range []float64{40, 50, 0, 60, 0, 55, 65} {
		f := Figure{Measure: MeasureEngagement, Unit: UnitIndex, Wave: testStart.AddDate(0, 0, 14*i).Format(time.DateOnly)}
		if v == 0 {
			f.Withheld = &Withheld{Code: CodeTooFew, Reason: "too few"}
		} else {
			low, high, n := v-5, v+5, 20
			f.Value, f.Low, f.High, f.N = &v, &low, &high, &n
		}
		figures = append(figures, f)
	}
	open := Wave{Label: figures[6].Wave, Open: true}
	got := b.newTrend("Index", "", figures, []Wave{open}, axisOf(figures))
	if strings.Count(got.Line, "M") != 2 || strings.Count(got.Whiskers, "M") != 1 || strings.Count(got.Dots, "M") != 4 || strings.Count(got.OpenDots, "M") != 1 {
		t.Errorf("line %q, whiskers %q, dots %q, open %q", got.Line, got.Whiskers, got.Dots, got.OpenDots)
	}
	if row := got.Rows[2]; row.Withheld != "too few" || row.Value != "" || row.N != "" {
		t.Errorf("a withheld wave: %+v", row)
	}
	if !strings.HasPrefix(got.Description, "5 waves: from 40.0 (5") || got.Mark != "" || !got.Drawn {
		t.Errorf("%q, %q, %v", got.Description, got.Mark, got.Drawn)
	}
	if one := b.newTrend("Index", "", figures[:1], nil, axisOf(figures[:1])); one.Drawn || one.Description == "" {
		t.Errorf("one wave: %+v", one)
	}
}
