package analytics

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// Fields of the form that are part of a parameter: the ends of a range of waves,
// and the second attribute.
const (
	fieldFrom = "from"
	fieldTo   = "to"
	fieldAnd  = "and"
)

// filters decodes what a page is narrowed by, which lives in the address. It
// reports whether the fields of the form were given, which have an address of
// their own.
func (s *Service) filters(c *gin.Context, one page) (q Query, more map[string]string, form bool, err error) {
	q.Lang = web.Language(c)
	given, err := readParameters(c, one.parameters(), "role") // refused below
	if err != nil {
		return q, nil, false, err
	}
	more = map[string]string{}
	for _, name := range one.more {
		more[name] = given[name]
	}
	q.Wave, q.By, q.Role, q.Compare = given["wave"], given["by"], program.Role(given["role"]), Comparison(given["compare"])
	if q.Role != "" && !slices.Contains(one.filters, "role") {
		return q, nil, false, web.NewProblem(http.StatusBadRequest, "no-role-filter", texts().T(q.Lang, "page-no-role-filter"),
			texts().T(q.Lang, "page-no-role-filter-detail", "value", echo(string(q.Role))))
	}
	for _, field := range []string{fieldFrom, fieldTo, fieldAnd} {
		_, there := given[field]
		form = form || there
	}
	from, to := given[fieldFrom], given[fieldTo]
	switch {
	case from == to && from != "":
		q.Wave = from
	case from != "" || to != "":
		q.Wave = from + rangeMark + to
	}
	q.By = cmp.Or(given["by"], given[fieldAnd])
	if and := given[fieldAnd]; and != "" && given["by"] != "" && and != given["by"] {
		q.By = given["by"] + "," + and
	}
	return q, more, form, nil
}

// parameters are those that a page takes.
func (p page) parameters() []string {
	known := append([]string{"lang"}, p.more...)
	for _, filter := range p.filters {
		switch filter {
		case "wave":
			known = append(known, "wave", fieldFrom, fieldTo)
		case "by":
			known = append(known, "by", fieldAnd)
		default:
			known = append(known, filter)
		}
	}
	return known
}

// parameters writes a query, and pairs of names and values besides, as part of an
// address.
func parameters(q Query, more ...string) string {
	values := url.Values{"lang": {q.Lang}}
	more = append(more, "wave", q.Wave, "by", q.By, "compare", string(q.Compare), "role", string(q.Role))
	for i := 0; i < len(more); i += 2 {
		if more[i+1] != "" {
			values.Set(more[i], more[i+1])
		}
	}
	return values.Encode()
}

// filter is the form that writes the address.
type filter struct {
	Fields []field
	Said   string // what is shown now, in words
	Reset  string // the address without filters; empty when none is set
}

// field is a choice in the form.
type field struct {
	Name, Label string
	Choices     []choice
}

type choice struct {
	Value, Text string
	Chosen      bool
}

func (b *board) filter() filter {
	f := filter{Said: b.said()}
	if b.Query.Wave != "" || b.By != "" || b.Compare != "" || b.Role != "" {
		f.Reset = "?" + parameters(Query{Lang: b.Lang})
	}
	for _, name := range b.page.filters {
		switch name {
		case "wave":
			f.Fields = append(f.Fields, b.waveFields()...)
		case "by":
			f.Fields = append(f.Fields, b.attributeFields()...)
		case "compare":
			one := field{Name: "compare", Label: b.t("page-filter-compare"), Choices: []choice{{"", b.t("page-filter-compare-usual"), b.Compare == ""}}}
			for _, against := range Comparisons() {
				one.Choices = append(one.Choices, choice{string(against), b.t("page-compare-" + string(against)), b.Compare == against})
			}
			f.Fields = append(f.Fields, one)
		case "role":
			one := field{Name: "role", Label: b.t("page-filter-role"), Choices: []choice{{"", b.t("page-filter-role-any"), b.Role == ""}}}
			for _, role := range program.Roles() {
				one.Choices = append(one.Choices, choice{string(role), b.role(role), b.Role == role})
			}
			f.Fields = append(f.Fields, one)
		}
	}
	return f
}

// waveFields are the ends of the range; one wave is a range from it to itself.
func (b *board) waveFields() []field {
	r := b.asked
	from := field{Name: fieldFrom, Label: b.t("page-filter-from"), Choices: []choice{{"", b.t("page-filter-first"), true}}}
	to := field{Name: fieldTo, Label: b.t("page-filter-to"), Choices: []choice{{"", b.t("page-filter-newest"), true}}}
	first, last, isRange := strings.Cut(b.Query.Wave, rangeMark)
	for i, w := range slices.Backward(r.waves) {
		name := b.wave(r.wave(w))
		from.add(choice{w.Occurrence, name, first != "" && i == r.first})
		to.add(choice{w.Occurrence, name, (last != "" || !isRange && first != "") && i == r.end-1})
	}
	return []field{from, to}
}

// attributeFields are two where there is a second attribute to combine with.
func (b *board) attributeFields() []field {
	if len(b.program.Attributes) == 0 {
		return nil
	}
	by := field{Name: "by", Label: b.t("page-filter-by"), Choices: []choice{{"", b.t("page-filter-none"), true}}}
	and := field{Name: fieldAnd, Label: b.t("page-filter-and"), Choices: []choice{{"", b.t("page-filter-none-other"), true}}}
	for i, a := range b.program.Attributes {
		at := slices.Index(b.asked.by, i)
		by.add(choice{a, a, at == 0})
		and.add(choice{a, a, at == 1})
	}
	if len(b.program.Attributes) < maxBy {
		return []field{by}
	}
	return []field{by, and}
}

// add adds a choice; one that is chosen takes the place of the first, which is
// that of nothing chosen.
func (f *field) add(c choice) {
	if c.Chosen {
		f.Choices[0].Chosen = false
	}
	f.Choices = append(f.Choices, c)
}

// said is what the filters come to, in words.
func (b *board) said() string {
	r := b.asked
	waves := b.t("page-said-all-waves")
	if len(r.waves) > 0 && b.Query.Wave != "" {
		first, last := r.waves[r.first], r.waves[r.end-1]
		if b.single() {
			waves = b.wave(r.wave(last))
		} else {
			waves = b.t("page-said-waves", "from", b.date(first.Occurrence), "to", b.date(last.Occurrence))
		}
	}
	list := []string{waves}
	if b.Role != "" {
		list = append(list, b.role(b.Role))
	}
	if b.By != "" {
		list = append(list, b.t("page-said-by", "attributes", b.attributes()))
	}
	if b.Compare != "" {
		list = append(list, b.t("page-said-compare-"+string(b.Compare)))
	}
	return strings.Join(list, " · ")
}

// attributes names what the page is cut by.
func (b *board) attributes() string {
	var names []string
	for _, at := range b.asked.by {
		names = append(names, b.program.Attributes[at])
	}
	return strings.Join(names, " × ")
}
