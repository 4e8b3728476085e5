package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"mentorpulse/internal/chat"
)

// serveCommand runs the service until it is told to stop.
type serveCommand struct {
	Demo        bool      `help:"Fill a new data directory with a demonstration programme and show its links on the first page." env:"MENTORPULSE_DEMO"`
	SMTP        mailFlags `embed:"" prefix:"smtp-"`
	ChatPrivate bool      `help:"Let chat channels be in private networks, and without TLS: for a chat server beside the service." env:"MENTORPULSE_CHAT_PRIVATE"`
}

const (
	// schedulerInterval is how late a wave may open.
	schedulerInterval = 15 * time.Second
	// stopTimeout is how long requests under way may take when stopping.
	stopTimeout = 20 * time.Second
)

// Run serves until ctx ends; then it finishes the requests under way, stores
// what was accepted and closes the store.
func (s *serveCommand) Run(ctx context.Context, g *Globals) (err error) {
	listener, err := net.Listen("tcp", g.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; stop what uses it or choose another --addr", g.Addr, err)
	}
	defer func() { _ = listener.Close() }()
	if g.URL == "" { // port 0 is known only now
		g.Addr = listener.Addr().String()
	}
	a, err := open(ctx, g, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if s.Demo {
		if err := a.demoWhenNew(ctx); err != nil {
			return err
		}
	}
	if err := s.SMTP.connect(ctx, a, g.DSN == ""); err != nil {
		return err
	}
	a.tellBy(chat.NewPoster(s.ChatPrivate), time.Now)
	if g.DSN == "" {
		a.chat = a.chat.Alone()
	}
	background, stop := context.WithCancel(ctx)
	wait := a.inBackground(background)
	defer func() { stop(); wait() }()
	if err := a.announce(ctx, g); err != nil {
		return err
	}
	return serve(ctx, listener, a.handler(g.loopback()))
}

// inBackground opens waves, sends messages and tells chat channels until ctx ends,
// and returns a function that waits until all have stopped.
func (a *app) inBackground(ctx context.Context) (wait func()) {
	var under sync.WaitGroup
	under.Go(func() { a.scheduler.Run(ctx, schedulerInterval) })
	under.Go(func() { a.mailing.Run(ctx, mailInterval) })
	under.Go(func() { a.chat.Run(ctx, schedulerInterval) })
	return under.Wait
}

// serve answers on listener until ctx ends, and then lets requests under way
// finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      5 * time.Minute, // a large workbook on a slow line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	slog.Info("stopping: finishing the requests under way")
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}

// announce prints where to go; that the service is ready comes last.
func (a *app) announce(ctx context.Context, g *Globals) error {
	var demos []demoLink
	if g.loopback() {
		var err error
		if demos, err = a.demoLinks(ctx); err != nil {
			return err
		}
	}
	for _, d := range demos {
		fmt.Printf("Demonstration programme %q\n  a participant's link   %s\n  the owner's address    %s\n  the owner's key        %s\n  the workbook           %s\n    curl -H 'Authorization: Bearer %s' -o report.xlsx '%s'\n\n",
			d.Program.ID, d.Participant, d.Owner, d.Key, d.Workbook, d.Key, d.Workbook)
	}
	fmt.Printf("mentorpulse %s is ready: %s\n", version, a.address)
	return nil
}
