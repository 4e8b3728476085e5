package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mentorpulse/internal/mail"
	"mentorpulse/internal/mail/inbox"
	"mentorpulse/internal/storetest"
)

// report is a delivery status notification as mail servers write them.
func report(messageID, status, action, words string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@mx.example
To: pulse@acme.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
From what I see nobody has the address.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 5 Jan 2026 09:00:00 +0200

Final-Recipient: rfc822; ann@acme.example
Original-Recipient: rfc822;ann@acme.example
Action: %s
Status: %s
Diagnostic-Code: smtp; %s

--b1
Content-Type: message/rfc822

Message-ID: <%s>
Subject: Pulse
To: ann@acme.example

Hello
--b1--
`, action, status, words, messageID), "\n", "\r\n")
}

func TestReportsAreRead(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []mail.Bounce
	}{
		"unknown":        {report("a@b", "5.1.1", "failed", "550 5.1.1 <ann@acme.example> unknown"), []mail.Bounce{{"<a@b>", "ann@acme.example", true, "550 5.1.1 <…> unknown"}}},
		"says only 5":    {report("a@b", "5.0.0", "failed", "550 no"), []mail.Bounce{{"<a@b>", "ann@acme.example", true, "550 no"}}},
		"mailbox full":   {report("a@b", "5.2.2", "failed", "552 full"), []mail.Bounce{{"<a@b>", "ann@acme.example", false, "552 full"}}},
		"gave up":        {report("a@b", "4.4.1", "failed", "timed out"), []mail.Bounce{{"<a@b>", "ann@acme.example", false, "timed out"}}},
		"delayed":        {report("a@b", "4.4.1", "delayed", "later"), nil},
		"arrived":        {report("a@b", "2.0.0", "delivered", "ok"), nil},
		"unix lines":     {strings.ReplaceAll(report("a@b", "5.1.1", "failed", "no"), "\r\n", "\n"), []mail.Bounce{{"<a@b>", "ann@acme.example", true, "no"}}},
		"cut at the end": {strings.Split(report("a@b", "5.1.1", "failed", "no"), "Hello")[0], []mail.Bounce{{"<a@b>", "ann@acme.example", true, "no"}}},
	} {
		got, err := mail.ParseReport(strings.NewReader(tt.text))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "no mail": "hello", "a letter": "Subject: hi\r\n\r\nhello", "no status": strings.ReplaceAll(report("a@b", "5.1.1", "failed", "no"), "message/delivery-status", "text/plain"),
		"no boundary": "Content-Type: multipart/report\r\n\r\nx", "binary": "\x00\xff\xfe",
	} {
		if got, err := mail.ParseReport(strings.NewReader(text)); !errors.Is(err, mail.ErrNoReport) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzReport(f *testing.F) {
	f.Add(report("a@b", "5.1.1", "failed", "no"))
	f.Add("Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nA: b\n\nAction: failed\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := mail.ParseReport(strings.NewReader(text))
		if err != nil && got != nil {
			t.Errorf("%v and %+v", err, got)
		}
		for _, b := range got {
			if strings.Contains(b.Detail, "ann@acme.example") {
				t.Errorf("an address in %q", b.Detail)
			}
		}
	})
}

func TestMailboxFiles(t *testing.T) {
	box := "From MAILER-DAEMON Mon Jan  5 09:00:00 2026\nSubject: one\n\nFirst\n>From here\n>>From there\n\nFrom x@y Mon Jan  5\nSubject: two\n\nThe line\nFrom amidst the text\n"
	var got []string
	if err := mail.EachInMbox(strings.NewReader(box), func(m []byte) error { got = append(got, string(m)); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []string{"Subject: one\n\nFirst\nFrom here\n>From there\n\n", "Subject: two\n\nThe line\nFrom amidst the text\n"}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%q, want %q", got, want)
	}
	none := func([]byte) error { t.Error("a message in an empty file"); return nil }
	if err := mail.EachInMbox(strings.NewReader(""), none); err != nil {
		t.Error(err)
	}
	if err := mail.EachInMbox(strings.NewReader("hello\n"), none); err == nil {
		t.Error("a letter is taken for a mailbox")
	}
}

// A bounce is recorded once, holds the address that the message went to, and
// changes nothing for others.
func TestBouncesAreRecorded(t *testing.T) {
	ctx := context.Background()
	db, h := storetest.Open(t), newHands()
	o := outbox(t, db, h, serve(t, inbox.Behaviour{}))
	queue(t, o, 4)
	if err := send(t, o); err != nil {
		t.Fatal(err)
	}
	id := func(n int) string { return "<" + key(n).MessageID("acme.example") + ">" }
	strange := key(1)
	strange.ProgramID = "other"
	all := []mail.Bounce{
		{MessageID: id(0), Address: "forwarded@elsewhere.example", Permanent: true, Detail: "550 ann@acme.example unknown"},
		{MessageID: id(1), Permanent: false, Detail: "552 full"},
		{MessageID: "<" + strange.MessageID("acme.example") + ">", Permanent: true},
		{MessageID: "<unknown@acme.example>", Permanent: true},
		{Address: "NEW@acme.example", Permanent: true},
		{Address: "stranger@acme.example", Permanent: true},
	}
	knows := func(address string) bool { return strings.EqualFold(address, "new@acme.example") }
	for range 2 {
		count, err := o.Bounced(ctx, "acme", all, knows)
		if err != nil || count != (mail.BounceCount{Recorded: 3, Unknown: 3}) {
			t.Errorf("%+v, %v", count, err)
		}
	}
	same(t, "states", states(t, o), map[string]int{"sent": 2, "bounced address-bounced": 1, "failed gave-up": 1})
	held, err := o.Holds(ctx, "acme")
	if err != nil || len(held.Addresses) != 2 || !held.Addresses[mail.AddressID("acme", address(mail.Delivery{Key: key(0)}))] || !held.Addresses[mail.AddressID("acme", "new@acme.example")] {
		t.Errorf("%+v, %v", held, err)
	}
	rows, _ := o.Deliveries(ctx, "acme", wave)
	for _, d := range rows {
		if strings.Contains(d.Detail, "@") {
			t.Errorf("an address is in the record: %q", d.Detail)
		}
	}
}
