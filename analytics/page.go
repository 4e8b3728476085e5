package analytics

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

//go:embed pages/*.html
var pageFiles embed.FS

// Pages serves a programme's figures to its owner. A page shows what the
// reports hold and nothing else, so it passes no gate of its own.
type Pages struct {
	service   *Service
	templates map[string]*template.Template
}

// NewPages makes the owner's pages of s.
func NewPages(s *Service) *Pages {
	return &Pages{service: s, templates: web.MustParsePages(pageFiles, "pages/*.html")}
}

// Routes adds the pages to g, the group /programs/:id, whose key check is the
// caller's and leaves the programme for access.ProgramOf.
func (p *Pages) Routes(g gin.IRouter) {
	g.GET("", web.HTML(p.overview))
}

func (p *Pages) overview(c *gin.Context) error {
	q, err := p.query(c)
	if err != nil {
		return err
	}
	read, err := p.read(c.Request.Context(), q)
	if err != nil {
		return err
	}
	view := p.service.newOverview(access.ProgramOf(c), q, read)
	c.Header("Content-Language", q.Lang)
	c.Header("Cache-Control", "private, no-store")
	return web.Page(c, http.StatusOK, func(b *bytes.Buffer) error { return p.templates["overview.html"].Execute(b, view) })
}

// query decodes the filters, which live in the address: wave, by and lang.
func (p *Pages) query(c *gin.Context) (Query, error) {
	q, err := p.service.query(c, "wave", "by", "role", "compare", "lang")
	if err != nil {
		return q, err
	}
	if q.Role != "" {
		return q, web.NewProblem(http.StatusBadRequest, "no-role-filter", texts().T(q.Lang, "page-no-role-filter"),
			texts().T(q.Lang, "page-no-role-filter-detail", "value", echo(string(q.Role))))
	}
	q.Program = access.ProgramOf(c).ID
	return q, nil
}

// reportSet is a report of each kind, by kind.
type reportSet map[string]*Report

// evidence is what the overview is made from.
type evidence struct {
	all   reportSet // of every wave: for the trends
	shown reportSet // of the wave asked for, else of the newest with answers
	cut   reportSet // the same by the attribute asked for; nil without one
}

func (p *Pages) read(ctx context.Context, q Query) (evidence, error) {
	var e evidence
	var err error
	// What was asked for comes first: if there is no such wave, the rest need
	// not be read.
	if q.Wave != "" {
		if e.shown, err = p.reports(ctx, q); err != nil {
			return e, err
		}
	}
	if e.all, err = p.reports(ctx, Query{Program: q.Program, Lang: q.Lang}); err != nil {
		return e, err
	}
	switch {
	case q.Wave == "" && q.By == "":
		e.shown = e.all
	case q.Wave == "":
		e.shown = e.all
		// One wave, not the series of every segment.
		if q.Wave = "latest"; e.all["engagement"].Wave != nil {
			q.Wave = closedBy(*e.all["engagement"].Wave, e.all["engagement"].Waves)
		}
		e.cut, err = p.reports(ctx, q)
	case q.By != "":
		e.cut = e.shown
	}
	return e, err
}

// closedBy names the newest closed wave up to w, since segments are shown of
// those alone; w itself when there is none.
func closedBy(w Wave, waves []Wave) string {
	at := slices.IndexFunc(waves, func(o Wave) bool { return o.Label == w.Label })
	for i := at; i >= 0; i-- {
		if !waves[i].Open {
			return waves[i].Label
		}
	}
	return w.Label
}

// reports computes every report of q at once.
func (p *Pages) reports(ctx context.Context, q Query) (reportSet, error) {
	kinds := kinds()
	list := make([]*Report, len(kinds))
	group, ctx := errgroup.WithContext(ctx)
	compute := p.service.reports()
	for i, kind := range kinds {
		group.Go(func() (err error) {
			list[i], err = compute[kind](ctx, q)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	set := reportSet{}
	for i, kind := range kinds {
		set[kind] = list[i]
	}
	return set, nil
}

// kinds lists the reports in the order in which they are shown.
func kinds() []string {
	return []string{"participation", "engagement", "confidence", "retention", "goals"}
}

// pick finds the figure of a measure about a whole: the participants, or one
// role.
func pick(list []Figure, measure, scale string, role program.Role) (Figure, bool) {
	i := slices.IndexFunc(list, func(f Figure) bool {
		return f.Measure == measure && f.Scale == scale && f.Role == role && f.Segment == nil && f.Level == ""
	})
	if i < 0 {
		return Figure{}, false
	}
	return list[i], true
}
