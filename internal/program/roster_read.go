package program

import (
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mentorpulse/internal/table"
)

// entry is one row of a roster.
type entry struct {
	row              table.Row
	participant      Participant
	pairFrom, pairTo time.Time
	// goals are the row's filled cells about goals.
	goals map[goalKey]table.Cell
	// partner is the other member of the pair; partnerInDoubt says that there
	// should be one, but a problem was found.
	partner        *entry
	partnerInDoubt bool
}

// blank reports whether the row says nothing in any column that is used, as
// under a table where people keep notes.
func (l layout) blank(row table.Row) bool {
	for _, column := range l.fields {
		if !row.Cell(column).Empty() {
			return false
		}
	}
	for _, column := range l.goals {
		if !row.Cell(column).Empty() {
			return false
		}
	}
	return !slices.ContainsFunc(l.attributes, func(a attributeColumn) bool { return !row.Cell(a.column).Empty() })
}

// add notes a problem of a cell and returns it for further detail; the pointer
// holds until the next call.
func (r *rosterReader) add(cell table.Cell, field Field, code ProblemCode) *Problem {
	p := problemAt(cell, r.layout.header.Cell(cell.Column).Text, code)
	p.Field = field
	r.problems = append(r.problems, p)
	return &r.problems[len(r.problems)-1]
}

func (r *rosterReader) readRow(row table.Row) *entry {
	e := &entry{row: row, goals: map[goalKey]table.Cell{}}
	p := &e.participant
	p.ProgramID = r.program.ID
	p.ExternalID = r.shortText(row, FieldID)
	p.Email = r.email(row)
	if p.ExternalID == "" && r.layout.cell(row, FieldEmail).Empty() {
		field := FieldEmail
		if !r.layout.has(FieldEmail) {
			field = FieldID
		}
		r.add(r.layout.cell(row, field), field, NoIdentity)
	}
	p.ID = ParticipantID(p.ProgramID, p.ExternalID, p.Email)
	p.Name = strings.TrimSpace(r.shortText(row, FieldName) + " " + r.shortText(row, FieldSurname))
	p.Role = r.role(row)
	p.Language = r.language(row)
	p.TimeZone = r.timeZone(row)
	p.Joined, p.Left = r.period(row, FieldJoined, FieldLeft, LeftBeforeJoined)
	if p.Joined.IsZero() && r.layout.cell(row, FieldJoined).Empty() {
		if p.Joined = r.program.Starts; p.Joined.IsZero() {
			r.add(r.layout.cell(row, FieldJoined), FieldJoined, MissingJoined)
		}
		r.order(row, p.Joined, p.Left, FieldLeft, LeftBeforeJoined)
	}
	p.EmployedFrom, p.EmployedTo = r.period(row, FieldEmployedFrom, FieldEmployedTo, EmploymentEndsBeforeStart)
	e.pairFrom, e.pairTo = r.period(row, FieldPairFrom, FieldPairTo, PairEndsBeforeStart)
	p.Attributes = map[string]string{}
	for _, a := range r.layout.attributes {
		if text := r.bounded(row.Cell(a.column), MaxShortText); text != "" {
			p.Attributes[a.name] = text
		}
	}
	r.readGoals(e)
	return e
}

func (r *rosterReader) shortText(row table.Row, f Field) string {
	return r.bounded(r.layout.cell(row, f), MaxShortText)
}

func (r *rosterReader) bounded(cell table.Cell, most int) string {
	text := oneLine(cell.Text)
	if utf8.RuneCountInString(text) > most {
		p := r.add(cell, "", TextTooLong)
		p.Limit = most
		p.Value = string([]rune(text)[:40]) + "…"
	}
	return text
}

// oneLine takes line breaks and repeated spaces out of a text, so that a name
// can stand in the header of a mail and equal attributes are equal.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func lower(text string) string { return strings.ToLower(text) }

// email reads the address; empty when there is none or it is wrong.
func (r *rosterReader) email(row table.Row) string {
	cell := r.layout.cell(row, FieldEmail)
	if cell.Empty() {
		return ""
	}
	address := cell.Text
	if i := strings.IndexFunc(address, func(c rune) bool { return c >= utf8.RuneSelf }); i >= 0 {
		letter, _ := utf8.DecodeRuneInString(address[i:])
		r.add(cell, FieldEmail, EmailForeignLetter).Detail = string(letter)
		return ""
	}
	parsed, err := mail.ParseAddress(address)
	_, domain, _ := strings.Cut(address, "@")
	if err != nil || parsed.Address != address || len(address) > 254 || strings.ContainsAny(address, "\"\r\n") ||
		!strings.Contains(strings.Trim(domain, "."), ".") || strings.HasPrefix(domain, "[") {
		r.add(cell, FieldEmail, BadEmail)
		return ""
	}
	return address
}

func (r *rosterReader) role(row table.Row) Role {
	cell := r.layout.cell(row, FieldRole)
	role, ok := r.roles[wordKey(cell.Text)]
	if !ok {
		r.add(cell, FieldRole, UnknownRole)
	}
	return role
}

func (r *rosterReader) language(row table.Row) string {
	cell := r.layout.cell(row, FieldLanguage)
	if cell.Empty() {
		return ""
	}
	language := r.languages[wordKey(cell.Text)]
	if !slices.Contains(r.program.Languages, language) {
		r.add(cell, FieldLanguage, UnknownLanguage).Detail = strings.Join(r.program.Languages, ", ")
		return ""
	}
	return language
}

// timeZone reads an IANA name; empty when there is none or it is not known.
func (r *rosterReader) timeZone(row table.Row) string {
	cell := r.layout.cell(row, FieldTimeZone)
	if cell.Empty() {
		return ""
	}
	zone, ok := ParseZone(cell.Text)
	if !ok {
		r.add(cell, FieldTimeZone, UnknownTimeZone)
		return ""
	}
	return zone.String()
}

// period reads two days, zero where a cell is empty or wrong, and checks their
// order.
func (r *rosterReader) period(row table.Row, from, to Field, disorder ProblemCode) (first, last time.Time) {
	first, last = r.date(row, from), r.date(row, to)
	r.order(row, first, last, to, disorder)
	return first, last
}

func (r *rosterReader) order(row table.Row, first, last time.Time, to Field, disorder ProblemCode) {
	if !first.IsZero() && !last.IsZero() && last.Before(first) {
		p := r.add(r.layout.cell(row, to), to, disorder)
		// Excel's cell holds a serial number, which says nothing to a reader.
		p.Value, p.Detail = last.Format(time.DateOnly), first.Format(time.DateOnly)
	}
}

func (r *rosterReader) date(row table.Row, f Field) time.Time {
	cell := r.layout.cell(row, f)
	if cell.Empty() {
		return time.Time{}
	}
	day, err := table.ParseDate(cell)
	switch {
	case errors.Is(err, table.ErrTwoDigitYear):
		r.add(cell, f, TwoDigitYear)
	case err != nil:
		r.add(cell, f, BadDate)
	}
	return day
}
