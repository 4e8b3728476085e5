package survey

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

//go:embed pages/*.html
var pageFiles embed.FS

// What the buttons of the form say in doField.
const (
	doFinal    = "final"    // store as the final answers
	doDraft    = "draft"    // store as a draft
	doLanguage = "language" // store no answers, show the same in another language and remember it
)

// Pages serves links to people: a page that needs no script, on which everything
// can be answered, kept as a draft, submitted and changed.
type Pages struct {
	pulse     *Pulse
	mails     bool // messages go out
	templates map[string]*template.Template
}

// NewPages makes the participant's pages of pulse.
func NewPages(pulse *Pulse) *Pages {
	return &Pages{pulse: pulse, templates: web.MustParsePages(pageFiles, "pages/*.html")}
}

// Beside makes the pages lead to what a mailing sends, where it sends anything.
func (p *Pages) Beside(m *Mailing) *Pages {
	p.mails = m.outbox.Sends()
	return p
}

// Routes adds the pages at /s/{token}. What they look like is served by
// web.AssetRoutes.
func (p *Pages) Routes(r gin.IRouter) {
	r.GET("/s/:token", web.HTML(p.get))
	r.POST("/s/:token", web.HTML(p.post))
	r.POST("/s/:token/language", web.HTML(p.postLanguage))
	r.GET("/s/:token/mine", web.HTML(p.getMine))
	r.GET("/s/:token/meetings", web.HTML(p.getMeetings))
	r.POST("/s/:token/meetings", web.HTML(p.postMeetings))
}

func (p *Pages) get(c *gin.Context) error {
	privately(c)
	ctx, token := c.Request.Context(), c.Param("token")
	s, err := p.pulse.find(ctx, token)
	if err != nil {
		return p.refuse(c, s, err)
	}
	sheet, err := p.pulse.Open(ctx, token)
	if err != nil {
		return p.refuse(c, s, err)
	}
	lang := readerLanguage(c, sheet.Language)
	if sheet.Final && c.Query("done") == doFinal {
		next, err := p.pulse.next(ctx, s)
		if err != nil {
			return err
		}
		view, err := newThanksView(sheet, lang, token, next)
		if err != nil {
			return err
		}
		if p.mails && !s.program.Demo {
			view.Messages = token + "/mail?lang=" + lang
		}
		if view.Meetings, err = p.meetings(ctx, s, view.pageView, token+"/meetings?lang="+lang); err != nil {
			return err
		}
		return p.render(c, http.StatusOK, "thanks.html", view)
	}
	f := newForm(sheet, lang)
	f.choose(s, c.Request.URL.Query()[answerParameter])
	view, err := p.sheetView(ctx, s, sheet, lang, f)
	if err != nil {
		return err
	}
	view.Key = browserKey(token)
	view.Whose = whose(s, lang, token)
	if (f.stored == doDraft || f.unsent) && c.Query("done") == doDraft {
		view.Notice = view.say("page-draft-saved", "when", view.Until)
	}
	return p.render(c, http.StatusOK, "sheet.html", view)
}

func (p *Pages) post(c *gin.Context) error {
	privately(c)
	ctx, token := c.Request.Context(), c.Param("token")
	s, err := p.pulse.find(ctx, token)
	if err != nil {
		return p.refuse(c, s, err)
	}
	sheet, lang := s.sheet(), p.language(c, s)
	values, err := readForm(c, lang)
	if err != nil {
		return p.refuse(c, s, err)
	}
	f := parseForm(sheet, values)
	if one, ok := changeIn(values); ok {
		if f.met, err = p.meet(ctx, token, one); err != nil {
			return p.showAgain(c, s, lang, f, err)
		}
		f.do, f.held = doLanguage, one.held
		f.typed.Del(dayField)
	}
	if f.do == doLanguage {
		if f.met.IsZero() {
			p.remember(c, lang)
		}
		f.unsent = f.unsent || len(f.changed(p.pulse.now())) > 0
		// No answer is stored, so a half-typed one is neither lost nor taken;
		// what was pointed out before is pointed out again.
		if f.checked != "" {
			if _, wrong := sheet.Asked.Check(s.goalIDs, f.answers, f.checked == doFinal); len(wrong) > 0 {
				return p.showAgain(c, s, lang, f, &ProblemsError{wrong})
			}
		}
		return p.showAgain(c, s, lang, f, nil)
	}
	_, err = p.pulse.Submit(ctx, token, Submission{Answers: f.changed(p.pulse.now()), Final: f.do == doFinal, Merge: true, OpenedAt: f.opened})
	switch {
	case err == nil:
		return seeOther(c, url.Values{"done": {f.do}, "lang": {lang}})
	case errors.Is(err, ErrLink), errors.Is(err, ErrRevoked), errors.Is(err, ErrClosed):
		return p.refuse(c, s, err)
	}
	f.checked = f.do
	return p.showAgain(c, s, lang, f, err)
}

// seeOther leads on to the same page with other parameters.
func seeOther(c *gin.Context, parameters url.Values) error {
	return redirect(c, "?"+parameters.Encode())
}

// sheetView prepares the page of a sheet, filled in as f has it.
func (p *Pages) sheetView(ctx context.Context, s seat, sheet *Sheet, lang string, f form) (*sheetView, error) {
	view, err := newSheetView(sheet, lang, f)
	if err != nil {
		return nil, err
	}
	if view.Meetings, err = p.meetingsWith(ctx, s, sheet.kept, view.pageView); err != nil {
		// The log can wait; what was typed into the questions cannot.
		slog.WarnContext(ctx, "a page lacks its log of meetings", "program", s.program.ID, "error", err)
	}
	if view.Meetings == nil {
		return view, nil
	}
	view.Meetings.Typed = f.typed.Get(dayField)
	if !f.met.IsZero() {
		view.Meetings.done(f.met, f.held)
	}
	return view, nil
}

// showAgain shows the form with all that was entered, and why it was not taken.
func (p *Pages) showAgain(c *gin.Context, s seat, lang string, f form, why error) error {
	view, err := p.sheetView(c.Request.Context(), s, s.sheet(), lang, f)
	if err != nil {
		return err
	}
	view.Key = browserKey(c.Param("token"))
	view.Now = p.pulse.now().UnixMilli()
	view.Whose = whose(s, lang, c.Param("token"))
	if why == nil {
		return p.render(c, http.StatusOK, "sheet.html", view)
	}
	problem := web.AsProblem(c, p.phrase(lang, seat{}, why))
	if problem.RetryAfter > 0 {
		c.Header("Retry-After", "1")
	}
	view.point(problem, why)
	return p.render(c, problem.Status, "sheet.html", view)
}

// refuse answers with a page that says, in the reader's language, why the link
// or what was sent with it is not taken.
func (p *Pages) refuse(c *gin.Context, s seat, why error) error {
	lang := web.Language(c)
	if s.member != nil {
		lang = p.language(c, s)
	}
	problem := web.AsProblem(c, p.phrase(lang, s, why))
	view := closedView{pageView: pageView{Frame: web.Frame{Lang: lang, Title: problem.Title}, Out: wayOut(c, lang)}, Problem: problem}
	if errors.Is(why, ErrClosed) {
		view.Language = c.Param("token") + "/language"
		// Whoever cannot note meetings, for whatever reason, is told of the wave alone.
		if part, err := p.meetings(c.Request.Context(), s, view.pageView, c.Param("token")+"/meetings?lang="+lang); err == nil {
			view.Meetings = part
		}
	}
	if view.Meetings != nil || view.Out != "" && problem.RetryAfter == 0 {
		return p.render(c, problem.Status, "closed.html", view)
	}
	web.WriteProblemPage(c, lang, problem)
	return nil
}

// phrase gives the problem that a page shows for why. Other errors pass through.
func (p *Pages) phrase(lang string, s seat, why error) error {
	problem := func(status int, kind, detail string, pairs ...any) *web.Problem {
		return web.NewProblem(status, kind, texts().T(lang, kind), texts().T(lang, detail, pairs...))
	}
	if refused := refusal(lang, why); refused != nil {
		return refused
	}
	if refused := meetingProblem(lang, why); refused != nil {
		return refused
	}
	var wrong *ProblemsError
	switch {
	case errors.Is(why, ErrNotOpen), errors.Is(why, ErrClosed):
		kind, detail, at, status := "wave-not-open", "page-not-open-detail", s.wave.Opens, http.StatusForbidden
		if errors.Is(why, ErrClosed) {
			kind, detail, at, status = "wave-closed", "page-closed-detail", s.wave.Closes, http.StatusGone
		}
		zone, err := s.program.Location()
		if err != nil {
			return err
		}
		refused := problem(status, kind, detail, "when", moment(lang, at.In(zone)))
		if s.program.Contact != "" {
			refused.Detail += " " + texts().T(lang, "page-contact-detail", "contact", s.program.Contact)
		}
		return refused
	case errors.As(why, &wrong):
		return problem(http.StatusUnprocessableEntity, "answers-invalid", "page-invalid-detail", "count", len(wrong.Problems))
	}
	return why
}

// browserKey is the name under which a browser keeps what it could not send yet. It
// tells no link.
func browserKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:12])
}

func (p *Pages) render(c *gin.Context, status int, name string, view any) error {
	return web.Page(c, status, func(b *bytes.Buffer) error { return p.templates[name].Execute(b, view) })
}

// moment writes out a point in time in its zone: «27 листопада 2026, 18:00 за
// київським часом».
func moment(lang string, t time.Time) string {
	zone := t.Location().String()
	named := texts().T(lang, "page-zone-"+zone)
	if named == "page-zone-"+zone {
		named = texts().T(lang, "page-zone", "zone", zone)
	}
	return texts().T(lang, "page-moment", "day", t.Day(), "month", texts().T(lang, "page-month-"+t.Format("1")),
		"year", t.Year(), "clock", t.Format("15:04"), "zone", named)
}
