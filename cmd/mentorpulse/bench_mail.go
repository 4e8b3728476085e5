package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/mail/inbox"
	"mentorpulse/internal/program"
	"mentorpulse/migrations"
	"mentorpulse/survey"
)

// messagesToReach is how many messages a minute are to go out by one connection.
const messagesToReach = 5000

// benchMail measures how many messages a minute are written, sent by one
// connection to a server in the process, and recorded. The limit is fixed.
func benchMail(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	// Of its own, since a mailing looks after every programme that there is.
	own, remove, err := siblingApp(ctx, a, "bench_mail")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	p, err := benchProgram(ctx, own, "bench-mail")
	if err != nil {
		return 0, 0, err
	}
	people := benchPeople(p, size.messages/2)
	for i := range people.Participants {
		one := &people.Participants[i]
		one.Email = fmt.Sprintf("p%d@acme.example", i)
	}
	if err := own.programs.Put(ctx, people); err != nil {
		return 0, 0, err
	}
	if _, _, err := openWave(ctx, own, p); err != nil {
		return 0, 0, err
	}
	server, err := inbox.Start(inbox.Behaviour{})
	if err != nil {
		return 0, 0, err
	}
	defer server.Close()
	const timeout = 20 * time.Second
	transport, err := mail.NewSMTP(mail.Settings{Host: "127.0.0.1", Port: server.Port(), TLS: mail.NoTLS, From: "pulse@acme.example", Timeout: timeout})
	if err != nil {
		return 0, 0, err
	}
	if err := own.outbox.Close(); err != nil {
		return 0, 0, err
	}
	own.sendBy(mail.Options{Transport: transport, Timeout: timeout, Alone: true}, "acme.example")
	began := time.Now()
	if err := own.mailing.Due(ctx); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	if n := len(people.Participants); server.Count() != n || server.Connections() != 1 {
		return 0, 0, fmt.Errorf("%d messages by %d connections arrived, want %d by one", server.Count(), server.Connections(), n)
	}
	return float64(server.Count()) / took.Minutes(), messagesToReach, nil
}

// siblingApp puts the service together on a database of its own in the same
// engine, until remove.
func siblingApp(ctx context.Context, a *app, database string) (own *app, remove func() error, err error) {
	db, err := a.db.Sibling(ctx, database)
	if err != nil {
		return nil, nil, err
	}
	if _, err := migrations.Up(ctx, db, migrations.Target{}); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	own, err = assemble(db, a.secret, a.address, time.Now)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return own, func() error {
		err := own.outbox.Close()
		own.surveys.Close()
		return errors.Join(err, db.Close())
	}, nil
}

// benchInvitations measures how long it takes to invite everybody to a wave: to
// read the roster, and to make and store the invitations. The limit is storing
// the same rows, made beforehand.
func benchInvitations(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	p, err := benchProgram(ctx, a, "bench-invitations")
	if err != nil {
		return 0, 0, err
	}
	if err := a.programs.Put(ctx, benchPeople(p, size.invited/2)); err != nil {
		return 0, 0, err
	}
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		return 0, 0, err
	}
	var (
		one  = survey.NewSurvey(p.ID, pulseCode, q, program.Roles(), survey.Recurrence{TimeZone: p.TimeZone})
		raw  = survey.NewSurvey(p.ID, "raw", q, program.Roles(), survey.Recurrence{TimeZone: p.TimeZone})
		now  = time.Now().UTC()
		rows []rawInvitation
	)
	wave := func(of survey.Survey, round int) survey.Wave {
		return of.NewWave(survey.Occurrence{Label: now.AddDate(0, 0, round).Format(time.DateOnly), Opens: now, Closes: now.Add(time.Hour)})
	}
	return alternate(size.rounds,
		func(round int) (float64, error) {
			w := wave(one, round)
			began := time.Now()
			invited, err := a.scheduler.Open(ctx, p, one, w)
			took := time.Since(began)
			if err == nil && invited != size.invited {
				err = fmt.Errorf("%d are invited, want %d", invited, size.invited)
			}
			if err == nil && rows == nil {
				rows, err = rawInvitations(ctx, a, w)
			}
			return float64(took.Microseconds()) / 1000, err
		},
		func(round int) (float64, error) {
			began := time.Now()
			err := clickhouse.Insert(ctx, a.db, invitationRows(raw.ID, wave(raw, round).ID), rows)
			return float64(time.Since(began).Microseconds()) / 1000, err
		})
}

// rawInvitation is an invitation with its attributes as they are stored.
type rawInvitation struct {
	survey.Invitation
	attributes string
}

func rawInvitations(ctx context.Context, a *app, w survey.Wave) ([]rawInvitation, error) {
	all, err := a.surveys.Invitations(ctx, w)
	if err != nil {
		return nil, err
	}
	rows := make([]rawInvitation, len(all))
	for i, one := range all {
		text, err := json.Marshal(one.Attributes)
		if err != nil {
			return nil, err
		}
		rows[i] = rawInvitation{one, string(text)}
	}
	return rows, nil
}

// invitationRows is the table of invitations as it is, for rows of another survey
// and wave.
func invitationRows(surveyID, wave uuid.UUID) clickhouse.Table[rawInvitation] {
	const name = "LowCardinality(String)"
	return clickhouse.Table[rawInvitation]{
		Name: "invitations",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: name}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"}, {Name: "participant_id", Type: "UUID"},
			{Name: "role", Type: name}, {Name: "pair_id", Type: "UUID"}, {Name: "attributes", Type: name}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []rawInvitation) error {
			for _, i := range rows {
				if err := block.Append(i.ProgramID, surveyID, wave, i.Participant, string(i.Role), i.Pair, i.attributes, i.Revision); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
