package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"mentorpulse/analytics"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/bench_roster.sql
	benchRosterSQL string
	//go:embed queries/bench_goals.sql
	benchGoalsSQL string
	//go:embed queries/bench_invitations.sql
	benchInvitationsSQL string
)

// benchOverviewClosed measures the overview of a programme whose waves have all
// closed, in milliseconds. The limit is the same of a hundredth of the people.
func benchOverviewClosed(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	large, err := fillProgram(ctx, a, "bench-large", size.closedWaves, 0, size.largeWave)
	if err != nil {
		return 0, 0, err
	}
	small, err := fillProgram(ctx, a, "bench-small", size.closedWaves, 0, size.largeWave/100)
	if err != nil {
		return 0, 0, err
	}
	return benchTwo(ctx, a, size, overviewPath(large), a.owners.Key(large), overviewPath(small), a.owners.Key(small))
}

// benchOverviewOpen measures the overview of a programme with an open wave, in
// milliseconds. The limit is the statements that its figures come from, run one
// after the other, their rows read and dropped.
func benchOverviewOpen(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	p, err := fillProgram(ctx, a, "bench-open", 2, 1, size.openWave)
	if err != nil {
		return 0, 0, err
	}
	addresses, stop, err := serveBoth(ctx, a)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	overview := getter(addresses[0], overviewPath(p), a.owners.Key(p))
	if _, err := overview(ctx); err != nil { // what is kept of closed waves
		return 0, 0, err
	}
	statements, err := statementsOf(ctx, a, func(ctx context.Context, s *analytics.Service) error {
		_, err := s.Overview(ctx, analytics.Query{Program: p.ID, Lang: "en"})
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return alternate(3*size.rounds, func(int) (float64, error) { return overview(ctx) }, func(int) (float64, error) {
		began := time.Now()
		for _, s := range statements {
			if err := s.run(ctx, a.db); err != nil {
				return 0, err
			}
		}
		return milliseconds(began), nil
	})
}

// benchPage measures the owner's first page, in milliseconds. The limit is the
// JSON of what it shows.
func benchPage(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	p, err := fillProgram(ctx, a, "bench-page", size.closedWaves/5, 1, size.largeWave/100)
	if err != nil {
		return 0, 0, err
	}
	key := a.owners.Key(p)
	return benchTwo(ctx, a, size, "/programs/"+p.ID+"?lang=en", key, overviewPath(p), key)
}

func overviewPath(p program.Program) string {
	return "/api/v1/programs/" + p.ID + "/analytics/overview?lang=en"
}

// benchTwo measures two addresses in turn, in milliseconds.
func benchTwo(ctx context.Context, a *app, size benchSize, one, keyOne, two, keyTwo string) (ours, limit float64, err error) {
	addresses, stop, err := serveBoth(ctx, a)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	first, second := getter(addresses[0], one, keyOne), getter(addresses[0], two, keyTwo)
	return alternate(3*size.rounds, func(int) (float64, error) { return first(ctx) }, func(int) (float64, error) { return second(ctx) })
}

// getter requests a path with a key and returns how long the answer took, in
// milliseconds.
func getter(address, path, key string) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		began := time.Now()
		_, err := fetch(ctx, "http://"+address+path, key)
		return milliseconds(began), err
	}
}

// fillProgram makes a programme of so many people in pairs, a goal each, who have
// answered all its waves: the closed ones a week apart, and then those still open.
func fillProgram(ctx context.Context, a *app, id string, closed, open, people int) (program.Program, error) {
	p, err := benchProgram(ctx, a, id)
	if err != nil {
		return p, err
	}
	named := []any{clickhouse.Named("program", p.ID), clickhouse.Named("people", people), clickhouse.Named("pairs", people/2),
		clickhouse.Named("joined", p.Starts.Format(time.DateOnly))}
	for _, statement := range []string{benchRosterSQL, benchGoalsSQL} {
		if err := a.db.Exec(ctx, statement, named...); err != nil {
			return p, fmt.Errorf("people of %s: %w", id, err)
		}
	}
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		return p, err
	}
	first := time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, -7*closed)
	one := survey.NewSurvey(p.ID, pulseCode, q, program.Roles(), survey.Recurrence{
		RRule: "FREQ=WEEKLY", Start: first.Format("2006-01-02T15:04"), TimeZone: p.TimeZone, OpenDays: 5})
	if err := a.surveys.PutSurvey(ctx, one); err != nil {
		return p, err
	}
	for i := range closed + open {
		opens := first.AddDate(0, 0, 7*i)
		w := one.NewWave(survey.Occurrence{Label: opens.Format(time.DateOnly), Opens: opens, Closes: opens.AddDate(0, 0, 5)})
		w.Number = i + 1
		if err := a.surveys.PutWave(ctx, w); err != nil {
			return p, err
		}
		err := a.db.Exec(ctx, benchInvitationsSQL, append(named, clickhouse.Named("survey", w.SurveyID.String()), clickhouse.Named("wave", w.ID.String()))...)
		if err != nil {
			return p, fmt.Errorf("invitations of %s: %w", id, err)
		}
		if err := answerAll(ctx, a, q, w, people); err != nil {
			return p, err
		}
	}
	return p, settle(ctx, a.db)
}
