package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"mentorpulse/exports"
	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/migrations"
	"mentorpulse/survey"
)

// programArg names the programme that a command is about.
type programArg struct {
	Program string `arg:"" help:"The programme's id."`
}

// in opens the store and finds the programme for a command that works on it.
func (a programArg) in(ctx context.Context, g *Globals, work func(*app, program.Program) error) (err error) {
	app, err := open(ctx, g, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	p, err := app.programs.Program(ctx, a.Program)
	if err != nil {
		return err
	}
	return work(app, p)
}

// keyCommand prints the owner's key.
type keyCommand struct {
	programArg
	Renew bool `help:"Make the keys given out so far invalid first."`
}

// Run prints the key.
func (k *keyCommand) Run(ctx context.Context, g *Globals) error {
	return k.in(ctx, g, func(a *app, p program.Program) error {
		if k.Renew {
			p.KeyRevision++
			if err := a.programs.PutProgram(ctx, p); err != nil {
				return err
			}
		}
		fmt.Println(a.owners.Key(p))
		return nil
	})
}

// linksCommand prints personal links, for mail or a channel of one's own.
type linksCommand struct{ programArg }

// Run prints one row for each person invited to a wave that is open. While the
// service has the data directory open, it asks the service.
func (l *linksCommand) Run(ctx context.Context, g *Globals) error {
	err := l.fromStore(ctx, g)
	if errors.Is(err, clickhouse.ErrDataInUse) {
		return l.fromService(ctx, g)
	}
	return err
}

// fromService asks the service that listens on --addr, with the operator's key,
// which whoever can read the secret can make.
func (l *linksCommand) fromService(ctx context.Context, g *Globals) error {
	secret, err := g.secret()
	if err != nil {
		return err
	}
	address := "http://" + g.Addr + "/api/v1/programs/" + url.PathEscape(l.Program) + "/links.csv"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+access.NewOperators(secret).Key(l.Program))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s is in use, and no service answers on %s: give the --addr it listens on (%w)", g.Data, g.Addr, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service on %s refuses: %s; is %q one of its programmes, and its data directory %s?", g.Addr, res.Status, l.Program, g.Data)
	}
	_, err = io.Copy(os.Stdout, res.Body)
	return err
}

func (l *linksCommand) fromStore(ctx context.Context, g *Globals) error {
	return l.in(ctx, g, func(a *app, p program.Program) error {
		if err := a.scheduler.Due(ctx); err != nil {
			return err
		}
		links, err := a.pulse.OpenLinks(ctx, p.ID)
		if err != nil {
			return err
		}
		if len(links) == 0 {
			return fmt.Errorf("no wave of %q is open now; \"mentorpulse init %s\" prints when the next opens", p.ID, p.ID)
		}
		return survey.WriteLinks(os.Stdout, p, links, a.address)
	})
}

// revokeCommand makes a participant's links invalid.
type revokeCommand struct {
	programArg
	Participant string `arg:"" help:"The participant's id in the roster, or e-mail address."`
}

// Run counts the participant's link revision up.
func (r *revokeCommand) Run(ctx context.Context, g *Globals) error {
	return r.in(ctx, g, func(a *app, p program.Program) error {
		id, err := find(ctx, a, p, r.Participant)
		if err != nil {
			return err
		}
		if err := a.programs.RevokeLinks(ctx, p.ID, id); err != nil {
			return err
		}
		fmt.Println("The links given out so far are invalid; \"mentorpulse links\" prints the new one.")
		return nil
	})
}

func find(ctx context.Context, a *app, p program.Program, who string) (uuid.UUID, error) {
	people, err := a.programs.Participants(ctx, p.ID)
	if err != nil {
		return uuid.Nil, err
	}
	for _, one := range people {
		if one.ExternalID == who || strings.EqualFold(one.Email, who) {
			return one.ID, nil
		}
	}
	return uuid.Nil, fmt.Errorf("programme %q has no participant %q: give the id or the e-mail address as the roster has it", p.ID, who)
}

// reportCommand writes the evaluation workbook.
type reportCommand struct {
	programArg
	Out  string `short:"o" help:"File to write; default PROGRAM.xlsx." placeholder:"FILE"`
	Lang string `help:"Language of the workbook: uk or en; default the programme's." enum:"uk,en," default:""`
	Wave string `help:"The wave it is about; default the newest." placeholder:"WAVE"`
	By   string `help:"Attribute to cut the figures by." placeholder:"NAME"`
}

// Run writes to a file of its own first, so that a workbook which fails
// half-way never takes the place of a good one.
func (r *reportCommand) Run(ctx context.Context, g *Globals) error {
	return r.in(ctx, g, func(a *app, p program.Program) (err error) {
		out := r.Out
		if out == "" {
			out = p.ID + ".xlsx"
		}
		file, err := os.CreateTemp(filepath.Dir(out), "."+p.ID+"-*.xlsx")
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(file.Name()) }()
		evaluation, err := a.exports.Evaluation(ctx, p, exports.Options{Lang: r.Lang, Wave: r.Wave, By: r.By})
		if err == nil {
			err = evaluation.Encode(file)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		if err := errors.Join(os.Chmod(file.Name(), 0o644), os.Rename(file.Name(), out)); err != nil { //nolint:gosec // meant to be handed on
			return err
		}
		fmt.Println(out)
		return nil
	})
}

// migrateCommand brings the tables up to date.
type migrateCommand struct{}

// Run prints what was applied.
func (migrateCommand) Run(ctx context.Context, g *Globals) (err error) {
	db, err := clickhouse.Open(ctx, clickhouse.Config{DSN: g.DSN, DataDir: g.Data})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.CloseEngine()) }()
	applied, err := migrations.Up(ctx, db, migrations.Target{Cluster: g.Cluster})
	if err != nil {
		return err
	}
	for _, name := range applied {
		fmt.Println("applied", name)
	}
	fmt.Printf("%d migrations applied; the tables are up to date\n", len(applied))
	return nil
}
