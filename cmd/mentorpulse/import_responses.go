package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
	"mentorpulse/survey"
)

// importResponsesCommand imports answers that another tool collected; with
// Preview it only says what that would change.
type importResponsesCommand struct {
	File     string `arg:"" help:"CSV or Excel: one row a respondent and wave, one column an item." type:"existingfile"`
	Program  string `required:"" help:"The programme's id; it is made when it does not exist." placeholder:"ID"`
	Mapping  string `required:"" help:"YAML file that says what the columns mean: see docs/past-answers.md." type:"existingfile" placeholder:"FILE"`
	Preview  bool   `help:"Only say what would change."`
	Name     string `help:"Name of a programme that is made; default: the mapping's title." placeholder:"NAME"`
	TimeZone string `help:"Time zone of a programme that is made, such as Europe/Kyiv." default:"UTC" placeholder:"ZONE"`
	Lang     string `help:"Language of the messages." enum:"uk,en" default:"en"`
}

// Run prints every problem by row and column, or what changed and how the
// imported scales came out.
func (i *importResponsesCommand) Run(ctx context.Context, g *Globals) (err error) {
	definition, err := readSmall(i.Mapping)
	if err != nil {
		return err
	}
	mapping, err := survey.LoadPastMapping(definition)
	if err != nil {
		return fmt.Errorf("%s: %w", i.Mapping, err)
	}
	t, err := i.table()
	if err != nil {
		return err
	}
	a, err := open(ctx, g, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return i.run(ctx, a, os.Stdout, t, mapping)
}

// maxMapping is the most a mapping file may weigh: hundreds of items fit in it.
const maxMapping = 1 << 20

// readSmall reads a file of at most maxMapping bytes.
func readSmall(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxMapping+1))
	if err == nil && len(text) > maxMapping {
		err = fmt.Errorf("%s has more than %d kB: a mapping names columns and scales only, see docs/past-answers.md", name, maxMapping>>10)
	}
	return text, err
}

func (i *importResponsesCommand) table() (*table.Table, error) {
	file, err := os.Open(i.File)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	t, err := table.Read(file, i.File, survey.PastLimits())
	var refused *table.Error
	if errors.As(err, &refused) {
		return nil, fmt.Errorf("%s: %s", i.File, refused.Message(i.Lang))
	}
	return t, err
}

func (i *importResponsesCommand) run(ctx context.Context, a *app, out io.Writer, t *table.Table, mapping *survey.PastMapping) error {
	draft := program.Program{
		ID: i.Program, Name: i.Name, Policy: program.Confidential, K: program.DefaultK, TimeZone: i.TimeZone, Languages: survey.Languages(),
	}
	if draft.Name == "" {
		draft.Name = mapping.Title.In(draft.Language(i.Lang))
	}
	importer := survey.NewPastImporter(a.programs, a.surveys, a.secret, time.Now)
	act, verb := importer.Import, "Imported"
	if i.Preview {
		act, verb = importer.Preview, "Would import"
	}
	changes, problems, err := act(ctx, draft, t, mapping)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		for _, one := range problems {
			if _, err := fmt.Fprintln(out, one.Message(i.Lang)); err != nil {
				return err
			}
		}
		return fmt.Errorf("%s: %d problems; nothing was imported", i.File, len(problems))
	}
	if changes.Empty() {
		verb = "Nothing has changed in"
	}
	if err := writePastChanges(out, verb, changes); err != nil || i.Preview {
		return err
	}
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	return a.writePastScales(ctx, out, changes)
}

func writePastChanges(out io.Writer, verb string, c *survey.PastChanges) error {
	made := ""
	if c.NewProgram {
		made = ", a new one"
	}
	_, err := fmt.Fprintf(out, "%s survey %q (version %d) of programme %q%s: %d rows, %d of them without any answer\n",
		verb, c.Survey.Code, c.Questionnaire.Version, c.Program.ID, made, c.Rows, c.Silent)
	for _, line := range []struct {
		what  string
		count survey.PastCount
	}{{"waves", c.WaveCount}, {"participants", c.Participants}, {"invitations", c.Invitations}, {"responses", c.Responses}} {
		if err == nil {
			_, err = fmt.Fprintf(out, "  %-13s %d new, %d changed, %d as before\n", line.what, line.count.Added, line.count.Changed, line.count.Unchanged)
		}
	}
	return err
}
