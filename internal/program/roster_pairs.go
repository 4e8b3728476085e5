package program

import (
	"strings"
	"time"

	"mentorpulse/internal/table"
)

// matchPartners finds the partner of everyone for whom either row states one,
// by id or address or by the number of the pair.
func (r *rosterReader) matchPartners() {
	ids, emails := map[string]*entry{}, map[string]*entry{}
	for _, e := range r.entries {
		claim(ids, lower(e.participant.ExternalID), e)
		// As it is written, so that a misspelt address is reported once only.
		claim(emails, lower(r.layout.cell(e.row, FieldEmail).Text), e)
	}
	groups := r.pairGroups()
	stated := map[*entry]*entry{}
	for _, e := range r.entries {
		cell, number := r.layout.cell(e.row, FieldPartner), r.layout.cell(e.row, FieldPair)
		if cell.Empty() && number.Empty() {
			continue
		}
		e.partnerInDoubt = true
		if e.participant.Role == Comparison {
			r.addFirst(cell, FieldPartner, number, FieldPair, ComparisonWithPartner)
			continue
		}
		var partner *entry
		if !cell.Empty() {
			key := lower(oneLine(cell.Text))
			if partner = ids[key]; partner == nil || strings.Contains(key, "@") && emails[key] != nil {
				partner = emails[key]
			}
			if partner == nil {
				r.add(cell, FieldPartner, PartnerMissing)
				continue
			}
		}
		if !number.Empty() {
			other := r.otherInGroup(groups[lower(number.Text)], e, number)
			if other == nil {
				continue
			}
			if partner != nil && partner != other {
				r.add(number, FieldPair, PairContradictsPartner).OtherRow = other.row.Number
				continue
			}
			partner = other
		}
		if r.fits(e, partner, cell, number) {
			stated[e] = partner
		}
	}
	r.settlePartners(stated)
}

func (r *rosterReader) pairGroups() map[string][]*entry {
	groups := map[string][]*entry{}
	for _, e := range r.entries {
		if number := r.layout.cell(e.row, FieldPair); !number.Empty() && e.participant.Role != Comparison {
			groups[lower(number.Text)] = append(groups[lower(number.Text)], e)
		}
	}
	return groups
}

// otherInGroup is the other of the two who share a pair number.
func (r *rosterReader) otherInGroup(group []*entry, e *entry, number table.Cell) *entry {
	switch {
	case len(group) == 1:
		r.add(number, FieldPair, PairIncomplete)
		return nil
	case len(group) > 2:
		if e != group[0] { // once for each further row is enough
			r.add(number, FieldPair, PairTooLarge).OtherRow = group[0].row.Number
		}
		return nil
	case group[0] == e:
		return group[1]
	}
	return group[0]
}

// fits checks that the two can be a pair at all.
func (r *rosterReader) fits(e, partner *entry, cell, number table.Cell) bool {
	mine, theirs := e.participant.Role, partner.participant.Role
	var code ProblemCode
	switch {
	case partner == e:
		code = PartnerSelf
	case mine == "" || theirs == "": // reported as an unknown role
		partner.partnerInDoubt = true
		return false
	case theirs == Comparison:
		code = PartnerInComparison
	case mine == theirs:
		code = PartnerSameRole
	default:
		return true
	}
	partner.partnerInDoubt = true
	p := r.addFirst(cell, FieldPartner, number, FieldPair, code)
	p.OtherRow, p.Role = partner.row.Number, mine
	return false
}

// addFirst notes a problem at the first of the two cells that is not empty.
func (r *rosterReader) addFirst(a table.Cell, af Field, b table.Cell, bf Field, code ProblemCode) *Problem {
	if a.Empty() {
		return r.add(b, bf, code)
	}
	return r.add(a, af, code)
}

// settlePartners joins the pairs on which both rows agree or of which one row
// says nothing.
func (r *rosterReader) settlePartners(stated map[*entry]*entry) {
	for _, e := range r.entries {
		partner := stated[e]
		if partner == nil || e.partner == partner {
			continue
		}
		cell, number := r.layout.cell(e.row, FieldPartner), r.layout.cell(e.row, FieldPair)
		switch {
		case stated[partner] != nil && stated[partner] != e:
			p := r.addFirst(cell, FieldPartner, number, FieldPair, PartnerDisagrees)
			p.OtherRow, p.ThirdRow = partner.row.Number, stated[partner].row.Number
		case partner.partner != nil: // says nothing itself, and another row came first
			p := r.addFirst(cell, FieldPartner, number, FieldPair, PartnerTaken)
			p.OtherRow, p.ThirdRow = partner.row.Number, partner.partner.row.Number
		case stated[partner] == nil && partner.partnerInDoubt: // its own statement was refused
		default:
			e.partner, partner.partner = partner, e
			e.partnerInDoubt, partner.partnerInDoubt = false, false
		}
	}
}

// pair makes the pair of two entries. dated says that the file states its first
// day.
func (r *rosterReader) pair(mentor, mentee *entry) (pair Pair, dated bool) {
	pair = Pair{
		ID:        PairID(r.program.ID, mentor.participant.ID, mentee.participant.ID),
		ProgramID: r.program.ID,
		Mentor:    mentor.participant.ID,
		Mentee:    mentee.participant.ID,
		From:      r.agreedDay(mentor, mentee, FieldPairFrom, mentor.pairFrom, mentee.pairFrom),
		To:        r.agreedDay(mentor, mentee, FieldPairTo, mentor.pairTo, mentee.pairTo),
	}
	dated = !pair.From.IsZero()
	if !dated {
		pair.From = later(mentor.participant.Joined, mentee.participant.Joined)
	}
	if pair.To.IsZero() {
		pair.To = earlier(mentor.participant.Left, mentee.participant.Left)
	}
	if !pair.To.IsZero() && pair.To.Before(pair.From) {
		// Each row is in order; together they say that the pair never worked.
		e, field := mentor, FieldLeft
		if !mentor.pairTo.Equal(pair.To) && !mentor.participant.Left.Equal(pair.To) {
			e = mentee
		}
		if e.pairTo.Equal(pair.To) {
			field = FieldPairTo
		}
		p := r.add(r.layout.cell(e.row, field), field, PairNeverWorks)
		p.Detail, p.OtherRow = pair.From.Format(time.DateOnly), e.partner.row.Number
	}
	return pair, dated
}

// agreedDay is the day that either row states; both must state the same.
func (r *rosterReader) agreedDay(mentor, mentee *entry, f Field, a, b time.Time) time.Time {
	if !a.IsZero() && !b.IsZero() && !a.Equal(b) {
		r.disagreement(r.layout.cell(mentor.row, f), r.layout.cell(mentee.row, f), f)
	}
	if a.IsZero() {
		return b
	}
	return a
}

// disagreement notes that two rows of a pair differ, at the lower of them.
func (r *rosterReader) disagreement(a, b table.Cell, f Field) {
	if a.Row > b.Row {
		a, b = b, a
	}
	p := r.add(b, f, RowsDisagree)
	p.OtherRow, p.Detail = a.Row, a.Text
	if f == FieldPairFrom || f == FieldPairTo {
		p.Value, p.Detail = dayText(b), dayText(a)
	}
}

// dayText is a day as people write it, whatever the cell holds.
func dayText(cell table.Cell) string {
	day, err := table.ParseDate(cell)
	if err != nil {
		return cell.Text
	}
	return day.Format(time.DateOnly)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// earlier is the earlier of two days; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
