package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// inPair notes the answers of a mentor or a mentee to a wave, beside the
// pseudonym of the pair with a number.
func (f *fixture) inPair(wave, pair int, role program.Role, answers map[uint16]float32, change ...func(*survey.Response)) {
	change = append(change, func(r *survey.Response) { r.Pair = program.DeriveID("pseudonym of pair", fmt.Sprint(pair)) })
	f.respond(wave, fmt.Sprint(role, pair), role, "IT", "Kyiv", answers, change...)
}

// answered notes pairs of which the mentor is as many points of engagement higher
// as gaps says, and then mentors and mentees whose partner does not answer.
func (f *fixture) answered(wave int, gaps []int, mentors, mentees int) {
	level := func(points int) map[uint16]float32 {
		return map[uint16]float32{1: float32(points), 2: float32(6 - points), 3: float32(points)}
	}
	for i, gap := range gaps {
		f.inPair(wave, i, program.Mentor, level(3+max(gap, 0)))
		f.inPair(wave, i, program.Mentee, level(3-min(gap, 0)))
	}
	for i := range mentors {
		f.inPair(wave, len(gaps)+i, program.Mentor, level(5))
	}
	for i := range mentees {
		f.inPair(wave, len(gaps)+mentors+i, program.Mentee, level(1))
	}
	f.store()
}

// byClass lists so many gaps of each class.
func byClass(higher, similar, lower int) []int {
	return slices.Concat(slices.Repeat([]int{1}, higher), slices.Repeat([]int{0}, similar), slices.Repeat([]int{-1}, lower))
}

// gapsOf are the figures of the classes of one gap.
func gapsOf(t testing.TB, report *PairsReport, measure, scale string) map[string]Figure {
	t.Helper()
	found := map[string]Figure{}
	for _, f := range report.Gaps {
		if f.Measure == measure && f.Scale == scale {
			found[f.Level] = f
		}
	}
	if len(found) != len(GapClasses()) {
		t.Fatalf("%s of %q: %v", measure, scale, found)
	}
	return found
}

func TestGapsAgreeWithBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	f := pairsFixture(t, 1)
	points := map[string][]uint16{"engagement": {1, 2, 3}, "stay": {9}, "time": {15}}
	want, pairs := map[string]map[string]int{"engagement": {}, "stay": {}, "time": {}, "goals": {}}, map[string]int{}
	class := func(what string, gap float64) {
		pairs[what]++
		switch {
		case gap > 1-1e-9:
			want[what][GapMentorHigher]++
		case gap < -1+1e-9:
			want[what][GapMenteeHigher]++
		default:
			want[what][GapSimilar]++
		}
	}
	var roster program.Snapshot
	for i := range 200 {
		id := program.PairID("acme", program.DeriveID("mentor", fmt.Sprint(i)), program.DeriveID("mentee", fmt.Sprint(i)))
		for g := range 3 {
			code := fmt.Sprint(g + 1)
			roster.Goals = append(roster.Goals, program.Goal{ID: program.GoalID(id, code), ProgramID: "acme", Pair: id, Code: code, Title: "T", Weight: 1, Baseline: -1})
		}
		means, rated := map[program.Role]map[string]float64{}, map[program.Role]map[int]float64{}
		for _, role := range []program.Role{program.Mentor, program.Mentee} {
			means[role], rated[role] = map[string]float64{}, map[int]float64{}
			final := rng.IntN(12) > 0
			if rng.IntN(8) == 0 {
				continue
			}
			answers := map[uint16]float32{}
			level := rng.IntN(3)
			for scale, items := range points {
				sum, n := 0.0, 0
				for _, item := range items {
					if rng.IntN(5) == 0 {
						continue
					}
					v := 1 + level + rng.IntN(3)
					answers[item] = float32(v)
					if item == 2 {
						v = 6 - v
					}
					sum, n = sum+float64(v), n+1
				}
				if final && n > 0 && 2*n >= len(items) {
					means[role][scale] = sum / float64(n)
				}
			}
			f.inPair(0, i, role, answers, func(r *survey.Response) {
				r.Final = final
				for g := range 3 {
					if rng.IntN(6) == 0 {
						continue
					}
					v := rng.IntN(5) - 2
					r.Stored.Goals, r.Stored.Ratings = append(r.Stored.Goals, roster.Goals[3*i+g].ID), append(r.Stored.Ratings, int8(v))
					if final {
						rated[role][g] = float64(v)
					}
				}
			})
		}
		for scale := range points {
			a, one := means[program.Mentor][scale]
			b, other := means[program.Mentee][scale]
			if one && other {
				class(scale, a-b)
			}
		}
		sum, n := 0.0, 0
		for g, a := range rated[program.Mentor] {
			if b, ok := rated[program.Mentee][g]; ok {
				sum, n = sum+a-b, n+1
			}
		}
		if n > 0 {
			class("goals", sum/float64(n))
		}
	}
	f.must(f.programs.Put(context.Background(), roster))
	f.store()
	report := f.pairs(PairsQuery{Lang: "en"})
	for what, classes := range want {
		measure, scale := MeasurePairsGap, what
		if what == "goals" {
			measure, scale = MeasurePairsGoalGap, ""
		}
		for level, figure := range gapsOf(t, report, measure, scale) {
			e, err := stats.Proportion(classes[level], pairs[what])
			f.must(err)
			near(t, what+" "+level, figure.Value, e.Value)
			near(t, what+" low", figure.Low, e.Interval.Low)
			near(t, what+" high", figure.High, e.Interval.High)
			count(t, what+" "+level, figure.N, pairs[what])
			if figure.Wave != f.waves[0].Occurrence || figure.Role != "" || figure.Unit != UnitShare {
				t.Errorf("%+v", figure)
			}
		}
	}
	agreement := find(t, report.Gaps, MeasureAgreement, "", "", "")
	same := find(t, f.report(f.service.Goals, Query{}).Figures, MeasureAgreement, "", "", "")
	if agreement.Value == nil || *agreement.Value != *same.Value {
		t.Errorf("agreement %+v, the report of goals has %+v", agreement, same)
	}
	if len(report.Gaps) != 3*4+1 || report.Definitions[MeasurePairsGap].Title == "" || report.Definitions[MeasurePairsGoalGap].Title == "" {
		t.Errorf("%d figures, defined are %v", len(report.Gaps), report.Definitions)
	}
}

// TestGapsAtTheThresholdOverHTTP says for each case what stands in the answer and
// what must not.
func TestGapsAtTheThresholdOverHTTP(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	const hidden = "-"
	for name, c := range map[string]struct {
		gaps             []int
		mentors, mentees int
		change           func(*program.Program)
		shown            [3]string // values by class, or hidden
		code             string    // of what is hidden
		not              []string
	}{
		"all shown":                  {gaps: byClass(5, 10, 5), shown: [3]string{"0.25", "0.5", "0.25"}},
		"none in a class":            {gaps: byClass(5, 15, 0), shown: [3]string{"0.25", "0.75", "0"}},
		"few in a class":             {gaps: byClass(2, 10, 8), shown: [3]string{hidden, "0.5", hidden}, code: CodeFewInClass, not: []string{`"value":0.1`, `"value":0.4`}},
		"few in two classes":         {gaps: byClass(4, 12, 4), shown: [3]string{hidden, "0.6", hidden}, code: CodeFewInClass, not: []string{`"value":0.2,`}},
		"the others are few":         {gaps: byClass(2, 16, 2), shown: [3]string{hidden, hidden, hidden}, code: CodeFewInClass, not: []string{`"n":20`, `"value":0.8`}},
		"few alike":                  {gaps: byClass(10, 3, 7), shown: [3]string{hidden, hidden, hidden}, code: CodeFewInClass, not: []string{`"value":0.5`, `"value":0.35`}},
		"none alike":                 {gaps: byClass(12, 0, 8), shown: [3]string{"0.6", "0", "0.4"}},
		"none alike, few lower":      {gaps: byClass(16, 0, 4), shown: [3]string{hidden, hidden, hidden}, code: CodeFewInClass, not: []string{`"value":0,`}},
		"few and none":               {gaps: byClass(3, 17, 0), shown: [3]string{hidden, hidden, hidden}, code: CodeFewInClass, not: []string{`"n":20`, `"value":0,`}},
		"all alike, so of each pair": {gaps: byClass(0, 20, 0), shown: [3]string{hidden, hidden, hidden}, code: CodeFewInClass, not: []string{`"n":20`, `"value":1,`}},
		"four pairs":                 {gaps: byClass(2, 1, 1), shown: [3]string{hidden, hidden, hidden}, code: CodeFewPairs, not: []string{`"n":4`}},
		"nobody":                     {shown: [3]string{hidden, hidden, hidden}, code: CodeFewPairs},
		"one mentor alone":           {gaps: byClass(5, 10, 5), mentors: 1, shown: [3]string{hidden, hidden, hidden}, code: CodePartnerless, not: []string{`"n":20`, `"value":0.25`}},
		"four mentees alone":         {gaps: byClass(5, 10, 5), mentors: 5, mentees: 4, shown: [3]string{hidden, hidden, hidden}, code: CodePartnerless, not: []string{`"n":20`}},
		"five alone":                 {gaps: byClass(5, 10, 5), mentors: 5, mentees: 6, shown: [3]string{"0.25", "0.5", "0.25"}},
		"a higher threshold":         {gaps: byClass(6, 8, 6), change: func(p *program.Program) { p.K = 7 }, shown: [3]string{hidden, "0.4", hidden}, code: CodeFewInClass, not: []string{`"value":0.3`}},
		"identified":                 {gaps: byClass(2, 10, 8), change: func(p *program.Program) { p.Policy = program.Identified }, shown: [3]string{hidden, "0.5", hidden}, code: CodeFewInClass},
		"anonymous": {gaps: byClass(5, 10, 5), change: func(p *program.Program) { p.Policy = program.Anonymous },
			shown: [3]string{hidden, hidden, hidden}, code: CodeUnlinkedPairs, not: []string{`"n":20`, `"value":0.5`}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change == nil {
				c.change = func(*program.Program) {}
			}
			f := pairsFixture(t, 1, c.change)
			f.answered(0, c.gaps, c.mentors, c.mentees)
			router := gin.New()
			f.pairing().Routes(router.Group("/api/v1/programs/:id"))
			request := httptest.NewRequest(http.MethodGet, "/api/v1/programs/acme/analytics/pairs?lang=en", nil)
			request.Header.Set("Authorization", "Bearer x")
			w := httptest.NewRecorder()
			openapitest.Wrap(t, router).ServeHTTP(w, request)
			var report PairsReport
			f.must(json.Unmarshal(w.Body.Bytes(), &report))
			figures := gapsOf(t, &report, MeasurePairsGap, "engagement")
			for i, class := range GapClasses() {
				got := figures[class]
				if c.shown[i] == hidden {
					if got.Value != nil || got.N != nil || got.Low != nil || got.High != nil || got.Withheld == nil || got.Withheld.Code != c.code {
						t.Errorf("%s: %+v, %+v", class, got, got.Withheld)
					}
					continue
				}
				if got.Value == nil || fmt.Sprint(*got.Value) != c.shown[i] || *got.N != len(c.gaps) || got.Low == nil {
					t.Errorf("%s: %+v, want %s of %d", class, got, c.shown[i], len(c.gaps))
				}
			}
			_, gaps, _ := strings.Cut(w.Body.String(), `"gaps":`)
			gaps, _, _ = strings.Cut(gaps, `"definitions":`)
			not := append(c.not, "NaN", program.DeriveID("pseudonym of pair", "0").String(), program.DeriveID("mentor0").String(), `"points"`, `"change"`)
			for _, s := range not {
				if strings.Contains(gaps, s) {
					t.Errorf("the gaps say %q: %s", s, gaps)
				}
			}
		})
	}
}

// TestGapOfOnePointIsClear: also where the means are thirds, of which the
// difference falls short of one in the last digit.
func TestGapOfOnePointIsClear(t *testing.T) {
	f := pairsFixture(t, 1)
	for i := range 10 {
		f.inPair(0, i, program.Mentor, map[uint16]float32{1: 3, 2: 3, 3: 2}) // 8/3, as the second is reversed
		lower := map[uint16]float32{1: 2, 2: 4, 3: 1}                        // 5/3
		if i < 5 {
			lower[3] = 2 // 6/3
		}
		f.inPair(0, i, program.Mentee, lower)
	}
	f.store()
	figures := gapsOf(t, f.pairs(PairsQuery{}), MeasurePairsGap, "engagement")
	near(t, "clearly higher", figures[GapMentorHigher].Value, .5)
	near(t, "about the same", figures[GapSimilar].Value, .5)
}

// TestGapsAreOfTheNewestClosedWave: of a wave that is open, or whose last answers
// may still be on their way, there is nothing; what an erasure changes is counted
// anew.
func TestGapsAreOfTheNewestClosedWave(t *testing.T) {
	f := newFixture(t, 2)
	if gaps := f.pairs(PairsQuery{}).Gaps; gaps == nil {
		t.Error("gaps are null")
	}
	f.answered(0, byClass(10, 5, 5), 0, 0)
	f.answered(1, byClass(5, 5, 10), 0, 0)
	higher := func() Figure { return gapsOf(t, f.pairs(PairsQuery{}), MeasurePairsGap, "engagement")[GapMentorHigher] }
	for _, c := range []struct {
		hours float64
		wave  int
		value float64
	}{{-1, 0, .5}, {0, 0, .5}, {.1, 0, .5}, {.2, 1, .25}} {
		f.service.now = clock(f.waves[1].Closes, c.hours)
		got := higher()
		near(t, fmt.Sprint(c.hours, " hours after closing"), got.Value, c.value)
		if got.Wave != f.waves[c.wave].Occurrence {
			t.Errorf("%v hours after closing: wave %s", c.hours, got.Wave)
		}
	}
	f.service.now = clock(f.waves[0].Opens, 1)
	if gaps := f.pairs(PairsQuery{}).Gaps; gaps == nil || len(gaps) > 0 {
		t.Errorf("while the first wave is open: %v", gaps)
	}
	f.service.now = clock(f.waves[1].Closes, 1)
	higher() // is kept
	// With one mentee erased, the mentor is one who has no partner.
	erase := func(who string) {
		f.must(f.surveys.Rewrite(context.Background(), f.waves, func(context.Context) error {
			return f.db.Exec(context.Background(), "DELETE FROM responses WHERE respondent = '"+program.DeriveID(who).String()+"'")
		}))
	}
	erase("mentee0")
	if got := higher(); got.Value != nil || got.Withheld.Code != CodePartnerless {
		t.Errorf("after the erasure of a mentee: %+v", got)
	}
	erase("mentor0") // then four pairs are left in the class
	if got := higher(); got.Value != nil || got.Withheld.Code != CodeFewInClass {
		t.Errorf("after the erasure of the pair: %+v", got)
	}
}

// TestScalesOfOneRoleHaveNoGap: only what both are asked with the same items.
func TestScalesOfOneRoleHaveNoGap(t *testing.T) {
	f := pairsFixture(t, 1)
	f.population(9, 90)
	scales := map[string]bool{}
	for _, g := range f.pairs(PairsQuery{}).Gaps {
		scales[g.Scale] = true
	}
	if len(scales) != 4 || !scales["engagement"] || !scales["stay"] || !scales["time"] || !scales[""] {
		t.Errorf("gaps of %v", scales)
	}
}

// TestNoGapTellsOfFewPairs puts every number of pairs in each class behind the
// figures, and then looks at all that are shown alike: a reader knows that it is
// one of these. Of no class may it follow how many pairs are in it when they are fewer
// than k, nor that all pairs are, which would tell it of each.
func TestNoGapTellsOfFewPairs(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	const most = 22
	for k := program.FloorK; k <= 6; k++ {
		r := &request{Service: service, program: program.Program{ID: "p", K: k}, chosen: -1, Query: Query{Lang: "en"}}
		worlds := map[string][]gapCount{}
		for n := range most + 1 {
			for a := range n + 1 {
				for b := range n - a + 1 {
					g := gapCount{MentorHigher: uint64(a), Similar: uint64(b), MenteeHigher: uint64(n - a - b)}
					data, err := json.Marshal(r.gapFigures(r.figure(MeasurePairsGap, "1", suppression.Whole("")), g, nil))
					if err != nil {
						t.Fatal(err)
					}
					// The number of pairs may be known beside what is shown here.
					worlds[fmt.Sprint(n, string(data))] = append(worlds[fmt.Sprint(n, string(data))], g)
				}
			}
		}
		shown := 0
		for what, list := range worlds {
			n := list[0].pairs()
			if n < k {
				if strings.Contains(what, `"value":0`) || len(list) != (n+1)*(n+2)/2 {
					t.Errorf("k %d: %d pairs are told of: %s", k, n, what)
				}
				continue
			}
			shown += strings.Count(what, `"value":0.`)
			for at := range GapClasses() {
				low, high := math.MaxInt, 0
				for _, g := range list {
					low, high = min(low, g.classes()[at].pairs), max(high, g.classes()[at].pairs)
				}
				if low == high && low > 0 && low < k || low == n {
					t.Errorf("k %d: %d of %d pairs follow in class %d from %s", k, low, n, at, what)
				}
			}
		}
		if shown == 0 {
			t.Errorf("k %d: nothing is ever shown", k)
		}
	}
}

// TestNoSequenceOfGapsRevealsFewPairs solves for the number of pairs with any
// answers, as for people elsewhere, and for those whose partner did not answer
// from the numbers of both.
func TestNoSequenceOfGapsRevealsFewPairs(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, 7).Draw(t, "k")
		draw := func(what string) uint64 { return uint64(rapid.IntRange(0, 14).Draw(t, what)) }
		g := gapCount{draw("higher"), draw("similar"), draw("lower"), draw("mentors alone"), draw("mentees alone")}
		r := &request{Service: service, program: program.Program{ID: "p", K: k}, chosen: -1, Query: Query{Lang: "en"}}
		left, shown, n := 0, 0, g.pairs()
		for i, f := range r.gapFigures(r.figure(MeasurePairsGap, "1", suppression.Whole("")), g, nil) {
			pairs := g.classes()[i].pairs
			if (f.Value == nil) != (f.Withheld != nil) || (f.Value == nil) != (f.N == nil) {
				t.Fatalf("%+v", f)
			}
			if f.Value == nil {
				left += pairs
				continue
			}
			shown++
			if *f.N != n || math.Abs(*f.Value*float64(n)-float64(pairs)) > 1e-9 || pairs > 0 && pairs < k {
				t.Fatalf("%+v is of %d pairs", f, pairs)
			}
		}
		alone := func(n uint64) bool { return n == 0 || n >= uint64(k) }
		if shown > 0 && (n < k || left > 0 && left < k || !alone(g.MentorsAlone) || !alone(g.MenteesAlone)) {
			t.Fatalf("%+v: %d classes are shown, %d pairs are left", g, shown, left)
		}
	})
}

// clock stands so many hours after a time.
func clock(from time.Time, hours float64) func() time.Time {
	return func() time.Time { return from.Add(time.Duration(hours * float64(time.Hour))) }
}
