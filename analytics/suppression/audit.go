package suppression

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// audit keeps the span of the admitted cells, each seen as the row of ones and
// zeros that tells which groups it adds up, and tests whether the row of a
// group of fewer than k people lies in it: then its figure can be solved for.
//
// It computes modulo a prime of 61 bits, where a row lies in the span if and
// only if it does over the rationals, but for a chance of about 10⁻¹⁷. A row
// lies in the span when it is orthogonal to the span's null space; a random
// vector of the null space tells that with the same chance of error.
type audit struct {
	k     int
	small []int   // groups of fewer than k people
	n     []int   // people of every group
	cells [][]int // sets of fewer than k people that are cells, overlaps or differences of cells
	basis [][]uint64
	pivot []int
	rng   *rand.Rand
}

const prime = 1<<61 - 1

// searched is the number of groups up to which solvable tests every set.
const searched = 4

func newAudit(k int, groups []Group, tiers [6][]cell) *audit {
	a := &audit{k: k, n: make([]int, len(groups)), rng: rand.New(rand.NewPCG(1, 2))}
	for i, g := range groups {
		a.n[i] = g.N
		if g.N < k {
			a.small = append(a.small, i)
		}
	}
	if len(a.small) == 0 || k-1 <= searched {
		return a // every set of fewer than k people is searched, or there is none
	}
	all := slices.Concat(tiers[:]...)
	for i, c := range all {
		a.watch(c.members)
		for _, d := range all[:i] {
			a.watch(intersection(c.members, d.members))
			a.watch(difference(c.members, d.members))
			a.watch(difference(d.members, c.members))
		}
	}
	return a
}

// watch adds a set of groups to those tested, when it has 1…k−1 people in more
// groups than the search of solvable covers anyway.
func (a *audit) watch(set []int) {
	n := 0
	for _, g := range set {
		if n += a.n[g]; n >= a.k {
			return
		}
	}
	if len(set) > searched {
		a.cells = append(a.cells, set)
	}
}

// try admits cells when that is safe and reports whether it was.
func (a *audit) try(cells ...cell) bool {
	if len(a.small) == 0 {
		return true
	}
	before := len(a.basis)
	for _, c := range cells {
		a.add(c)
	}
	if len(a.basis) == before || !a.solvable() {
		return true
	}
	a.basis, a.pivot = a.basis[:before], a.pivot[:before]
	return false
}

// add brings a cell into the basis, in which each row is zero at the pivots of
// those before it.
func (a *audit) add(c cell) {
	row := make([]uint64, len(a.n))
	for _, g := range c.members {
		row[g] = 1
	}
	for i, b := range a.basis {
		eliminate(row, b, a.pivot[i])
	}
	at := slices.IndexFunc(row, func(x uint64) bool { return x != 0 })
	if at < 0 {
		return
	}
	inverse := power(row[at], prime-2)
	for i := range row {
		row[i] = mul(row[i], inverse)
	}
	a.basis, a.pivot = append(a.basis, row), append(a.pivot, at)
}

// eliminate subtracts from row the multiple of by that clears it at the pivot.
func eliminate(row, by []uint64, pivot int) {
	f := row[pivot]
	if f == 0 {
		return
	}
	for i, x := range by {
		if x != 0 {
			row[i] = sub(row[i], mul(f, x))
		}
	}
}

// solvable reports whether the figure of any set of 1…k−1 people follows from
// the basis: sets of up to four groups, and the watched ones.
func (a *audit) solvable() bool {
	z := a.null()
	for _, set := range a.cells {
		sum := uint64(0)
		for _, g := range set {
			sum = add(sum, z[g])
		}
		if sum == 0 {
			return true
		}
	}
	// Fewest people by the sum of one group, and of two.
	one, two := map[uint64]int{}, map[uint64]int{}
	least := func(m map[uint64]int, sum uint64, n int) {
		if old, known := m[sum]; !known || n < old {
			m[sum] = n
		}
	}
	for _, g := range a.small {
		if z[g] == 0 {
			return true
		}
		if n, known := one[sub(0, z[g])]; known && n+a.n[g] < a.k {
			return true
		}
		least(one, z[g], a.n[g])
	}
	for i, g := range a.small {
		for _, h := range a.small[:i] {
			n := a.n[g] + a.n[h]
			if n >= a.k-1 {
				continue // with another group it would have k people
			}
			sum := add(z[g], z[h])
			opposite := sub(0, sum)
			if m, known := one[opposite]; known && n+m < a.k {
				return true
			}
			if m, known := two[opposite]; known && n+m < a.k {
				return true
			}
			least(two, sum, n)
		}
	}
	return false
}

// null returns a random vector that is orthogonal to the basis.
func (a *audit) null() []uint64 {
	z := make([]uint64, len(a.n))
	for i := range z {
		z[i] = a.rng.Uint64N(prime)
	}
	for i, b := range slices.Backward(a.basis) {
		sum := uint64(0)
		for j, x := range b {
			if x != 0 && j != a.pivot[i] {
				sum = add(sum, mul(x, z[j]))
			}
		}
		z[a.pivot[i]] = sub(0, sum)
	}
	return z
}

func add(x, y uint64) uint64 {
	s := x + y
	if s >= prime {
		s -= prime
	}
	return s
}

func sub(x, y uint64) uint64 {
	if x < y {
		x += prime
	}
	return x - y
}

func mul(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return add(low&prime, high<<3|low>>61)
}

func power(x, e uint64) uint64 {
	r := uint64(1)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mul(r, x)
		}
		x = mul(x, x)
	}
	return r
}

// intersection and difference take sorted sets.
func intersection(a, b []int) []int {
	var both []int
	for _, x := range a {
		if _, in := slices.BinarySearch(b, x); in {
			both = append(both, x)
		}
	}
	return both
}

func difference(a, b []int) []int {
	var rest []int
	for _, x := range a {
		if _, in := slices.BinarySearch(b, x); !in {
			rest = append(rest, x)
		}
	}
	return rest
}
