package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed queries/drivers.sql
var driversSQL string

const (
	// casesPerDriver is how many people a model needs for each of its predictors.
	casesPerDriver = 10
	// driverResamples are fewer than elsewhere: each is a decomposition.
	driverResamples = 500
)

// driverKinds are the kinds of scale that may move with engagement. The eNPS is
// none: like engagement, it is what the programme is to bring about.
func driverKinds() []survey.Kind {
	return []survey.Kind{survey.KindConfidence, survey.KindRetention, survey.KindBenefit, survey.KindChallenge, survey.KindStep, survey.KindAim}
}

// Drivers reports which scales move with engagement, for each role by itself, by
// relative weights (Johnson 2000).
//
// Weights need everybody's answers to all scales of a model. Since the
// questionnaire asks most in turn, there is a model for each set of scales that a
// wave asks, over all the waves with that set, and before them one of the scales
// that every wave asks, over all of them. Scores are taken about the role's mean in
// their wave, and a person's in several waves count as one cluster. Only closed
// waves count. Where answers are not linked one person cannot be told from two, so
// only the newest wave of each model does.
//
// Nothing is compared by itself. Against an earlier wave the same scales are weighed
// in it, and against the comparison group those that both are asked together.
func (s *Service) Drivers(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("drivers")
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	waves := r.closed(r.asked())
	if len(waves) == 0 {
		out.Notice = r.withheld(CodeOpenWave)
		return out, nil
	}
	wave := r.wave(waves[len(waves)-1])
	out.Wave = &wave
	f, err := r.frame(ctx, waves)
	if err != nil {
		return nil, err
	}
	for _, role := range program.Roles() {
		if r.Role != "" && r.Role != role {
			continue
		}
		if err := r.driversOf(ctx, out, f, r.comparableModels(f, role)); err != nil {
			return nil, err
		}
	}
	r.adjust(out.Figures)
	if len(out.Figures) == 0 {
		out.Notice = r.withheld(CodeNotMeasured)
	}
	return r.finish(out), nil
}

// driverModels are the models of a role: places in scales, the outcome first.
type driverModels struct {
	role    program.Role
	beside  program.Role // who is to have been asked the same, "" for nobody
	scales  []scale
	models  [][]uint16 // places in scales, from 1
	waves   []survey.Wave
	modelOf []uint16 // of each wave, the place of its model, from 1
	always  []uint16 // of each wave, 1 where it counts for the first model
}

// modelsOf sorts the waves by the scales that they ask a role beside engagement; of
// these, with beside, by those that they ask that role alike.
func (r *request) modelsOf(f *frame, role, beside program.Role) *driverModels {
	m := &driverModels{role: role, beside: beside}
	places := map[string]uint16{}
	var asked [][]uint16
	for w, q := range f.questionnaires {
		set := m.askedIn(q, f.waves[w].Number, places)
		if len(set) > 1 {
			m.waves, asked = append(m.waves, f.waves[w]), append(asked, set)
		}
	}
	if len(m.waves) == 0 {
		return m
	}
	always := slices.Clone(asked[0])
	for _, set := range asked {
		always = slices.DeleteFunc(always, func(s uint16) bool { return !slices.Contains(set, s) })
	}
	if len(always) == 0 || always[0] != asked[0][0] { // not the same engagement
		always = nil
	}
	m.models = [][]uint16{always}
	for _, set := range asked {
		at := slices.IndexFunc(m.models, func(one []uint16) bool { return slices.Equal(one, set) })
		if at < 0 {
			at = len(m.models)
			m.models = append(m.models, set)
		}
		m.modelOf, m.always = append(m.modelOf, uint16(at+1)), append(m.always, min(uint16(len(always)/2), 1)) // an outcome alone is none
	}
	if r.program.Policy == program.Anonymous {
		m.newestOnly()
	}
	return m
}

// askedIn are the places of the scales that a wave asks the role, engagement
// first; none without it.
func (m *driverModels) askedIn(q *survey.Questionnaire, wave int, places map[string]uint16) []uint16 {
	asked := q.WaveScales(wave, m.role)
	var besides map[string]bool
	if m.beside != "" {
		besides = q.WaveScales(wave, m.beside)
	}
	var set []uint16
	for i, kind := range append([]survey.Kind{survey.KindEngagement}, driverKinds()...) {
		for _, s := range q.ScalesOf(kind) {
			one := scaleIn(q, s.ID, 0)
			if !asked[s.ID] || one.asked(m.role) == 0 || i == 0 && len(set) > 0 {
				continue
			}
			if m.beside != "" && (!besides[s.ID] || !one.alike(m.role, m.beside)) {
				continue
			}
			key := one.content()
			if places[key] == 0 {
				m.scales = append(m.scales, one)
				places[key] = uint16(len(m.scales))
			}
			set = append(set, places[key])
		}
		if len(set) == 0 {
			return nil
		}
	}
	return set
}

// newestOnly leaves each model its newest wave.
func (m *driverModels) newestOnly() {
	waves, modelOf, always := m.waves, m.modelOf, m.always
	m.waves, m.modelOf, m.always = nil, nil, nil
	for i, w := range slices.Backward(waves) {
		if slices.Contains(m.modelOf, modelOf[i]) {
			continue
		}
		first := always[i]
		if len(m.waves) > 0 {
			first = 0
		}
		m.waves, m.modelOf, m.always = append(m.waves, w), append(m.modelOf, modelOf[i]), append(m.always, first)
	}
	slices.Reverse(m.waves)
	slices.Reverse(m.modelOf)
	slices.Reverse(m.always)
}

// wavesOf are the waves that count for a model.
func (m *driverModels) wavesOf(model int) []survey.Wave {
	var waves []survey.Wave
	for i, w := range m.waves {
		if int(m.modelOf[i]) == model+1 || model == 0 && m.always[i] == 1 {
			waves = append(waves, w)
		}
	}
	return waves
}

// driverCluster is a cluster of people who share a role and attribute values.
type driverCluster struct {
	group
	id      uint64
	cluster stats.ScoreCluster
	persons int
}

// driverClusters reads those of each model, by its place.
func (r *request) driverClusters(ctx context.Context, m *driverModels, buckets int) (map[int][]driverCluster, error) {
	var items, scaleOf, turned, asked, scales []uint16
	var lows, highs []float64
	for i, s := range m.scales {
		asked, scales = append(asked, uint16(s.asked(m.role))), append(scales, uint16(i+1))
		for _, it := range s.items {
			if !it.Asks(m.role) {
				continue
			}
			items, scaleOf, lows, highs = append(items, it.Number), append(scaleOf, uint16(i+1)), append(lows, s.min), append(highs, s.max)
			turned = append(turned, 0)
			if it.Reversed {
				turned[len(turned)-1] = 1
			}
		}
	}
	found := map[int][]driverCluster{}
	surveyIDs, waveIDs := ids(m.waves)
	_, err := clickhouse.Collect(ctx, r.db, "drivers", driversSQL, func(rows driver.Rows) (struct{}, error) {
		var (
			model           uint16
			segment         survey.Attributes
			people, vectors uint64
			c               driverCluster
		)
		err := rows.Scan(&model, &segment, &c.id, &people, &vectors, &c.cluster.Sums, &c.cluster.Products)
		c.group, c.persons, c.cluster.N = r.groupOf(string(m.role), segment), int(people), int(vectors)
		found[int(model)-1] = append(found[int(model)-1], c)
		return struct{}{}, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("role", string(m.role)), clickhouse.Named("segmented", len(r.by) > 0),
		clickhouse.Named("items", items), clickhouse.Named("scale_of", scaleOf), clickhouse.Named("turned", turned),
		clickhouse.Named("lows", lows), clickhouse.Named("highs", highs), clickhouse.Named("scales", scales), clickhouse.Named("asked", asked),
		clickhouse.Named("models", m.models), clickhouse.Named("model_of", m.modelOf), clickhouse.Named("always", m.always),
		clickhouse.Named("buckets", buckets))
	return found, err
}

// driversOf adds the models of a role and their figures.
func (r *request) driversOf(ctx context.Context, out *Report, f *frame, m *driverModels) error {
	if len(m.waves) == 0 {
		return nil
	}
	invited := map[string]bool{}
	for _, w := range m.waves {
		for _, g := range f.invited[w.ID] {
			invited[fmt.Sprintf("%q", g.values)] = true
		}
	}
	buckets := max(bootstrapClusters/(1+len(invited)), 100)
	clusters, err := r.driverClusters(ctx, m, buckets)
	if err != nil {
		return err
	}
	others, err := r.driversElsewhere(ctx, f, m, buckets)
	if err != nil {
		return err
	}
	for i, set := range m.models {
		waves := m.wavesOf(i)
		if len(waves) == 0 {
			continue
		}
		model := DriverModel{Role: m.role, Outcome: m.scales[set[0]-1].id}
		for _, w := range waves {
			model.Waves = append(model.Waves, w.Occurrence)
		}
		for _, s := range set[1:] {
			model.Scales = append(model.Scales, m.scales[s-1].id)
		}
		out.Models = append(out.Models, model)
		groups := groupsOf(clusters[i])
		for _, w := range waves {
			groups = append(groups, f.invited[w.ID]...)
		}
		plan := planOf(r.rule(), clusters[i], func(c driverCluster) int { return c.persons }).during(true, false)
		for _, c := range r.cells(groups, []program.Role{m.role}, []program.Role{m.role}) {
			figures := r.driverFigures(m, set, waves[len(waves)-1], clusters[i], plan.verdict(c), c)
			if others != nil {
				r.compareDrivers(figures, others[i], clusters[i], c)
			}
			for j := range figures {
				figures[j].Model = len(out.Models)
			}
			out.Figures = append(out.Figures, figures...)
		}
	}
	return nil
}

// clustersIn are the clusters of a cell's people, and how many these are.
func clustersIn(all []driverCluster, c suppression.Cell) (own []stats.ScoreCluster, people int) {
	for _, one := range all {
		if one.in(c) {
			own, people = append(own, one.cluster), people+one.persons
		}
	}
	return own, people
}

// driverFigures are those of one model and cell: R², then weight, share and
// correlation of each predictor.
func (r *request) driverFigures(m *driverModels, set []uint16, w survey.Wave, all []driverCluster, v suppression.Verdict, c suppression.Cell) []Figure {
	own, people := clustersIn(all, c)
	predictors := set[1:]
	estimates := stats.DriverEstimates{Weights: make([]stats.Estimate, len(predictors)), Shares: make([]stats.Estimate, len(predictors)),
		Correlations: make([]stats.Estimate, len(predictors))}
	var err error
	switch {
	case v != suppression.Shown:
	case people < casesPerDriver*len(predictors):
		err = reason(CodeTooFewCases)
	default:
		var found stats.DriverEstimates
		if found, err = stats.EstimateDrivers(own, stats.Resampling{Resamples: driverResamples, Seed: bootstrapSeed}); err == nil {
			estimates = found
		}
	}
	figure := func(measure string, s uint16, e stats.Estimate) Figure {
		f := r.figure(measure, w.Occurrence, c)
		f.Scale, f.ScaleTitle = m.scales[s-1].id, m.scales[s-1].title.In(r.Lang)
		e.N = people
		return r.show(f, v, func() (stats.Estimate, error) { return e, err })
	}
	list := []Figure{figure(MeasureDriversR2, set[0], estimates.R2)}
	for i, s := range predictors {
		list = append(list, figure(MeasureDriverWeight, s, estimates.Weights[i]), figure(MeasureDriverShare, s, estimates.Shares[i]),
			figure(MeasureDriverCorrelation, s, estimates.Correlations[i]))
	}
	return list
}
