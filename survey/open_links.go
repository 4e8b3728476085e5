package survey

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"strings"

	"github.com/google/uuid"

	"mentorpulse/internal/program"
)

// PersonalLink is the link of one invited participant, whose language is the one
// that they chose by a link before.
type PersonalLink struct {
	Wave        Wave
	Participant program.Participant
	Token       string
	// Code stands for the link at the programme's entry page.
	Code string
}

// OpenLinks gives the links of everybody who is invited to a wave of the
// programme that is open now. They say who was asked, never who has answered.
func (p *Pulse) OpenLinks(ctx context.Context, programID string) ([]PersonalLink, error) {
	waves, err := p.surveys.Waves(ctx, programID)
	if err != nil {
		return nil, err
	}
	var links []PersonalLink
	for _, w := range waves {
		if !w.Open(p.now()) {
			continue
		}
		some, err := p.LinksOf(ctx, w)
		if err != nil {
			return nil, err
		}
		links = append(links, some...)
	}
	return links, nil
}

// LinksOf gives the links of everybody who is invited to a wave and still in
// the roster, by participant.
func (p *Pulse) LinksOf(ctx context.Context, w Wave) ([]PersonalLink, error) {
	people, err := p.audiences.programs.Participants(ctx, w.ProgramID)
	if err != nil {
		return nil, err
	}
	chosen, err := p.audiences.programs.Languages(ctx, w.ProgramID)
	if err != nil {
		return nil, err
	}
	byID := make(map[uuid.UUID]program.Participant, len(people))
	for _, one := range people {
		one.Language = cmp.Or(chosen[one.ID], one.Language)
		byID[one.ID] = one
	}
	invitations, err := p.surveys.Invitations(ctx, w)
	if err != nil {
		return nil, err
	}
	var links []PersonalLink
	for _, i := range invitations {
		person, ok := byID[i.Participant]
		if !ok {
			continue
		}
		of := Invitee{ProgramID: w.ProgramID, Wave: w.ID, Participant: person.ID, Revision: person.LinkRevision}
		links = append(links, PersonalLink{Wave: w, Participant: person, Token: p.links.Token(of), Code: p.ShortCode(of)})
	}
	return links, nil
}

// WriteLinks writes links as CSV: wave, name, email, role, language, link, and
// the code that stands for it at the programme's entry page.
func WriteLinks(w io.Writer, p program.Program, links []PersonalLink, address string) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"wave", "name", "email", "role", "language", "link", "code"}}
	for _, one := range links {
		person := one.Participant
		rows = append(rows, []string{one.Wave.Occurrence, notFormula(person.Name), notFormula(person.Email), string(person.Role),
			p.Language(person.Language), address + "/s/" + one.Token, one.Code})
	}
	return out.WriteAll(rows)
}

// notFormula keeps a spreadsheet program from computing a text that somebody
// else wrote: an apostrophe makes it text.
func notFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
