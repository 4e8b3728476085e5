package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
)

// importCommand brings in what other programs hold.
type importCommand struct {
	Roster    importRosterCommand    `cmd:"" help:"Import a programme's participants, pairs and goals from CSV or Excel."`
	Responses importResponsesCommand `cmd:"" help:"Import answers from another tool from CSV or Excel."`
}

// importRosterCommand imports a roster; with Preview it only says what that
// would change.
type importRosterCommand struct {
	File    string `arg:"" help:"CSV or Excel: one row a participant." type:"existingfile"`
	Program string `required:"" help:"The programme's id." placeholder:"ID"`
	Preview bool   `help:"Only say what would change."`
	Lang    string `help:"Language of the messages." enum:"uk,en" default:"en"`
}

// Run prints every problem by row and column, or what changed.
func (i *importRosterCommand) Run(ctx context.Context, g *Globals) (err error) {
	file, err := os.Open(i.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	t, err := table.Read(file, i.File, table.DefaultLimits())
	var refused *table.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %s", i.File, refused.Message(i.Lang))
	}
	if err != nil {
		return err
	}
	a, err := open(ctx, g, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	p, err := a.programs.Program(ctx, i.Program)
	if errors.Is(err, program.ErrNotFound) {
		return fmt.Errorf("there is no programme %q yet: make it with \"mentorpulse init %s\"", i.Program, i.Program)
	}
	if err != nil {
		return err
	}
	act, verb := a.programs.Import, "Imported"
	if i.Preview {
		act, verb = a.programs.Preview, "Would import"
	}
	zone, err := p.Location()
	if err != nil {
		return err
	}
	changes, roster, problems, err := act(ctx, p, t, program.Day(time.Now(), zone))
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		for _, one := range problems {
			fmt.Println(one.Message(i.Lang))
		}
		return fmt.Errorf("%s: %d problems; nothing was imported", i.File, len(problems))
	}
	for _, c := range roster.Ignored {
		fmt.Printf("column %s (%q) is not used\n", c.Letter, c.Header)
	}
	fmt.Println(verb)
	printDifference("participants", changes.Participants)
	printDifference("pairs", changes.Pairs)
	printDifference("goals", changes.Goals)
	if i.Preview {
		return nil
	}
	// Who joined while a wave is open is asked in it.
	return a.scheduler.Due(ctx)
}

func printDifference[T any](what string, d program.Difference[T]) {
	fmt.Printf("  %-13s %d new, %d changed, %d as before, %d not in the file and left as they are\n", what, len(d.Added), len(d.Changed), len(d.Unchanged), len(d.Absent))
}
