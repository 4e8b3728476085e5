package exports

import (
	"strings"

	"mentorpulse/analytics"
)

// method writes the last sheet: how every number was computed, by what rules it
// is shown or withheld, when people were asked and with what.
func (e *Evaluation) method(b *book) {
	s := b.sheet(b.t("sheet.method"))
	s.widths(1, 30, 22, 62, 30, 52)
	s.text(1, 1, s.name, titleStyle)
	s.note(s.file.SetRowHeight(s.name, 1, 28))
	s.text(1, 2, e.Program.Name, faintStyle)
	row := e.definitions(s, 4)
	row = e.thresholds(s, row+2)
	row = e.waves(s, row+2)
	row = e.asked(s, row+2)
	e.making(s, row+2)
	s.freeze(1, 5)
	s.print("landscape", 0, e.Program.Name)
	s.repeat(4)
}

func (e *Evaluation) definitions(s *sheet, row int) int {
	s.header(1, row, strings.Split(s.t("method.header"), "|")...)
	s.height(row, 1)
	head := row
	for _, d := range e.used() {
		row++
		sheet := s.t("sheet." + d.Report)
		s.text(1, row, d.Title, bodyStyle.strong().wrapped())
		s.text(2, row, sheet, bodyStyle.wrapped())
		s.text(3, row, d.Formula, bodyStyle.wrapped())
		s.text(4, row, d.Source, bodyStyle.wrapped())
		s.text(5, row, d.Reading, bodyStyle.wrapped())
		s.height(row, max(lines(d.Title, 30), lines(d.Formula, 66), lines(d.Source, 32), lines(d.Reading, 56)))
	}
	s.table("definitions", 1, head, 5, row)
	return row
}

// used lists the definitions of every measure that stands in the workbook, in
// the order of the definitions; what they miss, in that of the reports.
func (e *Evaluation) used() []analytics.Definition {
	var list []analytics.Definition
	listed := map[string]bool{}
	for _, d := range e.Definitions {
		for _, r := range e.reports() {
			if _, ok := r.Definitions[d.ID]; ok && !listed[d.ID] {
				listed[d.ID] = true
				list = append(list, d)
			}
		}
	}
	return list
}

// line writes a name and what it is, over the wide column.
func (s *sheet) line(row int, name, text string) {
	s.text(1, row, name, bodyStyle.strong().wrapped())
	s.note(s.file.MergeCell(s.name, at(2, row), at(5, row)))
	s.text(2, row, text, bodyStyle.wrapped())
	s.height(row, max(lines(name, 30), lines(text, 170)))
}

func (e *Evaluation) thresholds(s *sheet, row int) int {
	s.text(1, row, s.t("method.thresholds"), sectionStyle)
	r := e.Engagement
	for _, rule := range [][2]string{
		{s.t("rule.policy"), s.t("policy." + string(r.Policy))},
		{s.t("rule.k"), s.t("rule.k-text", "count", r.K)},
		{s.t("rule.complement"), s.t("rule.complement-text")},
		{s.t("rule.interval"), s.t("rule.interval-text")},
		{s.t("rule.change"), s.t("rule.change-text")},
		{s.t("rule.several"), s.t("rule.several-text")},
	} {
		row++
		s.line(row, rule[0], rule[1])
	}
	return row
}

func (e *Evaluation) waves(s *sheet, row int) int {
	s.text(1, row, s.t("method.waves", "zone", e.Program.TimeZone), sectionStyle)
	for _, w := range e.Engagement.Waves {
		row++
		text := s.instant(w.Opens) + " – " + s.instant(w.Closes)
		if w.Open {
			text += " · " + s.t("wave.open")
		}
		s.line(row, s.wave(analytics.Wave{Number: w.Number, Label: w.Label}), text)
	}
	return row
}

func (e *Evaluation) asked(s *sheet, row int) int {
	s.text(1, row, s.t("method.questionnaires"), sectionStyle)
	for _, q := range e.Questionnaires {
		row++
		s.line(row, q.Title, s.t("method.questionnaire", "version", q.Version, "from", s.date(q.From)))
	}
	return row
}

func (e *Evaluation) making(s *sheet, row int) {
	s.text(1, row, s.t("method.making"), sectionStyle)
	s.line(row+1, s.t("fact.made"), e.madeLine(s.words))
	s.line(row+2, s.t("method.programme"), e.Program.ID)
}
