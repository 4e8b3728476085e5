package survey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

const (
	dateLayout      = "2006-01-02"
	localTimeLayout = "2006-01-02T15:04"
	// maxOpenDays bounds how long a wave may stay open.
	maxOpenDays = 366
	// overlapWaves is how many waves ahead Validate looks for two that overlap:
	// nearly ten years of weekly ones.
	overlapWaves = 500
)

// Recurrence says when a survey's waves open and close, in the programme's own
// time: 09:00 stays 09:00 when the clocks change. Dates are "2026-01-05" and
// local times "2026-01-05T09:00"; a local time that the clocks skip moves
// forward by what they skip, one that comes twice is the first of the two.
type Recurrence struct {
	// RRule is an RFC 5545 rule without DTSTART, such as
	// "FREQ=MONTHLY;BYMONTHDAY=-1"; the time of day comes from Start.
	RRule string `json:"rrule" yaml:"rrule"`
	// Start is a local time: the first wave is the rule's first date on or
	// after it.
	Start    string `json:"start" yaml:"start"`
	TimeZone string `json:"time_zone" yaml:"time_zone"` // such as "Europe/Kyiv"
	// OpenDays is for how many days a wave is open; it closes at the time of
	// day at which it opened.
	OpenDays int `json:"open_days" yaml:"open_days"`
	// Pauses drop the waves that would open in them.
	Pauses []Pause `json:"pauses,omitempty" yaml:"pauses,omitempty"`
	// Moved gives waves, by the rule's date, another local time to open.
	Moved map[string]string `json:"moved,omitempty" yaml:"moved,omitempty"`
	// Skipped drops waves, by the rule's date.
	Skipped []string `json:"skipped,omitempty" yaml:"skipped,omitempty"`
}

// Pause is a run of local dates, both included; without To it has no end yet.
type Pause struct {
	From string `json:"from" yaml:"from"`
	To   string `json:"to,omitempty" yaml:"to,omitempty"`
}

// Occurrence is one wave. Label is the date on which the rule has it, which
// stays the same when the wave is moved; times are UTC.
type Occurrence struct {
	Label  string
	Opens  time.Time
	Closes time.Time
}

// Validate returns an error that names what is wrong and what to do: an
// unreadable rule, one that repeats within a day or never comes, an unknown
// zone, dates that the rule does not have, or waves that overlap.
func (r Recurrence) Validate() error {
	s, err := r.schedule()
	if err != nil {
		return err
	}
	for label := range r.Moved {
		if !s.has(label) {
			return fmt.Errorf("recurrence: moved %q: the rule has no wave on that date", label)
		}
	}
	for _, label := range r.Skipped {
		if !s.has(label) {
			return fmt.Errorf("recurrence: skipped %q: the rule has no wave on that date", label)
		}
	}
	next := s.rule.Iterator()
	var waves []Occurrence
	for range overlapWaves {
		local, ok := next()
		if !ok {
			break
		}
		waves = s.add(waves, local)
	}
	if len(waves) == 0 {
		return fmt.Errorf("recurrence: no wave is left of %q from %s on: change the rule, the pauses or what is skipped", r.RRule, r.Start)
	}
	slices.SortFunc(waves, func(a, b Occurrence) int { return a.Opens.Compare(b.Opens) })
	for i := range waves[1:] {
		if a, b := waves[i], waves[i+1]; b.Opens.Before(a.Closes) {
			return fmt.Errorf("recurrence: wave %s would open on %s, before wave %s closes on %s: shorten open_days (%d) or space the waves out",
				b.Label, b.Opens.In(s.zone).Format("2006-01-02 15:04"), a.Label, a.Closes.In(s.zone).Format("2006-01-02 15:04"), r.OpenDays)
		}
	}
	return nil
}

// Occurrences returns the waves that open in [from, to), in the order in which
// they open. It returns an error when a field cannot be read; whether waves
// overlap is for Validate to say.
func (r Recurrence) Occurrences(from, to time.Time) ([]Occurrence, error) {
	s, err := r.schedule()
	if err != nil {
		return nil, err
	}
	var waves []Occurrence
	// The rule runs on wall-clock time, which differs from UTC by less than a
	// day; moved waves may come from anywhere and are added after.
	const slack = 48 * time.Hour
	for _, local := range s.rule.Between(from.UTC().Add(-slack), to.UTC().Add(slack), true) {
		if _, moved := s.moved[local.Format(dateLayout)]; !moved {
			waves = s.add(waves, local)
		}
	}
	for label := range s.moved {
		if s.has(label) {
			day, _ := time.Parse(dateLayout, label) // schedule has read it
			waves = s.add(waves, day)
		}
	}
	waves = slices.DeleteFunc(waves, func(o Occurrence) bool { return o.Opens.Before(from) || !o.Opens.Before(to) })
	slices.SortFunc(waves, func(a, b Occurrence) int {
		if c := a.Opens.Compare(b.Opens); c != 0 {
			return c
		}
		return strings.Compare(a.Label, b.Label)
	})
	return waves, nil
}

// schedule is a Recurrence read: its local times are wall clocks in UTC's dress.
type schedule struct {
	rule     *rrule.RRule
	zone     *time.Location
	openDays int
	pauses   []Pause
	moved    map[string]time.Time
	skipped  []string
}

func (r Recurrence) schedule() (*schedule, error) {
	s := &schedule{openDays: r.OpenDays, pauses: r.Pauses, skipped: r.Skipped, moved: map[string]time.Time{}}
	var err error
	if s.zone, err = time.LoadLocation(r.TimeZone); err != nil || r.TimeZone == "" || r.TimeZone == "Local" {
		return nil, fmt.Errorf("recurrence: time zone %q is not known: use a name such as Europe/Kyiv", r.TimeZone)
	}
	start, err := time.Parse(localTimeLayout, r.Start)
	if err != nil {
		return nil, fmt.Errorf("recurrence: start %q: want a local time such as 2026-01-05T09:00", r.Start)
	}
	if r.OpenDays < 1 || r.OpenDays > maxOpenDays {
		return nil, fmt.Errorf("recurrence: open_days %d: want 1 to %d", r.OpenDays, maxOpenDays)
	}
	for label, at := range r.Moved {
		if s.moved[label], err = time.Parse(localTimeLayout, at); err != nil {
			return nil, fmt.Errorf("recurrence: moved %q to %q: want a local time such as 2026-01-05T09:00", label, at)
		}
	}
	if err := r.checkDates(); err != nil {
		return nil, err
	}
	s.rule, err = readRule(r.RRule, start, s.zone)
	return s, err
}

// checkDates checks that every date can be read and pauses run forwards.
func (r Recurrence) checkDates() error {
	dates := slices.Clone(r.Skipped)
	for label := range r.Moved {
		dates = append(dates, label)
	}
	for _, p := range r.Pauses {
		dates = append(dates, p.From)
		if p.To != "" {
			dates = append(dates, p.To)
		}
		if p.To != "" && p.To < p.From {
			return fmt.Errorf("recurrence: the pause from %s ends before it begins, on %s", p.From, p.To)
		}
	}
	for _, d := range dates {
		if _, err := time.Parse(dateLayout, d); err != nil {
			return fmt.Errorf("recurrence: %q is not a date: want one such as 2026-01-05", d)
		}
	}
	return nil
}

// readRule reads an RRULE to run on wall-clock time from start.
func readRule(text string, start time.Time, zone *time.Location) (*rrule.RRule, error) {
	if strings.ContainsAny(text, "\r\n") || strings.Contains(text, "DTSTART") {
		return nil, fmt.Errorf("recurrence: rule %q: give the RRULE alone; its start is the field start", text)
	}
	option, err := rrule.StrToROptionInLocation(text, zone)
	if err != nil {
		return nil, fmt.Errorf("recurrence: rule %q: %w", text, err)
	}
	if err := checkRule(option); err != nil {
		return nil, fmt.Errorf("recurrence: rule %q: %w", text, err)
	}
	option.Dtstart = start
	if !option.Until.IsZero() {
		option.Until = wallClock(option.Until.In(zone))
		if _, until, _ := strings.Cut(text, "UNTIL="); len(until) == 8 || strings.IndexByte(until, ';') == 8 {
			option.Until = option.Until.AddDate(0, 0, 1).Add(-time.Second) // a date means all of that day
		}
	}
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("recurrence: rule %q: %w", text, err)
	}
	return rule, nil
}

// checkRule refuses what makes no sense for waves, and what the library reads
// but cannot run: it indexes past its tables for a sixth Friday of a month.
func checkRule(option *rrule.ROption) error {
	switch {
	case option.Freq > rrule.DAILY:
		return errors.New("it repeats within a day: the shortest is FREQ=DAILY")
	case len(option.Byhour)+len(option.Byminute)+len(option.Bysecond) > 0:
		return errors.New("it sets a time of day, which comes from start: leave BYHOUR, BYMINUTE and BYSECOND out")
	case len(option.Byeaster) > 0:
		return errors.New("BYEASTER is no part of RFC 5545: leave it out")
	case option.Count < 0 || option.Interval < 0 || option.Interval > 1000:
		return errors.New("COUNT must be positive and INTERVAL between 1 and 1000")
	}
	inMonth := option.Freq == rrule.MONTHLY || len(option.Bymonth) > 0
	for _, day := range option.Byweekday {
		if n := day.N(); inMonth && (n > 5 || n < -5) {
			return fmt.Errorf("BYDAY=%s: a month has each weekday at most five times", day)
		}
	}
	return nil
}

// has reports whether the rule has a wave on the date.
func (s *schedule) has(label string) bool {
	day, err := time.Parse(dateLayout, label)
	return err == nil && len(s.rule.Between(day, day.AddDate(0, 0, 1).Add(-time.Second), true)) > 0
}

// add appends the wave that the rule has at a local time, unless it is skipped
// or its opening falls into a pause.
func (s *schedule) add(waves []Occurrence, local time.Time) []Occurrence {
	label := local.Format(dateLayout)
	if slices.Contains(s.skipped, label) {
		return waves
	}
	if at, moved := s.moved[label]; moved {
		local = at
	}
	day := local.Format(dateLayout)
	for _, p := range s.pauses {
		if day >= p.From && (p.To == "" || day <= p.To) {
			return waves
		}
	}
	return append(waves, Occurrence{
		Label:  label,
		Opens:  instant(local, s.zone),
		Closes: instant(local.AddDate(0, 0, s.openDays), s.zone),
	})
}

// wallClock returns what a clock shows at t, as a time in UTC.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// instant returns when clocks in the zone show the wall time: the first time if
// they show it twice, and if they skip it, as much later as they skip (the rule
// of RFC 5545, 3.3.5). time.Date leaves both cases open.
func instant(wall time.Time, zone *time.Location) time.Time {
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	first := wall.Add(-time.Duration(before) * time.Second)
	second := wall.Add(-time.Duration(after) * time.Second)
	if !wallClock(first.In(zone)).Equal(wall) && wallClock(second.In(zone)).Equal(wall) {
		return second
	}
	return first
}
