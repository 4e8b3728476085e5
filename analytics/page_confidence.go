package analytics

import (
	"context"

	"mentorpulse/internal/program"
)

// confidencePage shows the level of confidence, how many changed reliably, and
// the comparison with who is not in the programme.
func (b *board) confidencePage(ctx context.Context) (any, error) {
	const kind = "confidence"
	return b.reportPage(ctx, kind, func() []section {
		shown := b.reports[kind].shown
		headline := b.section("now")
		headline.About, headline.Parts = b.ofWave(shown), b.confidenceParts()
		changed, groups, reliability := b.section("changed"), []*dots{}, b.section("reliability")
		for _, f := range shown.Figures {
			if f.Measure != MeasureConfidence || f.Segment != nil {
				continue
			}
			var parts []Figure
			for _, measure := range []string{MeasureReliablyDown, MeasureUnchanged, MeasureReliablyUp} {
				if part, ok := pick(shown.Figures, measure, f.Scale, f.Role); ok {
					parts = append(parts, part)
				}
			}
			// Whoever is not in the programme stands beside, if there is something to
			// show.
			if len(parts) == 3 && (f.Role != program.Comparison || parts[0].Withheld == nil || b.Role != "") {
				changed.Shares = append(changed.Shares, b.newShares(kind, f.ScaleTitle, b.role(f.Role), parts, []string{"fell", "stayed", "rose"}))
			}
			if f.Role != program.Comparison || b.Role != "" {
				groups = append(groups, b.bySegment(kind, f.Measure, f.Scale, f.ScaleTitle, f.Role))
			}
		}
		for _, scale := range scalesOf(shown.Figures, MeasureConfidenceAlpha) {
			reliability.Figures = append(reliability.Figures, b.rows(kind, MeasureConfidenceAlpha, scale, b.scaleTitle(kind, MeasureConfidenceAlpha, scale))...)
		}
		return []section{headline, b.scaleRoles(kind, MeasureConfidence), changed, b.segments(kind, groups...), reliability}
	})
}

// scaleRoles shows each scale for the roles that answer it side by side.
func (b *board) scaleRoles(kind, measure string) section {
	s := b.section("roles")
	figures := b.reports[kind].shown.Figures
	s.About = b.ofWave(b.reports[kind].shown)
	for _, scale := range scalesOf(figures, measure) {
		for _, f := range figures {
			if f.Measure == measure && f.Scale == scale {
				s.Dots = append(s.Dots, b.byRole(kind, measure, scale, f.ScaleTitle))
				break
			}
		}
	}
	return s
}
