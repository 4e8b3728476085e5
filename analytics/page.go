package analytics

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

//go:embed pages/*.html
var pageFiles embed.FS

// Pages serves a programme's figures to its owner. A page shows what the
// reports hold and nothing else, so it passes no gate of its own.
type Pages struct {
	service   *Service
	pairs     *Pairs
	planner   *survey.Planner
	templates map[string]*template.Template
}

// NewPages makes the owner's pages of s, of its pairs and of the schedule.
func NewPages(s *Service, pairs *Pairs, planner *survey.Planner) *Pages {
	return &Pages{service: s, pairs: pairs, planner: planner, templates: web.MustParsePages(pageFiles, "pages/*.html")}
}

// page is one of the owner's pages.
type page struct {
	// name is that of its address and of its texts; empty for the overview, which
	// stands at the programme itself.
	name string
	// template is the file in pages/ that shows what make returns.
	template string
	// filters are what the page can be narrowed by, of "wave", "by", "compare" and
	// "role".
	filters []string
	// more are parameters of its own.
	more []string
	// make computes what the page shows, and that alone.
	make func(*board, context.Context) (any, error)
}

// pages lists the pages in the order of the navigation.
func pages() []page {
	waves, all := []string{"wave", "by", "compare"}, []string{"wave", "by", "compare", "role"}
	return []page{
		{"", "overview.html", waves, nil, (*board).overview},
		{"participation", "report.html", all, nil, (*board).participationPage},
		{"engagement", "report.html", all, nil, (*board).engagementPage},
		{"confidence", "report.html", all, nil, (*board).confidencePage},
		{"retention", "report.html", all, nil, (*board).retentionPage},
		{"goals", "report.html", all, nil, (*board).goalsPage},
		{"objectives", "objectives.html", []string{"wave"}, nil, (*board).objectivesPage},
		{"benefits", "report.html", all, nil, (*board).benefitsPage},
		{"challenges", "report.html", all, nil, (*board).challengesPage},
		{"heatmap", "report.html", all, nil, (*board).heatmapPage},
		{"drivers", "report.html", []string{"wave", "compare", "role"}, nil, (*board).driversPage},
		{"trends", "report.html", []string{"wave", "compare", "role"}, nil, (*board).trendsPage},
		{"comments", "comments.html", []string{"wave", "role"}, []string{"search", "cursor"}, (*board).commentsPage},
		{"pairs", "pairs.html", nil, []string{"status", "cursor"}, (*board).pairsPage},
		{"schedule", "schedule.html", nil, []string{"do", "of", "at", "first", "last", "done"}, (*board).schedulePage},
	}
}

// address is where the page of a programme is.
func (p page) address(programID string) string {
	if p.name == "" {
		return "/programs/" + programID
	}
	return "/programs/" + programID + "/" + p.name
}

// Routes adds the pages to g, the group /programs/:id, whose key check is the
// caller's and leaves the programme for access.ProgramOf.
func (p *Pages) Routes(g gin.IRouter) {
	for _, one := range pages() {
		path := ""
		if one.name != "" {
			path = "/" + one.name
		}
		g.GET(path, web.HTML(p.serve(one)))
	}
	g.POST("/schedule", web.HTML(p.changeSchedule))
}

func (p *Pages) serve(one page) web.Handler {
	return func(c *gin.Context) error {
		of := access.ProgramOf(c)
		q, more, chosen, err := p.service.filters(c, one)
		if err != nil {
			return err
		}
		q.Program = of.ID
		if chosen {
			// The form has several fields for what is one parameter: lead to the
			// address that can be shared.
			c.Redirect(http.StatusSeeOther, one.address(of.ID)+"?"+parameters(q))
			return nil
		}
		b, err := p.service.newBoard(c.Request.Context(), of, one, q)
		if err != nil {
			return err
		}
		b.pairs, b.planner, b.own = p.pairs, p.planner, more
		content, err := one.make(b, c.Request.Context())
		if err != nil {
			return err
		}
		view := b.sheet(content)
		c.Header("Content-Language", q.Lang)
		c.Header("Cache-Control", "private, no-store")
		return web.Page(c, http.StatusOK, func(buf *bytes.Buffer) error { return p.templates[one.template].Execute(buf, view) })
	}
}

// board makes the views of one page: it knows the reader's language, the query
// and which measures have been shown so far.
type board struct {
	words
	Query
	service  *Service
	pairs    *Pairs
	planner  *survey.Planner
	page     page
	own      map[string]string // the page's own parameters
	json     bool              // what is shown is a report of the page's name
	plain    string            // where what is shown is as JSON, when it is no report
	asked    *request          // the query, checked
	upTo     string            // the waves that the overview is of: those up to the newest closed one
	program  program.Program
	reports  map[string]evidence
	used     map[string]bool // measures on the page, by id
	drawings int
}

// newBoard checks the query first: if it names a wave that is not there, nothing
// else need be read.
func (s *Service) newBoard(ctx context.Context, p program.Program, one page, q Query) (*board, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	sharing := *s // of a wave and of its trend
	sharing.panels = r.panels
	return &board{words: words(q.Lang), Query: q, service: &sharing, page: one, asked: r, program: p,
		reports: map[string]evidence{}, used: map[string]bool{}}, nil
}
