package analytics

import (
	"context"
	"slices"

	"mentorpulse/internal/program"
)

// heatmapPage shows every headline measure by group, and in which of them it
// differs from everybody together.
func (b *board) heatmapPage(ctx context.Context) (any, error) {
	const kind = "heatmap"
	if b.By == "" && len(b.program.Attributes) > 0 { // as the report has it
		b.By, b.asked.by = b.program.Attributes[0], []int{0}
	}
	report, err := b.service.Heatmap(ctx, b.Query)
	if err != nil {
		return nil, err
	}
	return b.onePage(kind, report, func() []section {
		s := b.segments(kind)
		var rows []matrixRowOf
		for _, f := range report.Figures {
			if f.Segment == nil && !unasked(f) {
				rows = append(rows, b.heatRow(report, f))
			}
		}
		s.Matrix = b.newMatrix(report, rows)
		if s.Matrix != nil {
			s.Matrix.How = b.t("page-heatmap-how")
		}
		return []section{s}
	})
}

// heatRow is the row of a measure: named by its scale where the measure has one
// for each of several.
func (b *board) heatRow(report *Report, f Figure) matrixRowOf {
	row := matrixRowOf{title: b.title(report.Kind, f.Measure), who: b.role(f.Role), measure: f.Measure, scale: f.Scale, role: f.Role}
	switch f.Measure {
	case MeasureConfidence, MeasureBenefit, MeasureChallenge:
		row.title = f.ScaleTitle
	case MeasureGoals:
		row.who = b.t("page-rated-" + string(f.Role))
	}
	if f.Measure == MeasureChallenge {
		row.who += " · " + b.t("page-high-is-bad")
	}
	row.who += b.askedIn(report, f)
	return row
}

// trendsPage shows every headline measure over the waves.
func (b *board) trendsPage(ctx context.Context) (any, error) {
	const kind = "trends"
	return b.reportPage(ctx, kind, func() []section {
		e := b.reports[kind]
		s := b.section("trends")
		ofRoles := []string{MeasureConfidence, MeasureGoals, MeasureChallenge}
		for _, f := range e.shown.Figures {
			own := slices.Contains(ofRoles, f.Measure)
			if f.Segment != nil || unasked(f) || f.Role != b.Role && (!own || b.Role != "" || f.Role == program.Comparison) {
				continue
			}
			row := b.heatRow(e.shown, f)
			p := b.part(kind, f, row.title, row.who)
			if f.Change == nil { // how a measure is read at all is said in its definition
				p.Main.Reading = ""
			}
			s.Parts = append(s.Parts, p)
		}
		return []section{s}
	})
}
