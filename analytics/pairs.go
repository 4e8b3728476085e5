package analytics

import (
	"context"
	_ "embed"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

//go:embed queries/pairs.sql
var pairsSQL string

// PairStatus says how a pair gets on, from facts alone.
type PairStatus string

// The statuses. Unknown is for a programme in which no meeting was ever noted:
// the lack of one then says nothing about a pair.
const (
	NeedsCheckIn PairStatus = "needs-check-in"
	Unknown      PairStatus = "unknown"
	TooEarly     PairStatus = "too-early"
	OnTrack      PairStatus = "on-track"
)

// PairStatuses lists the statuses in the order in which pairs are shown.
func PairStatuses() []PairStatus { return []PairStatus{NeedsCheckIn, Unknown, TooEarly, OnTrack} }

// The thresholds, in days; the definitions state them in weeks.
const (
	pairSettles   = 21 // a younger pair is not judged yet
	contactWithin = 28 // a meeting as long ago as this is still contact
	goalsWithin   = 28 // by then goals are to be agreed
	recentDays    = 56 // over which meetings are counted as recent, today included
)

// The reasons for a status.
const (
	ReasonNeverMet  = "never-met"  // no meeting noted since the pair began
	ReasonNoContact = "no-contact" // the latest meeting was too long ago
	ReasonNoGoals   = "goals-late" // no goals agreed in time
	ReasonYoung     = "young"      // the pair is not judged yet
	ReasonNotLogged = "not-logged" // the programme does not note meetings
)

// pairFacts is what is known of a pair that is not confidential.
type pairFacts struct {
	id, mentor, mentee      uuid.UUID
	mentorName, menteeName  string
	from, to                time.Time // to is zero while the pair goes on
	goals, meetings, recent int
	latest                  time.Time // zero when no meeting was noted
}

// worksOn reports whether the pair works on a day, as the pulse has it.
func (f pairFacts) worksOn(day time.Time) bool {
	return !f.from.After(day) && (f.to.IsZero() || f.to.After(day))
}

// age is how many days the pair has worked.
func (f pairFacts) age(day time.Time) int { return daysBetween(f.from, day) }

// contact is the day since which nothing was heard of the pair: its latest
// meeting, or else its first day.
func (f pairFacts) contact() time.Time {
	if f.latest.After(f.from) {
		return f.latest
	}
	return f.from
}

// because is a reason with the weeks that it speaks of.
type because struct {
	code  string
	weeks int
}

// judge gives the status of a pair on a day. logged says whether the programme
// notes meetings at all.
func (f pairFacts) judge(day time.Time, logged bool) (PairStatus, []because) {
	age, gap := f.age(day), daysBetween(f.contact(), day)
	if age < pairSettles {
		return TooEarly, []because{{code: ReasonYoung}}
	}
	var reasons []because
	switch {
	case !logged:
	case f.meetings == 0:
		reasons = append(reasons, because{ReasonNeverMet, age / 7})
	case gap > contactWithin:
		reasons = append(reasons, because{ReasonNoContact, gap / 7})
	}
	if f.goals == 0 && age >= goalsWithin {
		reasons = append(reasons, because{ReasonNoGoals, age / 7})
	}
	switch {
	case len(reasons) > 0:
		return NeedsCheckIn, reasons
	case !logged:
		return Unknown, []because{{code: ReasonNotLogged}}
	}
	return OnTrack, nil
}

func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// pairs reads the facts about every pair of the programme as of a day.
func (r *request) pairs(ctx context.Context, day time.Time) ([]pairFacts, error) {
	return clickhouse.Collect(ctx, r.db, "pairs", pairsSQL, func(rows driver.Rows) (pairFacts, error) {
		var (
			f                             pairFacts
			ended, mentorLeft, menteeLeft *time.Time
			goals, meetings, recent       uint64
			latest                        time.Time
		)
		err := rows.Scan(&f.id, &f.mentor, &f.mentee, &f.mentorName, &f.menteeName, &f.from, &ended, &mentorLeft, &menteeLeft,
			&goals, &meetings, &recent, &latest)
		f.from, f.goals, f.meetings, f.recent = f.from.UTC(), int(goals), int(meetings), int(recent)
		if meetings > 0 {
			f.latest = latest.UTC()
		}
		for _, end := range []*time.Time{ended, mentorLeft, menteeLeft} {
			if end != nil && (f.to.IsZero() || end.Before(f.to)) {
				f.to = end.UTC()
			}
		}
		return f, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("day", day.Format(time.DateOnly)),
		clickhouse.Named("since", day.AddDate(0, 0, -recentDays).Format(time.DateOnly)))
}

// judgedOn is the day on which pairs are judged: today, or the programme's last.
func (r *request) judgedOn() time.Time {
	day := program.Day(r.now, r.location)
	if end := r.program.Ends; !end.IsZero() && end.Before(day) {
		return end
	}
	return day
}
