package analytics

import (
	"context"
)

// engagementPage shows how engaged people are: the index and eNPS over the
// waves, then by role and group, and how reliable the scale is.
func (b *board) engagementPage(ctx context.Context) (any, error) {
	const kind = "engagement"
	return b.reportPage(ctx, kind, func() []section {
		shown := b.reports[kind].shown
		headline := b.section("now")
		headline.About, headline.Parts = b.ofWave(shown), b.engagementParts()
		roles, groups := b.section("roles"), []*dots{}
		roles.About = headline.About
		reliability := b.section("reliability")
		for _, measure := range []string{MeasureEngagement, MeasureFavourability, MeasureENPS} {
			for _, scale := range scalesOf(shown.Figures, measure) {
				title := b.scaleTitle(kind, measure, scale)
				roles.Dots = append(roles.Dots, b.byRole(kind, measure, scale, title))
				groups = append(groups, b.bySegment(kind, measure, scale, title, b.Role))
			}
		}
		for _, measure := range []string{MeasureAlpha, MeasureOmega} {
			for _, scale := range scalesOf(shown.Figures, measure) {
				reliability.Figures = append(reliability.Figures, b.rows(kind, measure, scale, b.scaleTitle(kind, measure, scale))...)
			}
		}
		return []section{headline, roles, b.segments(kind, groups...), reliability}
	})
}

// scaleTitle names a measure, and its scale where it has several.
func (b *board) scaleTitle(kind, measure, scale string) string {
	title := b.title(kind, measure)
	figures := b.reports[kind].shown.Figures
	if len(scalesOf(figures, measure)) > 1 {
		for _, f := range figures {
			if f.Measure == measure && f.Scale == scale && f.ScaleTitle != "" {
				return title + ": " + f.ScaleTitle
			}
		}
	}
	return title
}
