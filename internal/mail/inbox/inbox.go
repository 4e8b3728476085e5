// Package inbox is a mail server inside the process that keeps what it takes:
// what tests and the benchmark send to. It listens on loopback.
package inbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Message is a message that was taken.
type Message struct {
	ID       string // of its head, without angle brackets
	From, To string // of the envelope
	Raw      []byte // nil when the server keeps none
}

// Behaviour is what a server does. The zero value takes everything, unencrypted.
type Behaviour struct {
	TLS      *tls.Config
	Implicit bool // TLS from the first byte, else STARTTLS
	User     string
	Password string
	// Raw keeps whole messages and not just their heads' ids.
	Raw bool
	// Rcpt answers for a receiver; an error of *smtp.SMTPError refuses them.
	Rcpt func(to string) error
	// Taking is called when a whole message has come, before it is taken: an error
	// refuses it, ErrDrop ends the connection without an answer, ErrDropTaken takes
	// the message and then does so.
	Taking func(m Message) error
	// Data is called when a message begins to come: ErrDrop ends the connection
	// amidst it, and a function that does not return stalls it.
	Data func() error
}

// What a Behaviour's functions can return to end the connection.
var (
	ErrDrop      = errors.New("drop the connection")
	ErrDropTaken = errors.New("take the message and drop the connection")
)

// Refusal is a server's answer of a code, an enhanced code and words.
func Refusal(code int, enhanced [3]int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode(enhanced), Message: words}
}

// Server is a running mail server.
type Server struct {
	behaviour   Behaviour
	listener    net.Listener
	server      *smtp.Server
	connections atomic.Int64
	mu          sync.Mutex
	messages    []Message
}

// Start starts a server on a free port of loopback.
func Start(b Behaviour) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{behaviour: b, listener: listener}
	s.server = smtp.NewServer(s)
	s.server.Domain = "localhost"
	s.server.TLSConfig = b.TLS
	s.server.AllowInsecureAuth = b.TLS == nil
	s.server.ErrorLog = silent{}
	listener = counting{listener, &s.connections}
	if b.Implicit {
		listener = tls.NewListener(listener, b.TLS)
	}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// counting counts the connections that a listener accepts.
type counting struct {
	net.Listener
	n *atomic.Int64
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}

// silent: dropped connections are part of the game.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// Port is where it listens.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close ends the server and its connections.
func (s *Server) Close() { _ = errors.Join(s.listener.Close(), s.server.Close()) }

// Connections is how many were opened so far.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Messages are those taken so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Count is how many were taken so far.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.messages)
}

// NewSession begins to serve a connection.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

type session struct {
	server *Server
	conn   *smtp.Conn
	known  bool
	m      Message
}

func (s *session) AuthMechanisms() []string {
	if s.server.behaviour.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		b := s.server.behaviour
		if user != b.User || password != b.Password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Reset() { s.m = Message{} }

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.behaviour.User != "" && !s.known {
		return Refusal(530, [3]int{5, 7, 0}, "Authentication required")
	}
	s.m.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if refuse := s.server.behaviour.Rcpt; refuse != nil {
		if err := refuse(to); err != nil {
			return err
		}
	}
	s.m.To = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	b := s.server.behaviour
	if b.Data != nil {
		if err := b.Data(); err != nil {
			return s.drop(err)
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("unreadable message: %w", err)
	}
	m := s.m
	m.ID = parsed.Header.Get("Message-ID")
	if len(m.ID) > 2 {
		m.ID = m.ID[1 : len(m.ID)-1]
	}
	if b.Raw {
		m.Raw = raw
	}
	if b.Taking != nil {
		err = b.Taking(m)
	}
	if err == nil || errors.Is(err, ErrDropTaken) {
		s.server.mu.Lock()
		s.server.messages = append(s.server.messages, m)
		s.server.mu.Unlock()
	}
	return s.drop(err)
}

func (s *session) drop(err error) error {
	if errors.Is(err, ErrDrop) || errors.Is(err, ErrDropTaken) {
		_ = s.conn.Conn().Close()
	}
	return err
}

// SelfSigned makes a certificate for 127.0.0.1 that nobody vouches for, and its
// PEM form for whoever wants to trust it.
func SelfSigned() (*tls.Config, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "inbox"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
