package analytics

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Verdict says how a programme's objective stands.
type Verdict string

// The verdicts on objectives.
const (
	Reached        Verdict = "reached"        // value and whole interval meet the target
	ReachedUnsure  Verdict = "reached-unsure" // the value does, not all of the interval
	NotYet         Verdict = "not-yet"        // the value does not
	NotToBeTold    Verdict = "not-measured"   // there is no figure, or it is withheld
	directionLeast         = "at_least"
	directionMost          = "at_most"
)

// ObjectiveReport is how a programme's objectives stand.
type ObjectiveReport struct {
	Head
	Objectives []ObjectiveStatus `json:"objectives"`
}

// ObjectiveStatus is how one objective stands.
type ObjectiveStatus struct {
	Code      string  `json:"code"`
	Title     string  `json:"title"` // in the report's language where it has one
	Direction string  `json:"direction"`
	Target    float64 `json:"target"` // in the figure's unit
	By        string  `json:"by,omitempty"`
	// Overdue: the day has passed and the objective is not reached.
	Overdue bool `json:"overdue,omitempty"`
	// Figure is the current one, Baseline the same of the first wave that shows
	// it; nil when there is no earlier one, which NoBaseline explains.
	Figure     Figure    `json:"figure"`
	Baseline   *Figure   `json:"baseline"`
	NoBaseline *Withheld `json:"no_baseline,omitempty"`
	// Progress is the way gone from the baseline to the target: 0 at the one, 1 at
	// the other. Nil without a baseline short of the target, as NoProgress says.
	Progress   *float64  `json:"progress"`
	NoProgress *Withheld `json:"no_progress,omitempty"`
	Verdict    Verdict   `json:"verdict"`
	Reading    string    `json:"reading"` // the verdict in words
}

// Objectives reports how the programme's objectives stand: the figures are those
// of the other reports, up to the newest closed wave that is asked for.
func (s *Service) Objectives(ctx context.Context, q Query) (*ObjectiveReport, error) {
	st, err := s.stand(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := s.programs.Objectives(ctx, st.program.ID)
	if err != nil {
		return nil, err
	}
	set, err := st.gather(ctx, st.reportsOf(list))
	if err != nil {
		return nil, err
	}
	out := &ObjectiveReport{Head: st.head("objectives")}
	out.Objectives, out.Notice, err = st.objectives(ctx, list, set)
	if err != nil {
		return nil, err
	}
	for _, o := range out.Objectives {
		out.define(st.request, o.Figure.Measure, MeasureProgress)
	}
	return out, nil
}

// reportsOf lists the reports that show objectives.
func (s *standing) reportsOf(list []program.Objective) []string {
	var kinds []string
	for _, o := range list {
		if kind := s.reportOf(o.Measure); kind != "" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// reportOf is the kind of the report that shows a measure; "" for none.
func (s *Service) reportOf(measure string) string {
	for _, d := range s.definitions {
		if _, known := s.reports()[d.Report]; known && d.ID == measure {
			return d.Report
		}
	}
	return ""
}

// objectives reads the state of each objective from the reports; the notice says
// how to set some where there are none.
func (s *standing) objectives(ctx context.Context, list []program.Objective, set reportSet) ([]ObjectiveStatus, *Withheld, error) {
	statuses := []ObjectiveStatus{}
	if len(list) == 0 {
		return statuses, s.withheld(CodeNoObjectives), nil
	}
	for _, o := range list {
		one, err := s.objective(ctx, o, set[s.reportOf(o.Measure)])
		if err != nil {
			return nil, nil, err
		}
		statuses = append(statuses, one)
	}
	return statuses, nil, nil
}

func (s *standing) objective(ctx context.Context, o program.Objective, report *Report) (ObjectiveStatus, error) {
	one := ObjectiveStatus{Code: o.Code, Title: survey.Text(o.Title).In(s.Lang), Direction: directionLeast, Target: o.Target, Verdict: NotToBeTold}
	if o.AtMost {
		one.Direction = directionMost
	}
	found := false
	if report != nil {
		one.Figure, found = pick(report.Figures, o.Measure, o.Scale, o.Role)
	}
	if !found {
		one.Figure = Figure{Measure: o.Measure, Scale: o.Scale, Role: o.Role, Unit: s.unit(o.Measure), Withheld: s.withheld(CodeNotMeasured)}
		if report != nil && report.Notice != nil {
			one.Figure.Withheld = report.Notice
		}
	}
	if err := s.measure(ctx, &one, o, report); err != nil {
		return one, err
	}
	if !o.Due.IsZero() {
		one.By = o.Due.Format(time.DateOnly)
		one.Overdue = program.Day(s.now, s.location).After(o.Due) && (one.Verdict == NotYet || one.Verdict == NotToBeTold)
	}
	one.Reading = words(s.Lang).objective(one)
	return one, nil
}

// measure fills in verdict, baseline and progress of an objective from its figure.
func (s *standing) measure(ctx context.Context, one *ObjectiveStatus, o program.Objective, report *Report) (err error) {
	f := one.Figure
	if f.Value == nil {
		one.NoBaseline, one.NoProgress = f.Withheld, f.Withheld
		return nil
	}
	one.Verdict = verdictOn(f, o)
	one.Baseline, one.NoBaseline, err = s.baselineOf(ctx, f, report)
	switch {
	case err != nil:
		return err
	case one.Baseline == nil:
		one.NoProgress = one.NoBaseline
		return nil
	}
	if one.Progress = progress(*one.Baseline.Value, *f.Value, o); one.Progress == nil {
		one.NoProgress = s.withheld(CodeMetAtStart)
	}
	return nil
}

// met reports whether a value meets the target.
func met(v float64, o program.Objective) bool {
	const rounding = 1e-9
	if o.AtMost {
		return v <= o.Target+rounding
	}
	return v >= o.Target-rounding
}

func verdictOn(f Figure, o program.Objective) Verdict {
	switch {
	case !met(*f.Value, o):
		return NotYet
	case f.Low != nil && f.High != nil && met(*f.Low, o) && met(*f.High, o):
		return Reached
	}
	return ReachedUnsure
}

// progress is the way gone from the baseline to the target; nil when the baseline
// meets it, so that there is no way to go.
func progress(baseline, value float64, o program.Objective) *float64 {
	if met(baseline, o) {
		return nil
	}
	way := (value - baseline) / (o.Target - baseline)
	return &way
}

// baselineOf is what a figure is held against: of goals the same pairs' own
// baseline, else the first earlier figure of the same survey and items; or why
// there is none.
func (s *standing) baselineOf(ctx context.Context, f Figure, report *Report) (*Figure, *Withheld, error) {
	if f.Measure == MeasureGoals {
		base, ok := pick(report.Figures, MeasureGoalsBase, "", f.Role)
		switch {
		case ok && base.Value != nil:
			return &base, nil, nil
		case ok && base.Withheld != nil:
			return nil, base.Withheld, nil
		}
		return nil, s.withheld(CodeUndefined), nil
	}
	why, inSeries := CodeNoEarlier, false
	now := s.waveNamed(f.Wave)
	for _, earlier := range report.Series {
		if earlier.Measure != f.Measure || earlier.Scale != f.Scale || earlier.Role != f.Role || earlier.Segment != nil || earlier.Level != f.Level {
			continue
		}
		inSeries = true
		then := s.waveNamed(earlier.Wave)
		if earlier.Wave == f.Wave || then == nil || now == nil {
			break
		}
		if earlier.Value == nil || then.SurveyID != now.SurveyID {
			continue
		}
		same, err := s.sameItems(ctx, f.Scale, *then, *now)
		if err != nil || same {
			return &earlier, nil, err
		}
		why = CodeOtherItems
	}
	// What is not of a wave, or a comparison itself, stands in no series; nor does
	// anything of a single wave.
	if now == nil || !inSeries && len(report.Series) > 0 {
		why = CodeUncompared
	}
	return nil, s.withheld(why), nil
}

// waveNamed is the newest wave of a label up to the standing one; nil for none.
func (s *standing) waveNamed(label string) *survey.Wave {
	for i := s.at; i >= 0; i-- {
		if s.waves[i].Occurrence == label {
			return &s.waves[i]
		}
	}
	return nil
}

// sameItems reports whether a scale had the same items in two waves.
func (s *standing) sameItems(ctx context.Context, id string, then, now survey.Wave) (bool, error) {
	if id == "" {
		return true, nil
	}
	list, err := s.questionnaires(ctx, []survey.Wave{then, now})
	if err != nil {
		return false, err
	}
	return scaleIn(list[0], id, 0).content() == scaleIn(list[1], id, 0).content(), nil
}

// objective says in words how an objective stands.
func (l words) objective(o ObjectiveStatus) string {
	f := o.Figure
	if o.Verdict == NotToBeTold {
		return l.t("objective-reads-not-measured", "reason", f.Withheld.Reason)
	}
	digits := 1
	for o.Verdict == NotYet && digits < 4 && l.value(*f.Value, f.Unit, digits) == l.value(o.Target, f.Unit, digits) {
		digits++ // or it would read as if they were equal
	}
	text := l.t("objective-reads-"+string(o.Verdict), "value", l.value(*f.Value, f.Unit, digits), "target", l.target(o, digits), "interval", l.between(f))
	if by := l.beyond(o); by != "" {
		text += " " + l.t("objective-beyond", "by", by)
	}
	if o.Baseline != nil {
		text += " " + l.sinceStart(o)
	} else {
		text += " " + o.NoProgress.Reason
	}
	if o.Overdue {
		text += " " + l.t("objective-overdue", "day", l.date(o.By))
	}
	return text
}

// sinceStart compares a figure with its baseline, on the way to the target.
func (l words) sinceStart(o ObjectiveStatus) string {
	unit := o.Figure.Unit
	baseline := l.value(*o.Baseline.Value, unit, 1)
	switch {
	case o.Progress == nil:
		return l.t("objective-met", "baseline", baseline)
	case *o.Progress >= 1:
		return l.t("objective-start", "baseline", baseline)
	case l.value(*o.Figure.Value, unit, 1) == baseline:
		return l.t("objective-same")
	case *o.Progress < 0:
		return l.t("objective-back", "baseline", baseline)
	}
	return l.t("objective-way", "baseline", baseline, "share", l.share(*o.Progress))
}

// share writes how much of a way is done. What is not all of it is not called so.
func (l words) share(progress float64) string {
	if progress < 1 {
		progress = min(progress, 0.99)
	}
	return l.value(progress, UnitShare, 0)
}

// way writes how far it is from the start to the target: "55% of the way".
func (l words) way(o ObjectiveStatus) string {
	by := l.beyond(o)
	switch {
	case *o.Progress >= 1 && by != "":
		return l.t("page-objective-beyond", "by", by)
	case *o.Progress < 0:
		return l.t("page-objective-back")
	}
	return l.t("page-objective-way", "share", l.share(min(*o.Progress, 1)))
}

// beyond writes by how much a target is exceeded: "4.2 points"; "" where it is not.
func (l words) beyond(o ObjectiveStatus) string {
	by := *o.Figure.Value - o.Target
	if o.Direction == directionMost {
		by = -by
	}
	text, more := strings.CutPrefix(l.amount(by, o.Figure.Unit), "+")
	if !more {
		return ""
	}
	return text
}

// target writes what is to be reached: "at least 65".
func (l words) target(o ObjectiveStatus, digits int) string {
	return l.t("objective-"+o.Direction, "target", l.value(o.Target, cmp.Or(o.Figure.Unit, UnitIndex), digits))
}

// between writes a figure's interval, or why there is none.
func (l words) between(f Figure) string {
	if f.Low == nil || f.High == nil {
		return l.t("reading-without-interval")
	}
	return l.t("reading-with-interval", "interval", l.interval(*f.Low, *f.High, f.Unit))
}
