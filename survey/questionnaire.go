// Package survey holds questionnaires, their waves, the links by which people
// answer, and the answers.
package survey

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"mentorpulse/internal/program"
)

// Languages lists the languages in which everything a participant reads is
// written, the one to fall back on first.
func Languages() []string { return []string{"uk", "en"} }

// Text is one piece of wording by language ("uk", "en").
type Text map[string]string

// In returns the wording in lang ("uk", or with a region as in "uk-UA"); else
// in the first of Languages that the text has; else "".
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	base, _, _ := strings.Cut(lang, "-")
	if s, ok := t[strings.ToLower(base)]; ok {
		return s
	}
	for _, l := range Languages() {
		if s, ok := t[l]; ok {
			return s
		}
	}
	return ""
}

// Kind says what a scale measures, and so which measure reads it.
type Kind string

// The kinds of scale. See docs of the measures for what each becomes.
const (
	KindEngagement Kind = "engagement" // index and favourability
	KindENPS       Kind = "enps"       // 0–10, would recommend
	KindConfidence Kind = "confidence" // digital and mentoring confidence
	KindRetention  Kind = "retention"  // intent to stay
	KindGoal       Kind = "goal"       // the pair's own goals, −2…+2
	KindBenefit    Kind = "benefit"    // what the programme promises
	KindChallenge  Kind = "challenge"  // what endangers it; high is bad
	KindStep       Kind = "step"       // how well it was put in place
	KindAim        Kind = "aim"        // what it is for
	KindActivity   Kind = "activity"   // meetings and what got in their way
	KindHelp       Kind = "help"       // the one answer that is not confidential
	KindComment    Kind = "comment"    // open text
	KindOther      Kind = "other"      // of another tool; no measure of ours reads it
)

// Kinds lists the kinds in the order in which they are shown.
func Kinds() []Kind {
	return []Kind{KindEngagement, KindENPS, KindConfidence, KindRetention, KindGoal, KindBenefit,
		KindChallenge, KindStep, KindAim, KindActivity, KindHelp, KindComment, KindOther}
}

// Group says for whom a benefit is.
type Group string

// The groups of the benefit scorecard.
const (
	GroupMentees      Group = "mentees"
	GroupMentors      Group = "mentors"
	GroupOrganisation Group = "organisation"
)

// Points is the range of the answers to a scale's items: 1–5, 0–10, −2…+2.
type Points struct{ Min, Max float64 }

// pastRange is how far from zero, and from each other, the ends of an item that
// another tool asked may be: 0–10.
const pastRange = 10

// past reports whether an item that another tool asked can have the points.
func (p Points) past() bool {
	return whole(p.Min) && whole(p.Max) && p.Min >= -pastRange && p.Max <= pastRange && p.Max-p.Min >= 1 && p.Max-p.Min <= pastRange
}

// Scale is a construct measured by one or more items.
type Scale struct {
	ID    string `yaml:"id" validate:"required,max=64,slug"`
	Title Text   `yaml:"title" validate:"required"`
	Kind  Kind   `yaml:"kind" validate:"required"`
	// Group is set for benefits only.
	Group Group `yaml:"group,omitempty"`
	// Audience lists the roles that are asked; an item may narrow it.
	Audience []program.Role `yaml:"audience" validate:"required,min=1,unique"`
	// Core lists the roles that are asked in every wave; the others of the
	// audience are asked in turn.
	Core []program.Role `yaml:"core,omitempty" validate:"unique"`
	// WarnFrom is set for challenges only: the index (0–100, high is bad) from
	// which the monitor warns and shows the remedy.
	WarnFrom float64 `yaml:"warn_from,omitempty" validate:"min=0,max=100"`
	Remedy   Text    `yaml:"remedy,omitempty"`
	// Points is derived from the items by Load; zero unless all of them are
	// rated on the same points.
	Points Points `yaml:"-"`
}

// Asks reports whether the scale's audience includes role.
func (s Scale) Asks(role program.Role) bool { return slices.Contains(s.Audience, role) }

// CoreFor reports whether role is asked the scale in every wave.
func (s Scale) CoreFor(role program.Role) bool { return slices.Contains(s.Core, role) }

// Questionnaire is a set of scales and the items that measure them. It is not
// changed after Load, so it may be shared between goroutines.
type Questionnaire struct {
	ID      string `yaml:"id" validate:"required,max=64,slug"`
	Version int    `yaml:"version" validate:"min=1"`
	// Past: it was asked by another tool and its answers were imported. Its
	// Likert items may have other points than ours and its waves any length.
	Past   bool    `yaml:"past,omitempty"`
	Title  Text    `yaml:"title" validate:"required"`
	Scales []Scale `yaml:"scales" validate:"required,min=1,dive"`
	Items  []Item  `yaml:"items" validate:"required,min=1,dive"`
}

// Scale returns the scale with the given id.
func (q *Questionnaire) Scale(id string) (Scale, bool) {
	i := slices.IndexFunc(q.Scales, func(s Scale) bool { return s.ID == id })
	if i < 0 {
		return Scale{}, false
	}
	return q.Scales[i], true
}

// Item returns the item with the given id.
func (q *Questionnaire) Item(id string) (Item, bool) {
	i := slices.IndexFunc(q.Items, func(it Item) bool { return it.ID == id })
	if i < 0 {
		return Item{}, false
	}
	return q.Items[i], true
}

// ScalesOf returns the scales of one kind, in the questionnaire's order.
func (q *Questionnaire) ScalesOf(kind Kind) []Scale {
	var of []Scale
	for _, s := range q.Scales {
		if s.Kind == kind {
			of = append(of, s)
		}
	}
	return of
}

// ItemsOf returns the items of one scale, in the questionnaire's order,
// whichever roles they are for.
func (q *Questionnaire) ItemsOf(scale string) []Item {
	var of []Item
	for _, it := range q.Items {
		if it.Scale == scale {
			of = append(of, it)
		}
	}
	return of
}

// Load reads a questionnaire from YAML, fills in what follows from the item
// types and validates it. An unknown field or a wrong type is refused with its
// line and column; what Validate finds is returned as *InvalidError.
func Load(data []byte) (*Questionnaire, error) {
	q := &Questionnaire{}
	if err := yaml.UnmarshalWithOptions(data, q, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("questionnaire: %s", yaml.FormatError(err, false, true))
	}
	q.complete()
	if err := q.Validate(); err != nil {
		return nil, err
	}
	return q, nil
}

// complete fills in what an item may leave unsaid: the roles of its scale and
// the range of its type.
func (q *Questionnaire) complete() {
	for i := range q.Items {
		it := &q.Items[i]
		if s, ok := q.Scale(it.Scale); ok && len(it.Roles) == 0 {
			it.Roles = s.Audience
		}
		it.complete()
	}
	for i := range q.Scales {
		q.Scales[i].Points = commonPoints(q.ItemsOf(q.Scales[i].ID))
	}
}

// commonPoints returns the points that all the items are rated on, or zero.
func commonPoints(items []Item) Points {
	var common Points
	for i, it := range items {
		p := Points{it.Min, it.Max}
		if !it.Rated() || (i > 0 && p != common) {
			return Points{}
		}
		common = p
	}
	return common
}

//go:embed questionnaires/*.yaml
var builtIn embed.FS

// ErrNoQuestionnaire is returned for a questionnaire that does not exist.
var ErrNoQuestionnaire = errors.New("no such questionnaire")

// BuiltInIDs lists the questionnaires that come with the product.
func BuiltInIDs() []string {
	names, _ := fs.Glob(builtIn, "questionnaires/*.yaml")
	for i, name := range names {
		names[i] = strings.TrimSuffix(path.Base(name), ".yaml")
	}
	return names
}

// BuiltIn loads a questionnaire that comes with the product: "reverse-mentoring".
// Any other id gives an error that wraps ErrNoQuestionnaire.
func BuiltIn(id string) (*Questionnaire, error) {
	if !slices.Contains(BuiltInIDs(), id) {
		return nil, fmt.Errorf("%w: %q; there are: %s", ErrNoQuestionnaire, id, strings.Join(BuiltInIDs(), ", "))
	}
	data, err := builtIn.ReadFile("questionnaires/" + id + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("built-in questionnaire %s: %w", id, err)
	}
	return Load(data)
}
