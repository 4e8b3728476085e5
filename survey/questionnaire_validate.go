package survey

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"

	"mentorpulse/internal/program"
)

// InvalidError lists everything that is wrong with a questionnaire, each
// problem with the id of the item or scale it is about.
type InvalidError struct {
	Questionnaire string
	Problems      []string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("questionnaire %q has %d problem(s):\n%s",
		e.Questionnaire, len(e.Problems), strings.Join(e.Problems, "\n"))
}

// Validate checks what YAML cannot: identities, both languages everywhere,
// ranges, conditions, and that every role's items fit the waves. It returns an
// *InvalidError with every problem, or nil.
func (q *Questionnaire) Validate() error {
	c := &questionnaireCheck{q: q}
	c.tags()
	c.text("questionnaire", "title", q.Title)
	c.scales()
	c.items()
	if !q.Past {
		c.fit()
	}
	if len(c.problems) > 0 {
		return &InvalidError{Questionnaire: q.ID, Problems: c.problems}
	}
	return nil
}

type questionnaireCheck struct {
	q        *Questionnaire
	problems []string
}

func (c *questionnaireCheck) add(where, format string, args ...any) {
	c.problems = append(c.problems, where+": "+fmt.Sprintf(format, args...))
}

// tags runs the struct tags, and names items and scales by id, not by place.
func (c *questionnaireCheck) tags() {
	v := validator.New(validator.WithRequiredStructEnabled())
	slug := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	// The only error is an empty tag name.
	_ = v.RegisterValidation("slug", func(f validator.FieldLevel) bool { return slug.MatchString(f.Field().String()) })
	var fields validator.ValidationErrors
	if !errors.As(v.Struct(c.q), &fields) {
		return
	}
	for _, f := range fields {
		where, field := c.locate(strings.TrimPrefix(f.StructNamespace(), "Questionnaire."))
		c.add(where, "%s %v: want %s", field, f.Value(), strings.TrimSpace(f.Tag()+" "+f.Param()))
	}
}

// locate turns "Items[3].Options[0].ID" into `item "x"` and "Options[0].ID".
func (c *questionnaireCheck) locate(namespace string) (where, field string) {
	head, field, nested := strings.Cut(namespace, ".")
	var i int
	if !nested {
		return "questionnaire", head
	}
	if n, _ := fmt.Sscanf(head, "Items[%d]", &i); n == 1 {
		return itemName(c.q.Items[i]), field
	}
	if n, _ := fmt.Sscanf(head, "Scales[%d]", &i); n == 1 {
		return scaleName(c.q.Scales[i]), field
	}
	return "questionnaire", namespace
}

func itemName(it Item) string    { return fmt.Sprintf("item %q", it.ID) }
func scaleName(s Scale) string   { return fmt.Sprintf("scale %q", s.ID) }
func blank(s string) bool        { return strings.TrimSpace(s) == "" }
func whole(x float64) bool       { return x == math.Trunc(x) }
func inNumbers(x float64) bool   { return x >= -MaxNumber && x <= MaxNumber }
func (t Text) has(l string) bool { return !blank(t[l]) }

// text wants the wording in every language and in no other.
func (c *questionnaireCheck) text(where, what string, t Text) {
	for _, l := range Languages() {
		if !t.has(l) {
			c.add(where, "%s has no wording in %q", what, l)
		}
	}
	for l := range t {
		if !slices.Contains(Languages(), l) {
			c.add(where, "%s has wording in %q, which is not one of the languages %s", what, l, strings.Join(Languages(), ", "))
		}
	}
}

func (c *questionnaireCheck) roles(where, what string, roles []program.Role) {
	for _, r := range roles {
		if !r.Valid() {
			c.add(where, "%s: %q is not a role; the roles are mentor, mentee, comparison", what, r)
		}
	}
}

func (c *questionnaireCheck) scales() {
	seen := map[string]bool{}
	for _, s := range c.q.Scales {
		where := scaleName(s)
		if seen[s.ID] {
			c.add(where, "the id is used twice")
		}
		seen[s.ID] = true
		c.text(where, "title", s.Title)
		if !slices.Contains(Kinds(), s.Kind) {
			c.add(where, "%q is not a kind of scale", s.Kind)
		}
		c.roles(where, "audience", s.Audience)
		for _, r := range s.Core {
			if !s.Asks(r) {
				c.add(where, "core for %q, who is not in its audience", r)
			}
		}
		c.kindFields(where, s)
		for _, r := range s.Audience {
			if !slices.ContainsFunc(c.q.ItemsOf(s.ID), func(it Item) bool { return it.Asks(r) }) {
				c.add(where, "has no item for %q, who is in its audience", r)
			}
		}
	}
}

// kindFields checks the fields that belong to benefits or challenges alone.
func (c *questionnaireCheck) kindFields(where string, s Scale) {
	groups := []Group{GroupMentees, GroupMentors, GroupOrganisation}
	if s.Kind == KindBenefit && !slices.Contains(groups, s.Group) {
		c.add(where, "group %q: a benefit is for mentees, mentors or organisation", s.Group)
	}
	if s.Kind != KindBenefit && s.Group != "" {
		c.add(where, "group %q: only a benefit has one", s.Group)
	}
	if s.Kind == KindChallenge {
		c.text(where, "remedy", s.Remedy)
		if s.WarnFrom <= 0 {
			c.add(where, "warn_from is missing: the index (0–100) from which the monitor warns")
		}
		if s.Points == (Points{}) {
			c.add(where, "its items must all be rated on the same points, or there is no index to warn from")
		}
		return
	}
	if s.WarnFrom != 0 || len(s.Remedy) > 0 {
		c.add(where, "warn_from and remedy: only a challenge has them")
	}
}

func (c *questionnaireCheck) items() {
	ids, numbers := map[string]bool{}, map[uint16]string{}
	goals := 0
	for i := range c.q.Items {
		it := c.q.Items[i]
		where := itemName(it)
		if ids[it.ID] {
			c.add(where, "the id is used twice")
		}
		ids[it.ID] = true
		if other, taken := numbers[it.Number]; taken {
			c.add(where, "number %d is taken by item %q", it.Number, other)
		}
		numbers[it.Number] = it.ID
		if it.Type == Goals {
			if goals++; goals > 1 {
				c.add(where, "a second item of type goals; one rates all of the pair's goals")
			}
		}
		c.audience(where, it)
		c.wording(where, it)
		c.answers(where, it)
		if it.ShowIf != nil {
			c.condition(where, i)
		}
	}
}

func (c *questionnaireCheck) audience(where string, it Item) {
	s, ok := c.q.Scale(it.Scale)
	if !ok {
		c.add(where, "scale %q does not exist", it.Scale)
		return
	}
	c.roles(where, "roles", it.Roles)
	for _, r := range it.Roles {
		if !s.Asks(r) {
			c.add(where, "asks %q, who is not in the audience of scale %q", r, s.ID)
		}
		if it.Type == Goals && r == program.Comparison {
			c.add(where, "asks the comparison group about goals, which only pairs have")
		}
	}
}

func (c *questionnaireCheck) wording(where string, it Item) {
	for key, t := range it.Prompt {
		if key != "default" && !program.Role(key).Valid() {
			c.add(where, "prompt for %q, which is neither a role nor default", key)
		}
		c.text(where, "prompt for "+key, t)
	}
	for _, r := range it.Roles {
		if it.Prompt.For(r) == nil {
			c.add(where, "no prompt for %q and no default", r)
		}
	}
	if len(it.Help) > 0 {
		c.text(where, "help", it.Help)
	}
	seen := map[string]bool{}
	for _, o := range it.Options {
		if seen[o.ID] {
			c.add(where, "option %q is there twice", o.ID)
		}
		seen[o.ID] = true
		c.text(where, fmt.Sprintf("option %q", o.ID), o.Text)
	}
	for point, t := range it.Labels {
		c.text(where, fmt.Sprintf("label %d", point), t)
		if float64(point) < it.Min || float64(point) > it.Max {
			c.add(where, "label %d is outside %g…%g", point, it.Min, it.Max)
		}
	}
}

// answers checks the fields that each type has and the others have not.
func (c *questionnaireCheck) answers(where string, it Item) {
	fixed := map[ItemType]Points{Likert: {1, 5}, Rating: {0, 10}, Goals: {-2, 2}}
	p, rated := fixed[it.Type]
	choice := it.Type == Single || it.Type == Multiple
	switch {
	case it.Type == Likert && c.q.Past:
		if !(Points{it.Min, it.Max}).past() {
			c.add(where, "points %g to %g: want whole numbers between −%d and %d, at most %d apart", it.Min, it.Max, pastRange, pastRange, pastRange)
		}
	case rated && (it.Min != p.Min || it.Max != p.Max):
		c.add(where, "type %s runs from %g to %g; leave min and max out", it.Type, p.Min, p.Max)
	case it.Type == Number && (!inNumbers(it.Min) || !inNumbers(it.Max) || it.Min >= it.Max):
		c.add(where, "a number needs min below max, both between −10⁶ and 10⁶")
	case it.Type == Number && !(it.Step > 0 && it.Step <= it.Max-it.Min):
		c.add(where, "step %g does not fit between min and max", it.Step)
	case !rated && it.Type != Number && (it.Min != 0 || it.Max != 0):
		c.add(where, "type %s has no min and max", it.Type)
	}
	if choice != (len(it.Options) > 0) || len(it.Options) == 1 {
		c.add(where, "has %d option(s): types single and multiple need at least 2, the others have none", len(it.Options))
	}
	if it.MaxChoices > len(it.Options) || (it.MaxChoices > 0 && it.Type != Multiple) {
		c.add(where, "max_choices %d: at most the number of options, for type multiple only", it.MaxChoices)
	}
	if it.MaxLength > 0 && it.Type != OpenText {
		c.add(where, "max_length is for type text only")
	}
	if it.Step != 0 && it.Type != Number {
		c.add(where, "step is for type number only")
	}
	if it.Reversed && it.Type != Likert && it.Type != Rating {
		c.add(where, "reversed is for types likert and scale only")
	}
	if _, low := it.Labels[int(it.Min)]; rated && !low {
		c.add(where, "the lowest point has no label")
	}
	if _, high := it.Labels[int(it.Max)]; rated && !high {
		c.add(where, "the highest point has no label")
	}
	if !rated && len(it.Labels) > 0 {
		c.add(where, "labels are for rated types only")
	}
}

// condition wants an earlier item that everybody who is asked item i is asked
// in the same wave, and an answer it can have.
func (c *questionnaireCheck) condition(where string, i int) {
	it, cond := c.q.Items[i], c.q.Items[i].ShowIf
	at := slices.IndexFunc(c.q.Items[:i], func(o Item) bool { return o.ID == cond.Item })
	if at < 0 {
		c.add(where, "show_if refers to %q, which is not an earlier item", cond.Item)
		return
	}
	on := c.q.Items[at]
	s, _ := c.q.Scale(on.Scale)
	for _, r := range it.Roles {
		if !on.Asks(r) || (on.Scale != it.Scale && !s.CoreFor(r)) {
			c.add(where, "show_if refers to %q, which %q is not always asked in the same wave", on.ID, r)
		}
	}
	bounds := cond.AtLeast != nil || cond.AtMost != nil
	if (len(cond.Any) > 0) == bounds {
		c.add(where, "show_if needs either any or at_least/at_most")
	}
	for _, id := range cond.Any {
		if on.option(id) < 0 {
			c.add(where, "show_if: %q is not an option of item %q", id, on.ID)
		}
	}
	if bounds && on.Type != Number && on.Type != Likert && on.Type != Rating {
		c.add(where, "show_if: item %q has no value to compare", on.ID)
		return
	}
	low, high := on.Min, on.Max
	if cond.AtLeast != nil {
		low = math.Max(low, *cond.AtLeast)
	}
	if cond.AtMost != nil {
		high = math.Min(high, *cond.AtMost)
	}
	if bounds && !(low <= high) {
		c.add(where, "show_if: item %q never has such a value", on.ID)
	}
}

// fit checks that each role's core, and beside it each of its rotating scales
// as a whole, fits in a wave: an incomplete scale has no reliability.
func (c *questionnaireCheck) fit() {
	for _, role := range program.Roles() {
		core, rotating := c.q.split(role)
		room := MaxWaveItems - len(core)
		if room < 0 {
			c.add("questionnaire", "the core for %q has %d items; a wave has room for %d", role, len(core), MaxWaveItems)
		}
		for _, b := range rotating {
			if len(b.items) > room {
				c.add(fmt.Sprintf("scale %q", b.scale), "has %d item(s) for %q; beside the core there is room for %d",
					len(b.items), role, max(room, 0))
			}
		}
	}
}
