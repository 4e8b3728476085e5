package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/analytics"
	"mentorpulse/exports"
	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
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
	owners    access.Owners
	analytics *analytics.Service
	exports   *exports.Source
	// address is where participants reach the service: http://127.0.0.1:8080
	address string
}

// open opens the store and puts the service together; now is its clock.
func open(ctx context.Context, g *Globals, now func() time.Time) (*app, error) {
	secret, err := g.secret()
	if err != nil {
		return nil, err
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
	a, err := assemble(db, secret, g.address(), now)
	if err != nil {
		return nil, errors.Join(err, db.CloseEngine())
	}
	return a, nil
}

// assemble puts the service together on an open store.
func assemble(db *clickhouse.DB, secret access.Secret, address string, now func() time.Time) (*app, error) {
	a := &app{
		db: db, secret: secret, address: address,
		programs: program.NewStore(db), surveys: survey.NewStore(db), owners: access.NewOwners(secret),
	}
	a.pulse = survey.NewPulse(a.programs, a.surveys, secret, now)
	a.scheduler = survey.NewScheduler(a.programs, a.surveys, now)
	service, err := analytics.New(db, a.programs, a.surveys)
	if err != nil {
		return nil, err
	}
	a.analytics = service
	a.exports = &exports.Source{Analyst: service, Surveys: a.surveys, Version: version, Now: now}
	return a, nil
}

// Close stores what was accepted and closes the store.
func (a *app) Close() error {
	a.surveys.Close()
	return a.db.CloseEngine()
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

func (g *Globals) address() string {
	if g.URL != "" {
		return g.URL
	}
	return "http://" + g.Addr
}

// loopback reports whether the service can be reached from this machine only.
func (g *Globals) loopback() bool {
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
	// No proxy is trusted: what a client says of its own address counts for
	// nothing.
	_ = r.SetTrustedProxies(nil)
	r.Use(logged, recovered)
	r.NoRoute(web.JSON(nothingHere))
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	r.GET("/readyz", web.JSON(a.ready))
	web.AssetRoutes(r)
	newFirstPage(a, showDemo).Routes(r)
	survey.NewPages(a.pulse).Routes(r)
	analytics.NewPages(a.analytics).Routes(r.Group("/programs/:id", a.owners.RequirePage(a.programs)))

	api := r.Group("/api/v1")
	survey.NewAPI(a.pulse).Routes(api)
	a.analytics.PublicRoutes(api)
	owned := api.Group("/programs/:id", a.owners.Require(a.programs))
	a.analytics.Routes(owned)
	(&exports.API{Source: a.exports, Responses: &exports.Responses{DB: a.db, Surveys: a.surveys}}).Routes(owned)
	survey.NewOwnerAPI(a.programs, a.pulse, a.address).Routes(owned)
	return r
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
			if r == http.ErrAbortHandler {
				panic(r)
			}
			web.WriteProblem(c, web.AsProblem(c, fmt.Errorf("panic: %v", r)))
		}
	}()
	c.Next()
}
