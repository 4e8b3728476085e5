package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// wording is a text, or texts by language.
type wording map[string]string

func (wording) Shapes() []any { return []any{"", map[string]string{}} }

func (w *wording) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*w = wording{"": text}
		return nil
	}
	return json.Unmarshal(data, (*map[string]string)(w))
}

type thing struct {
	Name  string     `json:"name"`
	Title wording    `json:"title"`
	Value *float64   `json:"value,omitempty"`
	Tags  []string   `json:"tags"`
	At    *time.Time `json:"at"`
}

type things struct {
	Things []thing `json:"things"`
	Final  bool    `json:"final"`
}

// read sends a body to a handler that takes things.
func read(body, lang string) (*httptest.ResponseRecorder, things) {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	var got things
	r.PUT("/", web.JSON(func(c *gin.Context) error {
		return web.Document{Limit: 2 << 10, Example: `{"things":[]}`}.Read(c, &got)
	}))
	req := httptest.NewRequest(http.MethodPut, "/?lang="+lang, strings.NewReader(body))
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w, got
}

func TestWhatIsWrongInADocumentIsNamed(t *testing.T) {
	long := strings.Repeat("x", 500)
	for _, test := range []struct {
		body   string
		status int
		item   string
		uk, en string
	}{
		{"", 400, "", "Документ порожній.", "The document is empty."},
		{" \n ", 400, "", "порожній", "empty"},
		{"name=1", 400, "", "Рядок 1, символ 2: «a»", "Line 1, character 2: “a”"},
		{"{\"things\":\n [є]}", 400, "", "Рядок 2, символ 3: «є»", "Line 2, character 3: “є”"},
		{`{"things": [`, 400, "", "обривається в рядку 1 на символі 13", "breaks off at line 1, character 13"},
		{`{"things": "` + long, 400, "", "обривається", "breaks off"},
		{`{"things":[]} {}`, 400, "", "символ 15: документ уже закінчився", "character 15: the document has ended"},
		{`[]`, 400, "", "Документ: має бути об’єкт {…}, а є список […].", "The document: expected an object {…}, found a list […]."},
		{`"text"`, 400, "", `а є текст "…"`, `found a text "…"`},
		{`5`, 400, "", "а є число", "found a number"},
		{`null`, 400, "", "а є null", "found null"},
		{`false`, 400, "", "а є true чи false", "found true or false"},
		{`{"thing":[]}`, 400, "thing", "thing: такого поля немає. Можливі: things, final.", "thing: there is no such field. Possible: things, final."},
		{`{"Things":[]}`, 400, "Things", "такого поля немає", "no such field"},
		{`{"` + long + `":1}`, 400, strings.Repeat("x", 59) + "…", "x…: такого", "x…: there"},
		{`{"things":[],"things":[]}`, 400, "things", "вказано двічі", "twice"},
		{`{"things":{}}`, 400, "things", "things: має бути список […], а є об’єкт {…}", "things: expected a list […], found an object {…}"},
		{`{"things":[{},5]}`, 400, "things[1]", "things[1]: має бути об’єкт", "things[1]: expected an object"},
		{`{"things":[null]}`, 400, "things[0]", "а є null", "found null"},
		{`{"things":[{"name":5}]}`, 400, "things[0].name", `things[0].name: має бути текст "…", а є число`, `things[0].name: expected a text "…", found a number`},
		{`{"things":[{"title":5}]}`, 400, "things[0].title", `має бути текст "…" або об’єкт {…}, а є число`, `expected a text "…" or an object {…}, found a number`},
		{`{"things":[{"title":{"uk":[]}}]}`, 400, "things[0].title.uk", "а є список", "found a list"},
		{`{"things":[{"value":"5"}]}`, 400, "things[0].value", "має бути число", "expected a number"},
		{`{"things":[{"value":1e999}]}`, 400, "things[0].value", "число 1e999 завелике", "number 1e999 is too large"},
		{`{"things":[{"tags":["a",1]}]}`, 400, "things[0].tags[1]", "має бути текст", "expected a text"},
		{`{"things":[{"at":"yesterday"}]}`, 400, "things[0].at", "«yesterday» – не час", "“yesterday” is no time"},
		{`{"final":"yes"}`, 400, "final", "має бути true чи false", "expected true or false"},
		{`{"final":1,"things":7}`, 400, "things", "Усього таких помилок – 2.", "2 such problems in all"},
		{`{"things":[` + strings.Repeat("7,", 900) + `7]}`, 400, "things[19]", "901", "901"},
		{"{\"things\":[{\"name\":\"\xff\"}]}", 400, "", "UTF-8", "UTF-8"},
		{strings.Repeat(" ", 3<<10), 413, "", "щонайбільше 2 кБ", "at most 2 kB"},
	} {
		for lang, says := range map[string]string{"uk": test.uk, "en": test.en} {
			w, _ := read(test.body, lang)
			var p web.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%.60s: %v in %s", test.body, err, w.Body)
			}
			found := test.item == ""
			text := p.Detail
			for _, e := range p.Errors {
				found = found || e.Item == test.item
				text += e.Detail
			}
			if w.Code != test.status || !found || !strings.Contains(text, says) || len(p.Errors) > 20 {
				t.Errorf("%.60s in %s: %d %s; want %q at %q", test.body, lang, w.Code, w.Body, says, test.item)
			}
			for _, not := range []string{"json:", "Go ", "struct", "no value", "json-", "web_test"} {
				if strings.Contains(text, not) {
					t.Errorf("%.60s in %s says %q: %s", test.body, lang, not, text)
				}
			}
			if p.Errors != nil && !strings.Contains(p.Detail, `{"things":[]}`) {
				t.Errorf("%.60s in %s has no example: %s", test.body, lang, p.Detail)
			}
		}
	}
}

func TestADocumentIsReadAsItIsWritten(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                               `{[] false}`,
		" \ufeff{}"[1:]:                    `{[] false}`,
		`{"things":null,"final":null}`:     `{[] false}`,
		"{\"things\":[],\"final\":true}\n": `{[] true}`,
		`{"things":[{"name":"a","title":"T","value":null,"tags":["b"],"at":null}]}`: `{[{a map[:T] <nil> [b] <nil>}] false}`,
		`{"things":[{"name":"a","title":{"uk":"Т"}}]}`:                              `{[{a map[uk:Т] <nil> [] <nil>}] false}`,
	} {
		w, got := read(body, "en")
		if text := fmt.Sprint(got); w.Code != http.StatusOK || text != want {
			t.Errorf("%s: %d %s %s", body, w.Code, text, w.Body)
		}
	}
	if _, got := read(`{"things":[{"value":-0.5,"at":"2026-03-02T09:30:00.5+02:00"}]}`, "en"); len(got.Things) != 1 || *got.Things[0].Value != -0.5 || got.Things[0].At.Minute() != 30 {
		t.Errorf("%+v", got)
	}
}
