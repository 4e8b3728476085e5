package suppression

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func department(role string, n int, values ...string) Group {
	return Group{Role: role, Values: values, N: n}
}

func TestPlan(t *testing.T) {
	dept := func(v string) Cell { return Segment("", By(0, v)) }
	place := func(v string) Cell { return Segment("", By(1, v)) }
	in := func(role string, c Cell) Cell { c.Role = role; return c }
	for name, test := range map[string]struct {
		groups []Group
		want   map[Cell]Verdict
	}{
		"nobody":              {nil, map[Cell]Verdict{Whole(""): Empty, Whole("mentor"): Empty}},
		"fewer than k in all": {[]Group{department("mentor", 4)}, map[Cell]Verdict{Whole(""): TooFew, Whole("mentor"): TooFew}},
		"enough everywhere": {
			[]Group{department("mentor", 9, "a"), department("mentee", 7, "b")},
			map[Cell]Verdict{Whole(""): Shown, Whole("mentor"): Shown, dept("a"): Shown, in("mentee", dept("b")): Shown, in("mentor", dept("b")): Empty},
		},
		"the small one takes the next smallest": {
			[]Group{department("mentor", 3, "a"), department("mentor", 8, "b"), department("mentor", 20, "c")},
			map[Cell]Verdict{Whole(""): Shown, dept("a"): TooFew, dept("b"): Remainder, dept("c"): Shown},
		},
		"two small ones that are k together": {
			[]Group{department("mentor", 2, "a"), department("mentor", 3, "b"), department("mentor", 6, "c")},
			map[Cell]Verdict{dept("a"): TooFew, dept("b"): TooFew, dept("c"): Shown},
		},
		"everybody else is too few": {
			[]Group{department("mentor", 2, "a"), department("mentor", 20, "c")},
			map[Cell]Verdict{Whole(""): Shown, dept("a"): TooFew, dept("c"): Remainder},
		},
		"a role whose remainder is too few is refused with its segments": {
			[]Group{department("mentor", 3, "a"), department("mentee", 10, "a"), department("mentee", 10, "b")},
			map[Cell]Verdict{Whole("mentor"): TooFew, Whole("mentee"): Remainder, in("mentee", dept("b")): Remainder, dept("b"): Shown},
		},
		"a value within a role, seen through the other role": {
			[]Group{department("mentor", 3, "a"), department("mentee", 10, "a"), department("mentor", 10, "b"), department("mentee", 10, "b"), department("mentor", 11, "c"), department("mentee", 11, "c")},
			map[Cell]Verdict{dept("a"): Shown, in("mentor", dept("a")): TooFew, in("mentee", dept("a")): Remainder, in("mentor", dept("b")): Remainder, in("mentor", dept("c")): Shown},
		},
		"a department that is all but two of a location": {
			[]Group{department("mentor", 30, "sales", "Lviv"), department("mentor", 2, "hr", "Lviv"), department("mentor", 30, "hr", "Kyiv"), department("mentor", 30, "it", "Kyiv")},
			map[Cell]Verdict{dept("sales"): Shown, dept("hr"): Shown, dept("it"): Shown, place("Lviv"): Remainder, place("Kyiv"): Remainder},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(5, test.groups, false)
			for c, want := range test.want {
				if got := p.Verdict(c); got != want {
					t.Errorf("%+v: verdict %d, want %d", c, got, want)
				}
			}
		})
	}
}

// roster draws up to 40 people with roles and two or three attributes, one of
// which may be a finer division of another.
func roster(t *rapid.T) []Group {
	attributes := rapid.IntRange(1, 3).Draw(t, "attributes")
	values := rapid.IntRange(1, 4).Draw(t, "values")
	nested := rapid.Bool().Draw(t, "nested")
	people := rapid.IntRange(0, 40).Draw(t, "people")
	var groups []Group
	for range people {
		g := Group{Role: rapid.SampledFrom([]string{"mentor", "mentee", "mentee"}).Draw(t, "role"), N: 1}
		for a := range attributes {
			v := rapid.IntRange(0, values-1).Draw(t, "value")
			name := fmt.Sprint(v)
			if a == 1 && nested {
				name = g.Values[0] + fmt.Sprint(v%2)
			}
			g.Values = append(g.Values, name)
		}
		groups = append(groups, g)
	}
	return groups
}

// everyCell lists what anybody could ask for.
func everyCell(groups []Group, crossed bool) []Cell {
	seen := map[Cell]bool{}
	var cells []Cell
	add := func(c Cell) {
		if !seen[c] {
			seen[c] = true
			cells = append(cells, c)
		}
	}
	add(Whole(""))
	for _, g := range groups {
		add(Whole(g.Role))
		for a, v := range g.Values {
			add(Segment("", By(a, v)))
			add(Segment(g.Role, By(a, v)))
			for b, w := range g.Values {
				if crossed && a != b {
					add(Segment("", By(a, v), By(b, w)))
					add(Segment(g.Role, By(b, w), By(a, v)))
				}
			}
		}
	}
	return cells
}

// TestNobodyCanSolveForFewPeople takes everything that a plan shows, as an
// attacker with endless queries would, and tries with exact fractions to
// compute the figure of every set of fewer than k people that any cells tell
// apart. It shares no code with the audit.
func TestNobodyCanSolveForFewPeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := roster(t)
		k := rapid.IntRange(3, 5).Draw(t, "k")
		crossed := rapid.Bool().Draw(t, "crossed")
		plan := New(k, people, crossed)
		groups := merge(people)
		var shown [][]*big.Rat
		for _, c := range everyCell(people, crossed) {
			row, n := make([]*big.Rat, len(groups)), 0
			for i, g := range groups {
				row[i] = new(big.Rat)
				if c.Has(g) {
					row[i].SetInt64(1)
					n += g.N
				}
			}
			verdict := plan.Verdict(c)
			if (n > 0 && n < k) != (verdict == TooFew) || (n == 0) != (verdict == Empty) {
				t.Fatalf("%+v has %d people and verdict %d", c, n, verdict)
			}
			if verdict == Shown {
				shown = append(shown, row)
			}
		}
		null := nullSpace(shown, len(groups))
		eachSmallSet(groups, k, func(set []int) {
			for _, v := range null {
				sum := new(big.Rat)
				for _, g := range set {
					sum.Add(sum, v[g])
				}
				if sum.Sign() != 0 {
					return
				}
			}
			t.Fatalf("k %d: the figure of %v follows from what is shown", k, names(groups, set))
		})
	})
}

// TestPlanDoesNotDependOnOrder: the same people give the same plan, however
// the store returns them.
func TestPlanDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := roster(t)
		one := New(5, people, true)
		seed := rapid.Uint64().Draw(t, "seed")
		shuffled := append([]Group(nil), people...)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		two := New(5, shuffled, true)
		for _, c := range everyCell(people, true) {
			if one.Verdict(c) != two.Verdict(c) {
				t.Fatalf("%+v: %d and %d", c, one.Verdict(c), two.Verdict(c))
			}
		}
	})
}

// TestPlanHidesNoMoreThanItMust: in one attribute without roles, what is hidden
// beyond the small cells is one cell at most, and only when it is needed.
func TestPlanHidesNoMoreThanItMust(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 30), 1, 8).Draw(t, "sizes")
		var groups []Group
		small, below := 0, 0
		for i, n := range sizes {
			groups = append(groups, department("mentee", n, fmt.Sprint(i)))
			if n < 5 {
				small, below = small+n, below+1
			}
		}
		plan, remainders := New(5, groups, false), 0
		for i := range sizes {
			if plan.Verdict(Segment("", By(0, fmt.Sprint(i)))) == Remainder {
				remainders++
			}
		}
		want := 0
		if small > 0 && small < 5 && below < len(sizes) {
			want = 1
		}
		if remainders != want {
			t.Fatalf("%v: %d cells hidden besides the small ones, want %d", sizes, remainders, want)
		}
	})
}

func TestLargeK(t *testing.T) {
	// Eight people of one location in eight kinds, seen by subtraction only.
	groups := []Group{department("mentor", 30, "sales", "Lviv", "x"), department("mentor", 40, "it", "Kyiv", "x")}
	for i := range 8 {
		groups = append(groups, department("mentor", 1, "hr", "Lviv", fmt.Sprint(i)))
	}
	groups = append(groups, department("mentor", 20, "hr", "Kyiv", "x"))
	plan := New(10, groups, true)
	if v := plan.Verdict(Segment("", By(1, "Lviv"))); v != Remainder {
		t.Errorf("Lviv less sales is eight people, yet Lviv has verdict %d", v)
	}
}

func BenchmarkPlan(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var groups []Group
	for i := range 120 {
		role := "mentor"
		if i%2 == 0 {
			role = "mentee"
		}
		groups = append(groups, department(role, 1, fmt.Sprint(rng.IntN(8)), fmt.Sprint(rng.IntN(4)), fmt.Sprint(rng.IntN(5))))
	}
	large := slices.Clone(groups)
	for range 2000 {
		large = append(large, department("mentor", 1, fmt.Sprint(rng.IntN(12)), fmt.Sprint(rng.IntN(8)), fmt.Sprint(rng.IntN(6))))
	}
	for name, test := range map[string]struct {
		groups  []Group
		crossed bool
	}{"120 people": {groups, false}, "120 people, crossed": {groups, true}, "2120 people, crossed": {large, true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				New(5, test.groups, test.crossed)
			}
		})
	}
}

func nullSpace(rows [][]*big.Rat, width int) [][]*big.Rat {
	pivots, rank := []int{}, 0
	for col := 0; col < width && rank < len(rows); col++ {
		at := -1
		for r := rank; r < len(rows); r++ {
			if rows[r][col].Sign() != 0 {
				at = r
			}
		}
		if at < 0 {
			continue
		}
		rows[rank], rows[at] = rows[at], rows[rank]
		inverse := new(big.Rat).Inv(rows[rank][col])
		for j := range width {
			rows[rank][j] = new(big.Rat).Mul(rows[rank][j], inverse)
		}
		for r := range rows {
			if r == rank || rows[r][col].Sign() == 0 {
				continue
			}
			f := new(big.Rat).Set(rows[r][col])
			for j := range width {
				if rows[rank][j].Sign() != 0 {
					rows[r][j] = new(big.Rat).Sub(rows[r][j], new(big.Rat).Mul(f, rows[rank][j]))
				}
			}
		}
		pivots = append(pivots, col)
		rank++
	}
	isPivot := map[int]bool{}
	for _, p := range pivots {
		isPivot[p] = true
	}
	var null [][]*big.Rat
	for free := range width {
		if isPivot[free] {
			continue
		}
		v := make([]*big.Rat, width)
		for j := range v {
			v[j] = new(big.Rat)
		}
		v[free].SetInt64(1)
		for r, p := range pivots {
			v[p].Neg(rows[r][free])
		}
		null = append(null, v)
	}
	return null
}

func eachSmallSet(groups []Group, k int, visit func([]int)) {
	var extend func(from, n int, set []int)
	extend = func(from, n int, set []int) {
		if len(set) > 0 {
			visit(set)
		}
		for i := from; i < len(groups); i++ {
			if n+groups[i].N < k {
				extend(i+1, n+groups[i].N, append(set[:len(set):len(set)], i))
			}
		}
	}
	extend(0, 0, nil)
}

func names(groups []Group, set []int) []Group {
	var all []Group
	for _, i := range set {
		all = append(all, groups[i])
	}
	return all
}
