// Package program holds who takes part: programmes, their participants, the
// pairs they form and the goals the pairs set. It owns their tables.
package program

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ErrNotFound is returned when a programme or participant does not exist.
var ErrNotFound = errors.New("not found")

// Role says how a participant takes part.
type Role string

// The three roles. In reverse mentoring the mentor is the junior who teaches
// and the mentee the executive who learns.
const (
	Mentor     Role = "mentor"
	Mentee     Role = "mentee"
	Comparison Role = "comparison"
)

// Roles lists the roles in the order in which they are shown.
func Roles() []Role { return []Role{Mentor, Mentee, Comparison} }

// Valid reports whether r is one of the three roles.
func (r Role) Valid() bool { return r == Mentor || r == Mentee || r == Comparison }

// Policy is the confidentiality that a programme promises its participants.
type Policy string

const (
	// Identified: answers are linked to people, and people are told so.
	Identified Policy = "identified"
	// Confidential: answers carry a keyed pseudonym which is the same in every
	// wave and which only the service can make.
	Confidential Policy = "confidential"
	// Anonymous: a new pseudonym every wave, no change over time for a person.
	Anonymous Policy = "anonymous"
)

const (
	// DefaultK is the smallest number of people about whom a figure is shown.
	DefaultK = 5
	// FloorK is the lowest k that a programme may choose.
	FloorK = 3
	// MaxK is the highest k that a programme may choose; the store has a byte
	// for it.
	MaxK = 200
	// CommentK is the number of commenters below which no comment is shown.
	CommentK = 10
)

// Program is one mentoring programme.
type Program struct {
	ID         string // slug, the natural key: see IDPattern
	Name       string
	Policy     Policy
	K          int       // smallest group shown, at least FloorK
	TimeZone   string    // IANA name
	Languages  []string  // "uk", "en"; the first is the default
	Attributes []string  // the attributes figures may be cut by
	Starts     time.Time // first day, UTC midnight
	Ends       time.Time // last day, UTC midnight; zero when open-ended
	Contact    string    // whom participants can turn to
	Demo       bool      // made by the demo command; its links may be shown on the first page
	// KeyRevision is counted up to revoke the owner's key.
	KeyRevision uint32
	Revision    uint64
}

// IDPattern is the form of a programme's id.
const IDPattern = `^[a-z0-9][a-z0-9-]{1,62}$`

var idPattern = regexp.MustCompile(IDPattern)

// ValidID reports whether id has the form of a programme's id.
func ValidID(id string) bool { return idPattern.MatchString(id) }

// Location is the programme's time zone.
func (p Program) Location() (*time.Location, error) {
	loc, ok := ParseZone(p.TimeZone)
	if !ok {
		return nil, fmt.Errorf("programme %q: unknown time zone %q; give an IANA name such as Europe/Kyiv", p.ID, p.TimeZone)
	}
	return loc, nil
}

// Zone is the participant's time zone: their own, or else the programme's. A
// zone that this machine does not know is the programme's too.
func (p Program) Zone(of Participant) (*time.Location, error) {
	if zone, ok := ParseZone(of.TimeZone); ok {
		return zone, nil
	}
	return p.Location()
}

// ParseZone finds a time zone by its IANA name, such as "Europe/Kyiv".
func ParseZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// Day is the day of t in a zone, as the roster writes days: midnight UTC.
func Day(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// RunsAt reports whether t is on one of the programme's days.
func (p Program) RunsAt(t time.Time, zone *time.Location) bool {
	day := Day(t, zone)
	return !day.Before(p.Starts) && (p.Ends.IsZero() || !day.After(p.Ends))
}

// Language is the language a participant reads: their own if the programme has
// it, else the programme's default.
func (p Program) Language(own string) string {
	for _, l := range p.Languages {
		if l == own {
			return l
		}
	}
	if len(p.Languages) > 0 {
		return p.Languages[0]
	}
	return "uk"
}

// Validate checks the programme and lists everything that is wrong, joined.
func (p Program) Validate() error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if !ValidID(p.ID) {
		bad("programme id %q: use 2 to 63 of a–z, 0–9 and hyphens, such as reverse-2026", p.ID)
	}
	if strings.TrimSpace(p.Name) == "" {
		bad("programme %q has no name", p.ID)
	}
	if p.Policy != Identified && p.Policy != Confidential && p.Policy != Anonymous {
		bad("confidentiality %q: choose identified, confidential or anonymous", p.Policy)
	}
	if p.K < FloorK || p.K > MaxK {
		bad("smallest group %d: at least %d and at most %d", p.K, FloorK, MaxK)
	}
	if _, err := p.Location(); err != nil {
		errs = append(errs, err)
	}
	if len(p.Languages) == 0 {
		bad("programme %q has no language: give uk, en or both", p.ID)
	}
	for _, l := range p.Languages {
		if l != "uk" && l != "en" {
			bad("language %q: the product speaks uk and en", l)
		}
	}
	seen := map[string]bool{}
	for _, a := range p.Attributes {
		if a == "" || seen[a] {
			bad("attribute %q is empty or named twice", a)
		}
		seen[a] = true
	}
	if !p.Ends.IsZero() && p.Ends.Before(p.Starts) {
		bad("programme ends %s before it starts %s", p.Ends.Format(time.DateOnly), p.Starts.Format(time.DateOnly))
	}
	return errors.Join(errs...)
}

// Participant is one person in a programme. The id is derived from the
// organisation's own id of the person, or else from the e-mail address.
type Participant struct {
	ID         uuid.UUID
	ProgramID  string
	ExternalID string // the organisation's own id of the person; may be empty
	Email      string // may be empty when ExternalID is given
	Name       string
	Language   string // "uk", "en" or empty for the programme's default
	TimeZone   string // IANA name; empty for the programme's
	Role       Role
	Attributes map[string]string
	// Joined and Left are the days of joining and leaving the programme; Left
	// is zero while the participant is active.
	Joined, Left time.Time
	// EmployedFrom and EmployedTo are the days of employment; EmployedTo is
	// zero while employed.
	EmployedFrom, EmployedTo time.Time
	// LinkRevision is counted up to revoke the participant's links.
	LinkRevision uint32
	Revision     uint64
}

// ParticipantID derives a participant's id from the organisation's id of the
// person or, when that is empty, from the e-mail address.
func ParticipantID(programID, externalID, email string) uuid.UUID {
	key := strings.TrimSpace(externalID)
	if key == "" {
		key = strings.ToLower(strings.TrimSpace(email))
	}
	return DeriveID(programID, "participant", key)
}

// Pair is a mentor and a mentee who work together from one day to another.
type Pair struct {
	ID        uuid.UUID
	ProgramID string
	Mentor    uuid.UUID
	Mentee    uuid.UUID
	From      time.Time
	To        time.Time // zero while the pair goes on
	Revision  uint64
}

// PairID derives a pair's id from its two members.
func PairID(programID string, mentor, mentee uuid.UUID) uuid.UUID {
	return DeriveID(programID, "pair", mentor.String(), mentee.String())
}

// Goal is what a pair wants to reach, on five levels from −2 (much less than
// expected) over 0 (expected) to +2 (much more), after Kiresuk & Sherman (1968).
type Goal struct {
	ID        uuid.UUID
	ProgramID string
	Pair      uuid.UUID
	Code      string // "1", "2", …: the goal's place in the pair
	Title     string
	Levels    [5]string // what −2, −1, 0, +1, +2 look like; may be empty
	Weight    float64   // relative importance, > 0
	Baseline  int8      // level at the start, −2…+2
	Revision  uint64
}

// GoalID derives a goal's id from its pair and code.
func GoalID(pair uuid.UUID, code string) uuid.UUID {
	return DeriveID(pair.String(), "goal", code)
}

// namespace separates the ids derived here from every other use of UUIDv5.
var namespace = uuid.MustParse("6d656e74-6f72-5075-8c73-650000000001")

// DeriveID makes the id of a thing from the parts of its natural key, so that
// making it twice, or on two replicas, makes the same thing (UUIDv5, RFC 9562).
func DeriveID(parts ...string) uuid.UUID {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	return uuid.NewSHA1(namespace, []byte(b.String()))
}
