// Package analytics computes the measures of a programme from its responses and
// roster, and decides what of them may be shown.
//
// Each measure is a report: [Service.Participation], [Service.Engagement],
// [Service.Confidence], [Service.Retention], [Service.Goals], [Service.Benefits],
// [Service.Challenges] and [Service.Drivers]; or shows several measures at once:
// [Service.Heatmap] and [Service.Trends]. From these are made [Service.Overview],
// [Service.Alerts] and [Service.Objectives]. What people wrote is
// [Service.Comments]. The store
// reduces rows to sufficient statistics of the smallest groups that the
// programme's attributes tell apart, in one scan a report where that is
// possible; what needs iteration is done here on those, by package stats. Every
// figure passes one gate, which asks package suppression.
package analytics

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

//go:embed messages.uk.yaml messages.en.yaml
var messageFiles embed.FS

// Programs finds programmes, and keeps their objectives.
type Programs interface {
	Program(ctx context.Context, id string) (program.Program, error)
	Objectives(ctx context.Context, programID string) ([]program.Objective, error)
	SetObjectives(ctx context.Context, programID string, list []program.Objective) error
}

// Surveys finds the surveys of a programme, their waves in the order in which
// they open, and questionnaires.
type Surveys interface {
	Surveys(ctx context.Context, programID string) ([]survey.Survey, error)
	Waves(ctx context.Context, programID string) ([]survey.Wave, error)
	Questionnaire(ctx context.Context, programID, id string, version int) (*survey.Questionnaire, error)
}

// Pseudonyms make the names under which a participant's answers are kept.
type Pseudonyms interface {
	Respondent(p program.Program, wave, participant uuid.UUID) uuid.UUID
}

// Service computes reports. It keeps nothing between requests and is safe for
// concurrent use.
type Service struct {
	db          *clickhouse.DB
	programs    Programs
	surveys     Surveys
	names       Pseudonyms
	definitions []definitionText
	messages    *web.Messages
	now         func() time.Time
	// known are the states of settled waves, where they were read already.
	known map[uuid.UUID]state
	// ahead is what is kept of a wave, where it was read already.
	ahead map[uuid.UUID]map[place]content
	// panels are those made already for the same answer; nil when every request
	// makes its own.
	panels *panels
	// mostComments are read for one report; tests take fewer.
	mostComments uint64
}

// New makes a service on db. The error is about the texts in the binary, which
// a test has read.
func New(db *clickhouse.DB, programs Programs, surveys Surveys, names Pseudonyms) (*Service, error) {
	definitions, err := loadDefinitions()
	if err != nil {
		return nil, err
	}
	messages, err := web.LoadMessages(messageFiles)
	if err != nil {
		return nil, fmt.Errorf("texts of the measures: %w", err)
	}
	return &Service{db: db, programs: programs, surveys: surveys, names: names, definitions: definitions, messages: messages, now: time.Now,
		mostComments: mostComments}, nil
}
