package survey

import (
	"bytes"
	"errors"
	"html/template"
	"math"
	"net/http"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/web"
)

// troublesShown is how many invitations that did not go out the page lists.
const troublesShown = 200

// MailPages show an owner what became of the messages, and what to do.
type MailPages struct {
	mailing   *Mailing
	templates map[string]*template.Template
}

// NewMailPages makes the owner's page of a mailing.
func NewMailPages(m *Mailing) *MailPages {
	return &MailPages{m, web.MustParsePages(pageFiles, "pages/deliveries.html")}
}

// Routes adds the page to the group of a programme's pages, which its key guards.
func (p *MailPages) Routes(g gin.IRouter) {
	g.GET("/deliveries", web.HTML(p.get))
	g.POST("/deliveries", web.HTML(p.post))
}

// deliveriesView is what the page shows.
type deliveriesView struct {
	web.Frame
	Program string
	Wave    string // empty before the first
	Held    bool
	State   string
	Mail    mailJSON
	Counts  []stateCount
	Trouble []troubleView
	More    bool
	Reminds []string
}

type stateCount struct {
	Text string
	N    int
}

// troubleView is an invitation that has not gone out.
type troubleView struct{ Name, Email, State, Why, Detail string }

// Say gives a text without parameters.
func (v deliveriesView) Say(id string) string { return texts().T(v.Lang, id) }

func (p *MailPages) get(c *gin.Context) error {
	of, lang := access.ProgramOf(c), web.Language(c)
	view := deliveriesView{Frame: web.Frame{Lang: lang, Title: texts().T(lang, "mail-page") + " – " + of.Name, Owner: of.Name}, Program: of.ID}
	report, err := p.mailing.Deliveries(c.Request.Context(), of, DeliveryQuery{Limit: math.MaxInt})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if report != nil {
		view.fill(report)
	}
	return web.Page(c, http.StatusOK, func(b *bytes.Buffer) error { return p.templates["deliveries.html"].Execute(b, view) })
}

func (v *deliveriesView) fill(report *DeliveryReport) {
	say := func(id string, pairs ...any) string { return texts().T(v.Lang, id, pairs...) }
	v.Wave, v.Held = report.Wave.Occurrence, report.Mail.State == mailHeld
	v.State, v.Mail = say("mail-is-"+report.Mail.State), newMailJSON(report.Mail, v.Lang)
	counts := map[mail.State]int{}
	for _, d := range report.Invitations {
		counts[d.State]++
		if d.State == mail.Sent || d.State == mail.Queued {
			continue
		}
		if len(v.Trouble) == troublesShown {
			v.More = true
			continue
		}
		v.Trouble = append(v.Trouble, troubleView{Name: d.Person.Name, Email: d.Person.Email, State: say("delivery-is-" + string(d.State)),
			Why: say("delivery-" + string(d.Reason)), Detail: d.Detail})
	}
	for _, state := range []mail.State{mail.Sent, mail.Queued, mail.Deferred, mail.Bounced, mail.Failed, mail.Dropped} {
		if n := counts[state]; n > 0 {
			v.Counts = append(v.Counts, stateCount{say("delivery-is-" + string(state)), n})
		}
	}
	for _, r := range report.Reminders {
		text := say("reminders-withheld")
		if r.Sent != nil {
			text = say("reminders-sent", "count", *r.Sent)
		}
		v.Reminds = append(v.Reminds, text)
	}
}

// post lets the messages go on that were kept back.
func (p *MailPages) post(c *gin.Context) error {
	if _, err := p.mailing.Resume(c.Request.Context(), access.ProgramOf(c)); err != nil {
		return err
	}
	return seeOther(c, map[string][]string{"lang": {web.Language(c)}})
}
