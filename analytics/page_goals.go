package analytics

import (
	"context"

	"mentorpulse/internal/program"
)

// goalsPage shows how far pairs have come with their goals, as either rates it.
func (b *board) goalsPage(ctx context.Context) (any, error) {
	const kind = "goals"
	return b.reportPage(ctx, kind, func() []section {
		e := b.reports[kind]
		headline, ratings, agreement := b.section("now"), b.section("ratings"), b.section("agreement")
		headline.About, headline.Parts = b.ofWave(e.shown), b.goalParts()
		ratings.About, ratings.Levels = headline.About, b.newLevels(e.shown.Figures)
		var groups []*dots
		for _, measure := range []string{MeasureGoals, MeasureExpected} {
			for _, role := range []program.Role{program.Mentor, program.Mentee} {
				title := b.title(kind, measure) + ": " + b.t("page-rated-"+string(role))
				groups = append(groups, b.bySegment(kind, measure, "", title, role))
			}
		}
		if f, ok := pick(e.shown.Figures, MeasureAgreement, "", ""); ok {
			agreement.Figures = append(agreement.Figures, figureRow{b.t("page-agreement-who"), b.figure(f, b.title(kind, MeasureAgreement))})
		}
		return []section{headline, ratings, b.segments(kind, groups...), agreement}
	})
}
