package suppression

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// told are people of a history whose figure in a wave is part of a sum.
func told(h History, wave, sum int) History {
	h.Sums = make([][]int, len(h.Roles))
	h.Sums[wave] = []int{sum}
	return h
}

func TestBeside(t *testing.T) {
	stay := []History{way("mm", 14), way("ee", 20)}
	for name, test := range map[string]struct {
		histories []History
		want      Verdict
	}{
		"no sum":                   {stay, TooFew},
		"too few":                  {append(stay, told(way("m-", 4), 0, 0), way("m-", 6)), TooFew},
		"everybody who left":       {append(stay, told(way("m-", 6), 0, 0)), Shown},
		"all but one of who left":  {append(stay, told(way("m-", 5), 0, 0), way("m-", 1)), Remainder},
		"all but five of who left": {append(stay, told(way("m-", 5), 0, 0), way("m-", 5)), Shown},
		"all but two of a wave":    {[]History{way("-m", 20), told(way("m-", 5), 0, 0), way("m-", 2)}, Remainder},
		"two sums, one person apart": {append(stay, way("m-", 5), told(way("m-", 1), 0, 1),
			History{Roles: []string{"mentor", ""}, N: 5, Sums: [][]int{{0, 1}, nil}}), Remainder},
		"two in one wave, three in another": {[]History{way("mm", 30), told(way("m-", 2), 0, 0), told(way("mm", 3), 1, 0), way("m-", 9)}, Shown},
		// The five of HR in the first wave are shown, so the sixth of the sum follows.
		"a department and one more": {withValues([]History{told(way("m-", 5), 0, 0), way("mm", 9), told(way("mm", 1), 1, 0)}, "HR", "IT", "IT"), Remainder},
	} {
		t.Run(name, func(t *testing.T) {
			plain := []History{}
			for _, h := range test.histories {
				h.Sums = nil
				plain = append(plain, h)
			}
			if got := Beside(5, test.histories, NewPanel(5, plain)); got != test.want {
				t.Errorf("verdict %d, want %d", got, test.want)
			}
		})
	}
}

// TestNobodyCanSolveForFewPeopleBesideSums takes all levels, all changes that a
// panel allows and the sums beside them, and tries with exact fractions to compute
// a figure of fewer than k people in a wave. It shares no code with the audit.
func TestNobodyCanSolveForFewPeopleBesideSums(t *testing.T) {
	shown := 0
	rapid.Check(t, func(t *rapid.T) {
		k, waves := rapid.IntRange(3, 5).Draw(t, "k"), rapid.IntRange(2, 3).Draw(t, "waves")
		var people, plain []History
		for range rapid.IntRange(6, 16).Draw(t, "people") {
			h, role := History{N: 1}, rapid.SampledFrom([]string{"mentor", "mentee"}).Draw(t, "role")
			values := []string{rapid.SampledFrom([]string{"IT", "HR"}).Draw(t, "department")}
			stays := rapid.IntRange(1, 2*waves).Draw(t, "stays")
			last := -1
			for wave := range waves {
				here := ""
				if wave < stays && rapid.IntRange(0, 5).Draw(t, "away") > 0 {
					here, last = role, wave
				}
				h.Roles, h.Values = append(h.Roles, here), append(h.Values, values)
			}
			plain = append(plain, h)
			if last >= 0 && stays < waves {
				h = told(h, last, rapid.IntRange(0, 1).Draw(t, "sum"))
			}
			people = append(people, h)
		}
		panel := NewPanel(k, plain)
		if Beside(k, people, panel) != Shown {
			return
		}
		shown++
		place := func(person, wave int) int { return person*waves + wave }
		row := func() []*big.Rat {
			r := make([]*big.Rat, len(people)*waves)
			for i := range r {
				r[i] = new(big.Rat)
			}
			return r
		}
		var rows [][]*big.Rat
		for wave := range waves {
			var groups []Group
			for _, h := range people {
				if h.in(wave, "") {
					groups = append(groups, h.group(wave))
				}
			}
			plan := New(k, groups, true)
			for _, c := range everyCell(groups, true) {
				level := row()
				for i, h := range people {
					if h.in(wave, "") && c.Has(h.group(wave)) {
						level[place(i, wave)].SetInt64(1)
					}
				}
				if plan.Verdict(c) == Shown {
					rows = append(rows, level)
				}
			}
		}
		for _, role := range []string{"", "mentor", "mentee"} {
			for now := range waves {
				for then := range now {
					change := row()
					for i, h := range people {
						if h.in(then, role) && h.in(now, role) {
							change[place(i, now)].SetInt64(1)
							change[place(i, then)].SetInt64(-1)
						}
					}
					if panel.Comparable(then, now, role) {
						rows = append(rows, change)
					}
				}
			}
		}
		for sum := range 2 {
			one := row()
			for i, h := range people {
				for wave, sums := range h.Sums {
					if len(sums) > 0 && sums[0] == sum {
						one[place(i, wave)].SetInt64(1)
					}
				}
			}
			rows = append(rows, one)
		}
		null := nullSpace(rows, len(people)*waves)
		follows := func(places []int) bool {
			for _, v := range null {
				total := new(big.Rat)
				for _, at := range places {
					total.Add(total, v[at])
				}
				if total.Sign() != 0 {
					return false
				}
			}
			return true
		}
		groups := make([]Group, len(people))
		for i := range groups {
			groups[i].N = 1
		}
		eachSmallSet(groups, k, func(set []int) {
			for wave := range waves {
				var places []int
				for _, i := range set {
					if people[i].Roles[wave] != "" {
						places = append(places, place(i, wave))
					}
				}
				if len(places) == len(set) && follows(places) {
					t.Fatalf("k %d: the answers of %v in wave %d follow from what is shown of %v", k, set, wave, people)
				}
			}
		})
	})
	if shown == 0 {
		t.Error("no sum was ever shown")
	}
}

func BenchmarkBeside(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var histories, plain []History
	for i := range 120 {
		h, last := History{N: 1}, -1
		values := []string{fmt.Sprint(rng.IntN(8)), fmt.Sprint(rng.IntN(4)), fmt.Sprint(rng.IntN(5))}
		for wave := range 12 {
			role := []string{"mentor", "mentee"}[i%2]
			if rng.IntN(5) == 0 || i < 20 && wave > i/2 {
				role = ""
			} else {
				last = wave
			}
			h.Roles, h.Values = append(h.Roles, role), append(h.Values, values)
		}
		plain = append(plain, h)
		if i < 20 && last >= 0 {
			h = told(h, last, i/5)
		}
		histories = append(histories, h)
	}
	panel := NewPanel(5, plain)
	for b.Loop() {
		Beside(5, histories, panel)
	}
}
