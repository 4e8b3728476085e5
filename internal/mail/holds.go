package mail

import (
	"context"
	_ "embed"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

var (
	//go:embed queries/holds.sql
	holdsSQL string
	//go:embed queries/holds_revision.sql
	holdsRevisionSQL string
)

// HoldKind says what keeps messages back.
type HoldKind string

const (
	// HoldParticipant: a participant wants no more messages.
	HoldParticipant HoldKind = "participant"
	// HoldAddress: an address does not work. It is held by a name derived from it,
	// so another address in the roster is free by itself.
	HoldAddress HoldKind = "address"
	// HoldProgram: one message of a programme after another was refused.
	HoldProgram HoldKind = "program"
)

// Hold keeps messages back until it is lifted.
type Hold struct {
	ProgramID string
	Kind      HoldKind
	Subject   uuid.UUID // the participant, AddressID, or nil for a programme
	Held      bool
	Detail    string // why, without addresses
	At        time.Time
}

// Holds are those of a programme.
type Holds struct {
	Participants, Addresses map[uuid.UUID]bool
	// Program is why the whole programme is held; nil when it is not.
	Program *Hold
}

// AddressID is the name by which an address is held.
func AddressID(programID, address string) uuid.UUID {
	return program.DeriveID(programID, "address", strings.ToLower(strings.TrimSpace(address)))
}

// PutHold begins a hold or lifts it.
func (o *Outbox) PutHold(ctx context.Context, h Hold) error {
	h.At = o.clock.Now().UTC()
	table := clickhouse.Table[Hold]{
		Name: "mail_holds",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "kind", Type: nameType}, {Name: "subject", Type: "UUID"}, {Name: "held", Type: "Bool"},
			{Name: "detail", Type: "String"}, {Name: "changed_at", Type: timeType}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []Hold) error {
			for _, h := range rows {
				if err := block.Append(h.ProgramID, string(h.Kind), h.Subject, h.Held, h.Detail, h.At, o.revision()); err != nil {
					return err
				}
			}
			return nil
		},
	}
	return clickhouse.Insert(ctx, o.db, table, []Hold{h})
}

// Holds reads what keeps a programme's messages back.
func (o *Outbox) Holds(ctx context.Context, programID string) (Holds, error) {
	all := Holds{Participants: map[uuid.UUID]bool{}, Addresses: map[uuid.UUID]bool{}}
	rows, err := clickhouse.Collect(ctx, o.db, "holds of messages", holdsSQL, func(rows driver.Rows) (Hold, error) {
		var (
			h    Hold
			kind string
		)
		err := rows.Scan(&h.ProgramID, &kind, &h.Subject, &h.Detail, &h.At)
		h.Kind, h.Held = HoldKind(kind), true
		return h, err
	}, clickhouse.Named("program", programID))
	for _, h := range rows {
		switch h.Kind {
		case HoldParticipant:
			all.Participants[h.Subject] = true
		case HoldAddress:
			all.Addresses[h.Subject] = true
		case HoldProgram:
			all.Program = &h
		}
	}
	return all, err
}

// HoldsRevision grows whenever a hold of a programme changes.
func (o *Outbox) HoldsRevision(ctx context.Context, programID string) (uint64, error) {
	var r uint64
	err := o.db.QueryRow(ctx, holdsRevisionSQL, clickhouse.Named("program", programID)).Scan(&r)
	return r, err
}

// revision orders the forms of a hold, and of a sender: microseconds since 1970,
// and never the same twice in a process.
func (o *Outbox) revision() uint64 {
	for {
		last := o.latest.Load()
		next := max(uint64(time.Now().UnixMicro()), last+1)
		if o.latest.CompareAndSwap(last, next) {
			return next
		}
	}
}
