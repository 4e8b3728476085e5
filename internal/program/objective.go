package program

import (
	"context"
	_ "embed"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/internal/clickhouse"
)

//go:embed queries/objectives.sql
var objectivesSQL string

// MaxObjectives is how many objectives a programme may have.
const MaxObjectives = 50

// Objective is what a programme wants to reach: a figure of its reports that is
// to be at least, or at most, a target. What a measure and its scale are is for
// package analytics to know, which checks them before they are stored.
type Objective struct {
	ProgramID string
	Code      string            // slug; the natural key within the programme
	Title     map[string]string // by language
	Measure   string            // id of the measure
	Scale     string            // id of the questionnaire's scale; empty for a measure of none
	Role      Role              // empty for the participants as a whole
	AtMost    bool              // else at least
	Target    float64           // in the measure's unit; shares are 0–1
	Due       time.Time         // the day by which it is to be reached; zero for none
	Place     int               // in the owner's list, from 0
	Removed   bool
	Revision  uint64
}

// same reports whether two objectives differ in nothing but their revision.
func (o Objective) same(p Objective) bool {
	return o.Code == p.Code && maps.Equal(o.Title, p.Title) && o.Measure == p.Measure && o.Scale == p.Scale && o.Role == p.Role &&
		o.AtMost == p.AtMost && o.Target == p.Target && o.Due.Equal(p.Due) && o.Place == p.Place && o.Removed == p.Removed
}

// Objectives returns a programme's objectives in the owner's order.
func (s *Store) Objectives(ctx context.Context, programID string) ([]Objective, error) {
	all, err := s.objectives(ctx, programID)
	return slices.DeleteFunc(all, func(o Objective) bool { return o.Removed }), err
}

func (s *Store) objectives(ctx context.Context, programID string) ([]Objective, error) {
	return clickhouse.Collect(ctx, s.db, "objectives", objectivesSQL, func(rows driver.Rows) (Objective, error) {
		var (
			o     Objective
			place uint16
			role  string
			due   *time.Time
		)
		err := rows.Scan(&o.ProgramID, &o.Code, &place, &o.Title, &o.Measure, &o.Scale, &role, &o.AtMost, &o.Target, &due, &o.Removed, &o.Revision)
		o.Place, o.Role, o.Due = int(place), Role(role), orZero(due)
		return o, err
	}, clickhouse.Named("program", programID))
}

// SetObjectives makes list the objectives of a programme, in its order: what it
// lacks is removed. It is stored in one block, whole or not at all, and what is
// as before is not written again. Codes must differ.
func (s *Store) SetObjectives(ctx context.Context, programID string, list []Objective) error {
	stored, err := s.objectives(ctx, programID)
	if err != nil {
		return err
	}
	before, wanted := map[string]Objective{}, map[string]bool{}
	for _, o := range stored {
		before[o.Code] = o
	}
	var rows []Objective
	for i, o := range list {
		o.ProgramID, o.Place, o.Removed = programID, i, false
		wanted[o.Code] = true
		if old, known := before[o.Code]; !known || !old.same(o) {
			rows = append(rows, o)
		}
	}
	for _, o := range stored {
		if !wanted[o.Code] && !o.Removed {
			o.Removed = true
			rows = append(rows, o)
		}
	}
	now := revision()
	for i := range rows {
		rows[i].Revision = now
	}
	return clickhouse.Insert(ctx, s.db, objectiveTable, rows)
}

var objectiveTable = clickhouse.Table[Objective]{
	Name: "objectives",
	Columns: []clickhouse.Column{
		{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "code", Type: "LowCardinality(String)"}, {Name: "place", Type: "UInt16"},
		{Name: "title", Type: "Map(LowCardinality(String), String)"}, {Name: "measure", Type: "LowCardinality(String)"},
		{Name: "scale", Type: "LowCardinality(String)"}, {Name: "role", Type: "LowCardinality(String)"}, {Name: "at_most", Type: "Bool"},
		{Name: "target", Type: "Float64"}, {Name: "due", Type: "Nullable(Date32)"}, {Name: "removed", Type: "Bool"}, {Name: "revision", Type: "UInt64"},
	},
	Encode: each(func(o Objective) []any {
		return []any{o.ProgramID, o.Code, uint16(o.Place), o.Title, o.Measure, o.Scale, string(o.Role), o.AtMost, o.Target, day(o.Due), o.Removed, o.Revision}
	}),
}
