package analytics

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// TestDriversAreComparedAsBruteForceDoes: against an earlier wave the same scales,
// against the comparison group those that both are asked.
func TestDriversAreComparedAsBruteForceDoes(t *testing.T) {
	f := newFixture(t, 3)
	f.population(11, 600)
	items := map[string][]uint16{"engagement": engagementItems, "digital": {5, 6}, "mentoring": {7, 8}, "stay": {9}, "literacy": {11, 12}, "recognition": {13}, "inclusion": {14}, "time": {15}}
	all := map[program.Role][]string{program.Mentor: {"engagement", "mentoring", "stay", "recognition", "time", "inclusion"}, program.Mentee: {"engagement", "digital", "stay", "literacy", "time"}}
	common := map[program.Role][]string{program.Mentor: {"engagement", "mentoring", "stay"}, program.Mentee: {"engagement", "digital", "stay", "literacy"}}
	for name, test := range map[string]struct {
		query     Query
		scales    map[program.Role][]string
		now, then []int
		group     bool
	}{
		"the wave before":             {Query{Wave: "3", Compare: ComparePrevious}, all, []int{2}, []int{1}, false},
		"the first wave, a range":     {Query{Wave: "2..", Compare: CompareBaseline}, all, []int{1, 2}, []int{0}, false},
		"the comparison group":        {Query{Compare: CompareGroup}, common, []int{0, 1, 2}, []int{0, 1, 2}, true},
		"the comparison group, a cut": {Query{Compare: CompareGroup, By: "location"}, common, []int{0, 1, 2}, []int{0, 1, 2}, true},
	} {
		t.Run(name, func(t *testing.T) {
			checked := 0
			for _, figure := range f.report(f.service.Drivers, test.query).Figures {
				if figure.Role == program.Comparison {
					if test.group && figure.Withheld == nil {
						withheldChange(t, figure, CompareGroup, CodeItself)
					}
					continue
				}
				if figure.Withheld != nil {
					continue
				}
				names := test.scales[figure.Role]
				var lists [][]uint16
				for _, scale := range names {
					lists = append(lists, items[scale])
				}
				in := func(r survey.Response) bool {
					return figure.Segment == nil || r.Attributes["location"] == figure.Segment["location"]
				}
				there, who := in, figure.Role
				if test.group {
					there, who = func(survey.Response) bool { return true }, program.Comparison
				}
				reversed := map[uint16]bool{2: true, 12: true}
				now, withNow, people := bruteDrivers(f, figure.Role, test.now, lists, reversed, in)
				then, withThen, peopleThen := bruteDrivers(f, who, test.then, lists, reversed, there)
				at := slices.Index(names, figure.Scale) - 1
				value, other := 0., 0.
				switch figure.Measure {
				case MeasureDriversR2:
					value, other = now.R2, then.R2
				case MeasureDriverWeight:
					value, other = now.Weights[at], then.Weights[at]
				case MeasureDriverShare:
					value, other = now.Weights[at]/now.R2, then.Weights[at]/then.R2
				case MeasureDriverCorrelation:
					value, other = withNow[at], withThen[at]
				}
				name := fmt.Sprint(figure.Measure, " ", figure.Scale, " ", figure.Role, figure.Segment)
				near(t, name, figure.Value, value)
				c := figure.Change
				if c == nil || c.Withheld != nil || c.Method != methodBootstrap || c.Against != test.query.Compare || c.From != f.waves[test.then[len(test.then)-1]].Occurrence {
					t.Errorf("%s: change %+v", name, c)
					continue
				}
				checked++
				near(t, name, c.Other, other)
				near(t, name, c.Value, value-other)
				count(t, name, c.N, people+peopleThen)
				if c.Low == nil && (c.P != nil || code(c.NoTest) != CodeBiased) || c.Low != nil && (c.P == nil || c.Q == nil || *c.Low > *c.Value || *c.High < *c.Value) {
					t.Errorf("%s: change %+v", name, c)
				}
			}
			if checked < 15 {
				t.Errorf("%d figures", checked)
			}
		})
	}
}

// TestDriversPageSaysWhatIsCompared and with what, or why not.
func TestDriversPageSaysWhatIsCompared(t *testing.T) {
	f := newFixture(t, 3)
	f.population(11, 600)
	o := newOwner(f)
	for query, says := range map[string][]string{
		"lang=en&wave=3&compare=previous": {"(in the wave of 19 Jan 2026: +0.", "(in the wave of 19 Jan 2026: 1", "No discernible change since 19 Jan 2026 (interval −"},
		"lang=uk&wave=3&compare=previous": {"(у хвилі 19.01.2026: +0,", "(у хвилі 19.01.2026: 1", "Без помітних змін проти хвилі 19.01.2026 (інтервал від −"},
		"lang=en&compare=comparison":      {"(in the comparison group: +0.", "This would be compared with itself."},
		"lang=uk&compare=baseline":        {"У цьому показнику вже враховано всі хвилі."},
	} {
		page := readable(o.get("/programs/acme/drivers?"+query, "", o.key).Body.String())
		for _, text := range says {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not say %q", query, text)
			}
		}
	}
	page := readable(o.get("/programs/acme/drivers?lang=en&compare=baseline", "", o.key).Body.String())
	if said, models := strings.Count(page, "All waves are in this figure already."), strings.Count(page, "Explained together"); said != models || models == 0 {
		t.Errorf("of %d models it is said %d times that they are not compared", models, said)
	}
	if page := readable(o.get("/programs/acme/drivers?lang=en&wave=3", "", o.key).Body.String()); strings.Contains(page, "(in the ") {
		t.Error("compared without being asked to")
	}
}

// TestDriversThatAreNotCompared say why.
func TestDriversThatAreNotCompared(t *testing.T) {
	for _, policy := range []program.Policy{program.Confidential, program.Anonymous} {
		f := newFixture(t, 6, func(p *program.Program) { p.Policy = policy })
		f.asks("turns", turnsQuestionnaire)
		mentors := [][]uint16{{21, 22}, {23, 24}, {27, 28}, {29, 30}, {21, 22}, {23, 24}}
		for w, items := range mentors {
			for i := range 30 {
				if w == 1 && i > 2 {
					continue // the first turn of career has few answers
				}
				answers := map[uint16]float32{}
				for n := uint16(1); n <= 10; n++ {
					answers[n] = float32(1 + (i/int(n)+w)%5)
				}
				answers[items[0]], answers[items[1]] = float32(1+(i*i+w)%5), float32(1+(i*3+w)%5)
				f.respond(w, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", answers)
			}
		}
		f.store()
		for name, test := range map[string]struct {
			query Query
			from  int
			want  string
		}{
			"its turn before":    {Query{Wave: "5", Compare: ComparePrevious}, 1, ""},
			"its first turn":     {Query{Wave: "5", Compare: CompareBaseline}, 1, ""},
			"the first wave":     {Query{Wave: "1", Compare: ComparePrevious}, 0, CodeNoEarlier},
			"all waves together": {Query{Compare: ComparePrevious}, 0, CodePooled},
			"never asked before": {Query{Wave: "3", Compare: ComparePrevious}, 0, CodeOtherScales},
			"few answered then":  {Query{Wave: "6", Compare: ComparePrevious}, 2, CodeNotCompared},
			"no such group":      {Query{Wave: "5", Compare: CompareGroup}, 0, CodeOthersScales},
		} {
			test.query.Role = program.Mentor
			for _, figure := range f.report(f.service.Drivers, test.query).Figures {
				switch c := figure.Change; {
				case figure.Withheld != nil:
					t.Errorf("%s: %s is withheld: %s", name, figure.Measure, figure.Withheld.Code)
				case test.want != "":
					withheldChange(t, figure, test.query.Compare, test.want)
				case c == nil || c.Value == nil && code(c.NoTest) == "" || c.From != f.waves[test.from-1].Occurrence:
					t.Errorf("%s, %s: %s has the change %+v", policy, name, figure.Measure, c)
				}
			}
		}
	}
}

// TestClustersOfTheSamePeopleStandTogether in both waves, and only of the cell.
func TestClustersOfTheSamePeopleStandTogether(t *testing.T) {
	of := func(id uint64, value string, n int) driverCluster {
		return driverCluster{group: group{program.Mentor, []string{value}}, id: id, persons: n, cluster: clusterOf(n)}
	}
	cell := suppression.Segment(string(program.Mentor), suppression.By(0, "IT"))
	before, after := together([]driverCluster{of(1, "IT", 2), of(2, "HR", 3), of(3, "IT", 4)}, []driverCluster{of(3, "IT", 1), of(1, "HR", 5), of(4, "IT", 6), of(3, "IT", 2)}, cell)
	got := ""
	for i := range before {
		got += fmt.Sprint(before[i].N, "→", after[i].N, " ")
	}
	if got != "2→0 4→3 0→6 " || after[1].Sums[0] != 3 {
		t.Error(got, after)
	}
}

func clusterOf(n int) stats.ScoreCluster {
	return stats.ScoreCluster{N: n, Sums: []float64{float64(n), 0}, Products: make([]float64, 4)}
}
