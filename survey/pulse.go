package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
// before, or merged with it.
type Submission struct {
	Answers []Answer `json:"answers" validate:"required,max=200,dive"`
	// Final submits; otherwise the answers are kept as a draft, which no
	// figure counts.
	Final bool `json:"final"`
	// Merge: of each item the newest answer counts, of these and of what is
	// stored, and what is not among these stays. So does an answer that says when
	// it was given.
	Merge bool `json:"merge,omitempty"`
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
	// Answers are the newest to each item, submitted or not, and each says when
	// it was given. One that says nothing else was taken back.
	Answers []Answer
	// Final: answers are submitted. Unsent: some were changed since.
	Final, Unsent bool
	// Place is the item at which the participant stopped; empty for none.
	Place    string
	Now      time.Time
	OpenedAt time.Time
	// kept is what of it was read; nil for a sheet without answers.
	kept *kept
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
	sheet.Now = p.now().UTC()
	sheet.OpenedAt = sheet.Now.Truncate(time.Second)
	stored, err := p.kept(ctx, s)
	if err != nil {
		return nil, err
	}
	all, err := p.progressOf(s, stored.response, stored.sent, stored.drafts)
	if err != nil {
		return nil, err
	}
	sheet.kept = &stored
	sheet.fill(all, s.goalIDs)
	if stored.language != "" {
		sheet.Language = stored.language
	}
	if all.sent || len(all.answers) > 0 {
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

// fill puts into the sheet how far the participant has come.
func (s *Sheet) fill(all progress, goals []uuid.UUID) {
	s.Answers, s.Place = all.answers, all.place
	s.Final = all.sent && all.response.Final
	if s.Final && all.drafts {
		now, wrong := s.Asked.Check(goals, all.given(), true)
		s.Unsent = len(wrong) > 0 || !now.equal(all.response.Stored)
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
	if sub.Merge || slices.ContainsFunc(sub.Answers, func(a Answer) bool { return a.At != nil }) {
		return p.merge(ctx, s, sub)
	}
	stored, problems := s.asked[s.invitation.Role].Check(s.goalIDs, sub.Answers, sub.Final)
	if len(problems) > 0 {
		return Receipt{}, &ProblemsError{problems}
	}
	revision, err := p.follow(ctx, s, sub.Final)
	if err != nil {
		return Receipt{}, err
	}
	now := p.now().UTC()
	return p.record(ctx, s, Response{Final: sub.Final, Stored: stored, Seconds: secondsBetween(sub.OpenedAt, now),
		ReplacedAt: uint64(now.UnixMilli()) ^ p.mask(s, "", revision), Revision: revision})
}

// record stores a response of the participant at s.
func (p *Pulse) record(ctx context.Context, s seat, r Response) (Receipt, error) {
	r.ProgramID, r.SurveyID, r.Wave, r.Respondent = s.program.ID, s.wave.SurveyID, s.wave.ID, s.respondent
	r.Role, r.Pair, r.Attributes = s.invitation.Role, s.pair, s.invitation.Attributes
	r.SubmittedAt = s.coarse(p.now())
	if err := p.recorder.Put(ctx, r); err != nil {
		return Receipt{}, err
	}
	return Receipt{Wave: s.wave.Occurrence, Final: r.Final, SubmittedAt: r.SubmittedAt, ClosesAt: s.wave.Closes}, nil
}

// merge takes a submission whose answers say when they were given: of each item
// the newest answer counts, of these and of what any device has kept.
//
// What is given here is kept first, then the revision is taken, and then what is
// kept is read. So of two submissions that cross each other the one of the higher
// revision, which counts, has seen all that the other was made of.
func (p *Pulse) merge(ctx context.Context, s seat, sub Submission) (Receipt, error) {
	asked := s.asked[s.invitation.Role]
	answers, problems := asked.CheckEach(s.goalIDs, sub.Answers)
	if len(problems) > 0 {
		return Receipt{}, p.wrong(ctx, s, sub, problems)
	}
	now := p.now().UTC()
	if !sub.Final {
		return Receipt{Wave: s.wave.Occurrence, SubmittedAt: s.coarse(now), ClosesAt: s.wave.Closes}, p.keep(ctx, s, answers, "")
	}
	revision := p.surveys.revision()
	all, err := p.progress(ctx, s)
	if err != nil {
		return Receipt{}, err
	}
	if news := all.news(answers, now); len(news) > 0 {
		if err := p.keep(ctx, s, news, ""); err != nil {
			return Receipt{}, err
		}
		revision = p.surveys.revision()
		if all, err = p.progress(ctx, s); err != nil {
			return Receipt{}, err
		}
	}
	stored, problems := asked.Check(s.goalIDs, all.given(), true)
	if len(problems) > 0 {
		return Receipt{}, &ProblemsError{problems}
	}
	if s.program.Policy == program.Anonymous {
		revision = s.countOn(all.response)
	}
	r := Response{Final: true, Stored: stored, Seconds: secondsBetween(sub.OpenedAt, now), Revision: revision}
	if all.replaced > 0 {
		r.ReplacedAt = all.replaced ^ p.mask(s, "", revision)
	}
	return p.record(ctx, s, r)
}

// wrong is the error of a submission with such problems: when it is final, with
// what else is wrong, so that all can be put right at once.
func (p *Pulse) wrong(ctx context.Context, s seat, sub Submission, problems []Problem) error {
	if !sub.Final {
		return &ProblemsError{problems}
	}
	all, err := p.progress(ctx, s)
	if err != nil {
		return err
	}
	together := slices.DeleteFunc(all.given(), func(a Answer) bool {
		return slices.ContainsFunc(sub.Answers, func(b Answer) bool { return a.Item == b.Item })
	})
	if _, whole := s.asked[s.invitation.Role].Check(s.goalIDs, append(together, sub.Answers...), true); len(whole) > 0 {
		problems = whole
	}
	return &ProblemsError{problems}
}

// countOn is the revision that follows on that of the response stored, if any:
// in an anonymous programme it is counted from the wave's opening, since the time
// of an answer could tell who gave it.
func (s seat) countOn(stored Response) uint64 {
	if stored.Revision == 0 {
		return uint64(s.wave.Opens.UnixMicro())
	}
	return stored.Revision&^finalRevision + 1
}

// follow looks at what is stored already, where it matters: who sends a draft
// after a final answer, as a late autosave of an old page does, is told that it
// does not count; and in an anonymous programme the revision is counted on.
// Elsewhere the revision is 0 and the store gives it by the time.
func (p *Pulse) follow(ctx context.Context, s seat, final bool) (revision uint64, err error) {
	anonymous := s.program.Policy == program.Anonymous
	if final && !anonymous {
		return 0, nil
	}
	stored, err := p.surveys.Response(ctx, s.wave, s.respondent)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return 0, err
	case stored.Final && !final:
		return 0, ErrSubmitted
	case anonymous:
		return s.countOn(stored), nil
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
