package analytics

import (
	"context"
	_ "embed"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/gaps.sql
	gapsSQL string
	//go:embed queries/gaps_goals.sql
	goalGapsSQL string
)

// The measures of how far apart the two of a pair are.
const (
	MeasurePairsGap     = "pairs.gap"
	MeasurePairsGoalGap = "pairs.goals-gap"
)

// The classes of a gap.
const (
	GapMentorHigher = "mentor-higher"
	GapSimilar      = "similar"
	GapMenteeHigher = "mentee-higher"
)

// GapClasses lists the classes in the order in which they are shown.
func GapClasses() []string { return []string{GapMentorHigher, GapSimilar, GapMenteeHigher} }

// Why gaps are withheld.
const (
	CodeFewPairs      = "few-pairs"      // fewer than k pairs in which both answered
	CodePartnerless   = "partnerless"    // 1…k−1 answered whose partner did not
	CodeFewInClass    = "few-in-class"   // fewer than k pairs in a class, or left by it
	CodeUnlinkedPairs = "unlinked-pairs" // an anonymous programme
)

// clearGap is from how many points of a scale, or levels of a goal, on one of the
// two is clearly higher. The definitions state it.
const clearGap = 1.0

// gapCount is over how many pairs of a wave which of the two is higher, as it is
// counted and kept.
type gapCount struct {
	MentorHigher, Similar, MenteeHigher uint64
	// Who answered and is in no gap, as the partner did not.
	MentorsAlone, MenteesAlone uint64
}

// gapClass is the pairs of one class.
type gapClass struct {
	class string
	pairs int
}

func (g gapClass) people() group { return group{values: []string{g.class}} }

func (g gapCount) classes() []gapClass {
	return []gapClass{{GapMentorHigher, int(g.MentorHigher)}, {GapSimilar, int(g.Similar)}, {GapMenteeHigher, int(g.MenteeHigher)}}
}

// merged are the classes without which of the two is higher.
func (g gapCount) merged() []gapClass {
	return []gapClass{{GapSimilar, int(g.Similar)}, {"different", int(g.MentorHigher + g.MenteeHigher)}}
}

func (g gapCount) pairs() int { return int(g.MentorHigher + g.Similar + g.MenteeHigher) }

// refused is why nothing of the gaps may be shown, nil when something may.
//
// The mean gap is never shown: with the levels of mentors and of mentees it gives
// the sum of those whose partner did not answer. The shares alone can give as
// much. Where all mentees answered alike, which their level may tell, the classes
// are those of the mentors who are in a pair, and the distribution of all mentors
// less these is that of the few who are not. So these are nobody or at least k.
func (g gapCount) refused(k int) error {
	switch {
	case g.pairs() < k:
		return reason(CodeFewPairs)
	case !suppression.Comparable(int(g.MentorsAlone), k) || !suppression.Comparable(int(g.MenteesAlone), k):
		return reason(CodePartnerless)
	}
	return nil
}

// shown says which classes may be shown, once something may: all three; else
// those that are about the same, beside the other two together; else none. To
// hide the smallest class and the next smallest, whichever they are, would tell
// that both are smaller than the one shown, and with few pairs how many they are.
func (g gapCount) shown(by rule) []string {
	switch {
	case apartOf(by, g.classes()):
		return GapClasses()
	case apartOf(by, g.merged()):
		return []string{GapSimilar}
	}
	return nil
}

// apartOf reports whether all classes that have pairs may be shown beside each
// other, so that it may also be said of the others that they have none. When all
// pairs are in one class, its share would be said of each single pair.
func apartOf(by rule, classes []gapClass) bool {
	plan := planOf(by, classes, func(c gapClass) int { return c.pairs })
	filled := 0
	for _, c := range classes {
		switch plan.verdict(suppression.Segment("", suppression.By(0, c.class))) {
		case suppression.Shown:
			filled++
		case suppression.Empty:
		default:
			return false
		}
	}
	return filled > 1
}

// gapFigures are the shares of the classes, each like f. All that are hidden have
// one reason, lest it tell which of them is small.
func (r *request) gapFigures(f Figure, g gapCount, why error) []Figure {
	if why == nil {
		why = g.refused(r.k())
	}
	shown := g.shown(r.rule())
	var list []Figure
	for _, c := range g.classes() {
		one := f
		one.Level = c.class
		switch {
		case why != nil:
			one.Withheld = r.why(why)
		case !slices.Contains(shown, c.class):
			one.Withheld = r.withheld(CodeFewInClass)
		default:
			one = r.show(one, suppression.Shown, func() (stats.Estimate, error) { return stats.Proportion(c.pairs, g.pairs()) })
		}
		list = append(list, one)
	}
	return list
}

// gaps are how far apart the two of a pair are: on each scale that both are asked
// with the same items, in the newest closed wave that asks it, and in rating
// their goals, in the newest closed wave. A wave counts as closed once its last
// answers are stored.
func (r *request) gaps(ctx context.Context) ([]Figure, error) {
	waves := slices.DeleteFunc(slices.Clone(r.waves), func(w survey.Wave) bool { return r.now.Before(w.Closes.Add(settled)) })
	figures := []Figure{}
	if len(waves) == 0 {
		return figures, nil
	}
	questionnaires, err := r.questionnaires(ctx, waves)
	if err != nil {
		return nil, err
	}
	for _, o := range askedOfBoth(waves, questionnaires) {
		f := r.figure(MeasurePairsGap, o.wave.Occurrence, suppression.Whole(""))
		f.Scale, f.ScaleTitle = o.scale.id, o.scale.title.In(r.Lang)
		// Nobody is promised there that answers are set beside the partner's.
		if r.program.Policy == program.Anonymous {
			figures = append(figures, r.gapFigures(f, gapCount{}, reason(CodeUnlinkedPairs))...)
			continue
		}
		counted, err := r.scaleGap(ctx, o)
		if err != nil {
			return nil, err
		}
		figures = append(figures, r.gapFigures(f, counted, nil)...)
	}
	last := len(waves) - 1
	if len(questionnaires[last].ScalesOf(survey.KindGoal)) == 0 {
		return figures, nil
	}
	goals, err := r.goalGaps(ctx, waves[last])
	return append(figures, goals...), err
}

// goalGaps are those of the goals in a wave, and how far the two agree. A goal
// belongs to its pair, whose ratings are of the same thing by what is asked.
func (r *request) goalGaps(ctx context.Context, w survey.Wave) ([]Figure, error) {
	of, err := r.goalCount(ctx, goalGapsSQL, false)
	if err != nil {
		return nil, err
	}
	surveyIDs, waveIDs := ids([]survey.Wave{w})
	counted, err := r.countedGap(ctx, of, w, clickhouse.Named("program", r.program.ID),
		clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	if err != nil {
		return nil, err
	}
	agreed, err := r.agreed(ctx, []survey.Wave{w})
	if err != nil {
		return nil, err
	}
	figures := r.gapFigures(r.figure(MeasurePairsGoalGap, w.Occurrence, suppression.Whole("")), counted, nil)
	return append(figures, r.agreementFigure(w, agreed[w.ID], true)), nil
}

func (r *request) scaleGap(ctx context.Context, o occasion) (gapCount, error) {
	surveyIDs, waveIDs := ids([]survey.Wave{o.wave})
	return r.countedGap(ctx, fact{query: gapsSQL, of: o.scale.content()}, o.wave,
		append(r.scaleParams(o.scale), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))...)
}

// countedGap is what a query of gaps counts of a wave.
func (r *request) countedGap(ctx context.Context, of fact, w survey.Wave, params ...any) (gapCount, error) {
	rows, err := keeping(ctx, r, of, []survey.Wave{w}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]gapCount, error) {
		found := map[uuid.UUID][]gapCount{}
		_, err := clickhouse.Collect(ctx, r.db, "gaps of pairs", of.query, func(rows driver.Rows) (g gapCount, err error) {
			var wave uuid.UUID
			err = rows.Scan(&wave, &g.MentorHigher, &g.Similar, &g.MenteeHigher, &g.MentorsAlone, &g.MenteesAlone)
			found[wave] = append(found[wave], g)
			return g, err
		}, append(params, clickhouse.Named("clear", clearGap))...)
		return found, err
	})
	if err != nil || len(rows[w.ID]) == 0 {
		return gapCount{}, err
	}
	return rows[w.ID][0], nil
}

// askedOfBoth lists the scales that mentors and mentees are asked with the same
// items in one wave, each in the newest of the waves that does so, in the order
// of the newest questionnaire that has it.
func askedOfBoth(waves []survey.Wave, questionnaires []*survey.Questionnaire) []occasion {
	var list []occasion
	seen := map[string]bool{}
	for w := len(waves) - 1; w >= 0; w-- {
		q := questionnaires[w]
		mentors, mentees := q.WaveScales(waves[w].Number, program.Mentor), q.WaveScales(waves[w].Number, program.Mentee)
		for _, s := range q.Scales {
			if !hasLevel(s.Kind) || seen[s.ID] || !mentors[s.ID] || !mentees[s.ID] {
				continue
			}
			if one := scaleIn(q, s.ID, 0); len(one.items) > 0 && !one.mixed() {
				seen[s.ID] = true
				list = append(list, occasion{waves[w], one})
			}
		}
	}
	return list
}

// hasLevel reports whether scales of a kind are reported as an index.
func hasLevel(kind survey.Kind) bool {
	return slices.Contains([]survey.Kind{survey.KindEngagement, survey.KindConfidence, survey.KindRetention, survey.KindBenefit,
		survey.KindAim, survey.KindStep, survey.KindChallenge}, kind)
}
