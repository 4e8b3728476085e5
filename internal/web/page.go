package web

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
)

// pagePolicy lets a page use this service's own style, script and images, send
// its forms and what its script keeps here, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Page renders to memory first, so that a template which fails gives an error
// and not half a page. Pages are strict: nothing of a third party runs in them,
// nobody frames them, and their address, which may be all it takes to read
// them, is told to no other site.
func Page(c *gin.Context, status int, execute func(*bytes.Buffer) error) error {
	var buf bytes.Buffer
	buf.Grow(32 << 10)
	if err := execute(&buf); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	c.Data(status, "text/html; charset=utf-8", buf.Bytes())
	return nil
}

// HTML adapts a handler as JSON does, for pages: its error becomes a page that
// says what went wrong and what to do.
func HTML(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			WriteProblemPage(c, Language(c), AsProblem(c, err))
		}
	}
}

// problemPage is what the page of a problem shows.
type problemPage struct {
	Frame
	Problem *Problem
	Again   string // what the link to try again says; empty when that would not help
}

// WriteProblemPage answers with p as a page in lang and ends the chain.
func WriteProblemPage(c *gin.Context, lang string, p *Problem) {
	view := problemPage{Frame: Frame{Lang: lang, Title: p.Title}, Problem: p}
	if p.RetryAfter > 0 {
		c.Header("Retry-After", fmt.Sprint(p.RetryAfter))
		view.Again = T(lang, "again")
	}
	c.Abort()
	err := Page(c, p.Status, func(b *bytes.Buffer) error { return ownPages()["problem.html"].Execute(b, view) })
	if err != nil { // the template is ours and tested; a plain answer is left
		c.String(http.StatusInternalServerError, "%s\n%s\n", p.Title, p.Detail)
	}
}
