package analytics

import (
	"context"
	"fmt"
	"slices"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// dropAlerts are about engagement and confidence that fell, since the wave before
// or since the baseline, for everybody, a role or a segment.
func (s *standing) dropAlerts(ctx context.Context, r *request) ([]Alert, error) {
	waves := r.waves[:r.end]
	questionnaires, err := r.questionnaires(ctx, waves)
	if err != nil {
		return nil, err
	}
	var list []Alert
	since := map[string]string{} // the wave that an alert compares with
	for _, against := range []Comparison{ComparePrevious, CompareBaseline} {
		for kind, of := range map[AlertKind]survey.Kind{AlertEngagementDrop: survey.KindEngagement, AlertConfidenceDrop: survey.KindConfidence} {
			figures, err := r.droppable(ctx, waves, questionnaires, of, against)
			if err != nil {
				return nil, err
			}
			for _, a := range r.drops(kind, figures) {
				// With two waves the one before is the baseline, and once is enough.
				whom := fmt.Sprint(kind, a.Figure.Scale, a.Role, a.Segment)
				if since[whom] != a.Figure.Change.From {
					list = append(list, a)
				}
				since[whom] = a.Figure.Change.From
			}
		}
	}
	return list, nil
}

// droppable are the levels of the scales of a kind in the last wave, of the wholes
// and of every segment, each with its change.
func (r *request) droppable(ctx context.Context, waves []survey.Wave, questionnaires []*survey.Questionnaire, kind survey.Kind, against Comparison) ([]Figure, error) {
	var all []Figure
	for _, id := range scaleIDs(questionnaires, kind) {
		measure, roles, cut := MeasureEngagement, []program.Role{"", program.Mentor, program.Mentee}, []program.Role{""}
		if kind == survey.KindConfidence {
			roles = slices.DeleteFunc(audience(questionnaires, id), func(role program.Role) bool { return role == program.Comparison })
			measure, cut = MeasureConfidence, roles
		}
		views, err := r.everySegment(ctx, waves, questionnaires, id)
		if err != nil {
			return nil, err
		}
		at := len(waves) - 1
		for i, one := range r.cuts() {
			wholes := roles
			if i > 0 {
				wholes = nil
			}
			var figures []Figure
			for _, c := range one.cells(views[at].people(), wholes, cut) {
				figures = append(figures, one.indexFigure(measure, views[at], c, views[at].of(c)))
			}
			if err := compare(ctx, one, figures, views, at, against); err != nil {
				return nil, err
			}
			all = append(all, figures...)
		}
	}
	r.adjust(all)
	return all, nil
}

// everySegment reads a scale in waves, by every attribute; once, however often asked.
func (r *request) everySegment(ctx context.Context, waves []survey.Wave, questionnaires []*survey.Questionnaire, id string) ([]*scaleView, error) {
	if views, known := r.inEvery[id]; known {
		return views, nil
	}
	views, err := r.cuts()[0].viewsOf(ctx, &frame{waves: waves, questionnaires: questionnaires}, id, noENPS)
	if err != nil {
		return nil, err
	}
	r.inEvery[id] = views
	return views, nil
}

// drops are the alerts on figures that certainly fell. What is part of a whole
// that fell too is named only if it certainly fell further.
func (r *request) drops(kind AlertKind, figures []Figure) []Alert {
	var fallen []Figure
	for _, f := range figures {
		if certain(f.Change) && *f.Change.High < 0 {
			fallen = append(fallen, f)
		}
	}
	var list []Alert
	l := words(r.Lang)
	for _, f := range fallen {
		if p := parent(f, fallen); p != nil && *f.Change.High >= *p.Change.Low {
			continue
		}
		a := r.alert(kind, SeverityWarning, MeasureAlertDrop, f)
		a.Seen = l.t("seen-drop", "scale", f.ScaleTitle, "who", a.Who, "value", l.value(*f.Value, f.Unit, 1), "interval", l.between(f), "change", l.changed(f.Change, f.Unit))
		list = append(list, a)
	}
	return list
}
