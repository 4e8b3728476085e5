package survey

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// minePage shows a participant their own answers.
type minePage struct {
	pageView
	Why    string // instead of the answers, when they cannot be shown
	Series []ownSeries
	Waves  []ownWaveView
	Back   string // the link to the questions; empty while they are not asked
}

// ownSeries is what a participant said of one thing over the waves.
type ownSeries struct {
	ID, Title, Change string
	Points            []ownPoint // oldest first
}

// ownPoint is a point of it; Share says how far along the scale, for the bar.
type ownPoint struct{ Day, Text, Share string }

// ownWaveView is what was submitted in a wave.
type ownWaveView struct {
	Day     string
	Answers []ownAnswer
}

type ownAnswer struct{ Prompt, Text string }

func (p *Pages) getMine(c *gin.Context) error {
	privately(c)
	ctx := c.Request.Context()
	s, err := p.pulse.seatOf(ctx, c.Param("token"))
	if err != nil {
		return p.refuse(c, s, err)
	}
	lang := p.language(c, s)
	page := &minePage{pageView: pageView{
		Frame:    web.Frame{Lang: lang, Title: texts().T(lang, "mine-title") + " – " + s.program.Name, Owner: s.program.Name},
		Language: "language", Here: "mine", Out: wayOut(c, lang),
	}}
	if s.wave.Open(p.pulse.now()) {
		page.Back = "../" + c.Param("token") + "?lang=" + lang
	}
	waves, err := p.pulse.mine(ctx, s)
	switch {
	case errors.Is(err, ErrUnlinked):
		page.Why = page.Say("mine-anonymous")
		return p.render(c, http.StatusOK, "mine.html", page)
	case err != nil:
		return err
	case len(waves) == 0:
		page.Why = page.Say("mine-none")
		return p.render(c, http.StatusOK, "mine.html", page)
	}
	goals := map[uuid.UUID]string{}
	for _, g := range s.goals {
		goals[g.ID] = g.Title
	}
	if err := page.fill(s.program, waves, goals); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, "mine.html", page)
}

// fill puts the answers on the page. goals are the titles of the pair's goals; of
// others only the ratings are left.
func (v *minePage) fill(prog program.Program, waves []OwnWave, goals map[uuid.UUID]string) error {
	zone, err := prog.Location()
	if err != nil {
		return err
	}
	day := func(w Wave) string { return writtenDay(v.Lang, program.Day(w.Opens, zone)) }
	lines := map[string]*line{}
	var order []string
	for _, w := range slices.Backward(waves) { // oldest first
		for _, point := range w.points(v.Lang, goals) {
			if lines[point.of] == nil {
				lines[point.of] = &line{}
				order = append(order, point.of)
			}
			point.day = day(w.Wave)
			lines[point.of].points = append(lines[point.of].points, point)
		}
	}
	for n, of := range order {
		if l := lines[of]; len(l.points) > 1 {
			v.Series = append(v.Series, l.series("series-"+strconv.Itoa(n), v.pageView))
		}
	}
	for _, w := range waves {
		v.Waves = append(v.Waves, ownWaveView{Day: day(w.Wave), Answers: w.answers(v.Lang, goals)})
	}
	return nil
}

// line is one thing that was asked in several waves.
type line struct{ points []linePoint }

type linePoint struct {
	of, title, day   string
	value, low, high float64
}

// series writes it out: each wave's value, and the change from the first.
func (l *line) series(id string, v pageView) ownSeries {
	first, last := l.points[0], l.points[len(l.points)-1]
	one := ownSeries{ID: id, Title: last.title}
	switch change := rounded(last.value) - rounded(first.value); {
	case change > 0:
		one.Change = v.say("mine-rose", "from", tenths(first.value, v.Lang), "to", tenths(last.value, v.Lang), "day", first.day)
	case change < 0:
		one.Change = v.say("mine-fell", "from", tenths(first.value, v.Lang), "to", tenths(last.value, v.Lang), "day", first.day)
	default:
		one.Change = v.say("mine-same", "to", tenths(last.value, v.Lang), "day", first.day)
	}
	for _, p := range l.points {
		one.Points = append(one.Points, ownPoint{Day: p.day, Text: tenths(p.value, v.Lang), Share: strconv.FormatFloat(100*(p.value-p.low)/(p.high-p.low), 'f', 1, 64) + "%"})
	}
	return one
}

// rounded is a value in tenths.
func rounded(x float64) int {
	n, _ := strconv.Atoi(strings.Replace(strconv.FormatFloat(x, 'f', 1, 64), ".", "", 1))
	return n
}

// tenths writes a value with one digit after the point, as the language does.
func tenths(x float64, lang string) string {
	text := strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	if lang == "uk" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return strings.Replace(text, "-", "−", 1)
}

// points are the participant's means of each rated scale, in the direction of its
// name, and the ratings of the pair's goals.
func (w *OwnWave) points(lang string, goals map[uuid.UUID]string) []linePoint {
	var all []linePoint
	for _, scale := range w.Questionnaire.Scales {
		sum, n, low, high := 0.0, 0, 0.0, 0.0
		for _, it := range w.Questionnaire.ItemsOf(scale.ID) {
			at := slices.Index(w.Stored.Items, it.Number)
			if at < 0 || !it.Rated() || it.Type == Goals {
				continue
			}
			sum, n, low, high = sum+it.Keyed(float64(w.Stored.Values[at])), n+1, it.Min, it.Max
		}
		if n > 0 {
			all = append(all, linePoint{of: scale.ID, title: scale.Title.In(lang), value: sum / float64(n), low: low, high: high})
		}
	}
	for i, id := range w.Stored.Goals {
		if title, ok := goals[id]; ok {
			all = append(all, linePoint{of: GoalPrefix + id.String(), title: title, value: float64(w.Stored.Ratings[i]), low: -2, high: 2})
		}
	}
	return all
}

// answers are what was answered, in the words of the questionnaire.
func (w *OwnWave) answers(lang string, goals map[uuid.UUID]string) []ownAnswer {
	var all []ownAnswer
	for _, it := range w.Questionnaire.Items {
		prompt := it.Prompt.For(w.Role).In(lang)
		if at := slices.Index(w.Stored.Items, it.Number); at >= 0 {
			all = append(all, ownAnswer{prompt, it.written(it.answer(w.Stored.Values[at]), lang)})
		}
		if at := slices.Index(w.Stored.TextItems, it.Number); at >= 0 {
			all = append(all, ownAnswer{prompt, w.Stored.Texts[at]})
		}
		if it.Type != Goals {
			continue
		}
		for i, id := range w.Stored.Goals {
			if title, ok := goals[id]; ok {
				all = append(all, ownAnswer{title, it.written(it.answer(float32(w.Stored.Ratings[i])), lang)})
			}
		}
	}
	return all
}

// written is an answer in the words of its item.
func (it *Item) written(a Answer, lang string) string {
	if a.Value != nil {
		if text, ok := it.Labels[int(*a.Value)]; ok && it.Type != Number && *a.Value == float64(int(*a.Value)) {
			if it.Type == Rating {
				return tenths(*a.Value, lang) + " – " + text.In(lang)
			}
			return text.In(lang)
		}
		return tenths(*a.Value, lang)
	}
	var chosen []string
	for _, id := range a.Choices {
		chosen = append(chosen, it.Options[it.option(id)].Text.In(lang))
	}
	return strings.Join(chosen, "; ")
}
