package survey

import (
	"fmt"
	"time"
)

// maxReminders is how many times a wave reminds somebody at most.
const maxReminders = 2

const clockLayout = "15:04"

// Reminders say when a wave reminds who has not submitted: so many days after it
// opened, never at night by the participant's own clock. Times of day are
// "21:00".
type Reminders struct {
	// AfterDays counts from the opening; empty for none.
	AfterDays []int `json:"after_days" yaml:"after_days"`
	// QuietFrom and QuietTo bound the night, in which nobody is reminded: from
	// the first, to just before the second.
	QuietFrom string `json:"quiet_from" yaml:"quiet_from"`
	QuietTo   string `json:"quiet_to" yaml:"quiet_to"`
	// At is when a reminder goes out that would have come at night.
	At string `json:"at" yaml:"at"`
}

// DefaultReminders come after three and five days, by day.
func DefaultReminders() Reminders {
	return Reminders{AfterDays: []int{3, 5}, QuietFrom: "21:00", QuietTo: "08:00", At: "09:00"}
}

// Validate returns an error that names what is wrong and what to do.
func (r Reminders) Validate() error {
	_, err := r.hours()
	if err != nil {
		return err
	}
	if len(r.AfterDays) > maxReminders {
		return fmt.Errorf("reminders: %d of them: a wave reminds at most %d times", len(r.AfterDays), maxReminders)
	}
	last := 0
	for _, days := range r.AfterDays {
		if days <= last || days >= maxOpenDays {
			return fmt.Errorf("reminders: after %v days: want whole days from 1 to %d, each later than the one before", r.AfterDays, maxOpenDays-1)
		}
		last = days
	}
	return nil
}

// Times returns when a participant in the zone is reminded of the wave, in UTC
// and in order. A reminder comes at the time of day at which the wave opened
// there, or by day when that is at night; one that would come when the wave has
// closed does not come. Reminders that are not valid never come.
func (r Reminders) Times(w Wave, zone *time.Location) []time.Time {
	quiet, err := r.hours()
	if err != nil {
		return nil
	}
	opened := wallClock(w.Opens.In(zone))
	last := w.Opens
	var times []time.Time
	for _, days := range r.AfterDays {
		at := quiet.day(opened.AddDate(0, 0, days), zone)
		// Where a zone skips a day, two reminders may fall together.
		if at.After(last) && at.Before(w.Closes) {
			times, last = append(times, at), at
		}
	}
	return times
}

// hours are times of day, as durations since midnight.
type hours struct{ from, to, at time.Duration }

func (r Reminders) hours() (hours, error) {
	var h hours
	for _, one := range []struct {
		name, text string
		into       *time.Duration
	}{{"quiet_from", r.QuietFrom, &h.from}, {"quiet_to", r.QuietTo, &h.to}, {"at", r.At, &h.at}} {
		t, err := time.Parse(clockLayout, one.text)
		if err != nil {
			return h, fmt.Errorf("reminders: %s %q: want a time of day such as 21:00", one.name, one.text)
		}
		*one.into = sinceMidnight(t)
	}
	switch {
	case h.from == h.to:
		return h, fmt.Errorf("reminders: the night from %s to %s has no length: give two different times", r.QuietFrom, r.QuietTo)
	case h.quiet(h.at):
		return h, fmt.Errorf("reminders: at %s is at night, which is from %s to %s: choose a time of day outside it", r.At, r.QuietFrom, r.QuietTo)
	}
	return h, nil
}

// quiet reports whether a time of day is at night, which may go past midnight.
func (h hours) quiet(clock time.Duration) bool {
	if h.from < h.to {
		return clock >= h.from && clock < h.to
	}
	return clock >= h.from || clock < h.to
}

// mornings is how many mornings to try: a zone that skips a day, or an hour in
// the morning, takes one.
const mornings = 4

// day returns the wall time in the zone or, when that is at night, the next
// moment at which clocks there show the time for it.
func (h hours) day(wall time.Time, zone *time.Location) time.Time {
	at := instant(wall, zone)
	for range mornings {
		local := wallClock(at.In(zone))
		if !h.quiet(sinceMidnight(local)) {
			break
		}
		morning := local.Truncate(24 * time.Hour).Add(h.at)
		if !morning.After(local) {
			morning = morning.AddDate(0, 0, 1)
		}
		at = instant(morning, zone)
	}
	return at
}

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}
