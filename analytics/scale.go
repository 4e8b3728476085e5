package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/scale.sql
var scaleSQL string

// scale is what the store needs to know of a questionnaire's scale.
type scale struct {
	id       string
	title    survey.Text
	min, max float64
	items    []survey.Item
	long     bool   // too many items to be read
	enps     uint16 // the item asked beside it, 0 for none
	warnFrom float64

	recommends bool // it is the question of the eNPS, read by itself
}

// scaleIn finds a scale in a questionnaire. It has items unless the
// questionnaire lacks the scale or its items are not rated on the same points.
func scaleIn(q *survey.Questionnaire, id string, enps uint16) scale {
	s, _ := q.Scale(id)
	one := scale{id: id, title: s.Title, min: s.Points.Min, max: s.Points.Max, enps: enps, warnFrom: s.WarnFrom}
	if one.max > one.min {
		one.items = q.ItemsOf(id)
	}
	if math.Pow(float64(one.base()), float64(len(one.items))) > maxPattern {
		one.items, one.long = nil, true
	}
	return one
}

// maxPattern bounds the numbers that stand for patterns of answers: up to it a
// Float64 is exact, which is 20 items of 5 points or 14 of 11.
const maxPattern = 1 << 53

// base is the base of the digits of a pattern: a digit for every point and 0.
func (s scale) base() uint64 { return uint64(s.max-s.min) + 2 }

// asked counts the items of the scale that a role is asked.
func (s scale) asked(role program.Role) int {
	n := 0
	for _, it := range s.items {
		if it.Asks(role) {
			n++
		}
	}
	return n
}

// mixed reports whether mentors and mentees are asked different items, so that
// those of all participants have no covariances. It depends on who is asked, not
// on who has answered.
func (s scale) mixed() bool {
	if s.asked(program.Mentor) == 0 || s.asked(program.Mentee) == 0 {
		return false
	}
	return !s.alike(program.Mentor, program.Mentee)
}

// alike reports whether two roles are asked the same items.
func (s scale) alike(a, b program.Role) bool {
	return !slices.ContainsFunc(s.items, func(it survey.Item) bool { return it.Asks(a) != it.Asks(b) })
}

// signature tells scales apart by what the store reads of them, so that waves
// with the same one share a scan.
func (s scale) signature() string { return fmt.Sprint(s.enps, " ", s.content()) }

// content tells scales apart by what their scores mean: only waves with the
// same can be compared.
func (s scale) content() string {
	key := fmt.Sprint(s.id, s.min, s.max)
	for _, it := range s.items {
		key += fmt.Sprint(" ", it.Number, it.Reversed, it.Roles)
	}
	return key
}

// tally holds the sufficient statistics of a scale over the people of one wave
// who share a role and all attribute values. Tallies add up.
type tally struct {
	group
	submitted       int     // final responses
	respondents     int     // of them, with any answer on the scale
	scored          int     // of them, with at least half of the items
	sum, squares    float64 // of the index, 0–100
	favourable      int     // answers among the top two points
	answers         int
	complete        int       // people who answered every item
	itemSums        []float64 // over them, points from 1, reversed items turned
	itemProducts    []float64 // k×k
	promoters       int
	passives        int
	detractors      int
	itemSetsOfRoles []int // places in scale.items, when all roles share them

	attributes string // of the group, as the store has them
}

func (t *tally) add(o *tally) {
	t.submitted += o.submitted
	t.respondents += o.respondents
	t.scored += o.scored
	t.sum += o.sum
	t.squares += o.squares
	t.favourable += o.favourable
	t.answers += o.answers
	t.promoters += o.promoters
	t.passives += o.passives
	t.detractors += o.detractors
	if o.complete == 0 {
		return
	}
	if t.complete == 0 {
		t.complete, t.itemSetsOfRoles = o.complete, o.itemSetsOfRoles
		t.itemSums, t.itemProducts = slices.Clone(o.itemSums), slices.Clone(o.itemProducts)
		return
	}
	t.complete += o.complete
	for i := range t.itemSums {
		t.itemSums[i] += o.itemSums[i]
	}
	for i := range t.itemProducts {
		t.itemProducts[i] += o.itemProducts[i]
	}
}

func (t *tally) raters() int { return t.promoters + t.passives + t.detractors }

// sample is the index of the people as a sample.
func (t *tally) sample() stats.Sample { return sampleOf(t.scored, t.sum, t.squares) }

// sampleOf turns sums into a sample. What rounding leaves of the variance of
// numbers that are all the same counts as none.
func sampleOf(n int, sum, squares float64) stats.Sample {
	s := stats.Sample{N: n}
	if n == 0 {
		return s
	}
	s.Mean = sum / float64(n)
	if n > 1 {
		s.Variance = (squares - sum*s.Mean) / float64(n-1)
		if s.Variance < 1e-9*max(squares/float64(n), 1) {
			s.Variance = 0
		}
	}
	return s
}

// sums are what sampleOf makes the sample of.
func sums(s stats.Sample) (n int, sum, squares float64) {
	n = s.N
	if n > 0 {
		sum = float64(n) * s.Mean
		squares = sum * s.Mean
	}
	if n > 1 {
		squares += float64(n-1) * s.Variance
	}
	return n, sum, squares
}

// covariance is the unbiased covariance matrix of the items that the people
// were asked.
func (t *tally) covariance() [][]float64 {
	k, n := len(t.itemSums), float64(t.complete)
	cov := make([][]float64, len(t.itemSetsOfRoles))
	for a, i := range t.itemSetsOfRoles {
		cov[a] = make([]float64, len(t.itemSetsOfRoles))
		for b, j := range t.itemSetsOfRoles {
			cov[a][b] = (t.itemProducts[i*k+j] - t.itemSums[i]*t.itemSums[j]/n) / (n - 1)
		}
	}
	return cov
}

// occasion is a scale in a wave.
type occasion struct {
	wave  survey.Wave
	scale scale
}

// scan reads the tallies of each occasion. Waves without the scale have the
// tallies of who submitted. Of closed waves it takes what is kept, of all scales
// at once; what is not it counts, a query for each scale, and keeps where it may.
func (r *request) scan(ctx context.Context, of []occasion) ([][]*tally, error) {
	states, err := r.states(ctx, wavesOf(of)) // before anything is counted
	if err != nil {
		return nil, err
	}
	found, missing, err := r.kept(ctx, of, states)
	if err != nil {
		return nil, err
	}
	batches := map[string][]int{}
	for _, i := range missing {
		key := of[i].scale.signature()
		batches[key] = append(batches[key], i)
	}
	for _, key := range slices.Sorted(maps.Keys(batches)) {
		var waves []survey.Wave
		for _, i := range batches[key] {
			waves = append(waves, of[i].wave)
		}
		counted, err := r.count(ctx, waves, of[batches[key][0]].scale)
		if err != nil {
			return nil, err
		}
		for _, i := range batches[key] {
			found[i] = counted[of[i].wave.ID]
		}
	}
	r.keep(ctx, of, missing, states, found)
	return found, nil
}

// wavesOf lists the waves of the occasions, each once.
func wavesOf(of []occasion) []survey.Wave {
	var waves []survey.Wave
	seen := map[uuid.UUID]bool{}
	for _, o := range of {
		if !seen[o.wave.ID] {
			seen[o.wave.ID] = true
			waves = append(waves, o.wave)
		}
	}
	return waves
}

// itemSets are the places in the scale's items that each role is asked.
func (s scale) itemSets() map[program.Role][]int {
	sets := map[program.Role][]int{}
	for i, it := range s.items {
		for _, role := range it.Roles {
			sets[role] = append(sets[role], i)
		}
	}
	return sets
}

// count reads the tallies from the responses.
func (r *request) count(ctx context.Context, waves []survey.Wave, s scale) (map[uuid.UUID][]*tally, error) {
	surveyIDs, waveIDs := ids(waves)
	params := append(r.scaleParams(s), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	sets, into := s.itemSets(), map[uuid.UUID][]*tally{}
	_, err := clickhouse.Collect(ctx, r.db, "scale "+s.id, scaleSQL, func(rows driver.Rows) (*tally, error) {
		var (
			wave                           uuid.UUID
			role                           string
			segment                        survey.Attributes
			submitted, respondents, scored uint64
			favourable, answers, complete  uint64
			promoters, detractors          uint64
			passives                       int64
			t                              = &tally{}
		)
		err := rows.Scan(&wave, &role, &t.attributes, &submitted, &respondents, &scored, &t.sum, &t.squares,
			&favourable, &answers, &complete, &t.itemSums, &t.itemProducts, &promoters, &passives, &detractors)
		if err == nil {
			err = segment.Scan(t.attributes)
		}
		t.group = r.groupOf(role, segment)
		t.submitted, t.respondents, t.scored = int(submitted), int(respondents), int(scored)
		t.favourable, t.answers, t.complete = int(favourable), int(answers), int(complete)
		t.promoters, t.passives, t.detractors = int(promoters), int(passives), int(detractors)
		t.itemSetsOfRoles = sets[t.role]
		into[wave] = append(into[wave], t)
		return t, err
	}, params...)
	return into, err
}

// scaleParams binds what describes the scale and whom to read: every role,
// whichever is asked for, since what may be shown of one depends on the others.
func (r *request) scaleParams(s scale) []any {
	items, weights, reversed := []uint16{0}, []uint64{0}, []uint16{0} // an item that nobody is asked
	reversedItems := []uint16{}
	if len(s.items) > 0 {
		items, weights, reversed = nil, nil, nil
	}
	weight := uint64(1)
	for _, it := range s.items {
		items, weights = append(items, it.Number), append(weights, weight)
		weight *= s.base()
		turned := uint16(0)
		if it.Reversed {
			turned, reversedItems = 1, append(reversedItems, it.Number)
		}
		reversed = append(reversed, turned)
	}
	roles := []string{}
	asked := []uint16{}
	for _, role := range program.Roles() {
		n := s.asked(role)
		if n == 0 {
			n = math.MaxUint16 // nobody can have answered half
		}
		roles, asked = append(roles, string(role)), append(asked, uint16(n))
	}
	return []any{
		clickhouse.Named("program", r.program.ID), clickhouse.Named("segmented", len(r.by) > 0),
		clickhouse.Named("items", items), clickhouse.Named("weights", weights), clickhouse.Named("reversed", reversed),
		clickhouse.Named("reversed_items", reversedItems), clickhouse.Named("base", s.base()), clickhouse.Named("shift", 1-s.min),
		clickhouse.Named("min", s.min), clickhouse.Named("max", s.max), clickhouse.Named("enps", s.enps),
		clickhouse.Named("roles", roles), clickhouse.Named("asked", asked),
	}
}
