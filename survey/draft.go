package survey

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

//go:embed queries/drafts.sql
var draftsSQL string

// placeItem is the item under which a draft keeps where the respondent stopped.
const placeItem = "_place"

// Draft is the newest answer of a respondent to one item, as it was given. Each
// is a row of its own, so two devices that answer different items need not know
// of each other.
type Draft struct {
	ProgramID  string
	SurveyID   uuid.UUID
	Wave       uuid.UUID
	Respondent uuid.UUID
	Role       program.Role
	Attributes Attributes
	Item       string
	Answer     string // JSON of an Answer, without item and time
	// At is when it was given, in milliseconds since 1970, masked where a time
	// could tell who answered; see Pseudonyms.mask.
	At       uint64
	Revision uint64
}

// Kept are answers to keep as they are given, each by the time at which it was.
type Kept struct {
	Answers []Answer `json:"answers" validate:"required,max=200,dive"`
	// Place is the item at which the participant is; another device begins there.
	Place string `json:"place,omitempty" validate:"max=64"`
}

// PutDrafts stores answers that came together and returns after they are stored.
func (s *Store) PutDrafts(ctx context.Context, together []Draft) error {
	if len(together) == 0 {
		return nil
	}
	return s.drafts.Write(ctx, together)
}

// Drafts returns what a respondent has answered in a wave, item by item, with the
// names and attributes left out.
func (s *Store) Drafts(ctx context.Context, w Wave, respondent uuid.UUID) ([]Draft, error) {
	return s.draftsOf(ctx, w, []uuid.UUID{respondent})
}

// draftsOf are those of some respondents.
func (s *Store) draftsOf(ctx context.Context, w Wave, respondents []uuid.UUID) ([]Draft, error) {
	return clickhouse.Collect(ctx, s.db, "drafts", draftsSQL, func(rows driver.Rows) (Draft, error) {
		d := Draft{ProgramID: w.ProgramID, SurveyID: w.SurveyID, Wave: w.ID}
		err := rows.Scan(&d.Respondent, &d.Item, &d.Answer, &d.At, &d.Revision)
		return d, err
	}, append(ofWave(w), clickhouse.IDs("respondents", respondents))...)
}

// Keep stores answers as they are given, and returns after they are stored. They
// need not be all, and may be older than what is stored, which then stays. No
// figure counts them before they are submitted. Errors as of Submit.
func (p *Pulse) Keep(ctx context.Context, token string, k Kept) error {
	s, err := p.find(ctx, token)
	if err != nil {
		return err
	}
	answers, problems := s.asked[s.invitation.Role].CheckEach(s.goalIDs, k.Answers)
	if len(problems) > 0 {
		return &ProblemsError{problems}
	}
	return p.keep(ctx, s, answers, k.Place)
}

// keep stores answers that were checked.
func (p *Pulse) keep(ctx context.Context, s seat, answers []Answer, place string) error {
	now := p.now()
	rows := make([]Draft, 0, len(answers)+1)
	for _, answer := range answers {
		rows = append(rows, s.draft(answer, now))
	}
	if s.asks(place) {
		row := s.draft(Answer{Text: &place}, now)
		row.Item = placeItem
		rows = append(rows, row)
	}
	if s.program.Policy == program.Anonymous {
		var err error
		if rows, err = p.conceal(ctx, s, rows); err != nil {
			return err
		}
	}
	return p.surveys.PutDrafts(ctx, rows)
}

// draft is an answer as it is kept. A clock that is ahead does not outdo those
// that are right, and nothing was answered before the wave opened.
func (s seat) draft(answer Answer, now time.Time) Draft {
	at := now
	if answer.At != nil && answer.At.Before(now) {
		at = *answer.At
	}
	if at.Before(s.wave.Opens) {
		at = s.wave.Opens
	}
	d := Draft{
		ProgramID: s.program.ID, SurveyID: s.wave.SurveyID, Wave: s.wave.ID, Respondent: s.respondent,
		Role: s.invitation.Role, Attributes: s.invitation.Attributes, Item: answer.Item,
		At: uint64(at.UnixMilli()), Revision: uint64(at.UnixMilli()),
	}
	answer.Item, answer.At = "", nil
	text, _ := json.Marshal(answer) // numbers that JSON lacks were refused
	d.Answer = string(text)
	return d
}

// asks reports whether the participant is asked the item.
func (s seat) asks(item string) bool {
	a := s.asked[s.invitation.Role]
	if at, ok := a.index[item]; ok {
		return at != a.goals
	}
	return slices.ContainsFunc(s.goalIDs, func(id uuid.UUID) bool { return item == GoalPrefix+id.String() })
}

// conceal takes the times out of the rows of an anonymous programme. Which is
// newer the table cannot tell then, so what is stored is read first. Two devices
// in the same moment may cross each other.
func (p *Pulse) conceal(ctx context.Context, s seat, rows []Draft) ([]Draft, error) {
	stored, err := p.surveys.Drafts(ctx, s.wave, s.respondent)
	if err != nil {
		return nil, err
	}
	known := map[string]Draft{}
	for _, d := range stored {
		known[d.Item] = d
	}
	var news []Draft
	for _, d := range rows {
		before, ok := known[d.Item]
		if ok && d.At < before.At^p.mask(s, d.Item, before.Revision) {
			continue
		}
		d.Revision = before.Revision + 1
		d.At ^= p.mask(s, d.Item, d.Revision)
		news = append(news, d)
	}
	return news, nil
}

// mask hides a time of the participant's row of that revision; 0 where times are
// not hidden.
func (p *Pulse) mask(s seat, item string, revision uint64) uint64 {
	return p.pseudonyms.mask(s.program, s.respondent, item, revision)
}

// progress is how far a participant has come: what is stored as a whole, and
// what was answered since.
type progress struct {
	response Response
	sent     bool // there is a response
	drafts   bool // there are drafts
	replaced uint64
	answers  []Answer // the newest to each item, in the order of the items
	place    string
}

// progress reads what a participant has stored.
func (p *Pulse) progress(ctx context.Context, s seat) (progress, error) {
	response, err := p.surveys.Response(ctx, s.wave, s.respondent)
	sent := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return progress{}, err
	}
	drafts, err := p.surveys.Drafts(ctx, s.wave, s.respondent)
	if err != nil {
		return progress{}, err
	}
	return p.progressOf(s, response, sent, drafts)
}

// progressOf puts together what was read: the response, if one was sent, and the
// drafts.
func (p *Pulse) progressOf(s seat, response Response, sent bool, drafts []Draft) (progress, error) {
	all := progress{response: response, sent: sent}
	if all.sent && all.response.ReplacedAt != 0 {
		all.replaced = all.response.ReplacedAt ^ p.mask(s, "", all.response.Revision&^finalRevision)
	}
	asked := s.asked[s.invitation.Role]
	newest := map[string]Answer{}
	for _, answer := range asked.Answers(all.response.Stored) {
		if all.replaced > 0 {
			answer.At = instantOf(all.replaced)
		}
		newest[answer.Item] = answer
	}
	for _, d := range drafts {
		var answer Answer
		if err := json.Unmarshal([]byte(d.Answer), &answer); err != nil {
			return all, fmt.Errorf("draft of item %q: %w", d.Item, err)
		}
		at := d.At ^ p.mask(s, d.Item, d.Revision)
		switch {
		case d.Item == placeItem:
			all.place = *answer.Text
		case at >= all.replaced && s.asks(d.Item):
			answer.Item, answer.At = d.Item, instantOf(at)
			newest[d.Item] = answer
			all.drafts = true
		}
	}
	all.answers = s.inOrder(newest)
	return all, nil
}

func instantOf(milliseconds uint64) *time.Time {
	at := time.UnixMilli(int64(milliseconds)).UTC()
	return &at
}

// inOrder puts answers into the order of the items and goals.
func (s seat) inOrder(newest map[string]Answer) []Answer {
	all := make([]Answer, 0, len(newest))
	take := func(id string) {
		if answer, ok := newest[id]; ok {
			all = append(all, answer)
		}
	}
	for _, it := range s.asked[s.invitation.Role].items {
		take(it.ID)
	}
	for _, id := range s.goalIDs {
		take(GoalPrefix + id.String())
	}
	return all
}

// given are the answers that say something.
func (all progress) given() []Answer {
	return slices.DeleteFunc(slices.Clone(all.answers), func(a Answer) bool { return a.empty() })
}

// news are those of the answers, given now unless they say when, that are not
// older than what is stored: of two of the same time the one that comes in later
// counts, as of who sends back what they read with a change.
func (all progress) news(answers []Answer, now time.Time) []Answer {
	var news []Answer
	for _, answer := range answers {
		at := uint64(max(now.UnixMilli(), 0))
		if answer.At != nil {
			at = uint64(max(answer.At.UnixMilli(), 0))
		}
		known := all.replaced
		i := slices.IndexFunc(all.answers, func(a Answer) bool { return a.Item == answer.Item })
		if i >= 0 && all.answers[i].At != nil {
			known = uint64(all.answers[i].At.UnixMilli())
		}
		if at >= known && (i < 0 || !all.answers[i].same(answer)) {
			news = append(news, answer)
		}
	}
	return news
}

// same reports whether two answers say the same.
func (a *Answer) same(b Answer) bool {
	return a.Item == b.Item && reflect.DeepEqual(a.Value, b.Value) && slices.Equal(a.Choices, b.Choices) && reflect.DeepEqual(a.Text, b.Text)
}
