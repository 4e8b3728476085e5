package analytics

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

// request is a query that was checked, with what it is about.
type request struct {
	*Service
	Query
	program  program.Program
	location *time.Location
	waves    []survey.Wave // opened ones, in the order in which they opened
	first    int           // the waves asked for are waves[first:end]
	end      int
	chosen   int   // place of the wave asked for in waves, −1 when there are several
	by       []int // places of By in the programme's attributes
	now      time.Time
	// compared are the waves that were joined person by person already.
	compared map[string]*comparison
	// panels are those made already, by wave and scale.
	panels *panels
	// ratedTwice are the goals of two waves that were read already.
	ratedTwice map[string][]goalsTwice
	// inEvery are scales that were read by every attribute already.
	inEvery map[string][]*scaleView
}

// resolve checks a query. What is wrong with it is returned as *web.Problem in
// the reader's language; an unknown programme as program.ErrNotFound.
func (s *Service) resolve(ctx context.Context, q Query) (*request, error) {
	p, err := s.programs.Program(ctx, q.Program)
	if err != nil {
		return nil, err
	}
	if q.Lang != "uk" && q.Lang != "en" {
		q.Lang = p.Language("")
	}
	r := &request{Service: s, Query: q, program: p, chosen: -1, now: s.now(), compared: map[string]*comparison{}, panels: s.panels, ratedTwice: map[string][]goalsTwice{}, inEvery: map[string][]*scaleView{}}
	if r.panels == nil {
		r.panels = &panels{}
	}
	if r.location, err = p.Location(); err != nil {
		return nil, err
	}
	if q.Role != "" && !q.Role.Valid() {
		return nil, r.refuse(http.StatusBadRequest, "unknown-role", "role", echo(string(q.Role)))
	}
	if q.Compare != "" && !slices.Contains(Comparisons(), q.Compare) {
		return nil, r.refuse(http.StatusBadRequest, "unknown-comparison", "compare", echo(string(q.Compare)))
	}
	if err := r.chooseAttributes(); err != nil {
		return nil, err
	}
	all, err := s.surveys.Waves(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		if !w.Opens.After(r.now) {
			r.waves = append(r.waves, w)
		}
	}
	return r, r.chooseWaves(all)
}

func (r *request) refuse(status int, kind string, pairs ...any) error {
	return web.NewProblem(status, kind, r.messages.T(r.Lang, kind, pairs...), r.messages.T(r.Lang, kind+"-detail", pairs...))
}

// report makes the frame of a report.
func (r *request) report(kind string) *Report {
	out := &Report{Kind: kind, Program: r.program.ID, Name: r.program.Name, Lang: r.Lang, Policy: r.program.Policy,
		K: r.k(), By: r.By, Role: r.Role, Waves: []Wave{}, Figures: []Figure{}, Definitions: map[string]Definition{}}
	for _, w := range r.waves {
		out.Waves = append(out.Waves, r.wave(w))
	}
	return out
}

// k is the smallest group shown. A stored programme below the floor, which
// Validate would refuse, does not lower it.
func (r *request) k() int { return max(r.program.K, program.FloorK) }

func (r *request) wave(w survey.Wave) Wave {
	return Wave{Label: w.Occurrence, Number: w.Number, Opens: w.Opens.In(r.location).Format(time.RFC3339),
		Closes: w.Closes.In(r.location).Format(time.RFC3339), Open: w.Open(r.now)}
}

// finish puts the definitions of what stands in the report beside it, and says of
// what was to be compared and is not why.
func (r *request) finish(out *Report) *Report {
	r.answer(out)
	used := map[string]bool{}
	for _, list := range [][]Figure{out.Figures, out.Series} {
		for _, f := range list {
			used[f.Measure] = true
		}
	}
	for _, c := range out.Curves {
		used[c.Measure] = true
	}
	for _, t := range out.Tests {
		used[t.Measure] = true
	}
	if len(out.Cohorts) > 0 {
		used[MeasureCohorts] = true
	}
	for _, d := range r.definitions {
		if used[d.ID] {
			out.Definitions[d.ID] = d.in(r.Lang)
		}
	}
	return out
}

// segmentedBy is the list of attributes that a scan tells people apart by:
// none without By, for that is faster; else all declared ones, since what may
// be shown of one depends on the others.
func (r *request) segmentedBy() []string {
	if len(r.by) == 0 {
		return []string{}
	}
	return r.program.Attributes
}

func ids(waves []survey.Wave) (surveyIDs, waveIDs []string) {
	seen := map[uuid.UUID]bool{}
	for _, w := range waves {
		waveIDs = append(waveIDs, w.ID.String())
		if !seen[w.SurveyID] {
			seen[w.SurveyID] = true
			surveyIDs = append(surveyIDs, w.SurveyID.String())
		}
	}
	return surveyIDs, waveIDs
}

// questionnaires returns the questionnaire of each wave.
func (r *request) questionnaires(ctx context.Context, waves []survey.Wave) ([]*survey.Questionnaire, error) {
	list := make([]*survey.Questionnaire, len(waves))
	for i, w := range waves {
		q, err := r.surveys.Questionnaire(ctx, r.program.ID, w.QuestionnaireID, w.QuestionnaireVersion)
		if err != nil {
			return nil, fmt.Errorf("wave %s: %w", w.Occurrence, err)
		}
		list[i] = q
	}
	return list, nil
}
