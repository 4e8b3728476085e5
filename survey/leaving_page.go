package survey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// mailField is the button of the page about messages; see mailAgain.
const mailField = "_mail"

// mailAgain asks for messages again; anything else ends them, as the request of
// a mail program does (RFC 8058).
const mailAgain = "again"

// LeavingPages are where participants end the messages to them and ask for them
// again: by the address in a message, with one request and no question, and by
// their personal link.
type LeavingPages struct {
	pulse     *Pulse
	programs  *program.Store
	outbox    *mail.Outbox
	leaving   Leaving
	templates map[string]*template.Template
}

// NewLeavingPages makes the pages of a mailing.
func NewLeavingPages(m *Mailing) *LeavingPages {
	return &LeavingPages{
		pulse: m.pulse, programs: m.programs, outbox: m.outbox, leaving: m.letters.leaving,
		templates: web.MustParsePages(pageFiles, "pages/leaving.html"),
	}
}

// Routes adds the pages at /u/{token} and /s/{token}/mail.
func (p *LeavingPages) Routes(r gin.IRouter) {
	r.GET("/u/:token", web.HTML(p.byMessage(p.show)))
	r.POST("/u/:token", web.HTML(p.byMessage(p.change)))
	r.GET("/s/:token/mail", web.HTML(p.byLink(p.show)))
	r.POST("/s/:token/mail", web.HTML(p.byLink(p.change)))
}

// leavingView is what the page shows.
type leavingView struct {
	web.Frame
	Left     bool   // no messages are sent now
	Question string // what it asks, or what was done
	Detail   string
	Back     string // to the questions; empty when it came from a message
}

// Say gives a text without parameters.
func (v leavingView) Say(id string) string { return texts().T(v.Lang, id) }

// leaver is whose messages a request is about.
type leaver struct {
	program     program.Program
	participant uuid.UUID
	lang        string
	back        string
}

type leavingHandler func(c *gin.Context, who leaver) error

// byMessage finds the participant by the token that messages carry.
func (p *LeavingPages) byMessage(h leavingHandler) web.Handler {
	return func(c *gin.Context) error {
		privately(c)
		who, err := p.leaving.Read(c.Param("token"))
		if err != nil {
			return LinkProblem(c, ErrLink)
		}
		of, err := p.programs.Program(c.Request.Context(), who.ProgramID)
		if errors.Is(err, ErrNotFound) {
			return LinkProblem(c, ErrLink)
		}
		if err != nil {
			return err
		}
		own := ""
		if c.Query("lang") == "" {
			if own, err = p.language(c.Request.Context(), of, who.Participant); err != nil {
				return err
			}
		}
		return h(c, leaver{program: of, participant: who.Participant, lang: readerLanguage(c, own)})
	}
}

// language is the one that the participant chose, else that of the roster.
func (p *LeavingPages) language(ctx context.Context, of program.Program, participant uuid.UUID) (string, error) {
	if chosen, err := p.programs.Language(ctx, of.ID, participant); err != nil || chosen != "" {
		return chosen, err
	}
	people, err := p.programs.Participants(ctx, of.ID)
	for _, one := range people {
		if one.ID == participant {
			return of.Language(one.Language), nil
		}
	}
	return of.Language(""), err
}

// byLink finds the participant by their personal link, of a wave that is open or
// over.
func (p *LeavingPages) byLink(h leavingHandler) web.Handler {
	return func(c *gin.Context) error {
		privately(c)
		s, err := p.pulse.find(c.Request.Context(), c.Param("token"))
		if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrNotOpen) {
			if problem := refusal(web.Language(c), err); problem != nil {
				return problem
			}
			return err
		}
		lang := readerLanguage(c, p.pulse.language(c.Request.Context(), s))
		return h(c, leaver{program: s.program, participant: s.invitation.Participant, lang: lang, back: "../" + c.Param("token") + "?lang=" + lang})
	}
}

func (p *LeavingPages) show(c *gin.Context, who leaver) error {
	holds, err := p.outbox.Holds(c.Request.Context(), who.program.ID)
	if err != nil {
		return err
	}
	left := holds.Participants[who.participant]
	question := "mail-question"
	if left {
		question = "mail-left"
	}
	return p.render(c, who, left, question)
}

// change ends the messages or begins them again. It asks nothing: the request is
// the wish.
func (p *LeavingPages) change(c *gin.Context, who leaver) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 64<<10)
	again := c.PostForm(mailField) == mailAgain
	err := p.outbox.PutHold(c.Request.Context(), mail.Hold{ProgramID: who.program.ID, Kind: mail.HoldParticipant, Subject: who.participant, Held: !again})
	if err != nil {
		return err
	}
	question := "mail-left"
	if again {
		question = "mail-joined"
	}
	return p.render(c, who, !again, question)
}

func (p *LeavingPages) render(c *gin.Context, who leaver, left bool, question string) error {
	title := texts().T(who.lang, "mail-title")
	view := leavingView{
		Frame: web.Frame{Lang: who.lang, Title: title + " – " + who.program.Name, Owner: who.program.Name}, Left: left, Back: who.back,
		Question: texts().T(who.lang, question, "program", who.program.Name), Detail: texts().T(who.lang, question+"-detail"),
	}
	return web.Page(c, http.StatusOK, func(b *bytes.Buffer) error {
		if err := p.templates["leaving.html"].Execute(b, view); err != nil {
			return fmt.Errorf("page about messages: %w", err)
		}
		return nil
	})
}
