package survey

import (
	"slices"
	"strconv"
	"strings"

	"mentorpulse/internal/program"
)

// The forms of a question; the templates of these names show them.
const (
	asRows   = "rows"   // one option under the other
	asAcross = "across" // the same, side by side where there is room
	asCells  = "cells"  // numbers in a row
	asNumber = "number"
	asText   = "text"
)

// question is one field of the form with all that stands about it.
type question struct {
	Name     string // of the field: the item's id or that of a goal
	As       string // asRows …
	Lead     string // above questions that belong together
	LeadID   string
	Again    bool   // the lead stands above an earlier question too
	Kind     string // how it is answered: "value", "choices" or "text"
	At       int64  // when it was answered, in milliseconds; 0 for not known
	Prompt   string
	Help     string
	Hint     string // for whom the question is, when it is not for all
	Required bool
	Input    string // "radio" or "checkbox"
	Options  []questionOption
	Low      string // the labels of the ends of a row of cells
	High     string
	Value    string
	Decimal  bool // the number may have a fraction
	If       *Condition
	Errors   []string
}

// questionOption is one of the answers to tap.
type questionOption struct {
	ID      string
	Value   string
	Badge   string // the point's number, where it helps to see it
	Text    string
	Checked bool
}

// ID is the place that a link to the question leads to.
func (q question) ID() string { return "q-" + q.Name }

// Described lists the ids of the texts that explain the question.
func (q question) Described() string {
	var ids []string
	for _, one := range []struct {
		is   bool
		what string
	}{{q.Hint != "", "hint"}, {q.Help != "", "help"}, {q.Low != "" || q.High != "", "ends"}, {len(q.Errors) > 0, "error"}} {
		if one.is {
			ids = append(ids, q.ID()+"-"+one.what)
		}
	}
	if q.LeadID != "" {
		ids = append([]string{q.LeadID}, ids...)
	}
	return strings.Join(ids, " ")
}

// Any, AtLeast and AtMost are the condition for the page's script.
func (q question) Any() string { return strings.Join(q.If.Any, " ") }

// AtLeast is the lowest answer for which the question is shown, or empty.
func (q question) AtLeast() string { return optionalNumber(q.If.AtLeast) }

// AtMost is the highest answer for which the question is shown, or empty.
func (q question) AtMost() string { return optionalNumber(q.If.AtMost) }

func optionalNumber(x *float64) string {
	if x == nil {
		return ""
	}
	return formatNumber(*x)
}

// questions are the fields of an item: one, or one for each goal.
func (s *Sheet) questions(it Item, lang string, f form) []question {
	base := question{Name: it.ID, Prompt: it.Prompt.For(s.Role).In(lang), Help: it.Help.In(lang), Required: it.Required, If: it.ShowIf}
	if it.ShowIf != nil {
		base.Hint = s.hint(it.ShowIf, lang)
	}
	if it.Type != Goals {
		base.fill(it, lang, f)
		base.At = f.at(base.Name)
		return []question{base}
	}
	var all []question
	for i, g := range s.Goals {
		one := base
		one.Name, one.Prompt, one.LeadID = GoalPrefix+g.ID.String(), g.Title, "lead-"+g.ID.String()
		one.Lead, one.Again, one.Help = base.Prompt, i > 0, ""
		one.rate(it, g, lang, f)
		one.Kind, one.At = "value", f.at(one.Name)
		all = append(all, one)
	}
	return all
}

// fill gives the question its options and what was answered.
func (q *question) fill(it Item, lang string, f form) {
	given := f.typed[it.ID]
	q.Value, q.Kind = f.typed.Get(it.ID), "value"
	switch it.Type {
	case Likert:
		q.As, q.Input = asAcross, "radio"
		q.points(it, lang, given)
	case Rating:
		q.As, q.Input = asCells, "radio"
		q.Low, q.High = it.Labels[int(it.Min)].In(lang), it.Labels[int(it.Max)].In(lang)
		q.points(it, lang, given)
	case Single, Multiple:
		q.As, q.Input, q.Kind = asRows, "radio", "choices"
		if it.Type == Multiple {
			q.Input = "checkbox"
			if it.MaxChoices < len(it.Options) {
				q.Help = join(q.Help, texts().T(lang, "page-choices", "count", it.MaxChoices)+".")
			}
		}
		for _, o := range it.Options {
			q.add(questionOption{Value: o.ID, Text: o.Text.In(lang), Checked: slices.Contains(given, o.ID)})
		}
	case Number:
		q.As, q.Decimal = asNumber, it.Step != float64(int(it.Step))
		q.Help = join(texts().T(lang, "page-number-range", "min", point(it, it.Min, lang), "max", point(it, it.Max, lang))+".", q.Help)
	case OpenText:
		q.As, q.Kind = asText, "text"
	}
}

// at is when the field's answer was given, in milliseconds; 0 when not known.
func (f *form) at(name string) int64 {
	if given, ok := f.given[name]; ok {
		return given.UnixMilli()
	}
	return 0
}

// points adds the points of a rated item, each by its label if it has one.
func (q *question) points(it Item, lang string, given []string) {
	for value := int(it.Min); value <= int(it.Max); value++ {
		number := strconv.Itoa(value)
		text := number
		if label, ok := it.Labels[value]; ok {
			text = label.In(lang)
		}
		q.add(questionOption{Value: number, Badge: number, Text: text, Checked: slices.Contains(given, number)})
	}
}

// rate adds the five levels of a goal, in its own words where it has them.
func (q *question) rate(it Item, g program.Goal, lang string, f form) {
	q.As, q.Input = asRows, "radio"
	for i, text := range g.Levels {
		value := i - 2
		number := strconv.Itoa(value)
		if text == "" {
			text = it.Labels[value].In(lang)
		}
		badge := strings.Replace(number, "-", "−", 1)
		if value > 0 {
			badge = "+" + number
		}
		q.add(questionOption{Value: number, Badge: badge, Text: text, Checked: slices.Contains(f.typed[q.Name], number)})
	}
}

// add appends an option; the first has the id that links lead to.
func (q *question) add(o questionOption) {
	if len(q.Options) == 0 {
		o.ID = q.ID()
	}
	q.Options = append(q.Options, o)
}

// join puts two sentences beside each other, either of which may be empty.
func join(a, b string) string { return strings.TrimSpace(a + " " + b) }

// First and Last are the ends of a row of cells.
func (q question) First() string { return q.Options[0].Badge }

// Last is the last of a row of cells.
func (q question) Last() string { return q.Options[len(q.Options)-1].Badge }
