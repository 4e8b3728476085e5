package mail

import (
	"context"
	_ "embed"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

//go:embed queries/senders.sql
var sendersSQL string

// Of the processes on one store, the one that is there longest sends; there is no
// vote, and nobody to ask. Each notes in the table mail_senders that it is there,
// until a time that it keeps moving on, and reads who else is.
//
// What that gives: while the processes' clocks differ by less than clockMargin,
// two never send at once. A newcomer waits until it must have seen everybody who
// came before it, and a process stops sending so long before its time is up that a
// message under way has ended. When the sender crashes, another takes over after
// senderLease at the latest, and repeats the one message that was under way. A
// process that is frozen amidst a message for longer than that can make one twice
// too, always with the same Message-ID.
const (
	senderLease   = 90 * time.Second
	senderRenew   = 15 * time.Second
	senderSettles = 6 * time.Second
	clockMargin   = senderSettles / 2
)

// sender is a process that could send.
type sender struct {
	ID           uuid.UUID
	Since, Until time.Time
	// Trouble is what keeps the mail server from taking messages.
	Trouble Trouble
}

// Trouble is why no message goes out at all.
type Trouble struct {
	Fault   Fault // empty for none
	Detail  string
	RetryAt time.Time // zero when only a restart with other settings helps
}

// takesTurn reports whether this process is the one to send, and tells the others
// that it is there. On the embedded engine there are no others.
func (o *Outbox) takesTurn(ctx context.Context) (bool, error) {
	if o.alone {
		return true, nil
	}
	now := o.clock.Now().UTC()
	if o.me.Until.Sub(now) < o.turnNeeds() || now.Sub(o.renewed) >= senderRenew || o.me.Trouble != o.trouble {
		if err := o.renew(ctx, now); err != nil {
			return false, err
		}
	}
	return o.leads && o.me.Until.Sub(o.clock.Now()) >= o.turnNeeds(), nil
}

// turnNeeds is how much of the lease a message may need.
func (o *Outbox) turnNeeds() time.Duration { return o.timeout + clockMargin }

func (o *Outbox) renew(ctx context.Context, now time.Time) error {
	o.leads = false
	me := sender{ID: o.me.ID, Since: o.me.Since, Until: now.Add(senderLease), Trouble: o.trouble}
	if o.me.Until.Before(now) { // the others may have taken it for gone
		me.Since = now
	}
	if err := o.putSender(ctx, me); err != nil {
		return err
	}
	stored := o.clock.Now()
	if me.Since.Equal(now) && stored.Sub(now) > clockMargin {
		return nil // too late to be sure that a newcomer saw it; another time
	}
	o.me, o.renewed = me, now
	if stored.Sub(me.Since) < senderSettles {
		o.renewed = time.Time{} // look again soon
		return nil
	}
	all, err := o.senders(ctx)
	if err != nil {
		return err
	}
	o.leads = len(all) > 0 && all[0].ID == o.me.ID
	return nil
}

// release tells the others that this process is going.
func (o *Outbox) release(ctx context.Context) error {
	if o.me.Until.IsZero() {
		return nil
	}
	gone := o.me
	gone.Until = o.clock.Now().UTC()
	o.me, o.leads = sender{ID: o.me.ID}, false
	return o.putSender(ctx, gone)
}

func (o *Outbox) putSender(ctx context.Context, one sender) error {
	table := clickhouse.Table[sender]{
		Name: "mail_senders",
		Columns: []clickhouse.Column{
			{Name: "sender_id", Type: "UUID"}, {Name: "since", Type: timeType}, {Name: "until", Type: timeType}, {Name: "fault", Type: nameType},
			{Name: "detail", Type: "String"}, {Name: "retry_at", Type: timeType}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []sender) error {
			for _, s := range rows {
				if err := block.Append(s.ID, s.Since, s.Until, string(s.Trouble.Fault), s.Trouble.Detail, orEpoch(s.Trouble.RetryAt), o.revision()); err != nil {
					return err
				}
			}
			return nil
		},
	}
	return clickhouse.Insert(ctx, o.db, table, []sender{one})
}

// senders are the processes that are there, the one that sends first.
func (o *Outbox) senders(ctx context.Context) ([]sender, error) {
	return clickhouse.Collect(ctx, o.db, "senders of messages", sendersSQL, func(rows driver.Rows) (sender, error) {
		var (
			s     sender
			fault string
		)
		err := rows.Scan(&s.ID, &s.Since, &s.Until, &fault, &s.Trouble.Detail, &s.Trouble.RetryAt)
		s.Trouble.Fault = Fault(fault)
		if s.Trouble.RetryAt.Unix() == 0 {
			s.Trouble.RetryAt = time.Time{}
		}
		return s, err
	}, clickhouse.Named("now", o.clock.Now().UnixMilli()))
}

// Trouble is what keeps the sender's messages from going out, whichever process
// sends; its Fault is empty for nothing.
func (o *Outbox) Trouble(ctx context.Context) (Trouble, error) {
	if o.alone {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.trouble, nil
	}
	all, err := o.senders(ctx)
	if err != nil || len(all) == 0 {
		return Trouble{}, err
	}
	return all[0].Trouble, nil
}

// orEpoch: the store has no time zero.
func orEpoch(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t.UTC()
}
