package analytics

import (
	"cmp"
	"context"
	"strings"

	"mentorpulse/survey"
)

// indexAxis is the whole of an index, on which scales are seen against each
// other from page to page.
func indexAxis() axis { return axis{low: 0, high: 100, scale: 1} }

// benefitsPage is the scorecard of what the programme promises: its benefits by
// whom they are for, then its aims and the steps of putting it in place.
func (b *board) benefitsPage(ctx context.Context) (any, error) {
	const kind = "benefits"
	return b.reportPage(ctx, kind, func() []section {
		e := b.reports[kind]
		var list []section
		for _, group := range []survey.Group{survey.GroupMentees, survey.GroupMentors, survey.GroupOrganisation} {
			s := b.section("for-" + string(group))
			s.Dots = append(s.Dots, b.scales(e.shown, MeasureBenefit, func(row ScaleRow) bool { return row.Kind == survey.KindBenefit && row.Group == group }))
			list = append(list, s)
		}
		for _, of := range []survey.Kind{survey.KindAim, survey.KindStep} {
			s := b.section("of-" + string(of))
			s.Dots = append(s.Dots, b.scales(e.shown, MeasureBenefit, func(row ScaleRow) bool { return row.Kind == of }))
			list = append(list, s)
		}
		return append(list, b.scaleSegments(kind, MeasureBenefit))
	})
}

// scales draws the scales that are wanted, a row for each role that is asked.
func (b *board) scales(report *Report, measure string, wanted func(ScaleRow) bool) *dots {
	var list []dotOf
	var missing []string
	for _, row := range report.Scales {
		if !wanted(row) {
			continue
		}
		for _, f := range b.ofScale(report, measure, row) {
			if unasked(f) {
				missing = append(missing, row.Title+" ("+b.role(f.Role)+")")
				continue
			}
			list = append(list, dotOf{name: row.Title, note: b.role(f.Role) + b.askedIn(report, f), figure: f})
		}
	}
	if len(list)+len(missing) == 0 {
		return nil
	}
	d := b.newDots(b.title(report.Kind, measure), measure, list, nil, "", indexAxis())
	d.RowsAre = b.t("page-scale")
	if len(missing) > 0 {
		d.Missing = b.t("page-not-asked", "list", strings.Join(missing, ", "))
	}
	return d
}

// unasked reports whether a scale has no turn in the waves asked for.
func unasked(f Figure) bool { return f.Withheld != nil && f.Withheld.Code == CodeNotMeasured }

// ofScale are the figures of a scale about each role that is asked it.
func (b *board) ofScale(report *Report, measure string, row ScaleRow) []Figure {
	var list []Figure
	for _, role := range row.Roles {
		if f, ok := pick(report.Figures, measure, row.ID, role); ok {
			list = append(list, f)
		}
	}
	return list
}

// askedIn names the wave of a figure where it is not the newest, since scales
// are asked in turn.
func (b *board) askedIn(report *Report, f Figure) string {
	if f.Value == nil || f.Wave == "" || report.Wave == nil || f.Wave == report.Wave.Label {
		return ""
	}
	return ", " + b.t("page-of-wave", "date", b.date(f.Wave))
}

// challengesPage monitors what endangers the programme: each challenge against
// its threshold, with what to do.
func (b *board) challengesPage(ctx context.Context) (any, error) {
	const kind = "challenges"
	return b.reportPage(ctx, kind, func() []section {
		e := b.reports[kind]
		monitor := b.section("monitor")
		monitor.About = b.t("page-monitor-how")
		for _, row := range e.shown.Scales {
			monitor.Dots = append(monitor.Dots, b.challenge(e.shown, row))
		}
		return []section{monitor, b.scaleSegments(kind, MeasureChallenge)}
	})
}

// stateView is how a challenge stands, in words and as a class of the style.
type stateView struct{ Text, Class string }

func (b *board) state(of, certainty string) stateView {
	if of == "" {
		return stateView{}
	}
	class := of
	if of == StateWarning {
		class = of + "-" + cmp.Or(certainty, CertaintyPossible)
	}
	return stateView{b.t("page-state-" + class), class}
}

// challenge draws one challenge for each role, against the threshold.
func (b *board) challenge(report *Report, row ScaleRow) *dots {
	var list []dotOf
	for _, f := range b.ofScale(report, MeasureChallenge, row) {
		note := b.askedIn(report, f)
		if len(row.Roles) > 1 { // else the state of the challenge is that of the role
			note = b.state(f.State, f.Certainty).Text + note
		}
		list = append(list, dotOf{name: b.role(f.Role), note: strings.TrimPrefix(note, ", "), figure: f})
	}
	name := ""
	if row.WarnFrom != nil {
		name = b.t("page-threshold-at", "index", b.decimal(*row.WarnFrom, 0))
	}
	d := b.newDots(row.Title, MeasureChallenge, list, row.WarnFrom, name, indexAxis())
	if d != nil {
		d.State, d.Remedy = b.state(row.State, row.Certainty), row.Remedy
	}
	return d
}

// scaleSegments is the section of the groups that the attributes asked for make:
// a row for each scale and role, a column for each group.
func (b *board) scaleSegments(kind, measure string) section {
	s := b.segments(kind)
	s.About = b.t("page-in-turn")
	report := b.reports[kind].cut
	if report == nil {
		return s
	}
	var rows []matrixRowOf
	for _, row := range report.Scales {
		for _, role := range row.Roles {
			if b.Role == "" || b.Role == role {
				rows = append(rows, matrixRowOf{row.Title, b.role(role), measure, row.ID, role})
			}
		}
	}
	s.Matrix = b.newMatrix(report, rows)
	if s.Matrix != nil {
		s.Matrix.How = b.t("page-matrix-how")
	}
	return s
}
