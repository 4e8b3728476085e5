package analytics

import (
	_ "embed"
	"fmt"

	"github.com/goccy/go-yaml"

	"mentorpulse/survey"
)

// Definition says how a measure is computed and read, in one language. The API,
// the page and the workbook's Method sheet all show this text.
type Definition struct {
	ID     string `json:"id"`
	Report string `json:"report"` // which report shows it
	Unit   string `json:"unit"`
	Title  string `json:"title"`
	// Formula in words, with what N counts and the interval's method.
	Formula string `json:"formula"`
	Source  string `json:"source"` // author, year; empty for plain counts
	Reading string `json:"reading"`
}

//go:embed wording/definitions.yaml
var definitionsYAML []byte

type definitionText struct {
	ID      string      `yaml:"id"`
	Report  string      `yaml:"report"`
	Unit    string      `yaml:"unit"`
	Title   survey.Text `yaml:"title"`
	Formula survey.Text `yaml:"formula"`
	Source  string      `yaml:"source"`
	Reading survey.Text `yaml:"reading"`
}

func loadDefinitions() ([]definitionText, error) {
	var list []definitionText
	if err := yaml.UnmarshalWithOptions(definitionsYAML, &list, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("definitions of measures: %w", err)
	}
	for _, d := range list {
		for _, text := range []survey.Text{d.Title, d.Formula, d.Reading} {
			// A text that was not quoted ends at its first comma, and what
			// follows looks like another language.
			if len(text) != len(survey.Languages()) || text["uk"] == "" || text["en"] == "" {
				return nil, fmt.Errorf("definition of %q: %v is not one text in each language; quote it", d.ID, text)
			}
		}
	}
	return list, nil
}

func (d definitionText) in(lang string) Definition {
	return Definition{ID: d.ID, Report: d.Report, Unit: d.Unit, Title: d.Title.In(lang),
		Formula: d.Formula.In(lang), Source: d.Source, Reading: d.Reading.In(lang)}
}

// Definitions lists the definition of every measure in lang ("uk" or "en"), in
// the order in which the reports show them.
func (s *Service) Definitions(lang string) []Definition {
	list := make([]Definition, len(s.definitions))
	for i, d := range s.definitions {
		list[i] = d.in(lang)
	}
	return list
}

// unit is the unit of a measure's figures.
func (s *Service) unit(measure string) string {
	for _, d := range s.definitions {
		if d.ID == measure {
			return d.Unit
		}
	}
	return ""
}
