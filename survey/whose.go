package survey

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// doneParameter says in a page's address what was just done.
const doneParameter = "done"

// whoseView says whose link it is, without a name, and leads out of it: a message
// with a link may have been forwarded. Its part is "whose".
type whoseView struct {
	Text  string
	Leave string // what the way out says
	To    string // where it leads
	// Shared: it is at an entry page, whose device others use too.
	Shared bool
}

// whose is the view for a participant; address is that under /s/ by which the
// page was reached.
func whose(s seat, lang, address string) whoseView {
	v := whoseView{
		Text:  texts().T(lang, "whose-"+string(s.invitation.Role), "program", s.program.Name) + " " + texts().T(lang, "whose-other"),
		Leave: texts().T(lang, "whose-leave"), To: address + "/leave?lang=" + lang,
	}
	if strings.HasPrefix(address, kioskPrefix) {
		v.Text = texts().T(lang, "whose-code-"+string(s.invitation.Role), "program", s.program.Name) + " " + texts().T(lang, "whose-kiosk")
		v.Leave, v.Shared = texts().T(lang, "whose-kiosk-leave"), true
	}
	return v
}

// wayOut is where who came with a code leaves a page that has no questions; empty
// for others.
func wayOut(c *gin.Context, lang string) string {
	here, _ := kioskOf(c)
	if here == "" {
		return ""
	}
	return strings.Repeat("../", strings.Count(c.FullPath(), "/")-2) + here + "/leave?lang=" + lang
}

// leftView is the page of who has left a link.
type leftView struct {
	pageView
	Contact string
	Back    string
}

// leave shows nothing of whose link it is but the programme's contact, and stores
// nothing. Who came with a code is led to the entry page.
func (e *Entrance) leave(c *gin.Context) error {
	address := c.Param("token")
	if here, _ := kioskOf(c); here != "" {
		of, _, _ := strings.Cut(strings.TrimPrefix(address, kioskPrefix), ".")
		e.end(c, of, leftEarly)
		return nil
	}
	s, err := e.pulse.find(c.Request.Context(), address)
	if problem := refusal(web.Language(c), err); problem != nil {
		return problem
	}
	if s.member == nil {
		return err
	}
	lang := readerLanguage(c, s.language)
	v := leftView{
		pageView: pageView{Frame: web.Frame{Lang: lang, Title: texts().T(lang, "left-title"), Owner: s.program.Name}},
		Back:     "../" + url.PathEscape(address) + "?lang=" + lang,
	}
	if s.program.Contact != "" {
		v.Contact = v.say("page-contact-detail", "contact", s.program.Contact)
	}
	return e.render(c, http.StatusOK, "left.html", v)
}
