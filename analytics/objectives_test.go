package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
)

// send asks the programme's own endpoints, held against the contract when what is
// sent keeps to it.
func (f *fixture) send(method, path, body string, valid bool, headers ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	f.service.Routes(router.Group("/api/v1/programs/:id"))
	var handler http.Handler = router
	if valid {
		handler = openapitest.Wrap(f.t, router)
	}
	request := httptest.NewRequest(method, "/api/v1/programs/acme"+path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth("", "a key, which is not checked here")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request)
	return w
}

const goodObjective = `{"code": "calm", "title": "Calm", "measure": "engagement.index", "at_least": 60}`

func TestWrongObjectivesAreNamedAndNothingIsStored(t *testing.T) {
	f := newFixture(t, 1)
	if w := f.send("PUT", "/objectives", `{"objectives": [`+goodObjective+`]}`, true); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	before := f.send("GET", "/objectives", "", true)
	wrong := func(change string) string { // a good objective with a field more, or another
		return `{"objectives": [` + goodObjective + `, ` + change + `]}`
	}
	long := strings.Repeat("x", 300)
	for _, test := range []struct {
		body       string
		item, code string
		says       string
	}{
		{`{}`, "objectives", "no-list", "[]"},
		{`{"objectives": null}`, "objectives", "no-list", "[]"},
		{`{"objectives": [` + strings.TrimSuffix(strings.Repeat(goodObjective+",", 51), ",") + `]}`, "objectives", "too-many", "51"},
		{wrong(goodObjective), "objectives[1].code", "repeated", "calm"},
		{wrong(`{"title": "T", "measure": "engagement.index", "at_least": 1}`), "objectives[1].code", "missing", "code"},
		{wrong(`{"code": "Має бути slug", "title": "T", "measure": "engagement.index", "at_least": 1}`), "objectives[1].code", "bad-code", "slug"},
		{wrong(`{"code": "` + long + `", "title": "T", "measure": "engagement.index", "at_least": 1}`), "objectives[1].code", "bad-code", "64"},
		{wrong(`{"code": "a", "measure": "engagement.index", "at_least": 1}`), "objectives[1].title", "title-required", "uk"},
		{wrong(`{"code": "a", "title": "", "measure": "engagement.index", "at_least": 1}`), "objectives[1].title[en]", "title-required", "uk"},
		{wrong(`{"code": "a", "title": {"pl": "Tak"}, "measure": "engagement.index", "at_least": 1}`), "objectives[1].title[pl]", "title-oneof", "pl"},
		{wrong(`{"code": "a", "title": {"uk": "` + long + `"}, "measure": "engagement.index", "at_least": 1}`), "objectives[1].title[uk]", "title-max", "200"},
		{wrong(`{"code": "a", "title": "T", "at_least": 1}`), "objectives[1].measure", "missing", "measure"},
		{wrong(`{"code": "a", "title": "T", "measure": "happiness", "at_least": 1}`), "objectives[1].measure", "unknown-measure", "goals.expected"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.alpha", "at_least": 1}`), "objectives[1].measure", "unknown-measure", "engagement.alpha"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index"}`), "objectives[1].at_least", "required_without", "at_most"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": 1, "at_most": 2}`), "objectives[1].at_least", "excluded_with", "at_most"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": 101}`), "objectives[1].at_least", "target-range", "101"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_most": -0.1}`), "objectives[1].at_most", "target-range", "100"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": "70"}`), "objectives[1].at_least", "quoted", ": 70"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.favourability", "at_most": "0.6"}`), "objectives[1].at_most", "quoted", ": 0.6"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": 0.7}`), "objectives[1].at_least", "looks-like-share", " 70"},
		{wrong(`{"code": "a", "title": "T", "measure": "challenges.index", "at_most": 0.299}`), "objectives[1].at_most", "looks-like-share", " 29.9"},
		{wrong(`{"code": "a", "title": "T", "measure": "goals.t", "role": "mentor", "at_least": 0.5}`), "objectives[1].at_least", "looks-like-share", " 50"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": "NaN"}`), "objectives[1].at_least", "bad-target", "NaN"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": "many"}`), "objectives[1].at_least", "bad-target", "many"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "at_least": "60%"}`), "objectives[1].at_least", "no-percent", "100"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.favourability", "at_least": 60}`), "objectives[1].at_least", "share-range", "60"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.favourability", "at_least": "101%"}`), "objectives[1].at_least", "share-range", "100"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.enps", "at_least": -101}`), "objectives[1].at_least", "target-range", "-100"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.enps", "scale": "engagement", "at_least": 1}`), "objectives[1].scale", "no-scale", "engagement"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "scale": "digital", "at_least": 1}`), "objectives[1].scale", "unknown-scale", "engagement"},
		{wrong(`{"code": "a", "title": "T", "measure": "confidence.index", "at_least": 1}`), "objectives[1].scale", "which-scale", "digital, mentoring"},
		{wrong(`{"code": "a", "title": "T", "measure": "confidence.index", "scale": "digital", "role": "mentor", "at_least": 1}`), "objectives[1].role", "role-not-asked", "mentee"},
		{wrong(`{"code": "a", "title": "T", "measure": "goals.t", "at_least": 50}`), "objectives[1].role", "which-role", "mentor, mentee"},
		{wrong(`{"code": "a", "title": "T", "measure": "retention.relative-risk", "role": "mentor", "at_most": 1}`), "objectives[1].role", "whole-only", "retention.relative-risk"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "role": "comparison", "at_least": 1}`), "objectives[1].role", "bad-role", "comparison"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "by": "31.12.2026", "at_least": 1}`), "objectives[1].by", "datetime", "31.12.2026"},
		{wrong(`{"code": "a", "title": "T", "measure": "engagement.index", "by": "2026-02-30", "at_least": 1}`), "objectives[1].by", "datetime", "2026-02-30"},
	} {
		for _, lang := range []string{"uk", "en"} {
			for _, query := range []string{"?lang=", "?preview=true&lang="} {
				w := f.send("PUT", "/objectives"+query+lang, test.body, false)
				var problem struct {
					Title  string
					Errors []struct{ Item, Code, Detail string }
				}
				f.must(json.Unmarshal(w.Body.Bytes(), &problem))
				if w.Code != http.StatusUnprocessableEntity || isCyrillic(problem.Title) != (lang == "uk") {
					t.Errorf("%.120s: %d %s", test.body, w.Code, problem.Title)
				}
				found := false
				for _, e := range problem.Errors {
					found = found || e.Item == test.item && e.Code == test.code && strings.Contains(e.Detail, test.says)
					if strings.Contains(e.Detail, "objective-") || strings.Contains(e.Detail, "no value") || isCyrillic(strings.NewReplacer("Має бути", "").Replace(e.Detail)) != (lang == "uk") {
						t.Errorf("%.120s in %s: %s", test.body, lang, e.Detail)
					}
				}
				if !found {
					t.Errorf("%.120s: %s; want %s %s with %q", test.body, w.Body, test.item, test.code, test.says)
				}
			}
		}
	}
	for _, test := range []struct {
		path, body string
		status     int
		says       string
		headers    []string
	}{
		{"/objectives", `not JSON`, 400, "Line 1, character 2", nil},
		{"/objectives", ``, 400, "The document is empty", nil},
		{"/objectives", `[]`, 400, "The document: expected an object {…}, found a list", nil},
		{"/objectives", `null`, 400, "The document: expected an object {…}, found null", nil},
		{"/objectives", `{"objectives": [`, 400, "breaks off at line 1", nil},
		{"/objectives", `{"objectives": []} {}`, 400, "something follows", nil},
		{"/objectives", `{"objectives": {}}`, 400, "objectives: expected a list", nil},
		{"/objectives", `{"objectives": [{"title": ["T"]}]}`, 400, "objectives[0].title: expected a text", nil},
		{"/objectives", `{"objectives": [{"at_least": [1]}]}`, 400, "objectives[0].at_least: expected a number or a text", nil},
		{"/objectives", `{"objectives": [{"at_least": 1e999}]}`, 400, "objectives[0].at_least: the number 1e999", nil},
		{"/objectives", `{"objectives": [{"cod": "a"}]}`, 400, "cod", nil},
		{"/objectives", `{"objectives": [{}, {"code": 5}]}`, 400, "objectives[1].code: expected a text", nil},
		{"/objectives", "{\"objectives\": [{\"code\": \"\xff\"}]}", 400, "not-utf8", nil},
		{"/objectives", strings.Repeat(" ", 10<<20), 413, "128", nil},
		{"/objectives?preview=tru", `{"objectives": []}`, 400, "tru", nil},
		{"/objectives?prewiew=true", `{"objectives": []}`, 400, "prewiew", nil},
		{"/objectives", `{"objectives": []}`, 412, "If-Match", []string{"If-Match", `"of an older list"`}},
	} {
		w := f.send("PUT", test.path, test.body, false, append(test.headers, "Accept-Language", "en")...)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.says) {
			t.Errorf("%s %.60q: %d %s; want %d with %q", test.path, test.body, w.Code, w.Body, test.status, test.says)
		}
	}
	after := f.send("GET", "/objectives", "", true)
	if after.Body.String() != before.Body.String() || after.Header().Get("ETag") != before.Header().Get("ETag") || !strings.Contains(after.Body.String(), "calm") {
		t.Errorf("after: %s\nbefore: %s", after.Body, before.Body)
	}
	if w := f.send("PUT", "/objectives", `{"objectives": []}`, true, "If-Match", after.Header().Get("ETag")); w.Code != http.StatusOK {
		t.Errorf("with the tag that was read: %d %s", w.Code, w.Body)
	}
	if w := f.send("GET", "/objectives", "", true); strings.TrimSpace(w.Body.String()) != `{"objectives":[]}` {
		t.Errorf("after all were removed: %s", w.Body)
	}
}

func TestObjectivesAreTakenInWhateverFormIsGiven(t *testing.T) {
	f := newFixture(t, 1)
	body := `{"objectives": [
		{"code": "a", "title": {"uk": "Спокій", "en": "Calm"}, "measure": "engagement.favourability", "at_least": "62,5 %", "by": "2026-12-31"},
		{"code": "b", "title": "Sure", "measure": "confidence.index", "role": "mentee", "at_least": 70},
		{"code": "c", "title": "Stay", "measure": "retention.relative-risk", "at_most": 0.8},
		{"code": "d", "title": "Difference", "measure": "confidence.difference-in-differences", "scale": "mentoring", "at_least": -5}]}`
	preview := f.send("PUT", "/objectives?preview=true", body, true)
	if want := `{"preview":true,"added":4,"changed":0,"unchanged":0,"removed":0}`; strings.TrimSpace(preview.Body.String()) != want {
		t.Errorf("preview: %s", preview.Body)
	}
	put := f.send("PUT", "/objectives", body, true)
	got := f.send("GET", "/objectives", "", true)
	for _, want := range []string{`"at_least":0.625`, `"title":{"en":"Sure"}`, `"scale":"digital"`, `"at_most":0.8`, `"role":"mentor","at_least":-5`, `"by":"2026-12-31"`} {
		if !strings.Contains(got.Body.String(), want) {
			t.Errorf("no %s in %s", want, got.Body)
		}
	}
	if put.Body.String() != got.Body.String() || put.Header().Get("ETag") != got.Header().Get("ETag") {
		t.Errorf("put %s\ngot %s", put.Body, got.Body)
	}
	// What is read can be stored as it is, and then nothing has changed.
	again := f.send("PUT", "/objectives?preview=true", got.Body.String(), true)
	if want := `{"preview":true,"added":0,"changed":0,"unchanged":4,"removed":0}`; strings.TrimSpace(again.Body.String()) != want {
		t.Errorf("the same list: %s", again.Body)
	}
}

func TestObjectivesInYAMLHaveLines(t *testing.T) {
	f := newFixture(t, 1)
	list, line, err := ReadObjectives([]byte("# what we want\nobjectives:\n  - code: calm\n    title: Calm\n    measure: engagement.favourability\n    at_least: 60 %\n" +
		"  - code: sure\n    title: {en: Sure, pl: Tak}\n    measure: confidence.index\n\n    scale: digital\n    at_most: 400\n"))
	f.must(err)
	_, problems, err := f.service.CheckObjectives(t.Context(), f.program, list)
	f.must(err)
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprint(line(p), " ", p.Code))
	}
	if want := []string{"8 title-oneof", "12 target-range"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for text, want := range map[string]string{
		"objectives:\n  - cod: calm": "[2:5]", "objectives: 5": "[1:13]", "objectives:\n - {": "[2", strings.Repeat("# no\n", 100_000): "128",
	} {
		if _, _, err := ReadObjectives([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %s", text, err, want)
		}
	}
}

// setObjectives stores objectives with a code and title each.
func (f *fixture) setObjectives(list ...program.Objective) {
	f.t.Helper()
	for i := range list {
		list[i].Code = fmt.Sprint("o", i)
		list[i].Title = map[string]string{"en": "Objective", "uk": "Завдання"}
	}
	f.must(f.programs.SetObjectives(context.Background(), f.program.ID, list))
}

func (f *fixture) objectives(q Query) *ObjectiveReport {
	f.t.Helper()
	q.Program = f.program.ID
	report, err := f.service.Objectives(context.Background(), q)
	f.must(err)
	return report
}

// engage answers the engagement scale with a mean index, a little spread.
func (f *fixture) engage(wave int, people int, level, spread float32) {
	for i := range people {
		shift := spread
		if i/4%2 == 0 {
			shift = -spread
		}
		v := level + shift
		f.respond(wave, fmt.Sprint("p", i), program.Roles()[i%2], []string{"IT", "HR"}[i/2%2], "Kyiv", map[uint16]float32{1: v, 2: 6 - v, 3: v, 9: v})
	}
}

func TestObjectivesStandAsTheReportsSay(t *testing.T) {
	f := newFixture(t, 3)
	f.engage(0, 40, 2, 1) // index 25
	f.engage(1, 40, 3, 1) // 50
	f.engage(2, 40, 4, 1) // 75, the interval some points about it
	f.store()
	due := testStart.AddDate(0, 0, 7)
	f.setObjectives(
		program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 60, Due: due},
		program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 75},
		program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 85, Due: due},
		program.Objective{Measure: MeasureEngagement, Scale: "engagement", Role: program.Mentor, AtMost: true, Target: 20},
		program.Objective{Measure: MeasureConfidence, Scale: "digital", Role: program.Mentee, Target: 20},
		program.Objective{Measure: MeasureEngagement, Scale: "gone", Target: 20},
		program.Objective{Measure: "of-an-older-version", Target: 20},
		program.Objective{Measure: MeasureGoals, Role: program.Mentor, Target: 50},
	)
	engagement := f.report(f.service.Engagement, Query{})
	whole := find(t, engagement.Figures, MeasureEngagement, f.waves[2].Occurrence, "", "")
	for _, lang := range []string{"en", "uk"} {
		report := f.objectives(Query{Lang: lang})
		if report.Notice != nil || len(report.Objectives) != 8 || report.Wave.Number != 3 {
			t.Fatalf("%+v", report)
		}
		for i, want := range []struct {
			verdict  Verdict
			progress float64
			overdue  bool
			says     [2]string
		}{
			{Reached, 50.0 / 35, false, [2]string{"at least 60.0, and the whole interval meets it. That is 15.0\u00a0points beyond the target. It was 25.0 at the start.", "Це на 15,0\u00a0бала краще за цільове значення. На початку було 25,0."}},
			{ReachedUnsure, 1, false, [2]string{"but not certain", "не напевно"}},
			{NotYet, 50.0 / 60, true, [2]string{"83% of the way. The day set for it, 12", "83\u00a0% шляху. Визначений день, 12.01.2026"}},
			{NotYet, -50 / -5.0 * -1, false, [2]string{"moved away", "віддалився"}},
			{NotToBeTold, math.NaN(), false, [2]string{"Cannot be told", "не можна сказати"}},
			{NotToBeTold, math.NaN(), false, [2]string{"not asked", "не запитували"}},
			{NotToBeTold, math.NaN(), false, [2]string{"not asked", "не запитували"}},
			{NotToBeTold, math.NaN(), false, [2]string{"rated its goals", "не оцінила цілей"}},
		} {
			o := report.Objectives[i]
			says := want.says[0]
			if lang == "uk" {
				says = want.says[1]
			}
			if o.Verdict != want.verdict || o.Overdue != want.overdue || !strings.Contains(o.Reading, says) || (o.Figure.Value == nil) != (o.Verdict == NotToBeTold) {
				t.Errorf("%d: %s, overdue %v: %s; want %s, %q", i, o.Verdict, o.Overdue, o.Reading, want.verdict, says)
			}
			if math.IsNaN(want.progress) != (o.Progress == nil) || o.Progress != nil && i != 3 && math.Abs(*o.Progress-want.progress) > 1e-9 {
				t.Errorf("%d: progress %v, want %v", i, o.Progress, want.progress)
			}
			if (o.Baseline == nil) != (o.NoBaseline != nil) || (o.Progress == nil) != (o.NoProgress != nil) {
				t.Errorf("%d: baseline %v without %v, progress %v without %v", i, o.Baseline, o.NoBaseline, o.Progress, o.NoProgress)
			}
		}
		first := report.Objectives[0]
		if *first.Figure.Value != *whole.Value || *first.Figure.Low != *whole.Low || *first.Baseline.Value != 25 || first.Baseline.Wave != f.waves[0].Occurrence {
			t.Errorf("figure %+v of baseline %+v", first.Figure, first.Baseline)
		}
	}
	if o := f.objectives(Query{Wave: "2"}).Objectives[0]; o.Figure.Wave != f.waves[1].Occurrence || *o.Figure.Value != 50 {
		t.Errorf("as of wave 2: %+v", o.Figure)
	}
	if o := f.objectives(Query{Wave: "1"}).Objectives[0]; *o.Figure.Value != 25 || o.Baseline != nil || o.Progress != nil ||
		code(o.NoBaseline) != CodeNoEarlier || code(o.NoProgress) != CodeNoEarlier || !strings.Contains(o.Reading, o.NoProgress.Reason) {
		t.Errorf("as of wave 1: %+v", o)
	}
	f.setObjectives(program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 20}, program.Objective{Measure: MeasureResponseRate, Target: .6})
	if o := f.objectives(Query{}).Objectives[0]; *o.Baseline.Value != 25 || o.NoBaseline != nil || o.Progress != nil || code(o.NoProgress) != CodeMetAtStart {
		t.Errorf("met from the start: %+v", o)
	}
	if o := f.objectives(Query{}).Objectives[1]; code(o.NoBaseline) != code(o.Figure.Withheld) || o.NoProgress == nil {
		t.Errorf("not measured: %+v", o)
	}
	f.setObjectives(program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 60})
	// The open wave still changes.
	f.service.now = func() time.Time { return f.waves[2].Opens.Add(time.Hour) }
	if report := f.objectives(Query{}); report.Wave.Number != 2 || *report.Objectives[0].Figure.Value != 50 {
		t.Errorf("while wave 3 is open: %+v", report.Objectives[0])
	}
}

// What a reading says is true of the numbers beside it.
func TestReadingsOfObjectives(t *testing.T) {
	for _, test := range []struct {
		unit                    string
		baseline, value, target float64
		most                    bool
		en, uk, wayEn, wayUk    string
	}{
		{UnitIndex, 50, 73.3, 65, false, "That is 8.3\u00a0points beyond the target. It was 50.0", "Це на 8,3\u00a0бала краще за цільове значення. На", "8.3\u00a0points beyond the target", "на 8,3\u00a0бала краще за ціль"},
		{UnitIndex, 50, 20, 30, true, "That is 10.0\u00a0points beyond the target.", "на 10,0\u00a0бала краще", "10.0\u00a0points beyond", "на 10,0\u00a0бала"},
		{UnitShare, 0.5, 0.652, 0.6, false, "That is 5.2\u00a0pp beyond the target.", "Це на 5,2\u00a0в.\u00a0п. краще за цільове значення. На", "5.2\u00a0pp beyond", "на 5,2\u00a0в.\u00a0п."},
		{UnitIndex, 50, 65, 65, false, "at least 65.0. It was 50.0 at the start.", "щонайменше 65,0. На початку", "100% of the way", "пройдено 100\u00a0% шляху"},
		{UnitIndex, 50, 64.97, 65, false, "Not yet: 64.97 (there is no interval); the target is at least 65.00. From 50.0 at the start that is 99% of the way.", "64,97", "99% of the way", "99\u00a0%"},
		{UnitIndex, 50, 50.02, 65, false, "It was the same at the start.", "На початку було стільки само.", "0% of the way", "0\u00a0%"},
		{UnitIndex, 50, 40, 65, false, "so it has moved away", "віддалився", "further from the target than at the start", "далі від цілі, ніж на початку"},
		{UnitIndex, 70, 60, 65, false, "Not yet: 60.0 (there is no interval); the target is at least 65.0. It was 70.0 at the start, which met the target already.", "тоді ціль уже було досягнуто", "", ""},
	} {
		o := program.Objective{Target: test.target, AtMost: test.most}
		one := ObjectiveStatus{Direction: directionLeast, Target: test.target, Figure: Figure{Unit: test.unit, Value: &test.value}, Baseline: &Figure{Value: &test.baseline},
			Progress: progress(test.baseline, test.value, o)}
		if test.most {
			one.Direction = directionMost
		}
		one.Verdict = verdictOn(one.Figure, o)
		for lang, want := range map[words][2]string{"en": {test.en, test.wayEn}, "uk": {test.uk, test.wayUk}} {
			if text := lang.objective(one); !strings.Contains(text, want[0]) {
				t.Errorf("%v: %s; want %s", test, text, want[0])
			}
			if (one.Progress == nil) != (want[1] == "") || one.Progress != nil && !strings.Contains(lang.way(one), want[1]) {
				t.Errorf("%v: the way is not %s", test, want[1])
			}
		}
	}
}

func TestAScaleIsNamedOnce(t *testing.T) {
	for _, test := range [][3]string{
		{"Намір залишитися", "Намір залишитися", "Намір залишитися"}, {"Індекс переваги", "Грамотність", "Індекс переваги – Грамотність"}, {"Частка відповідей", "", "Частка відповідей"},
	} {
		if got := fullTitle(test[0], test[1]); got != test[2] {
			t.Errorf("%s, want %s", got, test[2])
		}
	}
}

func TestWithoutObjectivesItIsSaidHowToSetThem(t *testing.T) {
	for _, waves := range []int{0, 1} {
		f := newFixture(t, waves)
		for lang, want := range map[string]string{"en": "mentorpulse objectives PROGRAM FILE", "uk": "mentorpulse objectives ПРОГРАМА ФАЙЛ"} {
			report := f.objectives(Query{Lang: lang})
			if report.Notice == nil || report.Notice.Code != CodeNoObjectives || !strings.Contains(report.Notice.Reason, want) || report.Objectives == nil {
				t.Errorf("%s: %+v", lang, report)
			}
			// The example is one that can be stored.
			_, example, _ := strings.Cut(report.Notice.Reason, ": ")
			if w := f.send("PUT", "/objectives?preview=true", strings.TrimSpace(example), true); waves > 0 && w.Code != http.StatusOK {
				t.Errorf("the example is refused: %d %s", w.Code, w.Body)
			}
		}
		f.setObjectives(program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 60})
		if o := f.objectives(Query{}).Objectives[0]; o.Verdict != NotToBeTold || o.Figure.Withheld == nil {
			t.Errorf("%d waves: %+v", waves, o)
		}
	}
}

// A verdict never says more than value and interval do.
func TestVerdictsFollowFromTheFigure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(0, 100).Draw(t, "value")
		f := Figure{Value: &value}
		if rapid.Bool().Draw(t, "interval") {
			low, high := value-rapid.Float64Range(0, 20).Draw(t, "below"), value+rapid.Float64Range(0, 20).Draw(t, "above")
			f.Low, f.High = &low, &high
		}
		o := program.Objective{Target: rapid.Float64Range(0, 100).Draw(t, "target"), AtMost: rapid.Bool().Draw(t, "at most")}
		distance := value - o.Target
		if o.AtMost {
			distance = -distance
		}
		worst := math.Inf(-1)
		if f.Low != nil {
			worst = min(*f.Low-o.Target, *f.High-o.Target)
			if o.AtMost {
				worst = min(o.Target-*f.Low, o.Target-*f.High)
			}
		}
		switch v := verdictOn(f, o); {
		case (v == NotYet) != (distance < -1e-9):
			t.Fatalf("%s at a distance of %v", v, distance)
		case (v == Reached) != (worst >= -1e-9):
			t.Fatalf("%s, the worst of the interval at %v", v, worst)
		}
		base := rapid.Float64Range(0, 100).Draw(t, "baseline")
		if p := progress(base, value, o); p != nil && (math.IsNaN(*p) || math.IsInf(*p, 0) || (*p >= 1+1e-9) && !met(value, o)) {
			t.Fatalf("progress %v", *p)
		}
	})
}
