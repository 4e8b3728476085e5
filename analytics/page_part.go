package analytics

import (
	"cmp"
	"slices"

	"mentorpulse/internal/program"
)

// part is a headline figure with its trend and what belongs to it.
type part struct {
	Title, Who string
	Deep       bool // it stands under a heading below the section's
	Main       figureView
	Trend      *trend
	Curve      *survival // instead of a trend
	More       []figureView
}

// part makes a part from its headline figure.
func (b *board) part(kind string, f Figure, title, who string) part {
	e := b.reports[kind]
	p := part{Title: title, Who: who, Main: b.figure(f, title)}
	if p.Main.Reading == "" { // how it is read at all
		p.Main.Reading = e.shown.Definitions[f.Measure].Reading
	}
	// What stands side by side, such as the ratings of mentors and of mentees, has
	// one axis; of response rates those of all roles do.
	var series, beside []Figure
	for _, s := range e.all.Series {
		if s.Measure != f.Measure || s.Segment != nil || s.Level != "" {
			continue
		}
		if s.Scale == f.Scale && s.Role == f.Role {
			series = append(series, s)
		}
		if f.Measure == MeasureResponseRate || s.Role != program.Comparison && (s.Role == "") == (f.Role == "") {
			beside = append(beside, s)
		}
	}
	if len(beside) == 0 {
		beside = series
	}
	p.Trend = b.newTrend(title, f.Wave, series, e.all.Waves, axisOf(beside))
	return p
}

// more adds figures beside the headline, those that the report has.
func (b *board) more(p *part, kind, measure, scale string, role program.Role, title string) {
	report := b.reports[kind].shown
	f, ok := pick(report.Figures, measure, scale, role)
	if !ok {
		return
	}
	v := b.figure(f, title)
	if f.Wave != "" && report.Wave != nil && f.Wave != report.Wave.Label && v.Value != "" {
		v.Precision += " · " + b.t("page-of-wave", "date", b.date(f.Wave))
	}
	p.More = append(p.More, v)
}

// beside adds the comparison group's figure, unless the page is about one role.
func (b *board) beside(p *part, kind, measure, scale string) {
	if b.Role == "" {
		b.more(p, kind, measure, scale, program.Comparison, b.role(program.Comparison))
	}
}

func (b *board) engagementParts() []part {
	const kind = "engagement"
	figures := b.reports[kind].shown.Figures
	var parts []part
	for _, f := range figures {
		if f.Role != b.Role || f.Segment != nil || f.Measure != MeasureEngagement && f.Measure != MeasureENPS {
			continue
		}
		title := b.title(kind, f.Measure)
		if f.Measure == MeasureEngagement && f.ScaleTitle != "" && len(scalesOf(figures, MeasureEngagement)) > 1 {
			title = f.ScaleTitle
		}
		p := b.part(kind, f, title, b.role(f.Role))
		if f.Measure == MeasureEngagement {
			b.more(&p, kind, MeasureFavourability, f.Scale, f.Role, b.title(kind, MeasureFavourability))
		}
		b.beside(&p, kind, f.Measure, f.Scale)
		parts = append(parts, p)
	}
	return parts
}

// scalesOf lists the scales that a measure has figures of.
func scalesOf(figures []Figure, measure string) []string {
	var list []string
	for _, f := range figures {
		if f.Measure == measure && !slices.Contains(list, f.Scale) {
			list = append(list, f.Scale)
		}
	}
	return list
}

func (b *board) confidenceParts() []part {
	const kind = "confidence"
	var parts []part
	for _, f := range b.reports[kind].shown.Figures {
		if f.Measure != MeasureConfidence || f.Role == program.Comparison && b.Role == "" || f.Segment != nil {
			continue
		}
		p := b.part(kind, f, f.ScaleTitle, b.role(f.Role))
		b.more(&p, kind, MeasureReliablyUp, f.Scale, f.Role, b.title(kind, MeasureReliablyUp))
		b.more(&p, kind, MeasureDifference, f.Scale, f.Role, b.title(kind, MeasureDifference))
		parts = append(parts, p)
	}
	return parts
}

func (b *board) retentionParts() []part {
	const kind = "retention"
	figures := b.reports[kind].shown.Figures
	var parts []part
	if f, ok := pick(figures, MeasureStay, "", b.Role); ok {
		p := b.part(kind, f, b.title(kind, MeasureStay), b.stayed(MeasureStay))
		if c := b.newSurvival(p.Title, curvesOf(b.reports[kind].shown, MeasureStay, b.Role)); c != nil && c.Notice == "" {
			p.Curve = c
		}
		b.more(&p, kind, MeasureEmployment, "", b.Role, b.t("page-organisation-"+cmp.Or(string(b.Role), "all")))
		if b.Role == "" {
			b.more(&p, kind, MeasureEmployment, "", program.Comparison, b.t("page-organisation-comparison"))
		}
		b.more(&p, kind, MeasureRelativeRisk, "", b.Role, b.title(kind, MeasureRelativeRisk))
		parts = append(parts, p)
	}
	return append(parts, b.intentParts()...)
}

func (b *board) intentParts() []part {
	const kind = "retention"
	var parts []part
	for _, f := range b.reports[kind].shown.Figures {
		if f.Measure != MeasureIntent || f.Role != b.Role || f.Segment != nil {
			continue
		}
		p := b.part(kind, f, b.title(kind, MeasureIntent), b.role(f.Role))
		b.beside(&p, kind, MeasureIntent, f.Scale)
		parts = append(parts, p)
	}
	return parts
}

// stayed says who is meant and after how long, for the end of a curve.
func (b *board) stayed(measure string) string {
	for _, c := range b.reports["retention"].shown.Curves {
		if c.Measure == measure && c.Role == b.Role && c.Segment == nil && c.Until != nil && c.Withheld == nil {
			return b.t("page-stayed", "who", b.role(c.Role), "weeks", b.decimal(*c.Until, 0)) + " · " + b.asOf()
		}
	}
	return b.role(b.Role)
}

// asOf says on which day it is counted who stayed.
func (b *board) asOf() string {
	return b.t("page-as-of", "day", b.date(b.reports["retention"].shown.AsOf))
}

func (b *board) goalParts() []part {
	const kind = "goals"
	var parts []part
	for _, f := range b.reports[kind].shown.Figures {
		if f.Measure != MeasureGoals || f.Segment != nil {
			continue
		}
		p := b.part(kind, f, b.title(kind, MeasureGoals), b.t("page-rated-"+string(f.Role)))
		b.more(&p, kind, MeasureGoalsChange, "", f.Role, b.title(kind, MeasureGoalsChange))
		b.more(&p, kind, MeasureExpected, "", f.Role, b.title(kind, MeasureExpected))
		parts = append(parts, p)
	}
	return parts
}
