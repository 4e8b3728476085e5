package survey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/mail/inbox"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// router serves the endpoints and pages about messages, held to the contract.
func (p *postbox) router(t *testing.T) (http.Handler, []string) {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	owners := access.NewOwners(testSecret)
	api := survey.NewMailAPI(p.Mailing)
	api.Routes(r.Group("/api/v1/programs/:id", owners.Require(p.place.programs)))
	api.OperatorRoutes(r.Group("/api/v1/programs/:id", access.NewOperators(testSecret).Require(p.place.programs)))
	survey.NewLeavingPages(p.Mailing).Routes(r)
	survey.NewMailPages(p.Mailing).Routes(r.Group("/programs/:id", owners.RequirePage(p.place.programs)))
	return openapitest.Wrap(t, r), []string{"Authorization", "Bearer " + owners.Key(p.place.program)}
}

type deliveries struct {
	Wave        string
	Mail        struct{ State, Detail, Advice string }
	Invitations []struct {
		Participant                        struct{ Name, Email string }
		State, Reason, Explanation, Detail string
	}
	Reminders []struct {
		Number   int
		Sent     *int
		Withheld string
	}
	NextCursor string `json:"next_cursor"`
}

func list(t *testing.T, r http.Handler, key []string, query string) (d deliveries, body string) {
	t.Helper()
	w := call(r, http.MethodGet, "/api/v1/programs/acme/deliveries"+query, "", key...)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", query, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d, w.Body.String()
}

// crowded gives the sample many more participants of the comparison group.
func crowded(n int) func(*place) {
	return func(p *place) {
		for i := range n {
			key := fmt.Sprintf("c%02d", i)
			p.people.Participants = append(p.people.Participants, program.Participant{
				ID: program.ParticipantID(p.program.ID, key, ""), ProgramID: p.program.ID, ExternalID: key,
				Email: key + "@acme.example", Name: "Name-" + key, Role: program.Comparison, Joined: p.program.Starts,
			})
		}
	}
}

// The owner sees invitations by person, page by page, and of reminders a number
// that tells of no few people; nothing says who has not answered.
func TestTheOwnerSeesDeliveries(t *testing.T) {
	p := posted(t, sample(t, crowded(17), func(p *place) { p.people.Participants[0].Email = ""; p.survey.Recurrence.OpenDays = 7 }), inbox.Behaviour{})
	r, key := p.router(t)
	if w := call(r, http.MethodGet, "/api/v1/programs/acme/deliveries", "", key...); w.Code != http.StatusNotFound {
		t.Errorf("before the first wave: %d", w.Code)
	}
	p.due(t)
	var seen []string
	cursor := ""
	for pages := 1; ; pages++ {
		d, _ := list(t, r, key, "?limit=8"+cursor)
		for _, one := range d.Invitations {
			seen = append(seen, one.Participant.Name)
		}
		if d.NextCursor == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		cursor = "&cursor=" + d.NextCursor
	}
	slices.Sort(seen)
	if n := len(slices.Compact(seen)); n != 20 {
		t.Errorf("%d people were listed", n)
	}
	d, _ := list(t, r, key, "?state=dropped&wave=2026-01-05")
	if len(d.Invitations) != 1 || d.Invitations[0].Reason != "no-address" || !strings.Contains(d.Invitations[0].Explanation, "Add it") || d.Mail.State != "on" || d.Mail.Advice != "" {
		t.Errorf("%+v", d)
	}

	// Fourteen of twenty are reminded, then all but two of those who were asked.
	for n := 3; n < 8; n++ {
		p.submit(t, n)
	}
	p.place.now = p.place.wave(t).Opens.Add(3*24*time.Hour + time.Hour)
	p.due(t)
	d, body := list(t, r, key, "")
	if len(d.Reminders) != 1 || d.Reminders[0].Sent == nil || *d.Reminders[0].Sent != 14 {
		t.Errorf("reminders %s", body)
	}
	for n := 8; n < 18; n++ {
		p.submit(t, n)
	}
	p.place.now = p.place.wave(t).Opens.Add(5*24*time.Hour + time.Hour)
	p.due(t)
	d, body = list(t, r, key, "")
	if len(d.Reminders) != 2 || d.Reminders[1].Sent != nil || !strings.Contains(d.Reminders[1].Withheld, "Too few") {
		t.Errorf("reminders %s", body)
	}
	for _, not := range []string{`"answered"`, "reminder-", "submitted"} {
		if strings.Contains(body, not) {
			t.Errorf("it says %q: %s", not, body)
		}
	}
}

func TestBadDeliveryQueries(t *testing.T) {
	p := posted(t, sample(t), inbox.Behaviour{})
	r, key := p.router(t)
	p.due(t)
	for query, status := range map[string]int{
		"?state=lost": 400, "?limit=0": 400, "?limit=1001": 400, "?limit=x": 400, "?cursor=x": 400, "?cursor=AAAA": 400, "?stat=sent": 400, "?wave=2030-01-01": 404, "?wave=%00": 404,
	} {
		if w := call(r, http.MethodGet, "/api/v1/programs/acme/deliveries"+query, "", key...); w.Code != status || strings.Contains(w.Body.String(), "acme.example") {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// When message after message is refused, the owner is told and can go on once
// it is mended; what was refused goes out then too.
func TestTheOwnerResumes(t *testing.T) {
	refusing := true
	p := posted(t, sample(t, crowded(17)), inbox.Behaviour{Rcpt: func(string) error {
		if refusing {
			return inbox.Refusal(550, [3]int{5, 7, 1}, "c01@acme.example is not allowed to send")
		}
		return nil
	}})
	r, key := p.router(t)
	p.due(t)
	d, body := list(t, r, key, "?state=failed")
	if d.Mail.State != "held" || !strings.Contains(d.Mail.Advice, "resume") || !strings.Contains(d.Mail.Detail, "not allowed") || strings.Contains(d.Mail.Detail, "c01@") || len(d.Invitations) != 10 {
		t.Errorf("%s", body)
	}
	p.due(t)
	if d, _ := list(t, r, key, "?state=queued"); len(d.Invitations) != 10 {
		t.Errorf("%d are still queued", len(d.Invitations))
	}
	for lang, says := range map[string][]string{
		"en": {"Messages are kept back", "Let the messages go on", "Refused or given up: <b>10</b>", "Waiting for their turn: <b>10</b>", "not allowed to send"},
		"uk": {"Листи затримано", "Надсилати далі", "Відхилено або не вдалося надіслати: <b>10</b>"},
	} {
		w := call(r, http.MethodGet, "/programs/acme/deliveries?lang="+lang, "", key...)
		for _, text := range says {
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d, want %q in\n%s", lang, w.Code, text, w.Body)
			}
		}
		if strings.Contains(w.Body.String(), "delivery-") || strings.Contains(w.Body.String(), "mail-is") {
			t.Errorf("%s: a text is missing:\n%s", lang, w.Body)
		}
	}
	if w := call(r, http.MethodPost, "/programs/acme/deliveries?lang=en", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("without the key: %d", w.Code)
	}
	refusing = false
	for _, want := range []string{`{"queued":10}`, `{"queued":0}`} {
		if w := call(r, http.MethodPost, "/api/v1/programs/acme/deliveries/resume", "", key...); w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, want)
		}
		p.due(t)
	}
	if w := call(r, http.MethodPost, "/programs/acme/deliveries?lang=en", "", key...); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "?lang=en" {
		t.Errorf("by the page: %d %v", w.Code, w.Header())
	}
	d, _ = list(t, r, key, "?state=sent")
	if d.Mail.State != "on" || len(d.Invitations) != 20 || p.server.Count() != 20 {
		t.Errorf("%s, %d sent, %d arrived", d.Mail.State, len(d.Invitations), p.server.Count())
	}
}

const bouncedReport = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n" +
	"Final-Recipient: rfc822; e2@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 unknown\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <%s>\r\n\r\nHello\r\n--b--\r\n"

// A bounce stops what would go to the address, and the roster's next one starts
// it again.
func TestBouncesStopMessages(t *testing.T) {
	p := posted(t, sample(t, func(p *place) { p.survey.Recurrence.OpenDays = 7 }), inbox.Behaviour{})
	r, key := p.router(t)
	p.due(t)
	ids := map[string]string{}
	for _, m := range p.server.Messages() {
		ids[m.To] = m.ID
	}
	send := func(kind, body string, status int, want string) {
		t.Helper()
		w := call(r, http.MethodPost, "/api/v1/programs/acme/bounces", body, append([]string{"Content-Type", kind}, key...)...)
		if w.Code != status || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "@acme.example") {
			t.Errorf("%s: %d %s, want %d with %s", body, w.Code, w.Body, status, want)
		}
	}
	const asJSON, asReport = "application/json", "message/rfc822"
	for range 2 {
		send(asJSON, fmt.Sprintf(`{"bounces":[{"message_id":"<%s>","permanent":true,"detail":"550 e1@acme.example unknown"},{"message_id":"<x@y>","permanent":true}]}`, ids["e1@acme.example"]), 200, `{"recorded":1,"unknown":1}`)
		send(asReport, fmt.Sprintf(bouncedReport, ids["e2@acme.example"]), 200, `{"recorded":1,"unknown":0}`)
	}
	send(asReport, "Subject: hello\r\n\r\nhello", 422, "no-report")
	send(asJSON, `{"bounces":[{"permanent":true}]}`, 200, `{"recorded":0,"unknown":1}`)
	for _, bad := range []string{"", "{", `{"bounces":[]}`, `{"bounce":[]}`, `{"bounces":[{"message_id":5}]}`, `{"bounces":[{}]}{}`} {
		w := call(r, http.MethodPost, "/api/v1/programs/acme/bounces", bad, append([]string{"Content-Type", asJSON}, key...)...)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	send("text/plain", "x", 415, "bounces-type")
	send(asReport, strings.Repeat("x", 5<<20), 413, "bounces-too-large")

	if d, body := list(t, r, key, "?state=bounced"); len(d.Invitations) != 2 || strings.Contains(body, "550 e1@") {
		t.Errorf("%s", body)
	}
	before := p.server.Count()
	p.place.now = p.place.wave(t).Opens.Add(3*24*time.Hour + time.Hour)
	p.due(t)
	if got := p.to(before); !slices.Equal(got, []string{"e3@acme.example"}) {
		t.Errorf("reminded %v", got)
	}
	p.place.people.Participants[1].Email = "right@acme.example"
	if err := p.place.programs.Put(context.Background(), program.Snapshot{Participants: p.place.people.Participants}); err != nil {
		t.Fatal(err)
	}
	before = p.server.Count()
	p.due(t)
	if got := p.to(before); !slices.Equal(got, []string{"right@acme.example"}) {
		t.Errorf("with another address %v", got)
	}
}

func TestAMailboxOfBounces(t *testing.T) {
	p := posted(t, sample(t), inbox.Behaviour{})
	p.due(t)
	var box strings.Builder
	for _, m := range p.server.Messages() {
		fmt.Fprintf(&box, "From x@y Mon Jan  5 09:00:00 2026\n%s\nFrom x@y Mon Jan  5 09:00:00 2026\nSubject: out of office\n\nAway.\n\n", strings.ReplaceAll(fmt.Sprintf(bouncedReport, m.ID), "\r\n", "\n"))
	}
	r, _ := p.router(t)
	operator := []string{"Authorization", "Bearer " + access.NewOperators(testSecret).Key("acme"), "Content-Type", "application/mbox"}
	w := call(r, http.MethodPost, "/api/v1/programs/acme/bounces.mbox", box.String(), operator...)
	if w.Code != http.StatusOK || w.Body.String() != `{"other_messages":3,"recorded":3,"unknown":0}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	all, err := p.outbox.Deliveries(context.Background(), "acme", p.place.wave(t).ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.State != mail.Bounced {
			t.Errorf("%+v", d)
		}
	}
}

// One request without a question ends the messages, as mail programs send it;
// opening the address does not. The personal link brings them back.
func TestLeavingTheMailing(t *testing.T) {
	p := posted(t, sample(t, func(p *place) { p.survey.Recurrence.OpenDays = 7 }), inbox.Behaviour{})
	r, _ := p.router(t)
	p.due(t)
	leave := map[string]string{}
	for _, m := range p.server.Messages() {
		head, _, _, _ := parts(t, m)
		leave[m.To] = strings.TrimPrefix(strings.Trim(head.Get("List-Unsubscribe"), "<>"), serviceAddress)
	}
	reminded := func(days int) []string {
		before := p.server.Count()
		p.place.now = p.place.wave(t).Opens.Add(time.Duration(days)*24*time.Hour + time.Hour)
		p.due(t)
		return p.to(before)
	}
	page := func(method, path, body string, status int, says string) {
		t.Helper()
		w := call(r, method, path, body, "Content-Type", "application/x-www-form-urlencoded")
		if w.Code != status || !strings.Contains(w.Body.String(), says) || strings.Contains(w.Body.String(), "Name-e") || strings.Contains(w.Body.String(), "@acme.example\"") {
			t.Errorf("%s %s: %d, want %d with %q:\n%s", method, path, w.Code, status, says, w.Body)
		}
	}
	one := leave["e1@acme.example"]
	page(http.MethodGet, one, "", 200, "Do you want no more messages")
	page(http.MethodPost, leave["e2@acme.example"], "List-Unsubscribe=One-Click", 200, "You will get no more messages")
	page(http.MethodPost, leave["e2@acme.example"], "List-Unsubscribe=One-Click", 200, "You will get no more messages")
	page(http.MethodGet, leave["e2@acme.example"]+"?lang=uk", "", 200, "більше не надходитимуть")
	page(http.MethodPost, one[:len(one)-1]+"A", "List-Unsubscribe=One-Click", 404, "")
	page(http.MethodGet, "/u/AAAA", "", 404, "")
	if got := reminded(3); !slices.Equal(got, []string{"e1@acme.example", "e3@acme.example"}) {
		t.Errorf("reminded %v", got)
	}
	link := "/s/" + p.place.token(t, 1) + "/mail"
	page(http.MethodGet, link, "", 200, "You will get no more messages")
	page(http.MethodPost, link, "_mail=again", 200, "You will get the messages of")
	page(http.MethodGet, link, "", 200, "Do you want no more messages")
	page(http.MethodPost, "/s/AAAA/mail", "_mail=again", 404, "")
	if got := reminded(5); !slices.Equal(got, []string{"e1@acme.example", "e2@acme.example", "e3@acme.example"}) {
		t.Errorf("reminded %v", got)
	}
}

// After submitting one is led to one's messages, where any are sent.
func TestThanksLeadToTheMessages(t *testing.T) {
	for name, tt := range map[string]struct {
		demo, sends, leads bool
	}{"mail goes out": {false, true, true}, "no mail server": {false, false, false}, "made-up people": {true, true, false}} {
		p := posted(t, sample(t, asksEverything(t), func(p *place) { p.program.Demo = tt.demo }), inbox.Behaviour{})
		p.due(t)
		mailing := p.Mailing
		if !tt.sends {
			off := mail.NewOutbox(p.place.db, mail.Options{})
			t.Cleanup(func() { _ = off.Close() })
			mailing = survey.NewMailing(p.place.pulse, off, testSecret, serviceAddress, "acme.example")
		}
		gin.SetMode(gin.TestMode)
		r := gin.New()
		survey.NewPages(p.place.pulse).Beside(mailing).Routes(r)
		survey.NewLeavingPages(mailing).Routes(r)
		token := p.place.token(t, 0)
		form := filled(call(r, http.MethodGet, "/s/"+token+"?lang=en", "").Body.String())
		form.Set("proud", "4")
		form.Set("_do", "final")
		if w := post(r, "/s/"+token+"?lang=en", form); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		thanks := call(r, http.MethodGet, "/s/"+token+"?done=final&lang=en", "").Body.String()
		if got := strings.Contains(thanks, `href="`+token+`/mail?lang=en">Messages to you</a>`); got != tt.leads || !strings.Contains(thanks, "Thank you") {
			t.Errorf("%s: leads to the messages: %t, in %s", name, got, thanks)
		}
		if w := call(r, http.MethodGet, "/s/"+token+"/mail?lang=en", ""); w.Code != http.StatusOK {
			t.Errorf("%s: they are at %d", name, w.Code)
		}
	}
}

// What lets somebody leave opens nothing else, and the other way round.
func TestTheAddressToLeaveByOpensNoAnswers(t *testing.T) {
	p := opened(t)
	token := survey.NewLeaving(testSecret).Token(survey.Leaver{ProgramID: "acme", Participant: p.people.Participants[0].ID})
	if _, err := p.pulse.Open(context.Background(), token); err == nil {
		t.Error("it opens answers")
	}
	if _, err := survey.NewLeaving(testSecret).Read(p.token(t, 0)); err == nil {
		t.Error("a link ends messages")
	}
}
