package program

import (
	"context"
	"time"

	"mentorpulse/internal/table"
)

// Preview reads a roster and says what importing it into a programme would
// change on a day. With problems there are no changes to make; all of them are
// listed.
func (s *Store) Preview(ctx context.Context, p Program, t *table.Table, today time.Time) (Changes, *Roster, []Problem, error) {
	roster, problems := ReadRoster(t, p)
	if len(problems) > 0 {
		return Changes{}, nil, problems, nil
	}
	existing, err := s.Snapshot(ctx, p.ID)
	if err != nil {
		return Changes{}, nil, nil, err
	}
	changes := Compare(existing, roster, today)
	return changes, roster, changes.Conflicts, nil
}

// Import stores a roster, all of it or, with problems, nothing. Importing the
// same file again changes nothing.
func (s *Store) Import(ctx context.Context, p Program, t *table.Table, today time.Time) (Changes, *Roster, []Problem, error) {
	changes, roster, problems, err := s.Preview(ctx, p, t, today)
	if err != nil || len(problems) > 0 || changes.Empty() {
		return changes, roster, problems, err
	}
	return changes, roster, nil, s.Put(ctx, changes.Snapshot())
}
