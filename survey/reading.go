package survey

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
)

// reader is a participant for whom a page is made.
type reader struct {
	respondent, participant uuid.UUID
	// pair is whose meetings are shown; nil for who has none that works.
	pair uuid.UUID
}

// kept is all that the store has of a reader that their page shows.
type kept struct {
	response Response
	sent     bool // there is a response
	drafts   []Draft
	language string // that they chose; empty for none
	days     []time.Time
	unmet    error // why the days are not known
}

// readsAtOnce is how many reads of a wave are under way at most.
const readsAtOnce = 2

// newReading makes the reading of what the pages of a wave show: many pages are
// asked for in the minutes after an invitation, and reading for each alone would
// cost more than all the rest of it.
func (a *audiences) newReading(w Wave) *clickhouse.Gather[reader, kept] {
	return clickhouse.NewGather(readsAtOnce, func(ctx context.Context, readers []reader) (map[reader]kept, error) {
		return a.readKept(ctx, w, readers)
	})
}

func (a *audiences) readKept(ctx context.Context, w Wave, readers []reader) (map[reader]kept, error) {
	var respondents, participants, pairs []uuid.UUID
	for _, r := range readers {
		respondents, participants = append(respondents, r.respondent), append(participants, r.participant)
		if r.pair != uuid.Nil {
			pairs = append(pairs, r.pair)
		}
	}
	var (
		responses                         []Response
		drafts                            []Draft
		languages                         map[uuid.UUID]string
		days                              map[uuid.UUID][]time.Time
		unsent, undrafted, unknown, unmet error
		all                               sync.WaitGroup
	)
	all.Go(func() { responses, unsent = a.surveys.responsesOf(ctx, w, respondents) })
	all.Go(func() { drafts, undrafted = a.surveys.draftsOf(ctx, w, respondents) })
	all.Go(func() { languages, unknown = a.programs.LanguagesOf(ctx, w.ProgramID, participants) })
	if len(pairs) > 0 {
		all.Go(func() { days, unmet = a.surveys.meetingDaysOf(ctx, w.ProgramID, pairs, recentMeetings) })
	}
	all.Wait()
	if err := errors.Join(unsent, undrafted); err != nil {
		return nil, err
	}
	if unknown != nil {
		// Whatever is to be said is better said in the other language than not.
		slog.WarnContext(ctx, "the participants' languages were not found", "program", w.ProgramID, "error", unknown)
	}
	responseOf := make(map[uuid.UUID]Response, len(responses))
	for _, r := range responses {
		responseOf[r.Respondent] = r
	}
	draftsOf := map[uuid.UUID][]Draft{}
	for _, d := range drafts {
		draftsOf[d.Respondent] = append(draftsOf[d.Respondent], d)
	}
	found := make(map[reader]kept, len(readers))
	for _, r := range readers {
		one := kept{drafts: draftsOf[r.respondent], language: languages[r.participant], days: days[r.pair], unmet: unmet}
		one.response, one.sent = responseOf[r.respondent]
		found[r] = one
	}
	return found, nil
}

// kept reads all that the participant's page shows.
func (p *Pulse) kept(ctx context.Context, s seat) (kept, error) {
	r := reader{respondent: s.respondent, participant: s.invitation.Participant}
	if pair, _, err := s.working(p.now()); err == nil {
		r.pair = pair.ID
	}
	return s.reading.Get(ctx, r)
}
