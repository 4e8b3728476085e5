package analytics

import (
	"cmp"
	"fmt"
	"slices"
)

// gapView is which of the two in a pair is higher, over all pairs, as a bar.
type gapView struct {
	words
	ID, Title, Who, Definition string
	Withheld                   string // when no class is shown
	Pieces                     []levelPiece
	Rows                       []shareRow
	Figures                    []figureRow
}

// Say gives a text of the page.
func (g *gapView) Say(id string) string { return g.t("page-" + id) }

// gapViews are the gaps of a report, one for each scale and one for the goals.
func (b *board) gapViews(report *PairsReport) []*gapView {
	var list []*gapView
	classes := len(GapClasses())
	for left := report.Gaps; len(left) > 0; {
		first := left[0]
		if first.Level == "" { // beside the gap before
			title := report.Definitions[first.Measure].Title
			last := list[len(list)-1]
			last.Figures = append(last.Figures, figureRow{b.t("page-pairs-gaps-agreement"), b.figure(first, title)})
			left = left[1:]
			continue
		}
		title := cmp.Or(first.ScaleTitle, b.t("page-pairs-gaps-goals"))
		list = append(list, b.gapView(title, b.t("page-of-wave", "date", b.date(first.Wave)), left[:classes]))
		left = left[classes:]
	}
	return list
}

// gapView draws the shown classes. What is left of the whole is one piece: that
// of the classes that are hidden together.
func (b *board) gapView(title, who string, figures []Figure) *gapView {
	b.drawings++
	g := &gapView{words: b.words, ID: fmt.Sprintf("gap-%d", b.drawings), Title: title, Who: who, Definition: "def-" + figures[0].Measure}
	at, rest := 0.0, 1.0
	piece := func(share float64, class string) {
		if share <= 0 {
			return
		}
		p := levelPiece{X: fmt.Sprintf("%.2f%%", 100*at), Width: fmt.Sprintf("%.2f%%", 100*share), Middle: fmt.Sprintf("%.2f%%", 100*(at+share/2)), Class: class}
		if share >= .09 {
			p.Text = b.value(share, UnitShare, 0)
		}
		g.Pieces = append(g.Pieces, p)
		at += share
	}
	for _, f := range figures {
		v := b.figure(f, b.t("page-gap-"+f.Level))
		class := f.Level
		if f.Value != nil {
			piece(*f.Value, class)
			rest -= *f.Value
		} else {
			class = "hidden"
		}
		g.Rows = append(g.Rows, shareRow{class, v})
	}
	if len(g.Pieces) == 0 {
		g.Withheld = g.Rows[0].figureView.Withheld
		return g
	}
	if slices.ContainsFunc(figures, func(f Figure) bool { return f.Value == nil }) {
		piece(rest, "hidden")
	}
	return g
}
