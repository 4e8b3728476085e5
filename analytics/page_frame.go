package analytics

import (
	"cmp"
	"net/url"

	"mentorpulse/internal/web"
)

// sheet is what stands around every page of a programme, and in it the page's
// own content.
type sheet struct {
	web.Frame
	words
	Overview    bool
	Name        string // of the programme
	Heading     string
	About       string
	Pages       []link
	Filter      filter
	Content     any
	Workbook    string
	Reports     []link // the same figures as JSON
	Definitions []Definition
	query       Query
	more        []string
}

// link is an address with what it is called.
type link struct {
	Text, To string
	Here     bool // it is the page that is shown
}

// Say gives a text of the page.
func (s sheet) Say(id string) string { return s.t("page-" + id) }

// Switch is the address of this view in another language.
func (s sheet) Switch(lang string) string {
	q := s.query
	q.Lang = lang
	return "?" + parameters(q, s.more...)
}

// sheet puts the frame around what a page shows. It comes last, when it is known
// which measures are on the page.
func (b *board) sheet(content any) *sheet {
	name := cmp.Or(b.page.name, "overview")
	s := &sheet{Frame: web.Frame{Lang: b.Lang, Owner: b.t("page-owner")}, words: b.words, Overview: b.page.name == "",
		Name: b.program.Name, Heading: b.t("page-report-" + name), About: b.t("page-about-" + name),
		Filter: b.filter(), Content: content, query: b.Query}
	for name, value := range b.own {
		if name != "cursor" { // it counts in the language that it was given in
			s.more = append(s.more, name, value)
		}
	}
	s.Title = b.t("page-title", "page", s.Heading, "name", b.program.Name)
	for _, one := range pages() {
		s.Pages = append(s.Pages, link{b.t("page-report-" + cmp.Or(one.name, "overview")),
			one.address(b.program.ID) + "?" + parameters(one.takes(b.Query)), one.name == b.page.name})
	}
	for _, name := range neighbours() {
		s.Pages = append(s.Pages, link{b.t("page-report-" + name), "/programs/" + b.program.ID + "/" + name + "?" + parameters(Query{Lang: b.Lang}), false})
	}
	api := "/api/v1/programs/" + b.program.ID
	workbook := url.Values{"lang": {b.Lang}}
	for key, value := range map[string]string{"wave": b.Query.Wave, "by": b.By} {
		if value != "" {
			workbook.Set(key, value)
		}
	}
	s.Workbook = api + "/report.xlsx?" + workbook.Encode()
	for _, one := range pages() {
		if _, read := b.reports[one.name]; read || b.json && one.name == b.page.name {
			s.Reports = append(s.Reports, link{b.t("page-report-" + one.name), api + "/analytics/" + one.name + "?" + parameters(b.Query, s.more...), false})
		}
	}
	if b.plain != "" {
		s.Reports = append(s.Reports, link{s.Heading, api + b.plain + "?" + parameters(Query{Lang: b.Lang}), false})
	}
	for _, d := range b.service.Definitions(b.Lang) {
		if b.used[d.ID] {
			s.Definitions = append(s.Definitions, d)
		}
	}
	return s
}

// neighbours are the programme's pages that are not about answers, and are made
// elsewhere; they come last in the navigation.
func neighbours() []string { return []string{"deliveries", "poster"} }

// takes is what of a query another page can be narrowed by, so that filters stay
// from page to page.
func (p page) takes(q Query) Query {
	kept := Query{Lang: q.Lang}
	for _, name := range p.filters {
		switch name {
		case "wave":
			kept.Wave = q.Wave
		case "by":
			kept.By = q.By
		case "compare":
			kept.Compare = q.Compare
		case "role":
			kept.Role = q.Role
		}
	}
	return kept
}

// kinds lists the reports of the overview in the order in which they are shown.
func kinds() []string {
	return []string{"participation", "engagement", "confidence", "retention", "goals"}
}
