package suppression

import (
	"fmt"
	"math"
	"slices"
)

// test looks for a figure of fewer than k people that follows from what is shown.
// It is made at each wave from one on, until there is a finer one.
type test struct {
	from, until int
	follows     func(a *audit, z []uint64) bool
	of          *division // whose parts it is about, if it is
}

func (a *atoms) test(from int, follows func(*audit, []uint64) bool) *test {
	t := &test{from: from, until: math.MaxInt, follows: follows}
	a.tests = append(a.tests, t)
	return t
}

// solvable reports whether a figure of fewer than k people follows from the basis,
// by what is tested at any of the waves from first to last. The newest tests come
// first: they are what is likely to find one.
func (a *atoms) solvable(audit *audit, first, last int) bool {
	z := audit.null()
	for _, t := range slices.Backward(a.tests) {
		if t.from <= last && t.until > first && t.follows(audit, z) {
			return true
		}
	}
	return false
}

// testAt adds the tests that begin at a wave: of the figures of people in each of
// the waves given, by how they are divided; and of what changed between each and
// that wave, and of what tells apart those who are in only one of the two.
func (a *atoms) testAt(now int, divisions []*division, waves []int) {
	for _, wave := range waves {
		d := divisions[wave]
		if before := a.newest[wave]; before == nil || before.of != d {
			if before != nil {
				before.until = now
			}
			a.newest[wave] = a.test(now, func(audit *audit, z []uint64) bool { return addsUp(audit.k, a.parts(d, z)) })
			a.newest[wave].of = d
		}
		if wave == now {
			continue
		}
		p := pairOf(a.histories, d, divisions[now])
		a.test(now, func(audit *audit, z []uint64) bool {
			both, one := p.elements(audit, a.parts(p.then, z), a.parts(p.now, z))
			return addsUp(audit.k, both) || addsUp(audit.k, one)
		})
	}
}

// parts are the figures of a division's parts.
func (a *atoms) parts(d *division, z []uint64) []element {
	list := make([]element, len(d.n))
	for at, n := range d.n {
		list[at].n = n
	}
	for i := a.first[d.wave]; i < a.first[d.wave+1]; i++ {
		part := &list[d.of[a.like[i]]]
		part.z = add(part.z, z[i])
	}
	return list
}

// pair is the kinds of people who are in either of two waves.
type pair struct {
	then, now *division
	kinds     []kind
}

// kind is people of the same part in both waves, −1 where they are in none; last
// is the only kind of a part that has no figure yet when its turn comes.
type kind struct {
	then, now         int
	n                 int
	lastThen, lastNow bool
}

func pairOf(histories []History, then, now *division) *pair {
	p := &pair{then: then, now: now}
	at := map[[2]int]int{}
	for i, h := range histories {
		key := [2]int{then.of[i], now.of[i]}
		k, known := at[key]
		if !known {
			if k = len(p.kinds); key[0] < 0 && key[1] < 0 {
				continue
			}
			at[key] = k
			p.kinds = append(p.kinds, kind{then: key[0], now: key[1]})
		}
		p.kinds[k].n += h.N
	}
	seenThen, seenNow := map[int]bool{}, map[int]bool{}
	for i := len(p.kinds) - 1; i >= 0; i-- {
		k := &p.kinds[i]
		k.lastThen, k.lastNow = !seenThen[k.then], !seenNow[k.now]
		seenThen[k.then], seenNow[k.now] = true, true
	}
	return p
}

// elements are the changes of people who are in both waves, and the figures of
// who is in one only, with the sign that a change gives them. People of one part
// who differ in the other wave are told apart by nothing that is shown, so their
// shares of its figure are drawn at random.
func (p *pair) elements(a *audit, then, now []element) (both, one []element) {
	share := func(parts []element, at int, last bool) uint64 {
		if at < 0 {
			return 0
		}
		part := parts[at].z
		if !last {
			part = a.rng.Uint64N(prime)
		}
		parts[at].z = sub(parts[at].z, part)
		return part
	}
	for _, k := range p.kinds {
		earlier, later := share(then, k.then, k.lastThen), share(now, k.now, k.lastNow)
		e := element{sub(later, earlier), k.n}
		if k.then >= 0 && k.now >= 0 {
			both = append(both, e)
		} else {
			one = append(one, e)
		}
	}
	return both, one
}

// watch tests sets of fewer than k people that are likely to follow, of however
// many kinds they are: the overlaps and differences, in a wave, of the people of
// a change or a role and those of another or of a shown cell; and the changes of
// who is in one change between two waves and not in another.
func (a *atoms) watch(k int, levels []*Plan, links []link) {
	type row struct {
		wave    int // from which on it is shown
		members []int
	}
	waves := make([][]row, len(levels)) // those of changes and roles first
	changes := make([]int, len(levels))
	known := map[string]*test{}
	add := func(wave int, set, minus []int) {
		n := 0
		for _, i := range set {
			n += a.n[i]
		}
		key := fmt.Sprint(set, minus)
		if n == 0 || n >= k {
			return
		}
		if t := known[key]; t != nil {
			t.from = min(t.from, wave)
			return
		}
		known[key] = a.test(wave, func(_ *audit, z []uint64) bool { return total(z, set) == total(z, minus) })
	}
	for i, l := range links {
		later, earlier := a.both(l)
		waves[l.now] = append(waves[l.now], row{l.now, later})
		waves[l.then] = append(waves[l.then], row{l.now, earlier})
		for _, other := range links[:i] {
			if other.then == l.then && other.now == l.now {
				laterToo, earlierToo := a.both(other)
				add(l.now, difference(later, laterToo), difference(earlier, earlierToo))
				add(l.now, difference(laterToo, later), difference(earlierToo, earlier))
			}
		}
	}
	for wave, level := range levels {
		changes[wave] = len(waves[wave])
		for c, verdict := range level.verdicts {
			if verdict == Shown {
				waves[wave] = append(waves[wave], row{wave, a.level(wave, c)})
			}
		}
	}
	for wave, rows := range waves {
		for i, p := range rows[:changes[wave]] {
			for _, q := range rows[i+1:] {
				from := max(p.wave, q.wave)
				add(from, intersection(p.members, q.members), nil)
				add(from, difference(p.members, q.members), nil)
				add(from, difference(q.members, p.members), nil)
			}
		}
	}
}

func total(z []uint64, set []int) uint64 {
	sum := uint64(0)
	for _, i := range set {
		sum = add(sum, z[i])
	}
	return sum
}
