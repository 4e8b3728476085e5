package analytics

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// bruteDrivers computes R², weights and correlations person by person: vectors of
// those who have a score on every scale, about the role's mean in their wave.
func bruteDrivers(f *fixture, role program.Role, waves []int, scales [][]uint16, reversed map[uint16]bool, in func(survey.Response) bool) (stats.Drivers, []float64, int) {
	type vector struct {
		who    uuid.UUID
		scores []float64
		in     bool
	}
	people := map[uuid.UUID]bool{}
	var columns [][]float64
	for range scales {
		columns = append(columns, nil)
	}
	for _, w := range waves {
		var rows []vector
		means := make([]float64, len(scales))
		for _, one := range f.answers {
			if one.Wave != f.waves[w].ID || one.Role != role || !one.Final {
				continue
			}
			v := vector{who: one.Respondent, in: in(one)}
			for _, items := range scales {
				b := brute([]survey.Response{one}, items, reversed, func(survey.Response) bool { return true })
				v.scores = append(v.scores, b.scores...)
			}
			if len(v.scores) == len(scales) {
				rows = append(rows, v)
			}
		}
		for _, v := range rows {
			for i, x := range v.scores {
				means[i] += x / float64(len(rows))
			}
		}
		for _, v := range rows {
			for i, x := range v.scores {
				if v.in {
					people[v.who] = true
					columns[i] = append(columns[i], x-means[i])
				}
			}
		}
	}
	correlate := func(a, b []float64) float64 {
		var ma, mb, ab, aa, bb float64
		for i := range a {
			ma, mb = ma+a[i]/float64(len(a)), mb+b[i]/float64(len(a))
		}
		for i := range a {
			ab, aa, bb = ab+(a[i]-ma)*(b[i]-mb), aa+(a[i]-ma)*(a[i]-ma), bb+(b[i]-mb)*(b[i]-mb)
		}
		return ab / math.Sqrt(aa*bb)
	}
	var among [][]float64
	var with []float64
	for i := range scales[1:] {
		with = append(with, correlate(columns[0], columns[i+1]))
		among = append(among, nil)
		for j := range scales[1:] {
			among[i] = append(among[i], correlate(columns[i+1], columns[j+1]))
		}
		among[i][i] = 1
	}
	d, err := stats.RelativeWeights(among, with)
	f.must(err)
	return d, with, len(people)
}

func TestDriversAgreeWithBruteForce(t *testing.T) {
	f := newFixture(t, 3)
	f.population(11, 420)
	scales := map[program.Role][]string{
		program.Mentor: {"engagement", "mentoring", "stay", "recognition", "time", "inclusion"}, program.Mentee: {"engagement", "digital", "stay", "literacy", "time"},
		program.Comparison: {"engagement", "digital", "mentoring", "stay", "literacy"},
	}
	items := map[string][]uint16{"engagement": engagementItems, "digital": {5, 6}, "mentoring": {7, 8}, "stay": {9}, "literacy": {11, 12}, "recognition": {13}, "inclusion": {14}, "time": {15}}
	reversed := map[uint16]bool{2: true, 12: true}
	for _, by := range []string{"", "location"} {
		report := f.report(f.service.Drivers, Query{By: by})
		if len(report.Models) != 3 || len(report.Models[0].Waves) != 3 {
			t.Fatalf("models %+v", report.Models)
		}
		checked := 0
		for _, figure := range report.Figures {
			names := scales[figure.Role]
			if got := report.Models[figure.Model-1]; got.Role != figure.Role || !slices.Equal(got.Scales, names[1:]) || got.Outcome != "engagement" {
				t.Fatalf("model %+v, want %v", got, names)
			}
			var lists [][]uint16
			for _, name := range names {
				lists = append(lists, items[name])
			}
			want, with, people := bruteDrivers(f, figure.Role, []int{0, 1, 2}, lists, reversed, func(r survey.Response) bool {
				return figure.Segment == nil || r.Attributes["location"] == figure.Segment["location"]
			})
			name := fmt.Sprint(figure.Measure, " ", figure.Scale, " ", figure.Role, figure.Segment)
			if figure.Withheld != nil {
				t.Errorf("%s of %d people is withheld: %s", name, people, figure.Withheld.Code)
				continue
			}
			checked++
			count(t, name, figure.N, people)
			at := slices.Index(names, figure.Scale) - 1
			switch figure.Measure {
			case MeasureDriversR2:
				near(t, name, figure.Value, want.R2)
			case MeasureDriverWeight:
				near(t, name, figure.Value, want.Weights[at])
			case MeasureDriverShare:
				near(t, name, figure.Value, want.Weights[at]/want.R2)
			case MeasureDriverCorrelation:
				near(t, name, figure.Value, with[at])
			}
			if figure.Low == nil || figure.High == nil || *figure.Low > *figure.High {
				t.Errorf("%s: interval %v to %v", name, figure.Low, figure.High)
			}
		}
		if checked < 40 {
			t.Errorf("by %q: %d figures", by, checked)
		}
	}
}

// TestDriversKeepModelsApart: the scales asked in turn are weighed in the waves
// that asked them, and the intervals are the same every time.
func TestDriversKeepModelsApart(t *testing.T) {
	for _, policy := range []program.Policy{program.Confidential, program.Anonymous} {
		f := newFixture(t, 6, func(p *program.Program) { p.Policy = policy })
		f.asks("turns", turnsQuestionnaire)
		f.service.now = func() time.Time { return f.waves[5].Opens.Add(time.Hour) } // the sixth is open
		mentors := [][]uint16{{21, 22}, {23, 24}, {27, 28}, {29, 30}, {21, 22}, {23, 24}}
		for w, items := range mentors {
			for i := range 30 {
				answers := map[uint16]float32{}
				for n := uint16(1); n <= 10; n++ {
					answers[n] = float32(1 + (i/int(n)+w)%5)
				}
				answers[items[0]], answers[items[1]] = float32(1+(i*i+w)%5), float32(1+(i*3+w)%5)
				f.respond(w, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", answers)
			}
		}
		f.store()
		report := f.report(f.service.Drivers, Query{Role: program.Mentor})
		got := map[string][]string{}
		for _, m := range report.Models {
			got[fmt.Sprint(m.Scales)] = m.Waves
		}
		power := []string{f.waves[0].Occurrence, f.waves[4].Occurrence}
		if policy == program.Anonymous {
			power = power[1:] // answers are not linked, so one wave
		}
		if len(got) != 4 || !slices.Equal(got["[power]"], power) || !slices.Equal(got["[career]"], []string{f.waves[1].Occurrence}) {
			t.Errorf("%s: models %v", policy, got)
		}
		for _, figure := range report.Figures {
			if figure.Withheld != nil || *figure.N != 30 {
				t.Errorf("%s: %+v", policy, figure)
			}
		}
		if again := f.report(f.service.Drivers, Query{Role: program.Mentor}); fmt.Sprint(values(again)) != fmt.Sprint(values(report)) || *again.Figures[1].Low != *report.Figures[1].Low {
			t.Errorf("%s: another answer the second time", policy)
		}
		if open := f.report(f.service.Drivers, Query{Wave: "6"}); code(open.Notice) != CodeOpenWave || len(open.Figures) > 0 {
			t.Errorf("%s: of the open wave: %+v", policy, open.Notice)
		}
	}
}

func TestDriversOfDegenerateData(t *testing.T) {
	fill := func(n int, answers func(i int) map[uint16]float32) func(*fixture) {
		return func(f *fixture) {
			for i := range n {
				f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", answers(i))
			}
		}
	}
	// of are answers of a mentor with the given recognition and time.
	of := func(i int, recognition, lack float32) map[uint16]float32 {
		x := float32(1 + i*i%5)
		return map[uint16]float32{1: x, 2: 3, 3: float32(1 + i%5), 7: float32(1 + i%3), 8: 2, 9: float32(1 + i%4), 13: recognition, 14: float32(1 + i*i*i%5), 15: lack}
	}
	for name, test := range map[string]struct {
		fill func(*fixture)
		want string
	}{
		"nobody":           {func(*fixture) {}, CodeTooFew},
		"one respondent":   {fill(1, func(i int) map[uint16]float32 { return of(i, 2, 3) }), CodeTooFew},
		"forty":            {fill(40, func(i int) map[uint16]float32 { return of(i, float32(1+i*7%5), float32(1+i%2)) }), CodeTooFewCases},
		"everyone alike":   {fill(60, func(int) map[uint16]float32 { return of(1, 2, 3) }), CodeConstant},
		"one scale alike":  {fill(60, func(i int) map[uint16]float32 { return of(i, 4, float32(1+i%2)) }), CodeConstant},
		"the same twice":   {fill(60, func(i int) map[uint16]float32 { return of(i, float32(1+i%2), float32(2-i%2)) }), CodeUndefined},
		"answers missing":  {fill(60, func(int) map[uint16]float32 { return nil }), CodeTooFew},
		"enough and so on": {fill(60, func(i int) map[uint16]float32 { return of(i, float32(1+i*i*3%5), float32(1+i/7%5)) }), ""},
	} {
		f := newFixture(t, 1)
		test.fill(f)
		f.store()
		report := f.report(f.service.Drivers, Query{Role: program.Mentor})
		if len(report.Figures) != 16 {
			t.Errorf("%s: %d figures", name, len(report.Figures))
		}
		for _, figure := range report.Figures {
			if code(figure.Withheld) != test.want || (figure.Value == nil) != (test.want != "") || (figure.N == nil) != (test.want != "") {
				t.Errorf("%s: %s of %s: %q, want %q", name, figure.Measure, figure.Scale, code(figure.Withheld), test.want)
			}
		}
	}
}

// TestDriversOfMovingPeople: somebody who changed departments counts once, where
// they were last.
func TestDriversOfMovingPeople(t *testing.T) {
	f := newFixture(t, 2)
	for i := range 130 {
		for w := range 2 {
			department := []string{"IT", "HR"}[i%2]
			if w == 0 && i < 20 {
				department = "Sales"
			}
			answers := map[uint16]float32{1: float32(1 + (i*i+w)%5), 2: 3, 3: float32(1 + (i+w)%5), 7: float32(1 + i%3), 8: 2, 9: float32(1 + (i/3)%4), 13: float32(1 + i*7%5), 14: float32(1 + i*i*i%5), 15: float32(1 + i/5%5)}
			f.respond(w, fmt.Sprint(i), program.Mentor, department, "Kyiv", answers)
		}
	}
	f.store()
	report := f.report(f.service.Drivers, Query{Role: program.Mentor, By: "department"})
	for value, want := range map[string]int{"": 130, "IT": 65, "HR": 65} {
		count(t, value, find(t, report.Figures, MeasureDriversR2, "", program.Mentor, value).N, want)
	}
	for _, figure := range report.Figures {
		if figure.Segment["department"] == "Sales" {
			t.Errorf("of those who are gone from there: %+v", figure)
		}
	}
}
