package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/histories.sql
var historiesSQL string

// panel decides which changes of the same people on a scale are shown, for the
// participants and for the comparison group.
type panel struct {
	waves                    []uuid.UUID
	participants, comparison *suppression.Panel // nil when there are too many histories
}

// panelOf is the panel of a view's scale and wave, made once: changes since the wave
// before and since the first share it.
func (r *request) panelOf(ctx context.Context, now *scaleView) (*panel, error) {
	return r.panels.of(now.wave.ID.String()+now.scale.id, func() (*panel, error) { return r.newPanel(ctx, now) })
}

// panels are those made already, by wave and scale. Reports of one answer share
// them: whichever needs one first makes it, and the others wait.
type panels struct {
	lock sync.Mutex
	made map[string]func() (*panel, error)
}

func (p *panels) of(key string, making func() (*panel, error)) (*panel, error) {
	p.lock.Lock()
	one, known := p.made[key]
	if !known {
		if p.made == nil {
			p.made = map[string]func() (*panel, error){}
		}
		one = sync.OnceValues(making)
		p.made[key] = one
	}
	p.lock.Unlock()
	return one()
}

// newPanel is the panel of a scale over the waves that ask it with the same items,
// up to the one of a view. It is the same whatever was asked for.
func (r *request) newPanel(ctx context.Context, now *scaleView) (*panel, error) {
	waves, histories, err := r.histories(ctx, now)
	if err != nil {
		return nil, err
	}
	p := &panel{}
	for _, w := range waves {
		p.waves = append(p.waves, w.ID)
	}
	p.participants, p.comparison = panelsOf(r.k(), histories)
	return p, nil
}

// histories are the ways that people went through the waves that ask a scale with
// the same items, up to the one of a view; more than suppression.MaxHistories of
// them where there are more.
func (r *request) histories(ctx context.Context, now *scaleView) ([]survey.Wave, []suppression.History, error) {
	var waves []survey.Wave
	for _, w := range r.waves {
		if w.SurveyID != now.wave.SurveyID {
			continue
		}
		q, err := r.surveys.Questionnaire(ctx, r.program.ID, w.QuestionnaireID, w.QuestionnaireVersion)
		if err != nil {
			return nil, nil, err
		}
		if scaleIn(q, now.scale.id, 0).content() == now.scale.content() {
			waves = append(waves, w)
		}
		if w.ID == now.wave.ID {
			break
		}
	}
	surveyIDs, waveIDs := ids(waves)
	params := append(r.scaleParams(now.scale), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("most", suppression.MaxHistories+1))
	of := fact{query: historiesSQL, of: fmt.Sprintf("%s %q", now.scale.content(), r.program.Attributes), beside: slices.DeleteFunc(slices.Clone(waves), func(w survey.Wave) bool { return w.ID == now.wave.ID })}
	found, err := keeping(ctx, r, of, []survey.Wave{now.wave}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]suppression.History, error) {
		histories, err := clickhouse.Collect(ctx, r.db, "histories on scale "+now.scale.id, historiesSQL, r.historyReader(), params...)
		return map[uuid.UUID][]suppression.History{now.wave.ID: histories}, err
	})
	return waves, found[now.wave.ID], err
}

// historyReader reads rows of people who went the same way through waves.
func (r *request) historyReader() func(driver.Rows) (suppression.History, error) {
	values := map[string][]string{}
	return func(rows driver.Rows) (suppression.History, error) {
		var (
			h        suppression.History
			segments []string
			n        uint64
		)
		err := rows.Scan(&h.Roles, &segments, &n)
		for _, text := range segments {
			if _, known := values[text]; !known && err == nil {
				values[text], err = r.valuesOf(text)
			}
			h.Values = append(h.Values, values[text])
		}
		h.N = int(n)
		return h, err
	}
}

// valuesOf are the values of all declared attributes of a stored text.
func (r *request) valuesOf(text string) ([]string, error) {
	var known survey.Attributes
	err := known.Scan(text)
	values := make([]string, len(r.program.Attributes))
	for i, a := range r.program.Attributes {
		values[i] = known[a]
	}
	return values, err
}

// panelsOf tells participants and the comparison group apart, as plans do.
func panelsOf(k int, histories []suppression.History) (participants, comparison *suppression.Panel) {
	if len(histories) > suppression.MaxHistories {
		return nil, nil
	}
	var in, out []suppression.History
	for _, h := range histories {
		in = append(in, ofParticipants(h))
		out = append(out, inRoles(h, func(role string) bool { return role == string(program.Comparison) }))
	}
	return suppression.NewPanel(k, in), suppression.NewPanel(k, out)
}

// inRoles is the history as far as people were in such roles.
func inRoles(h suppression.History, kept func(role string) bool) suppression.History {
	h.Roles = slices.Clone(h.Roles)
	for wave, role := range h.Roles {
		if !kept(role) {
			h.Roles[wave] = ""
		}
	}
	return h
}

func ofParticipants(h suppression.History) suppression.History {
	return inRoles(h, func(role string) bool { return role != string(program.Comparison) })
}

// pairing decides on the change of a whole.
func (p *panel) pairing(then, now survey.Wave, role string) pairing {
	of := p.participants
	if role == string(program.Comparison) {
		of = p.comparison
	}
	from, to := slices.Index(p.waves, then.ID), slices.Index(p.waves, now.ID)
	switch {
	case of == nil:
		return pairing{byLevel, CodeUnpairedMany}
	case from < 0 || to < 0 || !of.Comparable(from, to, role):
		return pairing{byLevel, CodeUnpairedCombined}
	case !of.Apart(from, to, role):
		return pairing{byPerson, CodeCombined}
	}
	return pairing{how: byPerson}
}
