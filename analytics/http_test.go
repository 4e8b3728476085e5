package analytics

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func (f *fixture) get(path, accept string) (int, map[string]any, string) {
	f.t.Helper()
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	api := router.Group("/api/v1")
	f.service.PublicRoutes(api)
	f.service.Routes(api.Group("/programs/:id"))
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	router.ServeHTTP(w, request)
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		f.t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	return w.Code, body, w.Body.String()
}

func TestBadRequestsAreRefusedWithWhatIsWrong(t *testing.T) {
	f := newFixture(t, 2)
	f.population(1, 60)
	other := survey.Wave{ID: program.DeriveID("other"), SurveyID: program.DeriveID("s"), ProgramID: "other", Number: 77, Occurrence: "2026-07-07",
		Opens: testStart, Closes: testStart, QuestionnaireID: "test", QuestionnaireVersion: 1}
	f.must(f.surveys.PutWave(t.Context(), other))
	ahead := other
	ahead.ProgramID, ahead.Occurrence, ahead.Number, ahead.Opens = f.program.ID, "2027-01-01", 9, testStart.AddDate(1, 0, 0)
	f.must(f.surveys.PutWave(t.Context(), ahead))
	for _, report := range slices.Sorted(maps.Keys(f.service.reports())) {
		base := "/api/v1/programs/acme/analytics/" + report
		for _, test := range []struct {
			path   string
			status int
			says   string
		}{
			{base + "?by=shoe-size", 400, "shoe-size"},
			{base + "?by=department,location,department", 400, "too-many-attributes"},
			{base + "?by=department,department", 400, "«department»"},
			{base + "?by=department,", 400, "«department,»"},
			{base + "?by=,department", 400, "missing-attribute"},
			{base + "?by=,", 400, "department, location"},
			{base + "?by=department,,location", 400, "missing-attribute"},
			{base + "?compare=yesterday", 400, "yesterday"},
			{base + "?wave=2..1", 400, "«1»"},
			{base + "?wave=1..77", 404, "77"},
			{base + "?wave=2026-01-05..2027-01-01", 400, "2027-01-01"},
			{base + "?wave=1..2..3", 404, "2..3"},
			{base + "?by=role", 400, "role"},
			{base + "?role=boss", 400, "boss"},
			{base + "?wave=2026-07-07", 404, "2026-07-07"}, // another programme's
			{base + "?wave=77", 404, "77"},
			{base + "?wave=2027-01-01", 400, "2027-01-01"},
			{base + "?wave=%00%27%3BDROP", 404, "DROP"},
			{base + "?by=department;role=mentor", 400, "%3B"}, // half of it would be lost
			{base + "?wave=%zz", 400, "%zz"},
			{base + "?wave=-1", 404, "-1"},
			{base + "?departmnet=IT", 400, "departmnet"},
			{base + "?=IT", 400, "«=IT»"},
			{base + "?by=%00", 400, "«\ufffd»"},
			{base + "?lang=xx", 400, "unknown-language"},
			{base + "?by=" + strings.Repeat("ї", 15_000), 400, "«" + strings.Repeat("ї", 59) + "…»"},
			{base + "?wave=" + strings.Repeat("9", 30_000), 404, "9…"},
			{base + "?role=" + strings.Repeat("b", 30_000), 400, "b…"},
			{base + "?" + strings.Repeat("p", 30_000) + "=1", 400, "p…"},
			{base + "?wave=%zz" + strings.Repeat("w", 30_000), 400, "w…"},
			{base + "?by=department&by=location", 400, "by"},
			{"/api/v1/programs/nobody/analytics/" + report, 404, "nobody"},
			{base, 200, ""},
			{base + "?by=department,location&compare=baseline", 200, ""},
			{base + "?wave=1..2&compare=comparison", 200, ""},
			{base + "?wave=..1&by=location", 200, ""},
			{base + "?wave=2..&role=mentor&compare=previous", 200, ""},
			{base + "?wave=2", 200, ""},
			{base + "?wave=latest&by=department&role=mentor", 200, ""},
			{base + "?wave=2026-01-05&role=comparison", 200, ""},
		} {
			for _, lang := range []string{"uk", "en"} {
				status, body, text := f.get(test.path, lang)
				if lang == "en" {
					test.says = strings.NewReplacer("«", "“", "»", "”").Replace(test.says)
				}
				if status != http.StatusOK && len(text) > 1500 {
					t.Errorf("%.80s: a problem of %d bytes", test.path, len(text))
				}
				if status != test.status || !strings.Contains(text, test.says) {
					t.Errorf("%s: %d %v; want %d with %q", test.path, status, body["detail"], test.status, test.says)
				}
				if status == http.StatusOK && (body["lang"] != lang || strings.Contains(text, "NaN") || strings.Contains(text, "Inf")) {
					t.Errorf("%s in %s: lang %v", test.path, lang, body["lang"])
				}
				if status != http.StatusOK && (body["type"] == nil || body["title"] == "" || isCyrillic(fmt.Sprint(body["title"])) != (lang == "uk")) {
					t.Errorf("%s in %s: problem %v", test.path, lang, body)
				}
			}
		}
	}
	if status, body, _ := f.get("/api/v1/measures?lang=uk", "en"); status != 200 || len(body["measures"].([]any)) < 30 {
		t.Errorf("measures: %d, %v", status, body)
	}
}

func isCyrillic(s string) bool { return strings.ContainsAny(s, "аеиіоуяє") }

// constants reads the values of the package's string constants whose names
// begin with prefix.
func constants(t *testing.T, prefix string) []string {
	t.Helper()
	var values []string
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, prefix) && len(spec.Values) == 1 {
				if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, _ := strconv.Unquote(lit.Value)
					values = append(values, s)
				}
			}
			return true
		})
	}
	return values
}

// TestEveryMeasureIsDefined: each measure has one complete definition in both
// languages, each reason its words, and nothing is defined that is not used.
func TestEveryMeasureIsDefined(t *testing.T) {
	f := newFixture(t, 0)
	units, measures := constants(t, "Unit"), constants(t, "Measure")
	seen := map[string]bool{}
	for _, lang := range []string{"uk", "en"} {
		for _, d := range f.service.Definitions(lang) {
			if !slices.Contains(measures, d.ID) || !slices.Contains(units, d.Unit) || !strings.HasPrefix(d.ID, d.Report+".") {
				t.Errorf("%s: unit %s, report %s", d.ID, d.Unit, d.Report)
			}
			for _, text := range []string{d.Title, d.Formula, d.Reading} {
				if text == "" || isCyrillic(text) != (lang == "uk") && text != "eNPS" {
					t.Errorf("%s in %s: %q", d.ID, lang, text)
				}
			}
			if seen[lang+d.ID] {
				t.Errorf("%s is defined twice", d.ID)
			}
			seen[lang+d.ID] = true
		}
		for _, code := range constants(t, "Code") {
			if text := f.service.messages.T(lang, code, "k", 5); text == code || isCyrillic(text) != (lang == "uk") {
				t.Errorf("reason %s in %s: %q", code, lang, text)
			}
		}
	}
	for _, m := range measures {
		if !seen["uk"+m] || !seen["en"+m] {
			t.Errorf("%s is not defined", m)
		}
	}
}

// TestUkrainianTypography: spaced en dashes, a space before the percent sign, and
// the roster's word for the executives.
func TestUkrainianTypography(t *testing.T) {
	data, err := messageFiles.ReadFile("messages.uk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(data)}
	for _, d := range newFixture(t, 0).service.Definitions("uk") {
		texts = append(texts, d.Title+"\n"+d.Formula+"\n"+d.Reading)
	}
	wrong := regexp.MustCompile(`.*(—|[^a][0-9]%|[Кк]ерівник|за людьми|за парами|за тими).*`)
	for _, text := range texts {
		if at := wrong.FindString(text); at != "" {
			t.Errorf("%s", at)
		}
	}
}

func TestWaveByNumberDateAndLatest(t *testing.T) {
	f := newFixture(t, 3)
	f.service.now = func() time.Time { return f.waves[2].Opens.Add(time.Hour) }
	f.population(1, 60)
	for name, want := range map[string]int{"2": 2, f.waves[0].Occurrence: 1, "latest": 3, "": 3} {
		report := f.report(f.service.Engagement, Query{Wave: name})
		if report.Wave.Number != want || len(report.Waves) != 3 || (report.Series == nil) != (name != "") {
			t.Errorf("%q: wave %d of %d, %d in series", name, report.Wave.Number, len(report.Waves), len(report.Series))
		}
		if report.Wave.Open != (want == 3) {
			t.Errorf("%q: open %v", name, report.Wave.Open)
		}
	}
}

// TestEveryQueryIsExecuted runs every report over data of every kind, and so
// every statement: each file belongs to one of them.
func TestEveryQueryIsExecuted(t *testing.T) {
	executed := map[string]string{"scale.sql": scaleSQL, "paired.sql": pairedSQL, "clusters.sql": clustersSQL, "participation.sql": participationSQL,
		"lives.sql": livesSQL, "cohorts.sql": cohortsSQL, "goals.sql": goalsSQL, "agreement.sql": agreementSQL, "invited.sql": invitedSQL,
		"kept.sql": keptSQL, "rewrites.sql": rewritesSQL, "help.sql": helpSQL,
		"goals_paired.sql": goalsPairedSQL, "goal_histories.sql": goalHistoriesSQL,
		"counts.sql": countsSQL, "goals_state.sql": goalsStateSQL, "histories.sql": historiesSQL, "leavers.sql": leaversSQL, "scores.sql": scoresSQL, "drivers.sql": driversSQL,
		"pairs.sql": pairsSQL, "rated.sql": ratedSQL, "gaps.sql": gapsSQL, "gaps_goals.sql": goalGapsSQL, "commenters.sql": commentersSQL, "comments.sql": commentsSQL, "roster_names.sql": rosterNamesSQL}
	f := newFixture(t, 2)
	f.population(4, 90)
	for _, by := range []string{"", "location"} {
		for _, call := range f.service.reports() {
			f.report(call, Query{By: by})
		}
	}
	f.overview(Query{})
	f.pairs(PairsQuery{})
	f, _ = ratedTwice(t, 30, func(w, pair, _ int) bool { return w == 1 && pair < 6 })
	f.report(f.service.Goals, Query{})
	f = newCommentsFixture(t, 2)
	for i := range 12 {
		f.say(1, fmt.Sprint("writer", i), program.Mentor, map[uint16]string{20: "So."})
	}
	f.store()
	if report := f.comments(CommentsQuery{}); report.N != 12 {
		t.Errorf("%d comments", report.N)
	}
	entries, err := os.ReadDir("queries")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if sql := executed[e.Name()]; !strings.Contains(sql, "WHERE program_id = {program:String}") {
			t.Errorf("%s belongs to no report, or is not of one programme", e.Name())
		}
	}
}
