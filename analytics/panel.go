package analytics

import (
	"context"
	_ "embed"
	"slices"

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
	participants, comparison sidePanel
}

// sidePanel is the panel of one of the two, over the waves that ask them: the wave
// before is the last in which they could answer.
type sidePanel struct {
	*suppression.Panel
	waves []uuid.UUID
}

// panelOf is the panel of a scale over the waves that ask it with the same items,
// up to the one of a view. It is the same whatever was asked for.
func (r *request) panelOf(ctx context.Context, now *scaleView) (*panel, error) {
	var waves []survey.Wave
	var participants, comparison []bool // whether each of the waves asks them
	for _, w := range r.waves {
		if w.SurveyID != now.wave.SurveyID {
			continue
		}
		q, err := r.surveys.Questionnaire(ctx, r.program.ID, w.QuestionnaireID, w.QuestionnaireVersion)
		if err != nil {
			return nil, err
		}
		if scaleIn(q, now.scale.id, 0).content() == now.scale.content() {
			asks := func(role program.Role) bool { return q.WaveScales(w.Number, role)[now.scale.id] }
			waves, comparison = append(waves, w), append(comparison, asks(program.Comparison))
			participants = append(participants, asks(program.Mentor) || asks(program.Mentee))
		}
		if w.ID == now.wave.ID {
			break
		}
	}
	surveyIDs, waveIDs := ids(waves)
	params := append(r.scaleParams(now.scale), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("most", suppression.MaxHistories+1))
	histories, err := clickhouse.Collect(ctx, r.db, "histories on scale "+now.scale.id, historiesSQL, func(rows driver.Rows) (suppression.History, error) {
		var (
			h suppression.History
			n uint64
		)
		err := rows.Scan(&h.Roles, &n)
		h.N = int(n)
		return h, err
	}, params...)
	if err != nil {
		return nil, err
	}
	p := &panel{}
	p.participants.Panel, p.comparison.Panel = panelsOf(r.k(), histories, participants, comparison)
	for i, w := range waves {
		if participants[i] {
			p.participants.waves = append(p.participants.waves, w.ID)
		}
		if comparison[i] {
			p.comparison.waves = append(p.comparison.waves, w.ID)
		}
	}
	return p, nil
}

// panelsOf tells participants and the comparison group apart, as plans do, each in
// the waves that ask them.
func panelsOf(k int, histories []suppression.History, askedIn, askedOut []bool) (participants, comparison *suppression.Panel) {
	if len(histories) > suppression.MaxHistories {
		return suppression.NewPanel(k, nil), suppression.NewPanel(k, nil)
	}
	var in, out []suppression.History
	only := func(h suppression.History, asked []bool, kept func(role string) bool) suppression.History {
		side := suppression.History{N: h.N}
		for wave, role := range h.Roles {
			if !kept(role) {
				role = ""
			}
			if asked[wave] {
				side.Roles = append(side.Roles, role)
			}
		}
		return side
	}
	for _, h := range histories {
		in = append(in, only(h, askedIn, func(role string) bool { return role != string(program.Comparison) }))
		out = append(out, only(h, askedOut, func(role string) bool { return role == string(program.Comparison) }))
	}
	return suppression.NewPanel(k, in), suppression.NewPanel(k, out)
}

// comparable reports whether the change of a whole may be shown.
func (p *panel) comparable(then, now survey.Wave, role string) bool {
	of := p.participants
	if role == string(program.Comparison) {
		of = p.comparison
	}
	from, to := slices.Index(of.waves, then.ID), slices.Index(of.waves, now.ID)
	return from >= 0 && to >= 0 && of.Comparable(from, to, role)
}
