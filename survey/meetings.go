package survey

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

var (
	//go:embed queries/meeting.sql
	meetingSQL string
	//go:embed queries/meetings.sql
	meetingsSQL string
)

// recentMeetings is how many of a pair's meetings a link shows.
const recentMeetings = 5

// Meeting is a day on which a pair met: a fact that the programme team sees, and
// no answer. Both noting the same day is one meeting. Nothing of it tells who
// noted it or when, so that it cannot be matched with anybody's answers.
type Meeting struct {
	ProgramID string
	Pair      uuid.UUID
	Day       time.Time // as the roster writes days: midnight UTC
	Held      bool      // false: noted and taken back
	Revision  uint64    // counts the changes from 1
}

// Why a participant cannot note a meeting.
var (
	ErrNoPair    = errors.New("participant has no pair")
	ErrPairEnded = errors.New("pair has ended")
)

// The codes of what can be wrong with the day of a meeting.
const (
	CodeDayAhead      = "in_future"
	CodeDayBeforePair = "before_pair"
	CodeNotADay       = "not_a_day"
)

// DayError says why a day cannot be one on which the pair met.
type DayError struct {
	Code string
	// First and Last are the days between which it would be.
	First, Last time.Time
}

func (e *DayError) Error() string {
	return fmt.Sprintf("day of the meeting: %s; a day from %s to %s is expected", e.Code, e.First.Format(time.DateOnly), e.Last.Format(time.DateOnly))
}

// MeetingLog is what a link shows of its pair's meetings.
type MeetingLog struct {
	Program  program.Program
	Language string // the participant's own
	// First and Last are the days that can be noted: from the pair's first to
	// today.
	First, Last time.Time
	// Days are the latest on which the pair met, newest first.
	Days []time.Time
}

// Meetings returns the latest meetings of the participant's pair. It takes the
// link of any wave, also of one that is over, while the pair works. Besides
// ErrLink and ErrRevoked: ErrNoPair, ErrPairEnded.
func (p *Pulse) Meetings(ctx context.Context, token string) (*MeetingLog, error) {
	s, err := p.seatOf(ctx, token)
	if err != nil {
		return nil, err
	}
	return p.meetingLog(ctx, s)
}

func (p *Pulse) meetingLog(ctx context.Context, s seat) (*MeetingLog, error) {
	pair, today, err := s.working(p.now())
	if err != nil {
		return nil, err
	}
	days, err := p.surveys.MeetingDays(ctx, s.program.ID, pair.ID, recentMeetings)
	if err != nil {
		return nil, err
	}
	return s.log(pair, today, days), nil
}

// log is that of the participant's pair, with the days on which it met.
func (s seat) log(pair program.Pair, today time.Time, days []time.Time) *MeetingLog {
	return &MeetingLog{Program: s.program, Language: s.language, First: pair.From, Last: today, Days: days}
}

// Meet notes that the participant's pair met on a day or, when it was not held,
// takes that back, and returns after it is stored. Doing so again changes
// nothing. Besides the errors of Meetings: a *DayError, clickhouse.ErrBusy.
func (p *Pulse) Meet(ctx context.Context, token string, day time.Time, held bool) error {
	s, err := p.seatOf(ctx, token)
	if err != nil {
		return err
	}
	pair, today, err := s.working(p.now())
	if err != nil {
		return err
	}
	switch {
	case !held: // whatever was noted can be taken back
	case day.After(today):
		return &DayError{CodeDayAhead, pair.From, today}
	case day.Before(pair.From):
		return &DayError{CodeDayBeforePair, pair.From, today}
	}
	return p.surveys.PutMeeting(ctx, Meeting{ProgramID: s.program.ID, Pair: pair.ID, Day: day, Held: held})
}

// seatOf leads from a token to the participant's place, whether the wave is open
// or not.
func (p *Pulse) seatOf(ctx context.Context, token string) (seat, error) {
	s, err := p.find(ctx, token)
	if errors.Is(err, ErrClosed) || errors.Is(err, ErrNotOpen) {
		err = nil
	}
	return s, err
}

// working is the participant's pair that works at the time now, with the day
// that this is in the programme's zone. The pair's last day belongs to it, and
// no pair outlasts the programme.
func (s seat) working(now time.Time) (pair program.Pair, today time.Time, err error) {
	zone, err := s.program.Location()
	if err != nil {
		return pair, today, err
	}
	today = program.Day(now, zone)
	over := !s.program.Ends.IsZero() && today.After(s.program.Ends)
	begun := false
	for _, pair := range slices.Backward(s.pairs) {
		if pair.From.After(today) {
			continue
		}
		if !over && (pair.To.IsZero() || !pair.To.Before(today)) {
			return pair, today, nil
		}
		begun = true
	}
	if begun {
		return pair, today, ErrPairEnded
	}
	return pair, today, ErrNoPair
}

// pairsOf gives each participant their pairs, by the first day. A pair ends with
// the part of either of the two.
func pairsOf(roster program.Snapshot) map[uuid.UUID][]program.Pair {
	left := make(map[uuid.UUID]time.Time, len(roster.Participants))
	for _, one := range roster.Participants {
		left[one.ID] = one.Left
	}
	of := make(map[uuid.UUID][]program.Pair, 2*len(roster.Pairs))
	for _, pair := range roster.Pairs {
		for _, who := range []uuid.UUID{pair.Mentor, pair.Mentee} {
			if day := left[who]; !day.IsZero() && (pair.To.IsZero() || day.Before(pair.To)) {
				pair.To = day
			}
		}
		of[pair.Mentor], of[pair.Mentee] = append(of[pair.Mentor], pair), append(of[pair.Mentee], pair)
	}
	for _, all := range of {
		slices.SortStableFunc(all, func(a, b program.Pair) int { return a.From.Compare(b.From) })
	}
	return of
}

// PutMeeting stores that a meeting was held or taken back and returns after it
// is stored. What is so already is not written again. Two writers that saw the
// same state would make the same change of it, so neither undoes the other's.
func (s *Store) PutMeeting(ctx context.Context, m Meeting) error {
	news, err := s.meetingChanges(ctx, m.ProgramID, []Meeting{m})
	if err != nil || len(news) == 0 {
		return err
	}
	return s.meetings.Write(ctx, news[0])
}

// meetingBlock is how many meetings PutMeetings looks up and stores at once.
const meetingBlock = 2000

// PutMeetings stores meetings of a programme that come together, as a simulation
// brings them; each day of a pair once.
func (s *Store) PutMeetings(ctx context.Context, programID string, all []Meeting) error {
	for part := range slices.Chunk(all, meetingBlock) {
		news, err := s.meetingChanges(ctx, programID, part)
		if err != nil {
			return err
		}
		if err := clickhouse.Insert(ctx, s.db, meetingTable, news); err != nil {
			return err
		}
	}
	return nil
}

// meetingKey is the natural key of a meeting within its programme.
type meetingKey struct {
	pair uuid.UUID
	day  string
}

func (m Meeting) key() meetingKey { return meetingKey{m.Pair, m.Day.Format(time.DateOnly)} }

// meetingChanges are those of the meetings that are not stored so already, each
// with the revision that follows on what is stored.
func (s *Store) meetingChanges(ctx context.Context, programID string, all []Meeting) ([]Meeting, error) {
	pairs, days := map[string]bool{}, map[string]bool{}
	for _, m := range all {
		pairs[m.Pair.String()], days[m.key().day] = true, true
	}
	stored := map[meetingKey]Meeting{}
	_, err := clickhouse.Collect(ctx, s.db, "meetings", meetingSQL, func(rows driver.Rows) (Meeting, error) {
		var m Meeting
		err := rows.Scan(&m.Pair, &m.Day, &m.Held, &m.Revision)
		stored[m.key()] = m
		return m, err
	}, clickhouse.Named("program", programID), clickhouse.Named("pairs", slices.Sorted(maps.Keys(pairs))), clickhouse.Named("days", slices.Sorted(maps.Keys(days))))
	if err != nil {
		return nil, err
	}
	var news []Meeting
	for _, m := range all {
		if known := stored[m.key()]; known.Held != m.Held {
			m.ProgramID, m.Revision = programID, known.Revision+1
			news = append(news, m)
		}
	}
	return news, nil
}

// MeetingDays returns the latest days on which a pair met, newest first.
func (s *Store) MeetingDays(ctx context.Context, programID string, pair uuid.UUID, most int) ([]time.Time, error) {
	days, err := s.meetingDaysOf(ctx, programID, []uuid.UUID{pair}, most)
	return days[pair], err
}

// meetingDaysOf are those of some pairs.
func (s *Store) meetingDaysOf(ctx context.Context, programID string, pairs []uuid.UUID, most int) (map[uuid.UUID][]time.Time, error) {
	type met struct {
		pair uuid.UUID
		day  time.Time
	}
	all, err := clickhouse.Collect(ctx, s.db, "meetings", meetingsSQL, func(rows driver.Rows) (met, error) {
		var m met
		err := rows.Scan(&m.pair, &m.day)
		return m, err
	}, clickhouse.Named("program", programID), clickhouse.IDs("pairs", pairs), clickhouse.Named("most", most))
	days := map[uuid.UUID][]time.Time{}
	for _, m := range all {
		days[m.pair] = append(days[m.pair], m.day.UTC())
	}
	return days, err
}
