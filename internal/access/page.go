package access

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// RequirePage guards pages under /programs/:id as Require does reports. A
// browser asks for the key by itself; who gives up on it sees a page that says
// where the key comes from.
func (o Owners) RequirePage(programs Programs) gin.HandlerFunc {
	return func(c *gin.Context) {
		p, err := authorize(c, programs, o.Opens)
		if err != nil {
			lang := web.Language(c)
			var problem *web.Problem
			if errors.As(err, &problem) && problem.Status == http.StatusUnauthorized {
				shown := *problem
				shown.Detail = messages().T(lang, "key-page")
				err = &shown
			}
			web.WriteProblemPage(c, lang, web.AsProblem(c, err))
			return
		}
		c.Set(programKey, p)
		c.Next()
	}
}
