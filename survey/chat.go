package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/chat"
	"mentorpulse/internal/program"
)

const (
	// chatClaim is how long whoever posts a notice may take, and chatSettles how
	// long it waits to see whether another began at the same moment.
	chatClaim   = 2 * time.Minute
	chatSettles = 2 * time.Second
	// chatAttempts is how often a notice is tried: for some six hours.
	chatAttempts = 8
)

// faultSealed is that of an address that was stored under another secret.
const faultSealed chat.Fault = "sealed"

// chatBackoff is how long a notice waits after so many attempts: 1, 3, 9, 27
// minutes and so on, to two hours.
func chatBackoff(attempts uint16) time.Duration {
	wait := time.Minute
	for range attempts - 1 {
		wait = min(3*wait, 2*time.Hour)
	}
	return wait
}

// Chat tells programmes' chat channels that a wave is open, and that it closes
// soon: once each, and never who has answered, nor how many.
//
// Of several processes one posts: each notes that it is about to, waits, and goes
// on if it still is the last that did. A process that dies between posting and
// noting so, or stands still for longer than the wait, has a notice repeated.
type Chat struct {
	programs *program.Store
	surveys  *Store
	poster   *chat.Poster
	sealer   sealer
	address  string
	now      func() time.Time
	settles  time.Duration
}

// NewChat makes the notices of the programmes in these stores; address is where
// participants reach the service, and now the clock.
func NewChat(programs *program.Store, surveys *Store, poster *chat.Poster, secret access.Secret, address string, now func() time.Time) *Chat {
	return &Chat{
		programs: programs, surveys: surveys, poster: poster, sealer: newSealer(secret), address: address, now: now, settles: chatSettles,
	}
}

// Alone is c for a store that no other process shares, so nothing waits for others.
func (c *Chat) Alone() *Chat {
	other := *c
	other.settles = 0
	return &other
}

// SetChannel makes a webhook a programme's chat channel, in place of any other.
// The error is a *chat.Failure for an address that cannot be one.
func (c *Chat) SetChannel(ctx context.Context, programID string, kind chat.Kind, webhook string) (ChatChannel, error) {
	u, err := c.poster.Check(webhook)
	if err != nil {
		return ChatChannel{}, err
	}
	now := c.now().UTC().Truncate(time.Millisecond)
	channel := ChatChannel{ProgramID: programID, Kind: kind, Host: u.Host, sealed: c.sealer.seal(programID, webhook), Since: now, Changed: now}
	known, err := c.surveys.chatChannel(ctx, programID)
	switch {
	case err == nil:
		channel.Since = known.Since
	case !errors.Is(err, ErrNotFound):
		return ChatChannel{}, err
	}
	return channel, c.surveys.putChatChannel(ctx, channel)
}

// RemoveChannel takes a programme's channel away, if it has one, and its address
// with it.
func (c *Chat) RemoveChannel(ctx context.Context, programID string) error {
	now := c.now().UTC()
	return c.surveys.putChatChannel(ctx, ChatChannel{ProgramID: programID, Since: now, Changed: now, removed: true})
}

// Test posts a message to a programme's channel that says what it is for. Errors
// as of chat.Poster.Post, and ErrNotFound.
func (c *Chat) Test(ctx context.Context, p program.Program) error {
	channel, err := c.surveys.chatChannel(ctx, p.ID)
	if err != nil {
		return err
	}
	return c.post(ctx, p, channel, "chat-test")
}

// post says one of the package's texts in every language of the programme.
func (c *Chat) post(ctx context.Context, p program.Program, channel ChatChannel, text string, pairs ...any) error {
	webhook, err := c.sealer.open(p.ID, channel.sealed)
	if err != nil {
		return err
	}
	m := chat.Message{Link: chat.Link{Text: texts().T(p.Language(""), "chat-go"), To: entryAddress(c.address, p.ID)}}
	for _, lang := range p.Languages {
		said := append([]any{"program", p.Name}, pairs...)
		for i, value := range said {
			if t, ok := value.(time.Time); ok {
				said[i] = moment(lang, t)
			}
		}
		m.Paragraphs = append(m.Paragraphs, texts().T(lang, text, said...))
	}
	return c.poster.Post(ctx, channel.Kind, webhook, m)
}

// Run posts what is due at once and then every interval, until ctx ends.
func (c *Chat) Run(ctx context.Context, interval time.Duration) {
	repeat(ctx, interval, "telling chat channels", c.Due)
}

// Due posts what is due in any programme. One programme's failure does not hold
// up the others.
func (c *Chat) Due(ctx context.Context) error {
	programs, err := c.programs.Programs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range programs {
		if err := c.due(ctx, p); err != nil {
			errs = append(errs, fmt.Errorf("programme %q: %w", p.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Chat) due(ctx context.Context, p program.Program) error {
	channel, err := c.surveys.chatChannel(ctx, p.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	zone, err := p.Location()
	if err != nil {
		return err
	}
	waves, err := c.surveys.Waves(ctx, p.ID)
	if err != nil {
		return err
	}
	waves = slices.DeleteFunc(waves, func(w Wave) bool { return !w.Open(c.now()) })
	if len(waves) == 0 {
		return nil
	}
	nights, err := c.nights(ctx, p)
	if err != nil {
		return err
	}
	for _, w := range waves {
		occasion, since := chatDue(w, nights[w.SurveyID], zone, c.now())
		if occasion == "" || since.Before(channel.Since) {
			continue
		}
		if err := c.tell(ctx, p, channel, w, occasion, zone); err != nil {
			return err
		}
	}
	return nil
}

// nights are the hours of each survey in which nobody is reminded, nor is a
// channel told.
func (c *Chat) nights(ctx context.Context, p program.Program) (map[uuid.UUID]hours, error) {
	surveys, err := c.surveys.Surveys(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	nights := make(map[uuid.UUID]hours, len(surveys))
	for _, s := range surveys {
		if nights[s.ID], err = s.Reminders.hours(); err != nil {
			return nil, fmt.Errorf("survey %q: %w", s.Code, err)
		}
	}
	return nights, nil
}

// tell posts a notice unless it was posted, or is to wait, or another does.
func (c *Chat) tell(ctx context.Context, p program.Program, channel ChatChannel, w Wave, occasion string, zone *time.Location) error {
	n, err := c.surveys.chatNotice(ctx, w, occasion)
	if err != nil || !n.ready(channel, c.now()) {
		return err
	}
	if n.State == noticeFailed {
		n.Attempts = 0
	}
	n.State, n.By, n.At, n.Next = noticePosting, newClaim(), c.now().UTC(), c.now().UTC().Add(chatClaim)
	n.Attempts++
	if mine, err := c.claim(ctx, w, n); err != nil || !mine {
		return err
	}
	err = c.post(ctx, p, channel, "chat-"+occasion, "when", w.Closes.In(zone))
	if ctx.Err() != nil {
		return ctx.Err() // it may have been posted; the claim runs out
	}
	n = n.after(err, c.now().UTC())
	if err != nil {
		slog.WarnContext(ctx, "a chat channel was not told of a wave", "program", p.ID, "wave", w.Occurrence, "occasion", occasion,
			"attempts", n.Attempts, "state", n.State, "error", err)
	}
	return c.surveys.putChatNotice(ctx, n)
}

// ready reports whether a notice is to be posted now.
func (n chatNotice) ready(channel ChatChannel, now time.Time) bool {
	switch n.State {
	case noticePosted:
		return false
	case noticeFailed:
		return channel.Changed.After(n.At)
	case noticeWaiting, noticePosting:
		return !now.Before(n.Next) || n.State == noticeWaiting && channel.Changed.After(n.At)
	}
	return true
}

// claim notes who posts a notice and reports whether it is this process.
func (c *Chat) claim(ctx context.Context, w Wave, n chatNotice) (bool, error) {
	if err := c.surveys.putChatNotice(ctx, n); err != nil {
		return false, err
	}
	select {
	case <-time.After(c.settles):
	case <-ctx.Done():
		return false, ctx.Err()
	}
	stored, err := c.surveys.chatNotice(ctx, w, n.Occasion)
	return stored.By == n.By && stored.State == noticePosting, err
}

// after is the notice after an attempt to post it.
func (n chatNotice) after(err error, now time.Time) chatNotice {
	n.At, n.Next, n.Fault, n.Status = now, now, "", 0
	if err == nil {
		n.State = noticePosted
		return n
	}
	n.State = noticeFailed
	var f *chat.Failure
	if !errors.As(err, &f) {
		n.Fault = faultSealed // nothing else comes before the channel
		return n
	}
	n.Fault, n.Status = f.Fault, uint16(f.Status)
	if f.Temporary && n.Attempts < chatAttempts {
		n.State = noticeWaiting
		n.Next = now.Add(max(chatBackoff(n.Attempts), f.RetryAfter))
	}
	return n
}
