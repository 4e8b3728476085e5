package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/mail/inbox"
	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
)

// hands is a clock that tests move; sleeping moves it too.
type hands struct{ ns atomic.Int64 }

func newHands() *hands {
	h := &hands{}
	h.ns.Store(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).UnixNano())
	return h
}

func (h *hands) now() time.Time          { return time.Unix(0, h.ns.Load()).UTC() }
func (h *hands) forward(d time.Duration) { h.ns.Add(int64(d)) }
func (h *hands) clock() mail.Clock {
	return mail.Clock{Now: h.now, Sleep: func(ctx context.Context, d time.Duration) error {
		h.forward(d)
		return ctx.Err()
	}}
}

var wave = program.DeriveID("wave")

func key(n int) mail.Key {
	return mail.Key{ProgramID: "acme", Wave: wave, Kind: "invitation", Channel: mail.ChannelMail, Recipient: program.DeriveID(fmt.Sprint("p", n))}
}

func address(d mail.Delivery) string { return "p" + d.Recipient.String()[:8] + "@acme.example" }

func compose(_ context.Context, d mail.Delivery) (*mail.Message, error) {
	return letter(func(m *mail.Message) {
		m.ID, m.To, m.AddressID = d.MessageID("acme.example"), address(d), mail.AddressID("acme", address(d))
	}), nil
}

// outbox is one on a store with a server to send to.
func outbox(t *testing.T, db *clickhouse.DB, h *hands, server *inbox.Server, change ...func(*mail.Options)) *mail.Outbox {
	t.Helper()
	o := mail.Options{Timeout: 5 * time.Second, Alone: true, Clock: h.clock()}
	if server != nil {
		o.Transport = transport(t, server)
	}
	for _, one := range change {
		one(&o)
	}
	out := mail.NewOutbox(db, o)
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	return out
}

func queue(t *testing.T, o *mail.Outbox, n int) {
	t.Helper()
	var all []mail.Delivery
	for i := range n {
		all = append(all, mail.Delivery{Key: key(i)})
	}
	if err := o.Queue(context.Background(), all); err != nil {
		t.Fatal(err)
	}
}

// send sends what is pending.
func send(t *testing.T, o *mail.Outbox) error {
	t.Helper()
	pending, err := o.Pending(context.Background(), "acme", wave, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	return o.Send(context.Background(), pending, compose)
}

// states counts the deliveries by state and reason.
func states(t *testing.T, o *mail.Outbox) map[string]int {
	t.Helper()
	all, err := o.Deliveries(context.Background(), "acme", wave)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, d := range all {
		count[strings.TrimSuffix(fmt.Sprintf("%s %s", d.State, d.Reason), " ")]++
	}
	return count
}

func same(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestEachMessageGoesOutOnce(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{})
	o := outbox(t, db, h, server)
	queue(t, o, 20)
	for range 3 {
		if err := send(t, o); err != nil {
			t.Fatal(err)
		}
		queue(t, o, 20) // again, as a process does that has not seen the first
	}
	same(t, "states", states(t, o), map[string]int{"sent": 20})
	if server.Count() != 20 || server.Connections() != 1 {
		t.Errorf("%d messages by %d connections", server.Count(), server.Connections())
	}
}

// What the server asks to try later is tried later and later, and given up in
// the end; the times are those of Backoff.
func TestDeferredMessagesAreTriedAgain(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	var failing atomic.Bool
	failing.Store(true)
	server := serve(t, inbox.Behaviour{Rcpt: func(string) error {
		if failing.Load() {
			return inbox.Refusal(451, [3]int{4, 7, 1}, "greylisted")
		}
		return nil
	}})
	o := outbox(t, db, h, server)
	queue(t, o, 2)
	tried := func() (mail.Delivery, bool) {
		t.Helper()
		before, _ := o.Deliveries(context.Background(), "acme", wave)
		if err := send(t, o); err != nil {
			t.Fatal(err)
		}
		after, err := o.Deliveries(context.Background(), "acme", wave)
		if err != nil {
			t.Fatal(err)
		}
		return after[0], after[0].Attempts > before[0].Attempts
	}
	for attempt := 1; attempt < 10; attempt++ {
		d, ok := tried()
		wait := mail.Backoff(d.ID(), attempt)
		if !ok || d.State != mail.Deferred || d.Attempts != attempt || !d.NextAt.Equal(h.now().Add(wait).Truncate(time.Millisecond)) || !strings.Contains(d.Detail, "greylisted") {
			t.Fatalf("attempt %d: %+v, want the next after %s", attempt, d, wait)
		}
		h.forward(wait - 2*time.Millisecond)
		if d, ok := tried(); ok {
			t.Fatalf("tried %s early: %+v", 2*time.Millisecond, d)
		}
		h.forward(2 * time.Hour) // both
		if attempt == 5 {
			failing.Store(false)
			if err := send(t, o); err != nil {
				t.Fatal(err)
			}
			same(t, "after the server gave in", states(t, o), map[string]int{"sent": 2})
			return
		}
	}
}

func TestMessagesAreGivenUp(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{Rcpt: func(string) error { return inbox.Refusal(451, [3]int{4, 7, 1}, "no") }})
	o := outbox(t, db, h, server)
	queue(t, o, 1)
	for range 30 {
		if err := send(t, o); err != nil {
			t.Fatal(err)
		}
		h.forward(2 * time.Hour)
	}
	all, err := o.Deliveries(context.Background(), "acme", wave)
	if err != nil || all[0].State != mail.Failed || all[0].Reason != mail.GaveUp || all[0].Attempts != 10 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := program.DeriveID(rapid.String().Draw(t, "id"))
		n := rapid.IntRange(0, 1000).Draw(t, "attempts")
		wait, next := mail.Backoff(id, n), mail.Backoff(id, n+1)
		if wait < time.Minute || wait > 75*time.Minute || next < wait {
			t.Fatalf("%s, then %s", wait, next)
		}
	})
}

func TestTheRateIsKept(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	var times []time.Time
	server := serve(t, inbox.Behaviour{Taking: func(inbox.Message) error { times = append(times, h.now()); return nil }})
	o := outbox(t, db, h, server, func(o *mail.Options) { o.Rate = 60 })
	queue(t, o, 90)
	if err := send(t, o); err != nil {
		t.Fatal(err)
	}
	for i := range times {
		if i >= 60 && times[i].Sub(times[i-60]) < time.Minute {
			t.Fatalf("61 messages within %s", times[i].Sub(times[i-60]))
		}
	}
	if took := times[89].Sub(times[0]); took != 89*time.Second {
		t.Errorf("90 messages took %s", took)
	}
}

// Refusals in a row stop the programme, not another one, until the hold is lifted.
func TestRefusalsInARowStop(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	var heard, taken atomic.Int64
	server := serve(t, inbox.Behaviour{Rcpt: func(string) error {
		if heard.Add(1) <= 3 { // three go through first
			return nil
		}
		if taken.Load() > 0 {
			return nil
		}
		return inbox.Refusal(550, [3]int{5, 7, 1}, "sender ann@acme.example is not wanted")
	}})
	o := outbox(t, db, h, server)
	queue(t, o, 30)
	if err := send(t, o); !errors.Is(err, mail.ErrNotNow) {
		t.Fatalf("error %v", err)
	}
	same(t, "states", states(t, o), map[string]int{"sent": 3, "failed refused": 10, "queued": 17})
	held, err := o.Holds(context.Background(), "acme")
	if err != nil || held.Program == nil || !strings.Contains(held.Program.Detail, "not wanted") || strings.Contains(held.Program.Detail, "ann@") {
		t.Errorf("%+v, %v", held.Program, err)
	}
	if other, err := o.Holds(context.Background(), "other"); err != nil || other.Program != nil {
		t.Errorf("another programme is held too: %+v, %v", other, err)
	}
	if err := o.PutHold(context.Background(), mail.Hold{ProgramID: "acme", Kind: mail.HoldProgram}); err != nil {
		t.Fatal(err)
	}
	if held, err := o.Holds(context.Background(), "acme"); err != nil || held.Program != nil {
		t.Errorf("still held: %+v, %v", held.Program, err)
	}
	taken.Store(1)
	if err := send(t, o); err != nil {
		t.Error(err)
	}
	same(t, "after", states(t, o), map[string]int{"sent": 20, "failed refused": 10})
}

// An address that nobody has is held, by whatever message it was found.
func TestUnknownAddressesAreHeld(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	bad := address(mail.Delivery{Key: key(1)})
	server := serve(t, inbox.Behaviour{Rcpt: func(to string) error {
		if to == bad {
			return inbox.Refusal(550, [3]int{5, 1, 1}, "<"+to+"> unknown")
		}
		return nil
	}})
	o := outbox(t, db, h, server)
	queue(t, o, 3)
	if err := send(t, o); err != nil {
		t.Fatal(err)
	}
	same(t, "states", states(t, o), map[string]int{"sent": 2, "bounced address-bounced": 1})
	held, err := o.Holds(context.Background(), "acme")
	if err != nil || len(held.Addresses) != 1 || !held.Addresses[mail.AddressID("acme", strings.ToUpper(bad))] {
		t.Errorf("%+v, %v", held, err)
	}
	all, _ := o.Deliveries(context.Background(), "acme", wave)
	for _, d := range all {
		if strings.Contains(d.Detail, "@") {
			t.Errorf("an address is in the record: %q", d.Detail)
		}
	}
}

// While the server is in trouble, nothing is tried, longer and longer; settings
// that it does not take are tried three times.
func TestTroubleWithTheServer(t *testing.T) {
	config, ca := certificate(t)
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{TLS: config, User: "pulse", Password: "right"})
	o := outbox(t, db, h, server, func(o *mail.Options) {
		o.Transport = transport(t, server, func(s *mail.Settings) {
			s.TLS, s.Authorities, s.User, s.Password = mail.StartTLS, ca, "pulse", "wrong"
		})
	})
	queue(t, o, 5)
	for try := range 3 {
		if err := send(t, o); !errors.Is(err, mail.ErrNotNow) || server.Connections() != try+1 {
			t.Fatalf("try %d: %v, %d connections", try, err, server.Connections())
		}
		trouble, err := o.Trouble(context.Background())
		if err != nil || trouble.Fault != mail.FaultPassword || strings.Contains(trouble.Detail, "wrong") || trouble.RetryAt.IsZero() != (try == 2) {
			t.Fatalf("try %d: %+v, %v", try, trouble, err)
		}
		if err := send(t, o); !errors.Is(err, mail.ErrNotNow) || server.Connections() != try+1 {
			t.Fatalf("tried again at once: %v, %d connections", err, server.Connections())
		}
		h.forward(time.Hour)
	}
	if err := send(t, o); !errors.Is(err, mail.ErrNotNow) || server.Connections() != 3 {
		t.Fatalf("%v, %d connections", err, server.Connections())
	}
	same(t, "states", states(t, o), map[string]int{"queued": 5})

	// With the right password everything goes out.
	again := outbox(t, db, h, server, func(o *mail.Options) {
		o.Transport = transport(t, server, func(s *mail.Settings) {
			s.TLS, s.Authorities, s.User, s.Password = mail.StartTLS, ca, "pulse", "right"
		})
	})
	if err := send(t, again); err != nil {
		t.Fatal(err)
	}
	same(t, "states", states(t, again), map[string]int{"sent": 5})
	if trouble, err := again.Trouble(context.Background()); err != nil || trouble.Fault != "" {
		t.Errorf("%+v, %v", trouble, err)
	}
}

// A server that breaks off message after message is left alone for a while.
func TestABreakingServerIsLeftAlone(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	var breaking atomic.Bool
	breaking.Store(true)
	server := serve(t, inbox.Behaviour{Data: func() error {
		if breaking.Load() {
			return inbox.ErrDrop
		}
		return nil
	}})
	o := outbox(t, db, h, server)
	queue(t, o, 10)
	if err := send(t, o); !errors.Is(err, mail.ErrNotNow) {
		t.Fatal(err)
	}
	same(t, "states", states(t, o), map[string]int{"deferred lost": 3, "queued": 7})
	breaking.Store(false)
	h.forward(time.Hour)
	if err := send(t, o); err != nil {
		t.Fatal(err)
	}
	same(t, "states", states(t, o), map[string]int{"sent": 10})
}

// What was taken but not recorded is sent again after a crash, as the same
// message, and nothing else is.
func TestACrashRepeatsTheMessageUnderWay(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{})
	o := outbox(t, db, h, server)
	queue(t, o, 10)
	crash := errors.New("crash")
	pending, err := o.Pending(context.Background(), "acme", wave, 10)
	if err != nil {
		t.Fatal(err)
	}
	// The fourth message reaches the server and the process ends before it hears
	// of that: what a process killed there leaves behind.
	func() {
		defer func() { _ = recover() }()
		crashing := outbox(t, db, h, server, func(o *mail.Options) { o.Transport = &crashAfter{transport(t, server), 4, crash} })
		_ = crashing.Send(context.Background(), pending, compose)
	}()
	same(t, "after the crash", states(t, o), map[string]int{"sent": 3, "queued": 7})
	if err := send(t, o); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, m := range server.Messages() {
		count[m.ID]++
	}
	if len(count) != 10 || server.Count() != 11 || count[pending[3].MessageID("acme.example")] != 2 {
		t.Errorf("%d messages with %d ids", server.Count(), len(count))
	}
}

// crashAfter ends its process, as far as it can, after the nth message was taken.
type crashAfter struct {
	mail.Transport
	n   int
	why error
}

func (c *crashAfter) Send(ctx context.Context, m *mail.Message) error {
	err := c.Transport.Send(ctx, m)
	if c.n--; c.n == 0 {
		panic(c.why)
	}
	return err
}

// Of several processes one sends; when it ends another does, and when it crashes
// another does after a while.
func TestOneOfManyProcessesSends(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{})
	var all []*mail.Outbox
	for range 3 {
		all = append(all, mail.NewOutbox(db, mail.Options{Transport: transport(t, server), Timeout: 5 * time.Second, Clock: h.clock()}))
	}
	ready := func(except ...int) []int {
		t.Helper()
		var can []int
		for range 2 { // whoever looks first must not matter
			can = nil
			for i, o := range all {
				if slices.Contains(except, i) {
					continue
				}
				ok, err := o.Ready(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					can = append(can, i)
				}
			}
			if len(can) > 1 {
				t.Fatalf("%v send at once", can)
			}
		}
		return can
	}
	if got := ready(); len(got) != 0 {
		t.Fatalf("%v sends before it can know of the others", got)
	}
	h.forward(7 * time.Second)
	first := ready()
	if len(first) != 1 {
		t.Fatalf("%v send", first)
	}
	for range 20 { // it stays the same one
		h.forward(20 * time.Second)
		if got := ready(); !slices.Equal(got, first) {
			t.Fatalf("now %v sends, %v before", got, first)
		}
	}
	// It ends in order.
	if err := all[first[0]].Close(); err != nil {
		t.Fatal(err)
	}
	h.forward(20 * time.Second)
	second := ready(first[0])
	if len(second) != 1 {
		t.Fatalf("after the end of the first %v send", second)
	}
	// It vanishes: nobody sends as long as it could.
	crashed := second[0]
	for range 4 {
		h.forward(20 * time.Second)
		if got := ready(first[0], crashed); len(got) != 0 {
			t.Fatalf("%v sends while the crashed one could", got)
		}
	}
	h.forward(20 * time.Second)
	if got := ready(first[0], crashed); len(got) != 1 {
		t.Errorf("after the lease of the crashed one %v send", got)
	}
	// The one that was gone comes back, and does not go on.
	if got, err := all[crashed].Ready(context.Background()); err != nil || got {
		t.Errorf("it goes on after its lease: %v", err)
	}
	for i, o := range all {
		if i != first[0] {
			_ = o.Close()
		}
	}
}

func TestDroppedMessagesSayWhy(t *testing.T) {
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{})
	o := outbox(t, db, h, server)
	queue(t, o, 3)
	pending, _ := o.Pending(context.Background(), "acme", wave, 10)
	err := o.Send(context.Background(), pending, func(ctx context.Context, d mail.Delivery) (*mail.Message, error) {
		if d.Recipient == pending[1].Recipient {
			return nil, &mail.Drop{Reason: mail.Unsubscribed}
		}
		return compose(ctx, d)
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "states", states(t, o), map[string]int{"sent": 2, "dropped unsubscribed": 1})
}

func TestMessageIDsLeadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := mail.Key{ProgramID: rapid.StringMatching(`[a-z0-9][a-z0-9-]{1,62}`).Draw(t, "program"), Wave: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "wave")),
			Kind: rapid.SampledFrom([]string{"invitation", "reminder-1"}).Draw(t, "kind"), Channel: mail.ChannelMail}
		other := k
		other.Kind += "x"
		if k.ID() == other.ID() || strings.ContainsAny(k.MessageID("acme.example"), "<> ") {
			t.Fatal(k.MessageID("acme.example"))
		}
	})
}

// What keeps messages back is known to every process, not just the one that
// sends.
func TestTroubleIsKnownEverywhere(t *testing.T) {
	ctx := context.Background()
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{})
	nowhere := func(s *mail.Settings) { s.Port = 1 }
	var all []*mail.Outbox
	for range 2 {
		all = append(all, outbox(t, db, h, server, func(o *mail.Options) { o.Alone, o.Transport = false, transport(t, server, nowhere) }))
	}
	queue(t, all[0], 1)
	tried := 0
	for range 3 {
		for _, o := range all {
			pending, err := o.Pending(ctx, "acme", wave, 10)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := o.Ready(ctx); err != nil || !ok {
				continue
			}
			if err := o.Send(ctx, pending, compose); !errors.Is(err, mail.ErrNotNow) {
				t.Fatal(err)
			}
			tried++
		}
		h.forward(7 * time.Second)
	}
	if tried != 1 {
		t.Fatalf("tried %d times, want once", tried)
	}
	for i, o := range all {
		if trouble, err := o.Trouble(ctx); err != nil || trouble.Fault != mail.FaultConnection || trouble.RetryAt.IsZero() {
			t.Errorf("process %d knows of %+v, %v", i, trouble, err)
		}
	}
}

// What went out and could not be recorded is recorded before anything else goes
// out, and does not go out again.
func TestWhatCouldNotBeRecordedIsNotRepeated(t *testing.T) {
	ctx := context.Background()
	db, h := storetest.Open(t), newHands()
	server := serve(t, inbox.Behaviour{})
	o := outbox(t, db, h, server)
	queue(t, o, 3)
	pending, err := o.Pending(ctx, "acme", wave, 10)
	if err != nil {
		t.Fatal(err)
	}
	err = o.Send(ctx, pending, func(ctx context.Context, d mail.Delivery) (*mail.Message, error) {
		if d.Recipient == pending[1].Recipient {
			_ = o.Close() // from now on no record is taken
		}
		return compose(ctx, d)
	})
	if err == nil || errors.Is(err, mail.ErrNotNow) {
		t.Fatalf("error %v", err)
	}
	same(t, "after the failure", states(t, o), map[string]int{"sent": 1, "queued": 2})
	if err := o.Send(ctx, pending[1:], compose); !errors.Is(err, mail.ErrNotNow) || server.Count() != 2 {
		t.Errorf("%v, %d messages", err, server.Count())
	}
	if ok, err := o.Ready(ctx); err != nil || !ok {
		t.Fatalf("%v, %v", ok, err)
	}
	same(t, "after Ready", states(t, o), map[string]int{"sent": 2, "queued": 1})
	_ = send(t, o)
	if server.Count() != 3 {
		t.Errorf("%d messages, want 3", server.Count())
	}
}
