package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/program"
)

// Scheduler makes waves and invitations appear when they are due. All it writes
// is derived from the survey and the day, so it may run in any number of
// processes, and again after a crash: nothing appears twice.
type Scheduler struct {
	programs *program.Store
	surveys  *Store
	now      func() time.Time
	mu       sync.Mutex
	// invited is what the rosters were when the open waves had everybody invited.
	invited map[uuid.UUID]rosterState
}

// rosterState is all on which depends who is invited to an open wave.
type rosterState struct {
	program, survey, roster uint64 // revisions
	day                     time.Time
	asked                   time.Time
}

// lookAgain is how long a roster is taken for unchanged at most: two that were
// stored by different processes at once may have crossed each other.
const lookAgain = 10 * time.Minute

// NewScheduler makes a scheduler that goes by the clock now.
func NewScheduler(programs *program.Store, surveys *Store, now func() time.Time) *Scheduler {
	return &Scheduler{programs: programs, surveys: surveys, now: now, invited: map[uuid.UUID]rosterState{}}
}

// Run looks for what is due at once and then every interval, until ctx ends.
// What fails is logged and tried again the next time.
func (s *Scheduler) Run(ctx context.Context, interval time.Duration) {
	repeat(ctx, interval, "opening waves", s.Due)
}

// repeat does what is due at once and then every interval, until ctx ends. What
// fails is logged and tried again the next time.
func repeat(ctx context.Context, interval time.Duration, what string, due func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := due(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, what+" failed; it is tried again", "error", err, "in", interval)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Due opens every wave that is due in any programme, and invites who joined an
// open one since. One programme's failure does not hold up the others.
func (s *Scheduler) Due(ctx context.Context) error {
	programs, err := s.programs.Programs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range programs {
		surveys, err := s.surveys.Surveys(ctx, p.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, one := range surveys {
			if err := s.due(ctx, p, one); err != nil {
				errs = append(errs, fmt.Errorf("survey %q of programme %q: %w", one.Code, p.ID, err))
			}
		}
	}
	return errors.Join(errs...)
}

// due invites who is missing from the survey's open waves, and opens those that
// are due and not over. What is open goes by its own row, whatever has become of
// the rule since; nothing need be done to close a wave, which is over when its
// time is.
func (s *Scheduler) due(ctx context.Context, p program.Program, one Survey) error {
	now := s.now()
	zone, err := p.Location()
	if err != nil {
		return err
	}
	occurrences, err := one.Recurrence.Occurrences(now.Add(-longestOpen), now.Add(time.Second))
	if err != nil {
		return err
	}
	waves, err := s.surveys.Waves(ctx, p.ID)
	if err != nil {
		return err
	}
	known := map[uuid.UUID]bool{}
	var due []Wave
	for _, w := range waves {
		known[w.ID] = true
		if w.SurveyID == one.ID && w.Open(now) {
			due = append(due, w)
		}
	}
	for _, o := range occurrences {
		if w := one.NewWave(o); !known[w.ID] && w.Open(now) && p.RunsAt(w.Opens, zone) {
			due = append(due, w)
		}
	}
	for _, w := range due {
		if err := s.invitable(ctx, p, one, w, program.Day(now, zone)); err != nil {
			return err
		}
	}
	return nil
}

// invitable opens the wave unless that was done already and nobody can have
// joined since.
func (s *Scheduler) invitable(ctx context.Context, p program.Program, one Survey, w Wave, day time.Time) error {
	roster, err := s.programs.RosterRevision(ctx, p.ID)
	if err != nil {
		return err
	}
	state := rosterState{p.Revision, one.Revision, roster, day, s.now()}
	s.mu.Lock()
	last, done := s.invited[w.ID]
	s.mu.Unlock()
	since := state.asked.Sub(last.asked)
	last.asked = state.asked
	if done && last == state && since >= 0 && since < lookAgain {
		return nil
	}
	invited, err := s.Open(ctx, p, one, w)
	if err != nil {
		return err
	}
	if invited > 0 {
		slog.InfoContext(ctx, "invited to a wave", "program", p.ID, "survey", one.Code, "wave", w.Occurrence, "participants", invited)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, other := range s.invited { // waves that nobody is invited to any more
		if state.asked.Sub(other.asked) > 2*lookAgain {
			delete(s.invited, id)
		}
	}
	s.invited[w.ID] = state
	return nil
}

// longestOpen is how far back a wave that is still open can have opened.
const longestOpen = (maxOpenDays + 1) * 24 * time.Hour

// Open makes the wave and invites the survey's audience, leaving both as they
// are where they exist: who is invited already keeps their invitation, and the
// wave its number. Invitations go first, so that a wave that is there has
// somebody in it. It returns how many were invited now.
func (s *Scheduler) Open(ctx context.Context, p program.Program, one Survey, w Wave) (invited int, err error) {
	waves, err := s.surveys.Waves(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	w.Number = 1
	for _, other := range waves {
		if other.ID == w.ID {
			return s.invite(ctx, p, one, other)
		}
		if other.SurveyID == w.SurveyID {
			w.Number = max(w.Number, other.Number+1)
		}
	}
	if invited, err = s.invite(ctx, p, one, w); err != nil {
		return 0, err
	}
	return invited, s.surveys.PutWave(ctx, w)
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
