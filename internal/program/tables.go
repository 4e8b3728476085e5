package program

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/internal/clickhouse"
)

// The tables as they are written; migrations/ makes them.
var (
	programTable = clickhouse.Table[Program]{
		Name: "programs",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "name", Type: "String"},
			{Name: "policy", Type: "LowCardinality(String)"}, {Name: "k", Type: "UInt8"},
			{Name: "time_zone", Type: "LowCardinality(String)"}, {Name: "languages", Type: "Array(LowCardinality(String))"},
			{Name: "attributes", Type: "Array(String)"}, {Name: "starts", Type: "Date32"},
			{Name: "ends", Type: "Nullable(Date32)"}, {Name: "contact", Type: "String"},
			{Name: "demo", Type: "Bool"}, {Name: "key_revision", Type: "UInt32"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: each(func(p Program) []any {
			return []any{p.ID, p.Name, string(p.Policy), uint8(p.K), p.TimeZone, p.Languages, p.Attributes,
				p.Starts, day(p.Ends), p.Contact, p.Demo, p.KeyRevision, p.Revision}
		}),
	}
	participantTable = clickhouse.Table[Participant]{
		Name: "participants",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "participant_id", Type: "UUID"},
			{Name: "external_id", Type: "String"}, {Name: "email", Type: "String"}, {Name: "name", Type: "String"},
			{Name: "language", Type: "LowCardinality(String)"}, {Name: "time_zone", Type: "LowCardinality(String)"}, {Name: "role", Type: "LowCardinality(String)"},
			{Name: "attributes", Type: "Map(LowCardinality(String), String)"}, {Name: "joined", Type: "Date32"},
			{Name: "left", Type: "Nullable(Date32)"}, {Name: "employed_from", Type: "Nullable(Date32)"},
			{Name: "employed_to", Type: "Nullable(Date32)"}, {Name: "link_revision", Type: "UInt32"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: each(func(p Participant) []any {
			return []any{p.ProgramID, p.ID, p.ExternalID, p.Email, p.Name, p.Language, p.TimeZone, string(p.Role), p.Attributes,
				p.Joined, day(p.Left), day(p.EmployedFrom), day(p.EmployedTo), p.LinkRevision, p.Revision}
		}),
	}
	pairTable = clickhouse.Table[Pair]{
		Name: "pairs",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "pair_id", Type: "UUID"},
			{Name: "mentor_id", Type: "UUID"}, {Name: "mentee_id", Type: "UUID"}, {Name: "started", Type: "Date32"},
			{Name: "ended", Type: "Nullable(Date32)"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: each(func(p Pair) []any {
			return []any{p.ProgramID, p.ID, p.Mentor, p.Mentee, p.From, day(p.To), p.Revision}
		}),
	}
	goalTable = clickhouse.Table[Goal]{
		Name: "goals",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "pair_id", Type: "UUID"}, {Name: "goal_id", Type: "UUID"},
			{Name: "code", Type: "LowCardinality(String)"}, {Name: "title", Type: "String"}, {Name: "levels", Type: "Array(String)"},
			{Name: "weight", Type: "Float64"}, {Name: "baseline", Type: "Int8"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: each(func(g Goal) []any {
			return []any{g.ProgramID, g.Pair, g.ID, g.Code, g.Title, g.Levels[:], g.Weight, g.Baseline, g.Revision}
		}),
	}
)

// each encodes a block row by row.
func each[T any](values func(T) []any) func(driver.Batch, []T) error {
	return func(block driver.Batch, rows []T) error {
		for _, row := range rows {
			if err := block.Append(values(row)...); err != nil {
				return err
			}
		}
		return nil
	}
}

// day is nil for a day that has not come.
func day(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
