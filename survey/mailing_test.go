package survey_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mentorpulse/internal/mail"
	"mentorpulse/internal/mail/inbox"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

const serviceAddress = "https://pulse.acme.example"

// postbox is the mailing of a place with a mail server.
type postbox struct {
	*survey.Mailing
	outbox *mail.Outbox
	server *inbox.Server
	place  *place
}

func posted(t *testing.T, p *place, behaviour inbox.Behaviour) *postbox {
	t.Helper()
	behaviour.Raw = true
	server, err := inbox.Start(behaviour)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	smtp, err := mail.NewSMTP(mail.Settings{Host: "127.0.0.1", Port: server.Port(), TLS: mail.NoTLS, From: "pulse@acme.example", Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	outbox := mail.NewOutbox(p.db, mail.Options{Transport: smtp, Timeout: 5 * time.Second, Alone: true, Clock: mail.Clock{
		Now: p.clock, Sleep: func(ctx context.Context, d time.Duration) error { p.now = p.now.Add(d); return ctx.Err() },
	}})
	t.Cleanup(func() { _ = outbox.Close() })
	return &postbox{survey.NewMailing(p.pulse, outbox, testSecret, serviceAddress, "acme.example"), outbox, server, p}
}

// due opens what is due and sends what is due.
func (p *postbox) due(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	if err := p.place.scheduler.Due(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Due(ctx); err != nil {
		t.Fatal(err)
	}
}

// to lists who the messages since the nth went to.
func (p *postbox) to(n int) []string {
	var all []string
	for _, m := range p.server.Messages()[n:] {
		all = append(all, m.To)
	}
	slices.Sort(all)
	return all
}

func (p *postbox) submit(t *testing.T, n int) {
	t.Helper()
	sheet, err := p.place.pulse.Open(context.Background(), p.place.token(t, n))
	if err != nil {
		t.Fatal(err)
	}
	sub := survey.Submission{Final: true}
	for _, it := range sheet.Asked.Items() {
		if it.Required && it.Type == survey.Likert {
			four := 4.0
			sub.Answers = append(sub.Answers, survey.Answer{Item: it.ID, Value: &four})
		}
	}
	if _, err := p.place.pulse.Submit(context.Background(), p.place.token(t, n), sub); err != nil {
		t.Fatal(err)
	}
}

// parts are a message's subject, text and HTML.
func parts(t *testing.T, m inbox.Message) (head netmail.Header, subject, text, html string) {
	t.Helper()
	parsed, err := netmail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(parsed.Body, parameters["boundary"])
	var both []string
	for range 2 {
		part, err := reader.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
	return parsed.Header, subject, both[0], both[1]
}

// Everybody who is asked is invited once, in their language; reminders go to
// those alone who have not submitted, twice at most, and stop with the wave.
func TestInvitationsAndReminders(t *testing.T) {
	p := posted(t, sample(t), inbox.Behaviour{})
	p.due(t)
	p.due(t)
	if got := p.to(0); !slices.Equal(got, []string{"e1@acme.example", "e2@acme.example", "e3@acme.example"}) {
		t.Fatalf("invited %v", got)
	}
	p.submit(t, 0)
	opens := p.place.wave(t).Opens
	for _, step := range []struct {
		after time.Duration
		want  []string
	}{
		{2*24*time.Hour + 23*time.Hour, nil},
		{3*24*time.Hour + time.Minute, []string{"e2@acme.example", "e3@acme.example"}},
		{3*24*time.Hour + 6*time.Hour, nil},
		{4*24*time.Hour + 23*time.Hour, nil},
	} {
		before := p.server.Count()
		p.place.now = opens.Add(step.after)
		p.due(t)
		if got := p.to(before); !slices.Equal(got, step.want) {
			t.Errorf("after %s: %v, want %v", step.after, got, step.want)
		}
	}
}

func TestReminderTimesOfALongWave(t *testing.T) {
	p := posted(t, sample(t, func(p *place) { p.survey.Recurrence.OpenDays = 7 }), inbox.Behaviour{})
	p.due(t)
	opens := p.place.wave(t).Opens
	send := func(after time.Duration) []string {
		before := p.server.Count()
		p.place.now = opens.Add(after)
		p.due(t)
		return p.to(before)
	}
	if got := send(3*24*time.Hour + time.Minute); len(got) != 3 {
		t.Errorf("the first reminder went to %v", got)
	}
	p.submit(t, 1)
	// At night nobody is reminded, not even of what the service slept through.
	if got := send(5*24*time.Hour + 13*time.Hour); len(got) != 0 {
		t.Errorf("at 22:00 %v were reminded", got)
	}
	if got := send(6*24*time.Hour + time.Minute); !slices.Equal(got, []string{"e1@acme.example", "e3@acme.example"}) {
		t.Errorf("the second reminder went to %v", got)
	}
	if got := send(6*24*time.Hour + 5*time.Hour); len(got) != 0 {
		t.Errorf("a third went to %v", got)
	}
	// Of who was reminded the store says nothing without the secret.
	all, err := p.outbox.Deliveries(context.Background(), "acme", p.place.wave(t).ID)
	if err != nil {
		t.Fatal(err)
	}
	reminded := 0
	for _, d := range all {
		if strings.HasPrefix(d.Kind, "reminder") {
			reminded++
			for n, person := range p.place.people.Participants {
				if d.Recipient == person.ID || d.Recipient == p.place.respondent(t, n) || d.Address != [16]byte{} {
					t.Errorf("the record of a reminder tells whose it is: %+v", d)
				}
			}
		}
	}
	if reminded != 5 {
		t.Errorf("%d reminders are recorded, want 3 and 2", reminded)
	}
}

// Whoever cannot be written to is recorded with the reason, and written to when
// that is mended.
func TestWhoCannotBeWrittenTo(t *testing.T) {
	ctx := context.Background()
	var unknown atomic.Value
	unknown.Store("e2@acme.example")
	p := posted(t, sample(t, func(p *place) {
		p.people.Participants[0].Email = ""
		p.people.Participants[2].Email = "e3@acme.example\nBcc: all@acme.example"
	}), inbox.Behaviour{Rcpt: func(to string) error {
		if to == unknown.Load() {
			return inbox.Refusal(550, [3]int{5, 1, 1}, "unknown")
		}
		return nil
	}})
	p.due(t)
	wave := p.place.wave(t).ID
	states := func() map[string]string {
		t.Helper()
		all, err := p.outbox.Deliveries(ctx, "acme", wave)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, d := range all {
			for _, person := range p.place.people.Participants {
				if person.ID == d.Recipient {
					found[person.ExternalID] = string(d.State) + " " + string(d.Reason)
				}
			}
		}
		return found
	}
	want := map[string]string{"e1": "dropped no-address", "e2": "bounced address-bounced", "e3": "dropped bad-address"}
	if got := states(); fmt.Sprint(got) != fmt.Sprint(want) || p.server.Count() != 0 {
		t.Fatalf("%v and %d messages, want %v", got, p.server.Count(), want)
	}
	p.due(t) // nothing has changed
	if got := states(); fmt.Sprint(got) != fmt.Sprint(want) || p.server.Count() != 0 {
		t.Fatalf("%v and %d messages, want %v", got, p.server.Count(), want)
	}
	for i := range p.place.people.Participants {
		p.place.people.Participants[i].Email = fmt.Sprintf("new%d@acme.example", i+1)
	}
	if err := p.place.programs.Put(ctx, program.Snapshot{Participants: p.place.people.Participants}); err != nil {
		t.Fatal(err)
	}
	p.due(t)
	if got := p.to(0); !slices.Equal(got, []string{"new1@acme.example", "new2@acme.example", "new3@acme.example"}) {
		t.Errorf("after the roster was mended: %v, %v", got, states())
	}
}

func TestWhatIsLeftAtTheEndIsDropped(t *testing.T) {
	p := posted(t, sample(t), inbox.Behaviour{Rcpt: func(string) error { return inbox.Refusal(451, [3]int{4, 7, 1}, "later") }})
	p.due(t)
	p.place.now = p.place.wave(t).Closes.Add(time.Hour)
	p.due(t)
	all, err := p.outbox.Deliveries(context.Background(), "acme", p.place.wave(t).ID)
	if err != nil || len(all) != 3 {
		t.Fatal(len(all), err)
	}
	for _, d := range all {
		if d.State != mail.Dropped || d.Reason != mail.Closed {
			t.Errorf("%s %s", d.State, d.Reason)
		}
	}
}

func TestMadeUpPeopleAreSentNothing(t *testing.T) {
	p := posted(t, sample(t, func(p *place) { p.program.Demo = true }), inbox.Behaviour{})
	p.due(t)
	if p.server.Count() != 0 {
		t.Errorf("%d messages", p.server.Count())
	}
}

// A message says who asks, for how long and until when; its first question leads
// to the page; and it brings nothing from elsewhere.
func TestLetters(t *testing.T) {
	p := posted(t, sample(t, func(p *place) {
		p.program.Name = "Наставництво\nAcme & <Co>"
		p.people.Participants[1].Language = "uk"
		p.survey.Recurrence.OpenDays = 7
	}), inbox.Behaviour{})
	p.due(t)
	p.place.now = p.place.wave(t).Opens.Add(3*24*time.Hour + time.Hour)
	p.due(t)
	by := map[string][]inbox.Message{}
	for _, m := range p.server.Messages() {
		by[m.To] = append(by[m.To], m)
	}
	for person, want := range []string{"because you take part in", "берете участь", "asks colleagues outside the mentoring too"} {
		_, _, text, html := parts(t, by[fmt.Sprintf("e%d@acme.example", person+1)][0])
		if !strings.Contains(text, want) || !strings.Contains(html, want) || person == 2 && strings.Contains(text, "take part in") {
			t.Errorf("person %d is not told why, with %q:\n%s", person, want, text)
		}
	}
	for n, tt := range []struct {
		lang, subject, reminder string
		says                    []string
	}{
		{"en", "Наставництво Acme & <Co>: a few questions, about two minutes", "Reminder: the pulse of Наставництво Acme & <Co> is still open",
			[]string{"Please answer by 12\u00a0January 2026, 09:00", "Answers are confidential", "one exception, the question about help", "Questions? pulse@acme.example", "Please do not forward it", "without the link, use your code:", "Type it at"}},
		{"uk", "Наставництво Acme & <Co>: кілька запитань, приблизно дві хвилини", "Нагадування: опитування «Наставництво Acme & <Co>» ще триває",
			[]string{"Відповісти можна до 12\u00a0січня 2026, 09:00 за київським часом", "Відповіді конфіденційні", "Виняток один – запитання про допомогу", "Запитання? pulse@acme.example", "не пересилайте", "скористайтеся своїм кодом:", "Введіть його на сторінці"}},
	} {
		letters := by[fmt.Sprintf("e%d@acme.example", n+1)]
		if len(letters) != 2 {
			t.Fatalf("%s: %d letters", tt.lang, len(letters))
		}
		token := p.place.token(t, n)
		for i, m := range letters {
			head, subject, text, html := parts(t, m)
			if want := []string{tt.subject, tt.reminder}[i]; subject != want {
				t.Errorf("%s: subject %q, want %q", tt.lang, subject, want)
			}
			if head.Get("Content-Language") != tt.lang || head.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || head.Get("Reply-To") != "<pulse@acme.example>" {
				t.Errorf("%s: head %v", tt.lang, head)
			}
			leave := strings.Trim(head.Get("List-Unsubscribe"), "<>")
			if !strings.HasPrefix(leave, serviceAddress+"/u/") || strings.Contains(leave, token) {
				t.Errorf("%s: leaves by %q", tt.lang, leave)
			}
			for _, says := range append([]string{serviceAddress + "/s/" + token, "?answer=", leave, serviceAddress + "/e/acme", p.place.pulse.ShortCode(p.place.invitee(t, n))}, tt.says...) {
				if !strings.Contains(text, says) || !strings.Contains(html, says) {
					t.Errorf("%s: does not say %q:\n%s", tt.lang, says, text)
				}
			}
			for _, not := range []string{"<img", "<script", "<link", "url(", "src=", "<Co>", "{{", "&lt;no value", "page-", "Name-e"} {
				if strings.Contains(html, not) {
					t.Errorf("%s: the page has %q", tt.lang, not)
				}
			}
			if strings.Contains(text, "{{") || strings.Contains(text, "<no value>") || strings.Contains(text, "\n\n\n\n") || strings.Contains(text, "&amp;") {
				t.Errorf("%s: text\n%s", tt.lang, text)
			}
			if len(m.Raw) > 100<<10 {
				t.Errorf("%s: %d bytes, more than mail programs show", tt.lang, len(m.Raw))
			}
		}
	}
}
