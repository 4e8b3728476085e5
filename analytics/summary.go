package analytics

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Head begins what is made from several reports.
type Head struct {
	Kind    string         `json:"report"`
	Program string         `json:"program"`
	Name    string         `json:"name"` // of the programme
	Lang    string         `json:"lang"`
	Policy  program.Policy `json:"policy"`
	K       int            `json:"k"` // smallest group shown
	// Wave is the newest that is taken into account: of those asked for, the
	// newest that has closed, for an open one still changes; nil when the
	// programme has none.
	Wave *Wave `json:"wave"`
	// Waves are all waves of the programme, oldest first.
	Waves []Wave `json:"waves"`
	// Notice says why there is nothing here; nil otherwise.
	Notice      *Withheld             `json:"notice,omitempty"`
	Definitions map[string]Definition `json:"definitions"`
}

func (r *request) head(kind string) Head {
	h := r.report(kind)
	return Head{Kind: kind, Program: h.Program, Name: h.Name, Lang: h.Lang, Policy: h.Policy, K: h.K, Waves: h.Waves, Definitions: h.Definitions}
}

// define adds definitions of measures.
func (h *Head) define(r *request, measures ...string) {
	for _, d := range r.definitions {
		if slices.Contains(measures, d.ID) {
			h.Definitions[d.ID] = d.in(r.Lang)
		}
	}
}

// standing is a query about waves as they stand: at the newest wave asked for
// that has closed, else at the newest asked for.
type standing struct {
	*request
	at     int  // its place in waves, −1 without any
	closed bool // it has closed
	// range of waves that ends with it, for the reports
	upTo string
}

// stand resolves a query of a summary. What follows reads the programme and its
// waves from memory, so that all parts see the same ones at the same time.
func (s *Service) stand(ctx context.Context, q Query) (*standing, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	known, err := r.states(ctx, r.waves) // before anything is counted
	if err != nil {
		return nil, err
	}
	pinned := *s
	pinned.known = known
	pinned.panels = r.panels
	pinned.programs = pinnedProgram{s.programs, r.program}
	pinned.surveys = pinnedWaves{s.surveys, r.waves}
	pinned.now = func() time.Time { return r.now }
	r.Service = &pinned
	// A single wave is asked about with those before it, which it is held against.
	if r.chosen >= 0 {
		r.first, r.chosen = 0, -1
	}
	st := &standing{request: r, at: r.end - 1}
	for i := r.end - 1; i >= r.first; i-- {
		if !r.waves[i].Open(r.now) {
			st.at, st.closed = i, true
			break
		}
	}
	if st.closed {
		// Most of what is counted is of this wave: it is read in one query.
		now := r.waves[st.at]
		kept, err := r.readCounts(ctx, []survey.Wave{now})
		if err != nil {
			return nil, err
		}
		pinned.ahead = map[uuid.UUID]map[place]content{now.ID: kept}
	}
	if st.at >= 0 {
		st.upTo = rangeMark + r.waves[st.at].Occurrence
		if r.first > 0 {
			st.upTo = r.waves[r.first].Occurrence + st.upTo
		}
	}
	return st, nil
}

// query asks the reports about the waves up to the standing one, and of the roster
// about the same day as the page of retention.
func (s *standing) query() Query {
	return Query{Program: s.program.ID, Lang: s.Lang, Wave: s.upTo, today: s.Query.Wave == "", brief: true}
}

func (s *standing) head(kind string) Head {
	h := s.request.head(kind)
	if s.at >= 0 {
		wave := s.wave(s.waves[s.at])
		h.Wave = &wave
	}
	return h
}

// reportSet is a report of each kind, by kind.
type reportSet map[string]*Report

// gather computes reports at once, each of them once.
func (s *standing) gather(ctx context.Context, kinds []string) (reportSet, error) {
	compute, list := s.reports(), make([]*Report, len(kinds))
	group, ctx := errgroup.WithContext(ctx)
	for i, kind := range kinds {
		group.Go(func() (err error) {
			list[i], err = compute[kind](ctx, s.query())
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	set := reportSet{}
	for i, kind := range kinds {
		set[kind] = list[i]
	}
	return set, nil
}

// pinnedProgram gives one programme as it was read.
type pinnedProgram struct {
	Programs
	program program.Program
}

// Program implements Programs.
func (p pinnedProgram) Program(context.Context, string) (program.Program, error) {
	return p.program, nil
}

// pinnedWaves gives the waves as they were read.
type pinnedWaves struct {
	rest  Surveys
	waves []survey.Wave
}

// Waves implements Surveys.
func (p pinnedWaves) Waves(context.Context, string) ([]survey.Wave, error) { return p.waves, nil }

// Surveys implements Surveys.
func (p pinnedWaves) Surveys(ctx context.Context, programID string) ([]survey.Survey, error) {
	return p.rest.Surveys(ctx, programID)
}

// Questionnaire implements Surveys.
func (p pinnedWaves) Questionnaire(ctx context.Context, programID, id string, version int) (*survey.Questionnaire, error) {
	return p.rest.Questionnaire(ctx, programID, id, version)
}
