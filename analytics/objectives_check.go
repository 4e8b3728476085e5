package analytics

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-playground/validator/v10"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// ObjectiveProblem is one thing that is wrong in a list of objectives.
type ObjectiveProblem struct {
	Place int    // of the objective in the list, from 0; −1 for the list itself
	Field string // as the owner writes it: "at_least"
	Code  string
	pairs []any
}

// Message says in lang what is wrong and what to do.
func (p ObjectiveProblem) Message(lang string) string {
	return texts().T(lang, "objective-"+p.Code, p.pairs...)
}

// Item names the field: "objectives[3].at_least".
func (p ObjectiveProblem) Item() string {
	switch {
	case p.Place < 0:
		return "objectives"
	case p.Field == "":
		return fmt.Sprintf("objectives[%d]", p.Place)
	}
	return fmt.Sprintf("objectives[%d].%s", p.Place, p.Field)
}

// aim is a measure that an objective can name: the kind of scale that its figures
// are of, empty for none, and about whom they are. "" are all participants.
type aim struct {
	measure string
	kind    survey.Kind
	roles   []program.Role
}

func aims() []aim {
	all, each := []program.Role{"", program.Mentor, program.Mentee}, []program.Role{program.Mentor, program.Mentee}
	whole := all[:1]
	return []aim{
		{MeasureResponseRate, "", all},
		{MeasureEngagement, survey.KindEngagement, all}, {MeasureFavourability, survey.KindEngagement, all}, {MeasureENPS, "", all},
		{MeasureConfidence, survey.KindConfidence, each}, {MeasureReliablyUp, survey.KindConfidence, each},
		{MeasureReliablyDown, survey.KindConfidence, each}, {MeasureDifference, survey.KindConfidence, each},
		{MeasureStay, "", all}, {MeasureEmployment, "", all}, {MeasureRelativeRisk, "", whole}, {MeasureRiskDifference, "", whole},
		{MeasureIntent, survey.KindRetention, all},
		{MeasureBenefit, survey.KindBenefit, each}, {MeasureChallenge, survey.KindChallenge, each},
		{MeasureGoals, "", each}, {MeasureGoalsChange, "", each}, {MeasureExpected, "", each}, {MeasureAgreement, "", whole},
	}
}

// targets are the lowest and the highest value of a measure of a unit.
func targets(measure, unit string) (low, high float64) {
	switch {
	case measure == MeasureGoalsChange, unit == UnitScore, unit == UnitPoints:
		return -100, 100
	case unit == UnitShare:
		return 0, 1
	case unit == UnitShareDx, unit == UnitCoef:
		return -1, 1
	}
	return 0, 100
}

// CheckObjectives turns a list into the objectives of a programme, or lists all
// that is wrong with it.
func (s *Service) CheckObjectives(ctx context.Context, p program.Program, list ObjectiveList) ([]program.Objective, []ObjectiveProblem, error) {
	questionnaires, err := s.asking(ctx, p.ID)
	if err != nil {
		return nil, nil, err
	}
	list.Objectives = slices.Clone(list.Objectives)
	for i := range list.Objectives {
		list.Objectives[i].Title = list.Objectives[i].Title.in(p.Language(""))
	}
	c := &objectiveCheck{Service: s, questionnaires: questionnaires}
	c.form(list)
	var checked []program.Objective
	for i, e := range list.Objectives {
		checked = append(checked, c.objective(i, e))
	}
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b ObjectiveProblem) int { return a.Place - b.Place })
		return nil, c.problems, nil
	}
	return checked, nil, nil
}

// in puts a text whose language is not said under lang.
func (w Wording) in(lang string) Wording {
	text, ok := w[anyLanguage]
	if !ok || len(w) > 1 {
		return w
	}
	return Wording{lang: text}
}

// asking are the questionnaires by which a programme's people are or were asked,
// the newest last.
func (s *Service) asking(ctx context.Context, programID string) ([]*survey.Questionnaire, error) {
	type version struct {
		id     string
		number int
	}
	var list []version
	waves, err := s.surveys.Waves(ctx, programID)
	if err != nil {
		return nil, err
	}
	for _, w := range waves {
		list = append(list, version{w.QuestionnaireID, w.QuestionnaireVersion})
	}
	surveys, err := s.surveys.Surveys(ctx, programID)
	if err != nil {
		return nil, err
	}
	for _, one := range surveys {
		list = append(list, version{one.QuestionnaireID, one.QuestionnaireVersion})
	}
	seen := map[version]bool{}
	var found []*survey.Questionnaire
	for _, v := range list {
		if seen[v] {
			continue
		}
		seen[v] = true
		q, err := s.surveys.Questionnaire(ctx, programID, v.id, v.number)
		if err != nil {
			return nil, err
		}
		found = append(found, q)
	}
	return found, nil
}

type objectiveCheck struct {
	*Service
	questionnaires []*survey.Questionnaire
	problems       []ObjectiveProblem
}

func (c *objectiveCheck) add(place int, field, code string, pairs ...any) {
	c.problems = append(c.problems, ObjectiveProblem{place, field, code, pairs})
}

// formOf checks the form of a list, before what it means.
var formOf = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	slug := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	_ = v.RegisterValidation("slug", func(f validator.FieldLevel) bool { return slug.MatchString(f.Field().String()) }) // the tag has a name
	return v
})

// placed takes "ObjectiveList.objectives[3].title[uk]" apart.
var placed = regexp.MustCompile(`^ObjectiveList\.objectives\[(\d+)\]\.(.+)$`)

func (c *objectiveCheck) form(list ObjectiveList) {
	seen := map[string]int{}
	for i, e := range list.Objectives {
		if first, known := seen[e.Code]; known && e.Code != "" {
			c.add(i, "code", "repeated", "code", echo(e.Code), "first", first+1)
			continue
		}
		seen[e.Code] = i
	}
	var wrong validator.ValidationErrors
	if !errors.As(formOf().Struct(list), &wrong) {
		return
	}
	for _, f := range wrong {
		place, field := -1, ""
		if at := placed.FindStringSubmatch(f.Namespace()); at != nil {
			_, _ = fmt.Sscan(at[1], &place) // digits, as matched
			field = at[2]
		}
		code := f.Tag()
		switch {
		case place < 0 && code == "unique":
			continue // said above, for each
		case place < 0:
			code = map[string]string{"required": "no-list", "max": "too-many"}[code]
		case strings.HasPrefix(field, "title"):
			code = "title-" + code
		case code == "required":
			code = "missing"
		case code == "slug", code == "max":
			code = "bad-code"
		case code == "oneof":
			code = "bad-role"
		}
		c.add(place, field, code, "value", echo(fmt.Sprint(f.Value())), "field", field, "most", program.MaxObjectives, "given", len(list.Objectives))
	}
}

// objective checks what an entry means.
func (c *objectiveCheck) objective(place int, e ObjectiveEntry) program.Objective {
	o := program.Objective{Code: e.Code, Title: e.Title, Measure: e.Measure, Scale: e.Scale, Role: program.Role(e.Role)}
	if e.By != "" {
		o.Due, _ = time.Parse(time.DateOnly, e.By) // form has read it
	}
	target, field := e.AtLeast, "at_least"
	if target == nil {
		target, field, o.AtMost = e.AtMost, "at_most", true
	}
	if e.Measure == "" {
		return o
	}
	i := slices.IndexFunc(aims(), func(a aim) bool { return a.measure == e.Measure })
	if i < 0 {
		var known []string
		for _, a := range aims() {
			known = append(known, a.measure)
		}
		c.add(place, "measure", "unknown-measure", "measure", echo(e.Measure), "known", strings.Join(known, ", "))
		return o
	}
	of := aims()[i]
	if target != nil {
		o.Target = target.Value
		c.target(place, field, of.measure, *target)
	}
	roles := of.roles
	if of.kind != "" {
		var asked []program.Role
		if o.Scale, asked = c.scale(place, of, o); o.Scale == "" {
			return o
		}
		roles = slices.DeleteFunc(slices.Clone(roles), func(r program.Role) bool { return r != "" && !slices.Contains(asked, r) })
	} else if e.Scale != "" {
		c.add(place, "scale", "no-scale", "measure", e.Measure, "scale", echo(e.Scale))
	}
	if len(roles) == 1 && o.Role == "" {
		o.Role = roles[0]
	}
	if slices.Contains([]program.Role{"", program.Mentor, program.Mentee}, o.Role) && !slices.Contains(roles, o.Role) {
		c.role(place, o, roles)
	}
	return o
}

func (c *objectiveCheck) target(place int, field, measure string, target Amount) {
	unit := c.unit(measure)
	low, high := targets(measure, unit)
	isShare := unit == UnitShare || unit == UnitShareDx
	switch {
	case target.Bad != "":
		c.add(place, field, "bad-target", "value", echo(target.Bad))
	case target.Quoted != "":
		c.add(place, field, "quoted", "value", echo(target.Quoted))
	case target.Percent && !isShare:
		c.add(place, field, "no-percent", "measure", measure, "low", low, "high", high)
	case (target.Value < low || target.Value > high) && isShare:
		c.add(place, field, "share-range", "value", target.Value, "low", low, "high", high, "lowest", 100*low)
	case (unit == UnitIndex || unit == UnitT) && 0 < target.Value && target.Value < 1:
		// Nobody aims at less than one point of a hundred, but some at 0.7 of one.
		c.add(place, field, "looks-like-share", "value", target.Value, "measure", measure, "low", low, "high", high,
			"points", strconv.FormatFloat(100*target.Value, 'g', 6, 64))
	case target.Value < low || target.Value > high:
		c.add(place, field, "target-range", "value", target.Value, "measure", measure, "low", low, "high", high)
	}
}

// scale finds the scale that an objective names, or the only one of the kind, and
// the roles that are asked it; the newest questionnaire that has it counts. The
// scale is "" when there is a problem.
func (c *objectiveCheck) scale(place int, of aim, o program.Objective) (id string, asked []program.Role) {
	var known []string
	for _, q := range slices.Backward(c.questionnaires) {
		for _, s := range q.ScalesOf(of.kind) {
			if o.Scale == s.ID {
				return s.ID, s.Audience
			}
			if !slices.Contains(known, s.ID) && (o.Role == "" || s.Asks(o.Role)) {
				known, asked = append(known, s.ID), s.Audience
			}
		}
	}
	if o.Scale == "" && len(known) == 1 {
		return known[0], asked
	}
	if len(known) == 0 {
		c.add(place, "scale", "scale-not-asked", "measure", o.Measure)
		return "", nil
	}
	code := "unknown-scale"
	if o.Scale == "" {
		code = "which-scale"
	}
	c.add(place, "scale", code, "scale", echo(o.Scale), "known", strings.Join(known, ", "), "measure", o.Measure)
	return "", nil
}

func (c *objectiveCheck) role(place int, o program.Objective, roles []program.Role) {
	var known []string
	for _, r := range roles {
		if r != "" {
			known = append(known, string(r))
		}
	}
	switch {
	case len(known) == 0:
		c.add(place, "role", "whole-only", "measure", o.Measure)
	case o.Role == "":
		c.add(place, "role", "which-role", "measure", o.Measure, "known", strings.Join(known, ", "))
	default:
		c.add(place, "role", "role-not-asked", "role", string(o.Role), "measure", o.Measure, "scale", o.Scale, "known", strings.Join(known, ", "))
	}
}
