package program

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"mentorpulse/internal/table"
)

const (
	// MaxAttributes is how many attributes a roster may give its participants.
	MaxAttributes = 20
	// MaxShortText bounds a name, an id and an attribute, in letters.
	MaxShortText = 200
	// MaxLongText bounds a goal and the description of a level, in letters.
	MaxLongText = 1000
)

// Roster is what a file says about the people of a programme. Its ids are
// derived, so that the same file always gives the same roster.
type Roster struct {
	Participants []Participant
	Pairs        []Pair
	Goals        []Goal
	// Rows is the row of the file in which each participant stands.
	Rows map[uuid.UUID]int
	// Ignored are the columns of the file that were not used.
	Ignored []Column

	layout layout
	// datedPairs are the pairs whose first day the file states itself.
	datedPairs map[uuid.UUID]bool
}

// Snapshot is the roster as the store takes it, for a programme that has none
// yet; else see Compare.
func (r *Roster) Snapshot() Snapshot {
	return Snapshot{Participants: r.Participants, Pairs: r.Pairs, Goals: r.Goals}
}

// ReadRoster reads the people of a programme from a table: a row of headers,
// then one row a participant. Headers are recognised in Ukrainian and English
// whatever their case, spaces and punctuation:
//
//   - role is required, and id or e-mail; name, surname and language are not;
//   - partner (the id or e-mail of the partner) or pair (the same number in two
//     rows) makes pairs; either of the two rows may say so, or both;
//   - joined, left, employed from, employed to, pair from, pair to are days;
//     without joined, participants join on the programme's first day, and
//     without its own days a pair works while both its members take part;
//   - goal 1 … goal 9 with goal 1 weight (1), goal 1 baseline (−1, as
//     Turner-Stokes 2009 recommends) and goal 1 level -2 … +2 are the pair's
//     goals, in either row or the same in both;
//   - every other column is an attribute, if the programme declares it or
//     declares none; the rest are listed as Ignored.
//
// All problems are listed, by row and column, and with any there is no roster.
func ReadRoster(t *table.Table, p Program) (*Roster, []Problem) {
	l, problems := findLayout(t, p)
	if len(problems) > 0 {
		return nil, problems
	}
	r := rosterReader{program: p, layout: l, roles: roleWords(), languages: languageWords()}
	for _, row := range l.people {
		if !l.blank(row) {
			r.entries = append(r.entries, r.readRow(row))
		}
	}
	if len(r.entries) == 0 {
		return nil, []Problem{{Row: l.header.Number, Code: NoPeople}}
	}
	r.checkDuplicates()
	r.matchPartners()
	roster := r.roster()
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(len(a.Column), len(b.Column)), cmp.Compare(a.Column, b.Column))
		})
		return nil, r.problems
	}
	return roster, nil
}

// rosterReader gathers what the rows say and what is wrong with it.
type rosterReader struct {
	program   Program
	layout    layout
	roles     map[string]Role
	languages map[string]string
	entries   []*entry
	problems  []Problem
}

// roster puts together what was read.
func (r *rosterReader) roster() *Roster {
	out := &Roster{
		Rows: map[uuid.UUID]int{}, Ignored: r.layout.ignored,
		layout: r.layout, datedPairs: map[uuid.UUID]bool{},
	}
	for _, e := range r.entries {
		out.Participants = append(out.Participants, e.participant)
		out.Rows[e.participant.ID] = e.row.Number
	}
	for _, e := range r.entries {
		if e.partner == nil && !e.partnerInDoubt {
			r.refuseGoalsWithoutPair(e)
		}
		if e.partner == nil || e.participant.Role != Mentor {
			continue
		}
		pair, dated := r.pair(e, e.partner)
		out.Pairs = append(out.Pairs, pair)
		out.datedPairs[pair.ID] = dated
		out.Goals = append(out.Goals, r.goals(pair.ID, e, e.partner)...)
	}
	return out
}

// checkDuplicates finds people who stand in the file twice.
func (r *rosterReader) checkDuplicates() {
	emails, ids, derived := map[string]*entry{}, map[string]*entry{}, map[uuid.UUID]*entry{}
	for _, e := range r.entries {
		if first := claim(emails, lower(e.participant.Email), e); first != nil {
			r.add(r.layout.cell(e.row, FieldEmail), FieldEmail, DuplicateEmail).OtherRow = first.row.Number
		}
		if first := claim(ids, lower(e.participant.ExternalID), e); first != nil {
			r.add(r.layout.cell(e.row, FieldID), FieldID, DuplicateID).OtherRow = first.row.Number
			continue
		}
		if e.participant.Email == "" && e.participant.ExternalID == "" {
			continue
		}
		// An id that reads as another person's e-mail address.
		if first, taken := derived[e.participant.ID]; taken && e.participant.ExternalID != first.participant.ExternalID {
			r.add(r.layout.cell(e.row, FieldID), FieldID, DuplicateID).OtherRow = first.row.Number
			continue
		}
		derived[e.participant.ID] = e
	}
}

// claim notes who has the key and returns who had it before.
func claim(owners map[string]*entry, key string, e *entry) *entry {
	if key == "" {
		return nil
	}
	if first := owners[key]; first != nil {
		return first
	}
	owners[key] = e
	return nil
}
