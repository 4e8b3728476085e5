package analytics

import (
	"context"
	_ "embed"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/survey"
)

//go:embed queries/invited.sql
var invitedSQL string

// invited are the groups of the people asked in each wave, with the attributes
// they had when it opened; none for a report that is not cut, which is spared
// the query.
func (r *request) invited(ctx context.Context, waves []survey.Wave) (map[uuid.UUID][]group, error) {
	found := map[uuid.UUID][]group{}
	if len(r.by) == 0 {
		return found, nil
	}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "who was invited", invitedSQL, func(rows driver.Rows) (group, error) {
		var (
			wave    uuid.UUID
			role    string
			segment survey.Attributes
		)
		err := rows.Scan(&wave, &role, &segment)
		g := r.groupOf(role, segment)
		found[wave] = append(found[wave], g)
		return g, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	return found, err
}

// groupsOf are the groups of the parts.
func groupsOf[T counted](parts []T) []group {
	list := make([]group, len(parts))
	for i, part := range parts {
		list[i] = part.people()
	}
	return list
}
