package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zoneNamed(t interface{ Fatal(...any) }, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestRemindersComeByDayWhereThePersonIs(t *testing.T) {
	kyiv := zoneNamed(t, "Europe/Kyiv")
	opens := func(local string) time.Time {
		at, err := time.ParseInLocation(localTimeLayout, local, kyiv)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	usual := DefaultReminders()
	for name, tc := range map[string]struct {
		opens    string
		days     int
		reminder Reminders
		zone     string
		want     []string
	}{
		"at home":                 {"2026-06-01T10:30", 7, usual, "Europe/Kyiv", []string{"06-04 10:30", "06-06 10:30"}},
		"at night in New York":    {"2026-06-01T10:30", 7, usual, "America/New_York", []string{"06-04 09:00", "06-06 09:00"}},
		"in the evening in Tokyo": {"2026-06-01T16:00", 7, usual, "Asia/Tokyo", []string{"06-05 09:00", "06-07 09:00"}},
		"only while it is open":   {"2026-06-01T10:30", 5, usual, "Europe/Kyiv", []string{"06-04 10:30"}},
		"not when it has closed":  {"2026-06-01T04:00", 3, usual, "Europe/Kyiv", nil},
		"New York ahead of Kyiv":  {"2026-03-06T10:00", 7, usual, "America/New_York", []string{"03-09 09:00", "03-11 09:00"}},
		"none":                    {"2026-06-01T10:30", 7, Reminders{QuietFrom: "21:00", QuietTo: "08:00", At: "09:00"}, "Europe/Kyiv", nil},
		"a night within a day":    {"2026-06-01T02:00", 7, Reminders{AfterDays: []int{1}, QuietFrom: "00:00", QuietTo: "07:30", At: "08:15"}, "Europe/Kyiv", []string{"06-02 08:15"}},
		"half hours":              {"2026-06-01T17:45", 7, usual, "Asia/Kathmandu", []string{"06-04 20:30", "06-06 20:30"}},
	} {
		at := opens(tc.opens)
		w := Wave{Opens: at.UTC(), Closes: at.AddDate(0, 0, tc.days).UTC()}
		zone := zoneNamed(t, tc.zone)
		var got []string
		for _, one := range tc.reminder.Times(w, zone) {
			got = append(got, one.In(zone).Format("01-02 15:04"))
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// Samoa had no 30 December 2011: reminders for it come the day after, and two
// that fall together are one.
func TestRemindersOverADayThatAZoneSkips(t *testing.T) {
	apia := zoneNamed(t, "Pacific/Apia")
	at := time.Date(2011, 12, 27, 10, 0, 0, 0, apia)
	r := DefaultReminders()
	r.AfterDays = []int{3, 4}
	times := r.Times(Wave{Opens: at.UTC(), Closes: at.AddDate(0, 0, 9).UTC()}, apia)
	if len(times) != 1 || times[0].In(apia).Format("01-02 15:04") != "12-31 10:00" {
		t.Errorf("%v", times)
	}
}

func TestRemindersAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Reminders)
		want   string
	}{
		"three":         {func(r *Reminders) { r.AfterDays = []int{1, 2, 3} }, "at most 2 times"},
		"the same day":  {func(r *Reminders) { r.AfterDays = []int{3, 3} }, "each later"},
		"backwards":     {func(r *Reminders) { r.AfterDays = []int{5, 3} }, "each later"},
		"on the day":    {func(r *Reminders) { r.AfterDays = []int{0} }, "from 1 to"},
		"after a year":  {func(r *Reminders) { r.AfterDays = []int{366} }, "from 1 to"},
		"no night":      {func(r *Reminders) { r.QuietTo = r.QuietFrom }, "no length"},
		"at night":      {func(r *Reminders) { r.At = "07:59" }, "at night"},
		"no clock":      {func(r *Reminders) { r.QuietFrom = "9 pm" }, `quiet_from "9 pm"`},
		"past midnight": {func(r *Reminders) { r.At = "24:00" }, `at "24:00"`},
	} {
		r := DefaultReminders()
		tc.change(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if err := DefaultReminders().Validate(); err != nil {
		t.Error(err)
	}
}

// Whatever the zones, the wave and the night: reminders are at most two, in
// order, while the wave is open, and never at night.
func TestRemindersKeepTheirPromises(t *testing.T) {
	zones := []string{"Europe/Kyiv", "America/New_York", "Pacific/Apia", "Pacific/Kwajalein", "Asia/Kathmandu", "Australia/Lord_Howe",
		"America/St_Johns", "Africa/Casablanca", "Pacific/Chatham", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Gaza", "America/Havana", "Asia/Tehran"}
	// The engine's own zones skip a day on these.
	around := []time.Time{time.Date(2011, 12, 30, 0, 0, 0, 0, time.UTC), time.Date(1993, 8, 21, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	rapid.Check(t, func(t *rapid.T) {
		zone := zoneNamed(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		// A day of less than two hours could be skipped by the clocks.
		const day = 24 * 60
		from := rapid.IntRange(0, day-1).Draw(t, "from")
		night := rapid.IntRange(1, day-120).Draw(t, "night")
		after := rapid.IntRange(0, day-night-1).Draw(t, "after the night")
		clock := func(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes%day/60, minutes%60) }
		r := Reminders{AfterDays: rapid.SliceOfNDistinct(rapid.IntRange(1, 30), 0, 2, rapid.ID).Draw(t, "days"),
			QuietFrom: clock(from), QuietTo: clock(from + night), At: clock(from + night + after)}
		slices.Sort(r.AfterDays)
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		h, err := r.hours()
		if err != nil {
			t.Fatal(err)
		}
		w := Wave{Opens: rapid.SampledFrom(around).Draw(t, "around").AddDate(0, 0, -10).Add(time.Duration(rapid.IntRange(0, 600*24*60).Draw(t, "minutes")) * time.Minute)}
		w.Closes = w.Opens.Add(time.Duration(rapid.IntRange(1, 40*24*60).Draw(t, "open")) * time.Minute)
		times := r.Times(w, zone)
		if len(times) > len(r.AfterDays) || len(times) > maxReminders {
			t.Fatalf("%d reminders", len(times))
		}
		last := w.Opens
		for i, at := range times {
			local := at.In(zone)
			if !at.After(last) || !at.Before(w.Closes) {
				t.Fatalf("%s is not after %s and before the wave closes, %s", at, last, w.Closes)
			}
			if h.quiet(sinceMidnight(local)) {
				t.Fatalf("%s is at night", local)
			}
			// Not before its day, and not long after: a night, a day that was
			// skipped and an hour.
			due := instant(wallClock(w.Opens.In(zone)).AddDate(0, 0, r.AfterDays[i]), zone)
			if len(times) == len(r.AfterDays) && (at.Before(due) || at.Sub(due) > 50*time.Hour) {
				t.Fatalf("%s for %s", local, due.In(zone))
			}
			last = at
		}
	})
}
