package survey

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/program"
)

// ErrNotFound is returned for a survey, wave or questionnaire that is not there.
var ErrNotFound = program.ErrNotFound

// Survey is a questionnaire asked again and again of an audience.
type Survey struct {
	ID                   uuid.UUID
	ProgramID            string
	Code                 string // "pulse": the survey's place in its programme
	QuestionnaireID      string
	QuestionnaireVersion int
	Audience             []program.Role
	Recurrence           Recurrence
	Reminders            Reminders
	Revision             uint64
	// done are the newest changes of the schedule that came with a key.
	done []doneChange
}

// NewSurvey makes a survey of a programme with its derived id and the usual
// reminders.
func NewSurvey(programID, code string, q *Questionnaire, audience []program.Role, recurrence Recurrence) Survey {
	return Survey{
		ID: program.DeriveID(programID, "survey", code), ProgramID: programID, Code: code,
		QuestionnaireID: q.ID, QuestionnaireVersion: q.Version, Audience: audience, Recurrence: recurrence,
		Reminders: DefaultReminders(),
	}
}

// Wave is one occurrence of a survey. Times are UTC.
type Wave struct {
	ID                   uuid.UUID
	SurveyID             uuid.UUID
	ProgramID            string
	Number               int    // 1 is the first: the baseline
	Occurrence           string // the day it is due, 2026-01-05; it keeps this name when moved
	Opens, Closes        time.Time
	QuestionnaireID      string
	QuestionnaireVersion int
	Revision             uint64
}

// NewWave makes the wave of a survey's occurrence, with its derived id. Its
// number is set when it is opened.
func (s Survey) NewWave(o Occurrence) Wave {
	return Wave{
		ID: program.DeriveID(s.ID.String(), "wave", o.Label), SurveyID: s.ID, ProgramID: s.ProgramID,
		Occurrence: o.Label, Opens: o.Opens, Closes: o.Closes,
		QuestionnaireID: s.QuestionnaireID, QuestionnaireVersion: s.QuestionnaireVersion,
	}
}

// Open reports whether answers are taken at the time now.
func (w Wave) Open(now time.Time) bool { return !now.Before(w.Opens) && now.Before(w.Closes) }

// Invitation asks a participant in a wave. Role and attributes are those of the
// day the wave opened, so that later changes do not rewrite what was counted.
type Invitation struct {
	ProgramID   string
	SurveyID    uuid.UUID
	Wave        uuid.UUID
	Participant uuid.UUID
	Role        program.Role
	Pair        uuid.UUID // zero for none
	Attributes  Attributes
	Revision    uint64
	stored      string // the attributes as they are stored, where that is known
}

// Visit is the first time that a link was opened, under the name of the answers.
type Visit struct {
	ProgramID  string
	SurveyID   uuid.UUID
	Wave       uuid.UUID
	Respondent uuid.UUID
	Role       program.Role
	Attributes Attributes
	OpenedAt   time.Time
}

// Response is what a respondent answered in a wave, as it is stored: whole.
type Response struct {
	ProgramID   string
	SurveyID    uuid.UUID
	Wave        uuid.UUID
	Respondent  uuid.UUID
	Role        program.Role
	Pair        uuid.UUID
	Attributes  Attributes
	Final       bool
	Stored      Stored
	SubmittedAt time.Time
	Seconds     uint32 // from opening to submitting, 0 when unknown
	// ReplacedAt is when the answers were last sent as a whole, as Draft.At; what
	// is kept as drafts of an earlier time is settled by that. 0 for never.
	ReplacedAt uint64
	Revision   uint64
}

// storedErr says which part of the store failed.
func storedErr(what, programID string, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s of %q: %w", what, programID, err)
}
