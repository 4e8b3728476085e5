package program

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Changes is what importing a roster would do to a programme.
type Changes struct {
	Participants Difference[Participant]
	Pairs        Difference[Pair]
	Goals        Difference[Goal]
	// Conflicts forbid the import: people who would be in the programme twice.
	Conflicts []Problem
}

// Difference sorts things by what would happen to them. Absent are those that
// stand in the programme but not in the file; they stay as they are.
type Difference[T any] struct {
	Added     []T
	Changed   []Change[T]
	Unchanged []T
	Absent    []T
}

// Change is a thing before and after, and the names of what differs: a Field,
// "attribute: " and its name, or "title", "weight", "baseline", "levels".
type Change[T any] struct {
	Before, After T
	Fields        []string
}

// written is what has to be stored.
func (d Difference[T]) written() []T {
	all := slices.Clone(d.Added)
	for _, c := range d.Changed {
		all = append(all, c.After)
	}
	return all
}

// note puts a thing that was there before where it belongs.
func (d *Difference[T]) note(before, after T, fields []string) {
	if len(fields) == 0 {
		d.Unchanged = append(d.Unchanged, before)
		return
	}
	d.Changed = append(d.Changed, Change[T]{before, after, fields})
}

// Empty reports whether the import would change nothing.
func (c Changes) Empty() bool {
	s := c.Snapshot()
	return len(s.Participants)+len(s.Pairs)+len(s.Goals) == 0
}

// Snapshot is what has to be stored to make the changes.
func (c Changes) Snapshot() Snapshot {
	return Snapshot{Participants: c.Participants.written(), Pairs: c.Pairs.written(), Goals: c.Goals.written()}
}

// Compare says what importing a roster would change in a programme, on the day
// of the import. Comparing again once the changes are stored gives none.
//
// A column that the file lacks leaves what is known as it is; an empty cell of a
// column that it has clears it. People, and the goals of pairs, that the file
// lacks are left as they are; a goal keeps its weight and baseline for good, and
// a file that changes them is a conflict. A pair that still works, but one of whose members
// has another partner or none by the file, ends on the day of the import, or
// earlier if one of the two left or by the file began with another before.
func Compare(existing Snapshot, r *Roster, today time.Time) Changes {
	var c Changes
	before := map[uuid.UUID]Participant{}
	for _, p := range existing.Participants {
		before[p.ID] = p
	}
	for _, p := range r.Participants {
		if old, known := before[p.ID]; known {
			after := r.mergeParticipant(old, p)
			c.Participants.note(old, after, participantFields(old, after))
		} else {
			c.Participants.Added = append(c.Participants.Added, p)
		}
	}
	for _, p := range existing.Participants {
		if r.Rows[p.ID] == 0 {
			c.Participants.Absent = append(c.Participants.Absent, p)
		}
	}
	c.comparePairs(existing.Pairs, r, today.UTC().Truncate(24*time.Hour))
	c.compareGoals(existing.Goals, r)
	c.Conflicts = append(r.conflicts(c.Participants), r.fixedGoals(c.Goals)...)
	return c
}

// mergeParticipant keeps what the file does not speak of.
func (r *Roster) mergeParticipant(old, p Participant) Participant {
	after := p
	keep := func(f Field, set func()) {
		if !r.layout.has(f) {
			set()
		}
	}
	if !r.layout.has(FieldSurname) {
		keep(FieldName, func() { after.Name = old.Name })
	}
	keep(FieldEmail, func() { after.Email = old.Email })
	keep(FieldLanguage, func() { after.Language = old.Language })
	keep(FieldTimeZone, func() { after.TimeZone = old.TimeZone })
	keep(FieldJoined, func() { after.Joined = old.Joined })
	keep(FieldLeft, func() { after.Left = old.Left })
	keep(FieldEmployedFrom, func() { after.EmployedFrom = old.EmployedFrom })
	keep(FieldEmployedTo, func() { after.EmployedTo = old.EmployedTo })
	after.Attributes = maps.Clone(old.Attributes)
	if after.Attributes == nil {
		after.Attributes = map[string]string{}
	}
	for _, a := range r.layout.attributes {
		delete(after.Attributes, a.name)
	}
	maps.Copy(after.Attributes, p.Attributes)
	after.LinkRevision, after.Revision = old.LinkRevision, old.Revision
	return after
}

func participantFields(a, b Participant) []string {
	fields := differing(map[Field]bool{
		FieldID: a.ExternalID != b.ExternalID, FieldName: a.Name != b.Name, FieldEmail: a.Email != b.Email,
		FieldRole: a.Role != b.Role, FieldLanguage: a.Language != b.Language, FieldTimeZone: a.TimeZone != b.TimeZone,
		FieldJoined: !a.Joined.Equal(b.Joined), FieldLeft: !a.Left.Equal(b.Left),
		FieldEmployedFrom: !a.EmployedFrom.Equal(b.EmployedFrom), FieldEmployedTo: !a.EmployedTo.Equal(b.EmployedTo),
	})
	names := map[string]bool{}
	for name := range a.Attributes {
		names[name] = true
	}
	for name := range b.Attributes {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if a.Attributes[name] != b.Attributes[name] {
			fields = append(fields, "attribute: "+name)
		}
	}
	return fields
}

// differing lists the fields that differ, in the order of the columns.
func differing(differs map[Field]bool) []string {
	var names []string
	for _, f := range fields() {
		if differs[f] {
			names = append(names, string(f))
		}
	}
	return names
}

func (c *Changes) comparePairs(existing []Pair, r *Roster, today time.Time) {
	known := map[uuid.UUID]Pair{}
	for _, p := range existing {
		known[p.ID] = p
	}
	ofMember := map[uuid.UUID]Pair{} // the file's pair of each participant
	for _, p := range r.Pairs {
		ofMember[p.Mentor], ofMember[p.Mentee] = p, p
		old, ok := known[p.ID]
		if !ok {
			continue
		}
		if !r.datedPairs[p.ID] {
			p.From = old.From
		}
		if !p.To.IsZero() {
			p.To = later(p.To, p.From)
		}
		p.Revision = old.Revision
		c.Pairs.note(old, p, differing(map[Field]bool{FieldPairFrom: !old.From.Equal(p.From), FieldPairTo: !old.To.Equal(p.To)}))
	}
	left := map[uuid.UUID]time.Time{}
	for _, p := range r.Participants {
		left[p.ID] = p.Left
	}
	ended := map[uuid.UUID]time.Time{} // the last day of the earlier pairs of each participant
	for _, old := range existing {
		mentor, mentee := ofMember[old.Mentor], ofMember[old.Mentee]
		if mentor.ID == old.ID {
			continue
		}
		after := old
		if old.To.IsZero() && r.parts(old) {
			after.To = earlier(earlier(today, left[old.Mentor]), left[old.Mentee])
			for _, next := range []Pair{mentor, mentee} {
				if r.datedPairs[next.ID] {
					after.To = earlier(after.To, next.From)
				}
			}
			after.To = later(after.To, old.From)
			c.Pairs.note(old, after, []string{string(FieldPairTo)})
		} else {
			c.Pairs.Absent = append(c.Pairs.Absent, old)
		}
		ended[old.Mentor] = later(ended[old.Mentor], after.To)
		ended[old.Mentee] = later(ended[old.Mentee], after.To)
	}
	for _, p := range r.Pairs {
		if _, ok := known[p.ID]; ok {
			continue
		}
		if !r.datedPairs[p.ID] {
			// People work in one pair at a time.
			p.From = later(p.From, later(ended[p.Mentor], ended[p.Mentee]))
			p.From = earlier(p.From, p.To)
		}
		c.Pairs.Added = append(c.Pairs.Added, p)
	}
}

// parts reports whether the file, which does not have the pair, means that it
// is over: it speaks of partners and of one of the two.
func (r *Roster) parts(pair Pair) bool {
	return (r.layout.has(FieldPartner) || r.layout.has(FieldPair)) && (r.Rows[pair.Mentor] > 0 || r.Rows[pair.Mentee] > 0)
}

func (c *Changes) compareGoals(existing []Goal, r *Roster) {
	known := map[uuid.UUID]Goal{}
	for _, g := range existing {
		known[g.ID] = g
	}
	stated := map[uuid.UUID]bool{}
	for _, g := range r.Goals {
		stated[g.ID] = true
		old, ok := known[g.ID]
		if !ok {
			c.Goals.Added = append(c.Goals.Added, g)
			continue
		}
		after := r.mergeGoal(old, g)
		c.Goals.note(old, after, goalFields(old, after))
	}
	for _, old := range existing {
		if !stated[old.ID] {
			c.Goals.Absent = append(c.Goals.Absent, old)
		}
	}
}

func (r *Roster) mergeGoal(old, g Goal) Goal {
	number, _ := strconv.Atoi(g.Code) // a code of ours
	has := func(part goalPart) bool { return r.layout.goals[goalKey{number, part}] > 0 }
	if !has(goalWeight) {
		g.Weight = old.Weight
	}
	if !has(goalBaseline) {
		g.Baseline = old.Baseline
	}
	for i := range g.Levels {
		if !has(goalLevel0 + goalPart(i-2)) {
			g.Levels[i] = old.Levels[i]
		}
	}
	g.Revision = old.Revision
	return g
}

func goalFields(a, b Goal) []string {
	var fields []string
	if a.Title != b.Title {
		fields = append(fields, "title")
	}
	if a.Weight != b.Weight {
		fields = append(fields, "weight")
	}
	if a.Baseline != b.Baseline {
		fields = append(fields, "baseline")
	}
	if a.Levels != b.Levels {
		fields = append(fields, "levels")
	}
	return fields
}

// fixedGoals finds goals whose weight or baseline the file would change. Goal
// attainment scaling fixes both before the work begins; and with a weight that
// could be raised and lowered again, one pair's ratings could be solved for.
func (r *Roster) fixedGoals(d Difference[Goal]) []Problem {
	mentors := map[uuid.UUID]uuid.UUID{}
	for _, p := range r.Pairs {
		mentors[p.ID] = p.Mentor
	}
	var problems []Problem
	for _, g := range d.Changed {
		if g.Before.Weight == g.After.Weight && g.Before.Baseline == g.After.Baseline {
			continue
		}
		number, _ := strconv.Atoi(g.Before.Code) // a code of ours
		problems = append(problems, Problem{
			Row: r.Rows[mentors[g.Before.Pair]], Code: GoalFixed, Limit: number,
			Detail: fmt.Sprintf("%g / %+d", g.Before.Weight, g.Before.Baseline),
		})
	}
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Or(a.Row-b.Row, a.Limit-b.Limit) })
	return problems
}

// conflicts finds people of the file whose address would belong to somebody
// else in the programme as well. Mostly it is the same person, imported once
// with and once without an id.
func (r *Roster) conflicts(d Difference[Participant]) []Problem {
	others := map[string]bool{}
	for _, p := range d.Absent {
		others[lower(p.Email)] = true
	}
	var problems []Problem
	for _, p := range slices.Concat(d.written(), d.Unchanged) {
		if p.Email == "" || !others[lower(p.Email)] {
			continue
		}
		header := r.layout.header.Cell(r.layout.fields[FieldEmail])
		problem := problemAt(header, header.Text, EmailTaken)
		problem.Row, problem.Field, problem.Value = r.Rows[p.ID], FieldEmail, p.Email
		problems = append(problems, problem)
	}
	slices.SortFunc(problems, func(a, b Problem) int { return a.Row - b.Row })
	return problems
}
