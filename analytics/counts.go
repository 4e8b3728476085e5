package analytics

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/gob"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/counts.sql
var countsSQL string

// countsForm changes with the meaning of what is kept.
const countsForm = "1"

// countedAtOnce is the most waves that one statement counts. The first report
// after an import of many large waves counts them all, and together their people
// can take more memory than a statement may have.
const countedAtOnce = 8

// fact is something that is counted of a wave and kept as tallies are, see
// kept.go: participation, goals, what changed since another wave.
type fact struct {
	query  string
	of     string        // what the query was asked, apart from the waves
	beside []survey.Wave // other waves that it reads; all must be settled
}

// keeping gives what is counted of waves: of settled ones what is kept, and of
// the others what counting gives, which it keeps where it may. T has nothing but
// exported fields.
func keeping[T any](ctx context.Context, r *request, c fact, waves []survey.Wave,
	counting func(context.Context, []survey.Wave) (map[uuid.UUID][]T, error)) (map[uuid.UUID][]T, error) {
	states, err := r.states(ctx, append(slices.Clone(waves), c.beside...)) // before anything is counted
	if err != nil {
		return nil, err
	}
	id, settled := c.id(states)
	if !settled {
		return counting(ctx, waves)
	}
	found, err := keptCounts[T](ctx, r, id, waves, states)
	if err != nil {
		return nil, err
	}
	var missing []survey.Wave
	for _, w := range waves {
		if _, kept := found[w.ID]; !kept {
			missing = append(missing, w)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	counted := map[uuid.UUID][]T{}
	for some := range slices.Chunk(missing, countedAtOnce) {
		part, err := counting(ctx, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(counted, part)
	}
	var rows []countRow
	for _, w := range missing {
		found[w.ID] = counted[w.ID]
		of, ok := states[w.ID]
		if !ok {
			continue
		}
		text, err := contentOf(counted[w.ID])
		if err != nil {
			return nil, err
		}
		rows = append(rows, countRow{w.ProgramID, w.SurveyID, w.ID, id, content{of, text}})
	}
	// A report does not need it to succeed: what is not kept is counted again.
	if err := clickhouse.Insert(ctx, r.db, countTable, rows); err != nil {
		slog.WarnContext(ctx, "what was counted of closed waves is not kept", "program", r.program.ID, "error", err)
	}
	return found, nil
}

// id names what is counted; it is not settled while another wave that it reads is
// not.
func (c fact) id(states map[uuid.UUID]state) (id uuid.UUID, settled bool) {
	parts := []string{"counts", countsForm, c.query, c.of}
	for _, w := range c.beside {
		of, ok := states[w.ID]
		if !ok {
			return id, false
		}
		parts = append(parts, fmt.Sprint(w.ID, of.wave, of.rewritten))
	}
	return program.DeriveID(parts...), true
}

// place is where something counted is kept.
type place struct{ wave, counted uuid.UUID }

// content is what is kept there, of which state of the wave.
type content struct {
	of   state
	text string
}

// readCounts reads what is kept of waves: of the things counted that are named,
// or all of it.
func (r *request) readCounts(ctx context.Context, waves []survey.Wave, counted ...string) (map[place]content, error) {
	found := map[place]content{}
	if counted == nil {
		counted = []string{}
	}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "kept counts", countsSQL, func(rows driver.Rows) (struct{}, error) {
		var (
			at  place
			one content
		)
		err := rows.Scan(&at.wave, &at.counted, &one.of.wave, &one.of.rewritten, &one.text)
		found[at] = one
		return struct{}{}, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("counted", counted))
	return found, err
}

func keptCounts[T any](ctx context.Context, r *request, id uuid.UUID, waves []survey.Wave, states map[uuid.UUID]state) (map[uuid.UUID][]T, error) {
	found := map[uuid.UUID][]T{}
	closed := slices.DeleteFunc(slices.Clone(waves), func(w survey.Wave) bool { _, ok := states[w.ID]; return !ok })
	if len(closed) == 0 {
		return found, nil
	}
	kept := r.ahead[closed[0].ID]
	if len(closed) > 1 || kept == nil {
		var err error
		if kept, err = r.readCounts(ctx, closed, id.String()); err != nil {
			return nil, err
		}
	}
	for _, w := range closed {
		one, ok := kept[place{w.ID, id}]
		if !ok || one.of != states[w.ID] {
			continue
		}
		var list []T
		// What cannot be read is counted again.
		if err := gob.NewDecoder(strings.NewReader(one.text)).Decode(&list); err != nil {
			slog.WarnContext(ctx, "what is kept of a closed wave cannot be read", "program", r.program.ID, "error", err)
			continue
		}
		found[w.ID] = list
	}
	return found, nil
}

func contentOf[T any](list []T) (string, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(list); err != nil {
		return "", fmt.Errorf("keep what was counted: %w", err)
	}
	return b.String(), nil
}

// countRow is what is kept of a wave.
type countRow struct {
	program               string
	survey, wave, counted uuid.UUID
	content
}

var countTable = clickhouse.Table[countRow]{
	Name: "counts",
	Columns: []clickhouse.Column{
		{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"},
		{Name: "counted", Type: "UUID"}, {Name: "wave_revision", Type: "UInt64"}, {Name: "rewritten", Type: "UInt64"},
		{Name: "content", Type: "String"}, {Name: "revision", Type: "UInt64"},
	},
	Encode: func(block driver.Batch, rows []countRow) error {
		for _, k := range rows {
			if err := block.Append(k.program, k.survey, k.wave, k.counted, k.of.wave, k.of.rewritten, k.text, uint64(time.Now().UnixMicro())); err != nil {
				return err
			}
		}
		return nil
	},
}

// keptGroup is the group of a role and of attributes as the store has them.
func (r *request) keptGroup(role, attributes string) (group, error) {
	var segment survey.Attributes
	err := segment.Scan(attributes)
	return r.groupOf(role, segment), err
}
