package analytics

import (
	"context"
	"slices"

	"mentorpulse/internal/program"
)

// retentionPage shows how long people stay in the programme and in the
// organisation, and what they intend.
func (b *board) retentionPage(ctx context.Context) (any, error) {
	const kind = "retention"
	return b.reportPage(ctx, kind, func() []section {
		e := b.reports[kind]
		programme, organisation, intent, cohorts := b.section("in-programme"), b.section("in-organisation"), b.section("intent"), b.section("cohorts")
		leaving := b.section("leaving")
		programme.About, organisation.About, cohorts.About = b.asOf(), b.asOf(), b.asOf()
		programme.Curves = append(programme.Curves, b.newSurvival(b.title(kind, MeasureStay), curvesOf(e.shown, MeasureStay, b.Role)))
		if b.Role == "" {
			programme.Curves = append(programme.Curves,
				b.newSurvival(b.t("page-curve-roles"), curvesOf(e.shown, MeasureStay, program.Mentor, program.Mentee)))
			organisation.Curves = append(organisation.Curves,
				b.newSurvival(b.title(kind, MeasureEmployment), curvesOf(e.shown, MeasureEmployment, "", program.Comparison)))
		} else {
			organisation.Curves = append(organisation.Curves, b.newSurvival(b.title(kind, MeasureEmployment), curvesOf(e.shown, MeasureEmployment, b.Role)))
		}
		programme.Tests = b.tests(kind, e.shown, MeasureStayLogRank)
		organisation.Tests = b.tests(kind, e.shown, MeasureEmploymentLogRank)
		if b.Compare != "" {
			programme.Figures = b.rows(kind, MeasureStay, "", b.title(kind, MeasureStay))
			organisation.Figures = b.rows(kind, MeasureEmployment, "", b.title(kind, MeasureEmployment))
		}
		for _, measure := range []string{MeasureRelativeRisk, MeasureRiskDifference} {
			if f, ok := pick(e.shown.Figures, measure, "", b.Role); ok {
				organisation.Figures = append(organisation.Figures, figureRow{b.role(b.Role), b.figure(f, b.title(kind, measure))})
			}
		}
		intent.About, intent.Parts = b.ofWave(e.shown), b.intentParts()
		var groups []*dots
		for _, measure := range []string{MeasureStay, MeasureEmployment, MeasureIntent} {
			for _, scale := range scalesOf(e.shown.Figures, measure) {
				if measure == MeasureIntent {
					intent.Dots = append(intent.Dots, b.byRole(kind, measure, scale, b.scaleTitle(kind, measure, scale)))
				}
				groups = append(groups, b.bySegment(kind, measure, scale, b.scaleTitle(kind, measure, scale), b.Role))
			}
		}
		segments := b.segments(kind, groups...)
		if b.By != "" {
			segments.Curves = b.segmentCurves(e.cut)
			segments.Tests = b.tests(kind, e.cut, MeasureStayLogRank)
		}
		cohorts.Cohorts = b.cohorts(e.shown)
		leaving.About, leaving.Dots = b.asOf(), b.beforeLeaving(e.shown)
		return []section{programme, organisation, intent, leaving, segments, cohorts}
	})
}

// beforeLeaving draws, of each scale, what those who left had answered beside what
// those who stayed did.
func (b *board) beforeLeaving(report *Report) []*dots {
	var list []*dots
	for _, scale := range scalesOf(report.Figures, MeasureLeft) {
		var rows []dotOf
		title := ""
		for _, d := range departures() {
			for _, measure := range []string{d.left, d.stayed} {
				if f, ok := pick(report.Figures, measure, scale, ""); ok {
					title = f.ScaleTitle
					rows = append(rows, dotOf{b.title(report.Kind, measure), "", f, true})
				}
			}
		}
		list = append(list, b.newDots(title, MeasureLeft, rows, nil, ""))
	}
	return list
}

// curvesOf are the curves of a measure about these wholes, in their order.
func curvesOf(report *Report, measure string, roles ...program.Role) []Curve {
	var list []Curve
	for _, role := range roles {
		i := slices.IndexFunc(report.Curves, func(c Curve) bool { return c.Measure == measure && c.Role == role && c.Segment == nil })
		if i >= 0 {
			list = append(list, report.Curves[i])
		}
	}
	return list
}

// segmentCurves draws the curve of each group by itself: several in one drawing
// cannot be told apart.
func (b *board) segmentCurves(report *Report) []*survival {
	var list []*survival
	for _, c := range report.Curves {
		if c.Measure == MeasureStay && c.Segment != nil && c.Role == b.Role {
			list = append(list, b.newSurvival(b.segment(c.Segment), []Curve{c}))
		}
	}
	return list
}
