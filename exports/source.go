package exports

import (
	"context"
	"fmt"
	"time"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Analyst computes the reports: *analytics.Service.
type Analyst interface {
	Participation(context.Context, analytics.Query) (*analytics.Report, error)
	Engagement(context.Context, analytics.Query) (*analytics.Report, error)
	Confidence(context.Context, analytics.Query) (*analytics.Report, error)
	Retention(context.Context, analytics.Query) (*analytics.Report, error)
	Goals(context.Context, analytics.Query) (*analytics.Report, error)
	Definitions(lang string) []analytics.Definition
}

// Surveys finds waves and questionnaires: *survey.Store.
type Surveys interface {
	Waves(ctx context.Context, programID string) ([]survey.Wave, error)
	Questionnaire(ctx context.Context, programID, id string, version int) (*survey.Questionnaire, error)
}

// Source gathers what an evaluation says. All fields are required.
type Source struct {
	Analyst Analyst
	Surveys Surveys
	Version string // of the product, printed in the workbook
	Now     func() time.Time
}

// Options say which evaluation is wanted.
type Options struct {
	Lang   string // "uk" or "en"; empty: the programme's own language
	Wave   string // as in [analytics.Query]; empty: the newest, with the trend over all
	By     string // one of the programme's attributes; empty: no segments
	MadeBy string // who asked for it; may be empty
}

// Evaluation gathers the evaluation of a programme. What the options name and
// the programme does not have is refused as a *web.Problem by the reports.
func (s *Source) Evaluation(ctx context.Context, p program.Program, o Options) (*Evaluation, error) {
	lang := o.Lang
	if lang == "" {
		lang = p.Language("")
	}
	e := &Evaluation{Program: p, Lang: lang, Made: s.Now(), MadeBy: o.MadeBy, Version: s.Version, Definitions: s.Analyst.Definitions(lang)}
	q := analytics.Query{Program: p.ID, Wave: o.Wave, By: o.By, Lang: lang}
	for _, part := range []struct {
		report **analytics.Report
		of     func(context.Context, analytics.Query) (*analytics.Report, error)
	}{
		{&e.Participation, s.Analyst.Participation},
		{&e.Engagement, s.Analyst.Engagement},
		{&e.Confidence, s.Analyst.Confidence},
		{&e.Retention, s.Analyst.Retention},
		{&e.Goals, s.Analyst.Goals},
	} {
		var err error
		if *part.report, err = part.of(ctx, q); err != nil {
			return nil, err
		}
	}
	var err error
	e.Questionnaires, err = s.asked(ctx, p, lang)
	return e, err
}

// asked lists the questionnaires of the waves that have opened, each with the
// first wave that asked it.
func (s *Source) asked(ctx context.Context, p program.Program, lang string) ([]Questionnaire, error) {
	waves, err := s.Surveys.Waves(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	type version struct {
		id string
		n  int
	}
	var asked []Questionnaire
	seen := map[version]bool{}
	for _, w := range waves {
		v := version{w.QuestionnaireID, w.QuestionnaireVersion}
		if seen[v] || w.Opens.After(s.Now()) {
			continue
		}
		seen[v] = true
		q, err := s.Surveys.Questionnaire(ctx, p.ID, v.id, v.n)
		if err != nil {
			return nil, fmt.Errorf("questionnaire of wave %q: %w", w.Occurrence, err)
		}
		asked = append(asked, Questionnaire{Title: q.Title.In(lang), Version: q.Version, From: w.Occurrence})
	}
	return asked, nil
}
