package analytics

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Overview is a programme at a glance. It is made from the reports and shows
// nothing that they do not.
type Overview struct {
	Head
	// Participation in the newest wave that is asked for, also when it is open;
	// nil without waves.
	Participation *ParticipationNow `json:"participation"`
	// Measures as they stand at Head.Wave: engagement, confidence of each role,
	// staying in the programme, intent to stay, goals as each role rates them.
	Measures []Headline `json:"measures"`
	Alerts   []Alert    `json:"alerts"` // the most severe first
	// Help counts who asks for help in the newest closed wave and since.
	Help       int               `json:"help"`
	Objectives []ObjectiveStatus `json:"objectives"`
	// ObjectivesNotice says how to set objectives where there are none.
	ObjectivesNotice *Withheld  `json:"objectives_notice,omitempty"`
	Next             []NextWave `json:"next"` // of each survey that goes on
}

// ParticipationNow is how far people have come in one wave.
type ParticipationNow struct {
	Wave    Wave     `json:"wave"`
	Figures []Figure `json:"figures"` // of the whole first, then each role
	Series  []Figure `json:"series"`  // response rates of all participants, oldest first
}

// Headline is a measure with its trend.
type Headline struct {
	Report string   `json:"report"` // that has more of it
	Figure Figure   `json:"figure"` // with its change
	Series []Figure `json:"series"` // the same figure by wave, oldest first; empty for what is no series
	Curve  *Curve   `json:"curve,omitempty"`
	// AsOf is the day on which it is counted who stayed, "2026-01-05"; empty for
	// what people answered.
	AsOf    string `json:"as_of,omitempty"`
	Reading string `json:"reading"` // see Reading
}

// NextWave is when a survey opens next.
type NextWave struct {
	Survey string `json:"survey"` // its code
	Opens  string `json:"opens"`  // RFC 3339 in the programme's zone
	Closes string `json:"closes"`
}

// Overview makes the overview of a programme, of the waves up to the newest closed
// one that is asked for. Each report is computed once, all at the same time.
func (s *Service) Overview(ctx context.Context, q Query) (*Overview, error) {
	st, err := s.stand(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := s.programs.Objectives(ctx, st.program.ID)
	if err != nil {
		return nil, err
	}
	var (
		set  reportSet
		open *Report
	)
	out := &Overview{Head: st.head("overview")}
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		kinds := append(overviewKinds(), st.reportsOf(list)...)
		slices.Sort(kinds)
		set, err = st.gather(inner, slices.Compact(kinds))
		return err
	})
	group.Go(func() (err error) {
		if newest := st.end - 1; newest > st.at { // it is open
			open, err = st.Participation(inner, Query{Program: st.program.ID, Lang: st.Lang, Wave: st.waves[newest].Occurrence})
		}
		return err
	})
	group.Go(func() (err error) {
		out.Alerts, err = st.alerts(inner)
		return err
	})
	group.Go(func() (err error) {
		out.Next, err = st.next(inner)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if len(st.waves) == 0 {
		out.Notice = st.withheld(CodeNoWaves)
	}
	for _, a := range out.Alerts {
		if a.Kind == AlertHelp {
			out.Help += *a.Figure.N
		}
	}
	if st.closed {
		out.Alerts = ranked(append(out.Alerts, st.participationAlerts(set["participation"])...))
	}
	out.Measures = fourMeasures(st.Lang, set)
	out.Participation = participationNow(set["participation"], open)
	if out.Objectives, out.ObjectivesNotice, err = st.objectives(ctx, list, set); err != nil {
		return nil, err
	}
	out.defineAll(st.request)
	return out, nil
}

// overviewKinds are the reports that every overview is made from.
func overviewKinds() []string {
	return []string{"participation", "engagement", "confidence", "retention", "goals"}
}

// defineAll adds the definition of everything in the overview.
func (o *Overview) defineAll(r *request) {
	if o.Participation != nil {
		for _, f := range o.Participation.Figures {
			o.define(r, f.Measure)
		}
	}
	for _, h := range o.Measures {
		o.define(r, h.Figure.Measure)
	}
	for _, a := range o.Alerts {
		o.define(r, a.measures()...)
	}
	for _, one := range o.Objectives {
		o.define(r, one.Figure.Measure, MeasureProgress)
	}
}

// fourMeasures picks the four measures from their reports.
func fourMeasures(lang string, set reportSet) []Headline {
	list := []Headline{}
	add := func(kind string, measures []string, roles ...program.Role) {
		for _, measure := range measures {
			for _, f := range set[kind].Figures {
				if f.Measure != measure || f.Segment != nil || f.Level != "" || !slices.Contains(roles, f.Role) {
					continue
				}
				h := Headline{Report: kind, Figure: f, Series: seriesOf(set[kind].Series, f), Reading: Reading(lang, f)}
				for i, c := range set[kind].Curves {
					if c.Measure == measure && c.Role == f.Role && c.Segment == nil {
						h.Curve, h.AsOf = &set[kind].Curves[i], set[kind].AsOf
					}
				}
				list = append(list, h)
			}
		}
	}
	add("engagement", []string{MeasureEngagement}, "")
	add("confidence", []string{MeasureConfidence}, program.Mentor, program.Mentee)
	add("retention", []string{MeasureStay, MeasureIntent}, "")
	add("goals", []string{MeasureGoals}, program.Mentor, program.Mentee)
	return list
}

// seriesOf are the figures of a series that are the same as f but for the wave.
func seriesOf(series []Figure, f Figure) []Figure {
	list := []Figure{}
	for _, one := range series {
		if one.Measure == f.Measure && one.Scale == f.Scale && one.Role == f.Role && one.Segment == nil && one.Level == f.Level {
			list = append(list, one)
		}
	}
	return list
}

// participationNow is that of the open wave, or else of the newest of the report.
func participationNow(closed, open *Report) *ParticipationNow {
	now := closed
	if open != nil {
		now = open
	}
	if now.Wave == nil {
		return nil
	}
	p := &ParticipationNow{Wave: *now.Wave, Figures: []Figure{}, Series: []Figure{}}
	for _, f := range now.Figures {
		if f.Segment == nil {
			p.Figures = append(p.Figures, f)
		}
	}
	if rate, ok := pick(closed.Figures, MeasureResponseRate, "", ""); ok {
		p.Series = seriesOf(closed.Series, rate)
	}
	return p
}

// ahead is how far next looks.
const ahead = 2 * 366 * 24 * time.Hour

// next is when each survey opens next, within two years and the programme's days.
func (s *standing) next(ctx context.Context) ([]NextWave, error) {
	surveys, err := s.surveys.Surveys(ctx, s.program.ID)
	if err != nil {
		return nil, err
	}
	list := []NextWave{}
	for _, one := range surveys {
		due, err := one.Recurrence.Occurrences(s.now.Add(time.Second), s.now.Add(ahead))
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(due, func(o survey.Occurrence) bool { return s.program.RunsAt(o.Opens, s.location) })
		if i >= 0 {
			list = append(list, NextWave{Survey: one.Code, Opens: due[i].Opens.In(s.location).Format(time.RFC3339),
				Closes: due[i].Closes.In(s.location).Format(time.RFC3339)})
		}
	}
	return list, nil
}
