package survey

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// meetingsJSON is what GET answers.
type meetingsJSON struct {
	First    string   `json:"first"`
	Last     string   `json:"last"`
	Meetings []string `json:"meetings"`
}

// meetingJSON is what POST takes and, when it is stored, answers.
type meetingJSON struct {
	Date string `json:"date" validate:"required,datetime=2006-01-02"`
	// Held is false to take back a meeting; left out, it was held.
	Held *bool `json:"held"`
}

func meetingDocument() document {
	return document{web.Document{Limit: 4 << 10, Example: `{"date": "2026-03-02"}`}, "meeting-invalid"}
}

func (a *API) getMeetings(c *gin.Context) error {
	privately(c)
	log, err := a.pulse.Meetings(c.Request.Context(), c.Param("token"))
	if err != nil {
		return LinkProblem(c, err)
	}
	out := meetingsJSON{First: log.First.Format(time.DateOnly), Last: log.Last.Format(time.DateOnly), Meetings: []string{}}
	for _, day := range log.Days {
		out.Meetings = append(out.Meetings, day.Format(time.DateOnly))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

func (a *API) postMeeting(c *gin.Context) error {
	privately(c)
	var m meetingJSON
	if err := a.decode(c, meetingDocument(), &m); err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, m.Date)
	if err != nil {
		return err // the validator has read it
	}
	held := m.Held == nil || *m.Held
	if err := a.pulse.Meet(c.Request.Context(), c.Param("token"), day, held); err != nil {
		return LinkProblem(c, err)
	}
	m.Held = &held
	c.JSON(http.StatusOK, m)
	return nil
}

// meetingProblem phrases why a meeting was not taken, in the same words on the
// page and in JSON; nil for any other error.
func meetingProblem(lang string, err error) *web.Problem {
	problem := func(status int, kind string) *web.Problem {
		return web.NewProblem(status, kind, texts().T(lang, kind), texts().T(lang, kind+"-detail"))
	}
	var wrong *DayError
	switch {
	case errors.Is(err, ErrNoPair):
		return problem(http.StatusForbidden, "no-pair")
	case errors.Is(err, ErrPairEnded):
		return problem(http.StatusGone, "pair-ended")
	case errors.As(err, &wrong):
		p := web.NewProblem(http.StatusUnprocessableEntity, "meeting-invalid", texts().T(lang, "meeting-invalid"), texts().T(lang, "answers-invalid-detail", "count", 1))
		p.Errors = []web.Field{{Item: "date", Code: wrong.Code, Detail: texts().T(lang, "day-"+wrong.Code, "first", writtenDay(lang, wrong.First), "last", writtenDay(lang, wrong.Last))}}
		return p
	}
	return nil
}

// writtenDay writes a day out: «2 березня 2026».
func writtenDay(lang string, day time.Time) string {
	return texts().T(lang, "page-day", "day", day.Day(), "month", texts().T(lang, "page-month-"+day.Format("1")), "year", day.Year())
}
