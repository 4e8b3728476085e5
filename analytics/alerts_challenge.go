package analytics

import (
	"context"
	"slices"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// challenge is a scale of what endangers the programme, as it stands.
type challenge struct {
	survey.Scale
	figures []Figure // of the roles that are asked it, and of every segment of them
}

// challengeAlerts are about challenges at or above their threshold. A segment is
// named only when its whole interval is, and above that of its role if the role
// is named.
func (s *standing) challengeAlerts(ctx context.Context, r *request) ([]Alert, error) {
	challenges, err := r.challengeFigures(ctx)
	if err != nil {
		return nil, err
	}
	var list []Alert
	l := words(r.Lang)
	for _, c := range challenges {
		var reached []Figure
		for _, f := range c.figures {
			if f.Value != nil && *f.Value >= c.WarnFrom {
				reached = append(reached, f)
			}
		}
		for _, f := range reached {
			low, _ := f.ends()
			surely := low >= c.WarnFrom
			if f.Segment != nil && !surely {
				continue
			}
			if p := parent(f, reached); p != nil {
				if _, high := p.ends(); low <= high {
					continue
				}
			}
			severity, id := SeverityWarning, "seen-challenge"
			if !surely {
				severity, id = SeverityNotice, "seen-challenge-unsure"
			}
			a := r.alert(AlertChallenge, severity, MeasureAlertChallenge, f)
			a.Seen = l.t(id, "scale", f.ScaleTitle, "who", a.Who, "value", l.value(*f.Value, f.Unit, 1), "interval", l.between(f), "from", l.value(c.WarnFrom, f.Unit, 0))
			a.Remedy = c.Scale.Remedy.In(r.Lang)
			list = append(list, a)
		}
	}
	return list, nil
}

// challengeFigures reads each challenge in the newest of the waves, of the last
// one's survey and questionnaire, in which it was asked: most are asked in turn.
func (r *request) challengeFigures(ctx context.Context) ([]challenge, error) {
	last := r.waves[r.end-1]
	questionnaires, err := r.questionnaires(ctx, []survey.Wave{last})
	if err != nil {
		return nil, err
	}
	q := questionnaires[0]
	var list []challenge
	for _, s := range q.ScalesOf(survey.KindChallenge) {
		one := challenge{Scale: s}
		for _, role := range s.Audience {
			w := r.lastAsked(q, s.ID, role)
			if w == nil || s.WarnFrom == 0 || role == program.Comparison {
				continue
			}
			figures, err := r.challengeOf(ctx, *w, q, s, role)
			if err != nil {
				return nil, err
			}
			one.figures = append(one.figures, figures...)
		}
		list = append(list, one)
	}
	return list, nil
}

// lastAsked is the newest of the waves, with the last one's survey and
// questionnaire, in which a role was asked a scale.
func (r *request) lastAsked(q *survey.Questionnaire, id string, role program.Role) *survey.Wave {
	last := r.waves[r.end-1]
	for i := r.end - 1; i >= 0; i-- {
		w := &r.waves[i]
		if w.SurveyID == last.SurveyID && w.QuestionnaireID == q.ID && w.QuestionnaireVersion == q.Version && !w.Open(r.now) &&
			slices.ContainsFunc(q.WaveItems(w.Number, role), func(it survey.Item) bool { return it.Scale == id }) {
			return w
		}
	}
	return nil
}

func (r *request) challengeOf(ctx context.Context, w survey.Wave, q *survey.Questionnaire, s survey.Scale, role program.Role) ([]Figure, error) {
	of := scaleIn(q, s.ID, 0)
	tallies, err := r.cuts()[0].scan(ctx, []occasion{{w, of}})
	if err != nil {
		return nil, err
	}
	var figures []Figure
	for i, one := range r.cuts() {
		v := one.view(w, of, tallies[0], nil)
		wholes := []program.Role{role}
		if i > 0 {
			wholes = nil
		}
		for _, c := range one.cells(v.people(), wholes, []program.Role{role}) {
			figures = append(figures, one.indexFigure(MeasureChallenge, v, c, v.of(c)))
		}
	}
	return figures, nil
}

// ends are those of a figure's interval; of people who all say the same, the value.
func (f Figure) ends() (low, high float64) {
	if f.Low == nil || f.High == nil {
		return *f.Value, *f.Value
	}
	return *f.Low, *f.High
}
