package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
)

// The kinds of messages.
const (
	kindInvitation = "invitation"
	kindReminder   = "reminder-" // and its number, from 1
)

const (
	// mailRound is how many messages of a wave go out before other waves get
	// their turn.
	mailRound = 500
	// replan is how often a wave is looked through for reminders that are due.
	replan = 5 * time.Minute
	// closedLately is how long after its closing a wave's leftover messages are
	// still looked for, to be recorded as not sent.
	closedLately = 48 * time.Hour
	// settledFor is how long an invitation has been there before a reminder.
	settledFor = 24 * time.Hour
)

// Mailing sends the invitations of waves that are open and reminds of them. What
// it queues is derived from the wave and the person, so it may run in any number
// of processes; the outbox sees to it that one of them sends.
type Mailing struct {
	pulse    *Pulse
	programs *program.Store
	surveys  *Store
	outbox   *mail.Outbox
	letters  *letters
	names    Pseudonyms
	// planned is the state of everything at which a wave was last planned.
	planned map[uuid.UUID]plannedAt
}

type plannedAt struct {
	audience, holds uint64
	at              time.Time
}

// NewMailing makes the mailing of pulse's waves. address is where participants
// reach the service, and domain that of the address that messages come from.
func NewMailing(pulse *Pulse, outbox *mail.Outbox, secret access.Secret, address, domain string) *Mailing {
	return &Mailing{
		pulse: pulse, programs: pulse.audiences.programs, surveys: pulse.surveys, outbox: outbox, names: pulse.pseudonyms,
		letters: &letters{links: pulse.links, codes: pulse.codes.keys, leaving: NewLeaving(secret), address: address, domain: domain, templates: letterTemplates()},
		planned: map[uuid.UUID]plannedAt{},
	}
}

// Run sends what is due at once and then every interval, until ctx ends; a
// message under way is finished first.
func (m *Mailing) Run(ctx context.Context, interval time.Duration) {
	if !m.outbox.Sends() {
		return
	}
	repeat(ctx, interval, "sending messages", m.Due)
}

// mailedWave is a wave whose messages may have to be made.
type mailedWave struct {
	program program.Program
	survey  Survey
	wave    Wave
}

// Due queues every message that is due, and sends what is queued while that is
// this process's turn. One programme's failure does not hold up the others.
func (m *Mailing) Due(ctx context.Context) error {
	waves, err := m.waves(ctx)
	errs := []error{err}
	for _, w := range waves {
		if w.wave.Open(m.pulse.now()) {
			if err := m.plan(ctx, w); err != nil {
				errs = append(errs, fmt.Errorf("messages of wave %q of programme %q: %w", w.wave.Occurrence, w.program.ID, err))
			}
		}
	}
	if len(waves) == 0 {
		return errors.Join(errs...)
	}
	ready, err := m.outbox.Ready(ctx)
	if errs = append(errs, err); ready {
		errs = append(errs, m.sendAll(ctx, waves))
		m.outbox.Rest()
	}
	return errors.Join(errs...)
}

// waves are those that are open or closed lately. Made-up people are sent
// nothing.
func (m *Mailing) waves(ctx context.Context) ([]mailedWave, error) {
	programs, err := m.programs.Programs(ctx)
	if err != nil {
		return nil, err
	}
	var (
		all  []mailedWave
		errs []error
		now  = m.pulse.now()
	)
	for _, p := range programs {
		if p.Demo {
			continue
		}
		surveys, err := m.surveys.Surveys(ctx, p.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		waves, err := m.surveys.Waves(ctx, p.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, w := range waves {
			if now.Before(w.Opens) || now.Sub(w.Closes) > closedLately {
				continue
			}
			for _, s := range surveys {
				if s.ID == w.SurveyID {
					all = append(all, mailedWave{p, s, w})
				}
			}
		}
	}
	return all, errors.Join(errs...)
}

// plan queues the messages of a wave that are due and not there yet. It looks
// only when something has changed, or a reminder may have become due.
func (m *Mailing) plan(ctx context.Context, w mailedWave) error {
	at := plannedAt{at: m.pulse.now().Truncate(replan)}
	var err error
	if at.audience, err = m.surveys.audienceRevision(ctx, w.program.ID, w.survey.ID, w.wave.ID); err != nil {
		return err
	}
	if at.holds, err = m.outbox.HoldsRevision(ctx, w.program.ID); err != nil {
		return err
	}
	if m.planned[w.wave.ID] == at {
		return nil
	}
	roll, err := m.roll(ctx, w)
	if err != nil {
		return err
	}
	queued, dropped := m.invitations(w, roll)
	reminders, err := m.reminders(ctx, w, roll)
	if err != nil {
		return err
	}
	if err := m.outbox.Drop(ctx, dropped); err != nil {
		return err
	}
	if err := m.outbox.Queue(ctx, append(queued, reminders...)); err != nil {
		return err
	}
	if n := len(queued) + len(reminders); n > 0 {
		slog.InfoContext(ctx, "queued messages", "program", w.program.ID, "wave", w.wave.Occurrence, "invitations", len(queued), "reminders", len(reminders), "kept back", len(dropped))
	}
	m.planned[w.wave.ID] = at
	return nil
}

// roll is who is asked in a wave and what was sent to them.
type roll struct {
	invited []program.Participant
	sent    map[mail.Key]mail.Delivery
	holds   mail.Holds
}

// roll reads it; the holds last, since a record may go back to one.
func (m *Mailing) roll(ctx context.Context, w mailedWave) (roll, error) {
	var r roll
	links, err := m.pulse.LinksOf(ctx, w.wave)
	if err != nil {
		return r, err
	}
	for _, l := range links {
		r.invited = append(r.invited, l.Participant)
	}
	deliveries, err := m.outbox.Deliveries(ctx, w.program.ID, w.wave.ID)
	if err != nil {
		return r, err
	}
	r.sent = make(map[mail.Key]mail.Delivery, len(deliveries))
	for _, d := range deliveries {
		r.sent[d.Key] = d
	}
	r.holds, err = m.outbox.Holds(ctx, w.program.ID)
	return r, err
}

// invitations are those to queue, new or because what kept them back was mended,
// and those that cannot be sent, to be recorded as such.
func (m *Mailing) invitations(w mailedWave, r roll) (queue, drop []mail.Delivery) {
	today := m.today(w)
	for _, person := range r.invited {
		key := w.key(kindInvitation, person.ID)
		d, known := r.sent[key]
		reason := keptBack(person, r.holds, today)
		switch {
		case !known && reason != "":
			drop = append(drop, mail.Delivery{Key: key, Reason: reason})
		case !known:
			queue = append(queue, mail.Delivery{Key: key})
		case reason == "" && (d.State == mail.Dropped || d.State == mail.Bounced):
			queue = append(queue, d)
		}
	}
	return queue, drop
}

// reminders are those that are due for who was invited and has not submitted: the
// newest of a participant's, by day. They are recorded under a name that only the
// service can make, since a list of them is one of who has not answered.
func (m *Mailing) reminders(ctx context.Context, w mailedWave, r roll) ([]mail.Delivery, error) {
	rule, now, today := w.reminders(), m.pulse.now(), m.today(w)
	if len(rule.AfterDays) == 0 || now.Sub(w.wave.Opens) < 24*time.Hour {
		return nil, nil
	}
	submitted, err := m.surveys.Submitted(ctx, w.wave)
	if err != nil {
		return nil, err
	}
	var due []mail.Delivery
	for _, person := range r.invited {
		invitation := r.sent[w.key(kindInvitation, person.ID)]
		if invitation.State != mail.Sent || now.Sub(invitation.At) < settledFor || keptBack(person, r.holds, today) != "" ||
			submitted[m.names.Respondent(w.program, w.wave.ID, person.ID)] {
			continue
		}
		zone, err := w.program.Zone(person)
		if err != nil {
			return nil, err
		}
		number := 0
		for _, at := range rule.Times(w.wave, zone) {
			if !at.After(now) {
				number++
			}
		}
		if number == 0 || rule.atNight(now, zone) {
			continue
		}
		key := w.key(fmt.Sprint(kindReminder, number), m.names.Reminded(w.program, w.wave.ID, person.ID))
		if _, known := r.sent[key]; !known {
			due = append(due, mail.Delivery{Key: key})
		}
	}
	return due, nil
}

func (w mailedWave) key(kind string, recipient uuid.UUID) mail.Key {
	return mail.Key{ProgramID: w.program.ID, Wave: w.wave.ID, Kind: kind, Channel: mail.ChannelMail, Recipient: recipient}
}

// reminders are those of the survey.
func (w mailedWave) reminders() Reminders { return w.survey.Reminders }

func (m *Mailing) today(w mailedWave) time.Time {
	zone, err := w.program.Location()
	if err != nil {
		zone = time.UTC // such a programme is not stored
	}
	return program.Day(m.pulse.now(), zone)
}

// atNight reports whether nobody is reminded at a time: a reminder that could not
// be sent by day waits for the next.
func (r Reminders) atNight(now time.Time, zone *time.Location) bool {
	h, err := r.hours()
	return err == nil && h.quiet(sinceMidnight(now.In(zone)))
}

// keptBack is why nothing is sent to a participant; empty when something may be.
func keptBack(person program.Participant, holds mail.Holds, today time.Time) mail.Reason {
	switch {
	case !person.Left.IsZero() && !person.Left.After(today):
		return mail.Left
	case holds.Participants[person.ID]:
		return mail.Unsubscribed
	case person.Email == "":
		return mail.NoAddress
	case mail.ValidAddress(person.Email) != nil:
		return mail.BadAddress
	case holds.Addresses[mail.AddressID(person.ProgramID, person.Email)]:
		return mail.AddressBounced
	}
	return ""
}

// sendAll sends what is queued, some of each wave in turn.
func (m *Mailing) sendAll(ctx context.Context, waves []mailedWave) error {
	var errs []error
	for len(waves) > 0 {
		var more []mailedWave
		for _, w := range waves {
			n, err := m.send(ctx, w)
			if errors.Is(err, mail.ErrNotNow) || ctx.Err() != nil {
				continue // of this programme or of all; what is left waits
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("messages of wave %q of programme %q: %w", w.wave.Occurrence, w.program.ID, err))
			} else if n == mailRound {
				more = append(more, w)
			}
		}
		waves = more
	}
	return errors.Join(errs...)
}

// send sends some of a wave's messages and returns how many were due.
func (m *Mailing) send(ctx context.Context, w mailedWave) (int, error) {
	pending, err := m.outbox.Pending(ctx, w.program.ID, w.wave.ID, mailRound)
	if err != nil || len(pending) == 0 {
		return 0, err
	}
	round, err := m.round(ctx, w)
	if err != nil {
		return 0, err
	}
	if round.holds.Program != nil {
		return 0, nil
	}
	return len(pending), m.outbox.Send(ctx, pending, round.compose)
}
