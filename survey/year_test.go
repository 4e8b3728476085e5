package survey_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// year is a stretch of time that a programme is watched through, by a clock that
// jumps from one moment to the next at which something happens or must not.
type year struct {
	zone, rule, start string
	days              int
	from, to          string
	// on says which days have a wave.
	on func(day time.Time) bool
	// opens are, by wave, the moments that do not follow from the local time.
	opens map[string]string
}

func monday(day time.Time) bool { return day.Weekday() == time.Monday }

func sunday(day time.Time) bool { return day.Weekday() == time.Sunday }

func years() map[string]year {
	return map[string]year{
		"Kyiv": {zone: "Europe/Kyiv", rule: "FREQ=WEEKLY;BYDAY=MO", start: "2026-01-05T09:00", days: 7, from: "2026-01-01", to: "2026-12-31", on: monday},
		"New York": {zone: "America/New_York", rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", start: "2026-01-05T09:00", days: 7, from: "2026-01-01", to: "2026-12-31",
			on: func(day time.Time) bool { return monday(day) && (day.YearDay()-5)%14 == 0 }},
		"a time that is skipped": {zone: "Europe/Kyiv", rule: "FREQ=WEEKLY;BYDAY=SU", start: "2026-03-15T03:30", days: 5, from: "2026-03-15", to: "2026-04-12",
			on: sunday, opens: map[string]string{"2026-03-29": "2026-03-29T01:30:00Z"}},
		"a time that comes twice": {zone: "Europe/Kyiv", rule: "FREQ=WEEKLY;BYDAY=SU", start: "2026-10-11T03:30", days: 5, from: "2026-10-11", to: "2026-11-08",
			on: sunday, opens: map[string]string{"2026-10-25": "2026-10-25T00:30:00Z"}},
		"a time that New York skips": {zone: "America/New_York", rule: "FREQ=WEEKLY;BYDAY=SU", start: "2026-02-22T02:30", days: 5, from: "2026-02-22", to: "2026-03-22",
			on: sunday, opens: map[string]string{"2026-03-08": "2026-03-08T07:30:00Z"}},
		"a time that comes twice in New York": {zone: "America/New_York", rule: "FREQ=WEEKLY;BYDAY=SU", start: "2026-10-18T01:30", days: 5, from: "2026-10-18", to: "2026-11-15",
			on: sunday, opens: map[string]string{"2026-11-01": "2026-11-01T05:30:00Z"}},
		"the last day of each month of a leap year": {zone: "Europe/Kyiv", rule: "FREQ=MONTHLY;BYMONTHDAY=-1", start: "2028-01-01T09:00", days: 10, from: "2028-01-01", to: "2028-12-31",
			on: func(day time.Time) bool { return day.AddDate(0, 0, 1).Day() == 1 }},
		"the 29th": {zone: "Europe/Kyiv", rule: "FREQ=MONTHLY;BYMONTHDAY=29", start: "2027-01-01T09:00", days: 10, from: "2027-01-01", to: "2028-12-31",
			on: func(day time.Time) bool { return day.Day() == 29 }},
		"the 30th": {zone: "Europe/Kyiv", rule: "FREQ=MONTHLY;BYMONTHDAY=30", start: "2028-01-01T09:00", days: 10, from: "2028-01-01", to: "2028-12-31",
			on: func(day time.Time) bool { return day.Day() == 30 }},
		"the 31st": {zone: "America/New_York", rule: "FREQ=MONTHLY;BYMONTHDAY=31", start: "2028-01-01T09:00", days: 10, from: "2028-01-01", to: "2028-12-31",
			on: func(day time.Time) bool { return day.Day() == 31 }},
		"29 February": {zone: "Europe/Kyiv", rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", start: "2024-01-01T09:00", days: 10, from: "2024-01-01", to: "2029-12-31",
			on: func(day time.Time) bool { return day.Month() == time.February && day.Day() == 29 }},
		"a day that Samoa skipped": {zone: "Pacific/Apia", rule: "FREQ=WEEKLY;BYDAY=FR", start: "2011-12-02T10:00", days: 6, from: "2011-12-01", to: "2012-02-01",
			on:    func(day time.Time) bool { return day.Weekday() == time.Friday },
			opens: map[string]string{"2011-12-30": "2011-12-30T20:00:00Z"}}, // 10:00 on the 31st there
		"a day that Kwajalein skipped": {zone: "Pacific/Kwajalein", rule: "FREQ=WEEKLY;BYDAY=SA", start: "1993-08-07T10:00", days: 6, from: "1993-08-01", to: "1993-10-01",
			on:    func(day time.Time) bool { return day.Weekday() == time.Saturday },
			opens: map[string]string{"1993-08-21": "1993-08-21T22:00:00Z"}}, // 10:00 on the 22nd there
		"every day while Samoa skipped one": {zone: "Pacific/Apia", rule: "FREQ=DAILY", start: "2011-12-20T10:00", days: 1, from: "2011-12-20", to: "2012-01-04",
			on: func(day time.Time) bool { return day.Format(time.DateOnly) != "2011-12-30" }},
	}
}

// expected are the waves and when each opens and closes, worked out apart from
// the code under test.
func (y year) expected(t *testing.T) (labels []string, opens, closes map[string]time.Time) {
	t.Helper()
	zone := must(time.LoadLocation(y.zone))
	clock := must(time.Parse("15:04", y.start[len("2026-01-05T"):]))
	opens, closes = map[string]time.Time{}, map[string]time.Time{}
	last := must(time.Parse(time.DateOnly, y.to))
	for day := must(time.Parse(time.DateOnly, y.start[:len(time.DateOnly)])); !day.After(last); day = day.AddDate(0, 0, 1) {
		if !y.on(day) {
			continue
		}
		label := day.Format(time.DateOnly)
		labels = append(labels, label)
		at := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
		opens[label] = at.UTC()
		if given, ok := y.opens[label]; ok {
			opens[label] = must(time.Parse(time.RFC3339, given))
		}
		closes[label] = time.Date(day.Year(), day.Month(), day.Day()+y.days, clock.Hour(), clock.Minute(), 0, 0, zone).UTC()
	}
	return labels, opens, closes
}

// begun is a programme at the beginning of the year, with a mentor at home, a
// mentee in New York and somebody for comparison in Kathmandu.
func (y year) begun(t *testing.T) *place {
	return sample(t, func(p *place) {
		p.program.TimeZone, p.program.Starts, p.program.Ends = y.zone, must(time.Parse(time.DateOnly, y.from)), must(time.Parse(time.DateOnly, y.to))
		p.now = p.program.Starts.Add(-48 * time.Hour)
		p.survey = survey.NewSurvey(p.program.ID, "pulse", must(survey.BuiltIn("reverse-mentoring")), program.Roles(),
			survey.Recurrence{RRule: y.rule, Start: y.start, TimeZone: y.zone, OpenDays: y.days})
		p.people = samplePeople(p.program)
		p.people.Participants[1].TimeZone, p.people.Participants[2].TimeZone = "America/New_York", "Asia/Kathmandu"
	})
}

// moments are just before and at each opening and closing, in order.
func moments(opens, closes map[string]time.Time) []time.Time {
	at := map[time.Time]bool{}
	for label, o := range opens {
		for _, one := range []time.Time{o.Add(-time.Second), o, closes[label].Add(-time.Second), closes[label]} {
			at[one] = true
		}
	}
	return slices.SortedFunc(maps.Keys(at), time.Time.Compare)
}

// watch lets time pass while due is called at each moment, and fails when a wave
// is there before its time or not at it.
func (y year) watch(t *testing.T, p *place, due func()) {
	t.Helper()
	_, opens, closes := y.expected(t)
	for _, at := range moments(opens, closes) {
		p.now = at
		due()
		there := map[string]bool{}
		for _, w := range must(p.surveys.Waves(t.Context(), p.program.ID)) {
			there[w.Occurrence] = true
		}
		for label, o := range opens {
			if want := !o.After(at); there[label] != want {
				t.Fatalf("%s: wave %s, which opens at %s: there %t", at, label, o, there[label])
			}
		}
	}
}

// rows are everything that the scheduler has stored, but for revisions.
func (p *place) rows(t *testing.T) []string {
	t.Helper()
	const sql = `SELECT line FROM (SELECT concat('wave ', toString(number), ' ', occurrence, ' ', toString(opens), ' ', toString(closes), ' ', toString(wave_id)) AS line
		FROM waves FINAL WHERE program_id = {program:String}
		UNION ALL SELECT concat('invitation ', toString(wave_id), ' ', toString(participant_id), ' ', role, ' ', toString(pair_id), ' ', attributes)
		FROM invitations FINAL WHERE program_id = {program:String}) ORDER BY line`
	return must(clickhouse.Collect(t.Context(), p.db, "rows", sql, func(rows driver.Rows) (line string, err error) {
		return line, rows.Scan(&line)
	}, clickhouse.Named("program", p.program.ID)))
}

func (p *place) count(t *testing.T, table string) int {
	t.Helper()
	var n uint64
	if err := p.db.QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func (p *place) due(t *testing.T) func() {
	return func() {
		t.Helper()
		if err := p.scheduler.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Through a year every wave opens once, at its time, and invites everybody once;
// reminders come by day wherever people are.
func TestAYearOfWaves(t *testing.T) {
	for name, y := range years() {
		t.Run(name, func(t *testing.T) {
			p := y.begun(t)
			y.watch(t, p, p.due(t))
			labels, opens, closes := y.expected(t)
			waves := must(p.surveys.Waves(t.Context(), p.program.ID))
			var got []string
			for i, w := range waves {
				got = append(got, w.Occurrence)
				if w.Number != i+1 || !w.Opens.Equal(opens[w.Occurrence]) || !w.Closes.Equal(closes[w.Occurrence]) {
					t.Errorf("wave %+v; want number %d, %s to %s", w, i+1, opens[w.Occurrence], closes[w.Occurrence])
				}
				p.checkReminders(t, w, y.days)
			}
			if !slices.Equal(got, labels) {
				t.Errorf("waves %v\nwant  %v", got, labels)
			}
			if n := p.count(t, "waves"); n != len(labels) {
				t.Errorf("%d rows of waves for %d", n, len(labels))
			}
			if n := p.count(t, "invitations"); n != 3*len(labels) {
				t.Errorf("%d rows of invitations for %d", n, 3*len(labels))
			}
		})
	}
}

func (p *place) checkReminders(t *testing.T, w survey.Wave, days int) {
	t.Helper()
	for _, person := range p.people.Participants {
		zone := must(p.program.Zone(person))
		times := p.survey.Reminders.Times(w, zone)
		if len(times) > 2 || days > 6 && len(times) != 2 {
			t.Errorf("wave %s reminds %s %d times", w.Occurrence, zone, len(times))
		}
		last := w.Opens
		for _, at := range times {
			if local := at.In(zone); local.Hour() < 8 || local.Hour() >= 21 || !at.After(last) || !at.Before(w.Closes) {
				t.Errorf("wave %s reminds in %s at %s, after %s", w.Occurrence, zone, local, last)
			}
			last = at
		}
	}
}

// Whoever runs the scheduler, and however often: the rows are the same.
func TestTwoSchedulersStoreTheSame(t *testing.T) {
	y := years()["Kyiv"]
	y.to = "2026-04-05"
	alone := y.begun(t)
	y.watch(t, alone, alone.due(t))
	two := y.begun(t)
	schedulers := []*survey.Scheduler{two.scheduler, survey.NewScheduler(two.programs, two.surveys, two.clock)}
	y.watch(t, two, func() {
		var both sync.WaitGroup
		for _, s := range schedulers {
			both.Go(func() {
				for range 2 {
					if err := s.Due(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
	})
	restarted := y.begun(t)
	y.watch(t, restarted, func() {
		restarted.scheduler = survey.NewScheduler(restarted.programs, restarted.surveys, restarted.clock)
		restarted.due(t)()
	})
	want := alone.rows(t)
	if len(want) != 4*13 {
		t.Fatalf("%d rows, want those of 13 waves", len(want))
	}
	for name, other := range map[string]*place{"two at a time": two, "a new one each time": restarted} {
		if got := other.rows(t); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// A process that ends between inviting and storing the wave leaves invitations
// without a wave: the next completes it and changes none of them.
func TestCrashBetweenInvitationsAndWave(t *testing.T) {
	ctx := context.Background()
	whole := opened(t)
	p := sample(t)
	w := p.survey.NewWave(must(p.survey.Recurrence.Occurrences(p.now.Add(-2*time.Hour), p.now))[0])
	invited := must(whole.surveys.Invitations(ctx, whole.wave(t)))
	if err := p.surveys.Invite(ctx, slices.Clone(invited[:2])); err != nil {
		t.Fatal(err)
	}
	if waves := must(p.surveys.Waves(ctx, "acme")); len(waves) > 0 {
		t.Fatal(waves)
	}
	// The roster has changed since: who was invited stays as they were invited.
	for i, one := range p.people.Participants {
		if one.ID == invited[0].Participant {
			p.people.Participants[i].Attributes = map[string]string{"department": "Sales"}
		}
	}
	if err := p.programs.Put(ctx, p.people); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p.due(t)()
	}
	if got, want := p.rows(t), whole.rows(t); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := p.wave(t); got.ID != w.ID || got.Number != 1 {
		t.Errorf("%+v", got)
	}
	if n := p.count(t, "invitations"); n != 3 {
		t.Errorf("%d rows of invitations", n)
	}
}

// Pauses, moves and skips that are made as the year goes on: what they drop is
// not made up for later, and nothing opens twice.
func TestAYearOfChanges(t *testing.T) {
	y := years()["Kyiv"]
	y.days = 5
	p := y.begun(t)
	planner := survey.NewPlanner(p.surveys, p.clock)
	change := func(at string, c survey.Change) {
		t.Helper()
		p.now = must(time.Parse(time.RFC3339, at))
		p.due(t)()
		if _, err := planner.Change(t.Context(), p.program, c, survey.Terms{}); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		p.due(t)()
	}
	pass := func(from, to string) {
		t.Helper()
		last := must(time.Parse(time.DateOnly, to))
		for p.now = must(time.Parse(time.DateOnly, from)); !p.now.After(last); p.now = p.now.AddDate(0, 0, 1) {
			p.due(t)()
		}
	}
	pass("2026-01-01", "2026-01-20")
	change("2026-01-20T10:00:00Z", survey.Change{Action: survey.ActPause, From: "2026-02-01"})
	pass("2026-01-21", "2026-02-17")
	change("2026-02-17T10:00:00Z", survey.Change{Action: survey.ActResume}) // a Tuesday: Monday's wave stays dropped
	pass("2026-02-18", "2026-02-24")
	change("2026-02-24T10:00:00Z", survey.Change{Action: survey.ActMove, Wave: "2026-03-30", At: "2026-03-29T03:30"}) // which the clocks skip
	change("2026-02-24T10:01:00Z", survey.Change{Action: survey.ActSkip, Wave: "2026-04-06"})
	change("2026-02-24T10:02:00Z", survey.Change{Action: survey.ActSkip, Wave: "2026-04-13"})
	change("2026-02-24T10:03:00Z", survey.Change{Action: survey.ActExtra, At: "2026-04-08T12:00"})
	pass("2026-02-25", "2026-05-05")
	var got []string
	for _, w := range must(p.surveys.Waves(t.Context(), "acme")) {
		got = append(got, fmt.Sprint(w.Number, " ", w.Occurrence, " ", w.Opens.Format("01-02 15:04")))
		p.checkReminders(t, w, y.days)
	}
	want := []string{"1 2026-01-05 01-05 07:00", "2 2026-01-12 01-12 07:00", "3 2026-01-19 01-19 07:00", "4 2026-01-26 01-26 07:00",
		"5 2026-02-23 02-23 07:00", "6 2026-03-02 03-02 07:00", "7 2026-03-09 03-09 07:00", "8 2026-03-16 03-16 07:00", "9 2026-03-23 03-23 07:00",
		"10 2026-03-30 03-29 01:30", "11 2026-04-08 04-08 09:00", "12 2026-04-20 04-20 06:00", "13 2026-04-27 04-27 06:00", "14 2026-05-04 05-04 06:00"}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := p.count(t, "invitations"); n != 3*len(want) {
		t.Errorf("%d rows of invitations for %d waves", n, len(want))
	}
}
