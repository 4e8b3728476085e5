package survey

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/qr"
	"mentorpulse/internal/web"
)

// codePixels is the size of a QR code as an image: 8 cm in print.
const codePixels = 1000

// Posters invite to a programme's entry page: as a QR code, and as a page to
// print.
type Posters struct {
	pulse     *Pulse
	address   string
	templates map[string]*template.Template
}

// NewPosters makes the posters; address is where participants reach the service.
func NewPosters(pulse *Pulse, address string) *Posters {
	return &Posters{pulse: pulse, address: address, templates: web.MustParsePages(pageFiles, "pages/poster.html")}
}

// entryAddress is where participants type their codes.
func entryAddress(address, programID string) string { return address + "/e/" + programID }

// PageRoutes adds the poster to the pages of a programme, which its key guards.
func (p *Posters) PageRoutes(g gin.IRouter) {
	g.GET("/poster", web.HTML(p.get))
	p.Routes(g)
}

// Routes adds the entry page's QR codes to the group of a programme, which its
// key guards.
func (p *Posters) Routes(g gin.IRouter) {
	of := func(c *gin.Context) (string, error) { return entryAddress(p.address, access.ProgramOf(c).ID), nil }
	g.GET("/entry.svg", web.JSON(drawing(of)))
	g.GET("/entry.png", web.JSON(picture(of)))
}

// LinkRoutes adds a link's own QR codes, with which it is opened on a telephone.
func (p *Posters) LinkRoutes(g gin.IRouter) {
	of := func(c *gin.Context) (string, error) {
		token := c.Param("token")
		if here, _ := kioskOf(c); here != "" {
			return "", LinkProblem(c, ErrLink) // the screen is not theirs
		}
		if s, err := p.pulse.find(c.Request.Context(), token); s.member == nil {
			return "", LinkProblem(c, err)
		}
		return p.address + "/s/" + token, nil
	}
	g.GET("/s/:token/qr.svg", web.JSON(drawing(of)))
	g.GET("/s/:token/qr.png", web.JSON(picture(of)))
}

// addressed gives the address that a code is to hold.
type addressed func(c *gin.Context) (string, error)

func drawing(of addressed) web.Handler {
	return encoded(of, "image/svg+xml", func(code qr.Code, b *bytes.Buffer) error { return code.SVG(b) })
}

func picture(of addressed) web.Handler {
	return encoded(of, "image/png", func(code qr.Code, b *bytes.Buffer) error { return code.PNG(b, codePixels) })
}

func encoded(of addressed, contentType string, write func(qr.Code, *bytes.Buffer) error) web.Handler {
	return func(c *gin.Context) error {
		privately(c)
		address, err := of(c)
		if err != nil {
			return err
		}
		code, err := qr.New(address)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := write(code, &b); err != nil {
			return err
		}
		// Opened by itself, a drawing is a document: let it do nothing.
		c.Header("Content-Security-Policy", "default-src 'none'")
		c.Data(http.StatusOK, contentType, b.Bytes())
		return nil
	}
}

// posterView is the page to print: the code once, and what it is for in every
// language.
type posterView struct {
	web.Frame
	Program string
	Name    string
	Address string // as it is typed
	Sides   []posterSide
}

// posterSide is what a poster says in one language.
type posterSide struct {
	pageView
	Privacy []string
	Contact string
}

// get shows the poster in both languages, the reader's first.
func (p *Posters) get(c *gin.Context) error {
	of, lang := access.ProgramOf(c), web.Language(c)
	zone, err := of.Location()
	if err != nil {
		return err
	}
	closes, err := p.closes(c.Request.Context(), of.ID)
	if err != nil {
		return err
	}
	address := entryAddress(p.address, of.ID)
	_, typed, _ := strings.Cut(address, "://")
	v := posterView{Frame: web.Frame{Lang: lang, Title: texts().T(lang, "poster-title") + " – " + of.Name, Owner: of.Name}, Program: of.ID, Name: of.Name, Address: typed}
	languages := web.Supported()
	slices.SortStableFunc(languages, func(a, b string) int {
		switch lang {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	for _, l := range languages {
		side := posterSide{pageView: pageView{Frame: web.Frame{Lang: l}}}
		if !closes.IsZero() {
			side.Until = side.say("poster-until", "when", moment(l, closes.In(zone)))
		}
		side.Privacy = append(promised(of, l), side.Say("poster-help"))
		if of.Contact != "" {
			side.Contact = side.say("page-contact-detail", "contact", of.Contact)
		}
		v.Sides = append(v.Sides, side)
	}
	c.Header("Cache-Control", "private, no-store")
	return web.Page(c, http.StatusOK, func(b *bytes.Buffer) error { return p.templates["poster.html"].Execute(b, v) })
}

// Say gives a text without parameters.
func (v posterView) Say(id string) string { return texts().T(v.Lang, id) }

// closes is when the wave that is open now closes, the last of several; zero when
// none is.
func (p *Posters) closes(ctx context.Context, programID string) (time.Time, error) {
	waves, err := p.pulse.surveys.Waves(ctx, programID)
	var last time.Time
	for _, w := range waves {
		if w.Open(p.pulse.now()) {
			last = maxTime(last, w.Closes)
		}
	}
	return last, err
}
