package analytics

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// Routes adds the reports to g, the group /api/v1/programs/:id, whose key check
// is the caller's.
func (s *Service) Routes(g gin.IRouter) {
	for name, report := range s.reports() {
		g.GET("/analytics/"+name, web.JSON(s.serve(report)))
	}
}

// PublicRoutes adds what needs no key to g, the group /api/v1: GET /measures,
// the definitions of all measures.
func (s *Service) PublicRoutes(g gin.IRouter) {
	g.GET("/measures", web.JSON(func(c *gin.Context) error {
		lang := web.Language(c)
		c.Header("Content-Language", lang)
		c.JSON(http.StatusOK, gin.H{"measures": s.Definitions(lang)})
		return nil
	}))
}

func (s *Service) reports() map[string]func(context.Context, Query) (*Report, error) {
	return map[string]func(context.Context, Query) (*Report, error){
		"participation": s.Participation,
		"engagement":    s.Engagement,
		"confidence":    s.Confidence,
		"retention":     s.Retention,
		"goals":         s.Goals,
	}
}

func (s *Service) serve(report func(context.Context, Query) (*Report, error)) web.Handler {
	return func(c *gin.Context) error {
		q, err := s.query(c)
		if err != nil {
			return err
		}
		out, err := report(c.Request.Context(), q)
		if errors.Is(err, program.ErrNotFound) {
			return web.NewProblem(http.StatusNotFound, "unknown-program", s.messages.T(q.Lang, "unknown-program"),
				s.messages.T(q.Lang, "unknown-program-detail", "program", q.Program))
		}
		if err != nil {
			return err
		}
		c.Header("Content-Language", q.Lang)
		c.Header("Cache-Control", "private, no-store")
		c.JSON(http.StatusOK, out)
		return nil
	}
}

// query decodes the parameters. One that is misspelt is refused: to leave out a
// filter without a word would give figures about other people than were meant.
func (s *Service) query(c *gin.Context) (Query, error) {
	q := Query{Program: c.Param("id"), Lang: web.Language(c)}
	refuse := func(kind, name string) error {
		return web.NewProblem(http.StatusBadRequest, kind, s.messages.T(q.Lang, kind), s.messages.T(q.Lang, kind+"-detail", "parameter", name))
	}
	all, err := url.ParseQuery(c.Request.URL.RawQuery) // URL.Query drops in silence what it cannot read
	if err != nil {
		return Query{}, refuse("unreadable-parameters", c.Request.URL.RawQuery)
	}
	for name, values := range all {
		if len(values) > 1 {
			return Query{}, refuse("repeated-parameter", name)
		}
		switch name {
		case "wave":
			q.Wave = values[0]
		case "by":
			q.By = values[0]
		case "role":
			q.Role = program.Role(values[0])
		case "lang":
		default:
			return Query{}, refuse("unknown-parameter", name)
		}
	}
	return q, nil
}
