package chat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// postTimeout is how long a channel may take for a message.
	postTimeout = 15 * time.Second
	// maxReply is what is read of a channel's reply.
	maxReply = 4 << 10
	// maxAddress is the longest address of a webhook.
	maxAddress = 2048
)

// Fault says what kept a message from a channel.
type Fault string

// What keeps messages from channels.
const (
	NotHTTPS    Fault = "not_https"   // the address is none, or not of https
	Private     Fault = "private"     // it leads into a private network
	Unreachable Fault = "unreachable" // nothing answers there
	TooSlow     Fault = "too_slow"    // it does not answer in time
	Refused     Fault = "refused"     // it answers that it does not take the message
)

// Failure is why a message was not posted. It never holds the address, which is
// all that it takes to post to the channel.
type Failure struct {
	Fault  Fault
	Status int // of the reply; 0 for none
	// Temporary: it may be taken later, and not before RetryAfter if the channel
	// said so.
	Temporary  bool
	RetryAfter time.Duration
}

func (f *Failure) Error() string {
	if f.Status != 0 {
		return fmt.Sprintf("chat channel: %s with status %d", f.Fault, f.Status)
	}
	return "chat channel: " + string(f.Fault)
}

// Poster posts messages. The addresses come from programme owners, who are not to
// reach by them what only this machine can: only https is spoken, no redirect
// followed, no proxy used, and the address that a name leads to is looked at when
// it is dialled, so a name that changes between two looks gains nothing.
type Poster struct {
	client  *http.Client
	private bool
}

// NewPoster makes a poster; private allows http and private networks too, for a
// chat server beside the service.
func NewPoster(private bool) *Poster {
	dialer := &net.Dialer{Timeout: postTimeout}
	if !private {
		dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return onlyPublic(address)
		}
	}
	return &Poster{private: private, client: &http.Client{
		Timeout:       postTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: postTimeout, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: time.Minute, MaxIdleConns: 16,
		},
	}}
}

// errPrivate is returned by the dialer for an address that is not of the public
// network.
var errPrivate = errors.New("address of a private network")

func onlyPublic(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !public(to.Addr()) {
		return errPrivate
	}
	return nil
}

// reserved are networks that net/netip does not know to be none of the public
// one (IANA's registries of special purposes), or that lead to an IPv4 address
// behind a translator.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("5f00::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, network := range reserved {
		if network.Contains(a) {
			return false
		}
	}
	return true
}

// Check returns the parsed address of a webhook, or a *Failure that says why it
// cannot be one. Where its name leads shows only when a message is posted.
func (p *Poster) Check(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	bad := err != nil || len(address) > maxAddress || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != ""
	if bad || u.Scheme != "https" && (!p.private || u.Scheme != "http") {
		return nil, &Failure{Fault: NotHTTPS}
	}
	if p.private {
		return u, nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if literal, err := netip.ParseAddr(host); err == nil && !public(literal) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return nil, &Failure{Fault: Private}
	}
	return u, nil
}

// Post posts a message to a channel once. The error is a *Failure, or that of ctx.
func (p *Poster) Post(ctx context.Context, kind Kind, address string, m Message) error {
	if _, err := p.Check(address); err != nil {
		return err
	}
	body, err := m.payload(kind)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return &Failure{Fault: NotHTTPS}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "mentorpulse")
	res, err := p.client.Do(req)
	if err != nil {
		return dialled(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	reply, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	if err != nil {
		return dialled(ctx, err)
	}
	return replied(kind, res, string(reply))
}

// dialled is the failure of a message that no reply came to. The error itself
// holds the address.
func dialled(ctx context.Context, err error) error {
	var slow net.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errPrivate):
		return &Failure{Fault: Private}
	case errors.As(err, &slow) && slow.Timeout():
		return &Failure{Fault: TooSlow, Temporary: true}
	}
	return &Failure{Fault: Unreachable, Temporary: true}
}

// replied is the failure that a reply tells; nil when the message was taken.
func replied(kind Kind, res *http.Response, reply string) error {
	f := &Failure{Fault: Refused, Status: res.StatusCode}
	switch {
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout, res.StatusCode >= http.StatusInternalServerError:
		f.Temporary = true
	case res.StatusCode >= http.StatusMultipleChoices:
	case kind == Teams && strings.Contains(reply, "delivery failed"):
		// The older connectors of Teams say so with status 200.
		f.Temporary = true
	default:
		return nil
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
		f.RetryAfter = min(time.Duration(seconds)*time.Second, time.Hour)
	}
	return f
}
