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

// seen is a person with their role in each wave, "" where they did not answer.
type seen struct {
	roles      []program.Role
	department string
}

func (s seen) in(wave int, c suppression.Cell) bool {
	return s.roles[wave] != "" && (group{s.roles[wave], []string{s.department}}).in(c)
}

// passing draws people who come and go over several waves.
func passing(t *rapid.T, k, waves int) []seen {
	away := rapid.IntRange(2, 12).Draw(t, "away")
	people := make([]seen, rapid.IntRange(k, 14).Draw(t, "people"))
	for i := range people {
		role := rapid.SampledFrom([]program.Role{program.Mentor, program.Mentor, program.Mentee, program.Comparison}).Draw(t, "role")
		people[i].department = rapid.SampledFrom([]string{"IT", "HR"}).Draw(t, "department")
		for range waves {
			here := role
			if rapid.IntRange(0, away).Draw(t, "away") == 0 {
				here = ""
			}
			people[i].roles = append(people[i].roles, here)
		}
	}
	return people
}

// system is what was shown, as sums of unknowns; the same sum counts once.
type system struct {
	width int
	known map[string]bool
	rows  []rat
}

func (s *system) add(signs map[int]int64) {
	one := make(rat, s.width)
	for i := range one {
		one[i] = new(big.Rat).SetInt64(signs[i])
	}
	if key := fmt.Sprint(one); !s.known[key] {
		s.known[key] = true
		s.rows = append(s.rows, one)
	}
}

// reader sees figures of several waves. Their values are sums of scores, their
// intervals and effect sizes sums of squares and, of changes, of products of a
// person's two scores; how many changed reliably counts something of the two.
type reader struct {
	people                []seen
	waves                 int
	sums, squares, counts *system
}

func newReader(people []seen, waves int) *reader {
	of := func(width int) *system { return &system{width: len(people) * width, known: map[string]bool{}} }
	return &reader{people, waves, of(waves), of(waves + waves*waves), of(waves * waves)}
}

func (r *reader) score(person, wave int) int  { return person*r.waves + wave }
func (r *reader) square(person, wave int) int { return person*(r.waves+r.waves*r.waves) + wave }
func (r *reader) product(person, then, now int) int {
	return person*(r.waves+r.waves*r.waves) + r.waves + then*r.waves + now
}
func (r *reader) count(person, then, now int) int { return (person*r.waves+then)*r.waves + now }

// level reads a figure of one wave, or of those in it who were in another too.
func (r *reader) level(wave int, in func(seen) bool) {
	sums, squares := map[int]int64{}, map[int]int64{}
	for i, p := range r.people {
		if in(p) {
			sums[r.score(i, wave)], squares[r.square(i, wave)] = 1, 1
		}
	}
	r.sums.add(sums)
	r.squares.add(squares)
}

// change reads that of the same people, with the size of its effect or without.
func (r *reader) change(then, now int, c suppression.Cell, sized bool) {
	both := func(p seen) bool { return p.in(then, c) && p.in(now, c) }
	if sized {
		r.level(then, both)
		r.level(now, both)
	}
	sums, squares := map[int]int64{}, map[int]int64{}
	for i, p := range r.people {
		if both(p) {
			sums[r.score(i, now)], sums[r.score(i, then)] = 1, -1
			squares[r.square(i, now)], squares[r.square(i, then)], squares[r.product(i, then, now)] = 1, 1, -2
		}
	}
	r.sums.add(sums)
	r.squares.add(squares)
}

func (r *reader) moved(then, now int, c suppression.Cell) {
	signs := map[int]int64{}
	for i, p := range r.people {
		if p.in(then, c) && p.in(now, c) {
			signs[r.count(i, then, now)] = 1
		}
	}
	r.counts.add(signs)
}

// solve fails when something about fewer than k people follows.
func (r *reader) solve(t *rapid.T, k int) {
	for _, s := range []*system{r.sums, r.squares, r.counts} {
		echelon(s.rows, s.width)
	}
	for now := range r.waves {
		for then := range now + 1 {
			var here []int
			for i, p := range r.people {
				if p.roles[now] != "" && p.roles[then] != "" {
					here = append(here, i)
				}
			}
			places := func(set []int, at func(person int) int) (list []int) {
				for _, i := range set {
					list = append(list, at(i))
				}
				return list
			}
			eachSet(here, k-1, func(set []int) {
				found := ""
				switch {
				case then == now && inSpan(r.sums.rows, places(set, func(i int) int { return r.score(i, now) }), r.sums.width):
					found = "the scores"
				case then == now && inSpan(r.squares.rows, places(set, func(i int) int { return r.square(i, now) }), r.squares.width):
					found = "the squares"
				case then < now && inSpan(r.squares.rows, places(set, func(i int) int { return r.product(i, then, now) }), r.squares.width):
					found = "the products"
				case then < now && inSpan(r.counts.rows, places(set, func(i int) int { return r.count(i, then, now) }), r.counts.width):
					found = "who changed"
				}
				if found != "" {
					t.Fatalf("k %d: %s of %v from wave %d to %d can be solved for among %+v", k, found, set, then, now, r.people)
				}
			})
		}
	}
}

// TestNoSequenceOfQueriesOverWavesRevealsFewPeople draws people who come and go
// over several waves, asks for the figures of every wave, by role and by
// department, against the wave before, the first wave and the comparison group,
// and then tries to solve, from all that was shown, for the scores, and what is
// made of them, of every set of fewer than k people in a wave or two.
func TestNoSequenceOfQueriesOverWavesRevealsFewPeople(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	changes, sizes, counts := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		const waves = 3
		k := rapid.IntRange(3, 4).Draw(t, "k")
		people := passing(t, k, waves)
		reader := newReader(people, waves)
		for _, by := range [][]int{nil, {0}} {
			for _, against := range Comparisons() {
				r := &request{Service: service, chosen: -1, by: by, compared: map[string]*comparison{}, panels: &panels{}, Query: Query{Lang: "en", Compare: against},
					program: program.Program{ID: "p", K: k, Attributes: []string{"department"}, Policy: program.Confidential}}
				views := viewsOf(r, people, waves)
				for now, v := range views {
					figures := r.engagementFigures(v, everybody(), false)
					if err := compare(t.Context(), r, figures, views, now, against); err != nil {
						t.Fatal(err)
					}
					for _, f := range figures {
						if f.Measure != MeasureEngagement || f.Withheld != nil {
							continue
						}
						c := r.cellOf(f)
						reader.level(now, func(p seen) bool { return p.in(now, c) })
						if f.Change == nil || f.Change.Withheld != nil || f.Change.Method != "paired" {
							continue // others follow from levels
						}
						changes++
						sized := f.Change.NoEffect == nil || f.Change.NoEffect.Code != CodeCombined
						if sized {
							sizes++
						}
						then := slices.IndexFunc(views, func(v *scaleView) bool { return v.wave.Occurrence == f.Change.From })
						reader.change(then, now, c, sized)
					}
					for _, role := range program.Roles() {
						first := baseline(views, role, now)
						if first < 0 {
							continue
						}
						c := suppression.Whole(string(role))
						list, err := r.reliablyChanged(t.Context(), views[first], v, c)
						if err != nil {
							t.Fatal(err)
						}
						switch why := list[0].Withheld; {
						case why == nil, why.Code == CodeTooFewCases, why.Code == CodeUndefined: // no reason of confidentiality
							counts++
							reader.moved(first, now, c)
							out := &Change{}
							if decided, err := r.paired(t.Context(), out, views[first], v, c); err != nil || !decided || out.Withheld != nil {
								t.Fatalf("who changed is counted, and the change is not shown: %+v, %v", out, err)
							}
						}
					}
				}
			}
		}
		reader.solve(t, k)
	})
	if changes == 0 || sizes == 0 || sizes == changes || counts == 0 {
		t.Errorf("person by person there were %d changes, %d sizes of effects and %d counts of who changed", changes, sizes, counts)
	}
}

// viewsOf are the views of the waves, with what a comparison of two of them would
// read from the store.
func viewsOf(r *request, people []seen, waves int) []*scaleView {
	views := make([]*scaleView, waves)
	of := scale{id: "engagement", items: make([]survey.Item, 1)}
	groupIn := func(p seen, wave int) group {
		g := group{role: p.roles[wave]}
		if len(r.by) > 0 {
			g.values = []string{p.department}
		}
		return g
	}
	var ids panel
	for w := range views {
		var tallies []*tally
		for _, p := range people {
			if p.roles[w] != "" {
				tallies = append(tallies, &tally{group: groupIn(p, w), submitted: 1, scored: 1, sum: 50, squares: 2500})
			}
		}
		wave := survey.Wave{ID: program.DeriveID("w", fmt.Sprint(w)), Occurrence: fmt.Sprint(w), Number: w + 1}
		r.waves, ids.waves = append(r.waves, wave), append(ids.waves, wave.ID)
		views[w] = r.view(wave, of, tallies, nil)
	}
	for now := range views {
		var histories []suppression.History
		for _, p := range people {
			h := suppression.History{N: 1}
			for _, role := range p.roles[:now+1] {
				h.Roles, h.Values = append(h.Roles, string(role)), append(h.Values, []string{p.department})
			}
			histories = append(histories, h)
		}
		one := &panel{waves: ids.waves[:now+1]}
		one.participants, one.comparison = panelsOf(r.k(), histories)
		_, _ = r.panels.of(views[now].wave.ID.String()+of.id, func() (*panel, error) { return one, nil }) // nil, as it says
		for then := range now {
			c := &comparison{then: views[then], now: views[now]}
			for _, p := range people {
				if p.roles[then] != "" && p.roles[now] != "" {
					c.rows = append(c.rows, pairedRow{groupIn(p, then), groupIn(p, now), 50, 60, 1})
				}
			}
			r.compared[views[then].wave.ID.String()+views[now].wave.ID.String()+of.id] = c
		}
	}
	return views
}

// eachSet visits every set of 1 to most of the elements.
func eachSet(elements []int, most int, visit func([]int)) {
	var extend func(from int, set []int)
	extend = func(from int, set []int) {
		if len(set) > 0 {
			visit(set)
		}
		for i := from; i < len(elements) && len(set) < most; i++ {
			extend(i+1, append(set[:len(set):len(set)], elements[i]))
		}
	}
	extend(0, nil)
}
