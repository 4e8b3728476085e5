package analytics

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// scheduled is a programme with one wave open and a survey that goes on, as it is
// on the second day of the wave.
func scheduled(t *testing.T) *owner {
	f := newFixture(t, 1)
	one := survey.NewSurvey("acme", "pulse", &survey.Questionnaire{ID: "test", Version: 1}, program.Roles(), survey.Recurrence{
		RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 7})
	f.must(f.surveys.PutSurvey(t.Context(), one))
	f.service.now = func() time.Time { return testStart.AddDate(0, 0, 1) }
	return newOwner(f)
}

func (o *owner) post(form url.Values, key string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/programs/acme/schedule", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept-Language", "en")
	if key != "" {
		request.SetBasicAuth("anything", key)
	}
	w := httptest.NewRecorder()
	o.router.ServeHTTP(w, request)
	return w
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// confirming reads the form that confirms what a page shows.
func confirming(t *testing.T, page string) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(page, `<form method="post"`)
	if !ok {
		t.Fatalf("nothing to confirm: %s", readable(page))
	}
	form, _, _ = strings.Cut(form, "</form>")
	values := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		values.Set(m[1], html.UnescapeString(m[2]))
	}
	return values
}

// A change is looked at, confirmed and undone by nothing but links and forms.
func TestSchedulePageChangesWhatWasConfirmed(t *testing.T) {
	o := scheduled(t)
	next := func() string {
		t.Helper()
		c, err := survey.NewPlanner(o.surveys, func() time.Time { return o.service.now() }).Calendar(t.Context(), o.program, "", 3)
		o.must(err)
		var all []string
		for _, w := range c.Next {
			all = append(all, w.Opens.Format("01-02 15:04"))
		}
		return strings.Join(all, ", ")
	}
	const before = "01-19 09:00, 02-02 09:00, 02-16 09:00"
	if got := next(); got != before {
		t.Fatal(got)
	}
	page := readable(o.get("/programs/acme/schedule?lang=en", "", o.key).Body.String())
	for _, want := range []string{"Open now: 5 Jan 2026", "Mon, 19 Jan 2026, 09:00", "Reminders: Thu, 22 Jan 2026, 09:00; Sat, 24 Jan 2026, 09:00", "January 2026", "Europe/Kyiv"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q: %s", want, page)
		}
	}
	for _, tc := range []struct{ do, shows, want, undo string }{
		{"do=skip&of=2026-01-19", "Mon, 16 Feb 2026, 09:00", "02-02 09:00, 02-16 09:00, 03-02 09:00", "do=unskip&of=2026-01-19"},
		{"do=move&of=2026-01-19&at=2026-01-21T14:30:00", "19 Jan 2026 moved from 19 Jan 2026 Wed, 21 Jan 2026, 14:30", "01-21 14:30, 02-02 09:00, 02-16 09:00", "do=unmove&of=2026-01-19"},
		{"do=pause&first=2026-01-12&last=2026-02-10", "Mon, 16 Feb 2026, 09:00", "02-16 09:00, 03-02 09:00, 03-16 09:00", "do=resume&first=2026-01-12"},
		{"do=extra&at=2026-01-12T09:00", "12 Jan 2026 extra", "01-12 09:00, 01-19 09:00, 02-02 09:00", "do=unextra&of=2026-01-12"},
	} {
		for i, step := range []string{tc.do, tc.undo} {
			w := o.get("/programs/acme/schedule?lang=en&"+step, "", o.key)
			if w.Code != http.StatusOK || i == 0 && !strings.Contains(readable(w.Body.String()), tc.shows) {
				t.Errorf("%s: %d, does not show %q: %s", step, w.Code, tc.shows, readable(w.Body.String()))
			}
			whole(t, step, w.Body.String())
			if got, stands := next(), []string{before, tc.want}[i]; got != stands {
				t.Fatalf("%s was only looked at, and the next are now %s", step, got)
			}
			form := confirming(t, w.Body.String())
			if res := o.post(form, ""); res.Code != http.StatusUnauthorized {
				t.Errorf("without the key: %d", res.Code)
			}
			for range 2 { // as by a second click
				if res := o.post(form, o.key); res.Code != http.StatusSeeOther || !strings.HasPrefix(res.Header().Get("Location"), "/programs/acme/schedule?done=1&lang=en") {
					t.Fatalf("%s: %d %s", step, res.Code, readable(res.Body.String()))
				}
			}
			if got, want := next(), []string{tc.want, before}[i]; got != want {
				t.Errorf("%s: %s, want %s", step, got, want)
			}
			// What undoes it is on the page.
			if page := o.get("/programs/acme/schedule?lang=en", "", o.key).Body.String(); i == 0 {
				undo, _ := url.ParseQuery(tc.undo)
				if !strings.Contains(page, `name="do" value="`+undo.Get("do")+`"`) {
					t.Errorf("%s cannot be undone on the page", tc.do)
				}
			}
		}
	}
}

func TestSchedulePageRefuses(t *testing.T) {
	o := scheduled(t)
	for _, tc := range []struct{ lang, do, says string }{
		{"en", "do=skip&of=2026-01-05", "This wave is open already"},
		{"uk", "do=skip&of=2026-01-05", "Ця хвиля вже триває"},
		{"en", "do=extra&at=2026-01-10", "Two waves would be open at the same time"},
		{"uk", "do=move&of=2026-01-19&at=2026-01-27", "Хвиля за 2 лютого 2026 відкрилася б"},
		{"en", "do=%3Cscript%3E", "There is no such change of a schedule"},
	} {
		w := o.get("/programs/acme/schedule?lang="+tc.lang+"&"+tc.do, "", o.key)
		page := readable(w.Body.String())
		if w.Code != http.StatusOK || !strings.Contains(page, tc.says) || strings.Contains(w.Body.String(), `method="post"`) {
			t.Errorf("%s: %d, want %q and nothing to confirm: %s", tc.do, w.Code, tc.says, page)
		}
		whole(t, tc.do, w.Body.String())
	}
	// Two people look at the same schedule: the second is told that it has changed.
	forms := []url.Values{}
	for _, do := range []string{"do=skip&of=2026-01-19", "do=skip&of=2026-02-02"} {
		forms = append(forms, confirming(t, o.get("/programs/acme/schedule?lang=en&"+do, "", o.key).Body.String()))
	}
	first, second := o.post(forms[0], o.key), o.post(forms[1], o.key)
	if first.Code != http.StatusSeeOther || second.Code != http.StatusPreconditionFailed || !strings.Contains(readable(second.Body.String()), "changed since") {
		t.Errorf("%d, %d %s", first.Code, second.Code, readable(second.Body.String()))
	}
	for name, form := range map[string]url.Values{
		"no form":  {},
		"no match": {"do": {"skip"}, "of": {"2026-02-02"}},
		"too long": {"do": {strings.Repeat("x", 20<<10)}, "match": {"x"}},
	} {
		if w := o.post(form, o.key); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// The drawing says what the list says: on which days a wave is open, and which
// are paused.
func TestCalendarIsDrawnFromTheSchedule(t *testing.T) {
	o := scheduled(t)
	o.must(func() error {
		_, err := survey.NewPlanner(o.surveys, func() time.Time { return o.service.now() }).Change(t.Context(), o.program,
			survey.Change{Action: survey.ActPause, From: "2026-01-26", To: "2026-01-31"}, survey.Terms{})
		return err
	}())
	page := o.get("/programs/acme/schedule?lang=uk", "", o.key).Body.String()
	january, _, _ := strings.Cut(page[strings.Index(page, "Січень 2026"):], "</svg>")
	days := map[string][]string{}
	for _, m := range regexp.MustCompile(`<text class="(\w*)" x="\d+" y="\d+">(\d+)</text>`).FindAllStringSubmatch(january, -1) {
		days[m[1]] = append(days[m[1]], m[2])
	}
	if len(days["opens"])+len(days["open"])+len(days["paused"])+len(days[""]) != 31 {
		t.Errorf("not every day of January is drawn: %v", days)
	}
	// Open until 09:00 of the eighth day, whose mark is that of a day before.
	for class, want := range map[string]string{"opens": "5 19", "open": "6 7 8 9 10 11 20 21 22 23 24 25", "paused": "26 27 28 29 30 31"} {
		if got := strings.Join(days[class], " "); got != want {
			t.Errorf("%s: %s, want %s", class, got, want)
		}
	}
	if n := strings.Count(january, "<circle"); n != 4 {
		t.Errorf("%d reminders in January, want 4", n)
	}
	if !slices.Contains(days["open"], "6") || strings.Count(january, `class="today"`) != 1 {
		t.Error("today is not marked")
	}
}
