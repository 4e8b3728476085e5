package survey

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mentorpulse/internal/program"
)

// checkRotation holds for every valid questionnaire: at most 12 items, the core
// always in, scales whole, everything covered once in a cycle, and the same
// items for the same wave of the next cycle.
func checkRotation(t interface{ Errorf(string, ...any) }, q *Questionnaire, role program.Role) {
	cycle := q.CycleLength(role)
	asked := map[string]int{}
	for wave := 1; wave <= cycle; wave++ {
		items := q.WaveItems(wave, role)
		if len(items) > MaxWaveItems {
			t.Errorf("%s, wave %d: %d items", role, wave, len(items))
		}
		if again := q.WaveItems(wave+cycle, role); !reflect.DeepEqual(items, again) {
			t.Errorf("%s: waves %d and %d differ", role, wave, wave+cycle)
		}
		byScale, last := map[string]int{}, -1
		for _, it := range items {
			if !it.Asks(role) {
				t.Errorf("%s, wave %d: item %s is not for them", role, wave, it.ID)
			}
			place := slices.IndexFunc(q.Items, func(o Item) bool { return o.ID == it.ID })
			if place <= last {
				t.Errorf("%s, wave %d: item %s is out of order", role, wave, it.ID)
			}
			last = place
			byScale[it.Scale]++
			asked[it.ID]++
		}
		for _, s := range q.Scales {
			n := 0
			for _, it := range q.ItemsOf(s.ID) {
				if it.Asks(role) {
					n++
				}
			}
			if got := byScale[s.ID]; got != n && (got != 0 || s.CoreFor(role)) {
				t.Errorf("%s, wave %d: %d of %d items of scale %s", role, wave, got, n, s.ID)
			}
		}
	}
	for _, it := range q.Items {
		s, _ := q.Scale(it.Scale)
		want := 0
		if it.Asks(role) {
			want = 1
			if s.CoreFor(role) {
				want = cycle
			}
		}
		if asked[it.ID] != want {
			t.Errorf("%s: item %s is asked %d times in a cycle of %d waves, want %d", role, it.ID, asked[it.ID], cycle, want)
		}
	}
}

func TestPulseRotation(t *testing.T) {
	q := pulse(t)
	for role, want := range map[program.Role]int{program.Mentor: 15, program.Mentee: 14, program.Comparison: 2} {
		checkRotation(t, q, role)
		if got := q.CycleLength(role); got != want {
			t.Errorf("%s: a cycle of %d waves, want %d", role, got, want)
		}
	}
	// Within eight waves: each challenge and each benefit for people.
	early := map[string]bool{}
	for wave := 1; wave <= 8; wave++ {
		for _, role := range program.Roles() {
			for _, it := range q.WaveItems(wave, role) {
				early[it.Scale] = true
			}
		}
	}
	for _, s := range append(q.ScalesOf(KindChallenge), q.ScalesOf(KindBenefit)...) {
		if !early[s.ID] && s.Group != GroupOrganisation {
			t.Errorf("scale %s is not asked in the first eight waves", s.ID)
		}
	}
	// The comparison group's baseline has both confidences.
	first := q.WaveItems(1, program.Comparison)
	for _, scale := range []string{"digital-confidence", "mentoring-confidence"} {
		if !slices.ContainsFunc(first, func(it Item) bool { return it.Scale == scale }) {
			t.Errorf("the comparison group's first wave is without %s", scale)
		}
	}
}

func TestWaveItemsOfAnyNumber(t *testing.T) {
	q := pulse(t)
	first := q.WaveItems(1, program.Mentor)
	for _, wave := range []int{0, -1, -1 << 40} {
		if !reflect.DeepEqual(q.WaveItems(wave, program.Mentor), first) {
			t.Errorf("wave %d is not the first", wave)
		}
	}
	if items := q.WaveItems(3, "boss"); len(items) != 0 || q.CycleLength("boss") != 0 {
		t.Errorf("an unknown role is asked %d items", len(items))
	}
}

// TestScalesOfAWave: those whose items the wave asks the role; of another tool's
// questionnaire all that the role can be asked.
func TestScalesOfAWave(t *testing.T) {
	q := pulse(t)
	for _, role := range program.Roles() {
		for wave := 1; wave <= 2*q.CycleLength(role); wave++ {
			want := map[string]bool{}
			for _, it := range q.WaveItems(wave, role) {
				want[it.Scale] = true
			}
			if got := q.WaveScales(wave, role); !maps.Equal(got, want) {
				t.Errorf("wave %d asks %s %v, want %v", wave, role, got, want)
			}
		}
	}
	past := *q
	past.Past = true
	all := past.WaveScales(1, program.Mentor)
	for _, s := range q.Scales {
		if all[s.ID] != s.Asks(program.Mentor) {
			t.Errorf("past: mentors are asked %s: %v", s.ID, all[s.ID])
		}
	}
}

// oneRole makes a questionnaire for mentors: a core and rotating scales of the
// given sizes.
func oneRole(core int, sizes []int) *Questionnaire {
	q := &Questionnaire{ID: "made", Version: 1}
	add := func(id string, n int, coreFor []program.Role) {
		q.Scales = append(q.Scales, Scale{ID: id, Audience: []program.Role{program.Mentor}, Core: coreFor})
		for i := range n {
			q.Items = append(q.Items, Item{ID: fmt.Sprintf("%s-%d", id, i), Scale: id, Roles: []program.Role{program.Mentor}})
		}
	}
	add("core", core, []program.Role{program.Mentor})
	for i, n := range sizes {
		add(fmt.Sprintf("s%d", i), n, nil)
	}
	return q
}

func TestRotationOfAnyQuestionnaire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		core := rapid.IntRange(1, 11).Draw(t, "core")
		sizes := rapid.SliceOfN(rapid.IntRange(1, MaxWaveItems-core), 0, 40).Draw(t, "sizes")
		checkRotation(t, oneRole(core, sizes), program.Mentor)
	})
}

// fewest tries every way to pack: the truth to compare with.
func fewest(sizes, left []int, best int) int {
	if len(left) >= best {
		return best
	}
	if len(sizes) == 0 {
		return len(left)
	}
	const room = 7
	for w := range left {
		if left[w] >= sizes[0] {
			left[w] -= sizes[0]
			best = fewest(sizes[1:], left, best)
			left[w] += sizes[0]
		}
	}
	return fewest(sizes[1:], append(slices.Clone(left), room-sizes[0]), best)
}

func TestRotationTakesTheFewestWaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 7), 1, 8).Draw(t, "sizes")
		got := oneRole(MaxWaveItems-7, sizes).CycleLength(program.Mentor)
		if want := fewest(sizes, nil, len(sizes)+1); got != want {
			t.Errorf("scales of %v items: %d waves, want %d", sizes, got, want)
		}
	})
}
