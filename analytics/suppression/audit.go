package suppression

import (
	"math"
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
	basis []sparse
	rng   *rand.Rand
}

// sparse is a row by its places that are not 0, of which the first is the pivot
// and has a 1.
type sparse struct {
	places []int
	values []uint64
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
		a.add(a.row(c.members, nil))
	}
	if len(a.basis) == before || !a.solvable() {
		return true
	}
	a.basis = a.basis[:before]
	return false
}

// row has ones at the places of plus, and minus ones at those of minus.
func (a *audit) row(plus, minus []int) []uint64 {
	row := make([]uint64, len(a.n))
	for _, g := range plus {
		row[g] = 1
	}
	for _, g := range minus {
		row[g] = prime - 1
	}
	return row
}

// add brings a row into the basis, in which each is zero at the pivots of those
// before it.
func (a *audit) add(row []uint64) {
	for _, b := range a.basis {
		eliminate(row, b)
	}
	var rest sparse
	inverse := uint64(0)
	for at, x := range row {
		if x == 0 {
			continue
		}
		if inverse == 0 {
			inverse = power(x, prime-2)
		}
		rest.places, rest.values = append(rest.places, at), append(rest.values, mul(x, inverse))
	}
	if inverse != 0 {
		a.basis = append(a.basis, rest)
	}
}

// eliminate subtracts from row the multiple of by that clears it at the pivot.
func eliminate(row []uint64, by sparse) {
	f := row[by.places[0]]
	if f == 0 {
		return
	}
	for i, at := range by.places {
		row[at] = sub(row[at], mul(f, by.values[i]))
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
	elements := make([]element, len(a.small))
	for i, g := range a.small {
		elements[i] = element{z[g], a.n[g]}
	}
	return addsUp(a.k, elements)
}

// element is a figure of n people, by what it is times a random vector of the
// null space: 0 if and only if it follows from what is shown.
type element struct {
	z uint64
	n int
}

// addsUp reports whether the sum of one to four elements, together of fewer than
// k people, follows from what is shown.
func addsUp(k int, elements []element) bool {
	few := make([]element, 0, len(elements))
	for _, e := range elements {
		if e.n < k {
			few = append(few, e)
		}
	}
	// Fewest people by the sum of one element, and of two.
	one := newSums(len(few))
	for _, e := range few {
		if e.z == 0 || e.n+one.least(sub(0, e.z)) < k {
			return true
		}
		one.add(e.z, e.n)
	}
	two := newSums(len(few) * (len(few) - 1) / 2)
	for i, e := range few {
		for _, f := range few[:i] {
			n := e.n + f.n
			if n >= k-1 {
				continue // with another element it would be k people
			}
			sum := add(e.z, f.z)
			if opposite := sub(0, sum); n+min(one.least(opposite), two.least(opposite)) < k {
				return true
			}
			two.add(sum, n)
		}
	}
	return false
}

// sums is a table of the fewest people by a sum, with open addressing: it is the
// inner loop of the audit. Sums are spread evenly, being random.
type sums struct {
	keys   []uint64 // 0 is a free place
	people []int32
}

const nobody = math.MaxInt32 / 2 // two of them are still no overflow

func newSums(n int) *sums {
	size := 1 << bits.Len(uint(2*n))
	return &sums{keys: make([]uint64, size), people: make([]int32, size)}
}

// place is that of a sum, or the free one where it belongs.
func (s *sums) place(sum uint64) int {
	mask := len(s.keys) - 1
	at := int(sum) & mask
	for s.keys[at] != 0 && s.keys[at] != sum {
		at = (at + 1) & mask
	}
	return at
}

func (s *sums) least(sum uint64) int {
	if at := s.place(sum); s.keys[at] != 0 {
		return int(s.people[at])
	}
	return nobody
}

func (s *sums) add(sum uint64, n int) {
	at := s.place(sum)
	if s.keys[at] == 0 || int32(n) < s.people[at] {
		s.keys[at], s.people[at] = sum, int32(n)
	}
}

// null returns a random vector that is orthogonal to the basis.
func (a *audit) null() []uint64 {
	z := make([]uint64, len(a.n))
	for i := range z {
		z[i] = a.rng.Uint64N(prime)
	}
	for _, b := range slices.Backward(a.basis) {
		sum := uint64(0)
		for i, at := range b.places[1:] {
			sum = add(sum, mul(b.values[i+1], z[at]))
		}
		z[b.places[0]] = sub(0, sum)
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
