package mail

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

const (
	// DefaultRate is how many messages a minute go out unless told otherwise:
	// what small mail servers put up with.
	DefaultRate = 300
	// stopAfter is how many of a programme's messages are refused in a row before
	// the rest is kept back: going on spoils the sender's name with the server.
	stopAfter = 10
	// maxAttempts is how often a message is tried.
	maxAttempts = 10
	// maxSettingTries is how often the server is asked with settings that it does
	// not take. Mail servers lock users out who try a wrong password for long.
	maxSettingTries = 3
	// brokenInARow is how many messages the server may break off before the
	// others are spared.
	brokenInARow = 3
)

// Clock is the time that an outbox goes by.
type Clock struct {
	Now func() time.Time
	// Sleep returns after a time, or with an error when ctx ends first.
	Sleep func(ctx context.Context, d time.Duration) error
}

// RealClock is the time of day.
func RealClock() Clock {
	return Clock{Now: time.Now, Sleep: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}}
}

// Options of an outbox.
type Options struct {
	Transport Transport // nil: nothing is sent
	Rate      int       // messages a minute, 0 for as many as the server takes
	// Timeout is how long a message may take, as the transport has it.
	Timeout time.Duration
	// Alone: no other process has the store, as with the embedded engine.
	Alone bool
	Clock Clock
}

// Outbox sends messages and records what became of each. Any number of processes
// may have one on the same store; Send is for one goroutine of each.
type Outbox struct {
	db        *clickhouse.DB
	records   *clickhouse.Writer[Delivery]
	transport Transport
	clock     Clock
	interval  time.Duration // from one message to the next
	timeout   time.Duration
	alone     bool
	latest    atomic.Uint64

	// What follows is of the goroutine that sends.
	due        time.Time // when the next message may go
	refused    map[string]int
	broken     int // connections in a row that broke in mid-message
	tries      int // in a row without a connection
	mu         sync.Mutex
	trouble    Trouble // read by others too, so changed under mu
	unrecorded []Delivery
	me         sender
	renewed    time.Time
	leads      bool
}

// NewOutbox makes an outbox on db.
func NewOutbox(db *clickhouse.DB, o Options) *Outbox {
	if o.Clock.Now == nil {
		o.Clock = RealClock()
	}
	out := &Outbox{
		db: db, records: clickhouse.NewWriter(db, deliveryTable, 256, 256), transport: o.Transport, clock: o.Clock,
		timeout: o.Timeout, alone: o.Alone, refused: map[string]int{}, me: sender{ID: uuid.New()},
	}
	if o.Rate > 0 {
		out.interval = time.Minute / time.Duration(o.Rate)
	}
	return out
}

// Close ends the connection to the mail server and lets another process send.
func (o *Outbox) Close() error {
	if o.transport != nil {
		o.transport.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := o.release(ctx)
	o.records.Close()
	return err
}

// Sends reports whether there is a mail server to send to.
func (o *Outbox) Sends() bool { return o.transport != nil }

// Rest ends the connection to the mail server until there is more to send:
// servers do not like idle ones.
func (o *Outbox) Rest() {
	if o.transport != nil {
		o.transport.Close()
	}
}

// ErrNotNow is returned by Send when no message may go out now: another process
// sends, the mail server is in trouble, or the programme is held. What is left
// stays in the outbox.
var ErrNotNow = errors.New("no message goes out now")

// Ready reports whether a message could go out now, and lets the other processes
// know of this one. What could not be recorded before is recorded first, so ask
// it before Pending.
func (o *Outbox) Ready(ctx context.Context) (bool, error) {
	if o.transport == nil {
		return false, nil
	}
	if err := o.recordLeft(ctx); err != nil {
		return false, err
	}
	turn, err := o.takesTurn(ctx)
	return turn && !o.inTrouble(), err
}

func (o *Outbox) inTrouble() bool {
	return o.trouble.Fault != "" && (o.trouble.RetryAt.IsZero() || o.clock.Now().Before(o.trouble.RetryAt))
}

// Send sends messages one after the other and records each before the next, so
// that a crash can repeat only the one under way. compose makes a message when
// its turn has come, or says by a *Drop why it is not to be sent. When ctx ends,
// the message under way is finished first.
func (o *Outbox) Send(ctx context.Context, all []Delivery, compose func(context.Context, Delivery) (*Message, error)) error {
	if len(o.unrecorded) > 0 {
		return ErrNotNow // they may be among these
	}
	for _, d := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := compose(ctx, d)
		var (
			drop *Drop
			wait *Wait
		)
		switch {
		case errors.As(err, &wait):
			d.NextAt, d.Revision = wait.Until.UTC(), d.Revision+1
			if err := o.record(ctx, d); err != nil {
				return err
			}
			continue
		case errors.As(err, &drop):
			if err := o.record(ctx, d.next(Dropped, drop.Reason, o.clock.Now())); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		if err := o.pace(ctx); err != nil {
			return err
		}
		ready, err := o.Ready(ctx)
		if err != nil {
			return err
		}
		if !ready {
			return ErrNotNow
		}
		if err := o.deliver(ctx, d, m); err != nil {
			return err
		}
	}
	return nil
}

// pace waits until the next message may go.
func (o *Outbox) pace(ctx context.Context) error {
	if o.interval == 0 {
		return nil
	}
	now := o.clock.Now()
	if wait := o.due.Sub(now); wait > 0 {
		if err := o.clock.Sleep(ctx, wait); err != nil {
			return err
		}
		now = o.due
	}
	o.due = now.Add(o.interval)
	return nil
}

// deliver sends one message and records what came of it.
func (o *Outbox) deliver(ctx context.Context, d Delivery, m *Message) error {
	// What was begun is finished and recorded, whoever wants to stop.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.timeout+time.Minute)
	defer cancel()
	d.Address = m.AddressID
	err := o.transport.Send(bounded, m)
	now := o.clock.Now()
	if err == nil {
		o.refused[d.ProgramID], o.broken, o.tries = 0, 0, 0
		o.setTrouble(Trouble{})
		sent := d.next(Sent, "", now)
		sent.Attempts++
		return o.record(bounded, sent)
	}
	failure := asFailure(err)
	if failure.Ours() || failure.ofServer() && !failure.Begun {
		o.serverFails(bounded, failure, now)
		return ErrNotNow
	}
	return o.fails(bounded, d, m, failure, now)
}

// fails records that a message was not taken, and keeps back what would fare alike.
func (o *Outbox) fails(ctx context.Context, d Delivery, m *Message, f *Failure, now time.Time) error {
	var next Delivery
	switch f.Fault {
	case FaultAddress:
		// The hold goes first: without it the record would say that the address
		// was mended.
		if err := o.PutHold(ctx, Hold{ProgramID: d.ProgramID, Kind: HoldAddress, Subject: AddressID(d.ProgramID, m.To), Held: true, Detail: f.Said}); err != nil {
			return err
		}
		next = d.next(Bounced, AddressBounced, now)
	case FaultRefused:
		next = d.next(Failed, Refused, now)
	case FaultMessage:
		next = d.next(Failed, Unsendable, now)
	case FaultLater:
		next = d.next(Deferred, Later, now)
	default:
		next = d.next(Deferred, Lost, now)
	}
	next.Attempts, next.Detail = d.Attempts+1, f.Error()
	if next.State == Deferred {
		next.NextAt = now.Add(Backoff(d.ID(), next.Attempts)).UTC()
		if next.Attempts >= maxAttempts {
			next.State, next.Reason = Failed, GaveUp
		}
	}
	if err := o.record(ctx, next); err != nil {
		return err
	}
	switch f.Fault {
	case FaultAddress, FaultRefused:
		o.broken = 0
		return o.countRefusal(ctx, d.ProgramID, f)
	case FaultLater, FaultMessage:
		o.broken = 0
		return nil
	}
	if o.broken++; o.broken >= brokenInARow {
		o.serverFails(ctx, f, now)
		return ErrNotNow
	}
	return nil
}

// countRefusal holds the programme back after too many refusals in a row.
func (o *Outbox) countRefusal(ctx context.Context, programID string, f *Failure) error {
	if o.refused[programID]++; o.refused[programID] < stopAfter {
		return nil
	}
	o.refused[programID] = 0
	slog.ErrorContext(ctx, "messages were refused one after the other, so the rest is kept back; the owner's page of deliveries says what to do",
		"program", programID, "refused", stopAfter, "code", f.Code)
	if err := o.PutHold(ctx, Hold{ProgramID: programID, Kind: HoldProgram, Held: true, Detail: f.Error()}); err != nil {
		return err
	}
	return ErrNotNow
}

// serverFails keeps everything back for a while, or until other settings come
// with a restart.
func (o *Outbox) serverFails(ctx context.Context, f *Failure, now time.Time) {
	o.tries++
	trouble := Trouble{Fault: f.Fault, Detail: f.Error(), RetryAt: now.Add(min(30*time.Second<<min(o.tries-1, 10), 30*time.Minute)).UTC().Truncate(time.Millisecond)}
	if f.Ours() && o.tries >= maxSettingTries {
		trouble.RetryAt = time.Time{}
	}
	o.setTrouble(trouble)
	slog.ErrorContext(ctx, "no message goes out: "+f.Error(), "again", trouble.RetryAt)
	if o.alone {
		return
	}
	if err := o.renew(ctx, now.UTC()); err != nil {
		slog.WarnContext(ctx, "the mail server's trouble could not be noted", "error", err)
	}
}

func (o *Outbox) setTrouble(t Trouble) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.trouble = t
}

// Backoff is how long to wait after a number of attempts: from a minute, twice as
// long each time, to an hour, and up to a quarter longer by the message, so that
// those that failed together do not come back together.
func Backoff(id uuid.UUID, attempts int) time.Duration {
	wait := min(time.Minute<<min(max(attempts, 1)-1, 10), time.Hour)
	return wait + wait/4*time.Duration(binary.BigEndian.Uint16(id[:]))/(1<<16)
}

// record stores what became of a message. What cannot be stored is kept and
// stored before anything else is sent (see Ready): forgetting that a message went out would
// send it again and again.
func (o *Outbox) record(ctx context.Context, d Delivery) error {
	if err := o.records.Write(ctx, d); err != nil {
		o.unrecorded = append(o.unrecorded, d)
		return fmt.Errorf("record of a message: %w", err)
	}
	return nil
}

func (o *Outbox) recordLeft(ctx context.Context) error {
	if len(o.unrecorded) == 0 {
		return nil
	}
	if err := clickhouse.Insert(ctx, o.db, deliveryTable, o.unrecorded); err != nil {
		return fmt.Errorf("record of messages: %w", err)
	}
	o.unrecorded = nil
	return nil
}
