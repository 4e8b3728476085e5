package survey

import (
	"slices"

	"mentorpulse/internal/program"
)

// ItemType says how an item is answered.
type ItemType string

// The item types.
const (
	Likert   ItemType = "likert"   // whole number 1–5; other points in a past questionnaire
	Rating   ItemType = "scale"    // whole number 0–10
	Single   ItemType = "single"   // one option
	Multiple ItemType = "multiple" // any number of at most MaxOptions options
	Number   ItemType = "number"   // Min…Max in steps of Step
	OpenText ItemType = "text"     // at most MaxLength characters
	Goals    ItemType = "goals"    // −2…+2 for each of the pair's goals
)

const (
	// MaxOptions is how many options an item may have: the choices are stored
	// as a bit mask in a Float32, which is exact below 2²⁴.
	MaxOptions = 20
	// MaxNumber bounds the numbers that may be asked for, either side of zero.
	MaxNumber = 1e6
	// DefaultMaxLength is the length of a text, in characters, when the item
	// sets none.
	DefaultMaxLength = 2000
)

// Option is one of the answers to choose from.
type Option struct {
	ID   string `yaml:"id" validate:"required,max=64,slug"`
	Text Text   `yaml:"text" validate:"required"`
}

// Prompts is the wording of an item by role, with "default" for the roles that
// have none of their own.
type Prompts map[string]Text

// For returns the wording for a role.
func (p Prompts) For(role program.Role) Text {
	if t, ok := p[string(role)]; ok {
		return t
	}
	return p["default"]
}

// Labels names the points of a rated item, all of them or the two ends.
type Labels map[int]Text

// Condition shows an item only for certain answers to an earlier item: one of
// the options Any, or a value of at least AtLeast, or of at most AtMost. An
// unanswered item meets no condition.
type Condition struct {
	Item    string   `yaml:"item" validate:"required"`
	Any     []string `yaml:"any,omitempty" validate:"unique"`
	AtLeast *float64 `yaml:"at_least,omitempty"`
	AtMost  *float64 `yaml:"at_most,omitempty"`
}

// Item is one question. ID is its identity: it survives an edit of the wording
// and is what the API uses. Number is what the store uses.
type Item struct {
	ID     string         `yaml:"id" validate:"required,max=64,slug"`
	Number uint16         `yaml:"number" validate:"min=1"`
	Scale  string         `yaml:"scale" validate:"required"`
	Type   ItemType       `yaml:"type" validate:"required,oneof=likert scale single multiple number text goals"`
	Prompt Prompts        `yaml:"prompt" validate:"required,min=1"`
	Help   Text           `yaml:"help,omitempty"`
	Roles  []program.Role `yaml:"roles,omitempty" validate:"unique"` // the scale's audience unless narrowed
	// Min and Max are given for numbers and follow from the type otherwise.
	Min  float64 `yaml:"min,omitempty"`
	Max  float64 `yaml:"max,omitempty"`
	Step float64 `yaml:"step,omitempty" validate:"min=0"` // numbers only; 1 unless given

	MaxLength  int      `yaml:"max_length,omitempty" validate:"min=0,max=10000"` // text only, in characters
	Options    []Option `yaml:"options,omitempty" validate:"max=20,dive"`
	MaxChoices int      `yaml:"max_choices,omitempty" validate:"min=0"` // multiple only; all unless given
	Labels     Labels   `yaml:"labels,omitempty"`
	// Reversed: a high answer means little of the construct. The answer is
	// stored as given; Keyed turns it.
	Reversed bool `yaml:"reversed,omitempty"`
	// Required: a final submission needs an answer, unless the item is hidden.
	Required bool       `yaml:"required,omitempty"`
	ShowIf   *Condition `yaml:"show_if,omitempty"`
}

// Asks reports whether the item is for role.
func (it Item) Asks(role program.Role) bool { return slices.Contains(it.Roles, role) }

// Rated reports whether the answers are points on a scale, of which a mean and
// an index can be taken.
func (it Item) Rated() bool { return it.Type == Likert || it.Type == Rating || it.Type == Goals }

// Keyed turns an answer as given into one where high means much of the
// construct.
func (it Item) Keyed(value float64) float64 {
	if it.Reversed {
		return it.Min + it.Max - value
	}
	return value
}

// option returns the place of an option, or -1.
func (it *Item) option(id string) int {
	for i := range it.Options {
		if it.Options[i].ID == id {
			return i
		}
	}
	return -1
}

// complete fills in the range that follows from the type. What was given and
// contradicts the type is left for Validate to refuse.
func (it *Item) complete() {
	ranges := map[ItemType]Points{Likert: {1, 5}, Rating: {0, 10}, Goals: {-2, 2}}
	if p, ok := ranges[it.Type]; ok && it.Min == 0 && it.Max == 0 {
		it.Min, it.Max = p.Min, p.Max
	}
	switch {
	case it.Type == Number && it.Step == 0:
		it.Step = 1
	case it.Type == OpenText && it.MaxLength == 0:
		it.MaxLength = DefaultMaxLength
	case it.Type == Multiple && it.MaxChoices == 0:
		it.MaxChoices = len(it.Options)
	}
}
