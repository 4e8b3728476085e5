package analytics

import (
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// keptRow is all that is kept of a wave and scale, in one row; its slices run in
// parallel, one place a tally.
type keptRow struct {
	program               string
	survey, wave, counted uuid.UUID
	of                    state
	roles, attributes     []string
	counts                [][]uint64  // as countsOf has them
	sums                  [][]float64 // of the index and of its square
	itemSums              [][]float64
	itemProducts          [][]float64
}

var tallyTable = clickhouse.Table[keptRow]{
	Name: "tallies",
	Columns: []clickhouse.Column{
		{Name: "program_id", Type: "LowCardinality(String)"}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"},
		{Name: "counted", Type: "UUID"}, {Name: "wave_revision", Type: "UInt64"}, {Name: "rewritten", Type: "UInt64"},
		{Name: "roles", Type: "Array(LowCardinality(String))"}, {Name: "attributes", Type: "Array(String)"},
		{Name: "counts", Type: "Array(Array(UInt64))"}, {Name: "sums", Type: "Array(Array(Float64))"},
		{Name: "item_sums", Type: "Array(Array(Float64))"}, {Name: "item_products", Type: "Array(Array(Float64))"},
		{Name: "revision", Type: "UInt64"},
	},
	Encode: func(block driver.Batch, rows []keptRow) error {
		for _, k := range rows {
			err := block.Append(k.program, k.survey, k.wave, k.counted, k.of.wave, k.of.rewritten, k.roles, k.attributes,
				k.counts, k.sums, k.itemSums, k.itemProducts, uint64(time.Now().UnixMicro()))
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// countsOf lists the counts of a tally in the order in which they are kept.
func countsOf(t *tally) []*int {
	return []*int{&t.submitted, &t.respondents, &t.scored, &t.favourable, &t.answers, &t.complete, &t.promoters, &t.passives, &t.detractors}
}

func keptRowOf(w survey.Wave, counted uuid.UUID, of state, tallies []*tally) keptRow {
	k := keptRow{program: w.ProgramID, survey: w.SurveyID, wave: w.ID, counted: counted, of: of,
		roles: []string{}, attributes: []string{}, counts: [][]uint64{}, sums: [][]float64{}, itemSums: [][]float64{}, itemProducts: [][]float64{}}
	for _, t := range tallies {
		var counts []uint64
		for _, n := range countsOf(t) {
			counts = append(counts, uint64(*n))
		}
		k.roles, k.attributes = append(k.roles, string(t.role)), append(k.attributes, t.attributes)
		k.counts, k.sums = append(k.counts, counts), append(k.sums, []float64{t.sum, t.squares})
		k.itemSums, k.itemProducts = append(k.itemSums, t.itemSums), append(k.itemProducts, t.itemProducts)
	}
	return k
}

// talliesOf turns a kept row back into what was counted.
func (r *request) talliesOf(k keptRow, sets map[program.Role][]int) ([]*tally, error) {
	tallies := make([]*tally, len(k.roles))
	for i, role := range k.roles {
		t := &tally{attributes: k.attributes[i], sum: k.sums[i][0], squares: k.sums[i][1], itemSums: k.itemSums[i], itemProducts: k.itemProducts[i]}
		counts := countsOf(t)
		if len(counts) != len(k.counts[i]) {
			return nil, fmt.Errorf("kept tally of wave %s has %d counts, not %d", k.wave, len(k.counts[i]), len(counts))
		}
		for n, count := range counts {
			*count = int(k.counts[i][n])
		}
		var segment survey.Attributes
		if err := segment.Scan(t.attributes); err != nil {
			return nil, err
		}
		t.group = r.groupOf(role, segment)
		t.itemSetsOfRoles = sets[t.role]
		tallies[i] = t
	}
	return tallies, nil
}
