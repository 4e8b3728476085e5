package suppression

// A figure may add up answers from several waves: of those who left, each in the
// last wave that they answered. Beside the levels of these waves, and the changes
// of the same people between them, it tells more than itself. Were all but one of
// those who are only in the earlier of two waves counted in it, the change of the
// others would leave the answer of that one. So such sums are looked at beside
// everything else that is shown.

// Beside gives the verdict on further sums, those that histories name, beside all
// levels that may be asked for and the changes that the panel allows, with the sizes
// of their effects: Shown when from all of it together no figure of fewer than k
// people follows. Where it does, none of the sums is shown. The panel is of the same
// waves; nil where no changes of the same people are shown at all.
//
// Tested are the sets that a panel tests, and besides every set of fewer than k
// people of one sum, in whichever waves. Changes between later waves are not known
// yet when a sum is first shown: with them the verdict can become another.
func Beside(k int, histories []History, p *Panel) Verdict {
	sizes := map[int]int{}
	for _, h := range histories {
		for _, sums := range h.Sums {
			for _, sum := range sums {
				sizes[sum] += h.N
			}
		}
	}
	for _, n := range sizes {
		if n < k {
			return TooFew
		}
	}
	if len(sizes) == 0 {
		return TooFew
	}
	if p == nil {
		p = &Panel{}
	}
	wide := k-1 > searched
	atoms, levels := atomsOf(histories, p.asked, wide), levelsOf(k, histories)
	audit := newAudit(k, nil, [6][]cell{})
	audit.n = atoms.n
	audit.addLevels(atoms, levels)
	if wide {
		atoms.watch(k, levels, p.asked)
	}
	for _, l := range p.asked {
		audit.addChange(atoms, l, p.allowed[l])
	}
	parts := atoms.sums()
	for _, members := range parts {
		audit.add(audit.row(members, nil))
	}
	if atoms.solvable(audit, 0, len(levels)) {
		return Remainder
	}
	z := audit.null()
	for _, members := range parts {
		elements := make([]element, len(members))
		for i, at := range members {
			elements[i] = element{z[at], atoms.n[at]}
		}
		if addsUp(k, elements) {
			return Remainder
		}
	}
	return Shown
}

// sums are the atoms of each further sum.
func (a *atoms) sums() map[int][]int {
	members := map[int][]int{}
	for i, like := range a.like {
		h := a.histories[like]
		if h.Sums == nil {
			continue
		}
		for _, sum := range h.Sums[a.wave[i]] {
			members[sum] = append(members[sum], i)
		}
	}
	return members
}
