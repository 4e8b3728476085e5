package analytics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// engaged resolves a query about the fixture's engagement scale.
func (f *fixture) engaged(by string) (*request, []occasion) {
	f.t.Helper()
	r, err := f.service.resolve(context.Background(), Query{Program: f.program.ID, By: by})
	f.must(err)
	q, err := f.surveys.Questionnaire(context.Background(), f.program.ID, "test", 1)
	f.must(err)
	s := scaleIn(q, "engagement", 4)
	if len(s.items) == 0 {
		f.t.Fatal("the scale has no items")
	}
	var of []occasion
	for _, w := range r.waves {
		of = append(of, occasion{w, s})
	}
	return r, of
}

// scanned is what a report reads of every wave, live what its responses say.
func (f *fixture) scanned(by string) []string {
	r, of := f.engaged(by)
	found, err := r.scan(context.Background(), of)
	f.must(err)
	return described(found)
}

func (f *fixture) live(by string) []string {
	r, of := f.engaged(by)
	return described(f.counted(r, of))
}

func (f *fixture) counted(r *request, of []occasion) [][]*tally {
	f.t.Helper()
	found, err := r.count(context.Background(), r.waves, of[0].scale)
	f.must(err)
	list := make([][]*tally, len(of))
	for i, o := range of {
		list[i] = found[o.wave.ID]
	}
	return list
}

// described writes tallies in an order of their own, sums up to rounding: the
// engine adds in any order.
func described(found [][]*tally) []string {
	var all []string
	for i, of := range found {
		tallies := slices.SortedFunc(slices.Values(of), func(a, b *tally) int {
			return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.attributes, b.attributes))
		})
		for _, t := range tallies {
			one := *t
			one.sum, one.squares = math.Round(one.sum*1e4), math.Round(one.squares*1e4)
			all = append(all, fmt.Sprintf("%d %+v", i, one))
		}
	}
	return all
}

func (f *fixture) mustScanLive(when string) {
	f.t.Helper()
	for _, by := range []string{"", "department"} {
		if want, got := f.live(by), f.scanned(by); len(want) == 0 || !slices.Equal(got, want) {
			f.t.Errorf("%s, by %q: read\n%v\nlive\n%v", when, by, got, want)
		}
	}
}

func (f *fixture) exec(statement string) {
	f.t.Helper()
	f.must(f.db.Exec(context.Background(), statement))
}

// What is kept is what was counted, and it is what reports read: they stay the
// same when the responses are gone.
func TestClosedWavesAreKept(t *testing.T) {
	for seed := range uint64(3) {
		f := newFixture(t, 4)
		f.population(seed, 40)
		f.exec("DELETE FROM responses WHERE wave_id = '" + f.waves[2].ID.String() + "'") // a wave without answers
		f.mustScanLive("counted")
		f.mustScanLive("kept")
		whole, cut := f.live(""), f.live("department")
		f.exec("TRUNCATE TABLE responses")
		if got := f.scanned(""); !slices.Equal(got, whole) {
			t.Errorf("seed %d: kept\n%v\ncounted\n%v", seed, got, whole)
		}
		if got := f.scanned("location"); !slices.Equal(got, cut) { // every cut reads the same groups
			t.Errorf("seed %d: kept, cut\n%v\ncounted\n%v", seed, got, cut)
		}
	}
}

func TestOpenWaveIsLive(t *testing.T) {
	f := newFixture(t, 2)
	f.population(1, 30)
	for _, now := range []time.Time{f.waves[1].Opens.Add(time.Hour), f.waves[1].Closes.Add(settled - time.Second)} {
		f.service.now = func() time.Time { return now }
		f.mustScanLive("before")
		f.must(f.surveys.Put(context.Background(), f.late(1, now.String())))
		f.mustScanLive("after one more answer")
	}
}

// late is a person's final response to a wave.
func (f *fixture) late(wave int, who string) survey.Response {
	f.respond(wave, who, program.Mentor, "IT", "Kyiv", map[uint16]float32{1: 5, 2: 4, 3: 5, 4: 9})
	return f.answers[len(f.answers)-1]
}

func TestChangedWavesAreCountedAnew(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t, 3)
	f.population(2, 30)
	f.mustScanLive("counted")

	f.must(f.surveys.PutAll(ctx, []survey.Response{f.late(0, "late")}))
	f.mustScanLive("after an import")

	f.must(f.surveys.Rewrite(ctx, f.waves, func(context.Context) error {
		return f.db.Exec(ctx, "DELETE FROM responses WHERE respondent = '"+program.DeriveID(fmt.Sprint("person", 1)).String()+"'")
	}))
	f.mustScanLive("after an erasure")

	moved := f.waves[1]
	moved.Closes = moved.Closes.AddDate(0, 0, 1)
	f.must(f.surveys.PutWave(ctx, moved))
	f.must(f.surveys.Put(ctx, f.late(1, "while open again")))
	f.must(f.surveys.PutWave(ctx, f.waves[1]))
	f.mustScanLive("after the wave was open again")
}

// A crash between writing answers and saying so must not leave old figures.
func TestBrokenRewriteKeepsNothing(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t, 2)
	f.population(3, 30)
	f.mustScanLive("counted")
	crash := errors.New("crash")
	err := f.surveys.Rewrite(ctx, f.waves[:1], func(context.Context) error {
		f.mustScanLive("begun")
		f.must(f.surveys.Put(ctx, f.late(0, "half")))
		f.mustScanLive("half-way")
		return crash
	})
	if !errors.Is(err, crash) {
		t.Fatal(err)
	}
	f.mustScanLive("broken off")
	f.must(f.surveys.Put(ctx, f.late(0, "another half")))
	f.mustScanLive("still not done")
	f.must(f.surveys.Rewrite(ctx, f.waves[:1], func(context.Context) error { return nil }))
	f.mustScanLive("repeated")
}

// What was counted while answers were being rewritten is never taken.
func TestCountAcrossARewrite(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t, 2)
	f.population(4, 30)
	r, of := f.engaged("")
	states, err := r.states(ctx, r.waves)
	f.must(err)
	counted := f.counted(r, of)
	f.must(f.surveys.PutAll(ctx, []survey.Response{f.late(0, "meanwhile")}))
	r.keep(ctx, of, []int{0, 1}, states, counted)
	f.mustScanLive("after both")
}
