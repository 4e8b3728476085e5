package analytics

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"mentorpulse/internal/program"
)

// AlertKind says what an alert is about.
type AlertKind string

// The kinds of alerts, in the order in which equally severe ones are listed.
const (
	AlertHelp                 AlertKind = "help"                  // people ask for help
	AlertRetention            AlertKind = "retention"             // a segment leaves more often than the rest
	AlertEngagementDrop       AlertKind = "engagement-drop"       // since the wave before or the baseline
	AlertConfidenceDrop       AlertKind = "confidence-drop"       // likewise
	AlertParticipationFalling AlertKind = "participation-falling" // since the wave before
	AlertParticipationLow     AlertKind = "participation-low"     // fewer than half answer
	AlertChallenge            AlertKind = "challenge"             // from its threshold on
)

// AlertKinds lists the kinds in their order.
func AlertKinds() []AlertKind {
	return []AlertKind{AlertHelp, AlertRetention, AlertEngagementDrop, AlertConfidenceDrop, AlertParticipationFalling, AlertParticipationLow, AlertChallenge}
}

// The severities of alerts.
const (
	SeverityWarning = "warning" // the whole interval says so
	SeverityNotice  = "notice"  // the value does, chance is not ruled out
)

const (
	// alarm is the false discovery rate from which on a difference is no alert.
	alarm = 0.05
	// lowRate is the response rate below which half of the invited are silent.
	lowRate = 0.5
)

// Alert is an early warning.
type Alert struct {
	ID       string    `json:"id"` // the same in every report, while it is of the same wave
	Kind     AlertKind `json:"kind"`
	Severity string    `json:"severity"`
	Wave     string    `json:"wave"` // label
	// Whom it is about; Who names them in the report's language.
	Role    program.Role      `json:"role,omitempty"`
	Segment map[string]string `json:"segment,omitempty"`
	Who     string            `json:"who"`
	Figure  Figure            `json:"figure"`
	// Stay and Rest are, of a segment that leaves more often, the shares of it and
	// of the other participants who are still there.
	Stay *Figure `json:"stay,omitempty"`
	Rest *Figure `json:"rest,omitempty"`
	Seen string  `json:"seen"` // what was seen, in words
	// Remedy says what to do.
	Remedy string `json:"remedy"`
	// Definition is the id of the definition that says when there is an alert.
	Definition string `json:"definition"`
}

// AlertReport lists a programme's early warnings.
type AlertReport struct {
	Head
	Alerts []Alert `json:"alerts"` // the most severe first
}

// Alerts lists early warnings from the newest closed wave that is asked for: an
// open one still changes, and an alert that comes and goes with each answer would
// tell that answer. Requests for help are the exception, since they are shown
// with names and wait for an answer.
func (s *Service) Alerts(ctx context.Context, q Query) (*AlertReport, error) {
	st, err := s.stand(ctx, q)
	if err != nil {
		return nil, err
	}
	return st.alertReport(ctx)
}

func (s *standing) alertReport(ctx context.Context) (out *AlertReport, err error) {
	out = &AlertReport{Head: s.head("alerts"), Alerts: []Alert{}}
	if len(s.waves) == 0 {
		out.Notice = s.withheld(CodeNoWaves)
		return out, nil
	}
	if !s.closed {
		out.Notice = s.withheld(CodeNoAlertsYet)
	}
	if out.Alerts, err = s.alerts(ctx); err != nil {
		return nil, err
	}
	if s.closed {
		participation, err := s.Participation(ctx, s.query())
		if err != nil {
			return nil, err
		}
		out.Alerts = ranked(append(out.Alerts, s.participationAlerts(participation)...))
	}
	for _, a := range out.Alerts {
		out.define(s.request, a.measures()...)
	}
	return out, nil
}

// measures are those whose definitions explain an alert.
func (a Alert) measures() []string {
	list := []string{a.Figure.Measure, a.Definition}
	if a.Stay != nil {
		list = append(list, a.Stay.Measure)
	}
	return list
}

// alerts collects at once all kinds but those on participation, which come from
// that report.
func (s *standing) alerts(ctx context.Context) ([]Alert, error) {
	parts := []func(context.Context, *request) ([]Alert, error){s.helpAlerts}
	if s.closed {
		parts = append(parts, s.dropAlerts, s.challengeAlerts, s.retentionAlerts)
	}
	found := make([][]Alert, len(parts))
	group, inner := errgroup.WithContext(ctx)
	for i, part := range parts {
		group.Go(func() error {
			r, err := s.resolve(inner, s.query()) // of its own: requests are not shared
			if err == nil {
				found[i], err = part(inner, r)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return ranked(slices.Concat(found...)), nil
}

// ranked puts the most severe alerts first, in an order of their own.
func ranked(all []Alert) []Alert {
	order := func(a Alert) int { return slices.Index(AlertKinds(), a.Kind) }
	slices.SortStableFunc(all, func(a, b Alert) int {
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), cmp.Compare(order(a), order(b)), cmp.Compare(a.ID, b.ID))
	})
	if all == nil {
		return []Alert{}
	}
	return all
}

// alert starts an alert on a figure. The remedy is that of its kind.
func (r *request) alert(kind AlertKind, severity, definition string, f Figure) Alert {
	wave := cmp.Or(f.Wave, r.waves[r.end-1].Occurrence)
	a := Alert{Kind: kind, Severity: severity, Wave: wave, Role: f.Role, Segment: f.Segment, Figure: f, Definition: definition,
		Who: r.who(f), Remedy: words(r.Lang).t("remedy-" + string(kind))}
	parts := []string{string(kind), wave, f.Scale, string(f.Role)}
	for name, value := range f.Segment { // one
		parts = append(parts, name+"="+value)
	}
	if f.Change != nil {
		parts = append(parts, string(f.Change.Against))
	}
	a.ID = strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ":")
	return a
}

// cuts are copies of the request, each of which cuts figures by one of the
// declared attributes; the first has the wholes besides. They share what was read.
func (r *request) cuts() []*request {
	if len(r.program.Attributes) == 0 {
		return []*request{r}
	}
	var list []*request
	for a := range r.program.Attributes {
		one := *r
		one.by = []int{a}
		list = append(list, &one)
	}
	return list
}

// parent is the alert among others of the same kind that is about the whole which
// a figure is a part of: of its role for a segment, else of the participants.
func parent(f Figure, others []Figure) *Figure {
	find := func(role program.Role) *Figure {
		i := slices.IndexFunc(others, func(o Figure) bool {
			return o.Segment == nil && o.Role == role && o.Measure == f.Measure && o.Scale == f.Scale && o.Wave == f.Wave
		})
		if i < 0 {
			return nil
		}
		return &others[i]
	}
	switch {
	case f.Segment != nil:
		return find(f.Role)
	case f.Role != "":
		return find("")
	}
	return nil
}

// participationAlerts are about the response rate of the last wave of a report. A
// role is named beside all participants only if it certainly does worse.
func (s *standing) participationAlerts(report *Report) []Alert {
	var falling, low []Figure
	for _, f := range report.Figures {
		if f.Measure != MeasureResponseRate || f.Value == nil || f.Low == nil || f.High == nil || f.Role == program.Comparison {
			continue
		}
		if certain(f.Change) && *f.Change.High < 0 {
			falling = append(falling, f)
		}
		if *f.High < lowRate {
			low = append(low, f)
		}
	}
	var list []Alert
	l := words(s.Lang)
	for _, f := range falling {
		if p := parent(f, falling); p != nil && *f.Change.High >= *p.Change.Low {
			continue
		}
		a := s.alert(AlertParticipationFalling, SeverityWarning, MeasureAlertParticipation, f)
		a.Seen = l.t("seen-participation-falling", "who", a.Who, "value", l.value(*f.Value, f.Unit, 1), "change", l.changed(f.Change, f.Unit))
		list = append(list, a)
	}
	for _, f := range low {
		if p := parent(f, low); p != nil && *f.High >= *p.Low {
			continue
		}
		f.Change = nil
		a := s.alert(AlertParticipationLow, SeverityWarning, MeasureAlertParticipation, f)
		a.Seen = l.t("seen-participation-low", "who", a.Who, "value", l.value(*f.Value, f.Unit, 1), "interval", l.between(f))
		list = append(list, a)
	}
	return list
}

// certain reports whether a change has an interval and is more than several
// comparisons at once would bring by chance.
func certain(c *Change) bool {
	return c != nil && c.Withheld == nil && c.Value != nil && c.Low != nil && c.High != nil && c.Q != nil && *c.Q < alarm
}
