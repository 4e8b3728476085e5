package survey

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

// rewrite says that a wave's answers are written other than by its links.
type rewrite struct {
	programID    string
	survey, wave uuid.UUID
	done         bool
	revision     uint64
}

var rewriteTable = clickhouse.Table[rewrite]{
	Name: "rewrites",
	Columns: []clickhouse.Column{
		{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"},
		{Name: "done", Type: "Bool"}, {Name: "revision", Type: "UInt64"},
	},
	Encode: func(block driver.Batch, rows []rewrite) error {
		for _, r := range rows {
			if err := block.Append(r.programID, r.survey, r.wave, r.done, r.revision); err != nil {
				return err
			}
		}
		return nil
	},
}

// Rewrite changes answers of waves that may be closed: change writes or removes
// them. Whatever was counted of the waves is counted anew afterwards.
//
// It is noted before the change that it has begun, and after it that it is
// done. When it breaks off between the two, by an error or a crash, nothing is
// kept of the waves, and they are counted from their answers, until a Rewrite
// of them is done. Rewrites of the same wave must not run at the same time.
func (s *Store) Rewrite(ctx context.Context, waves []Wave, change func(context.Context) error) error {
	if err := s.noteRewrite(ctx, waves, false); err != nil {
		return err
	}
	if err := change(ctx); err != nil {
		return err
	}
	return s.noteRewrite(ctx, waves, true)
}

func (s *Store) noteRewrite(ctx context.Context, waves []Wave, done bool) error {
	rows := make([]rewrite, len(waves))
	for i, w := range waves {
		rows[i] = rewrite{w.ProgramID, w.SurveyID, w.ID, done, s.revision()}
	}
	return clickhouse.Insert(ctx, s.db, rewriteTable, rows)
}
