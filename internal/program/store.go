package program

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

var (
	//go:embed queries/program.sql
	programSQL string
	//go:embed queries/programs.sql
	programsSQL string
	//go:embed queries/participants.sql
	participantsSQL string
	//go:embed queries/pairs.sql
	pairsSQL string
	//go:embed queries/goals.sql
	goalsSQL string
	//go:embed queries/roster_revision.sql
	rosterRevisionSQL string
)

// Store keeps programmes and who takes part in them.
type Store struct{ db *clickhouse.DB }

// NewStore makes a store on db.
func NewStore(db *clickhouse.DB) *Store { return &Store{db: db} }

// Snapshot is all that a programme's roster holds.
type Snapshot struct {
	Participants []Participant
	Pairs        []Pair
	Goals        []Goal
}

// PutProgram stores a programme, or its newer form. The error of a programme
// that is not valid lists everything that is wrong with it.
func (s *Store) PutProgram(ctx context.Context, p Program) error {
	if err := p.Validate(); err != nil {
		return err
	}
	p.Revision = revision()
	return clickhouse.Insert(ctx, s.db, programTable, []Program{p})
}

// Program returns a programme, or ErrNotFound.
func (s *Store) Program(ctx context.Context, id string) (Program, error) {
	row := s.db.QueryRow(ctx, programSQL, clickhouse.Named("program", id))
	p, err := scanProgram(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Program{}, fmt.Errorf("programme %q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Program{}, fmt.Errorf("programme %q: %w", id, err)
	}
	return p, nil
}

// Programs returns every programme of the installation, by id. It is the one
// read that is not of one programme: the scheduler and the first page need it.
func (s *Store) Programs(ctx context.Context) ([]Program, error) {
	return clickhouse.Collect(ctx, s.db, "programmes", programsSQL, func(rows driver.Rows) (Program, error) { return scanProgram(rows.Scan) })
}

func scanProgram(scan func(...any) error) (Program, error) {
	var (
		p      Program
		policy string
		k      uint8
		ends   *time.Time
	)
	err := scan(&p.ID, &p.Name, &policy, &k, &p.TimeZone, &p.Languages, &p.Attributes,
		&p.Starts, &ends, &p.Contact, &p.Demo, &p.KeyRevision, &p.Revision)
	p.Policy, p.K, p.Ends = Policy(policy), int(k), orZero(ends)
	return p, err
}

// Participants returns a programme's participants, by id.
func (s *Store) Participants(ctx context.Context, programID string) ([]Participant, error) {
	return clickhouse.Collect(ctx, s.db, "participants", participantsSQL, func(rows driver.Rows) (Participant, error) {
		var (
			p              Participant
			role           string
			left, from, to *time.Time
		)
		err := rows.Scan(&p.ProgramID, &p.ID, &p.ExternalID, &p.Email, &p.Name, &p.Language, &p.TimeZone, &role, &p.Attributes,
			&p.Joined, &left, &from, &to, &p.LinkRevision, &p.Revision)
		p.Role, p.Left, p.EmployedFrom, p.EmployedTo = Role(role), orZero(left), orZero(from), orZero(to)
		return p, err
	}, clickhouse.Named("program", programID))
}

// Pairs returns a programme's pairs, by id.
func (s *Store) Pairs(ctx context.Context, programID string) ([]Pair, error) {
	return clickhouse.Collect(ctx, s.db, "pairs", pairsSQL, func(rows driver.Rows) (Pair, error) {
		var (
			p     Pair
			ended *time.Time
		)
		err := rows.Scan(&p.ProgramID, &p.ID, &p.Mentor, &p.Mentee, &p.From, &ended, &p.Revision)
		p.To = orZero(ended)
		return p, err
	}, clickhouse.Named("program", programID))
}

// Goals returns the goals of a programme's pairs, by pair and code.
func (s *Store) Goals(ctx context.Context, programID string) ([]Goal, error) {
	return clickhouse.Collect(ctx, s.db, "goals", goalsSQL, func(rows driver.Rows) (Goal, error) {
		var (
			g      Goal
			levels []string
		)
		err := rows.Scan(&g.ProgramID, &g.Pair, &g.ID, &g.Code, &g.Title, &levels, &g.Weight, &g.Baseline, &g.Revision)
		copy(g.Levels[:], levels)
		return g, err
	}, clickhouse.Named("program", programID))
}

// Snapshot returns the whole roster of a programme.
func (s *Store) Snapshot(ctx context.Context, programID string) (Snapshot, error) {
	var (
		all Snapshot
		err error
	)
	if all.Participants, err = s.Participants(ctx, programID); err != nil {
		return Snapshot{}, err
	}
	if all.Pairs, err = s.Pairs(ctx, programID); err != nil {
		return Snapshot{}, err
	}
	all.Goals, err = s.Goals(ctx, programID)
	return all, err
}

// Put stores participants, pairs and goals, each replacing its older form.
// Participants go last: a roster that breaks off half-way invites nobody to a
// pair that is not there, and storing it again completes it.
func (s *Store) Put(ctx context.Context, all Snapshot) error {
	now := revision()
	// Each table a later one, so that RosterRevision, asked between two of
	// these inserts, differs from what it is after them.
	for i := range all.Goals {
		all.Goals[i].Revision = now
	}
	for i := range all.Pairs {
		all.Pairs[i].Revision = now + 1
	}
	for i := range all.Participants {
		all.Participants[i].Revision = now + 2
	}
	if err := clickhouse.Insert(ctx, s.db, goalTable, all.Goals); err != nil {
		return err
	}
	if err := clickhouse.Insert(ctx, s.db, pairTable, all.Pairs); err != nil {
		return err
	}
	return clickhouse.Insert(ctx, s.db, participantTable, all.Participants)
}

// RevokeLinks makes every link that a participant was sent invalid. A new link
// is made from the raised revision.
func (s *Store) RevokeLinks(ctx context.Context, programID string, participant uuid.UUID) error {
	all, err := s.Participants(ctx, programID)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.ID == participant {
			p.LinkRevision++
			return s.Put(ctx, Snapshot{Participants: []Participant{p}})
		}
	}
	return fmt.Errorf("participant %s of programme %q: %w", participant, programID, ErrNotFound)
}

// RosterRevision grows whenever the roster of a programme changes; what was
// read at one revision holds while it stays the same.
func (s *Store) RosterRevision(ctx context.Context, programID string) (uint64, error) {
	var r uint64
	if err := s.db.QueryRow(ctx, rosterRevisionSQL, clickhouse.Named("program", programID)).Scan(&r); err != nil {
		return 0, fmt.Errorf("roster of %q: %w", programID, err)
	}
	return r, nil
}

// revision orders the forms of a row: microseconds since 1970.
func revision() uint64 { return uint64(time.Now().UnixMicro()) }
