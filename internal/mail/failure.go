package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Fault says what a failure is about, and so what to do.
type Fault string

// The faults.
const (
	// FaultAddress: the server says that nobody has this address.
	FaultAddress Fault = "address"
	// FaultRefused: the server will never take this message, for another reason.
	FaultRefused Fault = "refused"
	// FaultLater: the server asks to try this message later.
	FaultLater Fault = "later"
	// FaultConnection: the server cannot be reached, or went away.
	FaultConnection Fault = "connection"
	// FaultPassword: the server does not take the user or the password.
	FaultPassword Fault = "password"
	// FaultCertificate: the server's certificate is not trusted.
	FaultCertificate Fault = "certificate"
	// FaultEncryption: the server offers no encryption, or none that can be used.
	FaultEncryption Fault = "encryption"
	// FaultMessage: the message itself is wrong; it was not sent.
	FaultMessage Fault = "message"
)

// Failure is why a message did not go out. Its text never holds the receiver's
// address.
type Failure struct {
	Fault Fault
	Code  int    // the server's answer, 0 for none
	Said  string // the server's words or those of the network
	What  string // what was tried, and what to do
	Begun bool   // the server had begun to hear of the message
}

func (f *Failure) Error() string {
	if f.Said == "" {
		return f.What
	}
	return f.What + ": " + f.Said
}

// Ours reports whether it is for whoever runs the service to mend: no message
// goes out before.
func (f *Failure) Ours() bool {
	return f.Fault == FaultPassword || f.Fault == FaultCertificate || f.Fault == FaultEncryption
}

// ofServer reports whether it is about the server and not about one message.
func (f *Failure) ofServer() bool { return f.Fault == FaultConnection || f.Ours() }

// asFailure gives the failure in err, a connection's when there is none.
func asFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		return &Failure{Fault: FaultMessage, What: invalid.Error()}
	}
	return &Failure{Fault: FaultConnection, What: "the mail server went away", Said: err.Error()}
}

// dialFailure says why there is no connection to a server.
func dialFailure(server string, err error) *Failure {
	var (
		invalid  *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		record   tls.RecordHeaderError
		answer   *textproto.Error
		timeout  net.Error
	)
	text := err.Error()
	switch {
	case errors.As(err, &invalid), errors.As(err, &unknown), errors.As(err, &hostname):
		return &Failure{Fault: FaultCertificate, Said: text, What: fmt.Sprintf("the certificate of mail server %s is not trusted; check the server's name, or name the file of its authority by --smtp-ca", server)}
	case errors.As(err, &record):
		return &Failure{Fault: FaultEncryption, Said: text, What: fmt.Sprintf("mail server %s does not begin with TLS; choose --smtp-tls starttls, or its port for TLS", server)}
	case strings.Contains(text, "STARTTLS mode set to"):
		return &Failure{Fault: FaultEncryption, What: fmt.Sprintf("mail server %s offers no STARTTLS; choose --smtp-tls tls and its port, usually 465", server)}
	case strings.Contains(text, "AUTH"), errors.Is(err, gomail.ErrNoSupportedAuthDiscovered):
		f := &Failure{Fault: FaultPassword, Said: text, What: fmt.Sprintf("mail server %s does not take the user or the password; check --smtp-user and MENTORPULSE_SMTP_PASSWORD", server)}
		if errors.As(err, &answer) {
			f.Code, f.Said = answer.Code, answer.Error()
			if answer.Code < 500 { // 454: it cannot check it now
				f.Fault, f.What = FaultConnection, fmt.Sprintf("mail server %s cannot check the password now", server)
			}
		}
		return f
	case errors.As(err, &answer):
		return &Failure{Fault: FaultConnection, Code: answer.Code, Said: answer.Error(), What: fmt.Sprintf("mail server %s refuses the connection", server)}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Failure{Fault: FaultConnection, What: fmt.Sprintf("mail server %s does not answer within the time of --smtp-timeout", server)}
	}
	return &Failure{Fault: FaultConnection, Said: text, What: fmt.Sprintf("mail server %s cannot be reached; check --smtp-host and --smtp-port", server)}
}

var addressLike = regexp.MustCompile(`[^\s<>"',;:()]+@[^\s<>"',;()]+`)

// withoutAddresses takes e-mail addresses out of a server's words, which are kept
// and shown where the address itself may not be.
func withoutAddresses(text string) string { return addressLike.ReplaceAllString(text, "…") }

// sendFailure says why a server did not take a message.
func sendFailure(server string, err error) *Failure {
	var (
		sent   *gomail.SendError
		answer *textproto.Error
	)
	if !errors.As(err, &sent) {
		return &Failure{Fault: FaultConnection, Said: withoutAddresses(err.Error()), What: "mail server " + server + " went away"}
	}
	code, said := sent.ErrorCode(), ""
	if errors.As(err, &answer) {
		code, said = answer.Code, answer.Error()
	} else {
		said = answerIn(sent.Error(), code)
	}
	f := &Failure{Code: code, Said: withoutAddresses(said), Begun: sent.Reason != gomail.ErrConnCheck && sent.Reason != gomail.ErrSMTPMailFrom}
	switch {
	case code == 0:
		f.Fault, f.What = FaultConnection, "mail server "+server+" went away in mid-message"
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() || strings.Contains(sent.Error(), "i/o timeout") {
			f.What, f.Said = "mail server "+server+" stalls: it did not answer within the time of --smtp-timeout", ""
		} else if f.Said == "" {
			f.Said = io.ErrUnexpectedEOF.Error()
		}
	case code == 421:
		f.Fault, f.What = FaultConnection, "mail server "+server+" ends the connection"
	case code < 500:
		f.Fault, f.What = FaultLater, "mail server "+server+" asks to try later"
	case code == 530 || code == 535 || code == 538:
		f.Fault, f.What = FaultPassword, "mail server "+server+" asks for a user and a password; set --smtp-user and MENTORPULSE_SMTP_PASSWORD"
	case sent.Reason == gomail.ErrSMTPRcptTo && aboutAddress(code, said):
		f.Fault, f.What = FaultAddress, "mail server "+server+" knows nobody by this address"
	default:
		f.Fault, f.What = FaultRefused, "mail server "+server+" refuses the message"
	}
	return f
}

// answerIn finds the server's words in a text that only quotes them.
func answerIn(text string, code int) string {
	if code == 0 {
		return ""
	}
	if i := strings.Index(text, fmt.Sprint(code)); i >= 0 {
		text = text[i:]
	}
	text, _, _ = strings.Cut(text, ", affected")
	return text
}

// enhanced is a status of RFC 3463 in a server's words.
var enhanced = regexp.MustCompile(`\b5\.(\d{1,3})\.(\d{1,3})\b`)

// aboutAddress reports whether a refusal says that the address does not work,
// rather than that its sender or its content is not wanted (RFC 3463: 5.1.x is
// about addresses, 5.2.1 a mailbox that takes nothing any more).
func aboutAddress(code int, said string) bool {
	m := enhanced.FindStringSubmatch(said)
	if m == nil {
		return code == 550 || code == 551 || code == 553
	}
	// 5.1.7 and 5.1.8 are about the sender's address.
	return m[1] == "1" && m[2] != "7" && m[2] != "8" || m[1] == "2" && m[2] == "1"
}
