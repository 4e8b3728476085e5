package analytics

import (
	"context"
	"fmt"
	"slices"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// driversThere are the clusters that those of a model are compared with, or why
// there are none.
type driversThere struct {
	from     string // label of the wave
	clusters []driverCluster
	plan     plans
	cell     *suppression.Cell // whom they are of; nil for the same as the figure
	why      string            // a code, "" where there are some
	same     bool              // people in both can be told to be the same
}

// comparableModels are the models of a role: for a comparison with the comparison
// group of the scales that both are asked together, unless there are none.
func (r *request) comparableModels(f *frame, role program.Role) *driverModels {
	if r.Compare == CompareGroup && role != program.Comparison {
		if m := r.modelsOf(f, role, program.Comparison); len(m.waves) > 0 {
			return m
		}
	}
	return r.modelsOf(f, role, "")
}

// driversElsewhere are what the query compares the models with, one each; nil when
// it compares with nothing.
func (r *request) driversElsewhere(ctx context.Context, f *frame, m *driverModels, buckets int) ([]driversThere, error) {
	list := make([]driversThere, len(m.models))
	switch {
	case r.Compare == "":
		return nil, nil
	case r.Compare == CompareGroup:
		return list, r.driversOfGroup(ctx, f, m, list, buckets)
	case r.first == 0:
		code := CodePooled
		if r.end == 1 {
			code = CodeNoEarlier
		}
		for i := range list {
			list[i].why = code
		}
		return list, nil
	}
	var before []survey.Wave
	for _, w := range r.closed(r.waves[:r.first]) {
		if w.SurveyID == m.waves[len(m.waves)-1].SurveyID {
			before = append(before, w)
		}
	}
	questionnaires, err := r.questionnaires(ctx, before)
	if err != nil {
		return nil, err
	}
	for i, set := range m.models {
		if len(m.wavesOf(i)) == 0 {
			continue
		}
		list[i].why = CodeOtherScales
		if len(before) == 0 {
			list[i].why = CodeNoEarlier
		}
		at := -1
		for w := range before {
			if m.asksAll(questionnaires[w], before[w].Number, set) && (at < 0 || r.Compare == ComparePrevious) {
				at = w
			}
		}
		if at < 0 {
			continue
		}
		once := &driverModels{role: m.role, scales: m.scales, models: [][]uint16{set}, waves: before[at : at+1], modelOf: []uint16{1}, always: []uint16{0}}
		clusters, err := r.driverClusters(ctx, once, buckets)
		if err != nil {
			return nil, err
		}
		list[i] = r.theirs(before[at], clusters[0])
		list[i].same = r.program.Policy != program.Anonymous
	}
	return list, nil
}

// driversOfGroup fills in those of the comparison group.
func (r *request) driversOfGroup(ctx context.Context, f *frame, m *driverModels, list []driversThere, buckets int) error {
	for i := range list {
		list[i].why = CodeOthersScales
		if m.role == program.Comparison {
			list[i].why = CodeItself
		}
	}
	if m.beside != program.Comparison {
		return nil
	}
	group := r.modelsOf(f, program.Comparison, m.role)
	if len(group.waves) == 0 {
		return nil
	}
	clusters, err := r.driverClusters(ctx, group, buckets)
	if err != nil {
		return err
	}
	for i, set := range m.models {
		waves := m.wavesOf(i)
		for j, other := range group.models {
			if len(waves) == 0 || m.contents(set) != group.contents(other) || len(group.wavesOf(j)) != len(waves) {
				continue
			}
			list[i] = r.theirs(waves[len(waves)-1], clusters[j])
			whole := suppression.Whole(string(program.Comparison))
			list[i].cell = &whole
		}
	}
	return nil
}

func (r *request) theirs(w survey.Wave, clusters []driverCluster) driversThere {
	return driversThere{from: w.Occurrence, clusters: clusters,
		plan: planOf(r.rule(), clusters, func(c driverCluster) int { return c.persons }).during(true, false)}
}

// asksAll reports whether a wave asks the role all scales of a set.
func (m *driverModels) asksAll(q *survey.Questionnaire, wave int, set []uint16) bool {
	there := &driverModels{role: m.role}
	asked := map[string]bool{}
	for _, s := range there.askedIn(q, wave, map[string]uint16{}) {
		asked[there.scales[s-1].content()] = true
	}
	return !slices.ContainsFunc(set, func(s uint16) bool { return !asked[m.scales[s-1].content()] })
}

// contents tells sets of scales apart.
func (m *driverModels) contents(set []uint16) string {
	key := ""
	for _, s := range set {
		key += fmt.Sprintf("%q", m.scales[s-1].content())
	}
	return key
}

// compareDrivers fills in the changes of the figures of a model and cell, as
// driverFigures gives them. Both models being shown, a difference of their figures
// tells no more than they do.
func (r *request) compareDrivers(figures []Figure, there driversThere, all []driverCluster, c suppression.Cell) {
	if figures[0].Withheld != nil {
		return
	}
	of := c
	if there.cell != nil {
		of = *there.cell
	}
	predictors := (len(figures) - 1) / 3
	then, peopleThen := clustersIn(there.clusters, of)
	now, people := clustersIn(all, c)
	why := there.why
	switch verdict := there.plan; {
	case why != "":
	case len(there.clusters) == 0 && there.cell != nil:
		why = CodeNoComparison
	case verdict.verdict(of) != suppression.Shown:
		why = CodeNotCompared
	case peopleThen < casesPerDriver*predictors:
		why = CodeTooFewCases
	}
	if there.same && why == "" {
		then, now = together(there.clusters, all, c)
	}
	var changes stats.DriverChanges
	if why == "" {
		var err error
		if changes, err = stats.CompareDrivers(then, now, there.same, stats.Resampling{Resamples: driverResamples, Seed: bootstrapSeed}); err != nil {
			why = r.why(err).Code
		}
	}
	if why != "" {
		for i := range figures {
			if figures[i].Withheld == nil {
				figures[i].Change = r.noChange(r.Compare, there.from, why)
			}
		}
		return
	}
	list := []stats.DriverChange{changes.R2}
	for i := range predictors {
		list = append(list, changes.Weights[i], changes.Shares[i], changes.Correlations[i])
	}
	for i, one := range list {
		if figures[i].Withheld != nil {
			continue
		}
		out := &Change{Against: r.Compare, From: there.from, Method: methodBootstrap, Other: &one.Other}
		one.Difference.N = people + peopleThen
		r.tested(out, one.TTest, nil)
		if out.Low == nil { // there is no test without one
			out.P, out.NoTest = nil, out.NoInterval
		}
		figures[i].Change = out
	}
}

// together are the clusters of a cell's people in two waves, those of the same
// people at the same place.
func together(then, now []driverCluster, c suppression.Cell) (before, after []stats.ScoreCluster) {
	places := map[uint64]int{}
	put := func(list []driverCluster, into func(at int) *stats.ScoreCluster) {
		for _, one := range list {
			if !one.in(c) {
				continue
			}
			at, known := places[one.id]
			if !known {
				at = len(places)
				places[one.id] = at
				k := len(one.cluster.Sums)
				before = append(before, stats.ScoreCluster{Sums: make([]float64, k), Products: make([]float64, k*k)})
				after = append(after, stats.ScoreCluster{Sums: make([]float64, k), Products: make([]float64, k*k)})
			}
			into(at).Add(one.cluster)
		}
	}
	put(then, func(at int) *stats.ScoreCluster { return &before[at] })
	put(now, func(at int) *stats.ScoreCluster { return &after[at] })
	return before, after
}
