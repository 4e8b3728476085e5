package suppression

import (
	"cmp"
	"slices"
)

// Plan holds the verdict on every cell of one measure and wave.
type Plan struct {
	k        int
	groups   []Group
	verdicts map[Cell]Verdict
}

// New makes the plan for the given people. k is the smallest number of people
// about whom a figure is shown. Groups may repeat and come in any order; all
// have as many values as there are attributes. Of cells that combine two
// attributes the plan knows when it is crossed; without them it says the same of
// all others and is made faster. The cost grows with the number of cells times
// the number of different groups times the rank, which for a few declared
// attributes is well under a millisecond for hundreds of groups.
func New(k int, groups []Group, crossed bool) *Plan {
	p := &Plan{k: k, groups: merge(groups), verdicts: map[Cell]Verdict{}}
	tiers := p.cells(crossed)
	audit := newAudit(k, p.groups, tiers)
	for _, tier := range tiers {
		p.admit(audit, tier)
	}
	return p
}

// Verdict says what is done with a cell. A cell that no group is part of is
// Empty.
func (p *Plan) Verdict(c Cell) Verdict {
	v, known := p.verdicts[c]
	if !known {
		return Empty
	}
	return v
}

// cell is a Cell with its people.
type cell struct {
	Cell
	n       int
	members []int // places in the plan's groups
}

// cells lists every cell that has people, in the order of admission: everybody,
// the roles, the segments of everybody, the segments of roles, and then both by
// two attributes; within each tier from the largest.
func (p *Plan) cells(crossed bool) [6][]cell {
	var tiers [6][]cell
	at := map[Cell]int{}
	add := func(tier int, cuts []Cut, role string, group int) {
		c := Segment(role, cuts...)
		i, known := at[c]
		if !known {
			i = len(tiers[tier])
			at[c] = i
			tiers[tier] = append(tiers[tier], cell{Cell: c})
		}
		one := &tiers[tier][i]
		one.n += p.groups[group].N
		one.members = append(one.members, group)
	}
	for i, g := range p.groups {
		both := func(tier int, cuts ...Cut) {
			add(tier, cuts, "", i)
			if g.Role != "" {
				add(tier+1, cuts, g.Role, i)
			}
		}
		both(0)
		for a, v := range g.Values {
			both(2, By(a, v))
			for b, w := range g.Values[:a] {
				if crossed {
					both(4, By(b, w), By(a, v))
				}
			}
		}
	}
	for t := range tiers {
		slices.SortFunc(tiers[t], func(a, b cell) int {
			one, two := a.Cuts, b.Cuts
			return cmp.Or(cmp.Compare(one[0].place, two[0].place), cmp.Compare(one[1].place, two[1].place), -cmp.Compare(a.n, b.n),
				cmp.Compare(a.Role, b.Role), cmp.Compare(one[0].Value, two[0].Value), cmp.Compare(one[1].Value, two[1].Value))
		})
	}
	return tiers
}

// admit decides on the cells of a tier: all at once when that is safe, which is
// the usual case, else one by one.
func (p *Plan) admit(audit *audit, tier []cell) {
	var open []cell
	for _, c := range tier {
		switch {
		case c.n < p.k:
			p.verdicts[c.Cell] = TooFew
		case !c.IsWhole() && p.verdicts[Whole(c.Role)] != Shown:
			p.verdicts[c.Cell] = Remainder
		default:
			open = append(open, c)
		}
	}
	if audit.try(open...) {
		for _, c := range open {
			p.verdicts[c.Cell] = Shown
		}
		return
	}
	for _, c := range open {
		p.verdicts[c.Cell] = Remainder
		if audit.try(c) {
			p.verdicts[c.Cell] = Shown
		}
	}
}

// merge adds up groups that nothing tells apart, drops the empty, and orders
// them, so that a plan does not depend on the order of rows.
func merge(groups []Group) []Group {
	sorted := slices.Clone(groups)
	order := func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), slices.Compare(a.Values, b.Values))
	}
	slices.SortFunc(sorted, order)
	merged := sorted[:0]
	for _, g := range sorted {
		switch last := len(merged) - 1; {
		case g.N <= 0:
		case last >= 0 && order(merged[last], g) == 0:
			merged[last].N += g.N
		default:
			merged = append(merged, g)
		}
	}
	return merged
}
