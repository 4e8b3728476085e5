package survey_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/survey"
)

func (p *place) ownerRouter() (http.Handler, []string) {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	owners := access.NewOwners(testSecret)
	api := survey.NewOwnerAPI(p.programs, p.pulse, "https://pulse.example")
	api.Routes(r.Group("/programs/:id", owners.Require(p.programs)))
	api.OperatorRoutes(r.Group("/programs/:id", access.NewOperators(testSecret).Require(p.programs)))
	return r, []string{"Authorization", "Bearer " + owners.Key(p.program)}
}

// Whoever has the links can read every answer, so an owner's key does not open
// them.
func TestLinksAreTheOperatorsAlone(t *testing.T) {
	p := opened(t)
	r, key := p.ownerRouter()
	if w := call(r, http.MethodGet, "/programs/acme/links.csv", "", key...); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "/s/") {
		t.Errorf("with the owner's key: %d %s", w.Code, w.Body)
	}
	operator := []string{"Authorization", "Bearer " + access.NewOperators(testSecret).Key(p.program.ID)}
	if w := call(r, http.MethodPost, "/programs/acme/roster", "x", operator...); w.Code != http.StatusUnauthorized {
		t.Errorf("the operator's key opens an owner's endpoint: %d", w.Code)
	}
}

func TestHelpReachesTheOwner(t *testing.T) {
	p := opened(t)
	api := p.router()
	r, key := p.ownerRouter()
	help := func() string {
		t.Helper()
		w := call(r, http.MethodGet, "/programs/acme/help", "", key...)
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	for n, want := range []string{"yes", "no"} {
		token := p.token(t, n)
		all := answersTo(read(t, api, token))
		for i := range all {
			if all[i].Item == "help" {
				all[i].Choices = []string{want}
			}
		}
		if w := call(api, http.MethodPut, "/api/v1/s/"+token, submission(true, all...)); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	const want = `{"requests":[{"wave":"2026-01-05","name":"Name-e1","email":"e1@acme.example","role":"mentor"}]}`
	if got := help(); got != want {
		t.Errorf("%s; want who asked, and nothing else they said: %s", got, want)
	}
}

func TestRosterOverHTTP(t *testing.T) {
	p := sample(t, func(p *place) {
		p.program.Attributes = nil
		p.people.Participants, p.people.Pairs, p.people.Goals = nil, nil, nil
	})
	r, key := p.ownerRouter()
	file, err := os.ReadFile("../docs/roster-example.csv")
	if err != nil {
		t.Fatal(err)
	}
	post := func(path, body string) (int, map[string]any) {
		t.Helper()
		w := call(r, http.MethodPost, "/programs/acme/roster"+path, body, key...)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
		return w.Code, answer
	}
	people := func() int {
		t.Helper()
		all, err := p.programs.Participants(context.Background(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	added := func(answer map[string]any) float64 {
		return answer["participants"].(map[string]any)["added"].(float64)
	}
	if status, answer := post("?preview=true", string(file)); status != 200 || added(answer) == 0 || people() != 0 {
		t.Fatalf("preview: %d %v, %d stored", status, answer, people())
	}
	if status, answer := post("", string(file)); status != 200 || int(added(answer)) != people() {
		t.Fatalf("import: %d %v, %d stored", status, answer, people())
	}
	stored := people()
	if status, answer := post("", string(file)); status != 200 || added(answer) != 0 || people() != stored {
		t.Errorf("the same again: %d %v", status, answer)
	}
	for _, mistyped := range []string{"?preveiw=true", "?preview=yes"} {
		if status, answer := post(mistyped, string(file)); status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", mistyped, status, answer)
		}
	}
	bad := "email,role,partner\na@x.example,mentor,b@x.example\nA@x.example,mentor,\n,captain,\n"
	status, answer := post("", bad)
	if status != http.StatusUnprocessableEntity || people() != stored {
		t.Errorf("with mistakes: %d, %d stored", status, people())
	}
	seen := map[string]bool{}
	for _, e := range answer["errors"].([]any) {
		seen[e.(map[string]any)["item"].(string)] = true
	}
	for _, cell := range []string{"C2", "A3", "B4"} {
		if !seen[cell] {
			t.Errorf("nothing about %s: %v", cell, answer["errors"])
		}
	}
	if status, _ := post("", strings.Repeat("x", 21<<20)); status != http.StatusUnprocessableEntity {
		t.Errorf("21 MB: %d", status)
	}
}

func TestLinksAsCSV(t *testing.T) {
	p := opened(t, func(p *place) { p.people.Participants[0].Name = `=HYPERLINK("x")` })
	r, _ := p.ownerRouter()
	key := []string{"Authorization", "Bearer " + access.NewOperators(testSecret).Key(p.program.ID)}
	w := call(r, http.MethodGet, "/programs/acme/links.csv", "", key...)
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || w.Code != http.StatusOK || len(rows) != 4 {
		t.Fatalf("%d %v %v", w.Code, err, rows)
	}
	api := p.router()
	for _, row := range rows[1:] {
		if strings.HasPrefix(row[1], "=") {
			t.Errorf("a formula: %q", row[1])
		}
		_, token, ok := strings.Cut(row[5], "https://pulse.example/s/")
		if res := call(api, http.MethodGet, "/api/v1/s/"+token, ""); !ok || res.Code != http.StatusOK {
			t.Errorf("link %q: %d", row[5], res.Code)
		}
	}
}
