package mail_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"mentorpulse/internal/mail"
	"mentorpulse/internal/mail/inbox"
)

// serve starts a mail server for a test.
func serve(t *testing.T, b inbox.Behaviour) *inbox.Server {
	t.Helper()
	server, err := inbox.Start(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// transport is a connection to it as the settings say.
func transport(t *testing.T, server *inbox.Server, change ...func(*mail.Settings)) *mail.SMTP {
	t.Helper()
	s := mail.Settings{Host: "127.0.0.1", Port: server.Port(), TLS: mail.NoTLS, From: "pulse@acme.example", Timeout: 5 * time.Second}
	for _, one := range change {
		one(&s)
	}
	smtp, err := mail.NewSMTP(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(smtp.Close)
	return smtp
}

func letter(change ...func(*mail.Message)) *mail.Message {
	m := &mail.Message{
		ID: "one@acme.example", FromName: "Наставництво «Acme»", ReplyTo: "team@acme.example", To: "ann@acme.example", ToName: "Ганна",
		Subject: "Дві хвилини: пульс до п’ятниці", Text: "Вітаємо!\n.\nКрапка на початку рядка.\n", HTML: "<p>Вітаємо!</p>",
		Date: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), Language: "uk", Unsubscribe: "https://pulse.acme.example/u/x",
	}
	for _, one := range change {
		one(m)
	}
	return m
}

// certificate writes a server's certificate where --smtp-ca would have it.
func certificate(t *testing.T) (config *tls.Config, file string) {
	t.Helper()
	config, text, err := inbox.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return config, file
}

// What was written is what is read, in both forms, over an encrypted connection
// that asks who sends.
func TestMessagesArriveOverTLSWithAPassword(t *testing.T) {
	config, ca := certificate(t)
	for name, implicit := range map[string]bool{mail.StartTLS: false, mail.TLS: true} {
		server := serve(t, inbox.Behaviour{TLS: config, Implicit: implicit, User: "pulse", Password: "geheim", Raw: true})
		smtp := transport(t, server, func(s *mail.Settings) {
			s.TLS, s.Authorities, s.User, s.Password = name, ca, "pulse", "geheim"
		})
		for range 3 {
			if err := smtp.Send(context.Background(), letter()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if server.Connections() != 1 || server.Count() != 3 {
			t.Errorf("%s: %d messages by %d connections, want 3 by 1", name, server.Count(), server.Connections())
		}
		checkLetter(t, server.Messages()[0])
	}
}

func checkLetter(t *testing.T, got inbox.Message) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(got.Raw))
	if err != nil {
		t.Fatal(err)
	}
	decode := new(mime.WordDecoder)
	want := letter()
	for header, text := range map[string]string{
		"Subject": want.Subject, "From": "Наставництво «Acme» <pulse@acme.example>", "To": "Ганна <ann@acme.example>", "Reply-To": "<team@acme.example>",
		"Message-Id": "<one@acme.example>", "List-Unsubscribe": "<https://pulse.acme.example/u/x>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated", "Content-Language": "uk", "User-Agent": "",
	} {
		got, err := decode.DecodeHeader(m.Header.Get(header))
		if err != nil || strings.ReplaceAll(got, `"`, "") != text {
			t.Errorf("%s is %q (%v), want %q", header, got, err, text)
		}
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s: %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, text := range []string{want.Text, want.HTML} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(part)
		}
		got, err := io.ReadAll(body)
		if err != nil || strings.TrimSpace(strings.ReplaceAll(string(got), "\r\n", "\n")) != strings.TrimSpace(text) {
			t.Errorf("part %q (%v), want %q", got, err, text)
		}
	}
}

// A failure says what is wrong and what to do, and shows neither the password nor
// the receiver's address.
func TestFailuresSayWhatToDo(t *testing.T) {
	config, ca := certificate(t)
	stalled := make(chan struct{})
	t.Cleanup(func() { close(stalled) })
	secure := inbox.Behaviour{TLS: config, User: "pulse", Password: "geheim"}
	withPassword := func(s *mail.Settings) {
		s.TLS, s.Authorities, s.User, s.Password = mail.StartTLS, ca, "pulse", "geheim"
	}
	refuse := func(code int, enhanced [3]int, words string) inbox.Behaviour {
		return inbox.Behaviour{Rcpt: func(string) error { return inbox.Refusal(code, enhanced, words) }}
	}
	for name, tt := range map[string]struct {
		server   inbox.Behaviour
		settings func(*mail.Settings)
		fault    mail.Fault
		code     int
		says     string
	}{
		"wrong password":        {secure, func(s *mail.Settings) { withPassword(s); s.Password = "falsch" }, mail.FaultPassword, 535, "MENTORPULSE_SMTP_PASSWORD"},
		"password not given":    {secure, func(s *mail.Settings) { withPassword(s); s.User = "" }, mail.FaultPassword, 530, "--smtp-user"},
		"untrusted certificate": {secure, func(s *mail.Settings) { withPassword(s); s.Authorities = "" }, mail.FaultCertificate, 0, "--smtp-ca"},
		"no encryption":         {inbox.Behaviour{}, func(s *mail.Settings) { s.TLS = mail.StartTLS }, mail.FaultEncryption, 0, "no STARTTLS"},
		"TLS where there is none": {inbox.Behaviour{}, func(s *mail.Settings) { s.TLS = mail.TLS }, mail.FaultEncryption, 0,
			"starttls"},
		"nobody has the address": {refuse(550, [3]int{5, 1, 1}, "<ann@acme.example>: no such user"), nil, mail.FaultAddress, 550, "no such user"},
		"address, plain code":    {refuse(550, smtpNoEnhanced, "no such user ann@acme.example"), nil, mail.FaultAddress, 550, "knows nobody"},
		"sender not wanted":      {refuse(550, [3]int{5, 7, 1}, "go away"), nil, mail.FaultRefused, 550, "refuses the message"},
		"sender's domain":        {refuse(553, [3]int{5, 1, 8}, "bad sender"), nil, mail.FaultRefused, 553, "refuses the message"},
		"try later":              {refuse(451, [3]int{4, 7, 1}, "greylisted ann@acme.example"), nil, mail.FaultLater, 451, "greylisted"},
		"server ends":            {refuse(421, [3]int{4, 3, 2}, "shutting down"), nil, mail.FaultConnection, 421, "ends the connection"},
		"content not wanted": {inbox.Behaviour{Taking: func(inbox.Message) error { return inbox.Refusal(554, [3]int{5, 6, 0}, "looks like spam") }}, nil,
			mail.FaultRefused, 554, "spam"},
		"drops in mid-message": {inbox.Behaviour{Data: func() error { return inbox.ErrDrop }}, nil, mail.FaultConnection, 0, "went away in mid-message"},
		"stalls": {inbox.Behaviour{Data: func() error { <-stalled; return inbox.ErrDrop }}, func(s *mail.Settings) { s.Timeout = 300 * time.Millisecond },
			mail.FaultConnection, 0, "--smtp-timeout"},
		"is not there": {inbox.Behaviour{}, func(s *mail.Settings) { s.Port = 1 }, mail.FaultConnection, 0, "--smtp-host"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, tt.server)
			var settings []func(*mail.Settings)
			if tt.settings != nil {
				settings = append(settings, tt.settings)
			}
			smtp := transport(t, server, settings...)
			for range 2 { // and again by the same connection or a new one
				err := smtp.Send(context.Background(), letter())
				var failure *mail.Failure
				if !errors.As(err, &failure) {
					t.Fatalf("error %v is no failure", err)
				}
				if failure.Fault != tt.fault || failure.Code != tt.code || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%s (%d): %v; want %s (%d) that says %q", failure.Fault, failure.Code, err, tt.fault, tt.code, tt.says)
				}
				for _, secret := range []string{"falsch", "geheim", "ann@acme.example", "affected"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("%q is shown: %v", secret, err)
					}
				}
			}
			if server.Count() != 0 {
				t.Errorf("%d messages were taken", server.Count())
			}
		})
	}
}

// smtpNoEnhanced makes the server answer without an enhanced code.
var smtpNoEnhanced = [3]int{-1, -1, -1}

// One refused message does not cost the next its connection, and a connection
// that the server has ended is replaced.
func TestTheNextMessageGoesOut(t *testing.T) {
	var n atomic.Int64
	server := serve(t, inbox.Behaviour{
		Rcpt: func(to string) error {
			if to == "nobody@acme.example" {
				return inbox.Refusal(550, [3]int{5, 1, 1}, "unknown")
			}
			return nil
		},
		Taking: func(inbox.Message) error {
			if n.Add(1) == 2 {
				return inbox.ErrDropTaken // the answer is lost, the message is not
			}
			return nil
		},
	})
	smtp := transport(t, server)
	send := func(to string) error {
		return smtp.Send(context.Background(), letter(func(m *mail.Message) { m.To = to }))
	}
	if err := send("nobody@acme.example"); err == nil {
		t.Error("a refused message counts as sent")
	}
	if err := send("a@acme.example"); err != nil || server.Connections() != 1 {
		t.Errorf("after a refusal: %v, %d connections", err, server.Connections())
	}
	if err := send("b@acme.example"); err == nil {
		t.Error("a message whose answer was lost counts as sent")
	}
	if err := send("c@acme.example"); err != nil || server.Count() != 3 {
		t.Errorf("after a lost connection: %v, %d messages", err, server.Count())
	}
}

func TestBrokenMessagesAreNotSent(t *testing.T) {
	server := serve(t, inbox.Behaviour{})
	smtp := transport(t, server)
	for name, change := range map[string]func(*mail.Message){
		"subject with a newline":        func(m *mail.Message) { m.Subject = "Hello\nBcc: all@acme.example" },
		"subject with a return":         func(m *mail.Message) { m.Subject = "Hello\rBcc: all@acme.example" },
		"subject with a line separator": func(m *mail.Message) { m.Subject = "Hello\u2028there" },
		"address with a newline":        func(m *mail.Message) { m.To = "ann@acme.example\nRCPT TO:<all@acme.example>" },
		"address with a space":          func(m *mail.Message) { m.To = "ann@acme.example, all@acme.example" },
		"address with a name":           func(m *mail.Message) { m.To = "Ann <ann@acme.example>" },
		"no address":                    func(m *mail.Message) { m.To = "" },
		"no at":                         func(m *mail.Message) { m.To = "ann" },
		"sender with a newline":         func(m *mail.Message) { m.FromName = "Acme\r\nBcc: x@y.z" },
		"name with a newline":           func(m *mail.Message) { m.ToName = "Ann\n" },
		"reply with a newline":          func(m *mail.Message) { m.ReplyTo = "x@y.z\n" },
		"unsubscribe with a newline":    func(m *mail.Message) { m.Unsubscribe += "\n" },
		"id in brackets":                func(m *mail.Message) { m.ID = "<x@y>" },
		"no subject":                    func(m *mail.Message) { m.Subject = " " },
		"endless subject":               func(m *mail.Message) { m.Subject = strings.Repeat("Ї", 251) },
		"not UTF-8":                     func(m *mail.Message) { m.Subject = "\xff" },
		"nothing to read":               func(m *mail.Message) { m.Text, m.HTML = "", "" },
	} {
		err := smtp.Send(context.Background(), letter(change))
		var failure *mail.Failure
		if !errors.As(err, &failure) || failure.Fault != mail.FaultMessage {
			t.Errorf("%s: %v", name, err)
		}
	}
	if server.Connections() != 0 {
		t.Errorf("%d connections were opened for them", server.Connections())
	}
}

// Whatever is put into a subject, nothing of it becomes another line of the head.
func TestASubjectStaysOneLine(t *testing.T) {
	server := serve(t, inbox.Behaviour{Raw: true})
	smtp := transport(t, server)
	rapid.Check(t, func(t *rapid.T) {
		m := letter()
		m.Subject = rapid.StringN(1, 60, -1).Draw(t, "subject")
		m.FromName = rapid.StringN(0, 40, -1).Draw(t, "name")
		if m.Validate() != nil {
			return
		}
		before := server.Count()
		if err := smtp.Send(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		got, err := netmail.ReadMessage(bytes.NewReader(server.Messages()[before].Raw))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
		if err != nil || strings.TrimSpace(subject) != strings.TrimSpace(m.Subject) {
			t.Fatalf("subject %q (%v), want %q", subject, err, m.Subject)
		}
		if len(got.Header) != 12 {
			t.Fatalf("%d headers: %v", len(got.Header), got.Header)
		}
	})
}

func TestSettingsAreChecked(t *testing.T) {
	good := mail.Settings{Host: "mail.acme.example", Port: 587, TLS: mail.StartTLS, From: "Pulse <pulse@acme.example>", Timeout: time.Second}
	if _, err := mail.NewSMTP(good); err != nil {
		t.Error(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(*mail.Settings){
		"--smtp-port 0":             func(s *mail.Settings) { s.Port = 0 },
		"--smtp-from":               func(s *mail.Settings) { s.From = "pulse@acme.example\nBcc: x@y.z" },
		"MENTORPULSE_SMTP_PASSWORD": func(s *mail.Settings) { s.User = "pulse" },
		"in plain":                  func(s *mail.Settings) { s.TLS = mail.NoTLS },
		"holds no certificate":      func(s *mail.Settings) { s.Authorities = empty },
		"--smtp-ca":                 func(s *mail.Settings) { s.Authorities = "/nowhere.pem" },
		"all of --smtp-dkim":        func(s *mail.Settings) { s.DKIM.Domain = "acme.example" },
		"in PEM form":               func(s *mail.Settings) { s.DKIM = mail.DKIM{Domain: "acme.example", Selector: "s", Key: empty} },
	} {
		s := good
		change(&s)
		if _, err := mail.NewSMTP(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}

// A signature holds for what arrives, by another implementation's word.
func TestSignedMessagesVerify(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	server := serve(t, inbox.Behaviour{Raw: true})
	smtp := transport(t, server, func(s *mail.Settings) { s.DKIM = mail.DKIM{Domain: "acme.example", Selector: "pulse", Key: file} })
	if err := smtp.Send(context.Background(), letter()); err != nil {
		t.Fatal(err)
	}
	raw := server.Messages()[0].Raw
	verify := func(raw []byte) error {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "pulse._domainkey.acme.example" {
				t.Errorf("asked for %s", name)
			}
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		}})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d signatures, %v", len(found), err)
		}
		return found[0].Err
	}
	if err := verify(raw); err != nil {
		t.Error(err)
	}
	if err := verify(bytes.Replace(raw, []byte("one@acme.example"), []byte("two@acme.example"), 1)); err == nil {
		t.Error("a changed message verifies")
	}
}
