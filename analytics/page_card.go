package analytics

import (
	"cmp"
	"slices"

	"mentorpulse/internal/program"
)

// card is one of the four measures.
type card struct {
	ID, Title, Wave string
	Notice          string // why there is nothing to show
	Parts           []part
}

// part is a headline figure with its trend and what belongs to it.
type part struct {
	Title, Who string
	Main       figureView
	Trend      *trend
	More       []figureView
}

func (b *board) cards() []card {
	return []card{
		b.card("engagement", b.engagementParts()),
		b.card("confidence", b.confidenceParts()),
		b.card("retention", b.retentionParts()),
		b.card("goals", b.goalParts()),
	}
}

func (b *board) card(kind string, parts []part) card {
	report := b.shown[kind]
	c := card{ID: kind, Title: b.t("page-report-" + kind), Parts: parts}
	if report.Wave != nil {
		c.Wave = b.wave(*report.Wave)
	}
	if len(parts) == 0 {
		c.Notice = b.t(CodeNoAnswers)
		if report.Notice != nil {
			c.Notice = report.Notice.Reason
		}
	}
	return c
}

// title is that of a measure's definition.
func (b *board) title(kind, measure string) string {
	if d, ok := b.shown[kind].Definitions[measure]; ok {
		return d.Title
	}
	return b.all[kind].Definitions[measure].Title
}

// part makes a part from its headline figure.
func (b *board) part(kind string, f Figure, title, who string) part {
	p := part{Title: title, Who: who, Main: b.figure(f, title)}
	if p.Main.Reading == "" { // how it is read at all
		p.Main.Reading = b.shown[kind].Definitions[f.Measure].Reading
	}
	// What stands side by side, such as the ratings of mentors and of mentees, has
	// one axis.
	var series, beside []Figure
	for _, s := range b.all[kind].Series {
		if s.Measure != f.Measure || s.Segment != nil || s.Level != "" {
			continue
		}
		if s.Scale == f.Scale && s.Role == f.Role {
			series = append(series, s)
		}
		if s.Role != program.Comparison && (s.Role == "") == (f.Role == "") {
			beside = append(beside, s)
		}
	}
	p.Trend = b.newTrend(title, f.Wave, series, b.all[kind].Waves, axisOf(beside))
	return p
}

// more adds figures beside the headline, those that the report has.
func (b *board) more(p *part, kind, measure, scale string, role program.Role, title string) {
	report := b.shown[kind]
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

func (b *board) engagementParts() []part {
	const kind = "engagement"
	var parts []part
	for _, f := range b.shown[kind].Figures {
		if f.Role != "" || f.Segment != nil || f.Measure != MeasureEngagement && f.Measure != MeasureENPS {
			continue
		}
		title := b.title(kind, f.Measure)
		if f.Measure == MeasureEngagement && f.ScaleTitle != "" && len(scalesOf(b.shown[kind].Figures, MeasureEngagement)) > 1 {
			title = f.ScaleTitle
		}
		p := b.part(kind, f, title, b.role(""))
		if f.Measure == MeasureEngagement {
			b.more(&p, kind, MeasureFavourability, f.Scale, "", b.title(kind, MeasureFavourability))
		}
		b.more(&p, kind, f.Measure, f.Scale, program.Comparison, b.role(program.Comparison))
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
	for _, f := range b.shown[kind].Figures {
		if f.Measure != MeasureConfidence || f.Role == program.Comparison || f.Segment != nil {
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
	report := b.shown[kind]
	var parts []part
	if f, ok := pick(report.Figures, MeasureStay, "", ""); ok {
		p := b.part(kind, f, b.title(kind, MeasureStay), b.stayed(MeasureStay))
		for _, role := range []program.Role{"", program.Comparison} {
			b.more(&p, kind, MeasureEmployment, "", role, b.t("page-organisation-"+cmp.Or(string(role), "all")))
		}
		b.more(&p, kind, MeasureRelativeRisk, "", "", b.title(kind, MeasureRelativeRisk))
		parts = append(parts, p)
	}
	for _, f := range report.Figures {
		if f.Measure != MeasureIntent || f.Role != "" || f.Segment != nil {
			continue
		}
		p := b.part(kind, f, b.title(kind, MeasureIntent), b.role(""))
		b.more(&p, kind, MeasureIntent, f.Scale, program.Comparison, b.role(program.Comparison))
		parts = append(parts, p)
	}
	return parts
}

// stayed says who is meant and after how long, for the end of a curve.
func (b *board) stayed(measure string) string {
	for _, c := range b.shown["retention"].Curves {
		if c.Measure == measure && c.Role == "" && c.Segment == nil && c.Until != nil && c.Withheld == nil {
			return b.t("page-stayed", "who", b.role(""), "weeks", b.decimal(*c.Until, 0))
		}
	}
	return b.role("")
}

func (b *board) goalParts() []part {
	const kind = "goals"
	var parts []part
	for _, f := range b.shown[kind].Figures {
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
