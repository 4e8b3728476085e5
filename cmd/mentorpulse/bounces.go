package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
)

// bouncesCommand records messages that came back, from the mailbox that they came
// back to.
type bouncesCommand struct {
	programArg
	Mbox string `required:"" help:"Mailbox file (mbox) that holds the reports." type:"existingfile" placeholder:"FILE"`
}

// mailboxCount says what was in a mailbox file.
type mailboxCount struct {
	mail.BounceCount
	Others int `json:"other_messages"`
}

// Run reads the file, which stays as it is: reading it again changes nothing.
// While the service has the data directory open, the service reads it.
func (b *bouncesCommand) Run(ctx context.Context, g *Globals) error {
	var count mailboxCount
	err := b.in(ctx, g, func(a *app, p program.Program) error {
		file, err := os.Open(b.Mbox)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		count.BounceCount, count.Others, err = a.mailing.BouncedMailbox(ctx, p.ID, file)
		return errMailbox(b.Mbox, err)
	})
	if errors.Is(err, clickhouse.ErrDataInUse) {
		count, err = b.byService(ctx, g)
	}
	if err != nil {
		return err
	}
	fmt.Printf("bounces recorded: %d; about no message of %q: %d; messages that report none: %d\n", count.Recorded, b.Program, count.Unknown, count.Others)
	return nil
}

// byService sends the file to the service that listens on --addr, with the
// operator's key.
func (b *bouncesCommand) byService(ctx context.Context, g *Globals) (count mailboxCount, err error) {
	secret, err := g.secret()
	if err != nil {
		return count, err
	}
	file, err := os.Open(b.Mbox)
	if err != nil {
		return count, err
	}
	defer func() { _ = file.Close() }()
	address := "http://" + g.Addr + "/api/v1/programs/" + url.PathEscape(b.Program) + "/bounces.mbox"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, file)
	if err != nil {
		return count, err
	}
	req.Header.Set("Authorization", "Bearer "+access.NewOperators(secret).Key(b.Program))
	req.Header.Set("Content-Type", "application/mbox")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return count, fmt.Errorf("%s is in use, and no service answers on %s: give the --addr it listens on (%w)", g.Data, g.Addr, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		var problem struct{ Title, Detail string }
		_ = json.NewDecoder(res.Body).Decode(&problem)
		return count, fmt.Errorf("the service on %s refuses: %s %s %s", g.Addr, res.Status, problem.Title, problem.Detail)
	}
	return count, json.NewDecoder(res.Body).Decode(&count)
}
