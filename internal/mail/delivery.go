package mail

import (
	"context"
	_ "embed"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

var (
	//go:embed queries/deliveries.sql
	deliveriesSQL string
	//go:embed queries/delivery.sql
	deliverySQL string
	//go:embed queries/pending.sql
	pendingSQL string
)

// ChannelMail is the channel of what goes out by SMTP.
const ChannelMail = "mail"

// Key says which message a delivery is of: one of a kind to a recipient in a
// wave. It is all that a Message-ID is made from, so sending again after a crash
// sends the same message.
type Key struct {
	ProgramID string
	Wave      uuid.UUID
	Kind      string // such as "invitation"
	Channel   string
	Recipient uuid.UUID
}

// ID is derived from the key.
func (k Key) ID() uuid.UUID {
	return program.DeriveID(k.ProgramID, "delivery", k.Wave.String(), k.Kind, k.Channel, k.Recipient.String())
}

// MessageID is the Message-ID, without its angle brackets, of what a sender at a
// domain sends for the key.
func (k Key) MessageID(domain string) string {
	return k.ID().String() + "." + k.ProgramID + "@" + domain
}

// parseMessageID finds the delivery and the programme in a Message-ID of ours.
func parseMessageID(text string) (id uuid.UUID, programID string, ok bool) {
	local, _, ok := strings.Cut(strings.Trim(strings.TrimSpace(text), "<>"), "@")
	name, programID, dot := strings.Cut(local, ".")
	if !ok || !dot || !program.ValidID(programID) {
		return uuid.Nil, "", false
	}
	id, err := uuid.Parse(name)
	return id, programID, err == nil && len(name) == 36
}

// State is how far a delivery has come.
type State string

// The states. Queued and Deferred go on by themselves; the others stay unless
// what kept them back is mended.
const (
	Queued   State = "queued"
	Deferred State = "deferred" // tried, and to be tried again
	Sent     State = "sent"     // the mail server has taken it over
	Bounced  State = "bounced"  // nobody has the address
	Failed   State = "failed"   // refused for another reason, or given up
	Dropped  State = "dropped"  // not sent on purpose
)

// Reason says why a delivery is in its state, where the state does not.
type Reason string

// The reasons.
const (
	NoAddress      Reason = "no-address"      // the roster has none
	BadAddress     Reason = "bad-address"     // the roster's is none
	AddressBounced Reason = "address-bounced" // an earlier message came back
	Unsubscribed   Reason = "unsubscribed"
	Left           Reason = "left"     // is not in the programme any more
	Closed         Reason = "closed"   // the wave was over first
	Answered       Reason = "answered" // nothing to remind of any more
	Refused        Reason = "refused"
	Unsendable     Reason = "unsendable" // something in the message itself is wrong
	GaveUp         Reason = "gave-up"    // after many attempts
	Later          Reason = "later"      // the server asked for it
	Lost           Reason = "lost"       // the connection broke, so it may have arrived
)

// Delivery is the record of one message.
type Delivery struct {
	Key
	State  State
	Reason Reason
	Detail string // the mail server's words, without addresses
	// Address is the AddressID of what it was sent to, zero for nothing yet, or
	// where it would tell who the recipient is.
	Address  uuid.UUID
	Attempts int
	NextAt   time.Time // when it is tried, if it is to be
	At       time.Time // of the last change
	// Revision counts the forms of the record from 1, so that of two the one that
	// is further on wins, whoever wrote it last.
	Revision uint64
}

// Drop is why a message is not sent after all; composing one returns it.
type Drop struct{ Reason Reason }

func (d *Drop) Error() string { return "not sent: " + string(d.Reason) }

// Wait is why a message is not sent yet; composing one returns it.
type Wait struct{ Until time.Time }

func (w *Wait) Error() string { return "not before " + w.Until.Format(time.RFC3339) }

// next is the record's next form.
func (d Delivery) next(state State, reason Reason, now time.Time) Delivery {
	d.State, d.Reason, d.Detail, d.At, d.NextAt = state, reason, "", now.UTC(), now.UTC()
	d.Revision++
	return d
}

const (
	nameType = "LowCardinality(String)"
	timeType = "DateTime64(3, 'UTC')"
)

// deliveryTable is the table as it is written; migrations/ makes it.
var deliveryTable = clickhouse.Table[Delivery]{
	Name: "deliveries",
	Columns: []clickhouse.Column{
		{Name: "program_id", Type: nameType}, {Name: "wave_id", Type: "UUID"}, {Name: "kind", Type: nameType}, {Name: "channel", Type: nameType},
		{Name: "recipient", Type: "UUID"}, {Name: "delivery_id", Type: "UUID"}, {Name: "state", Type: nameType}, {Name: "reason", Type: nameType},
		{Name: "detail", Type: "String"}, {Name: "address", Type: "UUID"}, {Name: "attempts", Type: "UInt32"}, {Name: "next_at", Type: timeType}, {Name: "changed_at", Type: timeType},
		{Name: "revision", Type: "UInt64"},
	},
	Encode: func(block driver.Batch, rows []Delivery) error {
		for _, d := range rows {
			err := block.Append(d.ProgramID, d.Wave, d.Kind, d.Channel, d.Recipient, d.ID(), string(d.State), string(d.Reason),
				d.Detail, d.Address, uint32(d.Attempts), d.NextAt, d.At, d.Revision)
			if err != nil {
				return err
			}
		}
		return nil
	},
}

func scanDelivery(rows driver.Rows) (Delivery, error) {
	var (
		d             Delivery
		state, reason string
		attempts      uint32
	)
	err := rows.Scan(&d.ProgramID, &d.Wave, &d.Kind, &d.Channel, &d.Recipient, &state, &reason, &d.Detail, &d.Address, &attempts, &d.NextAt, &d.At, &d.Revision)
	d.State, d.Reason, d.Attempts = State(state), Reason(reason), int(attempts)
	return d, err
}

// Deliveries are those of a wave, by kind, channel and recipient.
func (o *Outbox) Deliveries(ctx context.Context, programID string, wave uuid.UUID) ([]Delivery, error) {
	return clickhouse.Collect(ctx, o.db, "deliveries", deliveriesSQL, scanDelivery, clickhouse.Named("program", programID), clickhouse.Named("wave", wave.String()))
}

// Pending are the messages of a wave that are to be tried now, the longest
// waiting first, at most so many.
func (o *Outbox) Pending(ctx context.Context, programID string, wave uuid.UUID, most int) ([]Delivery, error) {
	return clickhouse.Collect(ctx, o.db, "deliveries to be made", pendingSQL, scanDelivery, clickhouse.Named("program", programID),
		clickhouse.Named("wave", wave.String()), clickhouse.Named("channel", ChannelMail), clickhouse.Named("now", o.clock.Now().UnixMilli()), clickhouse.Named("most", uint32(most)))
}

// Drop records that new messages are not sent, each with its reason.
func (o *Outbox) Drop(ctx context.Context, all []Delivery) error {
	now := o.clock.Now()
	next := make([]Delivery, len(all))
	for i, d := range all {
		next[i] = d.next(Dropped, d.Reason, now)
	}
	return clickhouse.Insert(ctx, o.db, deliveryTable, next)
}

// Queue adds messages to be sent, or to be tried once more. Of a message that is
// new, whoever else queues it at the same time writes the same.
func (o *Outbox) Queue(ctx context.Context, all []Delivery) error {
	now := o.clock.Now()
	next := make([]Delivery, len(all))
	for i, d := range all {
		next[i] = d.next(Queued, "", now)
		next[i].Attempts = 0
	}
	return clickhouse.Insert(ctx, o.db, deliveryTable, next)
}
