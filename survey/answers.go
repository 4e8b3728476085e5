package survey

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Answer is one answer as it comes in. Rated items, numbers and goals take
// Value; single and multiple choice take Choices, the ids of the options; open
// text takes Text. With none of them the item is unanswered, which takes back
// an earlier answer.
type Answer struct {
	Item    string   `json:"item" validate:"required,max=64"`
	Value   *float64 `json:"value,omitempty"`
	Choices []string `json:"choices,omitempty" validate:"max=20,dive,max=64"`
	Text    *string  `json:"text,omitempty"`
	// At is when it was given; nil for now. Of two answers to an item the newer
	// counts, whichever device each comes from.
	At *time.Time `json:"at,omitempty"`
}

// empty reports whether the answer says nothing.
func (a *Answer) empty() bool {
	return a.Value == nil && len(a.Choices) == 0 && (a.Text == nil || blank(*a.Text))
}

// Stored is a set of answers as the store keeps them, in the order of the
// items. Items and Values are parallel: the value of a single choice is the
// option's place from 1, of a multiple choice a bit mask of the options, and
// of the others the answer as given, not reversed. So are Goals and Ratings
// (−2…+2), and TextItems and Texts.
type Stored struct {
	Items     []uint16
	Values    []float32
	Goals     []uuid.UUID
	Ratings   []int8
	TextItems []uint16
	Texts     []string
}

// equal reports whether two sets of answers say the same.
func (s Stored) equal(o Stored) bool {
	return slices.Equal(s.Items, o.Items) && slices.Equal(s.Values, o.Values) && slices.Equal(s.Goals, o.Goals) &&
		slices.Equal(s.Ratings, o.Ratings) && slices.Equal(s.TextItems, o.TextItems) && slices.Equal(s.Texts, o.Texts)
}

const (
	// GoalPrefix begins the item id of a goal in the API: "goal:<uuid>".
	GoalPrefix = "goal:"
	// maxAnswers bounds what is looked at, so that 10,000 answers do not make
	// 10,000 problems.
	maxAnswers = 200
)

// Asked is what one role is asked in one wave, prepared for checking answers.
// It is not changed after NewAsked, so it may be shared between goroutines.
type Asked struct {
	items []Item
	index map[string]int
	// shownBy is the place of the item that an item's condition refers to; its
	// own place when it has no condition, −1 when that item is not asked.
	shownBy []int
	goals   int // place of the goals item, −1 if there is none
}

// NewAsked prepares the items of a wave, as WaveItems gives them.
func NewAsked(items []Item) *Asked {
	a := &Asked{items: items, index: make(map[string]int, len(items)), shownBy: make([]int, len(items)), goals: -1}
	for i, it := range items {
		a.index[it.ID] = i
		if it.Type == Goals {
			a.goals = i
		}
	}
	for i, it := range items {
		a.shownBy[i] = i
		if it.ShowIf == nil {
			continue
		}
		a.shownBy[i] = -1
		if on, ok := a.index[it.ShowIf.Item]; ok {
			a.shownBy[i] = on
		}
	}
	return a
}

// Items returns the items asked, in their order. The caller must not change them.
func (a *Asked) Items() []Item { return a.items }

// Check maps answers to the form in which they are stored, or lists every
// problem with them; with problems, Stored must not be used. goals are those
// of the participant's pair, each answered as item "goal:<uuid>". A final
// submission needs every required item that is shown. Answers to items that
// their condition hides are dropped.
func (a *Asked) Check(goals []uuid.UUID, answers []Answer, final bool) (Stored, []Problem) {
	if len(answers) > maxAnswers {
		return Stored{}, []Problem{{Code: CodeTooManyAnswers, Params: map[string]any{"max": maxAnswers, "have": len(answers)}}}
	}
	var itemSpace, goalSpace [16]*Answer // enough for any wave, so on the stack
	var hiddenSpace [16]bool
	// What is returned lives apart from c, or the space would move to the heap.
	var stored Stored
	var problems []Problem
	c := answerCheck{asked: a, goals: goals, stored: &stored, problems: &problems,
		given:  atLeast(itemSpace[:], len(a.items)),
		rated:  atLeast(goalSpace[:], len(goals)),
		hidden: atLeast(hiddenSpace[:], len(a.items)),
	}
	c.sort(answers)
	c.hide()
	c.reserve()
	for i := range a.items {
		it := &a.items[i]
		switch {
		case i == a.goals:
			c.rateGoals(final && it.Required)
		case c.given[i] != nil:
			c.store(it, c.given[i])
		case final && it.Required && !c.hidden[i]:
			c.add(it.ID, CodeRequired, nil)
		}
	}
	return stored, problems
}

// CheckEach checks answers one by one, as they are given: none is needed, and one
// to an item that its condition hides now is kept for when it is shown. It
// returns them in the form in which they would come back, each with its time.
func (a *Asked) CheckEach(goals []uuid.UUID, answers []Answer) ([]Answer, []Problem) {
	if len(answers) > maxAnswers {
		return nil, []Problem{{Code: CodeTooManyAnswers, Params: map[string]any{"max": maxAnswers, "have": len(answers)}}}
	}
	var stored Stored
	var problems []Problem
	c := answerCheck{asked: a, goals: goals, stored: &stored, problems: &problems,
		given: make([]*Answer, len(a.items)), rated: make([]*Answer, len(goals))}
	c.sort(answers)
	for i := range a.items {
		switch {
		case i == a.goals:
			c.rateGoals(false)
		case c.given[i] != nil:
			c.store(&a.items[i], c.given[i])
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	clean := map[string]Answer{}
	for _, answer := range a.Answers(stored) {
		clean[answer.Item] = answer
	}
	all := make([]Answer, len(answers))
	for i, answer := range answers {
		all[i] = clean[answer.Item] // without a value: it is taken back
		all[i].Item, all[i].At = answer.Item, answer.At
	}
	return all, nil
}

// atLeast returns n zero places, those of space if they suffice.
func atLeast[T any](space []T, n int) []T {
	if n <= len(space) {
		return space[:n]
	}
	return make([]T, n)
}

// Answers turns what is stored back into answers as they come in. What the
// items no longer ask is left out.
func (a *Asked) Answers(s Stored) []Answer {
	var answers []Answer
	for i := range a.items {
		it := &a.items[i]
		if n := slices.Index(s.Items, it.Number); n >= 0 && n < len(s.Values) {
			answers = append(answers, it.answer(s.Values[n]))
		}
		if n := slices.Index(s.TextItems, it.Number); n >= 0 && n < len(s.Texts) {
			answers = append(answers, Answer{Item: it.ID, Text: &s.Texts[n]})
		}
	}
	if a.goals < 0 {
		return answers
	}
	for n := range min(len(s.Goals), len(s.Ratings)) {
		rating := float64(s.Ratings[n])
		answers = append(answers, Answer{Item: GoalPrefix + s.Goals[n].String(), Value: &rating})
	}
	return answers
}

// answer turns a stored number back into an answer.
func (it *Item) answer(stored float32) Answer {
	answer := Answer{Item: it.ID}
	switch it.Type {
	case Single:
		if n := int(stored); n >= 1 && n <= len(it.Options) {
			answer.Choices = []string{it.Options[n-1].ID}
		}
	case Multiple:
		for n := range it.Options {
			if uint32(stored)&(1<<n) != 0 {
				answer.Choices = append(answer.Choices, it.Options[n].ID)
			}
		}
	default:
		// The shortest decimal of the float32, so that 0.1 does not come back
		// as 0.10000000149.
		value, _ := strconv.ParseFloat(strconv.FormatFloat(float64(stored), 'g', -1, 32), 64)
		answer.Value = &value
	}
	return answer
}
