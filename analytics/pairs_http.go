package analytics

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// Routes adds the report to g, the group /api/v1/programs/:id, whose key check is
// the caller's.
func (p *Pairs) Routes(g gin.IRouter) { g.GET("/analytics/pairs", web.JSON(p.get)) }

func (p *Pairs) get(c *gin.Context) error {
	q := PairsQuery{Program: c.Param("id"), Lang: web.Language(c)}
	given, err := Parameters(c, "status", "limit", "cursor", "lang")
	if err != nil {
		return err
	}
	q.Status, q.Cursor = PairStatus(given["status"]), given["cursor"]
	if text, ok := given["limit"]; ok {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit == 0 {
			q.Limit = -1 // is refused in its turn
		}
	}
	out, err := p.Report(c.Request.Context(), q)
	if err != nil {
		return p.service.missing(q.Program, q.Lang, err)
	}
	c.Header("Content-Language", q.Lang)
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, out)
	return nil
}
