package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/answered.sql
var answeredSQL string

// submitters is how many people answer at once: enough for the store to take
// their answers in blocks.
const submitters = 512

// makeDemo makes the demonstration programme, with its last wave open at the
// time now. Its survey is stored last and so marks that all else is there: what
// is complete is left as it is, and what was broken off is done again, with the
// same result.
func (a *app) makeDemo(ctx context.Context, size demoSize, now time.Time, progress func(wave, answers int)) error {
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		return err
	}
	p, err := a.demoProgram(ctx, size, now)
	if err != nil {
		return err
	}
	surveys, err := a.surveys.Surveys(ctx, p.ID)
	if err != nil {
		return err
	}
	if len(surveys) > 0 {
		return a.openDue(ctx, p, surveys, now)
	}
	if err := a.programs.PutProgram(ctx, p); err != nil {
		return err
	}
	pulse := size.survey(p, q)
	f, err := newFilling(a, size, p, pulse, q, now)
	if err != nil {
		return err
	}
	if err := f.run(ctx, progress); err != nil {
		return fmt.Errorf("demonstration programme %q: %w", p.ID, err)
	}
	if err := a.setDemoObjectives(ctx, p); err != nil {
		return err
	}
	if err := a.surveys.PutSurvey(ctx, pulse); err != nil {
		return err
	}
	return a.openDue(ctx, p, []survey.Survey{pulse}, now)
}

// demoProgram is the programme as it is stored, or a new one.
func (a *app) demoProgram(ctx context.Context, size demoSize, now time.Time) (program.Program, error) {
	stored, err := a.programs.Program(ctx, size.id())
	switch {
	case err == nil && !stored.Demo:
		return stored, fmt.Errorf("programme %q is there and is not a demonstration; use another --seed", stored.ID)
	case err == nil:
		return stored, nil
	case !errors.Is(err, program.ErrNotFound):
		return stored, err
	}
	p := size.program(time.Time{})
	zone, err := p.Location()
	p.Starts = size.starts(now, zone)
	return p, err
}

// openDue opens the wave that is due now, as the scheduler of a running service
// does.
func (a *app) openDue(ctx context.Context, p program.Program, surveys []survey.Survey, now time.Time) error {
	scheduler := survey.NewScheduler(a.programs, a.surveys, func() time.Time { return now })
	for _, s := range surveys {
		due, err := s.Recurrence.Occurrences(now.AddDate(0, 0, -s.Recurrence.OpenDays-1), now.Add(time.Second))
		if err != nil {
			return err
		}
		for _, o := range due {
			if w := s.NewWave(o); w.Open(now) {
				if _, err := scheduler.Open(ctx, p, s, w); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// filling runs a simulation into the store: its own clock, and otherwise the
// functions that real answers go through.
type filling struct {
	app       *app
	size      demoSize
	program   program.Program
	survey    survey.Survey
	waves     []survey.Occurrence
	zone      *time.Location
	cast      cast
	behaviour behaviour
	now       time.Time
	clock     atomic.Int64 // in the simulation, Unix seconds
	scheduler *survey.Scheduler
	pulse     *survey.Pulse
	names     survey.Pseudonyms
}

func newFilling(a *app, size demoSize, p program.Program, s survey.Survey, q *survey.Questionnaire, now time.Time) (*filling, error) {
	f := &filling{app: a, size: size, program: p, survey: s, now: now}
	var err error
	if f.zone, err = p.Location(); err != nil {
		return nil, err
	}
	if f.waves, err = s.Recurrence.Occurrences(p.Starts.AddDate(0, 0, -1), now.Add(time.Second)); err != nil {
		return nil, err
	}
	// A simulation that was broken off weeks ago has had more waves since.
	f.waves = f.waves[:min(size.Waves, len(f.waves))]
	texts, err := readDemoTexts()
	if err != nil {
		return nil, err
	}
	var days []time.Time
	for i := range f.waves {
		days = append(days, p.Starts.AddDate(0, 0, 7*demoWeeks*i))
	}
	people := casting{demo: size, truth: demoTruth(), texts: texts, prog: p, days: days, q: q}
	f.cast = people.draw()
	f.behaviour = behaviour{demo: size, truth: demoTruth(), texts: texts, q: q, means: map[latentKey]float64{}}
	f.scheduler = survey.NewScheduler(a.programs, a.surveys, f.time)
	f.pulse = survey.NewPulse(a.programs, a.surveys, a.secret, f.time)
	f.names = survey.NewPseudonyms(a.secret)
	return f, nil
}

func (f *filling) time() time.Time { return time.Unix(f.clock.Load(), 0) }

// run stores the roster and then, wave after wave, what people do.
func (f *filling) run(ctx context.Context, progress func(wave, answers int)) error {
	if err := f.app.programs.Put(ctx, f.cast.snapshot); err != nil {
		return err
	}
	answers := 0
	for i, o := range f.waves {
		w := f.survey.NewWave(o)
		w.Number = i + 1
		f.clock.Store(w.Opens.Unix())
		// Due would open the waves of every other programme at this time too.
		if _, err := f.scheduler.Open(ctx, f.program, f.survey, w); err != nil {
			return err
		}
		visits := f.behaviour.wave(w, f.zone, f.cast.people, f.now)
		// To everybody else these waves closed long ago.
		err := f.app.surveys.Rewrite(ctx, []survey.Wave{w}, func(ctx context.Context) error { return f.answer(ctx, w, visits) })
		if err != nil {
			return fmt.Errorf("wave %s: %w", w.Occurrence, err)
		}
		for _, v := range visits {
			if v.sends {
				answers++
			}
		}
		progress(w.Number, answers)
	}
	return f.meet(ctx)
}

// answer opens the links and sends the answers of visits, which are in the order
// of time: all of one moment at once, then those of the next.
func (f *filling) answer(ctx context.Context, w survey.Wave, visits []visit) error {
	if err := together(ctx, visits, func(ctx context.Context, v visit) error { return f.open(ctx, w, v) }); err != nil {
		return err
	}
	for len(visits) > 0 {
		at := visits[0].at
		n := slices.IndexFunc(visits, func(v visit) bool { return !v.at.Equal(at) })
		if n < 0 {
			n = len(visits)
		}
		f.clock.Store(at.Unix())
		if err := together(ctx, visits[:n], func(ctx context.Context, v visit) error { return f.send(ctx, w, v) }); err != nil {
			return err
		}
		visits = visits[n:]
	}
	return nil
}

// together does work for all visits at once, and returns the first error.
func together(ctx context.Context, visits []visit, work func(context.Context, visit) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(submitters)
	for _, v := range visits {
		group.Go(func() error { return work(ctx, v) })
	}
	return group.Wait()
}

// open stores that the link was opened, as pulse.Open stores it. That would
// first look for earlier answers, which is most of the work of a visit.
func (f *filling) open(ctx context.Context, w survey.Wave, v visit) error {
	return f.app.surveys.PutVisit(ctx, survey.Visit{
		ProgramID: f.program.ID, SurveyID: w.SurveyID, Wave: w.ID, Respondent: f.names.Respondent(f.program, w.ID, v.person.ID),
		Role: v.person.Role, Attributes: v.person.Attributes, OpenedAt: v.opened().UTC(),
	})
}

// send sends a visitor's answers, by the link alone, like everybody's.
func (f *filling) send(ctx context.Context, w survey.Wave, v visit) error {
	if !v.sends {
		return nil
	}
	token := f.pulse.Links().Token(survey.Invitee{ProgramID: f.program.ID, Wave: w.ID, Participant: v.person.ID})
	opened := v.opened()
	_, err := f.pulse.Submit(ctx, token, survey.Submission{Answers: v.answers, Final: v.final, OpenedAt: &opened})
	var wrong *survey.ProblemsError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w: %s", err, wrong.Problems[0].Message("en"))
	}
	return err
}

// openLinks are the links of everybody invited to the wave that is open at the
// time now: first those who have not answered, and of them mentees, mentors and
// then the comparison group. Without an open wave there are none.
func (a *app) openLinks(ctx context.Context, p program.Program, now time.Time) ([]string, error) {
	waves, err := a.surveys.Waves(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	open := slices.IndexFunc(waves, func(w survey.Wave) bool { return w.Open(now) })
	if open < 0 {
		return []string{}, nil
	}
	w := waves[open]
	personal, err := a.pulse.LinksOf(ctx, w)
	if err != nil {
		return nil, err
	}
	answered, err := a.answered(ctx, w)
	if err != nil {
		return nil, err
	}
	names := survey.NewPseudonyms(a.secret)
	order := []program.Role{program.Mentee, program.Mentor, program.Comparison}
	places := make(map[uuid.UUID]int, len(personal))
	for _, one := range personal {
		person := one.Participant
		places[person.ID] = slices.Index(order, person.Role)
		if answered[names.Respondent(p, w.ID, person.ID)] {
			places[person.ID] += len(order)
		}
	}
	slices.SortStableFunc(personal, func(a, b survey.PersonalLink) int {
		return cmp.Compare(places[a.Participant.ID], places[b.Participant.ID])
	})
	links := make([]string, len(personal))
	for n, one := range personal {
		links[n] = a.address + "/s/" + one.Token
	}
	return links, nil
}

// answered are the respondents who have sent anything in a wave, drafts too.
func (a *app) answered(ctx context.Context, w survey.Wave) (map[uuid.UUID]bool, error) {
	all, err := clickhouse.Collect(ctx, a.db, "who answered", answeredSQL, func(rows driver.Rows) (uuid.UUID, error) {
		var respondent uuid.UUID
		err := rows.Scan(&respondent)
		return respondent, err
	}, clickhouse.Named("program", w.ProgramID), clickhouse.Named("survey", w.SurveyID.String()), clickhouse.Named("wave", w.ID.String()))
	if err != nil {
		return nil, err
	}
	known := make(map[uuid.UUID]bool, len(all))
	for _, r := range all {
		known[r] = true
	}
	return known, nil
}
