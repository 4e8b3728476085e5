package exports

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/analytics"
	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// workbookType is the media type of .xlsx.
const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// API serves the exports of one programme.
type API struct {
	Source    *Source
	Responses *Responses
}

// Routes adds the routes to the group of one programme (…/programs/:id), which
// must already be guarded by the programme's key.
func (a *API) Routes(g gin.IRouter) {
	g.GET("/report.xlsx", web.JSON(a.report))
	g.GET("/responses.xlsx", web.JSON(a.responses))
}

func (a *API) report(c *gin.Context) error {
	p := access.ProgramOf(c)
	given, err := analytics.Parameters(c, "wave", "by", "lang")
	if err != nil {
		return err
	}
	lang := cmp.Or(given["lang"], p.Language(""))
	e, err := a.Source.Evaluation(c.Request.Context(), p, Options{
		Lang: lang, Wave: given["wave"], By: given["by"], MadeBy: words(lang).t("made-by.owner"),
	})
	if err != nil {
		return err
	}
	return send(c, fileName(words(lang).t("file.report"), "evaluation", p, e.Made), e.Encode)
}

func (a *API) responses(c *gin.Context) error {
	p := access.ProgramOf(c)
	given, err := analytics.Parameters(c, "lang")
	if err != nil {
		return err
	}
	lang := cmp.Or(given["lang"], p.Language(""))
	if p.Policy != program.Identified {
		l := words(lang)
		return web.NewProblem(http.StatusForbidden, "not-identified", l.t("raw.refused"), l.t("raw.refused-"+string(p.Policy)))
	}
	encode := func(w io.Writer) error { return a.Responses.Encode(c.Request.Context(), w, p, lang) }
	return send(c, fileName(words(lang).t("file.responses"), "responses", p, a.Source.Now()), encode)
}

// send encodes to a temporary file first: until it is whole nothing is sent, so
// a failure is still an error and never a broken file.
func send(c *gin.Context, disposition string, encode func(io.Writer) error) error {
	file, err := os.CreateTemp("", "mentorpulse-export-*.xlsx")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	if err := encode(file); err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	c.DataFromReader(http.StatusOK, size, workbookType, file, map[string]string{
		"Content-Disposition": disposition, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	})
	return nil
}

// fileName is a Content-Disposition with a name in the reader's language and,
// for what cannot read that, one in ASCII (RFC 6266).
func fileName(title, ascii string, p program.Program, made time.Time) string {
	day := made.UTC().Format(time.DateOnly)
	if loc, err := p.Location(); err == nil {
		day = made.In(loc).Format(time.DateOnly)
	}
	name := strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/\:*?"<>|`, r) {
			return -1
		}
		return r
	}, title+" "+clean(p.Name, "")+" "+day)
	return fmt.Sprintf(`attachment; filename="%s-%s-%s.xlsx"; filename*=UTF-8''%s.xlsx`, ascii, p.ID, day, extValue(name))
}

// extValue encodes as RFC 8187 has it.
func extValue(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
