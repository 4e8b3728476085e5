package suppression

import "slices"

// A change of the same people between two waves tells, beside the levels of
// both, the difference of two sums: that of who is in the later wave only, and
// that of who is in the earlier one only. Over several waves these can be added
// and subtracted too: if five people had left by the second wave and six by the
// third, two changes since the first give the first answer of the sixth. Levels
// of segments are added and subtracted likewise. So changes are admitted like
// cells, beside all levels that may be asked for.

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
// A mean change tells one difference of two sums. Its effect size tells them
// apart, since it is in units of the standard deviations of who is in both waves,
// of which each takes a sum and a sum of squares. So it is admitted as if those
// people's sums in either wave were shown: a sum of squares has the same row as
// the sum, and what follows from the one follows from the other.
//
// The interval, the t and the p of a mean change tell besides what the squares of
// the differences add up to. That needs no row of its own. A square of a
// difference holds the product of a person's two scores, which no other figure
// holds, so to learn anything from such sums the products must cancel, or be left
// of few people only. Either takes changes between the same two waves whose
// people, added and subtracted, are nobody or those few; then the same is true of
// the changes themselves, and the one follows from them or is what the panel
// refuses.
//
// Waves are decided on from the oldest, each by what the panel could know when it
// was the newest and with what was shown before as given: first its changes, then
// their effects. So what is said of a wave never depends on those that follow,
// and who keeps every report since the first holds nothing beyond what the newest
// panel has tested. Tested are the figures of every set of fewer than k people in
// a wave, their change between two waves that are compared, and what those who
// are in only one of the two add up to. With k above 5 they are the sets of up to
// four kinds of people, as in a plan, by what told kinds apart at each wave so
// far; and the overlap and the difference, of any kinds, of the people of a
// change or role with those of another or of a cell.
type Panel struct {
	allowed map[link]grade
	asked   []link // what may be asked for
}

// grade is how much of a change is shown.
type grade int

const (
	refused grade = iota
	changed       // the difference of two sums
	apart         // the two sums
)

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
	p := &Panel{allowed: map[link]grade{}}
	if len(histories) == 0 || len(histories) > MaxHistories {
		return p
	}
	levels := levelsOf(k, histories)
	p.asked = candidates(levels, histories)
	wide := k-1 > searched // not every set of fewer than k people is searched
	// Divided is by changes that are not shown too.
	atoms := atomsOf(histories, p.asked, wide)
	audit := newAudit(k, nil, [6][]cell{})
	audit.n = atoms.n
	audit.addLevels(atoms, levels)
	if wide {
		atoms.watch(k, levels, p.asked)
	}
	var waves [][]link
	for _, l := range p.asked {
		if levels[l.then].Verdict(Whole(l.role)) != Shown || levels[l.now].Verdict(Whole(l.role)) != Shown || !l.large(k, histories) {
			continue
		}
		if last := len(waves) - 1; last < 0 || waves[last][0].now != l.now {
			waves = append(waves, nil)
		}
		waves[len(waves)-1] = append(waves[len(waves)-1], l)
	}
	p.admit(audit, atoms, waves)
	return p
}

// Comparable reports whether the mean change of the people of a role ("" for
// everybody) who are in both waves may be shown, with its interval and tests.
// Waves count from 0.
func (p *Panel) Comparable(then, now int, role string) bool {
	return p.allowed[link{then, now, role}] >= changed
}

// Apart reports whether also what depends on the scores of those people in either
// wave apart may be shown, such as the size of the effect.
func (p *Panel) Apart(then, now int, role string) bool {
	return p.allowed[link{then, now, role}] >= apart
}

// admit decides wave by wave, from the oldest. Where the changes and effects of
// several waves are safe all together, each of them is, whatever the order; that
// is the usual case, so it is tried first, and then of half of the waves.
func (p *Panel) admit(a *audit, atoms *atoms, waves [][]link) {
	if len(waves) == 0 || p.try(a, atoms, slices.Concat(waves...), apart) {
		return
	}
	if half := len(waves) / 2; half > 0 {
		p.admit(a, atoms, waves[:half])
		p.admit(a, atoms, waves[half:])
		return
	}
	links := waves[0]
	if !p.try(a, atoms, links, changed) {
		for i := range links {
			p.try(a, atoms, links[i:i+1], changed)
		}
	}
	for i, l := range links {
		if p.allowed[l] == changed {
			p.try(a, atoms, links[i:i+1], apart)
		}
	}
}

// try admits changes of a grade when that is safe and reports whether it was.
// Links come in the order of waves.
func (p *Panel) try(a *audit, atoms *atoms, links []link, g grade) bool {
	before := len(a.basis)
	for _, l := range links {
		a.addChange(atoms, l, g)
	}
	if len(a.basis) > before && atoms.solvable(a, links[0].now, links[len(links)-1].now) {
		a.basis = a.basis[:before]
		return false
	}
	for _, l := range links {
		p.allowed[l] = g
	}
	return true
}

// addLevels admits what is shown of each wave.
func (a *audit) addLevels(atoms *atoms, levels []*Plan) {
	for wave, level := range levels {
		for c, verdict := range level.verdicts {
			if verdict == Shown {
				a.add(a.row(atoms.level(wave, c), nil))
			}
		}
	}
}

// addChange admits a change of a grade.
func (a *audit) addChange(atoms *atoms, l link, g grade) {
	later, earlier := atoms.both(l)
	if g >= changed {
		a.add(a.row(later, earlier))
	}
	if g >= apart {
		a.add(a.row(later, nil)) // and so the earlier
	}
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
