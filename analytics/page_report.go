package analytics

import (
	"context"
)

// reportPage is a page about one report: sections, each of which answers one
// question.
type reportPage struct {
	Notice   string // why there is nothing to show
	Sections []section
}

// section is a part of a page under one heading.
type section struct {
	ID, Title, About string
	Participation    *participationView
	Parts            []part
	Curves           []*survival
	Levels           *levels
	Dots             []*dots
	Cohorts          *triangle
	Shares           []*shares
	Tests            []testView
	Matrix           *matrix
	Figures          []figureRow
}

// figureRow is a figure among several of different measures.
type figureRow struct {
	Who string
	figureView
}

// empty reports whether there is nothing in the section.
func (s section) empty() bool {
	return s.Participation == nil && s.Levels == nil && s.Cohorts == nil && s.Matrix == nil &&
		len(s.Parts)+len(s.Curves)+len(s.Dots)+len(s.Tests)+len(s.Figures)+len(s.Shares) == 0
}

// reportPage reads a report and makes its page of what sections returns.
func (b *board) reportPage(ctx context.Context, kind string, sections func() []section) (any, error) {
	if err := b.read(ctx, kind); err != nil {
		return nil, err
	}
	return b.sections(kind, sections), nil
}

// onePage makes the page of a report that is not cut or set into the series of
// all waves besides.
func (b *board) onePage(kind string, report *Report, sections func() []section) (any, error) {
	b.reports[kind] = evidence{all: report, shown: report, cut: report}
	return b.sections(kind, sections), nil
}

// sections are those of a page in which there is something.
func (b *board) sections(kind string, sections func() []section) *reportPage {
	v := &reportPage{}
	if notice := b.reports[kind].shown.Notice; notice != nil {
		v.Notice = notice.Reason
		return v
	}
	for _, s := range sections() {
		s.Dots = drawn(s.Dots)
		s.Curves = drawn(s.Curves)
		if !s.empty() {
			v.Sections = append(v.Sections, s)
		}
	}
	return v
}

// drawn leaves out the drawings for which there is nothing.
func drawn[T any](list []*T) []*T {
	var some []*T
	for _, one := range list {
		if one != nil {
			some = append(some, one)
		}
	}
	return some
}

// section starts the section of a page.
func (b *board) section(id string) section {
	return section{ID: id, Title: b.t("page-section-" + id)}
}

// ofWave says which wave the figures of a report are about.
func (b *board) ofWave(report *Report) string {
	if report == nil || report.Wave == nil {
		return ""
	}
	return b.wave(*report.Wave)
}

// segments is the section of the groups that the attributes asked for make.
func (b *board) segments(kind string, list ...*dots) section {
	s := b.section("groups")
	s.Title = b.t("page-cut-by", "attribute", b.attributes())
	s.About = b.ofWave(b.reports[kind].cut)
	s.Dots = drawn(list)
	return s
}

// rows are the figures of a measure about the participants and each role.
func (b *board) rows(kind, measure, scale, title string) []figureRow {
	var list []figureRow
	for _, role := range b.roles() {
		if f, ok := pick(b.reports[kind].shown.Figures, measure, scale, role); ok {
			list = append(list, figureRow{b.role(role), b.figure(f, title)})
		}
	}
	return list
}
