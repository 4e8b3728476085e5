package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
}

// NewScheduler makes a scheduler that goes by the clock now.
func NewScheduler(programs *program.Store, surveys *Store, now func() time.Time) *Scheduler {
	return &Scheduler{programs: programs, surveys: surveys, now: now}
}

// Run looks for what is due at once and then every interval, until ctx ends.
// What fails is logged and tried again the next time.
func (s *Scheduler) Run(ctx context.Context, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := s.Due(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "opening waves failed; it is tried again", "error", err, "in", interval)
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

// due opens the waves of a survey that are due and not over.
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
	for _, o := range occurrences {
		w := one.NewWave(o)
		if !w.Open(now) || !p.RunsAt(w.Opens, zone) {
			continue
		}
		invited, err := s.Open(ctx, p, one, w)
		if err != nil {
			return err
		}
		if invited > 0 {
			slog.InfoContext(ctx, "invited to a wave", "program", p.ID, "survey", one.Code, "wave", w.Occurrence, "participants", invited)
		}
	}
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

// pairsOn gives each participant's pair on a day.
func pairsOn(day time.Time, pairs []program.Pair) map[uuid.UUID]uuid.UUID {
	of := make(map[uuid.UUID]uuid.UUID, 2*len(pairs))
	for _, p := range pairs {
		if p.From.After(day) || !p.To.IsZero() && !p.To.After(day) {
			continue
		}
		of[p.Mentor], of[p.Mentee] = p.ID, p.ID
	}
	return of
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
