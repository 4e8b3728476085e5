// Package web holds what every page and endpoint shares: problems (RFC 9457),
// the reader's language, and the adapter between handlers that return errors
// and the router.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Problem is an error that may be shown to whoever asked, as RFC 9457 has it.
type Problem struct {
	// Type names the kind of problem, relative to the service's documentation.
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []Field `json:"errors,omitempty"`
	// RetryAfter, in seconds, goes into the header of that name when not 0.
	RetryAfter int `json:"-"`
}

// Field is a problem with one part of what was sent.
type Field struct {
	Item   string `json:"item,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// NewProblem makes a problem; kind is a short name such as "wave-closed".
func NewProblem(status int, kind, title, detail string) *Problem {
	return &Problem{Type: "/problems/" + kind, Title: title, Status: status, Detail: detail}
}

// Handler serves a request or returns why it cannot.
type Handler func(c *gin.Context) error

// JSON adapts a handler: its error becomes problem details. What is not a
// Problem is logged and shown as an internal error without its text.
func JSON(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			WriteProblem(c, AsProblem(c, err))
		}
	}
}

// WriteProblem answers with p and ends the chain.
func WriteProblem(c *gin.Context, p *Problem) {
	if p.RetryAfter > 0 {
		c.Header("Retry-After", fmt.Sprint(p.RetryAfter))
	}
	c.Header("Content-Type", "application/problem+json; charset=utf-8")
	c.AbortWithStatusJSON(p.Status, p)
}

// AsProblem gives the problem in err, or the internal error that hides it. A
// client that went away is not an error of ours.
func AsProblem(c *gin.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	lang := Language(c)
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		return NewProblem(499, "client-gone", T(lang, "client-gone"), "")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		slog.WarnContext(c.Request.Context(), "request took too long", "route", c.FullPath(), "error", err)
		p := NewProblem(http.StatusServiceUnavailable, "too-slow", T(lang, "too-slow"), T(lang, "try-again"))
		p.RetryAfter = 5
		return p
	}
	slog.ErrorContext(c.Request.Context(), "request failed", "method", c.Request.Method, "route", c.FullPath(), "error", err)
	return NewProblem(http.StatusInternalServerError, "internal", T(lang, "internal"), T(lang, "try-again"))
}
