package analytics

import (
	"context"
	"slices"
	"strconv"

	"mentorpulse/internal/program"
)

// participationPage shows who takes part: how far people came, the response rate
// over the waves, and whether those who did not answer differ.
func (b *board) participationPage(ctx context.Context) (any, error) {
	const kind = "participation"
	return b.reportPage(ctx, kind, func() []section {
		e := b.reports[kind]
		now, trend, roles := b.section("participation"), b.section("rate"), b.section("representation")
		if now.Participation = b.participation(); now.Participation != nil {
			now.Title, now.About = now.Participation.Title, now.Participation.Until
		}
		trend.About, roles.About = b.ofWave(e.shown), b.ofWave(e.shown)
		for _, role := range b.roles() {
			if f, ok := pick(e.shown.Figures, MeasureResponseRate, "", role); ok {
				p := b.part(kind, f, b.title(kind, MeasureResponseRate), b.role(role))
				if len(trend.Parts) > 0 && f.Change == nil { // how it is read is said once
					p.Main.Reading = ""
				}
				trend.Parts = append(trend.Parts, p)
			}
		}
		roles.Figures = b.rows(kind, MeasureRepresentation, "", b.title(kind, MeasureRepresentation))
		roles.Tests = b.tests(kind, e.shown, MeasureNonResponse)
		segments := b.segments(kind, b.bySegment(kind, MeasureResponseRate, "", b.title(kind, MeasureResponseRate), b.Role),
			b.bySegment(kind, MeasureRepresentation, "", b.title(kind, MeasureRepresentation), b.Role))
		if b.By != "" {
			segments.Tests = b.tests(kind, e.cut, MeasureNonResponse)
		}
		return []section{now, trend, segments, roles}
	})
}

// roles are the groups of people that stand side by side: the participants and
// each role, or the one that the page is narrowed to.
func (b *board) roles() []program.Role {
	if b.Role != "" {
		return []program.Role{b.Role}
	}
	return append([]program.Role{""}, program.Roles()...)
}

// participationView is how far people came in one wave.
type participationView struct {
	words
	Title, Until string
	Columns      []participationColumn
	Rows         []participationRow
}

type participationColumn struct {
	Title, Definition string
	Rate              bool // the wide one, with the bar
}

// Say gives a text of the page.
func (v participationView) Say(id string) string { return v.t("page-" + id) }

type participationRow struct {
	Who                                string
	Invited, Opened, Submitted, Median figureView
	Rate                               figureView
	// The bar of the rate and its interval, in percent; empty when withheld.
	Bar, BarLow, BarWidth string
}

// participation is that of the wave asked for, else of the newest open one, else
// of the newest.
func (b *board) participation() *participationView {
	report := b.reports["participation"].shown
	if report.Wave == nil {
		return nil
	}
	wave, figures := *report.Wave, report.Figures
	for _, w := range slices.Backward(b.asked.asked()) {
		if w.Open(b.asked.now) {
			wave = b.asked.wave(w)
			break
		}
	}
	if wave.Label != report.Wave.Label {
		figures = slices.DeleteFunc(slices.Clone(report.Series), func(f Figure) bool { return f.Wave != wave.Label })
	}
	v := &participationView{words: b.words, Title: b.t("page-participation", "number", wave.Number, "date", b.date(wave.Label))}
	id := "page-closed"
	if wave.Open {
		id = "page-closes"
	}
	v.Until = b.t(id, "when", b.instant(wave.Closes))
	for _, column := range [][2]string{{"rate", MeasureResponseRate}, {"invited", MeasureInvited}, {"opened", MeasureOpened},
		{"submitted", MeasureSubmitted}, {"median", MeasureMedianTime}} {
		v.Columns = append(v.Columns, participationColumn{b.t("page-" + column[0]), "def-" + column[1], column[1] == MeasureResponseRate})
	}
	for _, role := range b.roles() {
		rate, ok := pick(figures, MeasureResponseRate, "", role)
		if !ok {
			continue
		}
		of := func(measure string) figureView {
			f, _ := pick(figures, measure, "", role)
			return b.figure(f, "")
		}
		row := participationRow{Who: b.role(role), Invited: of(MeasureInvited), Opened: of(MeasureOpened), Submitted: of(MeasureSubmitted),
			Median: of(MeasureMedianTime), Rate: b.figure(rate, "")}
		if row.Rate.Value != "" {
			row.Bar = strconv.FormatFloat(100**rate.Value, 'f', 2, 64)
			if rate.Low != nil && rate.High != nil {
				row.BarLow = strconv.FormatFloat(100**rate.Low, 'f', 2, 64)
				row.BarWidth = strconv.FormatFloat(100*(*rate.High-*rate.Low), 'f', 2, 64)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
