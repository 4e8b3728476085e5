package analytics

import (
	"context"
	"maps"
	"slices"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
)

// apart is a segment held against the rest of the participants.
type apart struct {
	on   *request // cut by the segment's attribute
	cell suppression.Cell
	rest []stats.LifeRow
	test stats.LogRankTest
	view *lifeView
}

// retentionAlerts are about segments, of any attribute, that leave the programme
// more often than the rest of the participants: by the log-rank test, over all
// segments of all attributes at once (Benjamini & Hochberg 1995).
func (*standing) retentionAlerts(ctx context.Context, r *request) ([]Alert, error) {
	if len(r.program.Attributes) == 0 {
		return nil, nil
	}
	lives, err := r.cuts()[0].lives(ctx)
	if err != nil {
		return nil, err
	}
	var tested []apart
	for _, one := range r.cuts() {
		tested = append(tested, one.segmentsApart(lives["programme"])...)
	}
	p := make([]float64, len(tested))
	for i, a := range tested {
		p[i] = a.test.P
	}
	q, err := stats.FalseDiscovery(p)
	if err != nil {
		return nil, err
	}
	var list []Alert
	for i, a := range tested {
		if first := a.test.Groups[0]; q[i] < alarm && float64(first.Observed) > first.Expected {
			if alert := a.alert(p[i], q[i]); alert != nil {
				list = append(list, *alert)
			}
		}
	}
	return list, nil
}

// segmentsApart tests each segment of the request's attribute against the rest.
//
// What is said of the rest adds nothing to what is shown of the segment and of the
// whole: it is their difference. Both must be shown, by who took part and by who
// left, and then the plan has seen to it that the rest is none or at least k.
func (r *request) segmentsApart(lives []life) []apart {
	v := r.lifeView(lives)
	whole := suppression.Whole("")
	shown := func(c suppression.Cell) bool {
		return v.people.verdict(c) == suppression.Shown && v.left.verdict(c) == suppression.Shown
	}
	if !shown(whole) {
		return nil
	}
	all, allLeft := v.counts(whole)
	var list []apart
	for _, c := range r.cells(groupsOf(lives), nil, []program.Role{""}) {
		n, left := v.counts(c)
		if !shown(c) || all-n < r.k() || allLeft-left > 0 && allLeft-left < r.k() {
			continue
		}
		one := apart{on: r, cell: c, view: v}
		for _, l := range lives {
			if l.in(whole) && !l.in(c) {
				one.rest = append(one.rest, l.LifeRow)
			}
		}
		var err error
		if one.test, err = stats.LogRank(v.of(c), one.rest); err == nil {
			list = append(list, one)
		}
	}
	return list
}

// alert puts the comparison into words; nil where a curve may not be shown as far
// as to compare them.
func (a apart) alert(p, q float64) *Alert {
	r := a.on
	ratio := r.show(r.figure(MeasureAlertRetention, "", a.cell), a.view.people.verdict(a.cell), func() (stats.Estimate, error) {
		return stats.PetoHazardRatio(a.test)
	})
	if ratio.Value == nil || ratio.Low == nil || *ratio.Low <= 1 {
		return nil
	}
	own, ownUntil := r.stayed(a.view.of(a.cell))
	rest, restUntil := r.stayed(a.rest)
	if own == nil || rest == nil {
		return nil
	}
	at := min(ownUntil, restUntil)
	stay, others := r.stayAt(*own, a.cell, at), r.stayAt(*rest, suppression.Whole(""), at)
	others.Except = stay.Segment
	alert := r.alert(AlertRetention, SeverityWarning, MeasureAlertRetention, ratio)
	alert.Stay, alert.Rest = &stay, &others
	l := words(r.Lang)
	alert.Seen = l.t("seen-retention", "who", alert.Who, "ratio", l.decimal(*ratio.Value, 1),
		"interval", l.t("reading-with-interval", "interval", l.t("page-range", "low", l.decimal(*ratio.Low, 1), "high", l.decimal(*ratio.High, 1))),
		"weeks", l.decimal(at, 0), "stay", l.value(*stay.Value, stay.Unit, 0), "rest", l.value(*others.Value, others.Unit, 0), "p", l.probability(p), "q", l.probability(q))
	return &alert
}

// stayed is the curve of people as it is published; nil when it may not be.
func (r *request) stayed(rows []stats.LifeRow) (*Curve, float64) {
	whole, err := stats.KaplanMeier(rows)
	if err != nil {
		return nil, 0
	}
	curve := Curve{N: &whole.N}
	if _, err := publish(&curve, whole, r.k()); err != nil {
		return nil, 0
	}
	return &curve, *curve.Until
}

// stayAt is the share still there on a published curve at a time.
func (r *request) stayAt(curve Curve, c suppression.Cell, at float64) Figure {
	f := r.figure(MeasureStay, "", c)
	last := curve.Points[0]
	for _, p := range curve.Points {
		if p.Time <= at {
			last = p
		}
	}
	f.Value, f.Low, f.High, f.N = &last.Survival, last.Low, last.High, curve.N
	if last.Low == nil {
		f.NoInterval = r.withheld(CodeConstant)
	}
	return f
}

// probability writes a p or q value: "0.012", "< 0.001".
func (l words) probability(p float64) string {
	if p < 0.001 {
		return "<" + noBreak + l.decimal(0.001, 3)
	}
	return l.decimal(p, 3)
}

// who names whom a figure is about: the role, and the values of the segment.
func (r *request) who(f Figure) string {
	name := words(r.Lang).t("role-" + string(f.Role))
	if f.Role == "" {
		name = words(r.Lang).t("role-all")
	}
	for _, attribute := range slices.Sorted(maps.Keys(f.Segment)) {
		value := f.Segment[attribute]
		if value == "" {
			value = words(r.Lang).t("not-known")
		}
		name += " · " + value
	}
	return name
}
