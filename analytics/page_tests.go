package analytics

import (
	"cmp"
	"strings"
)

// testView is a test of whether groups differ, in words.
type testView struct {
	Title, Definition string
	Result            string
	Numbers           string // statistic, degrees of freedom and p
	Groups            string
}

// discernible is the p below which groups are said to differ.
const discernible = 0.05

// tests puts the tests of a measure into words.
func (b *board) tests(kind string, report *Report, measure string) []testView {
	var list []testView
	if report == nil {
		return nil
	}
	for _, t := range report.Tests {
		if t.Measure != measure {
			continue
		}
		b.used[measure] = true
		v := testView{Title: b.title(kind, measure), Definition: "def-" + measure, Groups: b.groups(t)}
		switch {
		case t.Withheld != nil:
			v.Result = t.Withheld.Reason
		case t.P == nil || t.ChiSquared == nil || t.DF == nil:
			v.Result = b.t(CodeUndefined)
		default:
			v.Result = b.t("page-test-alike-" + measure)
			if *t.P < discernible {
				v.Result = b.t("page-test-differ-" + measure)
			}
			v.Numbers = b.t("page-test-numbers", "chi", b.decimal(*t.ChiSquared, 2), "df", *t.DF, "p", b.probability(*t.P))
		}
		list = append(list, v)
	}
	return list
}

// groups names what a test compares; of whom they are groups is said once.
func (b *board) groups(t Test) string {
	var names []string
	for _, name := range t.Groups {
		names = append(names, strings.TrimPrefix(name, b.t("role-"+cmp.Or(string(b.Role), "all"))+" · "))
	}
	return strings.Join(names, ", ")
}

// probability writes a p to three digits; a smaller one is said to be so.
func (b *board) probability(p float64) string {
	if p < .001 {
		return "<" + noBreak + b.decimal(.001, 3)
	}
	return "=" + noBreak + b.decimal(p, 3)
}
