package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"os"
	"strings"
	"time"

	"mentorpulse/internal/mail"
	"mentorpulse/survey"
)

// passwordEnv holds the password of the mail server. There is no flag for it:
// flags are shown to everybody on the machine.
const passwordEnv = "MENTORPULSE_SMTP_PASSWORD"

// mailInterval is how late a message may go out.
const mailInterval = 15 * time.Second

// mailFlags say which mail server sends invitations and reminders.
type mailFlags struct {
	Host         string        `help:"Mail server that sends invitations and reminders; without it none are sent." env:"MENTORPULSE_SMTP_HOST" placeholder:"HOST"`
	Port         int           `help:"Its port." default:"587" env:"MENTORPULSE_SMTP_PORT"`
	TLS          string        `name:"tls" help:"How the connection is encrypted: starttls, tls (from the first byte, usually port 465), or none for a server on this machine." enum:"starttls,tls,none" default:"starttls" env:"MENTORPULSE_SMTP_TLS"`
	User         string        `help:"User of the mail server; the password is in MENTORPULSE_SMTP_PASSWORD or in the file of --smtp-password-file." env:"MENTORPULSE_SMTP_USER" placeholder:"NAME"`
	PasswordFile string        `help:"File that holds the password." env:"MENTORPULSE_SMTP_PASSWORD_FILE" placeholder:"FILE"`
	From         string        `help:"Address that messages come from." env:"MENTORPULSE_SMTP_FROM" placeholder:"ADDRESS"`
	Rate         int           `help:"Messages a minute at most; 0 for as many as the server takes." default:"300" env:"MENTORPULSE_SMTP_RATE"`
	Timeout      time.Duration `help:"How long the server may take for a message." default:"20s" env:"MENTORPULSE_SMTP_TIMEOUT"`
	CA           string        `name:"ca" help:"File of certificates to trust besides the system's." env:"MENTORPULSE_SMTP_CA" placeholder:"FILE"`
	DKIMDomain   string        `name:"dkim-domain" help:"Domain for which messages are signed, where the mail server does not sign them (DKIM)." env:"MENTORPULSE_SMTP_DKIM_DOMAIN" placeholder:"DOMAIN"`
	DKIMSelector string        `name:"dkim-selector" help:"Name of the key in the domain's DNS." env:"MENTORPULSE_SMTP_DKIM_SELECTOR" placeholder:"NAME"`
	DKIMKey      string        `name:"dkim-key" help:"File of the key, PEM." env:"MENTORPULSE_SMTP_DKIM_KEY" placeholder:"FILE"`
}

// maxTimeout keeps a message shorter than a sender's turn.
const maxTimeout = time.Minute

// password is what the variable or the file says.
func (f *mailFlags) password() (string, error) {
	inVariable := os.Getenv(passwordEnv)
	if f.PasswordFile == "" {
		return inVariable, nil
	}
	if inVariable != "" {
		return "", fmt.Errorf("both %s and --smtp-password-file are given: give one", passwordEnv)
	}
	text, err := os.ReadFile(f.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("--smtp-password-file: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// transport is the connection to the server; nil when none is named.
func (f *mailFlags) transport() (*mail.SMTP, error) {
	if f.Host == "" {
		return nil, nil
	}
	if f.Rate < 0 {
		return nil, fmt.Errorf("--smtp-rate %d: give a number of messages a minute, or 0 for no limit", f.Rate)
	}
	if f.Timeout < time.Second || f.Timeout > maxTimeout {
		return nil, fmt.Errorf("--smtp-timeout %s: from 1s to %s", f.Timeout, maxTimeout)
	}
	password, err := f.password()
	if err != nil {
		return nil, err
	}
	return mail.NewSMTP(mail.Settings{
		Host: f.Host, Port: f.Port, TLS: f.TLS, User: f.User, Password: password, From: f.From, Authorities: f.CA, Timeout: f.Timeout,
		DKIM: mail.DKIM{Domain: f.DKIMDomain, Selector: f.DKIMSelector, Key: f.DKIMKey},
	})
}

// connect makes the service send by the flags' server. One that does not take the
// settings now may do so later, so that is logged and no reason not to start.
func (f *mailFlags) connect(ctx context.Context, a *app, alone bool) error {
	transport, err := f.transport()
	if err != nil || transport == nil {
		return err
	}
	from, err := netmail.ParseAddress(f.From)
	if err != nil {
		return err // found before
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	if err := a.outbox.Close(); err != nil {
		return err
	}
	a.sendBy(mail.Options{Transport: transport, Rate: f.Rate, Timeout: f.Timeout, Alone: alone}, domain)
	if !strings.HasPrefix(a.address, "https://") {
		slog.WarnContext(ctx, "participants cannot leave the mailing by one click, which mail programs allow for https alone; give the service's address by --url https://…", "url", a.address)
	}
	go func() { // starting does not wait for the mail server
		if err := transport.Check(ctx); err != nil {
			slog.ErrorContext(ctx, "no message can go out: "+err.Error())
			return
		}
		slog.InfoContext(ctx, "messages go out by a mail server", "server", f.Host, "a minute", f.Rate)
	}()
	return nil
}

// sendBy makes the outbox and the mailing that sends by it.
func (a *app) sendBy(o mail.Options, domain string) {
	a.outbox = mail.NewOutbox(a.db, o)
	a.mailing = survey.NewMailing(a.pulse, a.outbox, a.secret, a.address, domain)
}

// errMailbox names the file that a command cannot read.
func errMailbox(name string, err error) error {
	if errors.Is(err, mail.ErrNoMailbox) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}
