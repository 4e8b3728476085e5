package survey

import (
	"encoding/json"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

const (
	nameType = "LowCardinality(String)"
	timeType = "DateTime64(3, 'UTC')"
)

// The tables as they are written; migrations/ makes them.
var (
	surveyTable = clickhouse.Table[Survey]{
		Name: "surveys",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "code", Type: nameType},
			{Name: "questionnaire_id", Type: nameType}, {Name: "questionnaire_version", Type: "UInt32"},
			{Name: "audience", Type: "Array(LowCardinality(String))"}, {Name: "recurrence", Type: "String"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Survey) error {
			for _, s := range rows {
				recurrence, err := json.Marshal(storedSchedule{s.Recurrence, &s.Reminders, s.done})
				if err != nil {
					return fmt.Errorf("recurrence: %w", err)
				}
				audience := make([]string, len(s.Audience))
				for i, role := range s.Audience {
					audience[i] = string(role)
				}
				err = block.Append(s.ProgramID, s.ID, s.Code, s.QuestionnaireID, uint32(s.QuestionnaireVersion), audience, string(recurrence), s.Revision)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	waveTable = clickhouse.Table[Wave]{
		Name: "waves",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"},
			{Name: "number", Type: "UInt32"}, {Name: "occurrence", Type: nameType}, {Name: "opens", Type: timeType}, {Name: "closes", Type: timeType},
			{Name: "questionnaire_id", Type: nameType}, {Name: "questionnaire_version", Type: "UInt32"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Wave) error {
			for _, w := range rows {
				err := block.Append(w.ProgramID, w.SurveyID, w.ID, uint32(w.Number), w.Occurrence, w.Opens, w.Closes,
					w.QuestionnaireID, uint32(w.QuestionnaireVersion), w.Revision)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	invitationTable = clickhouse.Table[Invitation]{
		Name: "invitations",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"}, {Name: "participant_id", Type: "UUID"},
			{Name: "role", Type: nameType}, {Name: "pair_id", Type: "UUID"}, {Name: "attributes", Type: nameType}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Invitation) error {
			for _, i := range rows {
				if i.stored == "" {
					i.stored = i.Attributes.text()
				}
				if err := block.Append(i.ProgramID, i.SurveyID, i.Wave, i.Participant, string(i.Role), i.Pair, i.stored, i.Revision); err != nil {
					return err
				}
			}
			return nil
		},
	}
	visitTable = clickhouse.Table[Visit]{
		Name: "visits",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"}, {Name: "respondent", Type: "UUID"},
			{Name: "role", Type: nameType}, {Name: "attributes", Type: nameType}, {Name: "opened_at", Type: timeType}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Visit) error {
			for _, v := range rows {
				// The revision counts down, so that the first visit stays.
				err := block.Append(v.ProgramID, v.SurveyID, v.Wave, v.Respondent, string(v.Role), v.Attributes.text(), v.OpenedAt, ^uint64(v.OpenedAt.UnixMicro()))
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	draftTable = clickhouse.Table[[]Draft]{
		Name: "drafts",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"}, {Name: "respondent", Type: "UUID"},
			{Name: "item", Type: nameType}, {Name: "role", Type: nameType}, {Name: "attributes", Type: nameType},
			{Name: "answer", Type: "String"}, {Name: "at", Type: "UInt64"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows [][]Draft) error {
			for _, together := range rows {
				for _, d := range together {
					err := block.Append(d.ProgramID, d.SurveyID, d.Wave, d.Respondent, d.Item, string(d.Role), d.Attributes.text(), d.Answer, d.At, d.Revision)
					if err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	meetingTable = clickhouse.Table[Meeting]{
		Name: "meetings",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "pair_id", Type: "UUID"}, {Name: "day", Type: "Date32"},
			{Name: "held", Type: "Bool"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Meeting) error {
			for _, m := range rows {
				if err := block.Append(m.ProgramID, m.Pair, m.Day, m.Held, m.Revision); err != nil {
					return err
				}
			}
			return nil
		},
	}
	responseTable = clickhouse.Table[Response]{
		Name: "responses",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"}, {Name: "respondent", Type: "UUID"},
			{Name: "role", Type: nameType}, {Name: "pair", Type: "UUID"}, {Name: "attributes", Type: nameType}, {Name: "final", Type: "Bool"},
			{Name: "items", Type: "Array(UInt16)"}, {Name: "values", Type: "Array(Float32)"},
			{Name: "goals", Type: "Array(UUID)"}, {Name: "ratings", Type: "Array(Int8)"},
			{Name: "text_items", Type: "Array(UInt16)"}, {Name: "texts", Type: "Array(String)"},
			{Name: "submitted_at", Type: timeType}, {Name: "seconds", Type: "UInt32"}, {Name: "replaced_at", Type: "UInt64"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Response) error {
			for i := range rows {
				r := &rows[i]
				s := &r.Stored
				err := block.Append(r.ProgramID, r.SurveyID, r.Wave, r.Respondent, string(r.Role), r.Pair, r.Attributes.text(), r.Final,
					s.Items, s.Values, orEmpty(s.Goals), s.Ratings, s.TextItems, s.Texts, r.SubmittedAt, r.Seconds, r.ReplacedAt, r.Revision)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
)

// storedSchedule is what the column recurrence holds: all that says when
// something happens, in one text, so that it changes at once. Rows of before
// there were reminders have none, which stands for the usual ones.
type storedSchedule struct {
	Recurrence
	Reminders *Reminders   `json:"reminders,omitempty"`
	Done      []doneChange `json:"done,omitempty"`
}

// read puts what is stored into the survey.
func (s *Survey) read(stored string) error {
	var all storedSchedule
	if err := json.Unmarshal([]byte(stored), &all); err != nil {
		return err
	}
	s.Recurrence, s.Reminders, s.done = all.Recurrence, DefaultReminders(), all.Done
	if all.Reminders != nil {
		s.Reminders = *all.Reminders
	}
	return nil
}

// orEmpty: the driver cannot tell the type of a nil slice of ids.
func orEmpty(ids []uuid.UUID) []uuid.UUID {
	if ids == nil {
		return []uuid.UUID{}
	}
	return ids
}
