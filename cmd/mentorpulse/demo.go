package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// demoCommand makes a demonstration programme.
type demoCommand struct {
	Participants int    `help:"People in the programme: two thirds in pairs, one third in the comparison group." default:"180" placeholder:"N"`
	Waves        int    `help:"Waves, two weeks apart; the last one is open now." default:"8" placeholder:"N"`
	Seed         uint64 `help:"Seed of the simulation: the same gives the same people and answers." default:"7" placeholder:"N"`
	JSON         bool   `name:"json" help:"Print the programme's id, the owner's key and all links of the open wave as JSON."`
}

// demoPrinted is what the command prints as JSON.
type demoPrinted struct {
	Program string   `json:"program_id"`
	Key     string   `json:"owner_key"`
	Links   []string `json:"participant_links"`
}

// Run makes the programme, unless it is there, and prints how to reach it. The
// links of those who have not answered the open wave come first.
func (d *demoCommand) Run(ctx context.Context, g *Globals) (err error) {
	size := demoSize{Participants: d.Participants, Waves: d.Waves, Seed: d.Seed}
	if err := size.validate(); err != nil {
		return err
	}
	a, err := open(ctx, g, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.makeDemo(ctx, size, time.Now(), size.progress); err != nil {
		return err
	}
	p, err := a.programs.Program(ctx, size.id())
	if err != nil {
		return err
	}
	links, err := a.openLinks(ctx, p, time.Now())
	if err != nil {
		return err
	}
	if d.JSON {
		return json.NewEncoder(os.Stdout).Encode(demoPrinted{p.ID, a.owners.Key(p), links})
	}
	fmt.Print(a.demoLink(p, links))
	return nil
}

// demoSize says which demonstration programme: everything in it follows from
// these, but for the dates.
type demoSize struct {
	Participants int
	Waves        int
	Seed         uint64
}

// defaultDemo is 60 pairs and a comparison group of 60, over 8 waves. With its seed
// this small sample is close to the truth, so that what a newcomer sees is true.
func defaultDemo() demoSize { return demoSize{Participants: 180, Waves: 8, Seed: 7} }

const (
	maxDemoParticipants = 200_000
	maxDemoWaves        = 130 // five years
	demoWeeks           = 2   // between two waves, and for which one is open
)

func (d demoSize) validate() error {
	if d.Participants < 3 || d.Participants > maxDemoParticipants {
		return fmt.Errorf("--participants %d: want 3 (a pair and one to compare with) to %d", d.Participants, maxDemoParticipants)
	}
	if d.Waves < 1 || d.Waves > maxDemoWaves {
		return fmt.Errorf("--waves %d: want 1 to %d", d.Waves, maxDemoWaves)
	}
	return nil
}

// id is the programme's: the same call gives the same programme.
func (d demoSize) id() string {
	if d == defaultDemo() {
		return "demo"
	}
	return fmt.Sprintf("demo-n%d-w%d-s%d", d.Participants, d.Waves, d.Seed)
}

// pairs leaves a third of the people for the comparison group.
func (d demoSize) pairs() int { return d.Participants / 3 }

// progress tells whoever waits for a large programme how far it is.
func (d demoSize) progress(wave, answers int) {
	if d.Participants >= 1000 {
		fmt.Fprintf(os.Stderr, "wave %d of %d: %d answers stored\n", wave, d.Waves, answers)
	}
}

// demoLink is how to reach a demonstration programme.
type demoLink struct {
	Program     program.Program
	Participant string // a link that has not been answered; empty when no wave is open
	Owner       string
	Key         string
	Workbook    string
}

func (l demoLink) String() string {
	return fmt.Sprintf("Demonstration programme %q\n  a participant's link   %s\n  the owner's address    %s\n  the owner's key        %s\n  the workbook           %s\n",
		l.Program.ID, l.Participant, l.Owner, l.Key, l.Workbook)
}

// demoWhenNew makes the demonstration programme of a new installation. In one
// that holds the demonstration it finishes what was broken off and sees to it
// that the wave that is due is open; one that holds anything else it leaves alone.
func (a *app) demoWhenNew(ctx context.Context) error {
	all, err := a.programs.Programs(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Demo && p.ID == defaultDemo().id() {
			return a.makeDemo(ctx, defaultDemo(), time.Now(), defaultDemo().progress)
		}
	}
	if len(all) > 0 {
		return nil
	}
	return a.makeDemo(ctx, defaultDemo(), time.Now(), defaultDemo().progress)
}

// demoLinks says how to reach the demonstration programmes, and no others.
func (a *app) demoLinks(ctx context.Context) ([]demoLink, error) {
	all, err := a.programs.Programs(ctx)
	if err != nil {
		return nil, err
	}
	var demos []demoLink
	for _, p := range all {
		if !p.Demo {
			continue
		}
		links, err := a.openLinks(ctx, p, time.Now())
		if err != nil {
			return nil, err
		}
		demos = append(demos, a.demoLink(p, links))
	}
	return demos, nil
}

func (a *app) demoLink(p program.Program, links []string) demoLink {
	l := demoLink{
		Program: p, Key: a.owners.Key(p), Owner: a.address + "/programs/" + p.ID,
		Workbook: a.address + "/api/v1/programs/" + p.ID + "/report.xlsx",
	}
	if len(links) > 0 {
		l.Participant = links[0]
	}
	return l
}

// demoPulse is the code of the demonstration's survey.
const demoPulse = "pulse"

// demoProgram is the programme whose first wave opens on the day starts.
func (d demoSize) program(starts time.Time) program.Program {
	return program.Program{
		ID: d.id(), Name: "Зворотне наставництво: демонстрація", Policy: program.Confidential, K: program.DefaultK,
		TimeZone: "Europe/Kyiv", Languages: []string{"uk", "en"}, Attributes: demoAttributes(),
		Starts: starts, Contact: "mentoring@example.com", Demo: true,
	}
}

// survey is the programme's pulse: on Mondays, every other week. A wave is open
// until the next one, so that there is always a link to try.
func (d demoSize) survey(p program.Program, q *survey.Questionnaire) survey.Survey {
	return survey.NewSurvey(p.ID, demoPulse, q, program.Roles(), survey.Recurrence{
		RRule: fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=MO", demoWeeks), TimeZone: p.TimeZone,
		Start: p.Starts.Format(time.DateOnly) + "T09:00", OpenDays: 7 * demoWeeks,
	})
}

// starts is the day of the first wave, if the last one is to have been open for
// two days or more at the time now, long enough to be partly answered.
func (d demoSize) starts(now time.Time, zone *time.Location) time.Time {
	monday := program.Day(now, zone).AddDate(0, 0, -2)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	return monday.AddDate(0, 0, -7*demoWeeks*(d.Waves-1))
}
