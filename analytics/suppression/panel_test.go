package suppression

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// way is a history written as a letter a wave: m mentor, e mentee, - absent.
func way(letters string, n int) History {
	h := History{N: n}
	for _, l := range letters {
		h.Roles = append(h.Roles, map[rune]string{'m': "mentor", 'e': "mentee", '-': ""}[l])
	}
	return h
}

// withValues gives each history a value of one attribute.
func withValues(histories []History, values ...string) []History {
	for i := range histories {
		for range histories[i].Roles {
			histories[i].Values = append(histories[i].Values, values[i:i+1])
		}
	}
	return histories
}

func TestPanel(t *testing.T) {
	for name, test := range map[string]struct {
		histories []History
		then, now int
		role      string
		want      bool
	}{
		"nobody":                       {nil, 0, 1, "", false},
		"the same people":              {[]History{way("mm", 9)}, 0, 1, "mentor", true},
		"too few":                      {[]History{way("mm", 4)}, 0, 1, "mentor", false},
		"four came":                    {[]History{way("mm", 9), way("-m", 4)}, 0, 1, "mentor", false},
		"five came":                    {[]History{way("mm", 9), way("-m", 5)}, 0, 1, "mentor", true},
		"two came and three left":      {[]History{way("mm", 9), way("-m", 2), way("m-", 3)}, 0, 1, "mentor", true},
		"five left, of a role one":     {[]History{way("mm", 9), way("m-", 5), way("ee", 9), way("e-", 1)}, 0, 1, "mentee", false},
		"not asked for":                {[]History{way("mmmm", 9)}, 1, 3, "mentor", false},
		"the last wave with anybody":   {[]History{way("mm-m", 9), way("-e-e", 9)}, 1, 3, "mentor", true},
		"since the baseline":           {[]History{way("mmmm", 9)}, 0, 3, "mentor", true},
		"the first with enough people": {[]History{way("-mmm", 9), way("mmmm", 2)}, 1, 3, "mentor", true},
		"not one with too few":         {[]History{way("-mmm", 9), way("mmmm", 2)}, 0, 3, "mentor", false},
		// By the second wave five had left, by the third six: the two changes
		// since the first would give the first answer of the sixth.
		"one more left later":   {[]History{way("mmm", 9), way("m--", 5), way("mm-", 1)}, 0, 2, "mentor", false},
		"and the change before": {[]History{way("mmm", 9), way("m--", 5), way("mm-", 1)}, 0, 1, "mentor", true},
		"five more left later":  {[]History{way("mmm", 9), way("m--", 5), way("mm-", 5)}, 0, 2, "mentor", true},
		"others hide the sixth": {[]History{way("mmm", 9), way("m--", 5), way("mm-", 1), way("--m", 6), way("-m-", 3), way("-mm", 2)}, 0, 2, "mentor", true},
		"five came, six went":   {[]History{way("mmm", 9), way("-m-", 5), way("mm-", 1)}, 1, 2, "mentor", false},
		// The change of the four who came in the second wave would follow from
		// those of everybody.
		"who came later":         {[]History{way("mmm", 6), way("-mm", 4), way("m--", 5)}, 0, 2, "mentor", false},
		"a segment's rest":       {withValues([]History{way("m-", 3), way("mm", 3), way("mm", 2)}, "HR", "IT", "HR"), 0, 1, "mentor", false},
		"mentees by subtraction": {[]History{way("mm", 9), way("m-", 3), way("-m", 3), way("ee", 2), way("e-", 3), way("-e", 3)}, 0, 1, "mentor", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := NewPanel(5, test.histories).Comparable(test.then, test.now, test.role); got != test.want {
				t.Errorf("comparable is %v", got)
			}
		})
	}
}

// TestNobodyCanSolveForFewPeopleBetweenWaves takes all levels and all changes
// that a panel allows, and tries with exact fractions to compute, in any wave or
// between any two, a figure of fewer than k people. It shares no code with the
// audit.
func TestNobodyCanSolveForFewPeopleBetweenWaves(t *testing.T) {
	shown := 0
	rapid.Check(t, func(t *rapid.T) {
		k, waves := rapid.IntRange(3, 5).Draw(t, "k"), rapid.IntRange(2, 4).Draw(t, "waves")
		var people []History
		stay := rapid.IntRange(2, 9).Draw(t, "stay")
		for range rapid.IntRange(3, 14).Draw(t, "people") {
			h, role := History{N: 1}, rapid.SampledFrom([]string{"mentor", "mentee"}).Draw(t, "role")
			values := []string{rapid.SampledFrom([]string{"IT", "HR"}).Draw(t, "department"), rapid.SampledFrom([]string{"Kyiv", "Lviv"}).Draw(t, "location")}
			for range waves {
				here := role
				h.Values = append(h.Values, values)
				if rapid.IntRange(0, stay).Draw(t, "away") == 0 {
					here = ""
				}
				h.Roles = append(h.Roles, here)
			}
			people = append(people, h)
		}
		panel := NewPanel(k, people)
		width := len(people) * waves
		place := func(person, wave int) int { return person*waves + wave }
		row := func() []*big.Rat {
			r := make([]*big.Rat, width)
			for i := range r {
				r[i] = new(big.Rat)
			}
			return r
		}
		var rows [][]*big.Rat
		for now := range waves {
			var groups []Group
			for _, h := range people {
				if h.in(now, "") {
					groups = append(groups, h.group(now))
				}
			}
			plan := New(k, groups, true)
			for _, c := range everyCell(groups, true) {
				level := row()
				for i, h := range people {
					if h.in(now, "") && c.Has(h.group(now)) {
						level[place(i, now)].SetInt64(1)
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
					if !panel.Comparable(then, now, role) {
						continue
					}
					shown++
					change := row()
					for i, h := range people {
						if h.in(then, role) && h.in(now, role) {
							change[place(i, now)].SetInt64(1)
							change[place(i, then)].SetInt64(-1)
						}
					}
					rows = append(rows, change)
				}
			}
		}
		null := nullSpace(rows, width)
		follows := func(signs map[int]int64) bool {
			for _, v := range null {
				sum := new(big.Rat)
				for at, sign := range signs {
					sum.Add(sum, new(big.Rat).Mul(v[at], new(big.Rat).SetInt64(sign)))
				}
				if sum.Sign() != 0 {
					return false
				}
			}
			return true
		}
		var groups []Group
		for range people {
			groups = append(groups, Group{N: 1})
		}
		eachSmallSet(groups, k, func(set []int) {
			for now := range waves {
				signs := map[int]int64{}
				for _, i := range set {
					if people[i].Roles[now] == "" {
						return
					}
					signs[place(i, now)] = 1
				}
				if follows(signs) {
					t.Fatalf("k %d: the answers of %v in wave %d follow from what is shown of %v", k, set, now, people)
				}
				for then := range now {
					both := map[int]int64{}
					for _, i := range set {
						if people[i].Roles[then] != "" {
							both[place(i, then)], both[place(i, now)] = -1, 1
						}
					}
					if len(both) == 2*len(set) && follows(both) {
						t.Fatalf("k %d: the change of %v from wave %d to %d follows from what is shown of %v", k, set, then, now, people)
					}
				}
			}
		})
	})
	if shown == 0 {
		t.Error("no change was ever shown")
	}
}

// TestPanelDoesNotDependOnLaterWaves: what is said of a wave stays.
func TestPanelDoesNotDependOnLaterWaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var long, short []History
		for range rapid.IntRange(5, 30).Draw(t, "people") {
			h := History{N: 1}
			for range 4 {
				h.Roles = append(h.Roles, rapid.SampledFrom([]string{"mentor", "mentor", "mentor", "mentee", ""}).Draw(t, "role"))
			}
			long, short = append(long, h), append(short, History{Roles: slices.Clone(h.Roles[:3]), N: 1})
		}
		one, two := NewPanel(5, long), NewPanel(5, short)
		for _, role := range []string{"", "mentor", "mentee"} {
			for now := range 3 {
				for then := range now {
					if one.Comparable(then, now, role) != two.Comparable(then, now, role) {
						t.Fatalf("%q from %d to %d: %v with a fourth wave", role, then, now, one.Comparable(then, now, role))
					}
				}
			}
		}
	})
}

func BenchmarkPanel(b *testing.B) {
	for _, people := range []int{120, MaxHistories} {
		rng := rand.New(rand.NewPCG(1, 1))
		var histories []History
		for i := range people {
			h := History{N: 1}
			values := []string{fmt.Sprint(rng.IntN(8)), fmt.Sprint(rng.IntN(4)), fmt.Sprint(rng.IntN(5))}
			for range 26 {
				h.Values = append(h.Values, values)
				role := []string{"mentor", "mentee"}[i%2]
				if rng.IntN(5) == 0 {
					role = ""
				}
				h.Roles = append(h.Roles, role)
			}
			histories = append(histories, h)
		}
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			for b.Loop() {
				NewPanel(5, histories)
			}
		})
	}
}
