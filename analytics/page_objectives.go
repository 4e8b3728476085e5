package analytics

import (
	"context"
	"strconv"
)

// objectivesPage is how far the programme is from what it wants to reach.
type objectivesPage struct {
	words
	Notice, Wave string
	Objectives   []objectiveView
}

// Say gives a text of the page.
func (p *objectivesPage) Say(id string) string { return p.t("page-" + id) }

// objectiveView is one objective against its target.
type objectiveView struct {
	Title, Target, By  string
	Verdict, Class     string
	Reading            string
	Main               figureView
	Who                string
	Way, WayText, From string // how far it is from the start to the target, in percent; empty without a start
}

// objectivesPage reads the objectives and shows them as they stand.
func (b *board) objectivesPage(ctx context.Context) (any, error) {
	report, err := b.service.Objectives(ctx, b.Query)
	if err != nil {
		return nil, err
	}
	b.json = true
	p := &objectivesPage{words: b.words}
	if report.Notice != nil {
		p.Notice = report.Notice.Reason
	}
	if report.Wave != nil {
		p.Wave = b.wave(*report.Wave)
	}
	for _, o := range report.Objectives {
		f := o.Figure
		one := objectiveView{Title: o.Title, Verdict: b.t("page-verdict-" + string(o.Verdict)), Class: string(o.Verdict), Reading: o.Reading,
			Target: b.target(o, 1), Main: b.figure(f, ""), Who: b.role(f.Role)}
		one.Main.Title = fullTitle(report.Definitions[f.Measure].Title, f.ScaleTitle)
		if o.By != "" {
			one.By = b.t("page-objective-by", "date", b.date(o.By))
		}
		if o.Progress != nil && o.Baseline != nil {
			one.Way = strconv.FormatFloat(100*min(max(*o.Progress, 0), 1), 'f', 2, 64)
			one.WayText = b.way(o)
			one.From = b.t("page-objective-from", "value", b.value(*o.Baseline.Value, f.Unit, 1), "date", b.date(o.Baseline.Wave))
			b.used[MeasureProgress] = true
		}
		p.Objectives = append(p.Objectives, one)
	}
	return p, nil
}

// fullTitle names a measure and its scale, where that is called otherwise.
func fullTitle(measure, scale string) string {
	if scale == "" || scale == measure {
		return measure
	}
	return measure + " – " + scale
}
