package mail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

// Bounce says that a message did not arrive after all.
type Bounce struct {
	MessageID string // of the message that came back; may be empty
	Address   string // whom it was for; may be empty
	Permanent bool   // nobody has the address, and nobody will
	Detail    string // the words of the server that gave up
}

// ErrNoReport is returned for a message that reports no failed delivery.
var ErrNoReport = errors.New("the message is no report of a failed delivery (RFC 3464)")

// ErrNoMailbox is returned for a file that is no mailbox.
var ErrNoMailbox = errors.New("this is no mailbox file (mbox): its first line does not begin with \"From \"")

// MaxReport is how large a report may be: it may bring the message along.
const MaxReport = 4 << 20

// ParseReport reads a delivery status notification (RFC 3464) and gives what it
// says of each receiver; nothing for a delivery that is merely delayed.
func ParseReport(r io.Reader) ([]Bounce, error) {
	m, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, MaxReport)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || parameters["boundary"] == "" {
		return nil, ErrNoReport
	}
	var (
		bounces   []Bounce
		messageID string
		reported  bool
		parts     = multipart.NewReader(m.Body, parameters["boundary"])
	)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if reported {
				break // what it says of the delivery was read whole
			}
			return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		body := decoded(part)
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			if bounces, err = parseStatus(body); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
			}
			reported = true
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			// What was read before an error counts: reports cut messages short.
			head, _ := textproto.NewReader(bufio.NewReader(body)).ReadMIMEHeader()
			messageID = strings.TrimSpace(head.Get("Message-ID"))
		}
	}
	if !reported {
		return nil, ErrNoReport
	}
	for i := range bounces {
		bounces[i].MessageID = messageID
	}
	return bounces, nil
}

func decoded(part *multipart.Part) io.Reader {
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, part)
	case "quoted-printable": // multipart decodes it, unless it did not see it
		return quotedprintable.NewReader(part)
	}
	return part
}

// parseStatus reads the groups of fields of a delivery status: one about the
// message, then one about each receiver.
func parseStatus(r io.Reader) ([]Bounce, error) {
	var (
		bounces []Bounce
		reader  = textproto.NewReader(bufio.NewReader(r))
	)
	for group := 0; ; group++ {
		fields, err := reader.ReadMIMEHeader()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		status := strings.TrimSpace(fields.Get("Status"))
		if strings.EqualFold(strings.TrimSpace(fields.Get("Action")), "failed") {
			bounces = append(bounces, Bounce{
				Address:   typed(fields.Get("Final-Recipient"), fields.Get("Original-Recipient")),
				Permanent: strings.HasPrefix(status, "5") && permanent(status),
				Detail:    withoutAddresses(typed(fields.Get("Diagnostic-Code"), status)),
			})
		}
		if err != nil {
			return bounces, nil
		}
	}
}

// permanent reports whether a status means that the address does not work, as
// aboutAddress does of an answer. What says no more than "5.0.0" is believed too.
func permanent(status string) bool {
	return strings.HasPrefix(status, "5.0.") || aboutAddress(0, status)
}

// typed is the first of the values that says something, without its type: a
// field of such a report reads "rfc822; ann@acme.example".
func typed(values ...string) string {
	for _, v := range values {
		if _, after, ok := strings.Cut(v, ";"); ok {
			v = after
		}
		if v = strings.Trim(strings.TrimSpace(v), "<>"); v != "" {
			return v
		}
	}
	return ""
}

// EachInMbox gives the messages of a mailbox file, as mail programs keep them: each
// begins with a line "From ", and a line of the text that would is written ">From ".
func EachInMbox(r io.Reader, each func(message []byte) error) error {
	var (
		lines   = bufio.NewReader(r)
		message bytes.Buffer
		begun   bool
		blank   = true // before the first line
	)
	give := func() error {
		defer message.Reset()
		if !begun {
			return nil
		}
		return each(message.Bytes())
	}
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("mailbox: %w", err)
		}
		switch text := bytes.TrimRight(line, "\r\n"); {
		case blank && bytes.HasPrefix(text, []byte("From ")):
			if err := give(); err != nil {
				return err
			}
			begun = true
		case !begun && len(text) > 0:
			return ErrNoMailbox
		case message.Len() < MaxReport:
			if bytes.HasPrefix(bytes.TrimLeft(text, ">"), []byte("From ")) && text[0] == '>' {
				line = line[1:]
			}
			message.Write(line)
		}
		blank = len(bytes.TrimSpace(line)) == 0
		if err != nil {
			return give()
		}
	}
}

// BounceCount says what came of bounces.
type BounceCount struct {
	Recorded int `json:"recorded"`
	Unknown  int `json:"unknown"` // of no message or address of the programme
}

// Bounced records that messages came back: once, however often it is told. An
// address that does not work is held, so that nothing more is sent to it.
// knows reports whether the programme has somebody with an address.
func (o *Outbox) Bounced(ctx context.Context, programID string, all []Bounce, knows func(address string) bool) (BounceCount, error) {
	var (
		count BounceCount
		ids   []string
	)
	for _, b := range all {
		if id, of, ok := parseMessageID(b.MessageID); ok && of == programID {
			ids = append(ids, id.String())
		}
	}
	found, err := o.deliveriesByID(ctx, programID, ids)
	if err != nil {
		return count, err
	}
	var next []Delivery
	for _, b := range all {
		id, _, _ := parseMessageID(b.MessageID)
		d, ours := found[id]
		address := uuid.Nil
		switch {
		case ours && d.Address != uuid.Nil:
			address = d.Address
		case b.Address != "" && knows(b.Address):
			address = AddressID(programID, b.Address)
		case !ours:
			count.Unknown++
			continue
		}
		count.Recorded++
		if b.Permanent && address != uuid.Nil {
			// Before the record, which would be taken for mended without it.
			if err := o.PutHold(ctx, Hold{ProgramID: programID, Kind: HoldAddress, Subject: address, Held: true, Detail: withoutAddresses(b.Detail)}); err != nil {
				return count, err
			}
		}
		if !ours || d.State != Sent && !(d.State == Deferred && d.Reason == Lost) {
			continue // recorded before, or never sent
		}
		state, reason := Failed, GaveUp
		if b.Permanent {
			reason = AddressBounced
			if address != uuid.Nil {
				state = Bounced
			}
		}
		d = d.next(state, reason, o.clock.Now())
		d.Detail = withoutAddresses(b.Detail)
		found[id] = d
		next = append(next, d)
	}
	return count, clickhouse.Insert(ctx, o.db, deliveryTable, next)
}

func (o *Outbox) deliveriesByID(ctx context.Context, programID string, ids []string) (map[uuid.UUID]Delivery, error) {
	found := make(map[uuid.UUID]Delivery, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := clickhouse.Collect(ctx, o.db, "deliveries", deliverySQL, scanDelivery, clickhouse.Named("program", programID), clickhouse.Named("deliveries", ids))
	for _, d := range rows {
		found[d.ID()] = d
	}
	return found, err
}
