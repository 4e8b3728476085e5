package survey

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/web"
)

const (
	maxScheduleBody = 16 << 10
	maxKey          = 200
)

// ScheduleAPI shows and changes a programme's schedule over HTTP.
type ScheduleAPI struct{ planner *Planner }

// NewScheduleAPI makes the endpoints.
func NewScheduleAPI(planner *Planner) *ScheduleAPI { return &ScheduleAPI{planner} }

// Routes adds the endpoints to the group of a programme, which its key guards.
func (a *ScheduleAPI) Routes(g gin.IRouter) {
	g.GET("/schedule", web.JSON(a.get))
	g.POST("/schedule/:action", web.JSON(a.post))
}

func (a *ScheduleAPI) get(c *gin.Context) error {
	given, err := scheduleParameters(c, "survey", "lang")
	if err != nil {
		return err
	}
	out, err := a.planner.Calendar(c.Request.Context(), access.ProgramOf(c), given["survey"], ShownAhead)
	if err != nil {
		return ScheduleProblem(web.Language(c), err)
	}
	answerSchedule(c, out)
	return nil
}

// post makes one change, or with dry_run shows what it would make.
func (a *ScheduleAPI) post(c *gin.Context) error {
	lang := web.Language(c)
	given, err := scheduleParameters(c, "survey", "dry_run", "lang")
	if err != nil {
		return err
	}
	on := Terms{Survey: given["survey"], Match: c.GetHeader("If-Match"), Key: c.GetHeader("Idempotency-Key"), Show: ShownAhead}
	if text, there := given["dry_run"]; there {
		if on.DryRun, err = strconv.ParseBool(text); err != nil {
			// A mistyped dry run must not become a change.
			return problemOf(lang, http.StatusBadRequest, "schedule-bad-dry-run")
		}
	}
	if len(on.Key) > maxKey {
		return problemOf(lang, http.StatusBadRequest, "schedule-bad-key", "limit", maxKey)
	}
	if !slices.Contains(Actions(), Action(c.Param("action"))) {
		return ScheduleProblem(lang, refuse("unknown-action", "action", shortened(c.Param("action"))))
	}
	change, err := readChange(c)
	if err != nil {
		return err
	}
	out, err := a.planner.Change(c.Request.Context(), access.ProgramOf(c), change, on)
	if err != nil {
		return ScheduleProblem(lang, err)
	}
	answerSchedule(c, out)
	return nil
}

func answerSchedule(c *gin.Context, out Calendar) {
	c.Header("ETag", out.Tag)
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, out)
}

// scheduleParameters reads the address: each known parameter once, no other.
func scheduleParameters(c *gin.Context, known ...string) (map[string]string, error) {
	given := map[string]string{}
	for name, values := range c.Request.URL.Query() {
		if !slices.Contains(known, name) || len(values) > 1 {
			return nil, problemOf(web.Language(c), http.StatusBadRequest, "schedule-bad-parameter", "name", shortened(name))
		}
		given[name] = values[0]
	}
	return given, nil
}

// readChange reads the body, which may be empty where an action needs nothing;
// the action is in the address.
func readChange(c *gin.Context) (Change, error) {
	change := Change{Action: Action(c.Param("action"))}
	var fields struct {
		Wave string `json:"wave"`
		At   string `json:"at"`
		From string `json:"from"`
		To   string `json:"to"`
	}
	document := web.Document{Limit: maxScheduleBody, Optional: true, Example: `{"wave": "2026-05-04", "at": "2026-05-06T10:00"}`}
	if err := document.Read(c, &fields); err != nil {
		return change, err
	}
	change.Wave, change.At, change.From, change.To = fields.Wave, fields.At, fields.From, fields.To
	return change, nil
}

func problemOf(lang string, status int, kind string, pairs ...any) *web.Problem {
	return web.NewProblem(status, kind, texts().T(lang, kind), texts().T(lang, kind+"-detail", pairs...))
}

// ScheduleProblem phrases why a schedule is not shown or changed; other errors
// are returned as they are.
func ScheduleProblem(lang string, err error) error {
	var refused *ChangeError
	switch {
	case errors.As(err, &refused):
		return web.NewProblem(refused.status(), "schedule-"+refused.Code, refused.Title(lang), refused.Message(lang))
	case errors.Is(err, ErrScheduleChanged):
		return problemOf(lang, http.StatusPreconditionFailed, "schedule-changed")
	case errors.Is(err, ErrKeyReused):
		return problemOf(lang, http.StatusUnprocessableEntity, "schedule-key-reused")
	case errors.Is(err, ErrNoSurvey):
		return problemOf(lang, http.StatusNotFound, "schedule-no-survey")
	}
	return err
}

// status is 422 for what is wrong in itself, and 409 for what the schedule, as
// it is, does not allow.
func (e *ChangeError) status() int {
	switch e.Code {
	case "unknown-action":
		return http.StatusNotFound
	case "missing-wave", "missing-at", "needless", "bad-date", "bad-time", "too-far", "turned", "unknown-wave":
		return http.StatusUnprocessableEntity
	}
	return http.StatusConflict
}
