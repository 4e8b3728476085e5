package survey

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
	"mentorpulse/internal/web"
)

// OwnerAPI is what people who run a programme need while the service runs.
type OwnerAPI struct {
	programs *program.Store
	pulse    *Pulse
	address  string
}

// NewOwnerAPI makes the endpoints; address is where participants reach the
// service.
func NewOwnerAPI(programs *program.Store, pulse *Pulse, address string) *OwnerAPI {
	return &OwnerAPI{programs: programs, pulse: pulse, address: address}
}

// Routes adds the owner's endpoints to the group of a programme, which its key
// guards.
func (a *OwnerAPI) Routes(g gin.IRouter) {
	g.POST("/roster", web.JSON(a.postRoster))
	g.GET("/help", web.JSON(a.getHelp))
}

// OperatorRoutes adds what only who runs the service may have to the group of a
// programme, which the operator's key guards: a link opens its participant's
// answers, so an owner who had them all could read what nobody may.
func (a *OwnerAPI) OperatorRoutes(g gin.IRouter) {
	g.GET("/links.csv", web.JSON(a.getLinks))
}

// getHelp lists who asks the programme team for help, the newest wave first.
func (a *OwnerAPI) getHelp(c *gin.Context) error {
	requests, err := a.pulse.HelpRequests(c.Request.Context(), access.ProgramOf(c))
	if err != nil {
		return err
	}
	privately(c)
	c.JSON(http.StatusOK, gin.H{"requests": requests})
	return nil
}

// getLinks gives the personal links of the open waves, to be sent by a channel
// of one's own.
func (a *OwnerAPI) getLinks(c *gin.Context) error {
	p := access.ProgramOf(c)
	links, err := a.pulse.OpenLinks(c.Request.Context(), p.ID)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := WriteLinks(&buf, p, links, a.address); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", `attachment; filename="`+p.ID+`-links.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", buf.Bytes())
	return nil
}

// rosterReport says what an import did, or with preview would do.
type rosterReport struct {
	Preview bool         `json:"preview"`
	People  differences  `json:"participants"`
	Pairs   differences  `json:"pairs"`
	Goals   differences  `json:"goals"`
	Ignored []ignoredCol `json:"ignored_columns,omitempty"`
}

// differences counts what is new, different, the same, and not in the file.
type differences struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Absent    int `json:"absent"`
}

type ignoredCol struct {
	Column string `json:"column"`
	Header string `json:"header"`
}

// postRoster imports the file that is the request's body; with ?preview=true it only
// says what that would change.
func (a *OwnerAPI) postRoster(c *gin.Context) error {
	p := access.ProgramOf(c)
	lang := web.Language(c)
	limits := table.DefaultLimits()
	t, err := table.Read(http.MaxBytesReader(c.Writer, c.Request.Body, limits.Bytes+1), "roster", limits)
	var refused *table.Error
	switch {
	case errors.As(err, &refused):
		return web.NewProblem(http.StatusUnprocessableEntity, "roster-unreadable", texts().T(lang, "roster-unreadable"), refused.Message(lang))
	case err != nil:
		return web.NewProblem(http.StatusBadRequest, "broken-off", texts().T(lang, "broken-off"), texts().T(lang, "broken-off-detail"))
	}
	act := a.programs.Import
	preview, err := strconv.ParseBool(c.DefaultQuery("preview", "false"))
	for name := range c.Request.URL.Query() {
		// A mistyped preview must not become an import.
		if err != nil || name != "preview" && name != "lang" {
			return web.NewProblem(http.StatusBadRequest, "unknown-parameter", texts().T(lang, "unknown-parameter"), texts().T(lang, "unknown-parameter-detail"))
		}
	}
	if preview {
		act = a.programs.Preview
	}
	zone, err := p.Location()
	if err != nil {
		return err
	}
	changes, roster, problems, err := act(c.Request.Context(), p, t, program.Day(time.Now(), zone))
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		out := web.NewProblem(http.StatusUnprocessableEntity, "roster-invalid", texts().T(lang, "roster-invalid"), texts().T(lang, "roster-invalid-detail", "count", len(problems)))
		for _, one := range problems {
			out.Errors = append(out.Errors, web.Field{Item: place(one), Code: string(one.Code), Detail: one.Message(lang)})
		}
		return out
	}
	report := rosterReport{
		Preview: preview, People: count(changes.Participants), Pairs: count(changes.Pairs), Goals: count(changes.Goals),
	}
	for _, col := range roster.Ignored {
		report.Ignored = append(report.Ignored, ignoredCol{col.Letter, col.Header})
	}
	c.JSON(http.StatusOK, report)
	return nil
}

// place is where a problem is, as a spreadsheet program names it.
func place(p program.Problem) string { return p.Column + formatNumber(float64(p.Row)) }

func count[T any](d program.Difference[T]) differences {
	return differences{Added: len(d.Added), Changed: len(d.Changed), Unchanged: len(d.Unchanged), Absent: len(d.Absent)}
}
