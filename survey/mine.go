package survey

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

//go:embed queries/mine.sql
var mineSQL string

// ErrUnlinked is returned where the answers of one person in several waves are
// not linked to each other: in an anonymous programme.
var ErrUnlinked = errors.New("answers of several waves are not linked in an anonymous programme")

// OwnWave is what a participant submitted in a wave.
type OwnWave struct {
	Wave          Wave
	Questionnaire *Questionnaire
	Role          program.Role // on the day the wave opened
	Stored        Stored
}

// Mine returns what the link's participant submitted to this survey, the newest
// wave first: theirs alone, by the link of any wave. Besides ErrLink and
// ErrRevoked: ErrUnlinked.
func (p *Pulse) Mine(ctx context.Context, token string) ([]OwnWave, error) {
	s, err := p.seatOf(ctx, token)
	if err != nil {
		return nil, err
	}
	return p.mine(ctx, s)
}

func (p *Pulse) mine(ctx context.Context, s seat) ([]OwnWave, error) {
	if s.program.Policy == program.Anonymous {
		return nil, ErrUnlinked
	}
	waves, err := p.surveys.Waves(ctx, s.program.ID)
	if err != nil {
		return nil, err
	}
	waves = slices.DeleteFunc(waves, func(w Wave) bool { return w.SurveyID != s.wave.SurveyID })
	slices.Reverse(waves)
	ids := make([]string, len(waves))
	for i, w := range waves {
		ids[i] = w.ID.String()
	}
	submitted := map[uuid.UUID]OwnWave{}
	_, err = clickhouse.Collect(ctx, p.surveys.db, "own answers", mineSQL, func(rows driver.Rows) (struct{}, error) {
		var (
			wave uuid.UUID
			role string
			one  OwnWave
		)
		a := &one.Stored
		err := rows.Scan(&wave, &role, &a.Items, &a.Values, &a.Goals, &a.Ratings, &a.TextItems, &a.Texts)
		one.Role = program.Role(role)
		submitted[wave] = one
		return struct{}{}, err
	}, clickhouse.Named("program", s.program.ID), clickhouse.Named("survey", s.wave.SurveyID.String()),
		clickhouse.Named("waves", ids), clickhouse.Named("respondent", s.respondent.String()))
	if err != nil {
		return nil, err
	}
	var all []OwnWave
	for _, w := range waves {
		one, ok := submitted[w.ID]
		if !ok {
			continue
		}
		one.Wave = w
		if one.Questionnaire, err = p.surveys.Questionnaire(ctx, w.ProgramID, w.QuestionnaireID, w.QuestionnaireVersion); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// lookAhead is how far ahead the next wave is looked for.
const lookAhead = 400 * 24 * time.Hour

// next is when the next wave after that of s opens; zero when none is planned.
func (p *Pulse) next(ctx context.Context, s seat) (time.Time, error) {
	surveys, err := p.surveys.Surveys(ctx, s.program.ID)
	if err != nil {
		return time.Time{}, err
	}
	at := slices.IndexFunc(surveys, func(one Survey) bool { return one.ID == s.wave.SurveyID })
	if at < 0 {
		return time.Time{}, nil
	}
	after := s.wave.Opens.Add(time.Second)
	waves, err := surveys[at].Recurrence.Occurrences(after, after.Add(lookAhead))
	if err != nil || len(waves) == 0 || !s.program.Ends.IsZero() && waves[0].Opens.After(s.program.Ends.AddDate(0, 0, 1)) {
		return time.Time{}, err
	}
	return waves[0].Opens, nil
}
