package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// initCommand makes a programme with its recurring pulse, or changes what its
// flags name of one that exists.
type initCommand struct {
	ID         string    `arg:"" help:"The programme's id: a–z, 0–9 and hyphens, such as reverse-2026."`
	Name       *string   `help:"The programme's name, as participants read it."`
	Policy     *string   `help:"What participants are promised: identified, confidential (default) or anonymous."`
	K          *int      `name:"k" help:"Smallest group about which a figure is shown; default 5, at least 3."`
	TimeZone   *string   `help:"Time zone of the programme; default Europe/Kyiv." placeholder:"ZONE"`
	Languages  []string  `help:"uk, en or both; the first is the default." placeholder:"LANG"`
	Attributes []string  `help:"Attributes that figures may be cut by: the roster's columns." placeholder:"NAME"`
	Starts     time.Time `help:"First day; default today." format:"2006-01-02" placeholder:"DATE"`
	Ends       time.Time `help:"Last day; default open-ended." format:"2006-01-02" placeholder:"DATE"`
	Contact    *string   `help:"Whom participants can turn to." placeholder:"TEXT"`
	RRule      *string   `name:"rrule" help:"When the pulse comes (RFC 5545); default FREQ=WEEKLY;INTERVAL=2;BYDAY=MO. Monthly on the last day: FREQ=MONTHLY;BYMONTHDAY=-1." placeholder:"RULE"`
	At         *string   `help:"Time of day at which it opens; default 09:00." placeholder:"HH:MM"`
	OpenDays   *int      `help:"Days it stays open; default 7."`
	Skip       []string  `help:"Dates of the rule on which no pulse comes." placeholder:"DATE"`
	Move       []string  `help:"Dates of the rule that open at another time: 2026-05-04=2026-05-06T10:00." placeholder:"DATE=TIME"`
	Pause      []string  `help:"Runs of dates without a pulse: 2026-07-01..2026-08-15." placeholder:"FROM..TO"`
	Extra      []string  `help:"Local times at which a pulse comes besides those of the rule: 2026-05-20T10:00." placeholder:"TIME"`
	ClearDates bool      `help:"Forget earlier --skip, --move, --pause and --extra first."`
	Remind     *[]int    `help:"Days after opening on which to remind who has not submitted, at most two; default 3,5." placeholder:"DAYS"`
	NoReminder bool      `name:"no-reminders" help:"Remind nobody."`
	Quiet      *string   `help:"Night, by the participant's own clock, in which nobody is reminded; default 21:00..08:00." placeholder:"FROM..TO"`
	RemindAt   *string   `help:"When a reminder comes that would have come at night; default 09:00." placeholder:"HH:MM"`
}

// pulseCode names the one survey that init makes.
const pulseCode = "pulse"

// Run stores the programme and its survey and says when the next waves open.
func (i *initCommand) Run(ctx context.Context, g *Globals) (err error) {
	a, err := open(ctx, g, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	p, isNew, err := i.program(ctx, a)
	if err != nil {
		return err
	}
	one, err := i.survey(ctx, a, p)
	if err != nil {
		return err
	}
	// Both are checked before either is stored.
	if err := errors.Join(p.Validate(), one.Recurrence.Validate(), one.Reminders.Validate()); err != nil {
		return err
	}
	if err := a.programs.PutProgram(ctx, p); err != nil {
		return err
	}
	if err := a.surveys.PutSurvey(ctx, one); err != nil {
		return err
	}
	if isNew {
		fmt.Printf("Programme %q is made. Its owner's key: %s\n", p.ID, a.owners.Key(p))
	} else {
		fmt.Printf("Programme %q is changed.\n", p.ID)
	}
	next, err := a.planner.Calendar(ctx, p, one.Code, survey.ShownAhead)
	if err != nil {
		return err
	}
	printNext(next)
	return nil
}

func (i *initCommand) program(ctx context.Context, a *app) (p program.Program, isNew bool, err error) {
	p, err = a.programs.Program(ctx, i.ID)
	if isNew = errors.Is(err, program.ErrNotFound); isNew {
		err = nil
		p = program.Program{ID: i.ID, Name: i.ID, Policy: program.Confidential, K: program.DefaultK, TimeZone: "Europe/Kyiv", Languages: []string{"uk", "en"}}
		p.Starts = program.Day(time.Now(), time.Local)
	}
	if err != nil {
		return p, false, err
	}
	set(&p.Name, i.Name)
	set(&p.K, i.K)
	set(&p.TimeZone, i.TimeZone)
	set(&p.Contact, i.Contact)
	if i.Policy != nil {
		if !isNew && program.Policy(*i.Policy) != p.Policy {
			return p, false, fmt.Errorf("programme %q has promised its participants to be %s; the promise cannot be changed: make a new programme", p.ID, p.Policy)
		}
		p.Policy = program.Policy(*i.Policy)
	}
	if len(i.Languages) > 0 {
		p.Languages = i.Languages
	}
	if len(i.Attributes) > 0 {
		p.Attributes = i.Attributes
	}
	if !i.Starts.IsZero() {
		p.Starts = i.Starts
	}
	if !i.Ends.IsZero() {
		p.Ends = i.Ends
	}
	return p, isNew, nil
}

func (i *initCommand) survey(ctx context.Context, a *app, p program.Program) (survey.Survey, error) {
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		return survey.Survey{}, err
	}
	at := "09:00"
	set(&at, i.At)
	one := survey.NewSurvey(p.ID, pulseCode, q, program.Roles(), survey.Recurrence{
		RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", Start: p.Starts.Format(time.DateOnly) + "T" + at, OpenDays: 7,
	})
	existing, err := a.surveys.Surveys(ctx, p.ID)
	if err != nil {
		return survey.Survey{}, err
	}
	for _, old := range existing {
		if old.ID == one.ID {
			one = old
			day, clock, _ := strings.Cut(old.Recurrence.Start, "T")
			if !i.Starts.IsZero() {
				day = p.Starts.Format(time.DateOnly)
			}
			set(&clock, i.At)
			one.Recurrence.Start = day + "T" + clock
		}
	}
	return one, errors.Join(i.recurrence(&one.Recurrence, p), i.reminders(&one.Reminders))
}

// reminders changes what the flags name of when people are reminded.
func (i *initCommand) reminders(r *survey.Reminders) error {
	set(&r.AfterDays, i.Remind)
	if i.NoReminder {
		r.AfterDays = []int{}
	}
	set(&r.At, i.RemindAt)
	if i.Quiet == nil {
		return nil
	}
	from, to, ok := strings.Cut(*i.Quiet, "..")
	if !ok {
		return fmt.Errorf("--quiet %q: write when the night begins and ends, such as 21:00..08:00", *i.Quiet)
	}
	r.QuietFrom, r.QuietTo = from, to
	return nil
}

func (i *initCommand) recurrence(r *survey.Recurrence, p program.Program) error {
	r.TimeZone = p.TimeZone
	set(&r.RRule, i.RRule)
	set(&r.OpenDays, i.OpenDays)
	if i.ClearDates {
		r.Skipped, r.Moved, r.Pauses, r.Extra = nil, nil, nil, nil
	}
	for _, at := range i.Extra {
		if !slices.Contains(r.Extra, at) {
			r.Extra = append(r.Extra, at)
		}
	}
	r.Skipped = append(r.Skipped, i.Skip...)
	for _, text := range i.Move {
		day, at, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("--move %q: write the rule's date and the new time, such as 2026-05-04=2026-05-06T10:00", text)
		}
		if r.Moved == nil {
			r.Moved = map[string]string{}
		}
		r.Moved[day] = at
	}
	for _, text := range i.Pause {
		from, to, ok := strings.Cut(text, "..")
		if !ok {
			return fmt.Errorf("--pause %q: write the first and the last day, such as 2026-07-01..2026-08-15; leave the last empty for no end", text)
		}
		r.Pauses = append(r.Pauses, survey.Pause{From: from, To: to})
	}
	return nil
}

// set changes what a flag names.
func set[T any](to *T, flag *T) {
	if flag != nil {
		*to = *flag
	}
}
