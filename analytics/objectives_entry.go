package analytics

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

// ObjectiveEntry is an objective as its owner writes it, in JSON or YAML.
type ObjectiveEntry struct {
	Code    string  `json:"code" yaml:"code" validate:"required,max=64,slug"`
	Title   Wording `json:"title" yaml:"title" validate:"required,dive,keys,oneof=uk en,endkeys,required,max=200"`
	Measure string  `json:"measure" yaml:"measure" validate:"required"`
	Scale   string  `json:"scale,omitempty" yaml:"scale,omitempty"`
	Role    string  `json:"role,omitempty" yaml:"role,omitempty" validate:"omitempty,oneof=mentor mentee"`
	// One of the two. A share may be written as "60%".
	AtLeast *Amount `json:"at_least,omitempty" yaml:"at_least,omitempty" validate:"required_without=AtMost,excluded_with=AtMost"`
	AtMost  *Amount `json:"at_most,omitempty" yaml:"at_most,omitempty"`
	By      string  `json:"by,omitempty" yaml:"by,omitempty" validate:"omitempty,datetime=2006-01-02"`
}

// ObjectiveList is a programme's list of objectives as its owner writes it.
type ObjectiveList struct {
	Objectives []ObjectiveEntry `json:"objectives" yaml:"objectives" validate:"required,max=50,unique=Code,dive"`
}

// Wording is a text by language; a text alone is in the programme's own.
type Wording survey.Text

// Shapes are those that a text may have in JSON.
func (Wording) Shapes() []any { return []any{"", map[string]string{}} }

// anyLanguage is the key of a text of which the language is not said.
const anyLanguage = ""

// UnmarshalJSON reads a text, or texts by language.
func (w *Wording) UnmarshalJSON(data []byte) error {
	return w.read(func(into any) error { return json.Unmarshal(data, into) })
}

// UnmarshalYAML reads a text, or texts by language.
func (w *Wording) UnmarshalYAML(unmarshal func(any) error) error { return w.read(unmarshal) }

func (w *Wording) read(unmarshal func(any) error) error {
	var text string
	if unmarshal(&text) == nil {
		*w = Wording{anyLanguage: text}
		return nil
	}
	texts := map[string]string{}
	if err := unmarshal(&texts); err != nil {
		return err
	}
	*w = texts
	return nil
}

// Amount is a target as it was written.
type Amount struct {
	Value   float64 // of "60%", 0.6
	Percent bool
	Bad     string // what is no number; empty otherwise
	Quoted  string // a number that was written as a text; empty otherwise
}

// Shapes are those that a target may have in JSON.
func (Amount) Shapes() []any { return []any{0.0, ""} }

// MarshalJSON writes the number.
func (a Amount) MarshalJSON() ([]byte, error) { return json.Marshal(a.Value) }

// MarshalYAML writes the number.
func (a Amount) MarshalYAML() (any, error) { return a.Value, nil }

// UnmarshalJSON reads a number, or a text that holds a percentage.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		*a = amountOf(string(data))
		return nil
	}
	if *a = amountOf(text); !a.Percent && a.Bad == "" {
		a.Quoted = strings.TrimSpace(text)
	}
	return nil
}

// UnmarshalYAML reads a number, or a text that holds one.
func (a *Amount) UnmarshalYAML(data []byte) error {
	var text string
	if yaml.Unmarshal(data, &text) != nil {
		text = string(data)
	}
	*a = amountOf(text)
	return nil
}

func amountOf(text string) Amount {
	text = strings.TrimSpace(text)
	number, percent := strings.CutSuffix(text, "%")
	number = strings.NewReplacer(",", ".", minus, "-").Replace(strings.TrimSpace(number))
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return Amount{Bad: cmp.Or(text, "?")}
	}
	if percent {
		v /= 100
	}
	return Amount{Value: v, Percent: percent}
}

// maxObjectivesBody is the most a list of objectives may weigh, which is several
// times what the longest one does.
const maxObjectivesBody = 128 << 10

// objectivesDocument is the JSON document that a list is.
func objectivesDocument() web.Document {
	return web.Document{Limit: maxObjectivesBody, Example: `{"objectives": [{"code": "digital", "title": "…", "measure": "confidence.index", "role": "mentee", "at_least": 65}]}`}
}

// ReadObjectives reads a list from YAML, and gives for a problem with it the line
// that it is about. An unknown field or a wrong type is refused with its line.
func ReadObjectives(data []byte) (ObjectiveList, func(ObjectiveProblem) int, error) {
	var list ObjectiveList
	if len(data) > maxObjectivesBody {
		return list, nil, fmt.Errorf("the file has %d kB; objectives need no more than %d", len(data)>>10, maxObjectivesBody>>10)
	}
	if err := yaml.UnmarshalWithOptions(data, &list, yaml.Strict()); err != nil {
		return list, nil, errors.New(yaml.FormatError(err, false, true))
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return list, nil, errors.New(yaml.FormatError(err, false, true))
	}
	return list, func(p ObjectiveProblem) int { return lineOf(file, p) }, nil
}

// lineOf is the line of the field that a problem is about, or else of what it
// stands in.
func lineOf(file *ast.File, p ObjectiveProblem) int {
	field, _, _ := strings.Cut(p.Field, "[")
	for _, path := range []string{fmt.Sprintf("$.objectives[%d].%s", p.Place, field), fmt.Sprintf("$.objectives[%d].code", p.Place), fmt.Sprintf("$.objectives[%d]", p.Place)} {
		at, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		if node, err := at.FilterFile(file); err == nil && node != nil {
			return node.GetToken().Position.Line
		}
	}
	return 1
}

// entryOf writes a stored objective as its owner would.
func entryOf(o program.Objective) ObjectiveEntry {
	e := ObjectiveEntry{Code: o.Code, Title: o.Title, Measure: o.Measure, Scale: o.Scale, Role: string(o.Role)}
	target := &Amount{Value: o.Target}
	if o.AtMost {
		e.AtMost = target
	} else {
		e.AtLeast = target
	}
	if !o.Due.IsZero() {
		e.By = o.Due.Format(time.DateOnly)
	}
	return e
}

// ListObjectives writes stored objectives as their owner would, in the same
// order.
func ListObjectives(stored []program.Objective) ObjectiveList {
	list := ObjectiveList{Objectives: []ObjectiveEntry{}}
	for _, o := range stored {
		list.Objectives = append(list.Objectives, entryOf(o))
	}
	return list
}
