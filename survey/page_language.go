package survey

import (
	"log/slog"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// The fields by which a page without questions changes its language.
const (
	languageField = "lang"
	backField     = "back" // the page to show again
)

// language is that of a page: the one asked for in the address, else the one that
// the participant chose, else the roster's.
func (p *Pages) language(c *gin.Context, s seat) string {
	if lang := readerLanguage(c, ""); lang != "" {
		return lang
	}
	return p.pulse.language(c.Request.Context(), s)
}

// remember keeps the language that was chosen. That can wait for the next time;
// the reader cannot.
func (p *Pages) remember(c *gin.Context, lang string) {
	if err := p.pulse.Speak(c.Request.Context(), c.Param("token"), lang); err != nil {
		slog.WarnContext(c.Request.Context(), "a language was not remembered", "error", err)
	}
}

// postLanguage remembers a language and shows the page again in it. Only a tap
// does so: whatever scans mail looks at links too.
func (p *Pages) postLanguage(c *gin.Context) error {
	privately(c)
	s, err := p.pulse.seatOf(c.Request.Context(), c.Param("token"))
	if err != nil {
		return p.refuse(c, s, err)
	}
	values, err := readForm(c, web.Language(c))
	if err != nil {
		return p.refuse(c, s, err)
	}
	lang := values.Get(languageField)
	if !slices.Contains(web.Supported(), lang) {
		lang = p.language(c, s)
	}
	p.remember(c, lang)
	to := url.Values{languageField: {lang}}
	address := "../" + c.Param("token")
	switch back := values.Get(backField); back {
	case "meetings", "mine":
		address = back
	case "thanks":
		to.Set("done", doFinal)
	}
	return redirect(c, address+"?"+to.Encode())
}
