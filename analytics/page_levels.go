package analytics

import (
	"fmt"
	"slices"

	"mentorpulse/internal/program"
)

// levels are the ratings of goals as bars that part at the expected level: below
// it to the left, at it and above to the right.
type levels struct {
	words
	ID, Title, Definition, Description string
	Names                              []levelName // of the levels, lowest first
	Bars                               []levelBar
}

// Say gives a text of the page.
func (l *levels) Say(id string) string { return l.t("page-" + id) }

type levelName struct{ Level, Name, Class string }

// levelBar is how one group rated.
type levelBar struct {
	Who, N   string
	Withheld string
	Zero     string // where the expected level begins, in percent
	Pieces   []levelPiece
	Rows     []figureView // by level, for the table
}

// levelPiece is one level's part of a bar, in percent of the drawing.
type levelPiece struct{ X, Width, Middle, Text, Class string }

// goalLevels are the levels of goal attainment scaling.
func goalLevels() []string { return []string{"-2", "-1", "0", "1", "2"} }

// expectedLevel is the place of the first that is not below what was expected.
const expectedLevel = 2

// newLevels draws the ratings of each role; nil without any.
func (b *board) newLevels(figures []Figure) *levels {
	b.drawings++
	l := &levels{words: b.words, ID: fmt.Sprintf("levels-%d", b.drawings), Title: b.title("goals", MeasureLevels), Definition: "def-" + MeasureLevels}
	for i, level := range goalLevels() {
		l.Names = append(l.Names, levelName{b.signed(float64(i-expectedLevel), 0), b.t("page-level-" + level), fmt.Sprint("level-", i)})
	}
	shares := map[program.Role][]float64{}
	left, right := 0.0, 0.0
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		bar, parts := b.levelBar(figures, role)
		if bar == nil {
			continue
		}
		below, above := 0.0, 0.0
		for i, share := range parts {
			if i < expectedLevel {
				below += share
			} else {
				above += share
			}
		}
		left, right = max(left, below), max(right, above)
		shares[role] = parts
		l.Bars = append(l.Bars, *bar)
	}
	if len(l.Bars) == 0 {
		return nil
	}
	b.used[MeasureLevels] = true
	at := 0
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		if parts, ok := shares[role]; ok {
			l.Bars[at].draw(b, l.Names, parts, left, left+right)
			at++
		}
	}
	l.Description = b.t("page-levels-description")
	return l
}

// levelBar is the bar of a role without its drawing, and the share of each
// level; nil when the report has none.
func (b *board) levelBar(figures []Figure, role program.Role) (*levelBar, []float64) {
	bar := &levelBar{Who: b.t("page-rated-" + string(role))}
	var parts []float64
	for _, level := range goalLevels() {
		i := slices.IndexFunc(figures, func(f Figure) bool {
			return f.Measure == MeasureLevels && f.Role == role && f.Level == level && f.Segment == nil
		})
		if i < 0 {
			return nil, nil
		}
		v := b.figure(figures[i], "")
		bar.Rows = append(bar.Rows, v)
		if v.Withheld != "" {
			bar.Withheld = v.Withheld
			continue
		}
		bar.N = v.N
		parts = append(parts, *figures[i].Value)
	}
	if bar.Withheld != "" {
		parts = nil
	}
	return bar, parts
}

// draw places the parts of a bar whose lower part ends at left of a drawing that
// spans width, all in shares of the ratings.
func (bar *levelBar) draw(b *board, names []levelName, parts []float64, left, width float64) {
	if len(parts) == 0 || width == 0 {
		return
	}
	at := left
	for _, share := range parts[:expectedLevel] {
		at -= share
	}
	percent := func(v float64) string { return fmt.Sprintf("%.2f%%", 100*v/width) }
	bar.Zero = percent(left)
	for i, share := range parts {
		if share == 0 {
			continue
		}
		p := levelPiece{X: percent(at), Width: percent(share), Middle: percent(at + share/2), Class: names[i].Class}
		switch { // as much as has room on a phone
		case share/width >= .22:
			p.Text = names[i].Level + ": " + b.value(share, UnitShare, 0)
		case share/width >= .05:
			p.Text = names[i].Level
		}
		bar.Pieces = append(bar.Pieces, p)
		at += share
	}
}
