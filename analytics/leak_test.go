package analytics

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// rat is a row of fractions.
type rat []*big.Rat

// TestNoSequenceOfQueriesRevealsFewPeople draws rosters and asks for everything
// that can be asked about a wave, each role and attribute by itself as the
// endpoints allow, and then tries to solve for the score of every set of fewer
// than k people from all that was shown.
func TestNoSequenceOfQueriesRevealsFewPeople(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, 5).Draw(t, "k")
		people := rapid.IntRange(1, 24).Draw(t, "people")
		p := program.Program{ID: "p", K: k, Attributes: []string{"department", "location"}}
		var tallies []*tally
		for range people {
			role := rapid.SampledFrom(program.Roles()).Draw(t, "role")
			department := rapid.SampledFrom([]string{"IT", "HR", "Sales", ""}).Draw(t, "department")
			location := rapid.SampledFrom([]string{"Kyiv", "Lviv"}).Draw(t, "location")
			scored := rapid.SampledFrom([]int{0, 1, 1, 1}).Draw(t, "scored")
			tallies = append(tallies, &tally{group: group{role, []string{department, location}}, submitted: 1, scored: scored, sum: 50, squares: 2500})
		}
		var shown []rat
		for _, by := range [][]int{nil, {0}, {1}, {0, 1}} {
			for _, role := range append([]program.Role{""}, program.Roles()...) {
				r := &request{Service: service, program: p, by: by, chosen: -1, Query: Query{Role: role, Lang: "en"}}
				visible := tallies
				if len(by) == 0 { // such a scan does not tell attributes apart
					visible = nil
					for _, one := range tallies {
						blind := *one
						blind.values = nil
						visible = append(visible, &blind)
					}
				}
				v := r.view(survey.Wave{}, scale{items: make([]survey.Item, 1)}, visible, nil)
				figures := slices.Concat(r.engagementFigures(v, everybody(), false), r.levels(v, scaleMeasures{index: MeasureBenefit}, program.Roles()))
				r.contrast(figures, v)
				for _, f := range figures {
					if f.Unit != UnitIndex || f.Withheld != nil {
						continue
					}
					row, n := behind(tallies, r.cellOf(f))
					if *f.N != n || n < k {
						t.Fatalf("%+v shows n %d, has %d", r.cellOf(f), *f.N, n)
					}
					shown = append(shown, row)
					if f.Change != nil && f.Change.Withheld == nil { // which tells the whole too
						row, _ := behind(tallies, suppression.Whole(string(f.Role)))
						shown = append(shown, row)
					}
				}
			}
		}
		solve(t, shown, tallies, k)
	})
}

// behind is the row of the people with a score who are in a cell, and their number.
func behind(tallies []*tally, c suppression.Cell) (row rat, n int) {
	row = make(rat, len(tallies))
	for i, one := range tallies {
		row[i] = new(big.Rat)
		if one.scored == 1 && one.in(c) {
			row[i].SetInt64(1)
			n++
		}
	}
	return row, n
}

// solve fails when the sum of a set of fewer than k people who scored lies in
// the span of the rows shown.
func solve(t *rapid.T, shown []rat, tallies []*tally, k int) {
	var scored []int
	for i, one := range tallies {
		if one.scored == 1 {
			scored = append(scored, i)
		}
	}
	echelon(shown, len(tallies))
	eachSet(scored, k-1, func(set []int) {
		if inSpan(shown, set, len(tallies)) {
			t.Fatalf("k %d: %s can be solved for", k, describe(tallies, set))
		}
	})
}

func describe(tallies []*tally, set []int) string {
	s := ""
	for _, i := range set {
		s += fmt.Sprint(tallies[i].group, " ")
	}
	return s
}

// echelon brings rows into row echelon form in place.
func echelon(rows []rat, width int) {
	rank := 0
	for col := 0; col < width; col++ {
		at := -1
		for r := rank; r < len(rows) && at < 0; r++ {
			if rows[r][col].Sign() != 0 {
				at = r
			}
		}
		if at < 0 {
			continue
		}
		rows[rank], rows[at] = rows[at], rows[rank]
		for r := rank + 1; r < len(rows); r++ {
			subtract(rows[r], rows[rank], col)
		}
		rank++
	}
}

// subtract clears row at col by a multiple of pivot.
func subtract(row, pivot rat, col int) {
	if row[col].Sign() == 0 {
		return
	}
	f := new(big.Rat).Quo(row[col], pivot[col])
	for j := range row {
		if pivot[j].Sign() != 0 {
			row[j] = new(big.Rat).Sub(row[j], new(big.Rat).Mul(f, pivot[j]))
		}
	}
}

func inSpan(rows []rat, set []int, width int) bool {
	target := make(rat, width)
	for i := range target {
		target[i] = new(big.Rat)
	}
	for _, i := range set {
		target[i].SetInt64(1)
	}
	for _, row := range rows {
		for col := range row {
			if row[col].Sign() != 0 {
				subtract(target, row, col)
				break
			}
		}
	}
	for _, x := range target {
		if x.Sign() != 0 {
			return false
		}
	}
	return true
}

// TestChangeIsHiddenWhenFewPeopleCameOrWent: with the two levels and the paired
// difference the answers of who is in one wave only could be worked out.
func TestChangeIsHiddenWhenFewPeopleCameOrWent(t *testing.T) {
	answers := map[uint16]float32{1: 4, 2: 2, 3: 3}
	for name, test := range map[string]struct {
		mentorsGone, menteesGone int
		whole, mentors, mentees  string // the reason, or else the method
	}{
		"nobody":                         {0, 0, "paired", "paired", "paired"},
		"one":                            {1, 0, CodeMembership, CodeMembership, "paired"},
		"enough":                         {5, 0, "paired", "paired", "paired"},
		"enough together, one of a role": {5, 1, "paired", "welch", CodeMembership}, // else the one by subtraction
		"enough of each":                 {5, 6, "paired", "paired", "paired"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 2)
			for i := range 40 {
				role, gone := program.Mentor, i < test.mentorsGone
				if i >= 20 {
					role, gone = program.Mentee, i-20 < test.menteesGone
				}
				f.respond(0, fmt.Sprint(i), role, "IT", "Kyiv", map[uint16]float32{1: float32(1 + i%5), 2: 3, 3: 3})
				if !gone {
					f.respond(1, fmt.Sprint(i), role, "IT", "Kyiv", answers)
				}
			}
			f.store()
			report := f.report(f.service.Engagement, Query{Wave: "2"})
			for role, want := range map[program.Role]string{"": test.whole, program.Mentor: test.mentors, program.Mentee: test.mentees} {
				change := find(t, report.Figures, MeasureEngagement, "", role, "").Change
				got := change.Method
				if change.Withheld != nil {
					got = change.Withheld.Code
				}
				if got != want || (change.Withheld != nil) != (change.Value == nil) || (change.Withheld != nil) != (change.N == nil) {
					t.Errorf("role %q: %q, want %q", role, got, want)
				}
			}
		})
	}
}
