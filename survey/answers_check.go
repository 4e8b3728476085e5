package survey

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// answerCheck is one call of Check under way.
type answerCheck struct {
	asked    *Asked
	goals    []uuid.UUID
	given    []*Answer // by place of the item; nil if unanswered
	rated    []*Answer // by place of the goal
	hidden   []bool    // by place of the item
	stored   *Stored
	problems *[]Problem
}

func (c *answerCheck) add(item, code string, params map[string]any) {
	*c.problems = append(*c.problems, Problem{Item: item, Code: code, Params: params})
}

// sort puts the answers in the places of their items and goals.
func (c *answerCheck) sort(answers []Answer) {
	for n := range answers {
		answer := &answers[n]
		var place **Answer
		if id, isGoal := strings.CutPrefix(answer.Item, GoalPrefix); isGoal {
			goal, err := uuid.Parse(id)
			i := slices.Index(c.goals, goal)
			if err != nil || i < 0 || c.asked.goals < 0 {
				c.add(quotable(answer.Item), CodeUnknownGoal, nil)
				continue
			}
			place = &c.rated[i]
		} else {
			i, ok := c.asked.index[answer.Item]
			if !ok || i == c.asked.goals {
				c.add(quotable(answer.Item), CodeUnknownItem, nil)
				continue
			}
			place = &c.given[i]
		}
		if *place != nil {
			c.add(answer.Item, CodeDuplicateItem, nil)
			continue
		}
		*place = answer
	}
	for _, places := range [][]*Answer{c.given, c.rated} {
		for i, answer := range places {
			if answer != nil && answer.empty() {
				places[i] = nil
			}
		}
	}
}

// hide drops the answers to items that are not shown. A condition refers to an
// earlier item, so one pass in order also hides what depends on a hidden item.
func (c *answerCheck) hide() {
	for i, on := range c.asked.shownBy {
		if on == i {
			continue
		}
		if on < 0 || !c.asked.items[i].ShowIf.met(c.given[on]) {
			c.given[i], c.hidden[i] = nil, true
		}
	}
}

// met reports whether an answer, nil if there is none, meets the condition.
func (cond *Condition) met(answer *Answer) bool {
	if answer == nil {
		return false
	}
	for _, id := range answer.Choices {
		if slices.Contains(cond.Any, id) {
			return true
		}
	}
	return len(cond.Any) == 0 && answer.Value != nil &&
		(cond.AtLeast == nil || *answer.Value >= *cond.AtLeast) &&
		(cond.AtMost == nil || *answer.Value <= *cond.AtMost)
}

// reserve makes room for what is to be stored, each slice once.
func (c *answerCheck) reserve() {
	values, texts, ratings := 0, 0, 0
	for i, answer := range c.given {
		switch {
		case answer == nil:
		case c.asked.items[i].Type == OpenText:
			texts++
		default:
			values++
		}
	}
	for _, answer := range c.rated {
		if answer != nil {
			ratings++
		}
	}
	if values > 0 {
		c.stored.Items, c.stored.Values = make([]uint16, 0, values), make([]float32, 0, values)
	}
	if ratings > 0 {
		c.stored.Goals, c.stored.Ratings = make([]uuid.UUID, 0, ratings), make([]int8, 0, ratings)
	}
	if texts > 0 {
		c.stored.TextItems, c.stored.Texts = make([]uint16, 0, texts), make([]string, 0, texts)
	}
}

// store checks one answer and keeps it.
func (c *answerCheck) store(it *Item, answer *Answer) {
	var value float64
	var ok bool
	switch it.Type {
	case OpenText:
		if text, ok := c.text(it, answer); ok {
			c.stored.TextItems = append(c.stored.TextItems, it.Number)
			c.stored.Texts = append(c.stored.Texts, text)
		}
		return
	case Single, Multiple:
		value, ok = c.choices(it, answer)
	default:
		value, ok = c.value(it.ID, it, answer)
	}
	if ok {
		c.stored.Items = append(c.stored.Items, it.Number)
		c.stored.Values = append(c.stored.Values, float32(value))
	}
}

// rateGoals keeps the ratings of the pair's goals, in the order of the goals.
func (c *answerCheck) rateGoals(required bool) {
	it := &c.asked.items[c.asked.goals]
	for i, answer := range c.rated {
		if answer == nil {
			if required {
				c.add(GoalPrefix+c.goals[i].String(), CodeRequired, nil)
			}
			continue
		}
		if value, ok := c.value(answer.Item, it, answer); ok {
			c.stored.Goals = append(c.stored.Goals, c.goals[i])
			c.stored.Ratings = append(c.stored.Ratings, int8(value))
		}
	}
}

// value checks a number: id is how the answer names its item.
func (c *answerCheck) value(id string, it *Item, answer *Answer) (float64, bool) {
	if answer.Value == nil || len(answer.Choices) > 0 || answer.Text != nil && *answer.Text != "" {
		c.add(id, CodeWrongKind, map[string]any{"want": "value"})
		return 0, false
	}
	v := *answer.Value
	step := it.Step
	if it.Rated() {
		step = 1
	}
	code := ""
	// Written so that NaN, which compares false with everything, is refused.
	switch in := v >= it.Min && v <= it.Max; {
	case step == 1 && (!in || !whole(v-it.Min)):
		code = CodeNotWhole
	case !in:
		code = CodeOutOfRange
	case !onStep(v-it.Min, step):
		code = CodeOffStep
	default:
		return v, true
	}
	c.add(id, code, map[string]any{"min": it.Min, "max": it.Max, "step": step})
	return 0, false
}

// onStep reports whether x is a multiple of step, but for what binary fractions
// cannot express.
func onStep(x, step float64) bool {
	n := x / step
	return math.Abs(n-math.Round(n)) < 1e-6
}

// choices turns the ids of options into the stored number.
func (c *answerCheck) choices(it *Item, answer *Answer) (float64, bool) {
	if len(answer.Choices) == 0 || answer.Value != nil || answer.Text != nil && *answer.Text != "" {
		c.add(it.ID, CodeWrongKind, map[string]any{"want": "choices"})
		return 0, false
	}
	before := len(*c.problems)
	mask, last := uint32(0), 0
	for _, id := range answer.Choices[:min(len(answer.Choices), MaxOptions)] {
		place := it.option(id)
		switch {
		case place < 0:
			c.add(it.ID, CodeUnknownOption, map[string]any{"option": quotable(id), "options": it.optionIDs()})
		case mask&(1<<place) != 0:
			c.add(it.ID, CodeDuplicateOption, map[string]any{"option": id})
		default:
			mask |= 1 << place
			last = place + 1
		}
	}
	if it.Type == Single && len(answer.Choices) > 1 {
		c.add(it.ID, CodeOneChoice, nil)
	}
	if it.Type == Multiple && len(answer.Choices) > it.MaxChoices {
		c.add(it.ID, CodeTooManyChoices, map[string]any{"max": it.MaxChoices})
	}
	if it.Type == Single {
		return float64(last), len(*c.problems) == before
	}
	return float64(mask), len(*c.problems) == before
}

// quotable cuts down what came from outside, to repeat it in a message.
func quotable(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.ToValidUTF8(s, "�")
}

// optionIDs lists the options to choose from.
func (it *Item) optionIDs() []string {
	ids := make([]string, len(it.Options))
	for i, o := range it.Options {
		ids[i] = o.ID
	}
	return ids
}

// text checks open text and cleans it: line breaks become \n, and characters
// that no reader sees and a workbook cannot hold are left out.
func (c *answerCheck) text(it *Item, answer *Answer) (string, bool) {
	if answer.Text == nil || answer.Value != nil || len(answer.Choices) > 0 {
		c.add(it.ID, CodeWrongKind, map[string]any{"want": "text"})
		return "", false
	}
	if !utf8.ValidString(*answer.Text) {
		c.add(it.ID, CodeInvalidText, nil)
		return "", false
	}
	text := strings.ReplaceAll(*answer.Text, "\r\n", "\n")
	text = strings.TrimSpace(strings.Map(printable, text))
	if n := utf8.RuneCountInString(text); n > it.MaxLength {
		c.add(it.ID, CodeTextTooLong, map[string]any{"max": it.MaxLength, "have": n})
		return "", false
	}
	return text, text != ""
}

// printable maps a character for strings.Map: the unprintable are dropped.
func printable(r rune) rune {
	switch {
	case r == '\r':
		return '\n'
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF':
		return -1
	}
	return r
}
