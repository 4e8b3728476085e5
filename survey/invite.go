package survey

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

var (
	//go:embed queries/to_invite.sql
	toInviteSQL string
	//go:embed queries/pairs_on.sql
	pairsOnSQL string
)

// invite adds the invitations that the wave lacks and returns how many those are.
func (s *Scheduler) invite(ctx context.Context, p program.Program, one Survey, w Wave) (int, error) {
	zone, err := p.Location()
	if err != nil {
		return 0, err
	}
	day := program.Day(maxTime(s.now(), w.Opens), zone)
	missing, err := s.surveys.toInvite(ctx, p, one, w, day)
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	pairs, err := s.surveys.pairsOn(ctx, p.ID, day)
	if err != nil {
		return 0, err
	}
	for i := range missing {
		missing[i].Pair = pairs[missing[i].Participant]
	}
	return len(missing), s.surveys.Invite(ctx, missing)
}

// toInvite are the invitations that a wave lacks on a day, without pairs. Nothing
// else is read of the roster, and each combination of attributes once, since a
// hundred thousand people may be asked.
func (s *Store) toInvite(ctx context.Context, p program.Program, one Survey, w Wave, day time.Time) ([]Invitation, error) {
	roles := make([]string, len(one.Audience))
	for i, role := range one.Audience {
		roles[i] = string(role)
	}
	type alike struct {
		invitation Invitation
		people     []uuid.UUID
	}
	attributes := append([]string{}, p.Attributes...) // the driver binds no nil
	groups, err := clickhouse.Collect(ctx, s.db, "people to invite", toInviteSQL, func(rows driver.Rows) (alike, error) {
		var (
			g          alike
			role, text string
		)
		if err := rows.Scan(&role, &text, &g.people); err != nil {
			return g, err
		}
		i := &g.invitation
		if err := json.Unmarshal([]byte(text), (*map[string]string)(&i.Attributes)); err != nil {
			return g, fmt.Errorf("attributes: %w", err)
		}
		i.ProgramID, i.SurveyID, i.Wave, i.Role, i.stored = p.ID, one.ID, w.ID, program.Role(role), i.Attributes.text()
		return g, nil
	}, append(ofWave(w), clickhouse.Named("roles", roles), clickhouse.Named("attributes", attributes), clickhouse.Named("day", day.Format(time.DateOnly)))...)
	if err != nil {
		return nil, err
	}
	count := 0
	for _, g := range groups {
		count += len(g.people)
	}
	all := make([]Invitation, 0, count)
	for _, g := range groups {
		for _, id := range g.people {
			g.invitation.Participant = id
			all = append(all, g.invitation)
		}
	}
	return all, nil
}

// pairsOn gives each participant's pair on a day.
func (s *Store) pairsOn(ctx context.Context, programID string, day time.Time) (map[uuid.UUID]uuid.UUID, error) {
	var pairs, mentors, mentees []uuid.UUID
	err := s.db.QueryRow(ctx, pairsOnSQL, clickhouse.Named("program", programID), clickhouse.Named("day", day.Format(time.DateOnly))).Scan(&pairs, &mentors, &mentees)
	if err != nil {
		return nil, storedErr("pairs", programID, err)
	}
	of := make(map[uuid.UUID]uuid.UUID, 2*len(pairs))
	for i, pair := range pairs {
		of[mentors[i]], of[mentees[i]] = pair, pair
	}
	return of, nil
}
