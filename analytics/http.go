package analytics

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// Routes adds the reports to g, the group /api/v1/programs/:id, whose key check
// is the caller's.
func (s *Service) Routes(g gin.IRouter) {
	for name, report := range s.reports() {
		g.GET("/analytics/"+name, web.JSON(serve(s, report, "wave", "by", "role", "compare", "lang")))
	}
	// These show all roles and attributes side by side.
	g.GET("/analytics/overview", web.JSON(serve(s, s.Overview, "wave", "lang")))
	g.GET("/analytics/alerts", web.JSON(serve(s, s.Alerts, "wave", "lang")))
	g.GET("/analytics/objectives", web.JSON(serve(s, s.Objectives, "wave", "lang")))
	s.objectiveRoutes(g)
	g.GET("/analytics/comments", web.JSON(s.serveComments))
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
		"benefits":      s.Benefits,
		"challenges":    s.Challenges,
		"drivers":       s.Drivers,
		"heatmap":       s.Heatmap,
		"trends":        s.Trends,
	}
}

// serve answers with a report that takes the named parameters.
func serve[T any](s *Service, report func(context.Context, Query) (*T, error), parameters ...string) web.Handler {
	return func(c *gin.Context) error {
		q, err := s.query(c, parameters...)
		if err != nil {
			return err
		}
		out, err := report(c.Request.Context(), q)
		return s.answer(c, q, out, err)
	}
}

// answer gives a report, or the problem in err.
func (s *Service) answer(c *gin.Context, q Query, out any, err error) error {
	if err != nil {
		return s.missing(q.Program, q.Lang, err)
	}
	c.Header("Content-Language", q.Lang)
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, out)
	return nil
}

// missing says that there is no such programme, when that is the error.
func (s *Service) missing(id, lang string, err error) error {
	if errors.Is(err, program.ErrNotFound) {
		return s.unknownProgram(lang, id)
	}
	return err
}

func (s *Service) serveComments(c *gin.Context) error {
	given, err := readParameters(c, []string{"wave", "role", "lang", "search", "cursor", "limit"}, "by") // which the report refuses
	if err != nil {
		return err
	}
	q := CommentsQuery{Query: Query{Program: c.Param("id"), Lang: web.Language(c), Wave: given["wave"], Role: program.Role(given["role"]), By: given["by"]},
		Search: given["search"], Cursor: given["cursor"]}
	if limit := given["limit"]; limit != "" {
		if q.Limit, err = strconv.Atoi(limit); err != nil || q.Limit == 0 {
			q.Limit = -1 // refused like any other limit that is none
		}
	}
	out, err := s.Comments(c.Request.Context(), q)
	return s.answer(c, q.Query, out, err)
}

// query decodes the parameters.
func (s *Service) query(c *gin.Context, known ...string) (Query, error) {
	q := Query{Program: c.Param("id"), Lang: web.Language(c)}
	given, err := Parameters(c, known...)
	q.Wave, q.By, q.Role, q.Compare = given["wave"], given["by"], program.Role(given["role"]), Comparison(given["compare"])
	return q, err
}
