package survey

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
)

// PastMapping says what the columns of another tool's answers mean. See
// docs/past-answers.md for the file it is read from.
type PastMapping struct {
	// ID names the questionnaire made of the scales, and the survey.
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
	// Respondent is the column with the organisation's own id of the person.
	Respondent string          `yaml:"respondent"`
	Wave       PastWaveColumn  `yaml:"wave"`
	Role       PastRoleColumn  `yaml:"role"`
	Attributes []PastAttribute `yaml:"attributes"`
	// Missing lists the codes that stand for no answer, beside the empty cell.
	Missing []string    `yaml:"missing"`
	Scales  []PastScale `yaml:"scales"`
}

// PastWaveColumn says to which wave a row belongs: by a column, or all to one.
type PastWaveColumn struct {
	Column string `yaml:"column"`
	Fixed  string `yaml:"fixed"`
	// Opens gives the first day of waves whose names are not dates.
	Opens map[string]string `yaml:"opens"`
	// OpenDays is for how many days each wave was open; 1 unless given.
	OpenDays int `yaml:"open_days"`
}

// PastRoleColumn says which role a respondent has: by a column and what its
// values mean, or the same for all.
type PastRoleColumn struct {
	Column string                  `yaml:"column"`
	Fixed  program.Role            `yaml:"fixed"`
	Values map[string]program.Role `yaml:"values"`
}

// PastAttribute is a column by which figures may be cut.
type PastAttribute struct {
	Column string `yaml:"column"`
	Name   string `yaml:"name"` // the column's header unless given
	// Values puts codes into words; without it the cells are taken as they are.
	Values map[string]string `yaml:"values"`
}

// PastScale is a scale and the columns of its items.
type PastScale struct {
	ID       string      `yaml:"id"`
	Title    Text        `yaml:"title"`
	Kind     Kind        `yaml:"kind"` // KindOther unless given
	Group    Group       `yaml:"group"`
	WarnFrom float64     `yaml:"warn_from"`
	Remedy   Text        `yaml:"remedy"`
	Points   *PastPoints `yaml:"points"`
	Labels   Labels      `yaml:"labels"` // the numbers themselves unless given
	Items    []PastItem  `yaml:"items"`
}

// PastPoints are the lowest and the highest answer.
type PastPoints struct {
	Min float64 `yaml:"min"`
	Max float64 `yaml:"max"`
}

// PastItem is an item's column. A column's name alone is an item, too.
type PastItem struct {
	Column   string `yaml:"column"`
	ID       string `yaml:"id"` // from the column's name unless given
	Title    Text   `yaml:"title"`
	Reversed bool   `yaml:"reversed"`
}

// UnmarshalYAML reads an item, or the name of its column alone.
func (it *PastItem) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&it.Column) == nil {
		return nil
	}
	type plain PastItem
	return unmarshal((*plain)(it))
}

// PastMappingError lists everything that is wrong with a mapping, each problem
// with the part of the file it is about.
type PastMappingError struct{ Problems []string }

func (e *PastMappingError) Error() string {
	return fmt.Sprintf("the mapping has %d problem(s):\n%s", len(e.Problems), strings.Join(e.Problems, "\n"))
}

// LoadPastMapping reads a mapping from YAML and checks it without the answers.
// An unknown field or a wrong type is refused with its line and column; what
// else is wrong is returned as *PastMappingError.
func LoadPastMapping(data []byte) (*PastMapping, error) {
	m := &PastMapping{}
	if err := yaml.UnmarshalWithOptions(data, m, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("mapping: %s", yaml.FormatError(err, false, true))
	}
	m.complete()
	c := pastMappingCheck{m: m}
	c.source()
	c.scales()
	if len(c.problems) == 0 {
		c.questionnaire()
	}
	if len(c.problems) > 0 {
		return nil, &PastMappingError{c.problems}
	}
	return m, nil
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// complete fills in what may be left unsaid.
func (m *PastMapping) complete() {
	m.Title = m.Title.everywhere(m.ID)
	m.Wave.OpenDays = cmp.Or(m.Wave.OpenDays, 1)
	for i := range m.Attributes {
		a := &m.Attributes[i]
		a.Name = cmp.Or(a.Name, a.Column)
	}
	for i := range m.Scales {
		s := &m.Scales[i]
		s.Kind = cmp.Or(s.Kind, KindOther)
		s.Title = s.Title.everywhere(s.ID)
		for j := range s.Items {
			it := &s.Items[j]
			it.ID = cmp.Or(it.ID, strings.Trim(notSlug.ReplaceAllString(strings.ToLower(it.Column), "-"), "-"))
			it.Title = it.Title.everywhere(it.Column)
		}
		for point, label := range s.Labels {
			s.Labels[point] = label.everywhere("")
		}
		if s.Points == nil {
			continue
		}
		for _, end := range []float64{s.Points.Min, s.Points.Max} {
			if _, ok := s.Labels[int(end)]; !ok && (Points(*s.Points)).past() {
				if s.Labels == nil {
					s.Labels = Labels{}
				}
				s.Labels[int(end)] = Text(nil).everywhere(formatNumber(end))
			}
		}
	}
}

// everywhere has the wording in every language: another tool seldom has both.
func (t Text) everywhere(otherwise string) Text {
	full := Text{}
	for l, s := range t {
		full[l] = s
	}
	for _, l := range Languages() {
		if !full.has(l) {
			full[l] = cmp.Or(t.In(l), otherwise)
		}
	}
	return full
}

type pastMappingCheck struct {
	m        *PastMapping
	problems []string
}

func (c *pastMappingCheck) add(where, format string, args ...any) {
	c.problems = append(c.problems, where+": "+fmt.Sprintf(format, args...))
}

// source checks all that is not about scales.
func (c *pastMappingCheck) source() {
	m := c.m
	if slices.Contains(BuiltInIDs(), m.ID) {
		c.add("id", "%q is a questionnaire of our own; choose another name", m.ID)
	}
	if m.Respondent == "" {
		c.add("respondent", "name the column with the id of the person")
	}
	if (m.Wave.Column == "") == (m.Wave.Fixed == "") {
		c.add("wave", "give either column, or fixed for a file of one wave")
	}
	if m.Wave.OpenDays < 1 || m.Wave.OpenDays > maxOpenDays {
		c.add("wave", "open_days %d: want 1 to %d", m.Wave.OpenDays, maxOpenDays)
	}
	for label, day := range m.Wave.Opens {
		if _, err := table.ParseDate(table.Cell{Text: day}); err != nil {
			c.add("wave", "opens %q on %q: want a date such as 2026-01-05", label, day)
		}
	}
	c.role()
	seen := map[string]bool{}
	for _, a := range m.Attributes {
		if a.Column == "" || seen[a.Name] {
			c.add("attributes", "%q has no column or is named twice", a.Name)
		}
		seen[a.Name] = true
	}
	if len(m.Attributes) > program.MaxAttributes {
		c.add("attributes", "%d of them; at most %d", len(m.Attributes), program.MaxAttributes)
	}
}

func (c *pastMappingCheck) role() {
	r := c.m.Role
	if (r.Column == "") == (r.Fixed == "") {
		c.add("role", "give either column, or fixed: mentor, mentee or comparison")
	}
	if r.Fixed != "" && !r.Fixed.Valid() {
		c.add("role", "fixed %q: the roles are mentor, mentee, comparison", r.Fixed)
	}
	for value, role := range r.Values {
		if !role.Valid() {
			c.add("role", "value %q means %q: the roles are mentor, mentee, comparison", value, role)
		}
	}
}

// scales checks what the questionnaire made of them could not say in the terms
// of the mapping.
func (c *pastMappingCheck) scales() {
	if len(c.m.Scales) == 0 {
		c.add("scales", "there are none; give at least one")
	}
	columns := map[string]string{}
	for _, s := range c.m.Scales {
		where := fmt.Sprintf("scale %q", s.ID)
		if !slices.Contains(pastKinds(), s.Kind) {
			c.add(where, "kind %q cannot be imported; those that can: %s", s.Kind, joinKinds(pastKinds()))
		}
		if len(s.Items) == 0 {
			c.add(where, "has no items")
		}
		switch {
		case s.Points == nil:
			c.add(where, "points are missing: the lowest and highest answer, such as points: {min: 1, max: 6}")
		case !Points(*s.Points).past():
			c.add(where, "points %g to %g: want whole numbers between −%d and %d, at most %d apart", s.Points.Min, s.Points.Max, pastRange, pastRange, pastRange)
		case s.Kind == KindENPS && Points(*s.Points) != Points{0, 10}:
			c.add(where, "kind enps runs from 0 to 10, not %g to %g", s.Points.Min, s.Points.Max)
		default:
			c.missing(where, s)
		}
		for _, it := range s.Items {
			if it.Column == "" {
				c.add(where, "an item has no column")
			}
			if it.ID == "" {
				c.add(where, "column %q needs an id of the letters a–z, digits and hyphens, such as {column: %q, id: q1}", it.Column, it.Column)
			}
			if other, taken := columns[it.Column]; taken {
				c.add(where, "column %q is an item of scale %q already", it.Column, other)
			}
			columns[it.Column] = s.ID
		}
	}
}

// missing refuses a code that would swallow real answers.
func (c *pastMappingCheck) missing(where string, s PastScale) {
	for _, code := range c.m.Missing {
		if v, err := table.ParseNumber(table.Cell{Text: code}); err == nil && v >= s.Points.Min && v <= s.Points.Max {
			c.add(where, "%q stands for no answer and is one of the points %g to %g; empty those cells in the file instead", code, s.Points.Min, s.Points.Max)
		}
	}
}

// questionnaire passes on what is wrong with the questionnaire that is made.
func (c *pastMappingCheck) questionnaire() {
	var invalid *InvalidError
	if err := c.m.questionnaire(1, nil).Validate(); errors.As(err, &invalid) {
		c.problems = append(c.problems, invalid.Problems...)
	}
}

// pastKinds are the kinds whose items are rated.
func pastKinds() []Kind {
	return []Kind{KindEngagement, KindENPS, KindConfidence, KindRetention, KindBenefit, KindChallenge, KindStep, KindAim, KindOther}
}

func joinKinds(kinds []Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

// items lists the items of all scales, in the order of the mapping, which is
// the order in which PastRow has their answers.
func (m *PastMapping) items() []PastItem {
	var all []PastItem
	for _, s := range m.Scales {
		all = append(all, s.Items...)
	}
	return all
}

// roles lists whom the file can hold answers of.
func (m *PastMapping) roles() []program.Role {
	if m.Role.Fixed != "" {
		return []program.Role{m.Role.Fixed}
	}
	if len(m.Role.Values) == 0 {
		return program.Roles()
	}
	var roles []program.Role
	for _, role := range program.Roles() {
		for _, r := range m.Role.Values {
			if r == role && !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	return roles
}

// questionnaire makes a version of the programme's own questionnaire. Items
// keep the numbers in known, by id; the others number on in the order of the
// mapping.
func (m *PastMapping) questionnaire(version int, known map[string]uint16) *Questionnaire {
	q := &Questionnaire{ID: m.ID, Version: version, Past: true, Title: m.Title}
	var last uint16
	for _, n := range known {
		last = max(last, n)
	}
	for _, s := range m.Scales {
		q.Scales = append(q.Scales, Scale{
			ID: s.ID, Title: s.Title, Kind: s.Kind, Audience: m.roles(), Group: s.Group, WarnFrom: s.WarnFrom, Remedy: s.Remedy,
		})
		kind := Likert
		if Points(*s.Points) == (Points{0, 10}) {
			kind = Rating
		}
		for _, it := range s.Items {
			number, ok := known[it.ID]
			if !ok {
				last++
				number = last
			}
			q.Items = append(q.Items, Item{
				ID: it.ID, Number: number, Scale: s.ID, Type: kind, Prompt: Prompts{"default": it.Title},
				Min: s.Points.Min, Max: s.Points.Max, Labels: s.Labels, Reversed: it.Reversed,
			})
		}
	}
	q.complete()
	return q
}
