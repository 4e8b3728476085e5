package survey

import (
	"cmp"
	"context"
	_ "embed"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
)

//go:embed queries/submitted.sql
var submittedSQL string

// freshFor is how old what is read of the holds and the answers may be when a
// message goes out: who leaves the mailing or answers is sent nothing after it.
const freshFor = time.Second

// mailingRound is what some messages of a wave are made from.
type mailingRound struct {
	mailing *Mailing
	mailedWave
	audience *audience
	people   map[uuid.UUID]program.Participant
	// languages are those that participants chose themselves.
	languages map[uuid.UUID]string
	// reminded leads from the names of reminders to participants.
	reminded  map[uuid.UUID]uuid.UUID
	holds     mail.Holds
	submitted map[uuid.UUID]bool
	read      time.Time // when holds and submitted were
}

func (m *Mailing) round(ctx context.Context, w mailedWave) (*mailingRound, error) {
	r := &mailingRound{mailing: m, mailedWave: w, people: map[uuid.UUID]program.Participant{}, reminded: map[uuid.UUID]uuid.UUID{}}
	var err error
	if r.audience, err = m.pulse.audiences.get(ctx, w.program.ID, w.wave.ID); err != nil {
		return nil, err
	}
	people, err := m.programs.Participants(ctx, w.program.ID)
	if err != nil {
		return nil, err
	}
	if r.languages, err = m.programs.Languages(ctx, w.program.ID); err != nil {
		return nil, err
	}
	for _, one := range people {
		r.people[one.ID] = one
		r.reminded[m.names.Reminded(w.program, w.wave.ID, one.ID)] = one.ID
	}
	return r, r.refresh(ctx)
}

func (r *mailingRound) refresh(ctx context.Context) error {
	var err error
	if r.holds, err = r.mailing.outbox.Holds(ctx, r.program.ID); err != nil {
		return err
	}
	if r.submitted, err = r.mailing.surveys.Submitted(ctx, r.wave); err != nil {
		return err
	}
	r.read = time.Now()
	return nil
}

// compose makes the message of a delivery, or says by a *mail.Drop why it is not
// to be sent any more.
func (r *mailingRound) compose(ctx context.Context, d mail.Delivery) (*mail.Message, error) {
	if time.Since(r.read) > freshFor {
		if err := r.refresh(ctx); err != nil {
			return nil, err
		}
	}
	if r.holds.Program != nil {
		return nil, mail.ErrNotNow
	}
	if !r.wave.Open(r.mailing.pulse.now()) {
		return nil, &mail.Drop{Reason: mail.Closed}
	}
	id, isReminder := d.Recipient, strings.HasPrefix(d.Kind, kindReminder)
	if isReminder {
		id = r.reminded[d.Recipient]
	}
	person, known := r.people[id]
	seated, invited := r.audience.members[id]
	if !known {
		return nil, &mail.Drop{Reason: mail.Left} // erased since
	}
	if !invited { // the audience was read before the invitation was there
		return nil, &mail.Wait{Until: r.mailing.pulse.now().Add(2 * trustFor)}
	}
	if reason := keptBack(person, r.holds, r.mailing.today(r.mailedWave)); reason != "" {
		return nil, &mail.Drop{Reason: reason}
	}
	if isReminder && r.submitted[seated.respondent] {
		return nil, &mail.Drop{Reason: mail.Answered}
	}
	zone, err := r.program.Zone(person)
	if err != nil {
		return nil, err
	}
	if isReminder && r.reminders().atNight(r.mailing.pulse.now(), zone) {
		return nil, &mail.Wait{Until: r.mailing.pulse.now().Add(replan)}
	}
	sheet := seat{r.audience, seated}.sheet()
	sheet.Language = cmp.Or(r.languages[id], sheet.Language)
	message, err := r.mailing.letters.write(letter{
		sheet: sheet, person: person, zone: zone, reminder: isReminder, date: r.mailing.pulse.now(), delivery: d,
	})
	if err == nil && !isReminder {
		message.AddressID = mail.AddressID(r.program.ID, person.Email)
	}
	return message, err
}

// Submitted are the names of whose final answers to a wave are stored.
func (s *Store) Submitted(ctx context.Context, w Wave) (map[uuid.UUID]bool, error) {
	rows, err := clickhouse.Collect(ctx, s.db, "submitted", submittedSQL, func(rows driver.Rows) (id uuid.UUID, err error) {
		return id, rows.Scan(&id)
	}, ofWave(w)...)
	if err != nil {
		return nil, err
	}
	submitted := make(map[uuid.UUID]bool, len(rows))
	for _, id := range rows {
		submitted[id] = true
	}
	return submitted, nil
}
