package suppression

import (
	"fmt"
	"maps"
	"slices"
)

// atoms are the figures of people in one wave whom neither a level nor a change
// tells apart: the unknowns of a panel.
type atoms struct {
	histories []History
	n         []int
	wave      []int
	like      []int // place of a history of the atom's people, which stands for all
	first     []int // atom by wave, and the end: those of a wave stand together
	tests     []*test
	newest    map[int]*test // of the parts of a wave
}

// division tells the people of a wave apart by what is shown of it.
type division struct {
	wave int
	of   []int // part by history, −1 where they have no figure
	n    []int // people by part
}

// atomsOf divides people by levels and links. With stages, the parts that each
// wave found are tested and not the last alone: where not all sets of parts are
// searched, coarse ones are sets that fine ones miss.
func atomsOf(histories []History, links []link, stages bool) *atoms {
	a := &atoms{histories: histories, first: []int{0}, newest: map[int]*test{}}
	divisions := make([]*division, len(histories[0].Roles))
	for now := range divisions {
		divisions[now] = divide(histories, now)
		touched := map[int]bool{now: true}
		for _, l := range links {
			if l.now == now {
				divisions[now] = divisions[now].split(histories, l.then)
				divisions[l.then] = divisions[l.then].split(histories, now)
				touched[l.then] = true
			}
		}
		if stages {
			a.testAt(now, divisions, slices.Sorted(maps.Keys(touched)))
		}
	}
	for _, d := range divisions {
		for i, part := range d.of {
			if known := len(a.n) - a.first[d.wave]; part == known { // they are numbered as they come
				a.n, a.wave, a.like = append(a.n, d.n[part]), append(a.wave, d.wave), append(a.like, i)
			}
		}
		a.first = append(a.first, len(a.n))
	}
	if !stages {
		for now := range divisions {
			waves := []int{now}
			for _, l := range links {
				if l.now == now && !slices.Contains(waves, l.then) {
					waves = append(waves, l.then)
				}
			}
			a.testAt(now, divisions, waves)
		}
	}
	return a
}

// divide tells people apart by role, attributes and further sums.
func divide(histories []History, wave int) *division {
	return newDivision(histories, wave, func(i int) (string, int) {
		h := histories[i]
		key := h.Roles[wave]
		for _, value := range h.group(wave).Values {
			key += "\x00" + value
		}
		if h.Sums != nil {
			key += fmt.Sprint("+", h.Sums[wave])
		}
		return key, 0
	})
}

// split tells them apart by their role in another wave too.
func (d *division) split(histories []History, other int) *division {
	finer := newDivision(histories, d.wave, func(i int) (string, int) { return histories[i].Roles[other], d.of[i] })
	if len(finer.n) == len(d.n) {
		return d
	}
	return finer
}

func newDivision(histories []History, wave int, kind func(history int) (string, int)) *division {
	type key struct {
		text string
		part int
	}
	d := &division{wave: wave, of: make([]int, len(histories))}
	parts := map[key]int{}
	for i, h := range histories {
		if d.of[i] = -1; h.Roles[wave] == "" {
			continue
		}
		text, part := kind(i)
		at, known := parts[key{text, part}]
		if !known {
			at = len(d.n)
			parts[key{text, part}] = at
			d.n = append(d.n, 0)
		}
		d.n[at] += h.N
		d.of[i] = at
	}
	return d
}

// level are the atoms of a cell in a wave.
func (a *atoms) level(wave int, c Cell) []int {
	return a.having(wave, func(h History) bool { return c.Has(h.group(wave)) })
}

// both are the atoms, in the later and in the earlier wave, of those who are in
// both waves of a link.
func (a *atoms) both(l link) (later, earlier []int) {
	in := func(h History) bool { return h.in(l.then, l.role) && h.in(l.now, l.role) }
	return a.having(l.now, in), a.having(l.then, in)
}

func (a *atoms) having(wave int, in func(History) bool) []int {
	var members []int
	for i := a.first[wave]; i < a.first[wave+1]; i++ {
		if in(a.histories[a.like[i]]) {
			members = append(members, i)
		}
	}
	return members
}
