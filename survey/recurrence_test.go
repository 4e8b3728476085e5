package survey

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func year2026(t testing.TB, r Recurrence) []Occurrence {
	t.Helper()
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	waves, err := r.Occurrences(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return waves
}

func labels(waves []Occurrence) []string {
	var all []string
	for _, w := range waves {
		all = append(all, w.Label)
	}
	return all
}

// The clocks change on 29 March and 25 October in Kyiv, on 8 March and 1
// November in New York.
func TestNineOClockStaysNineOClock(t *testing.T) {
	for zone, tc := range map[string]struct{ winter, summer int }{
		"Europe/Kyiv":      {7, 6},
		"America/New_York": {14, 13},
	} {
		r := Recurrence{RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", Start: "2026-01-05T09:00", TimeZone: zone, OpenDays: 10}
		waves := year2026(t, r)
		if len(waves) != 26 {
			t.Errorf("%s: %d waves, want 26", zone, len(waves))
		}
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		hours := map[int]bool{}
		for i, w := range waves {
			for _, at := range []time.Time{w.Opens, w.Closes} {
				if at.Location() != time.UTC {
					t.Errorf("%s: %s is not UTC", zone, at)
				}
				if local := at.In(loc); local.Hour() != 9 || local.Minute() != 0 {
					t.Errorf("%s, wave %s: %s", zone, w.Label, local)
				}
			}
			hours[w.Opens.Hour()] = true
			opens := w.Opens.In(loc)
			if want := time.Date(2026, 1, 5+14*i, 9, 0, 0, 0, loc); !w.Opens.Equal(want) || w.Label != want.Format("2006-01-02") {
				t.Errorf("%s, wave %s opens at %s, want %s", zone, w.Label, opens, want)
			}
			if want := opens.AddDate(0, 0, 10); !w.Closes.Equal(want) {
				t.Errorf("%s, wave %s closes at %s, want %s", zone, w.Label, w.Closes.In(loc), want)
			}
		}
		if len(hours) != 2 || !hours[tc.winter] || !hours[tc.summer] {
			t.Errorf("%s opens at %v UTC, want %d in winter and %d in summer", zone, hours, tc.winter, tc.summer)
		}
	}
}

func TestLastDayOfEachMonth(t *testing.T) {
	r := Recurrence{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1", Start: "2026-01-01T18:30", TimeZone: "Europe/Kyiv", OpenDays: 7}
	want := []string{"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30",
		"2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31"}
	if got := labels(year2026(t, r)); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// In Kyiv 03:00–04:00 is skipped on 29 March 2026 and comes twice on 25
// October; in Lord Howe it is half an hour, from 02:00 on 4 October.
func TestTimesThatClocksSkipOrRepeat(t *testing.T) {
	for _, tc := range []struct{ zone, start, opens string }{
		{"Europe/Kyiv", "2026-03-29T03:30", "2026-03-29T01:30:00Z"}, // shown as 04:30
		{"Europe/Kyiv", "2026-03-29T02:59", "2026-03-29T00:59:00Z"},
		{"Europe/Kyiv", "2026-03-29T04:00", "2026-03-29T01:00:00Z"},
		{"Europe/Kyiv", "2026-10-25T03:30", "2026-10-25T00:30:00Z"}, // the first of the two
		{"America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z"},
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"},
	} {
		r := Recurrence{RRule: "FREQ=DAILY;COUNT=1", Start: tc.start, TimeZone: tc.zone, OpenDays: 1}
		waves := year2026(t, r)
		if len(waves) != 1 || waves[0].Opens.Format(time.RFC3339) != tc.opens {
			t.Errorf("%s %s opens at %v, want %s", tc.zone, tc.start, waves, tc.opens)
		}
	}
}

func TestPauseMoveAndSkip(t *testing.T) {
	r := Recurrence{
		RRule: "FREQ=MONTHLY;BYMONTHDAY=5", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 7,
		Pauses:  []Pause{{From: "2026-07-05", To: "2026-08-31"}, {From: "2026-12-01"}},
		Moved:   map[string]string{"2026-04-05": "2026-04-14T10:00", "2026-08-05": "2026-09-15T09:00", "2026-10-05": "2026-08-20T09:00", "2026-11-05": "2025-12-20T09:00"},
		Skipped: []string{"2026-02-05"},
	}
	waves := year2026(t, r)
	// November's wave was moved out of the year, October's into a pause, and
	// August's out of one.
	want := []string{"2026-01-05", "2026-03-05", "2026-04-05", "2026-05-05", "2026-06-05", "2026-09-05", "2026-08-05"}
	if got := labels(waves); !slices.Equal(got[:len(want)], want) || len(got) != len(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if got := waves[2].Opens.Format(time.RFC3339); got != "2026-04-14T07:00:00Z" {
		t.Errorf("the moved wave opens at %s", got)
	}
	if got := waves[2].Closes.Format(time.RFC3339); got != "2026-04-21T07:00:00Z" {
		t.Errorf("the moved wave closes at %s", got)
	}
	december, err := r.Occurrences(time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if got := labels(december); err != nil || !slices.Equal(got, []string{"2026-11-05"}) {
		t.Errorf("December 2025: %v (%v)", got, err)
	}
}

func TestExtraWaves(t *testing.T) {
	r := Recurrence{
		RRule: "FREQ=MONTHLY;BYMONTHDAY=5", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 7,
		Extra:   []string{"2026-01-20T14:30", "2026-03-20T09:00", "2026-05-20T09:00", "2026-12-20T09:00"},
		Moved:   map[string]string{"2026-03-20": "2026-03-25T08:00"},
		Skipped: []string{"2026-05-20"},
		Pauses:  []Pause{{From: "2026-06-01", To: "2026-11-30"}, {From: "2026-12-10"}},
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range year2026(t, r) {
		got = append(got, w.Label+" "+w.Opens.Format("01-02T15:04"))
	}
	want := []string{"2026-01-05 01-05T07:00", "2026-01-20 01-20T12:30", "2026-02-05 02-05T07:00", "2026-03-05 03-05T07:00", "2026-03-20 03-25T06:00",
		"2026-04-05 04-05T06:00", "2026-05-05 05-05T06:00", "2026-12-05 12-05T07:00"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// Nothing is open for no time: 30 December 2011 was no day in Samoa, so a wave
// of that one day is none, and a longer one opens the day after.
func TestDayThatAZoneSkips(t *testing.T) {
	for days, want := range map[int]string{1: "2011-12-29, 2011-12-31", 3: "2011-12-30"} {
		r := Recurrence{RRule: "FREQ=DAILY;COUNT=3", Start: "2011-12-29T09:00", TimeZone: "Pacific/Apia", OpenDays: days}
		if days > 1 {
			r.RRule, r.Start = "FREQ=WEEKLY;COUNT=1", "2011-12-30T09:00"
		}
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
		waves, err := r.Occurrences(time.Date(2011, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2012, 2, 1, 0, 0, 0, 0, time.UTC))
		if got := strings.Join(labels(waves), ", "); err != nil || got != want {
			t.Errorf("open for %d days: %q (%v), want %q", days, got, err, want)
		}
		for _, w := range waves {
			if !w.Closes.After(w.Opens) {
				t.Errorf("wave %+v is never open", w)
			}
		}
	}
}

func TestUntilIsInclusive(t *testing.T) {
	r := Recurrence{RRule: "FREQ=DAILY", Start: "2026-01-01T23:30", TimeZone: "Europe/Kyiv", OpenDays: 1}
	for until, want := range map[string]string{
		"20260105":         "2026-01-05",
		"20260105T233000":  "2026-01-05",
		"20260105T232959":  "2026-01-04",
		"20260105T213000Z": "2026-01-05", // 23:30 in Kyiv
		"20260105T212959Z": "2026-01-04",
	} {
		r.RRule = "FREQ=DAILY;UNTIL=" + until
		if got := labels(year2026(t, r)); got[len(got)-1] != want {
			t.Errorf("UNTIL=%s ends on %s, want %s", until, got[len(got)-1], want)
		}
		r.RRule = "UNTIL=" + until + ";FREQ=DAILY"
		if got := labels(year2026(t, r)); got[len(got)-1] != want {
			t.Errorf("UNTIL=%s first ends on %s, want %s", until, got[len(got)-1], want)
		}
	}
}

func TestRecurrenceIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Recurrence)
		want   string
	}{
		"every hour":          {func(r *Recurrence) { r.RRule = "FREQ=HOURLY" }, "repeats within a day"},
		"every minute":        {func(r *Recurrence) { r.RRule = "FREQ=MINUTELY;COUNT=3" }, "repeats within a day"},
		"every second":        {func(r *Recurrence) { r.RRule = "FREQ=SECONDLY" }, "repeats within a day"},
		"twice a day":         {func(r *Recurrence) { r.RRule = "FREQ=DAILY;BYHOUR=9,17" }, "comes from start"},
		"no frequency":        {func(r *Recurrence) { r.RRule = "COUNT=3" }, "FREQ is required"},
		"no rule":             {func(r *Recurrence) { r.RRule = "" }, `rule ""`},
		"nonsense":            {func(r *Recurrence) { r.RRule = "every Monday" }, `rule "every Monday"`},
		"interval":            {func(r *Recurrence) { r.RRule = "FREQ=DAILY;INTERVAL=99999999" }, "INTERVAL between"},
		"own start":           {func(r *Recurrence) { r.RRule = "DTSTART=20260101T000000Z;FREQ=DAILY" }, "give the RRULE alone"},
		"two lines":           {func(r *Recurrence) { r.RRule = "RRULE:FREQ=DAILY\nEXDATE:20260101" }, "give the RRULE alone"},
		"month 13":            {func(r *Recurrence) { r.RRule = "FREQ=YEARLY;BYMONTH=13" }, "bymonth must be between"},
		"never":               {func(r *Recurrence) { r.RRule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }, "no wave is left"},
		"ends before":         {func(r *Recurrence) { r.RRule = "FREQ=DAILY;UNTIL=20200101" }, "no wave is left"},
		"all paused":          {func(r *Recurrence) { r.Pauses = []Pause{{From: "2020-01-01"}} }, "no wave is left"},
		"zone":                {func(r *Recurrence) { r.TimeZone = "Europe/Kyjiv" }, `time zone "Europe/Kyjiv"`},
		"no zone":             {func(r *Recurrence) { r.TimeZone = "" }, `time zone ""`},
		"the host's zone":     {func(r *Recurrence) { r.TimeZone = "Local" }, `time zone "Local"`},
		"start":               {func(r *Recurrence) { r.Start = "2026-02-30T09:00" }, `start "2026-02-30T09:00"`},
		"start with zone":     {func(r *Recurrence) { r.Start = "2026-01-05T09:00Z" }, "want a local time"},
		"never open":          {func(r *Recurrence) { r.OpenDays = 0 }, "open_days 0"},
		"overlap":             {func(r *Recurrence) { r.OpenDays = 8 }, "wave 2026-01-12 would open on 2026-01-12 09:00, before wave 2026-01-05 closes on 2026-01-13 09:00"},
		"overlap by move":     {func(r *Recurrence) { r.Moved = map[string]string{"2026-01-12": "2026-01-13T09:00"} }, "wave 2026-01-19 would open"},
		"moved nothing":       {func(r *Recurrence) { r.Moved = map[string]string{"2026-01-06": "2026-01-07T09:00"} }, `moved "2026-01-06": the rule has no wave`},
		"moved nowhere":       {func(r *Recurrence) { r.Moved = map[string]string{"2026-01-05": "later"} }, `moved "2026-01-05" to "later"`},
		"skipped nothing":     {func(r *Recurrence) { r.Skipped = []string{"2026-01-06"} }, `skipped "2026-01-06": the rule has no wave`},
		"skipped no date":     {func(r *Recurrence) { r.Skipped = []string{"6 January"} }, `"6 January" is not a date`},
		"extra on the rule's": {func(r *Recurrence) { r.Extra = []string{"2026-01-05T18:00"} }, "has a wave on that date already"},
		"extra twice":         {func(r *Recurrence) { r.Extra = []string{"2026-01-08T09:00", "2026-01-08T18:00"} }, "a date has one wave"},
		"extra no time":       {func(r *Recurrence) { r.Extra = []string{"2026-01-08"} }, `extra "2026-01-08"`},
		"extra too close":     {func(r *Recurrence) { r.Extra = []string{"2036-01-08T09:00"} }, "before wave"},
		"moved too close":     {func(r *Recurrence) { r.Moved = map[string]string{"2040-01-02": "2040-01-07T09:00"} }, "before wave"},
		"pause no date":       {func(r *Recurrence) { r.Pauses = []Pause{{To: "2026-01-05"}} }, `"" is not a date`},
		"pause turned":        {func(r *Recurrence) { r.Pauses = []Pause{{From: "2026-02-01", To: "2026-01-01"}} }, "ends before it begins"},
		"negative count":      {func(r *Recurrence) { r.RRule = "FREQ=DAILY;COUNT=-1" }, "COUNT must be positive"},
		"Easter":              {func(r *Recurrence) { r.RRule = "FREQ=YEARLY;BYEASTER=700" }, "BYEASTER"}, // the library hangs on it
		"sixth Friday":        {func(r *Recurrence) { r.RRule = "FREQ=MONTHLY;BYDAY=10FR" }, "BYDAY=+10FR: a month has"},
		"sixth from end":      {func(r *Recurrence) { r.RRule = "FREQ=YEARLY;BYMONTH=1;BYDAY=-9FR" }, "BYDAY=-9FR: a month has"},
		"unknown property":    {func(r *Recurrence) { r.RRule = "FREQ=DAILY;BYMOON=1" }, "BYMOON"},
	} {
		r := Recurrence{RRule: "FREQ=WEEKLY", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 7}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		tc.change(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q in it", name, err, tc.want)
		}
	}
}

// However a span of time is cut into windows, each wave comes in one of them:
// a scheduler that looks ahead step by step misses none and doubles none.
func TestWindowsNeitherMissNorDouble(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Recurrence{
			RRule:    rapid.SampledFrom([]string{"FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY", "FREQ=MONTHLY;BYDAY=-1FR"}).Draw(t, "rule"),
			Start:    rapid.SampledFrom([]string{"2026-01-01T00:00", "2026-03-05T03:30", "2026-02-01T23:59"}).Draw(t, "start"),
			TimeZone: rapid.SampledFrom([]string{"Europe/Kyiv", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"}).Draw(t, "zone"),
			OpenDays: 1,
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		to := from.AddDate(0, 6, 0)
		whole, err := r.Occurrences(from, to)
		if err != nil {
			t.Fatal(err)
		}
		var pieces []Occurrence
		for at := from; at.Before(to); {
			end := at.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "hours")) * time.Hour)
			if end.After(to) {
				end = to
			}
			piece, err := r.Occurrences(at, end)
			if err != nil {
				t.Fatal(err)
			}
			pieces = append(pieces, piece...)
			at = end
		}
		if !slices.Equal(whole, pieces) {
			t.Errorf("whole %v\npieces %v", labels(whole), labels(pieces))
		}
	})
}

// FuzzRecurrence: whatever the rule, an answer and no panic, and what passes
// never opens before it closes.
func FuzzRecurrence(f *testing.F) {
	for _, rule := range []string{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=5",
		"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=YEARLY;BYEASTER=700", "FREQ=MONTHLY;BYDAY=10FR", "FREQ=YEARLY;BYDAY=-53MO"} {
		f.Add(rule)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		r := Recurrence{RRule: rule, Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 3}
		if r.Validate() != nil {
			return
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		waves, err := r.Occurrences(from, from.AddDate(5, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for i := range waves {
			if i > 0 && waves[i].Opens.Before(waves[i-1].Closes) {
				t.Errorf("%q: waves %s and %s overlap", rule, waves[i-1].Label, waves[i].Label)
			}
		}
	})
}
