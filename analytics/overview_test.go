package analytics

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func (f *fixture) overview(q Query) *Overview {
	f.t.Helper()
	q.Program = f.program.ID
	report, err := f.service.Overview(f.t.Context(), q)
	f.must(err)
	return report
}

// summaries is all that is made from several reports, as it is sent.
func (f *fixture) summaries(query string) string {
	f.t.Helper()
	text := ""
	for _, kind := range []string{"overview", "alerts", "objectives"} {
		w := f.send(http.MethodGet, "/analytics/"+kind+query, "", true)
		if w.Code != http.StatusOK {
			f.t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
		text += w.Body.String() + "\n"
	}
	return text
}

// The overview shows what the reports do, of the newest closed wave.
func TestOverviewIsMadeFromTheReports(t *testing.T) {
	f := newFixture(t, 3)
	f.population(3, 90)
	f.people(60, func(i int) int { return i % 5 * 20 })
	f.must(f.surveys.PutSurvey(t.Context(), survey.Survey{ID: f.survey, ProgramID: "acme", Code: "pulse", QuestionnaireID: "test", QuestionnaireVersion: 1, Reminders: survey.DefaultReminders(),
		Audience: program.Roles(), Recurrence: survey.Recurrence{RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 7}}))
	f.setObjectives(program.Objective{Measure: MeasureIntent, Scale: "stay", Target: 0.5})
	f.service.now = func() time.Time { return f.waves[2].Opens.Add(time.Hour) }
	o := f.overview(Query{Lang: "en"})
	if o.Wave.Number != 2 || o.Participation.Wave.Number != 3 || !o.Participation.Wave.Open || len(o.Participation.Series) != 2 {
		t.Errorf("wave %+v, participation %+v", o.Wave, o.Participation)
	}
	if len(o.Next) != 1 || o.Next[0] != (NextWave{"pulse", "2026-02-16T09:00:00+02:00", "2026-02-23T09:00:00+02:00"}) {
		t.Errorf("next: %+v", o.Next)
	}
	var measures []string
	for _, h := range o.Measures {
		measures = append(measures, fmt.Sprint(h.Figure.Measure, " ", h.Figure.Scale, " ", h.Figure.Role))
		report := f.report(f.service.reports()[h.Report], Query{Wave: "..2", Lang: "en", today: true})
		want, ok := pick(report.Figures, h.Figure.Measure, h.Figure.Scale, h.Figure.Role)
		if !ok || rounded(t, want) != rounded(t, h.Figure) {
			t.Errorf("%s\nthe report has %s", rounded(t, h.Figure), rounded(t, want))
		}
		if h.Figure.Measure == MeasureStay {
			// An open wave is under way: what is counted from the roster is of today all the same.
			if h.Curve == nil || len(h.Series) != 0 || h.AsOf == "" || h.AsOf != f.report(f.service.Retention, Query{}).AsOf {
				t.Errorf("%+v", h)
			}
		} else if len(h.Series) != 2 || h.Series[1].Wave != f.waves[1].Occurrence || o.Definitions[h.Figure.Measure].Title == "" {
			t.Errorf("%s: %d in the series", h.Figure.Measure, len(h.Series))
		}
	}
	want := []string{"engagement.index engagement ", "confidence.index digital mentee", "confidence.index mentoring mentor", "retention.programme  ", "retention.intent stay ",
		"goals.t  mentor", "goals.t  mentee"}
	if !slices.Equal(measures, want) {
		t.Errorf("measures %q, want %q", measures, want)
	}
	if alerts := f.alerts(Query{Lang: "en"}); fmt.Sprint(alerts.ids()) != fmt.Sprint((&AlertReport{Alerts: o.Alerts}).ids()) {
		t.Errorf("alerts %v, the overview has %v", alerts.ids(), o.Alerts)
	}
	if len(o.Objectives) != 1 || o.ObjectivesNotice != nil || o.Objectives[0].Figure.Wave != f.waves[1].Occurrence {
		t.Errorf("objectives %+v", o.Objectives)
	}
	if first := f.overview(Query{Wave: "1"}); first.Wave.Number != 1 || first.Participation.Wave.Number != 1 || first.Measures[0].Figure.Wave != f.waves[0].Occurrence {
		t.Errorf("as of wave 1: %+v", first)
	}
}

// Each of these is answered with figures or the reason why not.
func TestSummariesOfWhateverProgramme(t *testing.T) {
	same := func(f *fixture, wave int) {
		for i := range 40 {
			f.worker(wave, i, 4, map[uint16]float32{timeItem: 4, helpItem: 1})
		}
	}
	for name, test := range map[string]struct {
		waves  int
		change func(*program.Program)
		fill   func(*fixture)
		says   []string
		silent []string
	}{
		"no wave":                {0, nil, nil, []string{CodeNoWaves, CodeNoObjectives, `"participation":null`, `"alerts":[]`}, nil},
		"a wave nobody answered": {1, nil, nil, []string{CodeNoAnswers, `"alerts":[]`}, nil},
		"everybody the same":     {2, nil, func(f *fixture) { same(f, 0); same(f, 1) }, []string{`"value":75`, CodeConstant, "challenge:2026-01-19:time"}, []string{"-drop"}},
		"only an open wave": {1, nil, func(f *fixture) {
			f.service.now = func() time.Time { return f.waves[0].Opens.Add(time.Hour) }
			same(f, 0)
		}, []string{CodeNoAlertsYet, `"value":75`}, []string{"challenge:"}},
		"anonymous":                      {2, func(p *program.Program) { p.Policy = program.Anonymous }, func(f *fixture) { f.population(1, 80) }, []string{"welch"}, []string{`"paired"`}},
		"no attributes":                  {2, func(p *program.Program) { p.Attributes = nil }, func(f *fixture) { same(f, 0); same(f, 1) }, []string{"challenge:2026-01-19:time:mentee"}, []string{"segment"}},
		"a single respondent":            {1, nil, func(f *fixture) { f.worker(0, 0, 1, map[uint16]float32{timeItem: 5}) }, []string{CodeTooFew}, []string{"challenge:", `"value":0`}},
		"four people, all of whom leave": {1, nil, func(f *fixture) { f.people(4, func(int) int { return 20 }) }, []string{CodeTooFew}, []string{"retention:"}},
		"no comparison group":            {2, nil, func(f *fixture) { same(f, 0) }, []string{`"measures":[`}, nil},
		"answers of an unknown item":     {1, nil, func(f *fixture) { f.worker(0, 0, 1, map[uint16]float32{49: 5}) }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			change := test.change
			if change == nil {
				change = func(*program.Program) {}
			}
			f := newFixture(t, test.waves, change)
			if test.fill != nil {
				test.fill(f)
				f.store()
			}
			f.setObjectives()
			for _, lang := range []string{"en", "uk"} {
				text := f.summaries("?lang=" + lang)
				for _, want := range test.says {
					if !strings.Contains(text, want) {
						t.Errorf("no %q in %s", want, text)
					}
				}
				for _, no := range append(test.silent, "NaN", "Inf", "<no value>") {
					if strings.Contains(text, no) {
						t.Errorf("%q in %s", no, text)
					}
				}
			}
		})
	}
}

// Of three people in a department the same is said whether none, one or all of
// them have answered, whatever they say: nothing.
func TestSummariesAreSilentAboutFewPeople(t *testing.T) {
	f := asked(t, 24)
	before := f.summaries("?lang=en")
	for i := 24; i < 27; i++ {
		f.respond(0, fmt.Sprint("p", i), program.Roles()[i%3], "HR", "Kyiv", map[uint16]float32{1: 1, 2: 5, 3: 1, 5: 1, 6: 1, 7: 1, 8: 1, 9: 1, timeItem: 3})
		f.store()
		after := f.summaries("?lang=en")
		if strings.Contains(after, "HR") || strings.Contains(before, "HR") {
			t.Errorf("a department of three is named in %s", after)
		}
		if a, b := alertIDs(t, before), alertIDs(t, after); !slices.Equal(a, b) {
			t.Errorf("alerts %v after %d answers, before %v", b, i-23, a)
		}
	}
}

// alertIDs are those in what the overview says.
func alertIDs(t *testing.T, text string) []string {
	t.Helper()
	var o Overview
	if err := json.Unmarshal([]byte(strings.SplitN(text, "\n", 2)[0]), &o); err != nil {
		t.Fatal(err)
	}
	return (&AlertReport{Alerts: o.Alerts}).ids()
}

func TestSummariesRefuseWhatTheyDoNotKnow(t *testing.T) {
	f := newFixture(t, 2)
	f.population(1, 40)
	for _, kind := range []string{"overview", "alerts", "objectives"} {
		base := "/api/v1/programs/acme/analytics/" + kind
		for path, want := range map[string]struct {
			status int
			says   string
		}{
			base + "?by=department":                                         {400, "by"},
			base + "?role=mentor":                                           {400, "role"},
			base + "?compare=previous":                                      {400, "compare"},
			base + "?wave=77":                                               {404, "77"},
			base + "?wave=2..1":                                             {400, "2"},
			base + "?wave=%zz":                                              {400, "%zz"},
			base + "?wave=1&wave=2":                                         {400, "wave"},
			base + "?lang=xx":                                               {400, "unknown-language"},
			base + "?wave=" + strings.Repeat("9", 30_000):                   {404, "9…"},
			"/api/v1/programs/nobody/analytics/" + kind:                     {404, "nobody"},
			"/api/v1/programs/nobody/objectives":                            {404, "nobody"},
			"/api/v1/programs/acme/objectives?wave=1":                       {400, "wave"},
			"/api/v1/programs/nobody/objectives?" + strings.Repeat("p", 99): {400, "p…"},
			base:                  {200, ""},
			base + "?wave=1":      {200, ""},
			base + "?wave=..2":    {200, ""},
			base + "?wave=2..":    {200, ""},
			base + "?wave=latest": {200, ""},
		} {
			for _, lang := range []string{"uk", "en"} {
				status, body, text := f.get(path, lang)
				if status != want.status || !strings.Contains(text, want.says) {
					t.Errorf("%.90s: %d %v; want %d with %q", path, status, body["detail"], want.status, want.says)
				}
				if status != http.StatusOK && (len(text) > 1500 || isCyrillic(fmt.Sprint(body["title"])) != (lang == "uk")) {
					t.Errorf("%.90s in %s: %v", path, lang, body)
				}
			}
		}
	}
}
