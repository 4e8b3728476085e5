package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/analytics"
	"mentorpulse/exports"
	"mentorpulse/internal/access"
	"mentorpulse/internal/chat"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/openapi"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
	"mentorpulse/migrations"
	"mentorpulse/survey"
)

// app is the whole service, put together: every command and every end-to-end
// test starts the same thing.
type app struct {
	db        *clickhouse.DB
	secret    access.Secret
	programs  *program.Store
	surveys   *survey.Store
	pulse     *survey.Pulse
	scheduler *survey.Scheduler
	planner   *survey.Planner
	chat      *survey.Chat
	owners    access.Owners
	operators access.Operators
	analytics *analytics.Service
	exports   *exports.Source
	outbox    *mail.Outbox
	mailing   *survey.Mailing
	// address is where participants reach the service: http://127.0.0.1:8080
	address string
	// proxies are those whose word about a client's address counts.
	proxies web.Proxies
}

// open opens the store and puts the service together; now is its clock.
func open(ctx context.Context, g *Globals, now func() time.Time) (*app, error) {
	secret, err := g.secret()
	if err != nil {
		return nil, err
	}
	address, err := g.address()
	if err != nil {
		return nil, err
	}
	proxies, err := web.ParseProxies(g.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("--trusted-proxies: %w", err)
	}
	db, err := clickhouse.Open(ctx, clickhouse.Config{DSN: g.DSN, DataDir: g.Data})
	if err != nil {
		return nil, err
	}
	if g.Migrate {
		if _, err := migrations.Up(ctx, db, migrations.Target{Cluster: g.Cluster}); err != nil {
			return nil, errors.Join(err, db.CloseEngine())
		}
	}
	a, err := assemble(db, secret, address, now)
	if err != nil {
		return nil, errors.Join(err, db.CloseEngine())
	}
	a.proxies = proxies
	return a, nil
}

// assemble puts the service together on an open store.
func assemble(db *clickhouse.DB, secret access.Secret, address string, now func() time.Time) (*app, error) {
	a := &app{
		db: db, secret: secret, address: address,
		programs: program.NewStore(db), surveys: survey.NewStore(db), owners: access.NewOwners(secret), operators: access.NewOperators(secret),
	}
	a.pulse = survey.NewPulse(a.programs, a.surveys, secret, now)
	a.scheduler = survey.NewScheduler(a.programs, a.surveys, now)
	a.planner = survey.NewPlanner(a.surveys, now)
	a.sendBy(mail.Options{}, "")
	a.tellBy(chat.NewPoster(false), now)
	service, err := analytics.New(db, a.programs, a.surveys, survey.NewPseudonyms(secret))
	if err != nil {
		return nil, err
	}
	a.analytics = service
	a.exports = &exports.Source{Analyst: service, Surveys: a.surveys, Version: version, Now: now}
	return a, nil
}

// tellBy makes the notices to chat channels, which go out by a poster.
func (a *app) tellBy(poster *chat.Poster, now func() time.Time) {
	a.chat = survey.NewChat(a.programs, a.surveys, poster, a.secret, a.address, now)
}

// Close stores what was accepted and closes the store.
func (a *app) Close() error {
	err := a.outbox.Close()
	a.surveys.Close()
	return errors.Join(err, a.db.CloseEngine())
}

// secret is the one given, or on the embedded engine the one in the data
// directory. On a server it must be given: every process there needs the same.
func (g *Globals) secret() (access.Secret, error) {
	switch {
	case g.Secret != "":
		return access.ParseSecret(g.Secret)
	case g.DSN != "":
		return access.Secret{}, access.ErrNoSecret
	default:
		return access.FileSecret(g.Data)
	}
}

// address is where participants reach the service, without a slash at the end.
func (g *Globals) address() (string, error) {
	if g.URL == "" {
		return "http://" + g.Addr, nil
	}
	u, err := url.Parse(g.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("--url %q: write it as https://pulse.example.org", g.URL)
	}
	return strings.TrimRight(g.URL, "/"), nil
}

// loopback reports whether the service is for readers on this machine only: it
// listens there, and no other address was named as a proxy before it has one.
func (g *Globals) loopback() bool {
	if g.URL != "" {
		return false
	}
	host, _, err := net.SplitHostPort(g.Addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// router is the service's every page and endpoint. With showDemo its first page
// shows the links of the demonstration programme to readers on this machine.
func (a *app) router(showDemo bool) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	// What a client says of its own address counts for nothing, unless a.proxies
	// say it too.
	_ = r.SetTrustedProxies(nil)
	r.Use(logged, recovered)
	r.NoRoute(web.JSON(nothingHere))
	r.NoMethod(web.JSON(notThisWay))
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	r.GET("/readyz", web.JSON(a.ready))
	openapi.Routes(r)
	web.AssetRoutes(r)
	newFirstPage(a, showDemo).Routes(r)
	watch := survey.NewWatch(a.proxies, time.Now)
	entrance := survey.NewEntrance(a.pulse, watch, a.secret, a.address)
	entrance.Routes(r)
	posters := survey.NewPosters(a.pulse, a.address)
	linked := r.Group("", watch.Links, entrance.Follow)
	survey.NewPages(a.pulse).Beside(a.mailing).Routes(linked)
	survey.NewLeavingPages(a.mailing).Routes(linked)
	posters.LinkRoutes(linked)
	pages := r.Group("/programs/:id", a.owners.RequirePage(a.programs))
	analytics.NewPages(a.analytics, analytics.NewPairs(a.analytics, a.pulse), a.planner).Routes(pages)
	survey.NewMailPages(a.mailing).Routes(pages)
	posters.PageRoutes(pages)

	api := r.Group("/api/v1")
	survey.NewAPI(a.pulse).Routes(api.Group("", watch.Links))
	a.analytics.PublicRoutes(api)
	owned := api.Group("/programs/:id", a.owners.Require(a.programs))
	a.analytics.Routes(owned)
	posters.Routes(owned)
	analytics.NewPairs(a.analytics, a.pulse).Routes(owned)
	(&exports.API{Source: a.exports, Responses: &exports.Responses{DB: a.db, Surveys: a.surveys}}).Routes(owned)
	owner := survey.NewOwnerAPI(a.programs, a.pulse, a.address)
	owner.Routes(owned)
	survey.NewScheduleAPI(a.planner).Routes(owned)
	survey.NewChatAPI(a.chat).Routes(owned)
	operated := api.Group("/programs/:id", a.operators.Require(a.programs))
	owner.OperatorRoutes(operated)
	messages := survey.NewMailAPI(a.mailing)
	messages.Routes(owned)
	messages.OperatorRoutes(operated)
	return r
}

// handler is the router behind what holds for every request: other sites'
// pages cannot make a reader's browser change anything here, and HEAD is
// answered as GET is, without the body.
func (a *app) handler(showDemo bool) http.Handler {
	router := a.router(showDemo)
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c, _ := gin.CreateTestContext(w)
		c.Request = req
		lang := web.Language(c)
		web.WriteProblem(c, web.NewProblem(http.StatusForbidden, "cross-origin", web.T(lang, "cross-origin"), web.T(lang, "cross-origin-detail")))
	}))
	return sameOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodHead {
			req = req.Clone(req.Context())
			req.Method = http.MethodGet // net/http still leaves the body out
		}
		router.ServeHTTP(w, req)
	}))
}

func (a *app) ready(c *gin.Context) error {
	if err := a.db.Ping(c.Request.Context()); err != nil {
		slog.WarnContext(c.Request.Context(), "store does not answer", "error", err)
		p := web.NewProblem(http.StatusServiceUnavailable, "not-ready", "store does not answer", "")
		p.RetryAfter = 5
		return p
	}
	c.String(http.StatusOK, "ready\n")
	return nil
}

func nothingHere(c *gin.Context) error {
	lang := web.Language(c)
	return web.NewProblem(http.StatusNotFound, "not-found", web.T(lang, "not-found"), web.T(lang, "not-found-detail"))
}

func notThisWay(c *gin.Context) error {
	lang := web.Language(c)
	return web.NewProblem(http.StatusMethodNotAllowed, "method", web.T(lang, "method"), web.T(lang, "method-detail", "allowed", c.Writer.Header().Get("Allow")))
}

// logged writes one line a request: its route, never its address, which for a
// link is the token.
func logged(c *gin.Context) {
	began := time.Now()
	c.Next()
	level := slog.LevelDebug
	if c.Writer.Status() >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	slog.LogAttrs(c.Request.Context(), level, "request", slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.Int("status", c.Writer.Status()), slog.Duration("took", time.Since(began)))
}

// recovered turns a panic into an internal error and keeps the service up.
func recovered(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			err, ok := r.(error)
			if ok && errors.Is(err, http.ErrAbortHandler) {
				panic(r)
			}
			web.WriteProblem(c, web.AsProblem(c, fmt.Errorf("panic: %v\n%s", r, debug.Stack())))
		}
	}()
	c.Next()
}
