package survey

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"mentorpulse/internal/program"
)

// Planned is a wave in a calendar. Its times are in the programme's zone;
// reminders are those of somebody who is in that zone too.
type Planned struct {
	Wave      string      `json:"wave"` // the date that names it
	Opens     time.Time   `json:"opens"`
	Closes    time.Time   `json:"closes"`
	Reminders []time.Time `json:"reminders"`
	Moved     bool        `json:"moved,omitempty"`
	Extra     bool        `json:"extra,omitempty"`
	// ClosesEarly says that an open wave closes before it was to.
	ClosesEarly bool `json:"closes_early,omitempty"`
}

// Calendar is when a programme's survey is and will be open, and what was
// changed of its rule.
type Calendar struct {
	Survey    string            `json:"survey"`
	TimeZone  string            `json:"time_zone"`
	Rule      string            `json:"rule"`
	OpenDays  int               `json:"open_days"`
	Reminders Reminders         `json:"reminders"`
	Open      []Planned         `json:"open"` // now, or within seconds
	Next      []Planned         `json:"next"`
	Pauses    []Pause           `json:"pauses"`
	Moved     map[string]string `json:"moved"`
	Skipped   []string          `json:"skipped"`
	Extra     []string          `json:"extra"`
	DryRun    bool              `json:"dry_run"`
	// Tag tells this state of the schedule from every other.
	Tag string `json:"-"`
}

// plan is a survey's schedule as it stands at a moment, to be looked at or
// changed.
type plan struct {
	program program.Program
	zone    *time.Location
	now     time.Time
	survey  Survey
	rule    *schedule
	rows    map[string]Wave // the waves that have opened, by date
	row     *Wave           // the one that a change has closed early, or not
}

func newPlan(p program.Program, one Survey, waves []Wave, now time.Time) (*plan, error) {
	pl := &plan{program: p, now: now, rows: map[string]Wave{}}
	var err error
	if pl.zone, err = p.Location(); err != nil {
		return nil, err
	}
	for _, w := range waves {
		if w.SurveyID == one.ID {
			pl.rows[w.Occurrence] = w
		}
	}
	return pl, pl.take(one)
}

// take makes the survey the one that is planned.
func (pl *plan) take(one Survey) (err error) {
	pl.survey = one
	if pl.rule, err = one.Recurrence.schedule(); err != nil {
		return fmt.Errorf("survey %q: %w", one.Code, err)
	}
	return nil
}

// farthest are how many years ahead to look for coming waves.
func farthest() []int { return []int{1, 4, 12} }

// coming returns the waves that will open, the first n of them.
func (pl *plan) coming(n int) ([]Occurrence, error) {
	var coming []Occurrence
	for _, years := range farthest() {
		all, err := pl.survey.Recurrence.Occurrences(pl.now.Add(time.Nanosecond), pl.now.AddDate(years, 0, 0))
		if err != nil {
			return nil, err
		}
		coming = slices.DeleteFunc(all, func(o Occurrence) bool {
			_, opened := pl.rows[o.Label]
			return opened || !pl.program.RunsAt(o.Opens, pl.zone)
		})
		if len(coming) >= n {
			return coming[:n], nil
		}
	}
	return coming, nil
}

// open returns the waves that are open now, by their rows, and those that the
// scheduler is about to open.
func (pl *plan) open() ([]Wave, error) {
	var open []Wave
	for _, w := range pl.rows {
		if w.Open(pl.now) {
			open = append(open, w)
		}
	}
	due, err := pl.survey.Recurrence.Occurrences(pl.now.Add(-longestOpen), pl.now.Add(time.Nanosecond))
	if err != nil {
		return nil, err
	}
	for _, o := range due {
		w := pl.survey.NewWave(o)
		if _, opened := pl.rows[o.Label]; !opened && w.Open(pl.now) && pl.program.RunsAt(w.Opens, pl.zone) {
			open = append(open, w)
		}
	}
	slices.SortFunc(open, func(a, b Wave) int { return cmp.Or(a.Opens.Compare(b.Opens), cmp.Compare(a.Occurrence, b.Occurrence)) })
	return open, nil
}

// calendar shows the plan with the next n waves.
func (pl *plan) calendar(n int) (Calendar, error) {
	r := pl.survey.Recurrence
	c := Calendar{Survey: pl.survey.Code, TimeZone: pl.program.TimeZone, Rule: r.RRule, OpenDays: r.OpenDays, Reminders: pl.survey.Reminders,
		Open: []Planned{}, Next: []Planned{}, Pauses: orNone(r.Pauses), Moved: map[string]string{}, Skipped: orNone(r.Skipped), Extra: orNone(r.Extra), Tag: pl.tag()}
	maps.Copy(c.Moved, r.Moved)
	if c.Reminders.AfterDays == nil {
		c.Reminders.AfterDays = []int{}
	}
	open, err := pl.open()
	if err != nil {
		return Calendar{}, err
	}
	for _, w := range open {
		c.Open = append(c.Open, pl.planned(w))
	}
	coming, err := pl.coming(n)
	if err != nil {
		return Calendar{}, err
	}
	for _, o := range coming {
		c.Next = append(c.Next, pl.planned(pl.survey.NewWave(o)))
	}
	return c, nil
}

func (pl *plan) planned(w Wave) Planned {
	_, moved := pl.rule.moved[w.Occurrence]
	_, extra := pl.rule.extra[w.Occurrence]
	one := Planned{Wave: w.Occurrence, Opens: w.Opens.In(pl.zone), Closes: w.Closes.In(pl.zone), Reminders: []time.Time{}, Moved: moved, Extra: extra,
		ClosesEarly: w.Closes.Before(pl.closing(w))}
	for _, at := range pl.survey.Reminders.Times(w, pl.zone) {
		one.Reminders = append(one.Reminders, at.In(pl.zone))
	}
	return one
}

// closing is when a wave that has opened is to close by the rule.
func (pl *plan) closing(w Wave) time.Time {
	return instant(wallClock(w.Opens.In(pl.zone)).AddDate(0, 0, pl.survey.Recurrence.OpenDays), pl.zone)
}

// tag grows with every change of the survey and of an open wave.
func (pl *plan) tag() string {
	newest := uint64(0)
	for _, w := range pl.rows {
		if w.Open(pl.now) {
			newest = max(newest, w.Revision)
		}
	}
	return fmt.Sprintf("%q", fmt.Sprintf("%x-%x", pl.survey.Revision, newest))
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return slices.Clone(list)
}
