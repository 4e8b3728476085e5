package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// going says when a participant leaves the programme and the organisation, in days
// since the first wave opened; 0 for never.
type going func(i int) (programme, organisation int)

// staff puts people into the roster, the first of them mentors and mentees in turn.
func (f *fixture) staff(people int, goes going) {
	var all program.Snapshot
	for i := range people {
		p := program.Participant{ID: staffID(i), ProgramID: f.program.ID, ExternalID: fmt.Sprint(i), Role: program.Roles()[i%2], Joined: day(-30), EmployedFrom: day(-400)}
		programme, organisation := goes(i)
		if programme != 0 {
			p.Left = day(programme)
		}
		if organisation != 0 {
			p.EmployedTo = day(organisation)
		}
		all.Participants = append(all.Participants, p)
	}
	f.must(f.programs.Put(context.Background(), all))
}

func staffID(i int) uuid.UUID { return program.DeriveID("staff", fmt.Sprint(i)) }

// speak notes the answer of one of the staff: all items of engagement, and intent.
func (f *fixture) speak(wave, i int, engagement, intent float32) {
	department, location := []string{"IT", "HR"}[i/2%2], []string{"Kyiv", "Lviv"}[i/4%2]
	answers := map[uint16]float32{1: engagement, 2: 6 - engagement, 3: engagement, 9: intent}
	f.respond(wave, "", program.Roles()[i%2], department, location, answers, func(r *survey.Response) {
		r.Respondent = f.names.Respondent(f.program, f.waves[wave].ID, staffID(i))
	})
}

// chatter is staff of whom most answer in most waves, those who left too: only what
// they answered before counts.
func (f *fixture) chatter(seed uint64, people int) {
	rng := rand.New(rand.NewPCG(seed, 3))
	for i := range people {
		for w := range f.waves {
			if engagement, intent, answers := float32(1+rng.IntN(5)), float32(1+rng.IntN(5)), rng.IntN(8) > 0; answers {
				f.speak(w, i, engagement, intent)
			}
		}
	}
	f.store()
}

// TestLeaversAgreeWithBruteForce counts those who left one by one, from the answers.
func TestLeaversAgreeWithBruteForce(t *testing.T) {
	f := newFixture(t, 4)
	f.chatter(1, 120)
	goes := func(i int) (int, int) {
		programme, organisation := 0, 0
		if i < 17 {
			programme = 9 + i*3
		}
		if i >= 8 && i < 22 {
			organisation = 12 + (i*7)%40
		}
		return programme, organisation
	}
	f.staff(120, goes)
	o := newOwner(f)
	page := readable(o.get("/programs/acme/retention?lang=en", "", o.key).Body.String())
	if !strings.Contains(page, "No discernible difference from those who stayed (interval −") {
		t.Error("the page does not say that nothing differs")
	}
	for name, test := range map[string]struct {
		query Query
		until int // day of the report
	}{
		"today":                   {Query{Lang: "en"}, 56},
		"by department":           {Query{Lang: "en", By: "department"}, 56},
		"when the third closed":   {Query{Lang: "en", Wave: "3"}, 35},
		"in a range, as it ended": {Query{Lang: "en", Wave: "1..3"}, 35},
	} {
		report := f.report(f.service.Retention, test.query)
		for _, scale := range []struct {
			id       string
			items    []uint16
			reversed map[uint16]bool
		}{{"engagement", engagementItems, engagementReversed}, {"stay", []uint16{9}, nil}} {
			scores := make([]map[string]float64, len(f.waves))
			for w := range f.waves {
				scores[w] = brute(f.answers, scale.items, scale.reversed, func(r survey.Response) bool { return r.Wave == f.waves[w].ID }).byPerson
			}
			for d, measures := range [][2]string{{MeasureLeft, MeasureStayed}, {MeasureLeftOrganisation, MeasureStayedOrganisation}} {
				type last struct {
					day   int
					score float64
				}
				var gone []last
				for i := range 120 {
					programme, organisation := goes(i)
					left := []int{programme, organisation}[d]
					if left == 0 || left > test.until {
						continue
					}
					who := f.names.Respondent(f.program, uuid.Nil, staffID(i)).String()
					for w := range slices.Backward(f.waves) {
						if score, answered := scores[w][who]; answered && 14*w+7 < left {
							gone = append(gone, last{left, score})
							break
						}
					}
				}
				slices.SortFunc(gone, func(a, b last) int { return a.day - b.day })
				var theirs []float64 // nobody leaves on the same day as another
				for _, one := range gone[:len(gone)/5*5] {
					theirs = append(theirs, one.score)
				}
				n, sum, squares, waves := -len(theirs), 0.0, 0.0, 0
				for _, score := range theirs {
					sum, squares = sum-score, squares-score*score
				}
				for w := range f.waves {
					if 14*w+7 < gone[len(theirs)-1].day {
						waves++
						for _, score := range scores[w] {
							n, sum, squares = n+1, sum+score, squares+score*score
						}
					}
				}
				left, ok := pick(report.Figures, measures[0], scale.id, "")
				stayed, okToo := pick(report.Figures, measures[1], scale.id, "")
				what := fmt.Sprintf("%s: %s of %s", name, measures[0], scale.id)
				if !ok || !okToo || left.Withheld != nil || stayed.Withheld != nil {
					t.Errorf("%s: %+v, %+v", what, left, stayed)
					continue
				}
				own, _ := stats.Summarize(theirs)
				near(t, what, left.Value, own.Mean)
				count(t, what, left.N, len(theirs))
				near(t, what+", others", stayed.Value, sum/float64(n))
				count(t, what+", others", stayed.N, n)
				others := stats.Sample{N: n / waves, Mean: sum / float64(n), Variance: (squares - sum*sum/float64(n)) / float64(n-1)}
				want, err := stats.WelchT(others, own)
				f.must(err)
				near(t, what+", difference", left.Change.Value, want.Difference.Value)
				near(t, what+", low", left.Change.Low, want.Difference.Interval.Low)
				near(t, what+", p", left.Change.P, want.P)
				if test.query == (Query{Lang: "en"}) && !strings.Contains(page, strings.ReplaceAll(Reading("en", left), noBreak, " ")) {
					t.Errorf("%s: the page does not say %q", what, Reading("en", left))
				}
				if left.Change.Against != CompareStayed || left.Change.Q == nil || report.Definitions[left.Measure].Formula == "" || !strings.Contains(Reading("en", left), "those who stayed") {
					t.Errorf("%s: %+v, read as %q", what, left.Change, Reading("en", left))
				}
			}
		}
	}
	for _, role := range program.Roles() {
		if _, ok := pick(f.report(f.service.Retention, Query{Role: role}).Figures, MeasureLeft, "engagement", role); ok {
			t.Errorf("figures of %ss who left", role)
		}
	}
}

// TestOneLeaverMovesNothing: four who left show nothing, and from five on what is
// shown changes by five people or by none.
func TestOneLeaverMovesNothing(t *testing.T) {
	f := newFixture(t, 4)
	for i := range 40 {
		for w := range f.waves {
			f.speak(w, i, float32(1+(i+w)%5), float32(1+(i*w)%5))
		}
	}
	f.store()
	shown := map[int]string{}
	for gone := range 12 {
		f.staff(40, func(i int) (int, int) {
			if i < gone {
				return 30 + 2*i, 31 + 2*i
			}
			return 0, 0
		})
		report := f.report(f.service.Retention, Query{})
		var figures []Figure
		for _, one := range report.Figures {
			if strings.HasPrefix(one.Measure, "retention.left") || strings.HasPrefix(one.Measure, "retention.stayed") {
				figures = append(figures, one)
			}
		}
		if len(figures) != 8 {
			t.Fatalf("%d figures", len(figures))
		}
		for _, one := range figures {
			if few := gone < 5; (one.Value == nil) != few || few && (one.N != nil || one.Change != nil || one.Withheld.Code != CodeTooFew) {
				t.Errorf("%d have left: %s is %v of %v, %+v", gone, one.Measure, one.Value, one.N, one.Withheld)
			}
		}
		text, err := json.Marshal(figures)
		f.must(err)
		shown[gone] = string(text)
	}
	for gone, text := range shown {
		if want := shown[gone/5*5]; text != want {
			t.Errorf("%d have left:\n%s, want\n%s", gone, text, want)
		}
	}
	if shown[5] == shown[10] {
		t.Error("ten who left are counted as five")
	}
}

// TestLeaversBesideWhatElseIsShown: of the six who answered in the first wave only,
// five left. The change of the others tells the six together, so the five are not.
func TestLeaversBesideWhatElseIsShown(t *testing.T) {
	for name, test := range map[string]struct {
		once int // who answered in the first wave only
		want string
	}{
		"one would be left":  {6, CodeRemainder},
		"five would be left": {10, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 2, func(p *program.Program) { p.Attributes = nil })
			for i := range 40 {
				f.speak(0, i, float32(1+i%5), 3)
				if i >= 2*test.once || i%2 > 0 {
					f.speak(1, i, float32(1+i%4), 3)
				}
			}
			f.store()
			f.staff(40, func(i int) (int, int) {
				if i < 10 && i%2 == 0 {
					return 10, 0
				}
				return 0, 0
			})
			if change := find(t, f.report(f.service.Engagement, Query{}).Figures, MeasureEngagement, "", "", "").Change; change.Method != "paired" || change.Value == nil {
				t.Fatalf("no change of the same people: %+v", change)
			}
			report := f.report(f.service.Retention, Query{})
			for _, measure := range []string{MeasureLeft, MeasureStayed} {
				got, _ := pick(report.Figures, measure, "engagement", "")
				if code := codeOf(got.Withheld); code != test.want || (got.Value == nil) != (test.want != "") {
					t.Errorf("%s: %v, withheld %q", measure, got.Value, code)
				}
			}
			// No changes of intent are shown, person by person.
			if got, _ := pick(report.Figures, MeasureLeft, "stay", ""); got.Value == nil {
				t.Errorf("intent: %+v", got.Withheld)
			}
		})
	}
}

func codeOf(w *Withheld) string {
	if w == nil {
		return ""
	}
	return w.Code
}

// TestLeaversOfTheOrganisationBesideThose: five left the programme, and with one
// more the organisation. The two figures would tell the one.
func TestLeaversOfTheOrganisationBesideThoseOfTheProgramme(t *testing.T) {
	f := newFixture(t, 2)
	f.chatter(2, 60)
	f.staff(60, func(i int) (int, int) {
		switch {
		case i < 5:
			return 23, 23
		case i == 5:
			return 0, 23
		}
		return 0, 0
	})
	report := f.report(f.service.Retention, Query{})
	programme, _ := pick(report.Figures, MeasureLeft, "engagement", "")
	organisation, _ := pick(report.Figures, MeasureLeftOrganisation, "engagement", "")
	if programme.Value == nil || codeOf(organisation.Withheld) != CodeRemainder || organisation.N != nil {
		t.Errorf("programme %+v, organisation %+v", programme, organisation)
	}
}

// TestLeaversOfManyWays: where people went too many ways through the waves to be
// followed, each wave is looked at by itself.
func TestLeaversOfManyWays(t *testing.T) {
	for name, test := range map[string]struct {
		gone func(i int) bool
		want string
	}{
		"some of everybody":       {func(i int) bool { return i%40 == 0 }, ""},
		"all of IT in Kyiv but 2": {func(i int) bool { return i%8 == 0 && i < 784 }, CodeRemainder},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 9)
			rng := rand.New(rand.NewPCG(4, 4))
			for i := range 800 {
				for w := range f.waves {
					if w == 0 || rng.IntN(2) == 0 && !test.gone(i) {
						f.speak(w, i, float32(1+rng.IntN(5)), 3)
					}
				}
			}
			f.store()
			f.staff(800, func(i int) (int, int) {
				if test.gone(i) {
					return 100, 0
				}
				return 0, 0
			})
			got, _ := pick(f.report(f.service.Retention, Query{}).Figures, MeasureLeft, "engagement", "")
			if code := codeOf(got.Withheld); code != test.want {
				t.Errorf("withheld %q, n %v", code, got.N)
			}
		})
	}
}

func TestLeaversOfWhateverProgramme(t *testing.T) {
	nobody := func(int) (int, int) { return 0, 0 }
	six := func(i int) (int, int) {
		if i < 6 {
			return 40, 0
		}
		return 0, 0
	}
	for name, test := range map[string]struct {
		waves  int
		policy program.Policy
		goes   going
		answer func(f *fixture)
		want   string
	}{
		"nobody left":               {3, program.Confidential, nobody, func(f *fixture) { f.chatter(5, 40) }, CodeTooFew},
		"anonymous":                 {3, program.Anonymous, six, func(f *fixture) { f.chatter(5, 40) }, CodeAnonymous},
		"anonymous, nobody left":    {3, program.Anonymous, nobody, func(f *fixture) { f.chatter(5, 40) }, CodeAnonymous},
		"identified":                {3, program.Identified, six, func(f *fixture) { f.chatter(5, 40) }, ""},
		"nobody answered":           {3, program.Confidential, six, func(*fixture) {}, CodeTooFew},
		"those who left did not":    {3, program.Confidential, six, func(f *fixture) { f.chatter(5, 0); f.lately(6, 40) }, CodeTooFew},
		"left before a wave closed": {3, program.Confidential, func(i int) (int, int) { p, _ := six(i); return p / 8, 0 }, func(f *fixture) { f.chatter(5, 40) }, CodeTooFew},
		"nobody stayed":             {3, program.Confidential, func(int) (int, int) { return 40, 0 }, func(f *fixture) { f.speakOnce(12) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, test.waves, func(p *program.Program) { p.Policy = test.policy })
			f.staff(40, test.goes)
			test.answer(f)
			report := f.report(f.service.Retention, Query{Lang: "uk"})
			got, ok := pick(report.Figures, MeasureLeft, "engagement", "")
			if code := codeOf(got.Withheld); !ok || code != test.want || (got.Value == nil) != (test.want != "") || (got.N == nil) != (got.Value == nil) {
				t.Errorf("%v of %v, withheld %q", got.Value, got.N, code)
			}
			stayed, _ := pick(report.Figures, MeasureStayed, "engagement", "")
			if name == "nobody stayed" && (codeOf(stayed.Withheld) != CodeTooFew || codeOf(got.Change.Withheld) != CodeNotCompared) {
				t.Errorf("others %+v, difference %+v", stayed, got.Change)
			}
		})
	}
}

// lately are people from one number to another who answer in the last wave.
func (f *fixture) lately(from, to int) {
	for i := from; i < to; i++ {
		f.speak(len(f.waves)-1, i, 4, 4)
	}
	f.store()
}

// speakOnce are people who all answer the first wave.
func (f *fixture) speakOnce(people int) {
	for i := range people {
		f.speak(0, i, float32(1+i%5), 4)
	}
	f.store()
}

// TestBatches: everybody is in one batch in the order of leaving, each of at least
// k, and another who leaves later changes none that is full.
func TestBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, 6).Draw(t, "k")
		var list []goodbye
		date := 0
		for i := range rapid.IntRange(0, 200).Draw(t, "people") {
			date += rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "later")
			list = append(list, goodbye{respondent: program.DeriveID(fmt.Sprint(i)), day: day(date)})
		}
		batches := inBatches(slices.Clone(list), k)
		sizes, days := map[int]int{}, map[time.Time]int{}
		for i, one := range batches {
			sizes[one.batch]++
			if at, known := days[one.day]; known && at != one.batch || i > 0 && one.day.Before(batches[i-1].day) {
				t.Fatalf("batches %+v", batches)
			}
			days[one.day] = one.batch
		}
		before := 0
		for batch := range len(sizes) {
			if n, full := sizes[batch]; full {
				if n < k || n < before/batchGrowth {
					t.Fatalf("batch %d is of %d, k %d, %d before", batch, n, k, before)
				}
				before += n
			}
		}
		if before+sizes[-1] != len(list) {
			t.Fatalf("%d of %d people are in a batch", before+sizes[-1], len(list))
		}
		more := inBatches(append(slices.Clone(list), goodbye{respondent: program.DeriveID("new"), day: day(date + 1)}), k)
		for i, one := range batches {
			if one.batch >= 0 && more[i] != one {
				t.Fatalf("%+v becomes %+v", one, more[i])
			}
		}
		for by := range date + 2 {
			if n := len(goneBy(batches, day(by))); n > 0 && (n < k || n < len(batches) && batches[n].batch == batches[n-1].batch) {
				t.Fatalf("%d are counted by day %d: %+v", n, by, batches)
			}
		}
	})
}
