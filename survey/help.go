package survey

import (
	"cmp"
	"context"
	_ "embed"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

//go:embed queries/help.sql
var helpSQL string

// helpWanted is the option by which a participant asks to be contacted.
const helpWanted = "yes"

// HelpRequest is one participant's request to the programme team. It is the one
// answer that is shown with a name, which its question says.
type HelpRequest struct {
	Wave  string       `json:"wave"`
	Name  string       `json:"name"`
	Email string       `json:"email"`
	Role  program.Role `json:"role"`
}

// HelpRequests lists who asked for help in a final answer, the newest wave
// first, then by name.
func (p *Pulse) HelpRequests(ctx context.Context, prog program.Program) ([]HelpRequest, error) {
	waves, err := p.surveys.Waves(ctx, prog.ID)
	if err != nil {
		return nil, err
	}
	people, err := p.audiences.programs.Participants(ctx, prog.ID)
	if err != nil {
		return nil, err
	}
	requests := []HelpRequest{}
	for _, w := range slices.Backward(waves) {
		asking, err := p.asking(ctx, w)
		if err != nil {
			return nil, err
		}
		var found []HelpRequest
		for _, one := range people {
			// Nothing leads from a pseudonym to a person: each person's is made
			// anew and looked for.
			if asking[p.pseudonyms.Respondent(prog, w.ID, one.ID)] {
				found = append(found, HelpRequest{Wave: w.Occurrence, Name: one.Name, Email: one.Email, Role: one.Role})
			}
		}
		slices.SortFunc(found, func(a, b HelpRequest) int { return cmp.Compare(a.Name+a.Email, b.Name+b.Email) })
		requests = append(requests, found...)
	}
	return requests, nil
}

// asking returns the respondents of a wave who want help.
func (p *Pulse) asking(ctx context.Context, w Wave) (map[uuid.UUID]bool, error) {
	q, err := p.surveys.Questionnaire(ctx, w.ProgramID, w.QuestionnaireID, w.QuestionnaireVersion)
	if err != nil {
		return nil, err
	}
	wanted := q.HelpAnswers()
	asking := map[uuid.UUID]bool{}
	if len(wanted) == 0 {
		return asking, nil
	}
	_, err = clickhouse.Collect(ctx, p.surveys.db, "requests for help", helpSQL, func(rows driver.Rows) (struct{}, error) {
		var (
			respondent uuid.UUID
			items      []uint16
			values     []float32
		)
		if err := rows.Scan(&respondent, &items, &values); err != nil {
			return struct{}{}, err
		}
		for i, number := range items {
			if answer, ok := wanted[number]; ok && answer == values[i] {
				asking[respondent] = true
			}
		}
		return struct{}{}, nil
	}, ofWave(w)...)
	return asking, err
}

// HelpAnswers are the answers by which a participant asks for help, by the number
// of the item.
func (q *Questionnaire) HelpAnswers() map[uint16]float32 {
	wanted := map[uint16]float32{}
	for _, s := range q.ScalesOf(KindHelp) {
		for _, it := range q.ItemsOf(s.ID) {
			if at := it.option(helpWanted); it.Type == Single && at >= 0 {
				wanted[it.Number] = float32(at + 1)
			}
		}
	}
	return wanted
}
