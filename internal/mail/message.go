// Package mail sends messages by SMTP and keeps a record of each: an outbox that
// loses nothing, repeats at most what was under way in a crash, and stops where
// going on would do harm. What is written in a message is for others to say.
package mail

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
)

// Message is one message to one person.
type Message struct {
	ID       string // of the header Message-ID, without its angle brackets
	FromName string // whose message it is; the address is the transport's
	ReplyTo  string // an address, or empty
	To       string // an address
	ToName   string
	Subject  string
	Text     string
	HTML     string
	Date     time.Time
	// Language of the texts, for readers' software: "uk", "en".
	Language string
	// Unsubscribe is the address at which one request ends further messages (RFC
	// 8058). Software offers that for https alone.
	Unsubscribe string
	// AddressID goes into the record; see Delivery.Address.
	AddressID uuid.UUID
}

// maxSubject is far more than a line of a list of messages shows.
const maxSubject = 250

// InvalidError is what is wrong with a message. Nothing of it was sent, and
// trying again does not help.
type InvalidError struct{ Part, Why string }

func (e *InvalidError) Error() string { return e.Part + " of the message " + e.Why }

// Validate refuses what would break a message's head, where a line of its own
// could add another header or another receiver.
func (m *Message) Validate() error {
	for _, one := range []struct{ part, text string }{
		{"subject", m.Subject}, {"sender's name", m.FromName}, {"receiver's name", m.ToName}, {"id", m.ID},
		{"reply address", m.ReplyTo}, {"address", m.To}, {"language", m.Language}, {"unsubscribe address", m.Unsubscribe},
	} {
		if strings.ContainsFunc(one.text, unicode.IsControl) || strings.ContainsAny(one.text, "\u2028\u2029") {
			return &InvalidError{one.part, "has a line break or another control character in it"}
		}
		if !utf8.ValidString(one.text) {
			return &InvalidError{one.part, "is not UTF-8"}
		}
	}
	if err := ValidAddress(m.To); err != nil {
		return err
	}
	if m.ReplyTo != "" {
		if err := ValidAddress(m.ReplyTo); err != nil {
			return &InvalidError{"reply address", "is not an e-mail address"}
		}
	}
	switch {
	case strings.TrimSpace(m.Subject) == "":
		return &InvalidError{"subject", "is empty"}
	case utf8.RuneCountInString(m.Subject) > maxSubject:
		return &InvalidError{"subject", fmt.Sprintf("is longer than %d characters", maxSubject)}
	case m.Text == "" && m.HTML == "":
		return &InvalidError{"text", "is empty"}
	case m.ID == "" || strings.ContainsAny(m.ID, "<> "):
		return &InvalidError{"id", "is not one of a message"}
	}
	return nil
}

// ValidAddress refuses what is not one bare e-mail address.
func ValidAddress(address string) error {
	if strings.ContainsFunc(address, unicode.IsControl) {
		return &InvalidError{"address", "has a line break or another control character in it"}
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 {
		return &InvalidError{"address", "is not one e-mail address"}
	}
	return nil
}

// compose makes the message as it is sent, from an address.
func (m *Message) compose(from string) (*gomail.Msg, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(&mail.Address{Name: m.FromName, Address: from})
	out.ToMailAddress(&mail.Address{Name: m.ToName, Address: m.To})
	if m.ReplyTo != "" {
		out.ReplyToMailAddress(&mail.Address{Address: m.ReplyTo})
	}
	out.Subject(m.Subject)
	out.SetDateWithValue(m.Date)
	out.SetMessageIDWithValue(m.ID)
	// Asks software not to answer with notes of absence.
	out.SetGenHeader(gomail.Header("Auto-Submitted"), "auto-generated")
	if m.Language != "" {
		out.SetGenHeader(gomail.Header("Content-Language"), m.Language)
	}
	switch {
	case strings.HasPrefix(m.Unsubscribe, "https://"):
		if err := out.SetListUnsubscribeOneClick(m.Unsubscribe); err != nil {
			return nil, &InvalidError{"unsubscribe address", "is not an address"}
		}
	case m.Unsubscribe != "":
		out.SetListUnsubscribe(m.Unsubscribe)
	}
	switch {
	case m.HTML == "":
		out.SetBodyString(gomail.TypeTextPlain, m.Text)
	case m.Text == "":
		out.SetBodyString(gomail.TypeTextHTML, m.HTML)
	default:
		out.SetBodyString(gomail.TypeTextPlain, m.Text)
		out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return out, nil
}
