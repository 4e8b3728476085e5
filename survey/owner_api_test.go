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
	survey.NewOwnerAPI(p.programs, p.pulse, "https://pulse.example").Routes(r.Group("/programs/:id", owners.Require(p.programs)))
	return r, []string{"Authorization", "Bearer " + owners.Key(p.program)}
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
	r, key := p.ownerRouter()
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
