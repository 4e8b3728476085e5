package analytics

import (
	"context"
	"slices"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// challenge is a scale of what endangers the programme, as it stands.
type challenge struct {
	ScaleRow
	figures []Figure                 // of the roles that are asked it, and of every segment of them
	from    map[program.Role]float64 // the index from which each of them warns
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
			if f.State == StateWarning {
				reached = append(reached, f)
			}
		}
		for _, f := range reached {
			low, _ := f.ends()
			surely := f.Certainty == CertaintyClear
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
			if surely && f.Low == nil { // so says ends
				id = "seen-challenge-alike"
			}
			a := r.alert(AlertChallenge, severity, MeasureAlertChallenge, f)
			a.Seen = l.t(id, "scale", f.ScaleTitle, "who", a.Who, "value", l.value(*f.Value, f.Unit, 1), "interval", l.between(f), "from", l.value(c.from[f.Role], f.Unit, 0))
			a.Remedy = c.Remedy
			list = append(list, a)
		}
	}
	return list, nil
}

// challengeFigures are those that the report on challenges shows of the closed waves
// asked for, with every segment: of each role its newest turn that is shown.
func (r *request) challengeFigures(ctx context.Context) ([]challenge, error) {
	closed := slices.DeleteFunc(slices.Clone(r.asked()), func(w survey.Wave) bool { return w.Open(r.now) })
	questionnaires, err := r.questionnaires(ctx, closed)
	if err != nil {
		return nil, err
	}
	f := &frame{waves: closed, questionnaires: questionnaires}
	rows := slices.DeleteFunc(r.scaleRows(f, []survey.Kind{survey.KindChallenge}), func(row ScaleRow) bool { return row.WarnFrom == nil })
	turns, err := r.cuts()[0].newestTurns(ctx, f, rows)
	if err != nil {
		return nil, err
	}
	var list []challenge
	for _, row := range rows {
		one := challenge{ScaleRow: row, from: map[program.Role]float64{}}
		for _, role := range row.Roles {
			v := turns[turn{row.ID, role}]
			if v == nil || role == program.Comparison {
				continue
			}
			one.from[role] = v.scale.warnFrom
			for i, cut := range r.cuts() {
				figures := cut.levels(v, scaleMeasures{index: MeasureChallenge}, []program.Role{role})
				if i > 0 { // the wholes are there already
					figures = slices.DeleteFunc(figures, func(f Figure) bool { return f.Segment == nil })
				}
				one.figures = append(one.figures, figures...)
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// ends are those of a figure's interval; of people who all say the same, the value.
func (f Figure) ends() (low, high float64) {
	if f.Low == nil || f.High == nil {
		return *f.Value, *f.Value
	}
	return *f.Low, *f.High
}
