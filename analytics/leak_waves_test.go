package analytics

import (
	"fmt"
	"math/big"
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

// TestNoSequenceOfQueriesOverWavesRevealsFewPeople draws people who come and go
// over several waves, asks for the figures of every wave, by role and by
// department, against the wave before, the first wave and the comparison group,
// and then tries to solve, from all that was shown, for the score of every set
// of fewer than k people in a wave.
func TestNoSequenceOfQueriesOverWavesRevealsFewPeople(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	changes := 0
	rapid.Check(t, func(t *rapid.T) {
		const waves = 3
		k := rapid.IntRange(3, 4).Draw(t, "k")
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
		var shown []rat
		row := func(value func(person, wave int) int64) {
			one := make(rat, len(people)*waves)
			for i := range people {
				for w := range waves {
					one[i*waves+w] = new(big.Rat).SetInt64(value(i, w))
				}
			}
			shown = append(shown, one)
		}
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
						row(func(person, wave int) int64 {
							if wave == now && people[person].in(wave, c) {
								return 1
							}
							return 0
						})
						if f.Change == nil || f.Change.Withheld != nil || f.Change.Method != "paired" {
							continue // others follow from levels
						}
						changes++
						then := 0
						for views[then].wave.Occurrence != f.Change.From {
							then++
						}
						row(func(person, wave int) int64 {
							switch both := people[person].in(then, c) && people[person].in(now, c); {
							case both && wave == now:
								return 1
							case both && wave == then:
								return -1
							}
							return 0
						})
					}
				}
			}
		}
		echelon(shown, len(people)*waves)
		for w := range waves {
			var here []int
			for i, p := range people {
				if p.roles[w] != "" {
					here = append(here, i*waves+w)
				}
			}
			eachSet(here, k-1, func(set []int) {
				if inSpan(shown, set, len(people)*waves) {
					t.Fatalf("k %d: the scores of %d people in wave %d can be solved for: places %v of %+v", k, len(set), w, set, people)
				}
			})
		}
	})
	if changes == 0 {
		t.Error("no change was ever shown person by person")
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
