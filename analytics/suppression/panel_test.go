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

// TestApart: with an effect size, those in the later wave alone and those in the
// earlier one alone are each told, and not only what they differ by.
func TestApart(t *testing.T) {
	for name, test := range map[string]struct {
		histories    []History
		then, now    int
		role         string
		change, size bool
	}{
		"the same people":         {[]History{way("mm", 9)}, 0, 1, "mentor", true, true},
		"five left":               {[]History{way("mm", 9), way("m-", 5)}, 0, 1, "mentor", true, true},
		"five came and five left": {[]History{way("mm", 9), way("-m", 5), way("m-", 5)}, 0, 1, "mentor", true, true},
		"two came, three left":    {[]History{way("mm", 9), way("-m", 2), way("m-", 3)}, 0, 1, "mentor", true, false},
		"five came, three left":   {[]History{way("mm", 9), way("-m", 5), way("m-", 3)}, 0, 1, "mentor", true, false},
		"of a role":               {[]History{way("mm", 9), way("-m", 5), way("m-", 3), way("ee", 9), way("e-", 5)}, 0, 1, "mentee", true, true},
		"with the other role's":   {[]History{way("mm", 9), way("-m", 5), way("m-", 3), way("ee", 9), way("e-", 5)}, 0, 1, "", true, false},
		"too few":                 {[]History{way("mm", 4)}, 0, 1, "mentor", false, false},
		// One of the six who were in the first wave only may be told from the
		// others by who else left and came later.
		"one more left later": {[]History{way("mmm", 9), way("m--", 5), way("mm-", 1), way("--m", 6), way("-m-", 5), way("-mm", 5)}, 0, 2, "mentor", true, false},
		"and the size before": {[]History{way("mmm", 9), way("m--", 5), way("mm-", 1), way("--m", 6), way("-m-", 5), way("-mm", 5)}, 0, 1, "mentor", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewPanel(5, test.histories)
			if change, size := p.Comparable(test.then, test.now, test.role), p.Apart(test.then, test.now, test.role); change != test.change || size != test.size {
				t.Errorf("comparable %v, apart %v", change, size)
			}
		})
	}
}

// shownLevel and shownChange are what a reader sees: sums over the places of
// people in a list.
type shownLevel struct {
	wave   int
	people []int
}

type shownChange struct {
	then, now int
	people    []int
	apart     bool
}

// until are the histories as they stood when a wave was the newest.
func until(people []History, end int) []History {
	var list []History
	for _, h := range people {
		list = append(list, History{Roles: h.Roles[:end], Values: h.Values[:end], N: h.N})
	}
	return list
}

// shownOf is everything that the plans, and the panels of each wave while it was
// the newest, allow: what somebody holds who has kept every report.
func shownOf(k int, people []History) (levels []shownLevel, changes []shownChange) {
	waves := len(people[0].Roles)
	var panels []*Panel
	for end := range waves {
		panels = append(panels, NewPanel(k, until(people, end+1)))
	}
	for now := range waves {
		var groups []Group
		for _, h := range people {
			if h.in(now, "") {
				groups = append(groups, h.group(now))
			}
		}
		plan := New(k, groups, true)
		for _, c := range everyCell(groups, true) {
			one := shownLevel{wave: now}
			for i, h := range people {
				if h.in(now, "") && c.Has(h.group(now)) {
					one.people = append(one.people, i)
				}
			}
			if plan.Verdict(c) == Shown {
				levels = append(levels, one)
			}
		}
	}
	for _, role := range []string{"", "mentor", "mentee"} {
		for now := range waves {
			for then := range now {
				one := shownChange{then: then, now: now}
				allowed := false
				for _, p := range panels[now:] {
					allowed = allowed || p.Comparable(then, now, role)
					one.apart = one.apart || p.Apart(then, now, role)
				}
				if !allowed {
					continue
				}
				for i, h := range people {
					if h.in(then, role) && h.in(now, role) {
						one.people = append(one.people, i)
					}
				}
				changes = append(changes, one)
			}
		}
	}
	return levels, changes
}

// passers draws people who come and go; some change their role.
func passers(t *rapid.T, most, waves int) []History {
	var people []History
	stay := rapid.IntRange(2, 9).Draw(t, "stay")
	for range rapid.IntRange(3, most).Draw(t, "people") {
		h, role := History{N: 1}, rapid.SampledFrom([]string{"mentor", "mentee"}).Draw(t, "role")
		values := []string{rapid.SampledFrom([]string{"IT", "HR"}).Draw(t, "department"), rapid.SampledFrom([]string{"Kyiv", "Lviv"}).Draw(t, "location")}
		for range waves {
			here := role
			h.Values = append(h.Values, values)
			switch rapid.IntRange(0, 4*stay).Draw(t, "away") {
			case 0, 1, 2, 3:
				here = ""
			case 4:
				here = map[string]string{"mentor": "mentee", "mentee": "mentor"}[role]
			}
			h.Roles = append(h.Roles, here)
		}
		people = append(people, h)
	}
	return people
}

// equations are sums of unknowns, in exact fractions.
type equations struct {
	width int
	rows  [][]*big.Rat
	null  [][]*big.Rat
}

func (e *equations) add(signs map[int]int64) {
	row := make([]*big.Rat, e.width)
	for i := range row {
		row[i] = new(big.Rat).SetInt64(signs[i])
	}
	e.rows = append(e.rows, row)
}

func (e *equations) follows(signs map[int]int64) bool {
	if e.null == nil {
		e.null = nullSpace(e.rows, e.width)
	}
	for _, v := range e.null {
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

// eachFew visits the sets of fewer than k people.
func eachFew(people []History, k int, visit func([]int)) {
	groups := make([]Group, len(people))
	for i := range groups {
		groups[i].N = 1
	}
	eachSmallSet(groups, k, visit)
}

// allIn reports whether all of a set have a figure in a wave.
func allIn(people []History, set []int, wave int) bool {
	return !slices.ContainsFunc(set, func(i int) bool { return people[i].Roles[wave] == "" })
}

// TestNobodyCanSolveForFewPeopleBetweenWaves takes all levels and all changes
// that a panel allows, and tries with exact fractions to compute, in any wave or
// between any two, a figure of fewer than k people. It shares no code with the
// audit.
func TestNobodyCanSolveForFewPeopleBetweenWaves(t *testing.T) {
	changed, sized := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		k, waves := rapid.IntRange(3, 5).Draw(t, "k"), rapid.IntRange(2, 4).Draw(t, "waves")
		people := passers(t, 14, waves)
		levels, changes := shownOf(k, people)
		place := func(person, wave int) int { return person*waves + wave }
		e := &equations{width: len(people) * waves}
		sum := func(set []int, wave int, sign int64, into map[int]int64) map[int]int64 {
			for _, i := range set {
				into[place(i, wave)] = sign
			}
			return into
		}
		for _, l := range levels {
			e.add(sum(l.people, l.wave, 1, map[int]int64{}))
		}
		for _, c := range changes {
			changed++
			e.add(sum(c.people, c.now, 1, sum(c.people, c.then, -1, map[int]int64{})))
			if c.apart {
				sized++
				e.add(sum(c.people, c.then, 1, map[int]int64{}))
			}
		}
		eachFew(people, k, func(set []int) {
			for now := range waves {
				if !allIn(people, set, now) {
					continue
				}
				if e.follows(sum(set, now, 1, map[int]int64{})) {
					t.Fatalf("k %d: the answers of %v in wave %d follow from what is shown of %v", k, set, now, people)
				}
				for then := range now {
					if allIn(people, set, then) && e.follows(sum(set, now, 1, sum(set, then, -1, map[int]int64{}))) {
						t.Fatalf("k %d: the change of %v from wave %d to %d follows from what is shown of %v", k, set, then, now, people)
					}
				}
			}
		})
	})
	if changed == 0 || sized == 0 || changed == sized {
		t.Errorf("%d changes were shown and %d of their sizes", changed, sized)
	}
}

// TestSquaresTellNoMore solves for sums of squares of fewer than k people: levels
// tell those of their people by the interval, changes that of the differences by
// theirs, and effect sizes that of either wave. It is what the panel's comment
// argues and the panel itself does not compute.
func TestSquaresTellNoMore(t *testing.T) {
	changed, sized := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		const waves = 3
		k := rapid.IntRange(3, 4).Draw(t, "k")
		people := passers(t, 12, waves)
		levels, changes := shownOf(k, people)
		square := func(person, wave int) int { return person*2*waves + wave }
		product := func(person, then, now int) int { return person*2*waves + waves + then + now - 1 } // 0–1, 0–2, 1–2
		e := &equations{width: len(people) * 2 * waves}
		squares := func(set []int, wave int) map[int]int64 {
			signs := map[int]int64{}
			for _, i := range set {
				signs[square(i, wave)] = 1
			}
			return signs
		}
		products := func(set []int, then, now int, signs map[int]int64, by int64) map[int]int64 {
			for _, i := range set {
				signs[product(i, then, now)] = by
			}
			return signs
		}
		differences := func(set []int, then, now int) map[int]int64 {
			signs := products(set, then, now, squares(set, now), -2)
			for at, sign := range squares(set, then) {
				signs[at] = sign
			}
			return signs
		}
		for _, l := range levels {
			e.add(squares(l.people, l.wave))
		}
		for _, c := range changes {
			changed++
			e.add(differences(c.people, c.then, c.now))
			if c.apart {
				sized++
				e.add(squares(c.people, c.then))
				e.add(squares(c.people, c.now))
			}
		}
		eachFew(people, k, func(set []int) {
			for now := range waves {
				if !allIn(people, set, now) {
					continue
				}
				if e.follows(squares(set, now)) {
					t.Fatalf("k %d: the squares of %v in wave %d follow from what is shown of %v", k, set, now, people)
				}
				for then := range now {
					if allIn(people, set, then) && (e.follows(differences(set, then, now)) || e.follows(products(set, then, now, map[int]int64{}, 1))) {
						t.Fatalf("k %d: how %v went from wave %d to %d follows from what is shown of %v", k, set, then, now, people)
					}
				}
			}
		})
	})
	if changed == 0 || sized == 0 || changed == sized {
		t.Errorf("%d changes were shown and %d of their sizes", changed, sized)
	}
}

// TestPanelDoesNotDependOnLaterWaves: what is said of a wave stays, whatever k is,
// so who has kept the reports of every wave has what the newest would say.
func TestPanelDoesNotDependOnLaterWaves(t *testing.T) {
	changed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		const waves = 5
		k := rapid.IntRange(3, 10).Draw(t, "k")
		long := passers(t, 60, waves)
		whole := NewPanel(k, long)
		for end := 2; end < waves; end++ {
			then := NewPanel(k, until(long, end))
			for _, role := range []string{"", "mentor", "mentee"} {
				for now := range end {
					for before := range now {
						a, b := whole.allowed[link{before, now, role}], then.allowed[link{before, now, role}]
						if a != b {
							t.Fatalf("k %d, %q from %d to %d: grade %d of %d waves, %d of %d", k, role, before, now, b, end, a, waves)
						}
						if a > 0 {
							changed++
						} else {
							refused++
						}
					}
				}
			}
		}
	})
	if changed == 0 || refused == 0 {
		t.Errorf("%d changes were allowed, %d refused", changed, refused)
	}
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
