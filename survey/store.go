package survey

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

var (
	//go:embed queries/surveys.sql
	surveysSQL string
	//go:embed queries/waves.sql
	wavesSQL string
	//go:embed queries/wave.sql
	waveSQL string
	//go:embed queries/invitations.sql
	invitationsSQL string
	//go:embed queries/questionnaire.sql
	questionnaireSQL string
	//go:embed queries/response.sql
	responseSQL string
	//go:embed queries/audience_revision.sql
	audienceRevisionSQL string
)

const (
	// answerQueue is how many answers may wait for the insert under way; past
	// it people are asked to try again.
	answerQueue = 4096
	// answerBlock is the most answers one insert takes.
	answerBlock = 4096
)

// Store keeps surveys, waves, invitations and responses. Close stores what was
// accepted.
type Store struct {
	db        *clickhouse.DB
	responses *clickhouse.Writer[Response]
	drafts    *clickhouse.Writer[[]Draft]
	visits    *clickhouse.Writer[Visit]
	meetings  *clickhouse.Writer[Meeting]
	latest    atomic.Uint64 // the newest revision given out
	// questionnaires that were read; they never change under their version.
	questionnaires sync.Map
}

// NewStore makes a store on db.
func NewStore(db *clickhouse.DB) *Store {
	return &Store{
		db:        db,
		responses: clickhouse.NewWriter(db, responseTable, answerQueue, answerBlock),
		drafts:    clickhouse.NewWriter(db, draftTable, answerQueue, answerBlock),
		visits:    clickhouse.NewWriter(db, visitTable, answerQueue, answerBlock),
		meetings:  clickhouse.NewWriter(db, meetingTable, answerQueue, answerBlock),
	}
}

// Close stores the answers that were accepted and takes no more.
func (s *Store) Close() {
	s.responses.Close()
	s.drafts.Close()
	s.visits.Close()
	s.meetings.Close()
}

// revision orders the forms of a row: microseconds since 1970, and never the
// same twice in a process, so that of two answers the later wins.
func (s *Store) revision() uint64 {
	for {
		last := s.latest.Load()
		next := max(uint64(time.Now().UnixMicro()), last+1)
		if s.latest.CompareAndSwap(last, next) {
			return next
		}
	}
}

// PutSurvey stores a survey, or its newer form.
func (s *Store) PutSurvey(ctx context.Context, one Survey) error {
	if err := errors.Join(one.Recurrence.Validate(), one.Reminders.Validate()); err != nil {
		return err
	}
	one.Revision = s.revision()
	return clickhouse.Insert(ctx, s.db, surveyTable, []Survey{one})
}

// Surveys returns a programme's surveys, by code.
func (s *Store) Surveys(ctx context.Context, programID string) ([]Survey, error) {
	return clickhouse.Collect(ctx, s.db, "surveys", surveysSQL, func(rows driver.Rows) (Survey, error) {
		var (
			one        Survey
			version    uint32
			audience   []string
			recurrence string
		)
		err := rows.Scan(&one.ProgramID, &one.ID, &one.Code, &one.QuestionnaireID, &version, &audience, &recurrence, &one.Revision)
		if err != nil {
			return one, err
		}
		one.QuestionnaireVersion = int(version)
		for _, role := range audience {
			one.Audience = append(one.Audience, program.Role(role))
		}
		return one, one.read(recurrence)
	}, clickhouse.Named("program", programID))
}

// PutWave stores a wave, or its newer form.
func (s *Store) PutWave(ctx context.Context, w Wave) error {
	w.Revision = s.revision()
	return clickhouse.Insert(ctx, s.db, waveTable, []Wave{w})
}

// Waves returns a programme's waves in the order in which they open.
func (s *Store) Waves(ctx context.Context, programID string) ([]Wave, error) {
	return clickhouse.Collect(ctx, s.db, "waves", wavesSQL, scanWave, clickhouse.Named("program", programID))
}

// Wave returns a wave of a programme, or ErrNotFound.
func (s *Store) Wave(ctx context.Context, programID string, id uuid.UUID) (Wave, error) {
	waves, err := clickhouse.Collect(ctx, s.db, "wave", waveSQL, scanWave, clickhouse.Named("program", programID), clickhouse.Named("wave", id.String()))
	if err != nil {
		return Wave{}, err
	}
	if len(waves) == 0 {
		return Wave{}, fmt.Errorf("wave %s of programme %q: %w", id, programID, ErrNotFound)
	}
	return waves[0], nil
}

func scanWave(rows driver.Rows) (Wave, error) {
	var (
		w               Wave
		number, version uint32
	)
	err := rows.Scan(&w.ProgramID, &w.SurveyID, &w.ID, &number, &w.Occurrence, &w.Opens, &w.Closes, &w.QuestionnaireID, &version, &w.Revision)
	w.Number, w.QuestionnaireVersion = int(number), int(version)
	return w, err
}

// Invite stores invitations.
func (s *Store) Invite(ctx context.Context, all []Invitation) error {
	now := s.revision()
	for i := range all {
		all[i].Revision = now
	}
	return clickhouse.Insert(ctx, s.db, invitationTable, all)
}

// Invitations returns who is asked in a wave, by participant.
func (s *Store) Invitations(ctx context.Context, w Wave) ([]Invitation, error) {
	return clickhouse.Collect(ctx, s.db, "invitations", invitationsSQL, func(rows driver.Rows) (Invitation, error) {
		var (
			i    Invitation
			role string
		)
		err := rows.Scan(&i.ProgramID, &i.SurveyID, &i.Wave, &i.Participant, &role, &i.Pair, &i.Attributes, &i.Revision)
		i.Role = program.Role(role)
		return i, err
	}, ofWave(w)...)
}

// PutQuestionnaire stores a questionnaire of a programme's own, in its YAML
// form. The error of one that is not valid names the line.
func (s *Store) PutQuestionnaire(ctx context.Context, programID string, definition []byte) (*Questionnaire, error) {
	q, err := Load(definition)
	if err != nil {
		return nil, err
	}
	table := clickhouse.Table[[]byte]{
		Name: "questionnaires",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "questionnaire_id", Type: nameType}, {Name: "version", Type: "UInt32"},
			{Name: "definition", Type: "String"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows [][]byte) error {
			return block.Append(programID, q.ID, uint32(q.Version), string(rows[0]), s.revision())
		},
	}
	if err := clickhouse.Insert(ctx, s.db, table, [][]byte{definition}); err != nil {
		return nil, err
	}
	s.questionnaires.Delete(questionnaireKey{programID, q.ID, q.Version})
	return q, nil
}

type questionnaireKey struct {
	programID, id string
	version       int
}

// Questionnaire returns a questionnaire by id and version: the programme's own
// or else a built-in one, or ErrNotFound.
func (s *Store) Questionnaire(ctx context.Context, programID, id string, version int) (*Questionnaire, error) {
	key := questionnaireKey{programID, id, version}
	if q, ok := s.questionnaires.Load(key); ok {
		return q.(*Questionnaire), nil
	}
	q, err := s.readQuestionnaire(ctx, key)
	if err != nil {
		return nil, err
	}
	s.questionnaires.Store(key, q)
	return q, nil
}

func (s *Store) readQuestionnaire(ctx context.Context, key questionnaireKey) (*Questionnaire, error) {
	var definition string
	err := s.db.QueryRow(ctx, questionnaireSQL, clickhouse.Named("program", key.programID),
		clickhouse.Named("questionnaire", key.id), clickhouse.Named("version", key.version)).Scan(&definition)
	if err == nil {
		return Load([]byte(definition))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, storedErr("questionnaire", key.programID, err)
	}
	if q, err := BuiltIn(key.id); err == nil && q.Version == key.version {
		return q, nil
	}
	return nil, fmt.Errorf("questionnaire %q version %d: %w", key.id, key.version, ErrNotFound)
}

// finalRevision is set in the revision of a final response, so that it outranks
// every draft, whichever of two that cross each other is stored last.
const finalRevision = 1 << 63

// rank gives a response its revision, the next one unless it has one.
func (s *Store) rank(r *Response) {
	if r.Revision == 0 {
		r.Revision = s.revision()
	}
	if r.Final {
		r.Revision |= finalRevision
	}
}

// Put stores a response and returns after it is stored; of a respondent and
// wave the newest final one counts, or else the newest that is not. See
// clickhouse.Writer for the errors.
func (s *Store) Put(ctx context.Context, r Response) error {
	s.rank(&r)
	return s.responses.Write(ctx, r)
}

// PutAll stores responses that come together, as an import brings them. What it
// says replaces what was there, also where it takes a final response back. The
// waves may be closed; see Rewrite.
func (s *Store) PutAll(ctx context.Context, all []Response) error {
	var waves []Wave
	known := map[uuid.UUID]bool{}
	for i := range all {
		r := &all[i]
		r.Revision = s.revision()
		r.ReplacedAt = r.Revision / 1000 // micro- to milliseconds
		r.Revision |= finalRevision
		if !known[r.Wave] {
			known[r.Wave] = true
			waves = append(waves, Wave{ProgramID: r.ProgramID, SurveyID: r.SurveyID, ID: r.Wave})
		}
	}
	return s.Rewrite(ctx, waves, func(ctx context.Context) error {
		return clickhouse.Insert(ctx, s.db, responseTable, all)
	})
}

// PutVisit stores that a link was opened; the first time counts.
func (s *Store) PutVisit(ctx context.Context, v Visit) error { return s.visits.Write(ctx, v) }

// Response returns what a respondent has stored in a wave, with the names and
// attributes left out, or ErrNotFound.
func (s *Store) Response(ctx context.Context, w Wave, respondent uuid.UUID) (Response, error) {
	all, err := s.responsesOf(ctx, w, []uuid.UUID{respondent})
	if err != nil {
		return Response{}, err
	}
	if len(all) == 0 {
		return Response{}, fmt.Errorf("response: %w", ErrNotFound)
	}
	return all[0], nil
}

// responsesOf are what some respondents have stored.
func (s *Store) responsesOf(ctx context.Context, w Wave, respondents []uuid.UUID) ([]Response, error) {
	return clickhouse.Collect(ctx, s.db, "response", responseSQL, func(rows driver.Rows) (Response, error) {
		r := Response{ProgramID: w.ProgramID, SurveyID: w.SurveyID, Wave: w.ID}
		a := &r.Stored
		err := rows.Scan(&r.Respondent, &r.Final, &a.Items, &a.Values, &a.Goals, &a.Ratings, &a.TextItems, &a.Texts,
			&r.SubmittedAt, &r.Seconds, &r.ReplacedAt, &r.Revision)
		return r, err
	}, append(ofWave(w), clickhouse.IDs("respondents", respondents))...)
}

// audienceRevision grows whenever what Audience reads of a wave has changed.
func (s *Store) audienceRevision(ctx context.Context, programID string, surveyID, wave uuid.UUID) (uint64, error) {
	var r uint64
	err := s.db.QueryRow(ctx, audienceRevisionSQL, clickhouse.Named("program", programID),
		clickhouse.Named("survey", surveyID.String()), clickhouse.Named("wave", wave.String())).Scan(&r)
	return r, storedErr("audience", programID, err)
}

func ofWave(w Wave) []any {
	return []any{
		clickhouse.Named("program", w.ProgramID), clickhouse.Named("survey", w.SurveyID.String()), clickhouse.Named("wave", w.ID.String()),
	}
}
