package access

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// attemptBurst is how many mistakes in a row are nobody's fault: an office
	// behind one address has that many people who mistype on a Monday.
	attemptBurst = 20
	// attemptRefill is how long it takes until one more mistake is forgiven:
	// longer than the longest pause, so who goes on is never forgiven.
	attemptRefill = maxPause + time.Minute
	// maxPause is the longest that somebody is asked to wait.
	maxPause = 5 * time.Minute
	// attemptSources is how many sources are remembered at a time, in each of two
	// generations: some 5 MB, whatever comes in. Who can take more addresses than
	// that gets nothing by having the first of them forgotten.
	attemptSources = 8192
)

// Attempts counts what went wrong by where it came from, and says who is to wait.
// Only failures count, so people behind one address who come with what is right
// are never held up by their own number. It is safe for concurrent use, and its
// memory is bounded.
type Attempts struct {
	now           func() time.Time
	mu            sync.Mutex
	recent, older map[string]*source
}

// source is where attempts come from.
type source struct {
	failures *rate.Limiter
	// pause is the last wait asked for, which the next failure doubles; it is
	// forgotten when all failures are forgiven.
	pause time.Duration
	until time.Time
}

// NewAttempts makes a counter that goes by the clock now.
func NewAttempts(now func() time.Time) *Attempts {
	return &Attempts{now: now, recent: map[string]*source{}}
}

// Source is the name under which an address is counted: itself, or of IPv6 the
// network of 64 bits, since everybody has as many addresses in it as they want.
func Source(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		network, err := address.Prefix(64)
		if err == nil {
			return network.String()
		}
	}
	return address.String()
}

// Wait is how long a source is still to wait before its next attempt; 0 for none.
func (a *Attempts) Wait(from string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.find(from)
	if s == nil {
		return 0
	}
	return max(0, s.until.Sub(a.now()))
}

// Failed counts a failure of a source and returns how long it is to wait now; 0
// while it has made no more mistakes than people make.
func (a *Attempts) Failed(from string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	s := a.find(from)
	if s == nil {
		s = &source{failures: rate.NewLimiter(rate.Every(attemptRefill), attemptBurst)}
		a.remember(from, s)
	}
	if s.failures.TokensAt(now) >= attemptBurst {
		s.pause = 0
	}
	allowed := s.failures.AllowN(now, 1)
	if allowed && s.pause == 0 {
		return 0
	}
	s.pause = min(max(2*s.pause, time.Second), maxPause)
	s.until = now.Add(s.pause)
	return s.pause
}

// find looks a source up and keeps it among the recent ones.
func (a *Attempts) find(from string) *source {
	if s := a.recent[from]; s != nil {
		return s
	}
	s := a.older[from]
	if s != nil {
		delete(a.older, from)
		a.remember(from, s)
	}
	return s
}

func (a *Attempts) remember(from string, s *source) {
	if len(a.recent) >= attemptSources {
		a.recent, a.older = make(map[string]*source, attemptSources), a.recent
	}
	a.recent[from] = s
}
