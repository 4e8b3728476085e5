package survey

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// weekly is a plan of a weekly pulse in Kyiv at noon of Wednesday 2026-03-04, two
// days after its ninth wave opened.
func weekly(t interface{ Fatal(...any) }, change ...func(*plan)) *plan {
	p := program.Program{ID: "acme", TimeZone: "Europe/Kyiv", Starts: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Ends: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}
	one := NewSurvey("acme", "pulse", &Questionnaire{ID: "q", Version: 1}, program.Roles(), Recurrence{
		RRule: "FREQ=WEEKLY;BYDAY=MO", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 5})
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	all, err := one.Recurrence.Occurrences(now.AddDate(-1, 0, 0), now)
	if err != nil {
		t.Fatal(err)
	}
	var waves []Wave
	for _, o := range all {
		waves = append(waves, one.NewWave(o))
	}
	pl, err := newPlan(p, one, waves, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(pl)
	}
	return pl
}

// made applies changes that must be taken.
func made(t *testing.T, pl *plan, changes ...Change) {
	t.Helper()
	for _, c := range changes {
		if changed, err := pl.apply(c); err != nil || !changed {
			t.Fatalf("%+v: %t, %v", c, changed, err)
		}
	}
}

// shown writes the next three waves.
func shown(t interface{ Fatal(...any) }, pl *plan) string {
	c, err := pl.calendar(ShownAhead)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, one := range c.Next {
		text := one.Wave
		if at := one.Opens.Format("2006-01-02"); at != one.Wave {
			text += ">" + one.Opens.Format("01-02")
		}
		all = append(all, text[5:]+one.Opens.Format(" 15:04"))
	}
	return strings.Join(all, ", ")
}

func TestChangesAndWhatUndoesThem(t *testing.T) {
	const before = "03-09 09:00, 03-16 09:00, 03-23 09:00"
	for name, tc := range map[string]struct {
		do, undo Change
		want     string
	}{
		"pause":        {Change{Action: ActPause, From: "2026-03-10", To: "2026-03-23"}, Change{Action: ActResume}, "03-09 09:00, 03-30 09:00, 04-06 09:00"},
		"for good":     {Change{Action: ActPause, From: "2026-03-17"}, Change{Action: ActResume, From: "2026-03-17"}, "03-09 09:00, 03-16 09:00"},
		"from today":   {Change{Action: ActPause, To: "2026-03-09"}, Change{Action: ActResume, From: "2026-03-04"}, "03-16 09:00, 03-23 09:00, 03-30 09:00"},
		"move":         {Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-10T14:30"}, Change{Action: ActUnmove, Wave: "2026-03-09"}, "03-09>03-10 14:30, 03-16 09:00, 03-23 09:00"},
		"move to day":  {Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-11"}, Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-09"}, "03-09>03-11 09:00, 03-16 09:00, 03-23 09:00"},
		"move earlier": {Change{Action: ActMove, Wave: "2026-03-16", At: "2026-03-14 10:00"}, Change{Action: ActMove, Wave: "2026-03-16", At: "2026-03-16T09:00"}, "03-09 09:00, 03-16>03-14 10:00, 03-23 09:00"},
		"skip":         {Change{Action: ActSkip, Wave: "2026-03-16"}, Change{Action: ActUnskip, Wave: "2026-03-16"}, "03-09 09:00, 03-23 09:00, 03-30 09:00"},
	} {
		pl := weekly(t)
		if got := shown(t, pl); got != before {
			t.Fatalf("before: %s", got)
		}
		made(t, pl, tc.do)
		if got := shown(t, pl); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		if changed, err := pl.apply(tc.do); changed || err != nil {
			t.Errorf("%s again: %t, %v; want nothing", name, changed, err)
		}
		made(t, pl, tc.undo)
		if got := shown(t, pl); got != before {
			t.Errorf("%s undone: %s", name, got)
		}
	}
}

func TestExtraWaveBetweenTwo(t *testing.T) {
	pl := weekly(t, func(pl *plan) {
		one := pl.survey
		one.Recurrence.RRule, one.Recurrence.OpenDays = "FREQ=MONTHLY;BYMONTHDAY=1", 7
		if err := pl.take(one); err != nil {
			t.Fatal(err)
		}
	})
	made(t, pl, Change{Action: ActExtra, At: "2026-03-20T14:30"}, Change{Action: ActMove, Wave: "2026-03-20", At: "2026-03-21"})
	if got := shown(t, pl); got != "03-20>03-21 14:30, 04-01 09:00, 05-01 09:00" {
		t.Errorf("%s", got)
	}
	made(t, pl, Change{Action: ActSkip, Wave: "2026-03-20"}, Change{Action: ActUnskip, Wave: "2026-03-20"}, Change{Action: ActUnextra, Wave: "2026-03-20"})
	if got := shown(t, pl); got != "04-01 09:00, 05-01 09:00, 06-01 09:00" || len(pl.survey.Recurrence.Moved)+len(pl.survey.Recurrence.Extra) > 0 {
		t.Errorf("%s, %+v", got, pl.survey.Recurrence)
	}
}

func TestClosingEarly(t *testing.T) {
	pl := weekly(t)
	early := Change{Action: ActClose, At: "2026-03-05T18:00"}
	made(t, pl, early)
	c, err := pl.calendar(1)
	if err != nil {
		t.Fatal(err)
	}
	open := c.Open[0]
	if open.Closes.Format("01-02 15:04") != "03-05 18:00" || !open.ClosesEarly || len(open.Reminders) != 1 {
		t.Errorf("%+v; want it to close on Thursday, after one reminder", open)
	}
	if changed, err := pl.apply(early); changed || err != nil {
		t.Errorf("again: %t, %v", changed, err)
	}
	made(t, pl, Change{Action: ActUnclose})
	if c, err = pl.calendar(1); err != nil || c.Open[0].ClosesEarly || c.Open[0].Closes.Format("01-02 15:04") != "03-07 09:00" {
		t.Errorf("%+v, %v", c.Open, err)
	}
}

func TestChangesThatAreRefused(t *testing.T) {
	met := map[string]bool{}
	for _, tc := range []struct {
		before  []Change
		do      Change
		code    string
		mention []string
	}{
		{nil, Change{Action: "stop"}, "unknown-action", []string{"“stop”", "unclose"}},
		{nil, Change{Action: ActSkip}, "missing-wave", nil},
		{nil, Change{Action: ActExtra}, "missing-at", nil},
		{nil, Change{Action: ActSkip, Wave: "2026-03-09", At: "2026-03-10"}, "needless", []string{"“at”"}},
		{nil, Change{Action: ActSkip, Wave: "9 March"}, "bad-date", []string{"9 March"}},
		{nil, Change{Action: ActPause, From: "2026-02-30"}, "bad-date", []string{"2026-02-30"}},
		{nil, Change{Action: ActMove, Wave: "2026-03-09", At: "noon"}, "bad-time", []string{"noon"}},
		{nil, Change{Action: ActExtra, At: "9999-12-31T09:00"}, "too-far", []string{"10 years"}},
		{nil, Change{Action: ActSkip, Wave: "9999-12-27"}, "too-far", nil},
		{nil, Change{Action: ActSkip, Wave: "2026-03-10"}, "unknown-wave", []string{"10\u00a0March 2026"}},
		{nil, Change{Action: ActMove, Wave: "2026-03-02", At: "2026-03-08T09:00"}, "open", []string{"2\u00a0March 2026, 09:00 Kyiv time", "7\u00a0March 2026"}},
		{nil, Change{Action: ActSkip, Wave: "2026-03-02"}, "open", nil},
		{nil, Change{Action: ActSkip, Wave: "2026-02-23"}, "past", []string{"23\u00a0February", "28\u00a0February 2026, 09:00"}},
		{nil, Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-04T11:59"}, "at-past", []string{"4\u00a0March 2026, 11:59"}},
		{[]Change{{Action: ActSkip, Wave: "2026-03-09"}}, Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-10"}, "is-skipped", nil},
		{[]Change{{Action: ActPause, From: "2026-03-10"}}, Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-11"}, "paused", []string{"11\u00a0March", "10\u00a0March"}},
		{[]Change{{Action: ActPause, From: "2026-03-10"}}, Change{Action: ActExtra, At: "2026-03-20"}, "paused", nil},
		{nil, Change{Action: ActExtra, At: "2027-01-01"}, "outside", []string{"1\u00a0January 2027"}},
		{nil, Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-12"}, "overlap", []string{"16\u00a0March 2026, 09:00", "9\u00a0March", "17\u00a0March 2026, 09:00"}},
		{nil, Change{Action: ActMove, Wave: "2026-03-09", At: "2026-03-06"}, "overlap", []string{"2\u00a0March", "7\u00a0March"}},
		{nil, Change{Action: ActPause, From: "2026-03-10", To: "2026-03-09"}, "turned", nil},
		{nil, Change{Action: ActPause, From: "2026-03-03"}, "pause-past", []string{"4\u00a0March"}},
		{[]Change{{Action: ActPause, From: "2026-03-10", To: "2026-03-20"}}, Change{Action: ActPause, From: "2026-03-20"}, "pauses-overlap", []string{"10\u00a0March"}},
		{nil, Change{Action: ActResume}, "not-paused", nil},
		{nil, Change{Action: ActExtra, At: "2026-03-09T18:00"}, "taken", []string{"9\u00a0March"}},
		{nil, Change{Action: ActExtra, At: "2026-03-04T18:00"}, "overlap", []string{"2\u00a0March", "4\u00a0March"}},
		{nil, Change{Action: ActUnextra, Wave: "2026-03-09"}, "not-extra", nil},
		{nil, Change{Action: ActClose, At: "2026-03-07T09:01"}, "closes-sooner", []string{"7\u00a0March 2026, 09:00"}},
		{nil, Change{Action: ActClose, At: "2026-03-04T12:00"}, "at-past", nil},
	} {
		pl := weekly(t)
		made(t, pl, tc.before...)
		before := shown(t, pl)
		_, err := pl.apply(tc.do)
		var refused *ChangeError
		if !errors.As(err, &refused) || refused.Code != tc.code {
			t.Errorf("%+v: %v, want %s", tc.do, err, tc.code)
			continue
		}
		met[tc.code] = true
		for _, want := range tc.mention {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not mention %q", tc.code, err, want)
			}
		}
		if got := shown(t, pl); got != before {
			t.Errorf("%+v was refused, but the schedule is now %s", tc.do, got)
		}
		uk := refused.Title("uk") + " " + refused.Message("uk")
		if strings.Contains(uk+err.Error(), "schedule-") || strings.Contains(uk+err.Error(), "<no value>") {
			t.Errorf("%s: %q %q", tc.code, uk, err)
		}
	}
	for code, change := range map[string]func(*plan){
		"none-open": func(pl *plan) { pl.now = pl.now.AddDate(0, 0, 4) },
		"passed": func(pl *plan) {
			made(t, pl, Change{Action: ActSkip, Wave: "2026-03-09"})
			pl.now = time.Date(2026, 3, 10, 7, 0, 0, 0, time.UTC)
		},
	} {
		pl := weekly(t, change)
		do := map[string]Change{"none-open": {Action: ActUnclose}, "passed": {Action: ActUnskip, Wave: "2026-03-09"}}[code]
		var refused *ChangeError
		if _, err := pl.apply(do); !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
}

// Every text about the schedule is there in both languages, and its gaps are the same.
func TestScheduleTextsAreWhole(t *testing.T) {
	gap := regexp.MustCompile(`\{\{\.\w+\}\}`)
	read := func(lang string) map[string]string {
		data, err := messageFiles.ReadFile("messages." + lang + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for line := range strings.Lines(string(data)) {
			if id, text, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(id, "schedule-") {
				gaps := gap.FindAllString(text, -1)
				slices.Sort(gaps)
				all[id] = strings.Join(gaps, " ")
			}
		}
		return all
	}
	uk, en := read(web.Supported()[0]), read(web.Supported()[1])
	if len(en) < 60 {
		t.Errorf("only %d texts", len(en))
	}
	for id, gaps := range en {
		if other, ok := uk[id]; !ok || other != gaps {
			t.Errorf("%s has the gaps %q in English and %q in Ukrainian", id, gaps, other)
		}
	}
}

// Whatever is done in whatever order: what has opened stays as it was, no two
// waves overlap, and what was refused changed nothing.
func TestNoOrderOfChangesBreaksTheSchedule(t *testing.T) {
	day := func(n int) string { return time.Date(2026, 3, 1+n, 0, 0, 0, 0, time.UTC).Format(dateLayout) }
	rapid.Check(t, func(t *rapid.T) {
		pl := weekly(t)
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			c := Change{Action: rapid.SampledFrom(Actions()).Draw(t, "action")}
			for _, field := range c.Action.Takes() {
				value := day(rapid.IntRange(-3, 40).Draw(t, field))
				switch field {
				case "wave":
					c.Wave = day(1 + 7*rapid.IntRange(-1, 5).Draw(t, "week"))
				case "at":
					c.At = value + fmt.Sprintf("T%02d:00", rapid.IntRange(0, 23).Draw(t, "hour"))
				case "from":
					c.From = value
				case "to":
					c.To = value
				}
			}
			before := fmt.Sprintf("%+v", pl.survey)
			_, err := pl.apply(c)
			var refused *ChangeError
			if err != nil && (!errors.As(err, &refused) || fmt.Sprintf("%+v", pl.survey) != before) {
				t.Fatalf("%+v: %v", c, err)
			}
			if err := pl.survey.Recurrence.Validate(); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "time passes") {
				pl.now = pl.now.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hours")) * time.Hour)
				due, err := pl.open()
				if err != nil {
					t.Fatal(err)
				}
				if len(due) > 1 {
					t.Fatalf("two waves are open: %+v", due)
				}
				for _, w := range due {
					pl.rows[w.Occurrence] = w
				}
			}
		}
	})
}
