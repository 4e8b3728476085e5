package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// departure is what people leave, with the measures of what they had answered.
type departure struct {
	left, stayed string
	day          func(leaver) time.Time
}

func departures() []departure {
	return []departure{
		{MeasureLeft, MeasureStayed, func(l leaver) time.Time { return l.programme }},
		{MeasureLeftOrganisation, MeasureStayedOrganisation, func(l leaver) time.Time { return l.organisation }},
	}
}

// leaving is a scale over the closed waves that ask it as the newest of them does.
type leaving struct {
	id      string
	title   survey.Text
	views   []*scaleView // oldest first
	linked  bool         // changes of the same people are shown
	scores  map[uuid.UUID]map[int]scoredWave
	byGoing [][]goodbye // of each of the departures
}

// beforeLeaving adds what those who left had answered last, engagement and intent
// to stay, and beside it what was answered by those who stayed.
//
// Both are about all participants: cut by role or attribute, few would be left of
// those who left. Both follow from one sum, the last scores of those counted, and
// the published levels; so all that can be learnt of anybody is learnt from that
// sum, and suppression.Beside looks at it, batch by batch.
func (r *request) beforeLeaving(ctx context.Context, out *Report) error {
	if r.Role != "" || r.brief || r.trend {
		return nil
	}
	questionnaires, err := r.questionnaires(ctx, r.waves)
	if err != nil {
		return err
	}
	var gone []leaver
	if r.program.Policy != program.Anonymous {
		if gone, err = r.leavers(ctx); err != nil {
			return err
		}
	}
	for _, kind := range []survey.Kind{survey.KindEngagement, survey.KindRetention} {
		for _, id := range scaleIDs(questionnaires, kind) {
			l, err := r.leaving(ctx, kind, id, questionnaires, gone)
			if err != nil {
				return err
			}
			verdicts, err := r.leavingVerdicts(ctx, l)
			if err != nil {
				return err
			}
			for i, d := range departures() {
				r.leavingFigures(out, l, d, goneBy(l.byGoing[i], r.day()), verdicts[i])
			}
		}
	}
	return nil
}

// leaving reads a scale. Without anybody who left only its name is known.
func (r *request) leaving(ctx context.Context, kind survey.Kind, id string, questionnaires []*survey.Questionnaire, gone []leaver) (*leaving, error) {
	l := &leaving{id: id, linked: kind == survey.KindEngagement, byGoing: make([][]goodbye, len(departures()))}
	enps := noENPS
	if kind == survey.KindEngagement {
		enps = enpsItem // with which the engagement report has it kept
	}
	f, newest := &frame{}, scale{}
	for i, w := range slices.Backward(r.waves) {
		s := scaleIn(questionnaires[i], id, 0)
		if len(s.items) == 0 || r.now.Before(w.Closes.Add(settled)) {
			continue
		}
		if len(f.waves) == 0 {
			newest = s
		}
		if s.content() == newest.content() && (len(f.waves) == 0 || w.SurveyID == f.waves[0].SurveyID) {
			f.waves, f.questionnaires = append(f.waves, w), append(f.questionnaires, questionnaires[i])
		}
	}
	for _, q := range questionnaires {
		if s, ok := q.Scale(id); ok {
			l.title = s.Title
		}
	}
	if len(gone) == 0 || len(f.waves) == 0 {
		return l, nil
	}
	slices.Reverse(f.waves)
	slices.Reverse(f.questionnaires)
	var err error
	if l.views, err = r.viewsOf(ctx, f, id, enps); err != nil {
		return nil, err
	}
	if l.scores, err = r.scores(ctx, newest, f.waves, gone); err != nil {
		return nil, err
	}
	for i, d := range departures() {
		l.byGoing[i] = inBatches(r.goodbyes(l, gone, d), r.k())
	}
	return l, nil
}

// goodbyes are the last scores of those who left, each of the last wave that had
// closed by then, that may be shown as a whole and that they answered.
func (r *request) goodbyes(l *leaving, gone []leaver, d departure) []goodbye {
	var list []goodbye
	for _, one := range gone {
		day := d.day(one)
		if day.IsZero() {
			continue
		}
		for w, v := range slices.Backward(l.views) {
			score, scored := l.scores[one.respondent][w]
			if !scored || score.role == string(program.Comparison) || v.scores.verdict(suppression.Whole("")) != suppression.Shown ||
				!program.Day(v.wave.Closes, r.location).Before(day) {
				continue
			}
			list = append(list, goodbye{respondent: one.respondent, day: day, wave: w, score: score.score})
			break
		}
	}
	return list
}

// leavingVerdicts decide on the figures of each departure, those of the first
// before those of the second. They are the same on whatever day the report is of.
func (r *request) leavingVerdicts(ctx context.Context, l *leaving) ([]suppression.Verdict, error) {
	verdicts := make([]suppression.Verdict, len(departures()))
	var told []int // the departures that are shown
	for i := range departures() {
		if verdicts[i] = suppression.TooFew; len(goneBy(l.byGoing[i], r.within(r.now))) == 0 {
			continue
		}
		histories, beside, err := r.toldOf(ctx, l, append(told, i))
		if err != nil {
			return nil, err
		}
		if verdicts[i] = suppression.Beside(r.k(), histories, beside); verdicts[i] == suppression.Shown {
			told = append(told, i)
		}
	}
	return verdicts, nil
}

// toldOf are the ways that all participants went through the waves, with what of
// some departures is told, and the panel of what else is shown. There are none
// where that cannot be told for certain: while a wave is open beside a later one
// that has closed, or when answers are rewritten.
func (r *request) toldOf(ctx context.Context, l *leaving, told []int) ([]suppression.History, *suppression.Panel, error) {
	marked := r.marked(l, told)
	newest := l.views[len(l.views)-1]
	waves, all, err := r.histories(ctx, newest)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(waves) != len(l.views):
		return nil, nil, nil
	case len(all) > suppression.MaxHistories:
		all, err = r.separateWaves(ctx, l, marked)
		return all, nil, err
	}
	places := map[string]int{}
	var rest []suppression.History
	for _, h := range all { // told apart by attributes that are not declared, too
		at, known := places[wayOf(h)]
		if !known {
			at = len(rest)
			places[wayOf(h)] = at
			rest = append(rest, ofParticipants(h))
			rest[at].N = 0
		}
		rest[at].N += h.N
	}
	for _, h := range marked {
		at, known := places[wayOf(h)]
		if !known || rest[at].N == 0 {
			return nil, nil, nil
		}
		rest[at].N--
		rest = append(rest, ofParticipants(h))
	}
	var beside *suppression.Panel
	if l.linked {
		p, err := r.panelOf(ctx, newest)
		if err != nil {
			return nil, nil, err
		}
		beside = p.participants
	}
	return slices.DeleteFunc(rest, func(h suppression.History) bool { return h.N == 0 }), beside, nil
}

func wayOf(h suppression.History) string { return fmt.Sprintf("%q %q", h.Roles, h.Values) }

// marked are the ways of those who are counted, with the batches that their last
// scores are part of: a batch of each departure is a sum.
func (r *request) marked(l *leaving, told []int) []suppression.History {
	at := map[uuid.UUID]int{}
	var list []suppression.History
	for _, i := range told {
		for _, one := range l.byGoing[i] {
			if one.batch < 0 {
				continue
			}
			place, known := at[one.respondent]
			if !known {
				place = len(list)
				at[one.respondent] = place
				h := r.history(len(l.views), l.scores[one.respondent])
				h.Sums = make([][]int, len(l.views))
				list = append(list, h)
			}
			sums := list[place].Sums
			sums[one.wave] = append(sums[one.wave], one.batch*len(departures())+i)
		}
	}
	return list
}

// separateWaves are the people of each wave by themselves, where they went too many
// ways through the waves to be followed; then no changes of the same people are
// shown that their levels do not tell. Only waves of last scores matter.
func (r *request) separateWaves(ctx context.Context, l *leaving, marked []suppression.History) ([]suppression.History, error) {
	f := &frame{}
	places := []int{}
	for w, v := range l.views {
		if !slices.ContainsFunc(marked, func(h suppression.History) bool { return len(h.Sums[w]) > 0 }) {
			continue
		}
		q, err := r.surveys.Questionnaire(ctx, r.program.ID, v.wave.QuestionnaireID, v.wave.QuestionnaireVersion)
		if err != nil {
			return nil, err
		}
		f.waves, f.questionnaires, places = append(f.waves, v.wave), append(f.questionnaires, q), append(places, w)
	}
	views, err := r.cuts()[0].viewsOf(ctx, f, l.id, noENPS)
	if err != nil {
		return nil, err
	}
	var list []suppression.History
	alone := func(at int, role string, values []string, n int, sums []int) {
		h := suppression.History{N: n, Roles: make([]string, len(places)), Values: make([][]string, len(places)), Sums: make([][]int, len(places))}
		h.Roles[at], h.Values[at], h.Sums[at] = role, values, sums
		list = append(list, h)
	}
	for at, w := range places {
		groups := map[string]int{}
		for _, h := range marked {
			if h.Roles[w] == "" || len(h.Sums[w]) == 0 {
				continue
			}
			alone(at, h.Roles[w], h.Values[w], 1, h.Sums[w])
			groups[fmt.Sprintf("%s %q", h.Roles[w], h.Values[w])]++
		}
		for _, t := range views[at].tallies {
			values := t.values
			if values == nil {
				values = []string{}
			}
			n := t.scored - groups[fmt.Sprintf("%s %q", t.role, values)]
			if n > 0 && t.role != program.Comparison {
				alone(at, string(t.role), values, n, nil)
			}
		}
	}
	return list, nil
}

// leavingFigures adds the mean last score of those who left, and beside it that of
// those who stayed: of all other answers in the waves up to then. An answer of
// somebody who left later is one of somebody who stayed, as in a table of people
// and periods (Singer & Willett 1993).
func (r *request) leavingFigures(out *Report, l *leaving, d departure, gone []goodbye, v suppression.Verdict) {
	if len(gone) == 0 {
		v = suppression.TooFew
	}
	whole := suppression.Whole("")
	left, stayed := r.figure(d.left, "", whole), r.figure(d.stayed, "", whole)
	for _, f := range []*Figure{&left, &stayed} {
		f.Scale, f.ScaleTitle = l.id, l.title.In(r.Lang)
	}
	theirs, others, answers := l.samples(gone, r.location)
	left = r.show(left, v, func() (stats.Estimate, error) { return indexOf(theirs) })
	if v == suppression.Shown && others.N < r.k() {
		v = suppression.TooFew
	}
	stayed = r.show(stayed, v, func() (stats.Estimate, error) {
		e, err := indexOf(others)
		e.N = answers
		return e, err
	})
	if r.program.Policy == program.Anonymous {
		left.Withheld, stayed.Withheld = r.withheld(CodeAnonymous), r.withheld(CodeAnonymous)
	}
	if left.Withheld == nil {
		left.Change = &Change{Against: CompareStayed}
		r.independent(left.Change, v, meanOf(others), meanOf(theirs))
	}
	out.Figures = append(out.Figures, left, stayed)
}

// samples are the last scores of those who left, and the other scores in the waves
// that had closed when the last of them did. The same people answer in many waves,
// and their answers are alike; so the others count as many as answered in a wave on
// average, which is as few as they can be worth.
func (l *leaving) samples(gone []goodbye, zone *time.Location) (theirs, others stats.Sample, answers int) {
	if len(gone) == 0 {
		return theirs, others, 0
	}
	var sum, squares, allSum, allSquares float64
	for _, one := range gone {
		sum, squares = sum+one.score, squares+one.score*one.score
	}
	until, waves, n := gone[len(gone)-1].day, 0, 0
	for _, v := range l.views {
		if v.scores.verdict(suppression.Whole("")) != suppression.Shown || !program.Day(v.wave.Closes, zone).Before(until) {
			continue
		}
		t := v.of(suppression.Whole(""))
		waves, n, allSum, allSquares = waves+1, n+t.scored, allSum+t.sum, allSquares+t.squares
	}
	answers = n - len(gone)
	others = sampleOf(answers, allSum-sum, allSquares-squares)
	others.N = answers / max(waves, 1)
	return sampleOf(len(gone), sum, squares), others, answers
}

// indexOf is the mean of scores with its interval, within the scale.
func indexOf(s stats.Sample) (stats.Estimate, error) {
	e, err := stats.Mean(s)
	if e.Interval != nil {
		// A t interval of a mean close to the end of the scale can pass it.
		e.Interval = &stats.Interval{Low: max(e.Interval.Low, 0), High: min(e.Interval.High, 100)}
	}
	return e, err
}
