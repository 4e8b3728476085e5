package survey

import (
	"cmp"
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
	// Extra are waves that the rule does not have, by the local time at which
	// they open. An extra wave is named by its date, like those of the rule.
	Extra []string `json:"extra,omitempty" yaml:"extra,omitempty"`
}

// Pause is a run of local dates, both included; without To it has no end yet.
type Pause struct {
	From string `json:"from" yaml:"from"`
	To   string `json:"to,omitempty" yaml:"to,omitempty"`
}

// Occurrence is one wave. Label is the date on which the rule has it, or for
// which an extra one was made; it stays the same when the wave is moved. Times
// are UTC.
type Occurrence struct {
	Label  string
	Opens  time.Time
	Closes time.Time
}

// OverlapError says that a wave would open before the one ahead of it closes.
type OverlapError struct {
	First, Second Occurrence
	zone          *time.Location
	openDays      int
}

func (e *OverlapError) Error() string {
	return fmt.Sprintf("recurrence: wave %s would open on %s, before wave %s closes on %s: shorten open_days (%d) or space the waves out",
		e.Second.Label, e.Second.Opens.In(e.zone).Format("2006-01-02 15:04"), e.First.Label, e.First.Closes.In(e.zone).Format("2006-01-02 15:04"), e.openDays)
}

// errNoWave is the error of a recurrence by which no wave ever opens.
var errNoWave = errors.New("no wave is left")

// Validate returns an error that names what is wrong and what to do: an
// unreadable rule, one that repeats within a day or never comes, an unknown
// zone, dates that the rule does not have, extra waves on dates that it does, or
// waves that overlap (*OverlapError).
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
	for label := range s.extra {
		if _, there := s.ruled(label); there {
			return fmt.Errorf("recurrence: extra %q: the rule has a wave on that date already; move that one, or choose another date", label)
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
		return fmt.Errorf("recurrence: %w of %q from %s on: change the rule, the pauses or what is skipped", errNoWave, r.RRule, r.Start)
	}
	if err := s.overlap(waves); err != nil {
		return err
	}
	return s.overlapOfChanged(r)
}

// overlapOfChanged looks around the waves that stand apart from the rule, which
// may be further ahead than Validate looks.
func (s *schedule) overlapOfChanged(r Recurrence) error {
	around := time.Duration(s.openDays+3) * 24 * time.Hour
	for _, times := range []map[string]time.Time{s.moved, s.extra} {
		for _, local := range times {
			near, err := r.Occurrences(local.Add(-around), local.Add(around))
			if err != nil {
				return err
			}
			if err := s.overlap(near); err != nil {
				return err
			}
		}
	}
	return nil
}

// overlap returns *OverlapError if two of the waves are open at one time.
func (s *schedule) overlap(waves []Occurrence) error {
	slices.SortFunc(waves, inOrder)
	for i := 1; i < len(waves); i++ {
		if a, b := waves[i-1], waves[i]; b.Opens.Before(a.Closes) {
			return &OverlapError{a, b, s.zone, s.openDays}
		}
	}
	return nil
}

// inOrder sorts waves as they open.
func inOrder(a, b Occurrence) int {
	return cmp.Or(a.Opens.Compare(b.Opens), strings.Compare(a.Label, b.Label))
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
		if local, ok := s.local(label); ok {
			waves = s.add(waves, local)
		}
	}
	for label, local := range s.extra {
		if _, moved := s.moved[label]; !moved {
			waves = s.add(waves, local)
		}
	}
	waves = slices.DeleteFunc(waves, func(o Occurrence) bool { return o.Opens.Before(from) || !o.Opens.Before(to) })
	slices.SortFunc(waves, inOrder)
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
	extra    map[string]time.Time
}

func (r Recurrence) schedule() (*schedule, error) {
	s := &schedule{openDays: r.OpenDays, pauses: r.Pauses, skipped: r.Skipped, moved: map[string]time.Time{}, extra: map[string]time.Time{}}
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
	for _, at := range r.Extra {
		local, err := time.Parse(localTimeLayout, at)
		if err != nil {
			return nil, fmt.Errorf("recurrence: extra %q: want a local time such as 2026-01-05T09:00", at)
		}
		label := local.Format(dateLayout)
		if _, twice := s.extra[label]; twice {
			return nil, fmt.Errorf("recurrence: extra %q: there is one on that date already; a date has one wave", at)
		}
		s.extra[label] = local
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

// ruled returns the local time at which the rule itself has a wave on the date.
func (s *schedule) ruled(label string) (time.Time, bool) {
	day, err := time.Parse(dateLayout, label)
	if err != nil {
		return time.Time{}, false
	}
	on := s.rule.Between(day, day.AddDate(0, 0, 1).Add(-time.Second), true)
	if len(on) == 0 {
		return time.Time{}, false
	}
	return on[0], true
}

// local returns the local time that the wave of a date had before it was moved.
func (s *schedule) local(label string) (time.Time, bool) {
	if extra, ok := s.extra[label]; ok {
		return extra, true
	}
	return s.ruled(label)
}

// has reports whether there is a wave of the date, by the rule or as an extra.
func (s *schedule) has(label string) bool {
	_, ok := s.local(label)
	return ok
}

// add appends the wave that has a local time by the rule or as an extra, unless
// it is skipped, its opening falls into a pause, or the zone skips all of the
// days on which it would be open.
func (s *schedule) add(waves []Occurrence, local time.Time) []Occurrence {
	label := local.Format(dateLayout)
	if slices.Contains(s.skipped, label) {
		return waves
	}
	if at, moved := s.moved[label]; moved {
		local = at
	}
	if _, paused := s.pause(local.Format(dateLayout)); paused {
		return waves
	}
	if o := s.occurrence(label, local); o.Closes.After(o.Opens) {
		waves = append(waves, o)
	}
	return waves
}

// pause returns the pause that a date falls into.
func (s *schedule) pause(day string) (Pause, bool) {
	for _, p := range s.pauses {
		if day >= p.From && (p.To == "" || day <= p.To) {
			return p, true
		}
	}
	return Pause{}, false
}

// occurrence is the wave of a date when it opens at a local time.
func (s *schedule) occurrence(label string, local time.Time) Occurrence {
	return Occurrence{Label: label, Opens: instant(local, s.zone), Closes: instant(local.AddDate(0, 0, s.openDays), s.zone)}
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
