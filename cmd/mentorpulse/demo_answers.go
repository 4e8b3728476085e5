package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// visit is what one person does about one wave: opens the link and, unless it
// stays at that, sends answers.
type visit struct {
	person  *person
	at      time.Time
	seconds int // from opening to sending
	sends   bool
	final   bool
	answers []survey.Answer
}

// opened is when the answering began.
func (v visit) opened() time.Time { return v.at.Add(-time.Duration(v.seconds) * time.Second) }

// behaviour draws what people do in the waves of a programme.
type behaviour struct {
	demo  demoSize
	truth truth
	texts demoTexts
	q     *survey.Questionnaire
	// means keeps what latentMean gave.
	means map[latentKey]float64
}

type latentKey struct{ mean, sd, low, high float64 }

// moment is a time in a wave at which some of its people answer. They do so at
// the same instant, since a wave's clock stands still while their answers are
// stored together.
type moment struct {
	day, hour, minute int
	weight            float64
}

// moments are when people answer: most at once, some after a few days.
func moments() []moment {
	return []moment{{0, 9, 20, 3}, {0, 11, 5, 3}, {0, 15, 40, 2}, {1, 10, 15, 2}, {2, 12, 30, 1}, {3, 17, 10, 1}, {7, 9, 30, 1}, {9, 16, 20, 0.5}}
}

// wave draws what the invited do in a wave that opened in zone, up to the time
// now. Nothing is drawn for those who do nothing.
func (b *behaviour) wave(w survey.Wave, zone *time.Location, all []*person, now time.Time) []visit {
	var times []time.Time
	var weights []float64
	opens := w.Opens.In(zone)
	for _, m := range moments() {
		at := time.Date(opens.Year(), opens.Month(), opens.Day()+m.day, m.hour, m.minute, 0, 0, zone)
		if !at.After(now) {
			times, weights = append(times, at), append(weights, m.weight)
		}
	}
	if len(times) == 0 {
		times, weights = []time.Time{w.Opens}, []float64{1}
	}
	day := time.Date(opens.Year(), opens.Month(), opens.Day(), 0, 0, 0, 0, time.UTC)
	var visits []visit
	for _, p := range all {
		if w.Number > p.lastWave {
			continue
		}
		rng := b.demo.stream("wave", w.Number, p.serial)
		v := visit{person: p, at: times[weighted(rng, weights)]}
		v.seconds = int(b.truth.MedianSeconds * math.Exp(b.truth.SpreadSeconds*rng.NormFloat64()))
		if b.decide(rng, &v, w.Open(now), w.Number) {
			if v.sends {
				v.answers = b.answers(rng, p, w.Number, p.together(day))
				if !v.final {
					v.answers = v.answers[:len(v.answers)/2]
				}
			}
			visits = append(visits, v)
		}
	}
	slices.SortStableFunc(visits, func(a, b visit) int { return a.at.Compare(b.at) })
	return visits
}

// decide draws whether the person answers, leaves a draft or only looks, and
// reports whether there is anything of that. Who is keen in one wave tends to be in
// the next, and answers first; the share of those who answer is the true one.
func (b *behaviour) decide(rng *rand.Rand, v *visit, open bool, wave int) bool {
	p := v.person
	reluctance := normalAbove(correlated(rng, p.keen, math.Sqrt(0.4)))
	share := b.truth.answering(p.Role, p.atRisk, b.progress(wave))
	if open {
		share *= b.truth.AnsweredSoFar
	}
	chance := rng.Float64()
	switch {
	case reluctance < share:
		v.sends, v.final = true, true
	case open && chance < b.truth.Drafts:
		v.sends = true
	default:
		return chance < b.truth.OpenedOnly
	}
	return true
}

// progress is 0 in the first wave and 1 in the last.
func (b *behaviour) progress(wave int) float64 {
	if b.demo.Waves == 1 {
		return 0
	}
	return float64(wave-1) / float64(b.demo.Waves-1)
}

// answers draws a person's answers to a wave.
func (b *behaviour) answers(rng *rand.Rand, p *person, wave int, pair *couple) []survey.Answer {
	var all []survey.Answer
	occasions := map[string]float64{}
	meetings := 0
	for _, it := range b.q.WaveItems(wave, p.Role) {
		answer := survey.Answer{Item: it.ID}
		skip := !it.Required && rng.Float64() < b.truth.SkippedItem
		switch {
		case it.Type == survey.Goals:
			all = append(all, b.goals(rng, p, wave, pair)...)
			continue
		case it.Type == survey.Number:
			meetings = min(poisson(rng, b.meetings(p)), int(it.Max))
			answer.Value = value(float64(meetings))
		case it.Rated():
			if _, drawn := occasions[it.Scale]; !drawn {
				occasions[it.Scale] = rng.NormFloat64()
			}
			answer.Value = value(b.rating(rng, p, wave, it, occasions[it.Scale]))
		case it.Type == survey.Multiple:
			if meetings > 1 {
				continue // not shown
			}
			answer.Choices = b.obstacles(rng, p, it)
		case it.Type == survey.Single:
			answer.Choices = []string{b.help(rng, p, it)}
		case it.Type == survey.OpenText:
			text := b.comment(rng, p, it)
			answer.Text = &text
		}
		if !skip {
			all = append(all, answer)
		}
	}
	return all
}

// rating draws an answer to a rated item: the true level of the scale, the
// person's own, the occasion's and the item's, rounded to a point.
func (b *behaviour) rating(rng *rand.Rand, p *person, wave int, it survey.Item, occasion float64) float64 {
	t := b.truth
	s, _ := b.q.Scale(it.Scale)
	index := t.scale(s, p.Role, p.atRisk, b.progress(wave))
	if p.leavesOrganisation && wave > p.lastWave-2 {
		index -= t.BeforeLeaving[s.ID]
	}
	unit := (it.Max - it.Min) / 4 // the spreads are in points of five
	mean := b.latent(it.Min+(it.Max-it.Min)*index/100, t.spread()*unit, it.Min, it.Max)
	level := t.Person*p.traits[s.ID] + t.Occasion*occasion + t.Item*rng.NormFloat64()
	return it.Keyed(points(mean+level*unit, it.Min, it.Max))
}

// latent is latentMean, each worked out once.
func (b *behaviour) latent(mean, sd, low, high float64) float64 {
	key := latentKey{mean, sd, low, high}
	found, ok := b.means[key]
	if !ok {
		found = latentMean(mean, sd, low, high)
		b.means[key] = found
	}
	return found
}

// The standard deviations of a goal's rating: how the pair gets on with the goal,
// how kindly one rater looks at all of them, and how on one day.
const (
	goalSpread  = 0.6
	leanSpread  = 0.5
	raterSpread = 0.4
)

// goalScale is the questionnaire's scale of the pairs' goals.
const goalScale = "goal-attainment"

// goals draws a rating of each of the pair's goals.
func (b *behaviour) goals(rng *rand.Rand, p *person, wave int, pair *couple) []survey.Answer {
	if pair == nil {
		return nil
	}
	level := b.truth.Goals
	if p.atRisk {
		level = b.truth.AtRiskGoals
	}
	mean := b.latent(level.at(b.progress(wave)), math.Hypot(math.Hypot(goalSpread, leanSpread), raterSpread), -2, 2)
	lean := leanSpread * p.traits[goalScale]
	var all []survey.Answer
	for i, g := range pair.goals {
		rated := points(mean+goalSpread*pair.traits[i]+lean+raterSpread*rng.NormFloat64(), -2, 2)
		all = append(all, survey.Answer{Item: survey.GoalPrefix + g.ID.String(), Value: value(rated)})
	}
	return all
}

func (b *behaviour) meetings(p *person) float64 {
	if p.atRisk {
		return b.truth.AtRiskMeetings
	}
	return b.truth.Meetings
}

// obstacles draws what kept the pair from meeting: in the department at risk
// mostly that there is no time.
func (b *behaviour) obstacles(rng *rand.Rand, p *person, it survey.Item) []string {
	var chosen []string
	for i, o := range it.Options {
		chance := 0.12
		if i == 0 || i == 1 { // the questionnaire names lack of time and moved meetings first
			chance = 0.4
			if p.atRisk {
				chance = 0.8
			}
		}
		if rng.Float64() < chance && len(chosen) < it.MaxChoices {
			chosen = append(chosen, o.ID)
		}
	}
	return chosen
}

// help draws one of two options, the second of which asks for help.
func (b *behaviour) help(rng *rand.Rand, p *person, it survey.Item) string {
	chance := b.truth.AsksHelp
	if p.atRisk {
		chance = b.truth.AtRiskAsksHelp
	}
	if rng.Float64() < chance {
		return it.Options[len(it.Options)-1].ID
	}
	return it.Options[0].ID
}

// comment draws a comment in the person's language, or none.
func (b *behaviour) comment(rng *rand.Rand, p *person, it survey.Item) string {
	if rng.Float64() >= b.truth.Comments {
		return ""
	}
	kind := "change"
	switch {
	case p.Role == program.Comparison:
		kind = "comparison"
	case it.ID == "comment-best":
		kind = "best-" + string(p.Role)
	case p.atRisk:
		kind = "change-at-risk"
	}
	words := b.texts.Comments[kind][p.Language]
	text := pick(rng, words.First)
	if rng.Float64() < 0.4 {
		text += " " + pick(rng, words.Then)
	}
	return text
}

// points rounds to a whole point within low and high.
func points(x, low, high float64) float64 { return min(max(math.Round(x), low), high) }

func value(x float64) *float64 { return &x }

// correlated draws a standard normal that has the correlation r with z.
func correlated(rng *rand.Rand, z, r float64) float64 {
	return r*z + math.Sqrt(1-r*r)*rng.NormFloat64()
}

// weighted draws a place with the probability of its weight.
func weighted(rng *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := rng.Float64() * total
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// poisson draws a count with the given mean (Knuth 1969, for small means).
func poisson(rng *rand.Rand, mean float64) int {
	n, limit := 0, math.Exp(-mean)
	for p := rng.Float64(); p > limit; p *= rng.Float64() {
		n++
	}
	return n
}
