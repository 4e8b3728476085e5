package analytics

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
)

// goThrough lets people who go the same way through the waves answer: a letter a wave, m
// for mentors, e for mentees, - for who does not answer.
func (f *fixture) goThrough(letters string, people int, department string) {
	first := len(f.answers)
	for i := range people {
		for wave, l := range letters {
			role := map[rune]program.Role{'m': program.Mentor, 'e': program.Mentee}[l]
			if role == "" {
				continue
			}
			level := (first + i*(wave+1)) % 4
			f.respond(wave, fmt.Sprint(first, " ", i), role, department, "Kyiv", map[uint16]float32{
				1: 3, 2: 3, 3: float32(1 + level), 5: float32(1 + level), 6: float32(2 + level), 7: float32(1 + level), 8: float32(1 + level + (first+i)%3/2)})
		}
	}
}

// TestChangesSayHowTheyAreMade: of the same people and with the size of the effect,
// or what not and why; and who changed reliably is counted where the change is shown.
func TestChangesSayHowTheyAreMade(t *testing.T) {
	type people struct {
		letters    string
		n          int
		department string
	}
	many := func() (list []people) {
		for i := range suppression.MaxHistories + 10 {
			list = append(list, people{strings.NewReplacer("0", "-", "1", "m").Replace(fmt.Sprintf("m%010b", i)), 1, "IT"})
		}
		return list
	}()
	for name, test := range map[string]struct {
		people                             []people
		anonymous                          bool
		method, noEffect, unpaired, counts string // of the mentors, since the first wave
		segment                            string // why the department IT is of two groups
	}{
		"the same people":              {people: []people{{"mm", 9, "IT"}}, method: "paired"},
		"five came and five left":      {people: []people{{"mm", 9, "IT"}, {"-m", 5, "IT"}, {"m-", 5, "IT"}}, method: "paired", segment: CodeUnpairedSegment},
		"two came and three left":      {people: []people{{"mm", 9, "IT"}, {"-m", 2, "IT"}, {"m-", 3, "IT"}}, method: "paired", noEffect: CodeCombined, segment: CodeUnpairedSegment},
		"one more left later":          {people: []people{{"mmm", 9, "IT"}, {"m--", 5, "IT"}, {"mm-", 1, "IT"}}, method: "welch", unpaired: CodeUnpairedCombined, counts: CodeCombined, segment: CodeUnpairedSegment},
		"a segment of the same people": {people: []people{{"mm", 9, "IT"}, {"mm", 9, "HR"}, {"m-", 6, "HR"}}, method: "paired"},
		"anonymous":                    {people: []people{{"mm", 9, "IT"}}, anonymous: true, method: "welch", unpaired: CodeUnpairedAnonymous, counts: CodeAnonymous, segment: CodeUnpairedAnonymous},
		"too many ways":                {people: many, method: "welch", unpaired: CodeUnpairedMany, segment: CodeUnpairedSegment},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, len(test.people[0].letters), func(p *program.Program) {
				if test.anonymous {
					p.Policy = program.Anonymous
				}
			})
			for _, p := range test.people {
				f.goThrough(p.letters, p.n, p.department)
			}
			f.store()
			code := func(w *Withheld) string {
				if w == nil {
					return ""
				}
				if w.Reason == "" || w.Reason == w.Code {
					t.Errorf("%s has no text", w.Code)
				}
				return w.Code
			}
			for _, lang := range []string{"en", "uk"} {
				report := f.report(f.service.Confidence, Query{By: "department", Lang: lang})
				mentors := find(t, report.Figures, MeasureConfidence, "", program.Mentor, "")
				c := mentors.Change
				if c == nil || c.Value == nil || c.Method != test.method || code(c.NoEffect) != test.noEffect || code(c.Unpaired) != test.unpaired || (c.Effect == nil) != (test.noEffect != "") {
					t.Errorf("%s: the change is %+v", lang, c)
				}
				if said := Reading(lang, mentors); c.Unpaired != nil && !strings.HasSuffix(said, c.Unpaired.Reason) ||
					c.Unpaired == nil && !strings.HasSuffix(said, words(lang).t("reading-same-people", "count", *c.N)) {
					t.Errorf("%s: it does not say whom it is of: %s", lang, said)
				}
				up := find(t, report.Figures, MeasureReliablyUp, "", program.Mentor, "")
				if code(up.Withheld) != test.counts || (up.Value == nil) != (test.counts != "") {
					t.Errorf("%s: who changed reliably: %+v, want %q", lang, up, test.counts)
				}
				segment := find(t, report.Figures, MeasureConfidence, "", program.Mentor, "IT").Change
				if segment == nil || code(segment.Unpaired) != test.segment || segment.Method != map[bool]string{true: "paired", false: "welch"}[test.segment == ""] {
					t.Errorf("%s: the segment's change is %+v", lang, segment)
				}
			}
		})
	}
}

// TestEveryEndpointShowsTheSame asks at random for whatever may be asked for. What a
// report, the overview, trends, the heat map or objectives show is decided on once,
// so none shows what another withholds; and what the leak tests find of these
// decisions holds of all of them.
func TestEveryEndpointShowsTheSame(t *testing.T) {
	const queries = 150
	f := newFixture(t, 3)
	f.population(1, 75)
	rng := rand.New(rand.NewPCG(3, 3))
	figures, changes := map[string]string{}, map[string]string{}
	shown, held, paired, again := 0, 0, 0, 0
	same := func(kind string, known map[string]string, key, got string) {
		before, ok := known[key]
		if ok {
			again++
		}
		if ok && before != got {
			t.Errorf("%s shows of %s\n%s\nand elsewhere\n%s", kind, key, got, before)
		}
		known[key] = got
	}
	see := func(kind string, list []Figure) {
		for _, one := range list {
			key := fmt.Sprint(one.Measure, " ", one.Scale, " ", one.Wave, " ", one.Role, " ", one.Segment, " ", one.Level)
			change := one.Change
			one.Change = nil
			same(kind, figures, key, rounded(t, one))
			if one.Withheld != nil {
				held++
			} else {
				shown++
			}
			if change == nil || change.Against == CompareWhole {
				continue // that of a segment to the whole is of two figures of a wave
			}
			if change.Method == "paired" && change.Value != nil {
				paired++
			}
			key += fmt.Sprint(" since ", change.From, change.Against == CompareGroup)
			decided := *change
			decided.Q, decided.Against = nil, "" // q is over what a report compares
			same(kind, changes, key, rounded(t, Figure{Change: &decided}))
		}
	}
	reports := f.service.reports()
	kinds := slices.DeleteFunc(slices.Sorted(maps.Keys(reports)), func(kind string) bool { return kind == "drivers" }) // of several scales
	for range queries {
		q := Query{Lang: "en", By: draw(rng, "", "department", "location", "department,location"), Wave: draw(rng, "", "1", "2", "3", "..2", "2..3"),
			Role: draw(rng, append(program.Roles(), "")...), Compare: draw(rng, append(Comparisons(), "")...)}
		kind := draw(rng, kinds...)
		report := f.report(reports[kind], q)
		see(kind, slices.Concat(report.Series, report.Figures))
	}
	for _, wave := range []string{"", "1", "2", "..2"} {
		o := f.overview(Query{Wave: wave, Lang: "en"})
		for _, h := range o.Measures {
			see("overview", append(h.Series, h.Figure))
		}
		see("overview", slices.Concat(o.Participation.Figures, o.Participation.Series))
	}
	if min(shown, held, paired, again) == 0 {
		t.Errorf("%d figures were shown, %d withheld, %d changed person by person, %d were seen again", shown, held, paired, again)
	}
}

func draw[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }
