package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/web"
)

// TooManyError is the answer to a link or code that is not valid, once too many
// such have come from where it does.
type TooManyError struct{ Wait time.Duration }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many links or codes that are not valid; wait %s", e.Wait)
}

// answerGrid is when what is not valid is answered: at a multiple of it after the
// request came. How long it took to find out would otherwise tell a forged link
// from one whose participant was erased or whose wave is not there.
const answerGrid = 100 * time.Millisecond

// Watch sees who comes with links and codes that are not valid. A link is looked
// at however many came before, since its 128 bits cannot be guessed, so nobody
// with a good link is ever held up by others behind the same address; a code is
// not, so their failures are counted apart.
type Watch struct {
	links, codes *access.Attempts
	proxies      web.Proxies
}

// NewWatch makes a watch that believes these proxies and goes by the clock now.
func NewWatch(proxies web.Proxies, now func() time.Time) *Watch {
	return &Watch{links: access.NewAttempts(now), codes: access.NewAttempts(now), proxies: proxies}
}

// source is where a request comes from, as it is counted.
func (w *Watch) source(c *gin.Context) string { return access.Source(w.proxies.Client(c.Request)) }

// Links goes before every handler that takes a link.
func (w *Watch) Links(c *gin.Context) {
	v := &visitor{attempts: w.links, from: w.source(c), came: time.Now()}
	v.kiosk, v.token = kioskOf(c)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), visitorKey{}, v))
}

// visitor is who comes with a link.
type visitor struct {
	attempts *access.Attempts
	from     string
	came     time.Time
	// kiosk is the address that stands for token while somebody answers at an
	// entry page; both are empty otherwise.
	kiosk, token string
}

type visitorKey struct{}

// linkOf is the token that a request is about: what its address says or, at an
// entry page, what that stands for.
func linkOf(ctx context.Context, address string) string {
	v, _ := ctx.Value(visitorKey{}).(*visitor)
	if v != nil && v.kiosk != "" && v.kiosk == address {
		return v.token
	}
	return address
}

// noted counts a link that is not valid, and has its answer wait. Without a
// visitor, as in a test of Pulse alone, it does neither.
func noted(ctx context.Context, err error) error {
	v, _ := ctx.Value(visitorKey{}).(*visitor)
	if v == nil || !errors.Is(err, ErrLink) {
		return err
	}
	return slowed(ctx, v.attempts, v.from, v.came, err)
}

// slowed counts a failure and returns, at the time at which it may be answered,
// what it is answered with.
func slowed(ctx context.Context, attempts *access.Attempts, from string, came time.Time, err error) error {
	wait := attempts.Failed(from)
	onGrid(ctx, came)
	if wait == 0 {
		return err
	}
	// Whose address it is stays out of the log, as everything about participants.
	slog.DebugContext(ctx, "too many links or codes that are not valid from one address", "wait", wait)
	return &TooManyError{wait}
}

// onGrid returns at a multiple of answerGrid after a request came, or when nobody
// waits for the answer any more.
func onGrid(ctx context.Context, came time.Time) {
	timer := time.NewTimer(answerGrid - time.Since(came)%answerGrid)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// tooMany is the problem that a TooManyError is shown as; nil for other errors.
func tooMany(lang string, err error) *web.Problem {
	var many *TooManyError
	if !errors.As(err, &many) {
		return nil
	}
	seconds := int((many.Wait + time.Second - 1) / time.Second)
	p := web.NewProblem(http.StatusTooManyRequests, "too-many", texts().T(lang, "too-many"), texts().T(lang, "too-many-detail", "count", seconds))
	p.RetryAfter = seconds
	return p
}
