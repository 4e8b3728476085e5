package survey

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	netmail "net/mail"
	"net/url"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

//go:embed mails
var letterFiles embed.FS

// letterTexts are the texts of messages.
var letterTexts = sync.OnceValue(func() *web.Messages {
	files, err := fs.Sub(letterFiles, "mails")
	if err != nil {
		panic(err) // embedded
	}
	return web.MustLoadMessages(files)
})

// inLetter is how many answers a question may have to be asked in a message,
// where each is a row of its own.
const inLetter = 7

type templates struct {
	html *template.Template
	text *texttemplate.Template
}

func letterTemplates() templates {
	return templates{
		html: template.Must(template.ParseFS(letterFiles, "mails/letter.html")),
		text: texttemplate.Must(texttemplate.ParseFS(letterFiles, "mails/letter.txt")),
	}
}

// letters writes the messages to participants.
type letters struct {
	links     Links
	codes     Codes
	leaving   Leaving
	address   string // of the service
	domain    string // of the address that messages come from
	templates templates
}

// letter is what one message is about.
type letter struct {
	sheet    *Sheet
	person   program.Participant
	zone     *time.Location // whose clock the participant goes by
	reminder bool
	date     time.Time
	delivery mail.Delivery
}

// letterView is what the templates show.
type letterView struct {
	Lang, Subject, Program, Title, Intro, Until string
	Question                                    *letterQuestion // nil for none that fits
	Link, Leave                                 string
	Code, Entry                                 string // for a device on which no link can be tapped
	Privacy                                     []string
	Contact, Why                                string
}

// Say gives a text without parameters.
func (v letterView) Say(id string) string { return letterTexts().T(v.Lang, id) }

// letterQuestion is the first question, each of whose answers is a link.
type letterQuestion struct {
	Lead, Prompt string
	Options      []letterOption
}

type letterOption struct{ Badge, Text, Link string }

// write makes the message, in the participant's language.
func (l *letters) write(of letter) (*mail.Message, error) {
	var (
		sheet, lang = of.sheet, of.sheet.Language
		p           = sheet.Program
		name        = oneLine(p.Name)
		say         = func(id string, pairs ...any) string { return letterTexts().T(lang, id, pairs...) }
		kind, why   = "invitation", "why"
	)
	if of.person.Role == program.Comparison {
		why = "why-comparison"
	}
	if of.reminder {
		kind = "reminder"
	}
	invitee := Invitee{ProgramID: p.ID, Wave: sheet.Wave.ID, Participant: of.person.ID, Revision: of.person.LinkRevision}
	view := letterView{
		Lang: lang, Subject: say("subject-"+kind, "program", name), Program: name, Title: say("title-" + kind), Intro: say("intro-"+kind, "program", name),
		Until: say("until", "when", moment(lang, sheet.Wave.Closes.In(of.zone))), Link: l.address + "/s/" + l.links.Token(invitee),
		Code: l.codes.Code(invitee), Entry: entryAddress(l.address, p.ID),
		Leave: l.address + "/u/" + l.leaving.Token(Leaver{p.ID, of.person.ID}), Why: say(why, "program", name),
		Privacy: sheet.privacy(lang),
	}
	if of.reminder {
		view.Privacy = append(view.Privacy, say("reminder-private"))
	}
	if p.Contact != "" {
		view.Contact = say("contact", "contact", p.Contact)
	}
	view.Question = firstQuestion(sheet, lang, view.Link)
	m := &mail.Message{
		ID: of.delivery.MessageID(l.domain), FromName: name, To: of.person.Email, ToName: oneLine(of.person.Name),
		Subject: view.Subject, Date: of.date, Language: lang, Unsubscribe: view.Leave,
	}
	if contact, err := netmail.ParseAddress(p.Contact); err == nil && mail.ValidAddress(contact.Address) == nil {
		m.ReplyTo = contact.Address
	}
	var text, html bytes.Buffer
	if err := l.templates.text.Execute(&text, view); err != nil {
		return nil, fmt.Errorf("text of a message: %w", err)
	}
	if err := l.templates.html.Execute(&html, view); err != nil {
		return nil, fmt.Errorf("page of a message: %w", err)
	}
	m.Text, m.HTML = text.String(), html.String()
	return m, nil
}

// firstQuestion is the first that is asked and answered by one tap; nil when
// there is none. Each answer is a link that opens the page with it chosen.
func firstQuestion(sheet *Sheet, lang, link string) *letterQuestion {
	for _, g := range sheet.groups(lang, form{typed: url.Values{}}) {
		for _, s := range g.Steps {
			// What depends on another question is not the first of its step.
			q := s.Questions[0]
			if q.Input != "radio" || len(q.Options) > inLetter || q.If != nil {
				continue
			}
			asked := &letterQuestion{Lead: q.Lead, Prompt: q.Prompt}
			for _, o := range q.Options {
				badge := o.Badge
				if badge == o.Text {
					badge = ""
				}
				to := link + "?answer=" + url.QueryEscape(q.Name+":"+o.Value)
				asked.Options = append(asked.Options, letterOption{Badge: badge, Text: o.Text, Link: to})
			}
			return asked
		}
	}
	return nil
}

// oneLine makes a name that somebody typed fit into the head of a message.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
