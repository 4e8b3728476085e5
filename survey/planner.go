package survey

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mentorpulse/internal/program"
)

// ErrScheduleChanged is returned when the schedule is no longer the one that a
// change was made for.
var ErrScheduleChanged = errors.New("the schedule has been changed since")

// ErrKeyReused is returned for a key that came with another change before.
var ErrKeyReused = errors.New("this key belongs to another change")

// ErrNoSurvey is returned for a programme without a survey, or without the one
// that is asked for.
var ErrNoSurvey = errors.New("no such survey")

// ShownAhead is how many waves an answer about the schedule shows.
const ShownAhead = 3

// keptKeys is how many changes are remembered by their keys.
const keptKeys = 20

// Planner shows and changes when a programme's survey is open.
type Planner struct {
	surveys *Store
	now     func() time.Time
	// changing keeps two changes in one process from taking no notice of each
	// other; between processes, the tag does.
	changing sync.Mutex
}

// NewPlanner makes a planner that goes by the clock now.
func NewPlanner(surveys *Store, now func() time.Time) *Planner {
	return &Planner{surveys: surveys, now: now}
}

// Calendar returns the schedule of a programme's survey with its next n waves.
// Without a code it is the survey that goes on. See ErrNoSurvey.
func (p *Planner) Calendar(ctx context.Context, of program.Program, code string, n int) (Calendar, error) {
	pl, err := p.plan(ctx, of, code)
	if err != nil {
		return Calendar{}, err
	}
	return pl.calendar(n)
}

// Terms are on what terms a change is asked for.
type Terms struct {
	Survey string // its code; empty for the one that goes on
	DryRun bool   // only show what would be
	// Match is the tag of the schedule that the change is meant for; empty for any.
	Match string
	// Key makes sending the change again do nothing; empty for none.
	Key  string
	Show int // how many of the next waves to show
}

// Change makes a change and returns the schedule as it then is, or with DryRun
// would be. A change that is refused is a *ChangeError; see also
// ErrScheduleChanged, ErrKeyReused and ErrNoSurvey. In each case nothing is
// stored.
func (p *Planner) Change(ctx context.Context, of program.Program, c Change, on Terms) (Calendar, error) {
	p.changing.Lock()
	defer p.changing.Unlock()
	pl, err := p.plan(ctx, of, on.Survey)
	if err != nil {
		return Calendar{}, err
	}
	if done, err := pl.done(c, on.Key); err != nil || done {
		if err != nil {
			return Calendar{}, err
		}
		return pl.calendar(on.Show)
	}
	tag := pl.tag()
	if on.Match != "" && on.Match != "*" && on.Match != tag {
		return Calendar{}, ErrScheduleChanged
	}
	changed, err := pl.apply(c)
	if err != nil {
		return Calendar{}, err
	}
	if on.DryRun {
		out, err := pl.calendar(on.Show)
		out.DryRun, out.Tag = true, tag
		return out, err
	}
	if changed {
		if err := p.store(ctx, pl, c, on.Key); err != nil {
			return Calendar{}, err
		}
		if pl, err = p.plan(ctx, of, pl.survey.Code); err != nil {
			return Calendar{}, err
		}
	}
	return pl.calendar(on.Show)
}

// store keeps what a change has made of a plan. The wave goes first: when the
// second write fails, the change can be sent again.
func (p *Planner) store(ctx context.Context, pl *plan, c Change, key string) error {
	if pl.row != nil {
		if err := p.surveys.PutWave(ctx, *pl.row); err != nil {
			return err
		}
	}
	one := pl.survey
	if key != "" {
		one.done = append(slices.Clone(one.done), doneChange{key, c.digest()})
		one.done = one.done[max(0, len(one.done)-keptKeys):]
	}
	return p.surveys.PutSurvey(ctx, one)
}

// done reports whether the change was made before under its key.
func (pl *plan) done(c Change, key string) (bool, error) {
	for _, one := range pl.survey.done {
		if key == "" || one.Key != key {
			continue
		}
		if one.Change != c.digest() {
			return false, ErrKeyReused
		}
		return true, nil
	}
	return false, nil
}

// plan reads the schedule of a survey.
func (p *Planner) plan(ctx context.Context, of program.Program, code string) (*plan, error) {
	surveys, err := p.surveys.Surveys(ctx, of.ID)
	if err != nil {
		return nil, err
	}
	waves, err := p.surveys.Waves(ctx, of.ID)
	if err != nil {
		return nil, err
	}
	var found *plan
	for _, one := range surveys {
		if code != "" && one.Code != code {
			continue
		}
		pl, err := newPlan(of, one, waves, p.now())
		if err != nil {
			return nil, err
		}
		// A survey that was imported from another tool has no wave ahead.
		goesOn, err := pl.coming(1)
		if err != nil {
			return nil, err
		}
		if found == nil || len(goesOn) > 0 {
			found = pl
		}
		if len(goesOn) > 0 {
			break
		}
	}
	if found == nil {
		return nil, ErrNoSurvey
	}
	return found, nil
}
