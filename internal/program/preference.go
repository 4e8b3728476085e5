package program

import (
	"context"
	_ "embed"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

var (
	//go:embed queries/language.sql
	languageSQL string
	//go:embed queries/languages.sql
	languagesSQL string
)

// preference is what a participant chose: a language, which counts before the
// one in the roster, also when the roster is imported again. Its revision counts
// changes from 1, for a time could be matched with that of an answer.
type preference struct {
	programID   string
	participant uuid.UUID
	language    string
	revision    uint64
}

var preferenceTable = clickhouse.Table[preference]{
	Name: "preferences",
	Columns: []clickhouse.Column{
		{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "participant_id", Type: "UUID"},
		{Name: "language", Type: "LowCardinality(String)"}, {Name: "revision", Type: "UInt64"},
	},
	Encode: each(func(p preference) []any { return []any{p.programID, p.participant, p.language, p.revision} }),
}

// PutLanguage remembers the language that a participant chose. What is so already
// is not written again; of two writers that saw the same, either may count.
func (s *Store) PutLanguage(ctx context.Context, programID string, participant uuid.UUID, lang string) error {
	known, err := s.preferencesOf(ctx, programID, participant)
	if err != nil {
		return err
	}
	next := preference{programID, participant, lang, 1}
	if len(known) > 0 {
		if known[0].language == lang {
			return nil
		}
		next.revision += known[0].revision
	}
	return clickhouse.Insert(ctx, s.db, preferenceTable, []preference{next})
}

// Language is the language that a participant chose; empty for who chose none.
func (s *Store) Language(ctx context.Context, programID string, participant uuid.UUID) (string, error) {
	known, err := s.preferencesOf(ctx, programID, participant)
	if err != nil || len(known) == 0 {
		return "", err
	}
	return known[0].language, nil
}

// Languages are the languages that participants chose. Whatever is sent to
// somebody who is not among them is in the language of the roster.
func (s *Store) Languages(ctx context.Context, programID string) (map[uuid.UUID]string, error) {
	known, err := s.preferences(ctx, languagesSQL, clickhouse.Named("program", programID))
	return languagesIn(known), err
}

// LanguagesOf are those of some participants.
func (s *Store) LanguagesOf(ctx context.Context, programID string, participants []uuid.UUID) (map[uuid.UUID]string, error) {
	known, err := s.preferencesOf(ctx, programID, participants...)
	return languagesIn(known), err
}

func languagesIn(known []preference) map[uuid.UUID]string {
	chosen := make(map[uuid.UUID]string, len(known))
	for _, one := range known {
		chosen[one.participant] = one.language
	}
	return chosen
}

func (s *Store) preferencesOf(ctx context.Context, programID string, participants ...uuid.UUID) ([]preference, error) {
	return s.preferences(ctx, languageSQL, clickhouse.Named("program", programID), clickhouse.IDs("participants", participants))
}

func (s *Store) preferences(ctx context.Context, query string, args ...any) ([]preference, error) {
	return clickhouse.Collect(ctx, s.db, "preferences", query, func(rows driver.Rows) (preference, error) {
		var p preference
		err := rows.Scan(&p.participant, &p.language, &p.revision)
		return p, err
	}, args...)
}
