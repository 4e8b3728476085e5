package survey_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func day(s string) time.Time { return must(time.Parse(time.DateOnly, s)) }

// met lists the days noted for the sample's pair, newest first.
func (p *place) met(t *testing.T) string {
	t.Helper()
	days, err := p.surveys.MeetingDays(context.Background(), p.program.ID, p.people.Pairs[0].ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range days {
		all = append(all, d.Format(time.DateOnly))
	}
	return strings.Join(all, " ")
}

// later is the sample with its first wave open and the clock at noon in Kyiv on
// a later day, when that wave is over.
func later(t *testing.T, today string, mutators ...func(*place)) *place {
	t.Helper()
	p := opened(t, mutators...)
	p.now = day(today).Add(10 * time.Hour)
	return p
}

func TestMeetingsOverJSON(t *testing.T) {
	p := later(t, "2026-03-02")
	r := openapitest.Wrap(t, p.router())
	mentor, mentee := "/api/v1/s/"+p.token(t, 0)+"/meetings", "/api/v1/s/"+p.token(t, 1)+"/meetings"
	for _, step := range []struct{ link, body, stored string }{
		{mentor, `{"date":"2026-03-02"}`, "2026-03-02"},
		{mentee, `{"date":"2026-03-02","held":true}`, "2026-03-02"}, // both of them: one meeting
		{mentee, `{"date":"2026-01-05"}`, "2026-03-02 2026-01-05"},  // the pair's first day
		{mentor, `{"date":"2026-03-02","held":false}`, "2026-01-05"},
		{mentor, `{"date":"2026-03-02","held":false}`, "2026-01-05"},
		{mentor, `{"date":"2026-02-01","held":false}`, "2026-01-05"}, // was not noted
		{mentee, `{"date":"2026-03-02"}`, "2026-03-02 2026-01-05"},   // after all
	} {
		w := call(r, http.MethodPost, step.link, step.body, "Content-Type", "application/json")
		if w.Code != http.StatusOK || p.met(t) != step.stored {
			t.Errorf("%s: %d %s; stored %s, want %s", step.body, w.Code, w.Body, p.met(t), step.stored)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", w.Header())
		}
	}
	for _, d := range []string{"2026-01-10", "2026-01-20", "2026-01-30", "2026-02-10", "2026-02-20"} {
		call(r, http.MethodPost, mentor, `{"date":"`+d+`"}`)
	}
	w := call(r, http.MethodGet, mentee, "")
	want := `{"first":"2026-01-05","last":"2026-03-02","meetings":["2026-03-02","2026-02-20","2026-02-10","2026-01-30","2026-01-20"]}`
	if w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
}

// Each of these must be refused in the reader's language, say what is wrong, and
// leave nothing behind.
func TestMeetingRefusals(t *testing.T) {
	const today = `{"date":"2026-03-02"}`
	for name, c := range map[string]struct {
		person int
		change func(*place)
		token  func(string) string
		body   string
		status int
		uk, en string
	}{
		"tomorrow":         {body: `{"date":"2026-03-03"}`, status: 422, uk: "від 5\u00a0січня 2026 до 2\u00a0березня 2026", en: "still to come"},
		"before the pair":  {body: `{"date":"2026-01-04"}`, status: 422, uk: "пара ще не працювала", en: "had not begun then"},
		"year 1":           {body: `{"date":"0001-01-01"}`, status: 422, uk: "пара ще не працювала", en: "had not begun then"},
		"no such day":      {body: `{"date":"2026-02-30"}`, status: 422, uk: "2026-03-02", en: "A day such as"},
		"another form":     {body: `{"date":"02.03.2026"}`, status: 422, uk: "2026-03-02", en: "A day such as"},
		"a time":           {body: `{"date":"2026-03-02T10:00:00Z"}`, status: 422, uk: "2026-03-02", en: "A day such as"},
		"no day":           {body: `{"held":true}`, status: 422, uk: "обов’язкове", en: "must not be missing"},
		"null":             {body: `null`, status: 400, uk: "а є null", en: "found null"},
		"a number":         {body: `{"date":20260302}`, status: 400, uk: "date: має бути текст", en: "date: expected a text"},
		"unknown field":    {body: `{"date":"2026-03-02","hled":false}`, status: 400, uk: "hled", en: "hled"},
		"two documents":    {body: today + today, status: 400, uk: "JSON", en: "JSON"},
		"not JSON":         {body: `date=2026-03-02`, status: 400, uk: "Приклад", en: "Example"},
		"empty":            {body: ``, status: 400, uk: "Документ порожній", en: "The document is empty"},
		"not UTF-8":        {body: "{\"date\":\"\xff\xfe\"}", status: 400, uk: "UTF-8", en: "UTF-8"},
		"10 MB":            {body: `{"date":"` + strings.Repeat("1", 10<<20) + `"}`, status: 413, uk: "4 кБ", en: "4 kB"},
		"comparison group": {person: 2, body: today, status: 403, uk: "немає пари", en: "no pair"},
		"pair not begun":   {change: func(p *place) { p.people.Pairs[0].From = day("2026-03-03") }, body: today, status: 403, uk: "немає пари", en: "no pair"},
		"pair ended":       {change: func(p *place) { p.people.Pairs[0].To = day("2026-03-01") }, body: today, status: 410, uk: "завершила роботу", en: "has ended"},
		"partner left":     {change: func(p *place) { p.people.Participants[1].Left = day("2026-03-01") }, body: today, status: 410, uk: "завершила роботу", en: "has ended"},
		"left before it ends": {change: func(p *place) {
			p.people.Pairs[0].To, p.people.Participants[0].Left = day("2026-03-10"), day("2026-03-01")
		}, body: today, status: 410, uk: "завершила роботу", en: "has ended"},
		"programme ended":   {change: func(p *place) { p.program.Ends = day("2026-03-01") }, body: today, status: 410, uk: "завершила роботу", en: "has ended"},
		"altered link":      {token: func(s string) string { return s[:len(s)-1] + flip(s[len(s)-1]) }, body: today, status: 404, uk: "не знаємо цього посилання", en: "do not know this link"},
		"not a link":        {token: func(string) string { return "x" }, body: today, status: 404, uk: "не знаємо цього посилання", en: "do not know this link"},
		"taken back, ended": {change: func(p *place) { p.people.Pairs[0].To = day("2026-03-01") }, body: `{"date":"2026-03-02","held":false}`, status: 410, uk: "завершила роботу", en: "has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			p := later(t, "2026-03-02", func(p *place) {
				if c.change != nil {
					c.change(p)
				}
			})
			r, token := openapitest.Wrap(t, p.router()), p.token(t, c.person)
			if c.token != nil {
				token = c.token(token)
			}
			for lang, says := range map[string]string{"uk": c.uk, "en": c.en} {
				w := call(r, http.MethodPost, "/api/v1/s/"+token+"/meetings", c.body, "Accept-Language", lang)
				said := w.Body.String()
				if w.Code != c.status || !strings.Contains(said, says) || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
					t.Errorf("%s: %d %.300s; want %d with %q", lang, w.Code, said, c.status, says)
				}
				for _, not := range []string{"Name-e", "@acme", "meetingJSON", "-detail", p.people.Participants[0].ID.String(), p.people.Pairs[0].ID.String()} {
					if strings.Contains(said, not) {
						t.Errorf("%s: says %q: %s", lang, not, said)
					}
				}
			}
			if got := p.met(t); got != "" {
				t.Errorf("stored %s", got)
			}
		})
	}
}

// The last day of a pair belongs to it, a revoked link notes nothing, and a new
// pair follows on an ended one.
func TestMeetingsBelongToThePairThatWorks(t *testing.T) {
	ctx := context.Background()
	p := later(t, "2026-03-02", func(p *place) { p.people.Pairs[0].To = day("2026-03-02") })
	token := p.token(t, 0)
	if err := p.pulse.Meet(ctx, token, day("2026-03-02"), true); err != nil {
		t.Fatal(err)
	}
	mentee := p.people.Participants[1]
	mentee.ID, mentee.ExternalID, mentee.Email = program.ParticipantID("acme", "e9", ""), "e9", "e9@acme.example"
	next := program.Pair{ID: program.PairID("acme", p.people.Participants[0].ID, mentee.ID), ProgramID: "acme", Mentor: p.people.Participants[0].ID, Mentee: mentee.ID, From: day("2026-03-10")}
	if err := p.programs.Put(ctx, program.Snapshot{Participants: []program.Participant{mentee}, Pairs: []program.Pair{next}}); err != nil {
		t.Fatal(err)
	}
	p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, p.clock)
	p.now = day("2026-03-12")
	log, err := p.pulse.Meetings(ctx, token)
	if err != nil || !log.First.Equal(next.From) || len(log.Days) > 0 {
		t.Errorf("%+v, %v; want the new pair's, which has met on no day yet", log, err)
	}
	if err := p.programs.RevokeLinks(ctx, "acme", p.people.Participants[0].ID); err != nil {
		t.Fatal(err)
	}
	p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, p.clock)
	r := openapitest.Wrap(t, p.router())
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if w := call(r, method, "/api/v1/s/"+token+"/meetings", `{"date":"2026-03-11"}`); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "replaced") {
			t.Errorf("%s by a revoked link: %d %s", method, w.Code, w.Body)
		}
	}
}

// Many at once, changing their minds: each acknowledged note is there, and there
// is one row a day.
func TestMeetingsNotedAtOnce(t *testing.T) {
	p := later(t, "2026-03-02")
	tokens := []string{p.token(t, 0), p.token(t, 1)}
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			at := day("2026-01-05").AddDate(0, 0, n%10)
			for _, held := range []bool{true, false, true} {
				if err := p.pulse.Meet(context.Background(), tokens[n%2], at, held || n >= 20); err != nil {
					t.Error(err)
				}
			}
			if err := p.pulse.Meet(context.Background(), tokens[n%2], at, true); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := strings.Fields(p.met(t)); len(got) != 10 {
		t.Errorf("%d days: %v", len(got), got)
	}
}

// Whatever the policy, the table holds a pair, a day and how often it was
// changed: nothing that leads to who noted it, when, or what they answered.
func TestMeetingsTellNothingOfWhoNotedThem(t *testing.T) {
	for _, policy := range []program.Policy{program.Identified, program.Confidential, program.Anonymous} {
		p := later(t, "2026-03-02", func(p *place) { p.program.Policy = policy })
		for _, held := range []bool{true, false, true} {
			if err := p.pulse.Meet(context.Background(), p.token(t, 1), day("2026-03-01"), held); err != nil {
				t.Fatal(err)
			}
		}
		dump := func(query string) []string {
			rows, err := clickhouse.Collect(context.Background(), p.db, "dump", query, func(rows driver.Rows) (string, error) {
				var line string
				err := rows.Scan(&line)
				return line, err
			})
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		if got, want := dump("SELECT toString(tuple(*)) FROM meetings FINAL"), fmt.Sprintf("('acme','%s','2026-03-01',true,3)", p.people.Pairs[0].ID); len(got) != 1 || got[0] != want {
			t.Errorf("%s: stored %v, want %s", policy, got, want)
		}
		if got := dump("SELECT toString(respondent) FROM visits UNION ALL SELECT toString(respondent) FROM responses"); len(got) > 0 {
			t.Errorf("%s: noting a meeting left a trace beside the answers: %v", policy, got)
		}
	}
}

func TestMeetingPage(t *testing.T) {
	said := map[string]struct{ sees, noted, removed, ahead, never string }{
		"uk": {"команда програми бачить", "Зустріч 1\u00a0березня 2026 записано.", "прибрано з журналу", "Цей день іще не настав", "Виберіть день у календарі"},
		"en": {"The programme team sees these days", "Noted – your pair met on 1\u00a0March 2026.", "is removed from the log", "still to come", "Choose a day in the calendar"},
	}
	for lang, say := range said {
		t.Run(lang, func(t *testing.T) {
			p := later(t, "2026-03-02")
			r, path := p.pages(), "/s/"+p.token(t, 1)+"/meetings?lang="+lang
			first := call(r, http.MethodGet, path, "")
			page := first.Body.String()
			if first.Code != http.StatusOK || !strings.Contains(page, say.sees) || strings.Index(page, say.sees) > strings.Index(page, "<summary") {
				t.Fatalf("%d; who sees the days does not stand before the button: %s", first.Code, page)
			}
			for _, part := range []string{`name="_met" value="2026-03-02"`, `name="_met" value="2026-03-01"`, `min="2026-01-05" max="2026-03-02"`, `<html lang="` + lang + `">`} {
				if !strings.Contains(page, part) {
					t.Errorf("no %s in %s", part, page)
				}
			}
			strict(t, first)
			follow := func(form url.Values) string {
				t.Helper()
				sent := post(r, path, form)
				if sent.Code != http.StatusSeeOther {
					t.Fatalf("%v: %d %s", form, sent.Code, sent.Body)
				}
				to := must(must(url.Parse(path)).Parse(sent.Header().Get("Location")))
				return call(r, http.MethodGet, to.String(), "").Body.String()
			}
			if page := follow(url.Values{"_met": {"2026-03-01"}, "_day": {""}}); !strings.Contains(page, say.noted) || p.met(t) != "2026-03-01" {
				t.Errorf("stored %q: %s", p.met(t), page)
			}
			if follow(url.Values{"_met": {"chosen"}, "_day": {"2026-02-11"}}); p.met(t) != "2026-03-01 2026-02-11" {
				t.Errorf("another day: stored %q", p.met(t))
			}
			page = follow(url.Values{"_unmet": {"2026-02-11"}})
			if !strings.Contains(page, say.removed) || !strings.Contains(page, `name="_unmet" value="2026-03-01"`) || p.met(t) != "2026-03-01" {
				t.Errorf("stored %q: %s", p.met(t), page)
			}
			for typed, want := range map[string]string{"2026-03-03": say.ahead, "": say.never, "yesterday": say.never, `"><script>`: say.never} {
				w := post(r, path, url.Values{"_met": {"chosen"}, "_day": {typed}})
				if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "<script>") {
					t.Errorf("%q: %d without %q: %s", typed, w.Code, want, w.Body)
				}
			}
			if w := post(r, path, url.Values{}); w.Code != http.StatusUnprocessableEntity || p.met(t) != "2026-03-01" {
				t.Errorf("an empty form: %d, stored %q", w.Code, p.met(t))
			}
			for _, secret := range []string{"Name-e", "@acme.example\">", p.people.Participants[0].ID.String(), p.people.Pairs[0].ID.String()} {
				if strings.Contains(page, secret) {
					t.Errorf("says %q", secret)
				}
			}
		})
	}
}

// Noting a meeting beside half-filled questions stores the meeting, and neither
// stores nor loses an answer.
func TestMeetingBesideTheQuestions(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=en"
	form := p.rightForm()
	delete(form, "_do")
	form["hours"] = []string{"dozens"}
	form.Set("_met", "2026-01-05")
	w := post(r, path, form)
	page := w.Body.String()
	if w.Code != http.StatusOK || p.met(t) != "2026-01-05" || !strings.Contains(page, "Noted – your pair met on 5\u00a0January 2026.") {
		t.Errorf("%d, stored %q: %s", w.Code, p.met(t), page)
	}
	if got, want := answersIn(filled(page)), answersIn(form); !slices.Equal(sortedKeys(got), sortedKeys(want)) || got.Get("hours") != "dozens" {
		t.Errorf("the page holds %v, want %v", got, want)
	}
	if _, ok := p.stored(t, 0); ok {
		t.Error("an answer was stored")
	}
	form.Set("_met", "chosen")
	form.Set("_day", "2026-01-06")
	w = post(r, path, form)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "still to come") || answersIn(filled(w.Body.String())).Get("hours") != "dozens" {
		t.Errorf("a day ahead: %d %s", w.Code, w.Body)
	}
	form.Del("_met")
	form.Set("_do", "language")
	if again := filled(post(r, path, form).Body.String()); again.Get("_day") != "2026-01-06" {
		t.Errorf("another language lost the day typed: %v", again)
	}
	form = p.rightForm()
	if sent := post(r, path, form); sent.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", sent.Code, sent.Body)
	}
	thanks := call(r, http.MethodGet, path+"&done=final", "").Body.String()
	if !strings.Contains(thanks, `action="`+p.token(t, 0)+`/meetings?lang=en"`) || !strings.Contains(thanks, "Last meeting noted – 5\u00a0January 2026.") {
		t.Errorf("the thanks do not take meetings: %s", thanks)
	}
}

func sortedKeys(v url.Values) []string {
	var keys []string
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// What is typed into the questions stays on the page also when the log cannot be
// read.
func TestQuestionsDoWithoutTheLog(t *testing.T) {
	p := opened(t, asksEverything(t))
	if err := p.db.Exec(context.Background(), "DROP TABLE meetings"); err != nil {
		t.Fatal(err)
	}
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=en"
	if w := call(r, http.MethodGet, path, ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Meeting log") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	form := p.rightForm()
	delete(form, "proud")
	if w := post(r, path, form); w.Code != http.StatusUnprocessableEntity || len(answersIn(filled(w.Body.String()))) != len(answersIn(form)) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Who has no pair is offered no log, and a closed wave's link still has one.
func TestWhoIsOfferedTheLog(t *testing.T) {
	p := opened(t)
	r := p.pages()
	if page := call(r, http.MethodGet, "/s/"+p.token(t, 2)+"?lang=en", "").Body.String(); strings.Contains(page, "_met") || strings.Contains(page, "Meeting log") {
		t.Error("the comparison group is asked for meetings")
	}
	if w := call(r, http.MethodGet, "/s/"+p.token(t, 2)+"/meetings?lang=en", ""); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "no pair") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	p.now = day("2026-03-02")
	w := call(r, http.MethodGet, "/s/"+p.token(t, 0)+"?lang=uk", "")
	if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "Опитування завершено") || !strings.Contains(w.Body.String(), `/meetings?lang=uk"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	strict(t, w)
	if w := post(r, "/s/"+p.token(t, 0)+"/meetings", url.Values{"_met": {"2026-03-01"}}); w.Code != http.StatusSeeOther || p.met(t) != "2026-03-01" {
		t.Errorf("%d, stored %q", w.Code, p.met(t))
	}
	p.surveys.Close() // as while the service restarts
	if w := post(r, "/s/"+p.token(t, 0)+"/meetings", url.Values{"_met": {"2026-02-02"}}); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
