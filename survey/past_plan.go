package survey

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/goccy/go-yaml"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
)

//go:embed queries/past_responses.sql
var pastResponsesSQL string

// plan compares what was read with what is stored.
func (i *PastImporter) plan(ctx context.Context, c *PastChanges, past *Past, zone *time.Location) ([]PastProblem, error) {
	taken, err := i.planQuestionnaire(ctx, c, past.mapping)
	if err != nil {
		return nil, err
	}
	if taken {
		return []PastProblem{{Code: PastSurveyTaken, Value: past.mapping.ID}}, nil
	}
	if problems, err := i.planWaves(ctx, c, past, zone); err != nil || len(problems) > 0 {
		return problems, err
	}
	roster, err := i.programs.Snapshot(ctx, c.Program.ID)
	if err != nil {
		return nil, err
	}
	byWave := map[string][]pastRow{}
	for _, row := range past.rows {
		byWave[row.wave] = append(byWave[row.wave], row)
	}
	people := c.planPeople(byWave, roster.Participants, zone)
	for _, w := range c.Waves {
		pairs := pairsOn(program.Day(w.Opens, zone), roster.Pairs)
		invited := make([]Invitation, len(byWave[w.Occurrence]))
		first := map[uuid.UUID]pastRow{}
		for n, row := range byWave[w.Occurrence] {
			person := people[row.respondent]
			// Once by the organisation's id and once by e-mail address.
			if other, twice := first[person]; twice {
				return []PastProblem{{Row: row.number, Code: PastRespondentTwice, Value: row.respondent, Detail: w.Occurrence, OtherRow: other.number}}, nil
			}
			first[person] = row
			invited[n] = Invitation{ProgramID: w.ProgramID, SurveyID: w.SurveyID, Wave: w.ID, Participant: person,
				Role: row.role, Pair: pairs[person], Attributes: row.attributes}
		}
		if err := i.planInvitations(ctx, c, w, invited); err != nil {
			return nil, err
		}
		if err := i.planResponses(ctx, c, w, invited, byWave[w.Occurrence]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// planQuestionnaire finds the newest stored version if the mapping still makes
// it, or else numbers a new one, in which the items keep the numbers they have
// had. It reports whether the id is taken by a questionnaire that is asked here.
func (i *PastImporter) planQuestionnaire(ctx context.Context, c *PastChanges, m *PastMapping) (taken bool, err error) {
	var newest *Questionnaire
	known := map[string]uint16{}
	for version := 1; ; version++ {
		q, err := i.surveys.Questionnaire(ctx, c.Program.ID, m.ID, version)
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return false, err
		}
		if !q.Past {
			return true, nil
		}
		for _, it := range q.Items {
			known[it.ID] = it.Number
		}
		newest = q
	}
	version := 1
	if newest != nil {
		same, _, err := m.define(newest.Version, known)
		if err != nil {
			return false, err
		}
		if reflect.DeepEqual(same, newest) {
			c.Questionnaire = newest
			return false, nil
		}
		version = newest.Version + 1
	}
	c.Questionnaire, c.definition, err = m.define(version, known)
	return false, err
}

// define writes a version of the questionnaire as it is stored, and reads it
// back.
func (m *PastMapping) define(version int, known map[string]uint16) (*Questionnaire, []byte, error) {
	definition, err := yaml.Marshal(m.questionnaire(version, known))
	if err != nil {
		return nil, nil, fmt.Errorf("questionnaire %q: %w", m.ID, err)
	}
	q, err := Load(definition)
	return q, definition, err
}

// planWaves numbers the waves of the file together with those that are there
// already, and makes their survey, which never opens a wave by itself.
func (i *PastImporter) planWaves(ctx context.Context, c *PastChanges, past *Past, zone *time.Location) ([]PastProblem, error) {
	all, err := i.surveys.Waves(ctx, c.Program.ID)
	if err != nil {
		return nil, err
	}
	surveys, err := i.surveys.Surveys(ctx, c.Program.ID)
	if err != nil {
		return nil, err
	}
	one := NewSurvey(c.Program.ID, past.mapping.ID, c.Questionnaire, past.mapping.roles(), Recurrence{})
	stored := map[uuid.UUID]Wave{}
	union := map[uuid.UUID]Wave{}
	for _, w := range all {
		if w.SurveyID == one.ID {
			stored[w.ID], union[w.ID] = w, w
		}
	}
	for _, o := range past.waves {
		w := one.NewWave(o)
		union[w.ID] = w
	}
	waves := slices.SortedFunc(maps.Values(union), func(a, b Wave) int { return a.Opens.Compare(b.Opens) })
	inFile := func(w Wave) bool {
		return slices.ContainsFunc(past.waves, func(o Occurrence) bool { return o.Label == w.Occurrence })
	}
	for n := range waves {
		w := &waves[n]
		if n > 0 && w.Opens.Equal(waves[n-1].Opens) {
			return []PastProblem{{Code: PastWavesSameDay, Value: w.Occurrence, Detail: w.Opens.In(zone).Format(dateLayout)}}, nil
		}
		w.Number = n + 1
		old, known := stored[w.ID]
		w.Revision = old.Revision
		if !inFile(*w) {
			if *w != old { // its number moved
				c.waves = append(c.waves, *w)
			}
			continue
		}
		if c.WaveCount.note(known, sameWave(*w, old)) {
			c.waves = append(c.waves, *w)
		}
		c.Waves = append(c.Waves, *w)
	}
	// The one occurrence is the first wave, which is over.
	one.Recurrence = Recurrence{RRule: "FREQ=DAILY;COUNT=1", Start: waves[0].Opens.In(zone).Format(localTimeLayout),
		TimeZone: c.Program.TimeZone, OpenDays: past.mapping.Wave.OpenDays}
	return i.planSurvey(c, one, surveys), nil
}

func sameWave(a, b Wave) bool {
	same := a.Opens.Equal(b.Opens) && a.Closes.Equal(b.Closes)
	a.Opens, a.Closes = b.Opens, b.Closes
	return same && a == b
}

func (i *PastImporter) planSurvey(c *PastChanges, one Survey, surveys []Survey) []PastProblem {
	c.Survey, c.newSurvey = one, true
	for _, old := range surveys {
		if old.ID != one.ID {
			continue
		}
		if old.QuestionnaireID != one.QuestionnaireID {
			return []PastProblem{{Code: PastSurveyTaken, Value: one.Code}}
		}
		one.Revision = old.Revision
		c.newSurvey = !reflect.DeepEqual(old, one)
	}
	return nil
}

// planPeople gives each respondent's participant: the one whom the roster knows
// by that id or address, or a new one as of their newest wave.
func (c *PastChanges) planPeople(byWave map[string][]pastRow, roster []program.Participant, zone *time.Location) map[string]uuid.UUID {
	people := map[string]uuid.UUID{}
	known := map[uuid.UUID]bool{}
	for _, p := range roster {
		known[p.ID] = true
		if p.Email != "" {
			people[strings.ToLower(p.Email)] = p.ID
		}
	}
	for _, p := range roster {
		if p.ExternalID != "" {
			people[p.ExternalID] = p.ID
		}
	}
	at := map[uuid.UUID]int{}
	seen := map[uuid.UUID]bool{}
	for _, w := range c.Waves {
		for _, row := range byWave[w.Occurrence] {
			id, ok := people[row.respondent]
			if !ok {
				id = program.ParticipantID(c.Program.ID, row.respondent, "")
				people[row.respondent] = id
			}
			switch {
			case known[id] && !seen[id]:
				c.Participants.note(true, true)
			case !known[id] && !seen[id]:
				c.Participants.note(false, false)
				at[id] = len(c.people)
				c.people = append(c.people, program.Participant{ID: id, ProgramID: c.Program.ID, ExternalID: row.respondent, Joined: program.Day(w.Opens, zone)})
			}
			if n, isNew := at[id]; isNew {
				c.people[n].Role, c.people[n].Attributes = row.role, row.attributes
			}
			seen[id] = true
		}
	}
	return people
}

func (i *PastImporter) planInvitations(ctx context.Context, c *PastChanges, w Wave, invited []Invitation) error {
	stored, err := i.surveys.Invitations(ctx, w)
	if err != nil {
		return err
	}
	old := make(map[uuid.UUID]Invitation, len(stored))
	for _, one := range stored {
		old[one.Participant] = one
	}
	for _, one := range invited {
		before, known := old[one.Participant]
		same := before.Role == one.Role && before.Pair == one.Pair && maps.Equal(before.Attributes, one.Attributes)
		if c.Invitations.note(known, same) {
			c.invited = append(c.invited, one)
		}
	}
	return nil
}

// planResponses makes the responses of a wave as answers by link would be; rows
// runs in parallel with invited. A row without any answer is an invitation that
// got no response, and takes back one that an earlier file gave.
func (i *PastImporter) planResponses(ctx context.Context, c *PastChanges, w Wave, invited []Invitation, rows []pastRow) error {
	stored, err := i.surveys.pastResponses(ctx, w)
	if err != nil {
		return err
	}
	for n, row := range rows {
		c.Rows++
		r := Response{
			ProgramID: w.ProgramID, SurveyID: w.SurveyID, Wave: w.ID,
			Respondent: i.pseudonyms.Respondent(c.Program, w.ID, invited[n].Participant), Role: row.role,
			Pair: i.pseudonyms.Pair(c.Program, w.ID, invited[n].Pair), Attributes: row.attributes,
			// When exactly it was given is not known.
			Final: len(row.items) > 0, Stored: Stored{Values: row.values}, SubmittedAt: w.Opens,
		}
		for _, place := range row.items {
			r.Stored.Items = append(r.Stored.Items, c.Questionnaire.Items[place].Number)
		}
		old, known := stored[r.Respondent]
		if !r.Final {
			c.Silent++
			if !known {
				continue
			}
		}
		if !c.Responses.note(known, sameResponse(r, old)) {
			continue
		}
		c.responses = append(c.responses, r)
		if r.Final {
			c.visits = append(c.visits, Visit{ProgramID: r.ProgramID, SurveyID: r.SurveyID, Wave: r.Wave, Respondent: r.Respondent,
				Role: r.Role, Attributes: r.Attributes, OpenedAt: w.Opens})
		}
	}
	return nil
}

func sameResponse(a, b Response) bool {
	return a.Role == b.Role && a.Pair == b.Pair && a.Final == b.Final && maps.Equal(a.Attributes, b.Attributes) &&
		slices.Equal(a.Stored.Items, b.Stored.Items) && slices.Equal(a.Stored.Values, b.Stored.Values)
}

// pastResponses returns the responses of a wave by respondent, as far as an
// import makes them.
func (s *Store) pastResponses(ctx context.Context, w Wave) (map[uuid.UUID]Response, error) {
	all, err := clickhouse.Collect(ctx, s.db, "responses", pastResponsesSQL, func(rows driver.Rows) (Response, error) {
		var (
			r    Response
			role string
		)
		err := rows.Scan(&r.Respondent, &role, &r.Pair, &r.Attributes, &r.Final, &r.Stored.Items, &r.Stored.Values)
		r.Role = program.Role(role)
		return r, err
	}, ofWave(w)...)
	if err != nil {
		return nil, err
	}
	byRespondent := make(map[uuid.UUID]Response, len(all))
	for _, r := range all {
		byRespondent[r.Respondent] = r
	}
	return byRespondent, nil
}

// pairsOn gives each participant's pair on a day.
func pairsOn(day time.Time, pairs []program.Pair) map[uuid.UUID]uuid.UUID {
	of := make(map[uuid.UUID]uuid.UUID, 2*len(pairs))
	for _, p := range pairs {
		if p.From.After(day) || !p.To.IsZero() && !p.To.After(day) {
			continue
		}
		of[p.Mentor], of[p.Mentee] = p.ID, p.ID
	}
	return of
}
