package analytics

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// ObjectiveChanges says what storing a list did, or with a preview would do.
type ObjectiveChanges struct {
	Preview bool `json:"preview"`
	Added   int  `json:"added"`
	Changed int  `json:"changed"`
	Same    int  `json:"unchanged"`
	Removed int  `json:"removed"`
}

// SetObjectives makes a list the objectives of a programme; with preview it only
// says what that would change. With any problem it stores nothing.
func (s *Service) SetObjectives(ctx context.Context, p program.Program, list ObjectiveList, preview bool) (ObjectiveChanges, []ObjectiveProblem, error) {
	changes := ObjectiveChanges{Preview: preview}
	checked, problems, err := s.CheckObjectives(ctx, p, list)
	if err != nil || len(problems) > 0 {
		return changes, problems, err
	}
	stored, err := s.programs.Objectives(ctx, p.ID)
	if err != nil {
		return changes, nil, err
	}
	before := map[string]string{}
	for _, o := range stored {
		before[o.Code] = tagOf(entryOf(o))
	}
	for _, o := range checked {
		switch was, known := before[o.Code]; {
		case !known:
			changes.Added++
		case was == tagOf(entryOf(o)):
			changes.Same++
		default:
			changes.Changed++
		}
		delete(before, o.Code)
	}
	changes.Removed = len(before)
	if preview {
		return changes, nil, nil
	}
	return changes, nil, s.programs.SetObjectives(ctx, p.ID, checked)
}

// tagOf tells contents apart (RFC 9110 entity tag).
func tagOf(content any) string {
	text, _ := json.Marshal(content) // of texts and finite numbers
	sum := sha256.Sum256(text)
	return strconv.Quote(hex.EncodeToString(sum[:12]))
}

func (s *Service) objectiveRoutes(g gin.IRouter) {
	g.GET("/objectives", web.JSON(s.getObjectives))
	g.PUT("/objectives", web.JSON(s.putObjectives))
}

func (s *Service) getObjectives(c *gin.Context) error {
	if _, err := Parameters(c, "lang"); err != nil {
		return err
	}
	p, err := s.programOf(c)
	if err != nil {
		return err
	}
	return s.answerObjectives(c, p)
}

func (s *Service) answerObjectives(c *gin.Context, p program.Program) error {
	stored, err := s.programs.Objectives(c.Request.Context(), p.ID)
	if err != nil {
		return err
	}
	list := ListObjectives(stored)
	c.Header("ETag", tagOf(list))
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, list)
	return nil
}

// putObjectives replaces the list. With If-Match it does so only if the list is
// still the one that was read.
func (s *Service) putObjectives(c *gin.Context) error {
	lang := web.Language(c)
	given, err := Parameters(c, "preview", "lang")
	if err != nil {
		return err
	}
	preview, err := strconv.ParseBool(given["preview"])
	if err != nil && given["preview"] != "" {
		// A mistyped preview must not become a change.
		return s.problem(lang, http.StatusBadRequest, "bad-preview", "value", echo(given["preview"]))
	}
	p, err := s.programOf(c)
	if err != nil {
		return err
	}
	var list ObjectiveList
	if err := objectivesDocument().Read(c, &list); err != nil {
		return err
	}
	if match := c.GetHeader("If-Match"); match != "" && match != "*" {
		stored, err := s.programs.Objectives(c.Request.Context(), p.ID)
		if err != nil {
			return err
		}
		if match != tagOf(ListObjectives(stored)) {
			return s.problem(lang, http.StatusPreconditionFailed, "objectives-changed")
		}
	}
	changes, problems, err := s.SetObjectives(c.Request.Context(), p, list, preview)
	switch {
	case err != nil:
		return err
	case len(problems) > 0:
		out := s.problem(lang, http.StatusUnprocessableEntity, "objectives-invalid", "count", len(problems))
		for _, one := range problems {
			out.Errors = append(out.Errors, web.Field{Item: one.Item(), Code: one.Code, Detail: one.Message(lang)})
		}
		return out
	case preview:
		c.Header("Cache-Control", "private, no-store")
		c.JSON(http.StatusOK, changes)
		return nil
	}
	return s.answerObjectives(c, p)
}

func (s *Service) programOf(c *gin.Context) (program.Program, error) {
	p, err := s.programs.Program(c.Request.Context(), c.Param("id"))
	if errors.Is(err, program.ErrNotFound) {
		return p, s.unknownProgram(web.Language(c), c.Param("id"))
	}
	return p, err
}

func (s *Service) problem(lang string, status int, kind string, pairs ...any) *web.Problem {
	return web.NewProblem(status, kind, s.messages.T(lang, kind), s.messages.T(lang, kind+"-detail", pairs...))
}

func (s *Service) unknownProgram(lang, id string) *web.Problem {
	return s.problem(lang, http.StatusNotFound, "unknown-program", "program", echo(id))
}
