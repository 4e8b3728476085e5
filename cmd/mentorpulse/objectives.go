package main

import (
	"context"
	"fmt"
	"os"

	"github.com/goccy/go-yaml"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// objectivesCommand sets what a programme wants to reach, or prints it.
type objectivesCommand struct {
	programArg
	File    string `arg:"" optional:"" type:"existingfile" help:"YAML file with the list of objectives; without it, those that are set are printed as such a file."`
	Preview bool   `help:"Only say what would change."`
	Lang    string `help:"Language of the messages." enum:"uk,en" default:"en"`
}

// Run prints every problem by its line, or what changed.
func (o *objectivesCommand) Run(ctx context.Context, g *Globals) error {
	if o.File == "" {
		return o.in(ctx, g, func(a *app, p program.Program) error { return printObjectives(ctx, a, p) })
	}
	data, err := os.ReadFile(o.File)
	if err != nil {
		return err
	}
	list, line, err := analytics.ReadObjectives(data)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	return o.in(ctx, g, func(a *app, p program.Program) error {
		changes, problems, err := a.analytics.SetObjectives(ctx, p, list, o.Preview)
		if err != nil {
			return err
		}
		for _, one := range problems {
			fmt.Printf("%s:%d: %s\n", o.File, line(one), one.Message(o.Lang))
		}
		if len(problems) > 0 {
			return fmt.Errorf("%s: %d problems; nothing was stored", o.File, len(problems))
		}
		verb := "Stored"
		if o.Preview {
			verb = "Would store"
		}
		fmt.Printf("%s objectives: %d new, %d changed, %d as before, %d removed\n", verb, changes.Added, changes.Changed, changes.Same, changes.Removed)
		return nil
	})
}

func printObjectives(ctx context.Context, a *app, p program.Program) error {
	stored, err := a.programs.Objectives(ctx, p.ID)
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(analytics.ListObjectives(stored))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}
