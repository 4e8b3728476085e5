package survey

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWhenAChannelIsTold(t *testing.T) {
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	night, err := DefaultReminders().hours()
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		when, err := time.ParseInLocation("2006-01-02 15:04", text, kyiv)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for name, tt := range map[string]struct{ opens, closes, open, closing string }{
		"a week":              {"2026-01-05 09:00", "2026-01-12 09:00", "2026-01-05 09:00", "2026-01-11 09:00"},
		"until the evening":   {"2026-01-05 09:00", "2026-01-09 18:00", "2026-01-05 09:00", "2026-01-09 09:00"},
		"from midnight":       {"2026-01-05 00:00", "2026-01-10 00:00", "2026-01-05 09:00", "2026-01-09 09:00"},
		"late in the evening": {"2026-01-05 22:00", "2026-01-10 22:00", "2026-01-06 09:00", "2026-01-10 09:00"},
		"a day":               {"2026-01-05 09:00", "2026-01-06 09:00", "2026-01-05 09:00", ""},
		"a night":             {"2026-01-05 22:00", "2026-01-06 07:00", "", ""},
		"clocks go forward":   {"2026-03-25 09:00", "2026-03-30 12:00", "2026-03-25 09:00", "2026-03-29 09:00"},
		"clocks go back":      {"2026-10-21 09:00", "2026-10-26 12:00", "2026-10-21 09:00", "2026-10-25 09:00"},
	} {
		open, closing := chatTimes(Wave{Opens: at(tt.opens).UTC(), Closes: at(tt.closes).UTC()}, night, kyiv)
		if !open.Equal(at(tt.open)) || !closing.Equal(at(tt.closing)) {
			t.Errorf("%s: told at %s and %s, want %s and %s", name, open, closing, tt.open, tt.closing)
		}
	}
}

func TestChannelsAreLeftInPeace(t *testing.T) {
	zones := []string{"Europe/Kyiv", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := rapid.IntRange(18, 23).Draw(t, "from")
		to := rapid.IntRange(5, 10).Draw(t, "to")
		clock := func(hour int) string { return fmt.Sprintf("%02d:00", hour) }
		night, err := Reminders{QuietFrom: clock(from), QuietTo: clock(to), At: clock(rapid.IntRange(to, from-1).Draw(t, "at"))}.hours()
		if err != nil {
			t.Fatal(err)
		}
		atNight := func(at time.Time) bool { return at.In(zone).Hour() >= from || at.In(zone).Hour() < to }
		opens := time.Unix(rapid.Int64Range(1_262_304_000, 1_893_456_000).Draw(t, "opens"), 0).UTC()
		w := Wave{Opens: opens, Closes: opens.Add(time.Duration(rapid.IntRange(1, 60*24*60).Draw(t, "minutes")) * time.Minute)}
		open, closing := chatTimes(w, night, zone)
		for _, told := range []time.Time{open, closing} {
			if told.IsZero() {
				continue
			}
			if atNight(told) || told.Before(w.Opens) || !told.Before(w.Closes) {
				t.Fatalf("told at %s of a wave from %s to %s", told, w.Opens.In(zone), w.Closes.In(zone))
			}
		}
		if !closing.IsZero() && (open.IsZero() || closing.Sub(open) < 24*time.Hour || w.Closes.Sub(closing) < 6*time.Hour) {
			t.Fatalf("told at %s that a wave closes at %s; that it is open, at %s", closing, w.Closes, open)
		}
		now := w.Opens.Add(time.Duration(rapid.IntRange(-60, 61*24*60).Draw(t, "now")) * time.Minute)
		occasion, due := chatDue(w, night, zone, now)
		if occasion != "" && (atNight(now.In(zone)) || !w.Open(now) || due.After(now) || occasion == occasionOpen && !closing.IsZero() && !now.Before(closing)) {
			t.Fatalf("at %s %s is due since %s", now.In(zone), occasion, due)
		}
	})
}
