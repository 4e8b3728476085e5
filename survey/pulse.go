package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

// Errors of a link that is genuine but cannot be used.
var (
	ErrRevoked   = errors.New("link was revoked")
	ErrNotOpen   = errors.New("wave is not open yet")
	ErrClosed    = errors.New("wave is closed")
	ErrSubmitted = errors.New("a final answer is stored already")
)

// ClosedError says of which wave the time is over; it is ErrClosed.
type ClosedError struct {
	Wave    Wave
	Program program.Program
	// Language is the participant's.
	Language string
}

func (e *ClosedError) Error() string {
	at := e.Wave.Closes
	if zone, err := e.Program.Location(); err == nil {
		at = at.In(zone)
	}
	return fmt.Sprintf("wave %q is closed since %s %s", e.Wave.Occurrence, at.Format("2006-01-02 15:04"), e.Program.TimeZone)
}

// Unwrap makes it ErrClosed.
func (e *ClosedError) Unwrap() error { return ErrClosed }

// ProblemsError lists what is wrong with a submission; nothing of it was stored.
type ProblemsError struct{ Problems []Problem }

func (e *ProblemsError) Error() string {
	return fmt.Sprintf("%d problems with the answers", len(e.Problems))
}

// Submission is what a participant sends: all answers, replacing what they sent
// before.
type Submission struct {
	Answers []Answer `json:"answers" validate:"required,max=200,dive"`
	// Final submits; otherwise the answers are kept as a draft, which no
	// figure counts.
	Final bool `json:"final"`
	// OpenedAt is when the answering began, as the sheet gave it. It only
	// serves the median time to answer.
	OpenedAt *time.Time `json:"opened_at,omitempty"`
}

// Receipt says what was stored.
type Receipt struct {
	Wave        string    `json:"wave"`
	Final       bool      `json:"final"`
	SubmittedAt time.Time `json:"submitted_at"`
	ClosesAt    time.Time `json:"closes_at"`
}

// Sheet is what a participant is asked, with what they have answered so far.
type Sheet struct {
	Program       program.Program
	Wave          Wave
	Questionnaire *Questionnaire
	Role          program.Role
	Language      string // the participant's own
	Asked         *Asked
	Goals         []program.Goal
	Answers       []Answer
	Final         bool
	OpenedAt      time.Time
}

// Recorder keeps responses; Put returns after the response is kept.
type Recorder interface {
	Put(ctx context.Context, r Response) error
}

// Pulse takes answers by link. It is safe for concurrent use and keeps nothing
// that another process would miss.
type Pulse struct {
	surveys    *Store
	recorder   Recorder
	links      Links
	codes      *codebook
	pseudonyms Pseudonyms
	audiences  *audiences
	// now is the clock; a simulation has its own.
	now func() time.Time
}

// NewPulse makes the service of links; now is the clock to go by.
func NewPulse(programs *program.Store, surveys *Store, secret access.Secret, now func() time.Time) *Pulse {
	names := NewPseudonyms(secret)
	return &Pulse{
		surveys: surveys, recorder: surveys, links: NewLinks(secret), codes: newCodebook(secret), pseudonyms: names, now: now,
		audiences: &audiences{programs: programs, surveys: surveys, pseudonyms: names, byWave: map[uuid.UUID]*audience{}},
	}
}

// Recording is p with its responses kept by another recorder: what a
// submission costs on the way to the store is measured so.
func (p *Pulse) Recording(r Recorder) *Pulse {
	other := *p
	other.recorder = r
	return &other
}

// Links makes the tokens of invitations.
func (p *Pulse) Links() Links { return p.links }

// seat is a participant's place in an open wave.
type seat struct {
	*audience
	*member
}

// find leads from a token to the participant's place, or says why it does not:
// ErrLink, ErrRevoked, ErrNotOpen or a ClosedError, or a TooManyError in place of
// ErrLink when too many came from where the request does. With ErrNotOpen and
// ErrClosed the place is returned too.
func (p *Pulse) find(ctx context.Context, token string) (seat, error) {
	s, err := p.seek(ctx, linkOf(ctx, token))
	return s, noted(ctx, err)
}

func (p *Pulse) seek(ctx context.Context, token string) (seat, error) {
	i, err := p.links.Read(token)
	if err != nil {
		return seat{}, err
	}
	a, err := p.audiences.get(ctx, i.ProgramID, i.Wave)
	if errors.Is(err, ErrNotFound) {
		return seat{}, ErrLink
	}
	if err != nil {
		return seat{}, err
	}
	m, ok := a.members[i.Participant]
	if !ok {
		return seat{}, ErrLink
	}
	s := seat{a, m}
	now := p.now()
	switch {
	case i.Revision != m.linkRevision:
		return seat{}, ErrRevoked
	case now.Before(a.wave.Opens):
		return s, ErrNotOpen
	case !a.wave.Open(now):
		return s, &ClosedError{Wave: a.wave, Program: a.program, Language: m.language}
	}
	return s, nil
}

// Open returns what the link's participant is asked, and records the first
// visit. Errors as of find.
func (p *Pulse) Open(ctx context.Context, token string) (*Sheet, error) {
	s, err := p.find(ctx, token)
	if err != nil {
		return nil, err
	}
	sheet := s.sheet()
	sheet.OpenedAt = p.now().UTC().Truncate(time.Second)
	stored, err := p.surveys.Response(ctx, s.wave, s.respondent)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return nil, err
	default:
		sheet.Answers = sheet.Asked.Answers(stored.Stored)
		sheet.Final = stored.Final
		return sheet, nil
	}
	err = p.surveys.PutVisit(ctx, Visit{
		ProgramID: s.program.ID, SurveyID: s.wave.SurveyID, Wave: s.wave.ID, Respondent: s.respondent,
		Role: s.invitation.Role, Attributes: s.invitation.Attributes, OpenedAt: s.coarse(p.now()),
	})
	if Busy(err) {
		// Counting the visit can wait for the next one; the reader cannot.
		slog.WarnContext(ctx, "a visit was not counted", "program", s.program.ID, "wave", s.wave.Occurrence, "error", err)
		err = nil
	}
	return sheet, err
}

func (s seat) sheet() *Sheet {
	return &Sheet{
		Program: s.program, Wave: s.wave, Questionnaire: s.questionnaire, Role: s.invitation.Role,
		Language: s.language, Asked: s.asked[s.invitation.Role], Goals: s.goals,
	}
}

// coarse hides the time of an answer in an anonymous programme, where it could
// tell who gave it.
func (s seat) coarse(t time.Time) time.Time {
	if s.program.Policy == program.Anonymous {
		return s.wave.Opens
	}
	return t.UTC()
}

// Submit checks a submission and returns after it is stored. Besides the errors
// of find: a *ProblemsError that lists everything wrong, ErrSubmitted for a
// draft after a final answer, clickhouse.ErrBusy when too many come at once.
func (p *Pulse) Submit(ctx context.Context, token string, sub Submission) (Receipt, error) {
	s, err := p.find(ctx, token)
	if err != nil {
		return Receipt{}, err
	}
	role := s.invitation.Role
	stored, problems := s.asked[role].Check(s.goalIDs, sub.Answers, sub.Final)
	if len(problems) > 0 {
		return Receipt{}, &ProblemsError{problems}
	}
	revision, err := p.follow(ctx, s, sub.Final)
	if err != nil {
		return Receipt{}, err
	}
	now := p.now().UTC()
	r := Response{
		ProgramID: s.program.ID, SurveyID: s.wave.SurveyID, Wave: s.wave.ID, Respondent: s.respondent,
		Role: role, Pair: s.pair, Attributes: s.invitation.Attributes, Final: sub.Final, Stored: stored,
		SubmittedAt: s.coarse(now), Seconds: secondsBetween(sub.OpenedAt, now), Revision: revision,
	}
	if err := p.recorder.Put(ctx, r); err != nil {
		return Receipt{}, err
	}
	return Receipt{Wave: s.wave.Occurrence, Final: sub.Final, SubmittedAt: r.SubmittedAt, ClosesAt: s.wave.Closes}, nil
}

// follow looks at what is stored already, where it matters: who sends a draft
// after a final answer, as a late autosave of an old page does, is told that it
// does not count; and in an anonymous programme a revision is counted on from the wave's opening,
// since the time of an answer could tell who gave it. Elsewhere the revision is
// 0 and the store gives it by the time.
func (p *Pulse) follow(ctx context.Context, s seat, final bool) (revision uint64, err error) {
	anonymous := s.program.Policy == program.Anonymous
	if final && !anonymous {
		return 0, nil
	}
	if anonymous {
		revision = uint64(s.wave.Opens.UnixMicro())
	}
	stored, err := p.surveys.Response(ctx, s.wave, s.respondent)
	switch {
	case errors.Is(err, ErrNotFound):
		return revision, nil
	case err != nil:
		return 0, err
	case stored.Final && !final:
		return 0, ErrSubmitted
	case anonymous:
		return stored.Revision&^finalRevision + 1, nil
	}
	return 0, nil
}

// secondsBetween is the time taken, 0 when unknown or not believable.
func secondsBetween(opened *time.Time, now time.Time) uint32 {
	if opened == nil {
		return 0
	}
	d := now.Sub(*opened)
	if d < time.Second || d > 24*time.Hour {
		return 0
	}
	return uint32(d / time.Second)
}

// Busy reports whether err says to try again in a moment.
func Busy(err error) bool {
	return errors.Is(err, clickhouse.ErrBusy) || errors.Is(err, clickhouse.ErrClosed)
}
