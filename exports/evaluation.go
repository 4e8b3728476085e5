package exports

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// Evaluation is everything the evaluation workbook says. The reports have
// already been through suppression; the workbook holds nothing that is not in
// them, in no hidden place either.
type Evaluation struct {
	Program program.Program
	// Lang is "uk" or "en". The reports and definitions must be in it too.
	Lang string
	// Made and MadeBy stand in the workbook and in its document properties.
	// Made is the only time in the file: equal evaluations are equal bytes.
	Made    time.Time
	MadeBy  string // may be empty
	Version string // of the product
	// Questionnaires that were asked, in the order of their first wave.
	Questionnaires []Questionnaire

	Participation *analytics.Report
	Engagement    *analytics.Report
	Confidence    *analytics.Report
	Retention     *analytics.Report
	Goals         *analytics.Report
	// Definitions of every measure, in the order in which they are explained.
	Definitions []analytics.Definition
}

// Questionnaire names what was asked from one wave on.
type Questionnaire struct {
	Title   string
	Version int
	From    string // label of the first wave that asked it
}

// reports lists the five in the order of the sheets.
func (e *Evaluation) reports() []*analytics.Report {
	return []*analytics.Report{e.Participation, e.Engagement, e.Confidence, e.Retention, e.Goals}
}

// Encode writes the workbook (.xlsx) to w. It fails when a report is missing, is
// of another programme or in another language, and when w fails.
func (e *Evaluation) Encode(w io.Writer) error {
	if err := e.check(); err != nil {
		return fmt.Errorf("evaluation of %q: %w", e.Program.ID, err)
	}
	b := newBook(words(e.Lang))
	defer func() { _ = b.file.Close() }()
	summary := b.sheet(b.t("sheet.summary"))
	var sheets []*measureSheet
	for _, r := range e.reports() {
		sheets = append(sheets, b.measure(e, r))
	}
	e.method(b)
	e.summary(summary, sheets)
	b.file.SetActiveSheet(0)
	e.properties(b)
	if err := b.write(w); err != nil {
		return fmt.Errorf("evaluation of %q: %w", e.Program.ID, err)
	}
	return nil
}

func (e *Evaluation) check() error {
	if e.Lang != "uk" && e.Lang != "en" {
		return fmt.Errorf("language %q: the workbook is made in uk or en", e.Lang)
	}
	for i, r := range e.reports() {
		kind := kinds()[i]
		switch {
		case r == nil:
			return fmt.Errorf("the %s report is missing", kind)
		case r.Kind != kind:
			return fmt.Errorf("the %s report stands where the %s report belongs", r.Kind, kind)
		case r.Program != e.Program.ID:
			return fmt.Errorf("the %s report is of programme %q", kind, r.Program)
		case r.Lang != e.Lang:
			return fmt.Errorf("the %s report is in language %q, the workbook in %q", kind, r.Lang, e.Lang)
		}
	}
	return nil
}

// The kinds of report, in the order of the sheets.
const (
	kindParticipation = "participation"
	kindEngagement    = "engagement"
	kindConfidence    = "confidence"
	kindRetention     = "retention"
	kindGoals         = "goals"
)

func kinds() []string {
	return []string{kindParticipation, kindEngagement, kindConfidence, kindRetention, kindGoals}
}

func (e *Evaluation) properties(b *book) {
	made := e.Made.UTC().Format(time.RFC3339)
	b.note(b.file.SetDocProps(&excelize.DocProperties{
		Title:   clean(b.t("summary.title", "name", e.Program.Name), ""),
		Subject: b.t("summary.subject"), Creator: clean(e.MadeBy, ""), LastModifiedBy: clean(e.MadeBy, ""),
		Created: made, Modified: made, Language: e.Lang, Description: b.t("properties.description"),
		Identifier: e.Program.ID, Revision: "1", Version: e.Version,
	}))
	b.note(b.file.SetAppProps(&excelize.AppProperties{Application: "mentorpulse", Company: clean(e.Program.Name, "")}))
}
