package survey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
)

// DeliveryReport is what the owner sees of a wave's messages: invitations by
// person, since an address that does not work needs mending, and reminders as
// numbers, since they went to who had not answered.
type DeliveryReport struct {
	Wave        Wave
	Mail        MailState
	Invitations []InvitationDelivery // by participant
	Reminders   []ReminderCount
	// More: there are invitations after the last of these.
	More bool
}

// MailState says whether messages go out now, and if not, why.
type MailState struct {
	State   string // "on", "off", "held", "waiting"
	Fault   mail.Fault
	Detail  string
	RetryAt time.Time // zero for none
}

// The states of the mail.
const (
	mailOn      = "on"
	mailOff     = "off"     // the service has no mail server
	mailHeld    = "held"    // message after message was refused
	mailWaiting = "waiting" // the mail server is in trouble
)

// InvitationDelivery is what became of the invitation of a participant.
type InvitationDelivery struct {
	mail.Delivery
	Person program.Participant // without a name when erased since
}

// ReminderCount is how many were reminded, nil where that tells of too few.
type ReminderCount struct {
	Number int
	Sent   *int
}

// DeliveryQuery narrows a report.
type DeliveryQuery struct {
	Wave  string     // its day; empty for the newest
	State mail.State // empty for all
	After uuid.UUID  // the participant after whom to go on
	Limit int
}

// Deliveries reports on a wave's messages, or returns ErrNotFound.
func (m *Mailing) Deliveries(ctx context.Context, p program.Program, q DeliveryQuery) (*DeliveryReport, error) {
	waves, err := m.surveys.Waves(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	waves = slices.DeleteFunc(waves, func(w Wave) bool { return q.Wave != "" && w.Occurrence != q.Wave })
	if len(waves) == 0 {
		return nil, fmt.Errorf("wave %q of programme %q: %w", q.Wave, p.ID, ErrNotFound)
	}
	report := &DeliveryReport{Wave: waves[len(waves)-1]}
	if report.Mail, err = m.state(ctx, p); err != nil {
		return nil, err
	}
	all, err := m.outbox.Deliveries(ctx, p.ID, report.Wave.ID)
	if err != nil {
		return nil, err
	}
	invitations, err := m.surveys.Invitations(ctx, report.Wave)
	if err != nil {
		return nil, err
	}
	report.Reminders = countReminders(p, all, len(invitations))
	people, err := m.programs.Participants(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	byID := make(map[uuid.UUID]program.Participant, len(people))
	for _, one := range people {
		byID[one.ID] = one
	}
	slices.SortFunc(all, func(a, b mail.Delivery) int { return bytes.Compare(a.Recipient[:], b.Recipient[:]) })
	for _, d := range all {
		if d.Kind != kindInvitation || q.State != "" && d.State != q.State || bytes.Compare(d.Recipient[:], q.After[:]) <= 0 {
			continue
		}
		if len(report.Invitations) == q.Limit {
			report.More = true
			break
		}
		report.Invitations = append(report.Invitations, InvitationDelivery{d, byID[d.Recipient]})
	}
	return report, nil
}

// countReminders counts those that went out, where neither they nor those who got
// none are too few: who was not reminded had answered.
func countReminders(p program.Program, all []mail.Delivery, invited int) []ReminderCount {
	sent := map[string]int{}
	for _, d := range all {
		if strings.HasPrefix(d.Kind, kindReminder) && (d.State == mail.Sent || d.State == mail.Bounced) {
			sent[d.Kind]++
		}
	}
	var counts []ReminderCount
	for number := 1; number <= maxReminders; number++ {
		n := sent[fmt.Sprint(kindReminder, number)]
		if n == 0 {
			continue
		}
		plan := suppression.New(p.K, []suppression.Group{{Values: []string{"reminded"}, N: n}, {Values: []string{"rest"}, N: max(invited-n, 0)}}, false)
		one := ReminderCount{Number: number}
		if plan.Verdict(suppression.Segment("", suppression.By(0, "reminded"))) == suppression.Shown {
			one.Sent = &n
		}
		counts = append(counts, one)
	}
	return counts
}

func (m *Mailing) state(ctx context.Context, p program.Program) (MailState, error) {
	if !m.outbox.Sends() || p.Demo {
		return MailState{State: mailOff}, nil
	}
	holds, err := m.outbox.Holds(ctx, p.ID)
	if err != nil {
		return MailState{}, err
	}
	if holds.Program != nil {
		return MailState{State: mailHeld, Detail: holds.Program.Detail}, nil
	}
	trouble, err := m.outbox.Trouble(ctx)
	if err != nil || trouble.Fault == "" {
		return MailState{State: mailOn}, err
	}
	return MailState{State: mailWaiting, Fault: trouble.Fault, Detail: trouble.Detail, RetryAt: trouble.RetryAt}, nil
}

// Resume lifts the hold of a programme whose messages were refused, and queues
// those of its open waves again. It returns how many those are.
func (m *Mailing) Resume(ctx context.Context, p program.Program) (int, error) {
	waves, err := m.surveys.Waves(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	var again []mail.Delivery
	for _, w := range waves {
		if !w.Open(m.pulse.now()) {
			continue
		}
		all, err := m.outbox.Deliveries(ctx, p.ID, w.ID)
		if err != nil {
			return 0, err
		}
		for _, d := range all {
			if d.State == mail.Failed && d.Reason == mail.Refused {
				again = append(again, d)
			}
		}
	}
	if err := m.outbox.Queue(ctx, again); err != nil {
		return 0, err
	}
	return len(again), m.outbox.PutHold(ctx, mail.Hold{ProgramID: p.ID, Kind: mail.HoldProgram, Held: false})
}

// Bounced records messages that came back.
func (m *Mailing) Bounced(ctx context.Context, programID string, all []mail.Bounce) (mail.BounceCount, error) {
	people, err := m.programs.Participants(ctx, programID)
	if err != nil {
		return mail.BounceCount{}, err
	}
	known := make(map[string]bool, len(people))
	for _, one := range people {
		known[strings.ToLower(one.Email)] = true
	}
	return m.outbox.Bounced(ctx, programID, all, func(address string) bool { return known[strings.ToLower(strings.TrimSpace(address))] })
}

// BouncedMailbox records what the reports in a mailbox file say; other messages
// in it are passed over, and counted.
func (m *Mailing) BouncedMailbox(ctx context.Context, programID string, file io.Reader) (count mail.BounceCount, others int, err error) {
	var all []mail.Bounce
	err = mail.EachInMbox(file, func(message []byte) error {
		reported, err := mail.ParseReport(bytes.NewReader(message))
		if errors.Is(err, mail.ErrNoReport) {
			others++
			return nil
		}
		all = append(all, reported...)
		return err
	})
	if err != nil {
		return count, others, err
	}
	count, err = m.Bounced(ctx, programID, all)
	return count, others, err
}
