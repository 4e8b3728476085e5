package survey

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

// audience is all that is needed to take answers to one wave without asking
// the store again: who is asked, what, and with which goals. It is not changed
// after it was read.
type audience struct {
	program       program.Program
	wave          Wave
	questionnaire *Questionnaire
	asked         map[program.Role]*Asked
	members       map[uuid.UUID]*member
	revision      uint64
	// reading gives what participants have stored.
	reading *clickhouse.Gather[reader, kept]
	// checked is when the store last confirmed the revision.
	checked time.Time
}

// member is one invited participant.
type member struct {
	language     string
	linkRevision uint32
	invitation   Invitation
	respondent   uuid.UUID
	pair         uuid.UUID // pseudonym
	pairs        []program.Pair
	goals        []program.Goal
	goalIDs      []uuid.UUID
}

const (
	// trustFor is how long an audience is used without asking the store
	// whether it has changed: a link that another process revoked may be taken
	// for so long.
	trustFor = 2 * time.Second
	// forgetAfter is when the audience of a wave nobody asks for is dropped.
	forgetAfter = time.Hour
)

// audiences keeps the audiences of the waves that are being answered.
type audiences struct {
	programs   *program.Store
	surveys    *Store
	pseudonyms Pseudonyms
	mu         sync.Mutex
	byWave     map[uuid.UUID]*audience
	reading    singleflight.Group
}

// get returns the audience of a wave, or ErrNotFound.
func (a *audiences) get(ctx context.Context, programID string, wave uuid.UUID) (*audience, error) {
	a.mu.Lock()
	known := a.byWave[wave]
	a.mu.Unlock()
	if known != nil && known.program.ID == programID && time.Since(known.checked) < trustFor {
		return known, nil
	}
	// One request asks for all that wait. It must not end with the first
	// waiting client, so the context's end is not passed on.
	fresh, err, _ := a.reading.Do(programID+"/"+wave.String(), func() (any, error) {
		return a.refresh(context.WithoutCancel(ctx), known, programID, wave)
	})
	if err != nil {
		return nil, err
	}
	return fresh.(*audience), nil
}

func (a *audiences) refresh(ctx context.Context, known *audience, programID string, wave uuid.UUID) (*audience, error) {
	now := time.Now()
	if known == nil || known.program.ID != programID {
		w, err := a.surveys.Wave(ctx, programID, wave)
		if err != nil {
			return nil, err
		}
		known = &audience{wave: w}
	}
	revision, err := a.surveys.audienceRevision(ctx, programID, known.wave.SurveyID, wave)
	if err != nil {
		return nil, err
	}
	fresh := *known
	if known.members == nil || known.revision != revision {
		read, err := a.read(ctx, programID, wave)
		if err != nil {
			return nil, err
		}
		fresh = *read
	}
	fresh.revision, fresh.checked = revision, now
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, other := range a.byWave {
		if now.Sub(other.checked) > forgetAfter {
			delete(a.byWave, id)
		}
	}
	a.byWave[wave] = &fresh
	return &fresh, nil
}

func (a *audiences) read(ctx context.Context, programID string, wave uuid.UUID) (*audience, error) {
	var (
		all audience
		err error
	)
	if all.program, err = a.programs.Program(ctx, programID); err != nil {
		return nil, err
	}
	if all.wave, err = a.surveys.Wave(ctx, programID, wave); err != nil {
		return nil, err
	}
	all.questionnaire, err = a.surveys.Questionnaire(ctx, programID, all.wave.QuestionnaireID, all.wave.QuestionnaireVersion)
	if err != nil {
		return nil, err
	}
	all.asked = map[program.Role]*Asked{}
	for _, role := range program.Roles() {
		all.asked[role] = NewAsked(all.questionnaire.WaveItems(all.wave.Number, role))
	}
	roster, err := a.programs.Snapshot(ctx, programID)
	if err != nil {
		return nil, err
	}
	invitations, err := a.surveys.Invitations(ctx, all.wave)
	if err != nil {
		return nil, err
	}
	people := make(map[uuid.UUID]program.Participant, len(roster.Participants))
	for _, p := range roster.Participants {
		people[p.ID] = p
	}
	goals := map[uuid.UUID][]program.Goal{}
	for _, g := range roster.Goals {
		goals[g.Pair] = append(goals[g.Pair], g)
	}
	pairs := pairsOf(roster)
	all.reading = a.newReading(all.wave)
	all.members = make(map[uuid.UUID]*member, len(invitations))
	for _, i := range invitations {
		p, ok := people[i.Participant]
		if !ok {
			continue // erased since
		}
		m := &member{
			language: all.program.Language(p.Language), linkRevision: p.LinkRevision, invitation: i,
			respondent: a.pseudonyms.Respondent(all.program, wave, p.ID), pair: a.pseudonyms.Pair(all.program, wave, i.Pair), pairs: pairs[p.ID],
		}
		if i.Pair != uuid.Nil {
			m.goals = goals[i.Pair]
		}
		for _, g := range m.goals {
			m.goalIDs = append(m.goalIDs, g.ID)
		}
		all.members[p.ID] = m
	}
	return &all, nil
}
