package survey

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"time"

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

// HelpSeeker says that a participant asked for help in a wave.
type HelpSeeker struct {
	Participant uuid.UUID
	Wave        string
	Opens       time.Time // of the wave
}

// HelpRequests lists who asked for help in a final answer, the newest wave
// first, then by name.
func (p *Pulse) HelpRequests(ctx context.Context, prog program.Program) ([]HelpRequest, error) {
	people, err := p.audiences.programs.Participants(ctx, prog.ID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(people, func(a, b program.Participant) int { return cmp.Compare(a.Name+a.Email, b.Name+b.Email) })
	ids := make([]uuid.UUID, len(people))
	byID := make(map[uuid.UUID]program.Participant, len(people))
	for i, one := range people {
		ids[i], byID[one.ID] = one.ID, one
	}
	asked, err := p.HelpSeekers(ctx, prog, time.Time{}, ids)
	if err != nil {
		return nil, err
	}
	requests := []HelpRequest{}
	for _, a := range asked {
		one := byID[a.Participant]
		requests = append(requests, HelpRequest{Wave: a.Wave, Name: one.Name, Email: one.Email, Role: one.Role})
	}
	return requests, nil
}

// HelpSeekers lists who of the people asked for help in a final answer to a wave
// that opened since a time: the newest wave first, and then as people are given.
// It says nothing else of what they answered, nor who has answered otherwise.
func (p *Pulse) HelpSeekers(ctx context.Context, prog program.Program, since time.Time, people []uuid.UUID) ([]HelpSeeker, error) {
	waves, err := p.surveys.Waves(ctx, prog.ID)
	if err != nil {
		return nil, err
	}
	var all []HelpSeeker
	for _, w := range slices.Backward(waves) {
		if w.Opens.Before(since) {
			break // the others opened before it
		}
		asking, err := p.asking(ctx, w)
		if err != nil {
			return nil, err
		}
		if len(asking) == 0 {
			continue
		}
		for _, one := range people {
			// Nothing leads from a pseudonym to a person: each person's is made
			// anew and looked for.
			if asking[p.pseudonyms.Respondent(prog, w.ID, one)] {
				all = append(all, HelpSeeker{Participant: one, Wave: w.Occurrence, Opens: w.Opens})
			}
		}
	}
	return all, nil
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
