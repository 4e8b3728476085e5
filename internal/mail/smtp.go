package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// How a connection is encrypted.
const (
	StartTLS = "starttls" // begun in plain, then encrypted before anything is said
	TLS      = "tls"      // encrypted from the first byte
	NoTLS    = "none"     // for a server on this machine only
)

// Settings say which server takes messages, and how.
type Settings struct {
	Host     string
	Port     int
	TLS      string // StartTLS, TLS or NoTLS
	User     string // empty: the server asks for none
	Password string
	From     string // the address that messages come from
	// Authorities is a file of certificates to trust besides the system's.
	Authorities string
	Timeout     time.Duration // of a connection, and of one message
	DKIM        DKIM
}

// DKIM signs messages, where the server does not; see RFC 6376. The zero value
// signs none.
type DKIM struct {
	Domain, Selector string
	Key              string // file of an RSA or Ed25519 key, PEM
}

// Transport takes messages to a mail server. One is sent at a time.
type Transport interface {
	// Send returns nil once the server has taken the message over, and a *Failure
	// otherwise.
	Send(ctx context.Context, m *Message) error
	// Close ends the connection; the next message opens another.
	Close()
}

// SMTP is a connection to a mail server, kept from message to message. Only one
// message at a time goes through it.
type SMTP struct {
	settings Settings
	server   string
	client   *gomail.Client
	mu       sync.Mutex
	open     *smtp.Client // nil while there is no connection
}

// NewSMTP checks the settings; it opens no connection. Every problem is in the
// error, which names the setting.
func NewSMTP(s Settings) (*SMTP, error) {
	var errs []error
	if s.Port <= 0 || s.Port > 65535 {
		errs = append(errs, fmt.Errorf("--smtp-port %d: choose the server's, usually 587, or 465 with --smtp-tls tls", s.Port))
	}
	if from, err := mail.ParseAddress(s.From); err != nil || ValidAddress(from.Address) != nil {
		errs = append(errs, errors.New("--smtp-from: give the address that messages come from, such as pulse@acme.example"))
	} else {
		s.From = from.Address
	}
	if s.User != "" && s.Password == "" {
		errs = append(errs, errors.New("--smtp-user needs a password: set MENTORPULSE_SMTP_PASSWORD, or name the file that holds it by --smtp-password-file"))
	}
	if s.TLS == NoTLS && !loopback(s.Host) {
		errs = append(errs, fmt.Errorf("--smtp-tls none sends links and the password in plain: it is for a server on this machine, not for %s", s.Host))
	}
	pool, err := authorities(s.Authorities)
	errs = append(errs, err)
	signer, err := s.DKIM.signer()
	errs = append(errs, err)
	t := &SMTP{settings: s, server: net.JoinHostPort(s.Host, strconv.Itoa(s.Port))}
	if errors.Join(errs...) == nil {
		t.client, err = gomail.NewClient(s.Host, t.options(pool, signer)...)
		if err != nil {
			errs = append(errs, fmt.Errorf("mail settings: %w", err))
		}
	}
	return t, errors.Join(errs...)
}

func (t *SMTP) options(pool *x509.CertPool, signer *gomail.DKIMSigner) []gomail.Option {
	s := t.settings
	config := &tls.Config{ServerName: s.Host, RootCAs: pool, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(s.Timeout), gomail.WithTLSConfig(config),
		// A message is four round trips; asking before each whether the server is
		// still there and telling it after each to forget would make it six.
		gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	switch s.TLS {
	case TLS:
		options = append(options, gomail.WithSSL())
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.User != "" {
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(s.Password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	if signer != nil {
		options = append(options, gomail.WithAlwaysDKIMSign(signer))
	}
	return options
}

// Send takes one message to the server, by the connection that is open or a new
// one. A connection that the server has ended meanwhile is replaced, as long as
// nothing of the message was said in it.
func (t *SMTP) Send(ctx context.Context, m *Message) error {
	composed, err := m.compose(t.settings.From)
	if err != nil {
		return asFailure(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	reused := t.open != nil
	if err := t.dial(ctx); err != nil {
		return err
	}
	err = t.client.SendWithSMTPClient(t.open, composed)
	var sent *gomail.SendError
	if reused && errors.As(err, &sent) && (sent.Reason == gomail.ErrSMTPMailFrom || sent.Reason == gomail.ErrConnCheck) &&
		(sent.ErrorCode() == 0 || sent.ErrorCode() == 421) {
		t.hangUp()
		if err := t.dial(ctx); err != nil {
			return err
		}
		if composed, err = m.compose(t.settings.From); err != nil {
			return asFailure(err)
		}
		err = t.client.SendWithSMTPClient(t.open, composed)
	}
	if err == nil {
		return nil
	}
	failure := sendFailure(t.server, err)
	if failure.ofServer() {
		t.hangUp()
	} else if t.open.Reset() != nil {
		t.hangUp()
	}
	if composed.IsDelivered() {
		return nil
	}
	return failure
}

// dial opens a connection unless there is one.
func (t *SMTP) dial(ctx context.Context) error {
	if t.open != nil {
		return nil
	}
	open, err := t.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return dialFailure(t.server, err)
	}
	t.open = open
	return nil
}

// hangUp ends the connection without a word.
func (t *SMTP) hangUp() {
	if t.open != nil {
		_ = t.open.Close()
		t.open = nil
	}
}

// Close says goodbye to the server.
func (t *SMTP) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open != nil {
		_ = t.open.UpdateDeadline(time.Second)
		_ = t.open.Quit()
	}
	t.hangUp()
}

// Check opens a connection as a message would, so that wrong settings are found
// before the first one.
func (t *SMTP) Check(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dial(ctx)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// authorities are the system's with those of a file; nil for the system's alone.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--smtp-ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--smtp-ca: %s holds no certificate in PEM form", path)
	}
	return pool, nil
}

// signedHeaders are those whose change would change what a message says or how
// one leaves (RFC 8058 wants the last two signed). The list fits in one line: the
// library breaks a longer one in the middle, and the signature then does not hold.
var signedHeaders = []string{"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"}

func (d DKIM) signer() (*gomail.DKIMSigner, error) {
	if d == (DKIM{}) {
		return nil, nil
	}
	if d.Domain == "" || d.Selector == "" || d.Key == "" {
		return nil, errors.New("to sign messages give all of --smtp-dkim-domain, --smtp-dkim-selector and --smtp-dkim-key")
	}
	text, err := os.ReadFile(d.Key)
	if err != nil {
		return nil, fmt.Errorf("--smtp-dkim-key: %w", err)
	}
	key, err := gomail.PrivKeyFromPEM(text)
	if err != nil {
		return nil, fmt.Errorf("--smtp-dkim-key %s: it must hold an RSA or Ed25519 key in PEM form: %w", d.Key, err)
	}
	signer := gomail.NewDKIMSigner(strings.ToLower(d.Domain), d.Selector, key)
	signer.SignHeaders(signedHeaders...)
	if err := signer.ValidateConfig(); err != nil {
		return nil, fmt.Errorf("--smtp-dkim-…: %w", err)
	}
	return signer, nil
}
