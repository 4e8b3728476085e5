package survey

import (
	"cmp"
	"encoding/binary"
	"slices"

	"mentorpulse/internal/program"
)

// MaxWaveItems is the most items that one participant is asked in one wave.
// The rating of the pair's goals counts as one; conditional items count.
const MaxWaveItems = 12

// rotatingScale is a scale that a role is asked in turn: the places of its
// items for that role in the questionnaire.
type rotatingScale struct {
	scale string
	items []int
}

// split parts a role's items into those of every wave and those asked in turn.
func (q *Questionnaire) split(role program.Role) (core []int, rotating []rotatingScale) {
	for _, s := range q.Scales {
		var items []int
		for i := range q.Items {
			if q.Items[i].Scale == s.ID && q.Items[i].Asks(role) {
				items = append(items, i)
			}
		}
		switch {
		case len(items) == 0:
		case s.CoreFor(role):
			core = append(core, items...)
		default:
			rotating = append(rotating, rotatingScale{s.ID, items})
		}
	}
	return core, rotating
}

// WaveItems returns the items that role is asked in the given wave (1 is the
// first), in the questionnaire's order: the core, and in turn the other scales,
// each of them whole. A cycle has as few waves as hold them all, then starts
// again. The result depends on nothing but the questionnaire, the wave and the
// role; a wave below 1 gives the first.
func (q *Questionnaire) WaveItems(wave int, role program.Role) []Item {
	places, rotating := q.split(role)
	if cycle := packWaves(rotating, MaxWaveItems-len(places)); len(cycle) > 0 {
		for _, r := range cycle[(max(wave, 1)-1)%len(cycle)] {
			places = append(places, rotating[r].items...)
		}
	}
	slices.Sort(places)
	items := make([]Item, len(places))
	for i, at := range places {
		items[i] = q.Items[at]
	}
	return items
}

// WaveScales returns the scales that role is asked in the given wave. Another
// tool's questionnaire has no turns: it is taken to ask all of its scales.
func (q *Questionnaire) WaveScales(wave int, role program.Role) map[string]bool {
	items := q.Items
	if !q.Past {
		items = q.WaveItems(wave, role)
	}
	scales := map[string]bool{}
	for _, it := range items {
		if it.Asks(role) {
			scales[it.Scale] = true
		}
	}
	return scales
}

// CycleLength returns after how many waves role has been asked every item; 1
// when there is nothing but the core, 0 when role is asked nothing.
func (q *Questionnaire) CycleLength(role program.Role) int {
	core, rotating := q.split(role)
	if len(rotating) == 0 {
		return min(len(core), 1)
	}
	return len(packWaves(rotating, MaxWaveItems-len(core)))
}

// packWaves puts the scales (by place) into as few waves of the given room as
// hold them. This is bin packing; with at most a few dozen small scales an
// exact search is quick. Waves come in the order of their first scales, so the
// questionnaire's order says what is asked early.
func packWaves(scales []rotatingScale, room int) [][]int {
	total := 0
	bySize := make([]int, len(scales))
	for i, s := range scales {
		bySize[i] = i
		total += len(s.items)
		room = max(room, len(s.items)) // Validate refuses such a scale; without this the search would not end
	}
	if total == 0 {
		return nil
	}
	slices.SortStableFunc(bySize, func(a, b int) int { return cmp.Compare(len(scales[b].items), len(scales[a].items)) })
	for waves := (total + room - 1) / room; ; waves++ {
		p := &wavePacking{scales: scales, order: bySize, left: make([]int, waves), cycle: make([][]int, waves), failed: map[string]bool{}}
		for i := range p.left {
			p.left[i] = room
		}
		if !p.place(0) {
			continue
		}
		for _, w := range p.cycle {
			slices.Sort(w)
		}
		slices.SortFunc(p.cycle, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
		return p.cycle
	}
}

// wavePacking searches, largest scale first, for a way to fit all scales into
// the waves.
type wavePacking struct {
	scales []rotatingScale
	order  []int
	left   []int   // room left in each wave
	cycle  [][]int // scales placed in each wave
	failed map[string]bool
}

func (p *wavePacking) place(n int) bool {
	if n == len(p.order) {
		return true
	}
	state := p.state(n)
	if p.failed[state] {
		return false
	}
	scale := p.order[n]
	size := len(p.scales[scale].items)
	tried := 0 // a bit for each room already tried: waves with equal room are alike
	for w, left := range p.left {
		if left < size || tried&(1<<left) != 0 {
			continue
		}
		tried |= 1 << left
		p.left[w] -= size
		p.cycle[w] = append(p.cycle[w], scale)
		if p.place(n + 1) {
			return true
		}
		p.left[w] += size
		p.cycle[w] = p.cycle[w][:len(p.cycle[w])-1]
	}
	p.failed[state] = true
	return false
}

// state names what is still to be decided: the scales from n on and the rooms,
// in whatever order.
func (p *wavePacking) state(n int) string {
	rooms := slices.Clone(p.left)
	slices.Sort(rooms)
	key := binary.AppendUvarint(nil, uint64(n))
	for _, r := range rooms {
		key = append(key, byte(r))
	}
	return string(key)
}
