package suppression

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// A change of the same people between two waves tells, beside the levels of
// both, the difference of two sums: that of who is in the later wave only, and
// that of who is in the earlier one only. Over several waves these can be added
// and subtracted too: if five people had left by the second wave and six by the
// third, two changes since the first give the first answer of the sixth. Levels
// of segments are added and subtracted likewise. So changes are admitted like
// cells, all waves at once and beside all levels that may be asked for.

// History is the number of people who went the same way through the waves of a
// survey.
type History struct {
	// Roles by wave, oldest first; "" where they have no figure.
	Roles []string
	// Values by wave, in each parallel with the attributes.
	Values [][]string
	N      int
	// Sums are, by wave, the further sums that the figure in it is part of, see
	// Beside; nil for none.
	Sums [][]int
}

// group is the people as part of a wave.
func (h History) group(wave int) Group {
	g := Group{Role: h.Roles[wave], N: h.N}
	if h.Values != nil {
		g.Values = h.Values[wave]
	}
	return g
}

// Panel says which changes of the same people may be shown: those of at least k
// people, with none or at least k who are in only one of the two waves, from
// which with all levels and all other changes no figure about 1 to k−1 people
// follows. It considers, of every wave, the change since the wave before and
// since the baseline, of everybody and of each role.
//
// Waves are decided on from the oldest, so what is shown of a wave does not
// depend on those that follow. Tested are the figures of every set of fewer than
// k people in a wave, their change between two waves that are compared, and what
// those who are in only one of the two add up to; with k above 5 the sets that
// are made of up to four kinds of people, as in a plan.
type Panel struct {
	allowed map[link]bool
	asked   []link // what may be asked for
}

// link is a change of a cell's people.
type link struct {
	then, now int
	role      string
}

// MaxHistories is how many histories a panel takes: with more it allows no
// change, since the search would take seconds.
const MaxHistories = 300

// NewPanel makes the panel of people with the given histories, all of them over
// the same waves.
func NewPanel(k int, histories []History) *Panel {
	p := &Panel{allowed: map[link]bool{}}
	if len(histories) == 0 || len(histories) > MaxHistories {
		return p
	}
	levels := levelsOf(k, histories)
	links := candidates(levels, histories)
	p.asked = slices.Clone(links)
	atoms := atomsOf(histories, links) // by those that are not shown too
	audit := newAudit(k, nil, [6][]cell{})
	audit.n = atoms.n
	links = slices.DeleteFunc(links, func(l link) bool {
		return levels[l.then].Verdict(Whole(l.role)) != Shown || levels[l.now].Verdict(Whole(l.role)) != Shown || !l.large(k, histories)
	})
	for wave, level := range levels {
		for c, verdict := range level.verdicts {
			if verdict == Shown {
				audit.add(audit.row(atoms.level(wave, c), nil))
			}
		}
	}
	p.admit(audit, atoms, links)
	return p
}

// Comparable reports whether the change of the people of a role ("" for
// everybody) who are in both waves may be shown. Waves count from 0.
func (p *Panel) Comparable(then, now int, role string) bool { return p.allowed[link{then, now, role}] }

// admit decides on all changes at once when that is safe, which is the usual
// case and then says the same of each; else wave by wave, from the oldest, and
// within a wave one by one.
func (p *Panel) admit(a *audit, atoms *atoms, links []link) {
	if p.try(a, atoms, links) {
		return
	}
	for len(links) > 0 {
		n := len(links)
		if at := slices.IndexFunc(links, func(l link) bool { return l.now != links[0].now }); at > 0 {
			n = at
		}
		if !p.try(a, atoms, links[:n]) {
			for i := range n {
				p.try(a, atoms, links[i:i+1])
			}
		}
		links = links[n:]
	}
}

// try admits changes when that is safe and reports whether it was.
func (p *Panel) try(a *audit, atoms *atoms, links []link) bool {
	before := len(a.basis)
	for _, l := range links {
		a.add(a.row(atoms.change(l)))
	}
	if len(a.basis) > before && atoms.solvable(a, p.asked) {
		a.basis = a.basis[:before]
		return false
	}
	for _, l := range links {
		p.allowed[l] = true
	}
	return true
}

// large reports whether a change is of at least k people, with none or at least
// k in only one of its waves.
func (l link) large(k int, histories []History) bool {
	both, one := 0, 0
	for _, h := range histories {
		switch then, now := h.in(l.then, l.role), h.in(l.now, l.role); {
		case then && now:
			both += h.N
		case then || now:
			one += h.N
		}
	}
	return both >= k && Comparable(one, k)
}

// levelsOf are the plans of each wave.
func levelsOf(k int, histories []History) []*Plan {
	levels := make([]*Plan, len(histories[0].Roles))
	for wave := range levels {
		var groups []Group
		for _, h := range histories {
			if h.in(wave, "") {
				groups = append(groups, h.group(wave))
			}
		}
		levels[wave] = New(k, groups, true) // what may be asked for, all of it
	}
	return levels
}

// candidates are the changes that may be asked for: of each wave against the one
// before in which anybody of the cell has a figure, since a rotating scale is not
// asked in all, and against the first whose level is shown.
func candidates(levels []*Plan, histories []History) []link {
	waves, roles := len(levels), rolesOf(histories)
	first := map[string]int{}
	for _, role := range roles {
		for first[role] < waves && levels[first[role]].Verdict(Whole(role)) != Shown {
			first[role]++
		}
	}
	var links []link
	for now := 1; now < waves; now++ {
		for _, role := range roles {
			before := now - 1
			for before >= 0 && !anybody(histories, before, role) {
				before--
			}
			if before >= 0 {
				links = append(links, link{before, now, role})
			}
			if first[role] < before {
				links = append(links, link{first[role], now, role})
			}
		}
	}
	return links
}

func anybody(histories []History, wave int, role string) bool {
	return slices.ContainsFunc(histories, func(h History) bool { return h.in(wave, role) })
}

func rolesOf(histories []History) []string {
	roles := []string{""}
	for _, h := range histories {
		for _, role := range h.Roles {
			if !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	slices.Sort(roles)
	return roles
}

// in reports whether the people have a figure in a wave, in a role or in any.
func (h History) in(wave int, role string) bool {
	return h.Roles[wave] != "" && (role == "" || h.Roles[wave] == role)
}

// atoms are the figures of people in one wave whom neither a level nor a change
// tells apart.
type atoms struct {
	histories []History
	n         []int
	wave      []int
	like      []History // a history of the atom's people, which stands for all
	at        [][]int   // by history and wave, −1 where they have no figure
}

func atomsOf(histories []History, links []link) *atoms {
	a := &atoms{histories: histories}
	known := map[string]int{}
	for _, h := range histories {
		at := make([]int, len(h.Roles))
		for wave, role := range h.Roles {
			if at[wave] = -1; role == "" {
				continue
			}
			key := fmt.Sprintf("%d %s %q", wave, role, h.group(wave).Values)
			for _, l := range links {
				switch wave {
				case l.then:
					key += "|" + h.Roles[l.now]
				case l.now:
					key += "|" + h.Roles[l.then]
				}
			}
			if h.Sums != nil {
				key += fmt.Sprint("+", h.Sums[wave])
			}
			i, found := known[key]
			if !found {
				i = len(a.n)
				known[key] = i
				a.n, a.wave, a.like = append(a.n, 0), append(a.wave, wave), append(a.like, h)
			}
			a.n[i] += h.N
			at[wave] = i
		}
		a.at = append(a.at, at)
	}
	return a
}

// level are the atoms of a cell in a wave.
func (a *atoms) level(wave int, c Cell) []int {
	var members []int
	for i, h := range a.like {
		if a.wave[i] == wave && c.Has(h.group(wave)) {
			members = append(members, i)
		}
	}
	return members
}

// change are the atoms of those who are in both waves of a link.
func (a *atoms) change(l link) (later, earlier []int) {
	for i, h := range a.like {
		switch {
		case !h.in(l.then, l.role) || !h.in(l.now, l.role):
		case a.wave[i] == l.now:
			later = append(later, i)
		case a.wave[i] == l.then:
			earlier = append(earlier, i)
		}
	}
	return later, earlier
}

// solvable reports whether a figure of fewer than k people follows from the
// basis: of any of them in one wave, their change between two, or what tells
// apart those who are in only one of two.
func (a *atoms) solvable(audit *audit, links []link) bool {
	z := audit.null()
	waves := make([][]element, len(a.histories[0].Roles))
	for i, n := range a.n {
		waves[a.wave[i]] = append(waves[a.wave[i]], element{z[i], n})
	}
	for _, elements := range waves {
		if addsUp(audit.k, elements) {
			return true
		}
	}
	seen := map[[2]int]bool{}
	for _, l := range links {
		if between := [2]int{l.then, l.now}; !seen[between] {
			seen[between] = true
			if both, one := a.between(l, z, audit.rng); addsUp(audit.k, both) || addsUp(audit.k, one) {
				return true
			}
		}
	}
	return false
}

// between are the changes of people who are in both waves of a link, and the
// figures of who is in one only, with the sign that a change gives them. People
// of one atom who differ in the other wave are told apart by nothing that is
// shown, so their parts of its figure are drawn at random.
func (a *atoms) between(l link, z []uint64, rng *rand.Rand) (both, one []element) {
	kinds := map[[2]int]int{}
	var order [][2]int
	left := map[int]int{} // kinds of an atom's people that have no part yet
	for i, h := range a.histories {
		kind := [2]int{a.at[i][l.then], a.at[i][l.now]}
		if kinds[kind] == 0 {
			order = append(order, kind)
			left[kind[0]]++
			left[kind[1]]++
		}
		kinds[kind] += h.N
	}
	rest := map[int]uint64{}
	part := func(atom int) uint64 {
		if atom < 0 {
			return 0
		}
		total, begun := rest[atom]
		if !begun {
			total = z[atom]
		}
		part := total
		if left[atom]--; left[atom] > 0 {
			part = rng.Uint64N(prime)
		}
		rest[atom] = sub(total, part)
		return part
	}
	for _, kind := range order {
		then, now := part(kind[0]), part(kind[1])
		e := element{sub(now, then), kinds[kind]}
		switch {
		case kind[0] >= 0 && kind[1] >= 0:
			both = append(both, e)
		case kind[0] >= 0 || kind[1] >= 0:
			one = append(one, e)
		}
	}
	return both, one
}
