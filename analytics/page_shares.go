package analytics

import (
	"fmt"
)

// shares are parts of one whole as a bar, such as the people whose confidence
// rose, stayed and fell.
type shares struct {
	words
	ID, Title, Who string
	Withheld       string
	Pieces         []levelPiece
	Rows           []shareRow
}

// Say gives a text of the page.
func (s *shares) Say(id string) string { return s.t("page-" + id) }

type shareRow struct {
	Class string
	figureView
}

// newShares draws figures that add up to one, from the left, in these classes.
func (b *board) newShares(kind, title, who string, figures []Figure, classes []string) *shares {
	b.drawings++
	s := &shares{words: b.words, ID: fmt.Sprintf("shares-%d", b.drawings), Title: title, Who: who}
	at := 0.0
	for i, f := range figures {
		v := b.figure(f, b.title(kind, f.Measure))
		s.Rows = append(s.Rows, shareRow{classes[i], v})
		if v.Withheld != "" {
			s.Withheld = v.Withheld
			continue
		}
		share := *f.Value
		if share == 0 {
			continue
		}
		p := levelPiece{X: fmt.Sprintf("%.2f%%", 100*at), Width: fmt.Sprintf("%.2f%%", 100*share), Middle: fmt.Sprintf("%.2f%%", 100*(at+share/2)), Class: classes[i]}
		if share >= .09 {
			p.Text = b.value(share, UnitShare, 0)
		}
		s.Pieces = append(s.Pieces, p)
		at += share
	}
	if s.Withheld != "" {
		s.Pieces = nil
	}
	return s
}
