package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// scheduleCommand shows when the pulse comes, or changes it in one step.
type scheduleCommand struct {
	programArg
	Action string   `arg:"" optional:"" help:"pause [FROM [TO]], resume [FROM], move WAVE TIME, unmove WAVE, skip WAVE, unskip WAVE, extra TIME, unextra WAVE, close TIME or unclose; without it, only show."`
	Values []string `arg:"" optional:"" help:"Waves and days as 2026-05-04, local times as 2026-05-06T10:00."`
	DryRun bool     `help:"Only show the next pulses as they would be."`
	Lang   string   `help:"Language of the messages." enum:"uk,en" default:"en"`
}

// Run shows the next pulses, as they are after the change.
func (s *scheduleCommand) Run(ctx context.Context, g *Globals) error {
	change, err := s.change()
	if err != nil {
		return err
	}
	return s.in(ctx, g, func(a *app, p program.Program) error {
		if s.Action == "" {
			next, err := a.planner.Calendar(ctx, p, "", survey.ShownAhead)
			if err == nil {
				printNext(next)
			}
			return err
		}
		next, err := a.planner.Change(ctx, p, change, survey.Terms{DryRun: s.DryRun, Show: survey.ShownAhead})
		var refused *survey.ChangeError
		if errors.As(err, &refused) {
			return errors.New(refused.Message(s.Lang))
		}
		if err != nil {
			return err
		}
		if next.DryRun {
			fmt.Println("Nothing is stored. It would be so:")
		}
		printNext(next)
		return nil
	})
}

// change puts the values where the action takes them.
func (s *scheduleCommand) change() (survey.Change, error) {
	c := survey.Change{Action: survey.Action(s.Action)}
	takes := c.Action.Takes()
	if len(s.Values) > len(takes) {
		return c, fmt.Errorf("%s %s: %s takes %d values at most; \"mentorpulse schedule --help\" lists them", s.Action, strings.Join(s.Values, " "), s.Action, len(takes))
	}
	fields := map[string]*string{"wave": &c.Wave, "at": &c.At, "from": &c.From, "to": &c.To}
	for i, value := range s.Values {
		*fields[takes[i]] = value
	}
	return c, nil
}

// printNext shows the pulse that is open and the next ones, before anything is
// sent.
func printNext(c survey.Calendar) {
	clock := func(t time.Time) string { return t.Format("2006-01-02 15:04") }
	show := func(how string, one survey.Planned) {
		fmt.Printf("A pulse %s %s and closes %s", how, clock(one.Opens), clock(one.Closes))
		var reminders []string
		for _, at := range one.Reminders {
			reminders = append(reminders, clock(at))
		}
		if len(reminders) > 0 {
			fmt.Printf("; reminders %s", strings.Join(reminders, " and "))
		}
		fmt.Printf(" (%s)", c.TimeZone)
		if moved := one.Opens.Format(time.DateOnly); moved != one.Wave {
			fmt.Printf(", moved from %s", one.Wave)
		}
		fmt.Println()
	}
	for _, one := range c.Open {
		show("is open since", one)
	}
	for _, one := range c.Next {
		show("opens", one)
	}
	if len(c.Next) == 0 {
		fmt.Println("No further pulse opens: change --rrule, --starts or --ends of \"mentorpulse init\", or end the pause.")
	}
}
