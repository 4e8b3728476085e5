package survey

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
)

// PastImporter brings answers from another tool into a programme, under the
// same pseudonyms that answers by link have.
type PastImporter struct {
	programs   *program.Store
	surveys    *Store
	pseudonyms Pseudonyms
	now        func() time.Time
}

// NewPastImporter makes an importer; now is the clock by which waves are over.
func NewPastImporter(programs *program.Store, surveys *Store, secret access.Secret, now func() time.Time) *PastImporter {
	return &PastImporter{programs: programs, surveys: surveys, pseudonyms: NewPseudonyms(secret), now: now}
}

// PastChanges is what importing a file would do to a programme.
type PastChanges struct {
	Program    program.Program
	NewProgram bool
	Survey     Survey
	// Questionnaire is the version that the waves of the file have.
	Questionnaire *Questionnaire
	Waves         []Wave // of the file, in the order in which they opened
	Rows          int    // respondents and waves in the file
	Silent        int    // of them, those without any answer: invited, no response
	// What the import writes, and what is there already.
	WaveCount, Participants, Invitations, Responses PastCount

	definition []byte // of a new version of the questionnaire
	newSurvey  bool
	waves      []Wave // to be written
	people     []program.Participant
	invited    []Invitation
	responses  []Response
	visits     []Visit
}

// PastCount counts what is new, different and the same.
type PastCount struct{ Added, Changed, Unchanged int }

// note counts a thing and reports whether it has to be written.
func (c *PastCount) note(known, same bool) bool {
	switch {
	case !known:
		c.Added++
	case !same:
		c.Changed++
	default:
		c.Unchanged++
		return false
	}
	return true
}

// Empty reports whether the import would change nothing.
func (c *PastChanges) Empty() bool {
	return !c.NewProgram && !c.newSurvey && c.definition == nil &&
		len(c.waves)+len(c.people)+len(c.invited)+len(c.responses) == 0
}

// Preview reads past answers and says what importing them would change. draft
// is the programme to make when there is none with its id: its first day and
// attributes come from the file. With problems there are no changes to make;
// all of them are listed.
//
// People whom the roster knows, by the organisation's id or by e-mail address,
// stay as they are there; the others join it without a name or an address.
func (i *PastImporter) Preview(ctx context.Context, draft program.Program, t *table.Table, m *PastMapping) (*PastChanges, []PastProblem, error) {
	c := &PastChanges{Program: draft}
	stored, err := i.programs.Program(ctx, draft.ID)
	switch {
	case errors.Is(err, program.ErrNotFound):
		c.NewProgram = true
		for _, a := range m.Attributes {
			c.Program.Attributes = append(c.Program.Attributes, a.Name)
		}
		err = c.Program.Validate()
	case err == nil:
		c.Program = stored
	}
	if err != nil {
		return nil, nil, err
	}
	zone, err := c.Program.Location()
	if err != nil {
		return nil, nil, err
	}
	past, problems := ReadPast(t, m, zone, i.now())
	problems = append(problems, undeclared(c.Program, m)...)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	if c.NewProgram {
		c.Program.Starts = program.Day(past.waves[0].Opens, zone)
	}
	if problems, err = i.plan(ctx, c, past, zone); err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	return c, nil, nil
}

// undeclared lists the attributes of a mapping that the programme has not.
func undeclared(p program.Program, m *PastMapping) []PastProblem {
	var problems []PastProblem
	for _, a := range m.Attributes {
		if !slices.Contains(p.Attributes, a.Name) {
			known := strings.Join(p.Attributes, ", ")
			if known == "" {
				known = "—"
			}
			problems = append(problems, PastProblem{Code: PastAttributeUndeclared, Value: a.Name, Detail: known})
		}
	}
	return problems
}

// Import stores past answers, all of them or, with problems, nothing. Importing
// the same file again changes nothing.
func (i *PastImporter) Import(ctx context.Context, draft program.Program, t *table.Table, m *PastMapping) (*PastChanges, []PastProblem, error) {
	c, problems, err := i.Preview(ctx, draft, t, m)
	if err != nil || len(problems) > 0 || c.Empty() {
		return c, problems, err
	}
	return c, nil, i.store(ctx, c)
}

// store writes the changes. What makes the answers visible goes last, the waves
// and then a new programme, so that an import that breaks off shows nothing of
// itself; importing the file again completes it.
func (i *PastImporter) store(ctx context.Context, c *PastChanges) error {
	s := i.surveys
	if c.definition != nil {
		if _, err := s.PutQuestionnaire(ctx, c.Program.ID, c.definition); err != nil {
			return err
		}
	}
	if err := s.PutAll(ctx, c.responses); err != nil {
		return err
	}
	if err := clickhouse.Insert(ctx, s.db, visitTable, c.visits); err != nil {
		return err
	}
	if err := i.programs.Put(ctx, program.Snapshot{Participants: c.people}); err != nil {
		return err
	}
	if err := s.Invite(ctx, c.invited); err != nil {
		return err
	}
	if c.newSurvey {
		if err := s.PutSurvey(ctx, c.Survey); err != nil {
			return err
		}
	}
	for n := range c.waves {
		c.waves[n].Revision = s.revision()
	}
	if err := clickhouse.Insert(ctx, s.db, waveTable, c.waves); err != nil {
		return err
	}
	if c.NewProgram {
		return i.programs.PutProgram(ctx, c.Program)
	}
	return nil
}
