package survey

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

const (
	// kioskPrefix begins the address at which somebody answers who came with a
	// code: kiosk.PROGRAMME.NONCE. No token has a dot.
	kioskPrefix = "kiosk."
	// kioskCookie holds the link that such an address stands for. The address is
	// all that stays in the browser's history, and leads nowhere once the cookie
	// is gone: whoever goes back sees the entry page.
	kioskCookie = "mentorpulse-kiosk"
	// kioskTime is how long somebody may answer who came with a code.
	kioskTime = 2 * time.Hour
	// deviceCookie tells a device on which a right code was typed before.
	deviceCookie = "mentorpulse-device"
	deviceTime   = 180 * 24 * time.Hour
	// maxCodeForm bounds what the entry page takes.
	maxCodeForm = 4 << 10
)

// How somebody who came with a code has left, as the entry page is told in doneParameter.
const (
	leftSubmitted = "final"
	leftEarly     = "left"
	leftLongAgo   = "over"
)

// Entrance is the page of a programme where participants type the short code of
// their invitation, on a phone or on a device that they share.
type Entrance struct {
	pulse     *Pulse
	watch     *Watch
	devices   []byte // the key of device cookies
	secure    bool   // cookies are for TLS only
	templates map[string]*template.Template
}

// NewEntrance makes the entry pages; address is where participants reach the
// service.
func NewEntrance(pulse *Pulse, watch *Watch, secret access.Secret, address string) *Entrance {
	return &Entrance{
		pulse: pulse, watch: watch, devices: secret.Key("device"), secure: strings.HasPrefix(address, "https://"),
		templates: web.MustParsePages(pageFiles, "pages/*.html"),
	}
}

// Routes adds the entry pages at /e/{program}, and the way out of a link.
func (e *Entrance) Routes(r gin.IRouter) {
	r.GET("/e/:program", web.HTML(e.get))
	r.POST("/e/:program", web.HTML(e.post))
	r.GET("/s/:token/leave", e.watch.Links, e.Follow, web.HTML(e.leave))
}

// entryView is what the entry page shows. It does not name the programme: the
// page of one that does not exist looks the same.
type entryView struct {
	pageView
	Notice string
	Alert  *alert
	Chosen string // the language, when it was chosen and is not the browser's
}

func (e *Entrance) view(c *gin.Context) entryView {
	lang := web.Language(c)
	v := entryView{pageView: pageView{Frame: web.Frame{Lang: lang, Title: texts().T(lang, "entry-title")}}}
	if c.Query("lang") == lang {
		v.Chosen = lang
	}
	return v
}

func (e *Entrance) get(c *gin.Context) error {
	v := e.view(c)
	switch done := c.Query(doneParameter); done {
	case leftSubmitted, leftEarly, leftLongAgo:
		v.Notice = v.Say("entry-" + done)
	}
	return e.render(c, http.StatusOK, "entry.html", v)
}

// post takes a code. What is wrong with one that leads nowhere is not said, and
// all such look alike.
func (e *Entrance) post(c *gin.Context) error {
	ctx, came := c.Request.Context(), time.Now()
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxCodeForm)
	typed, from := c.PostForm("code"), e.device(c)
	if from == "" {
		from = e.watch.source(c)
	}
	if wait := e.watch.codes.Wait(from); wait > 0 {
		onGrid(ctx, came)
		return e.refuse(c, &TooManyError{wait})
	}
	token, err := e.pulse.ByCode(ctx, c.Param("program"), typed)
	if errors.Is(err, ErrLink) {
		return e.refuse(c, slowed(ctx, e.watch.codes, from, came, err))
	}
	if err != nil {
		return err
	}
	e.remember(c, token)
	of := c.Param("program") + "." + rand.Text()
	e.setCookie(c, kioskCookie, of+"."+token, kioskTime)
	to := "../s/" + kioskPrefix + of
	if chosen := e.view(c).Chosen; chosen != "" {
		to += "?" + url.Values{"lang": {chosen}}.Encode()
	}
	return redirect(c, to)
}

// refuse shows the entry page again. What was typed is not: it may be one letter
// from the right code, and the next person sees it.
func (e *Entrance) refuse(c *gin.Context, why error) error {
	v := e.view(c)
	v.Title = v.Say("page-error") + ": " + v.Title
	status, said := http.StatusUnprocessableEntity, "entry-wrong"
	if many := tooMany(v.Lang, why); many != nil {
		c.Header("Retry-After", formatNumber(float64(many.RetryAfter)))
		status = many.Status
		v.Alert = &alert{Title: many.Title, Detail: many.Detail + " " + v.Say("entry-too-many")}
	} else {
		v.Alert = &alert{Title: v.Say(said), Detail: v.Say(said + "-detail")}
	}
	return e.render(c, status, "entry.html", v)
}

func (e *Entrance) render(c *gin.Context, status int, name string, view any) error {
	privately(c)
	return web.Page(c, status, func(b *bytes.Buffer) error { return e.templates[name].Execute(b, view) })
}

// kioskOf is the address of a request that somebody makes who came with a code,
// and the token that it stands for; both are empty for others.
func kioskOf(c *gin.Context) (address, token string) {
	address = c.Param("token")
	if !strings.HasPrefix(address, kioskPrefix) {
		return "", ""
	}
	held, err := c.Cookie(kioskCookie)
	at := strings.LastIndexByte(held, '.')
	if err != nil || at < 0 || !hmac.Equal([]byte(kioskPrefix+held[:at]), []byte(address)) {
		return "", ""
	}
	return address, held[at+1:]
}

// Follow goes before the pages of a link and leads who came with a code back to
// the entry page: after submitting, and when their time there is over. Nothing of
// them stays in the browser.
func (e *Entrance) Follow(c *gin.Context) {
	address := c.Param("token")
	if !strings.HasPrefix(address, kioskPrefix) {
		return
	}
	of, _, _ := strings.Cut(strings.TrimPrefix(address, kioskPrefix), ".")
	if !program.ValidID(of) {
		return // an address that nobody was led to
	}
	if here, _ := kioskOf(c); here == "" {
		e.back(c, of, leftLongAgo)
	} else if c.Query(doneParameter) == doFinal {
		e.end(c, of, leftSubmitted)
	}
}

// end has the browser forget who was here and leads to the entry page.
func (e *Entrance) end(c *gin.Context, of, how string) {
	e.setCookie(c, kioskCookie, "", -1)
	// What a script kept, and pages that the browser would show again.
	c.Header("Clear-Site-Data", `"cache", "storage"`)
	e.back(c, of, how)
}

// back leads to the entry page. The address is relative, so it holds behind any
// proxy.
func (e *Entrance) back(c *gin.Context, of, how string) {
	to := strings.Repeat("../", strings.Count(c.FullPath(), "/")-1) + "e/" + of + "?" + doneParameter + "=" + how
	if lang := c.Query("lang"); lang == "uk" || lang == "en" {
		to += "&lang=" + lang
	}
	_ = redirect(c, to)
	c.Abort()
}

// redirect leads on to a page. The address is relative, so it holds behind any
// proxy.
func redirect(c *gin.Context, to string) error {
	privately(c)
	c.Header("Location", to)
	c.Status(http.StatusSeeOther)
	c.Writer.WriteHeaderNow()
	return nil
}

// setCookie keeps something in the browser, for this service alone; a negative
// time removes it.
func (e *Entrance) setCookie(c *gin.Context, name, value string, lasts time.Duration) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // a service without TLS, as one for a trial, has cookies too
		Name: name, Value: value, Path: "/", MaxAge: int(lasts / time.Second), HttpOnly: true, Secure: e.secure, SameSite: http.SameSiteStrictMode,
	})
}

// remember gives a device on which a right code was typed a name to count its
// mistakes by. So a kiosk, and whoever has come before, goes on while somebody
// else behind the same address guesses. The name is made from the link, so one
// who guesses and has a code gets one more name and not as many as they want.
func (e *Entrance) remember(c *gin.Context, token string) {
	if e.device(c) != "" {
		return
	}
	name := e.tag("name", token)
	e.setCookie(c, deviceCookie, name+"."+e.tag("device", name), deviceTime)
}

// device is the name of a device that remember has named; empty for others.
func (e *Entrance) device(c *gin.Context) string {
	held, err := c.Cookie(deviceCookie)
	name, tag, ok := strings.Cut(held, ".")
	if err != nil || !ok || !hmac.Equal([]byte(tag), []byte(e.tag("device", name))) {
		return ""
	}
	return "device " + name
}

func (e *Entrance) tag(purpose, text string) string {
	mac := hmac.New(sha256.New, e.devices)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:tagSize])
}
