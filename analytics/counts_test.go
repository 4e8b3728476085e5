package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// answeredInFull is a programme with everything that is counted of waves: invitations,
// visits, answers of the same people in each wave, ratings of goals and requests
// for help.
func answeredInFull(t *testing.T, waves int) *fixture {
	f := newFixture(t, waves)
	var all program.Snapshot
	var invitations []survey.Invitation
	for i := range 42 {
		mentor, mentee := program.DeriveID(fmt.Sprint("p", i)), program.DeriveID(fmt.Sprint("p", i+1))
		pair := program.PairID("acme", mentor, mentee)
		for wave := range f.waves {
			invitations = append(invitations, survey.Invitation{ProgramID: "acme", SurveyID: f.survey, Wave: f.waves[wave].ID, Participant: mentor,
				Role: program.Roles()[i%3], Attributes: map[string]string{"department": workerDepartment(i), "location": "Kyiv"}})
			if (i+wave)%9 == 0 {
				f.must(f.surveys.PutVisit(t.Context(), survey.Visit{ProgramID: "acme", SurveyID: f.survey, Wave: f.waves[wave].ID, Respondent: program.DeriveID(fmt.Sprint("p", i)),
					Role: program.Roles()[i%3], Attributes: map[string]string{"department": workerDepartment(i), "location": "Kyiv"}, OpenedAt: f.waves[wave].Opens}))
				continue
			}
			level := around(3, i+wave)
			f.respond(wave, fmt.Sprint("p", i), program.Roles()[i%3], workerDepartment(i), "Kyiv", map[uint16]float32{1: level, 2: 3, 3: 4, 4: 9, 5: level, 6: 3, 7: level, 8: 2, 9: level,
				timeItem: 5, helpItem: float32(1 + i/3%2)}, func(r *survey.Response) {
				r.Pair, r.Seconds = pair, uint32(20+i)
				r.Stored.Goals, r.Stored.Ratings = append(r.Stored.Goals, program.GoalID(pair, "1")), []int8{int8((i+wave)%5 - 2)}
			})
		}
		all.Goals = append(all.Goals, program.Goal{ID: program.GoalID(pair, "1"), ProgramID: "acme", Pair: pair, Code: "1", Title: "G", Weight: 1, Baseline: -1})
	}
	f.must(f.programs.Put(t.Context(), all))
	f.must(f.surveys.Invite(t.Context(), invitations))
	f.store()
	return f
}

// everything is what the reports that read counts say, cut and not, and the
// overview, which has something of all.
func (f *fixture) everything() []string {
	f.t.Helper()
	var said []string
	for _, q := range []Query{{}, {By: "department"}} {
		for _, kind := range []string{"participation", "confidence", "goals"} {
			said = append(said, kind+" "+rounded(f.t, f.report(f.service.reports()[kind], q)))
		}
	}
	return append(said, rounded(f.t, f.overview(Query{})))
}

// mustSayLive fails when the reports say what the answers do not, or no longer.
func (f *fixture) mustSayLive(when string) []string {
	f.t.Helper()
	got := f.everything()
	f.exec("TRUNCATE TABLE counts")
	f.exec("TRUNCATE TABLE tallies")
	want := f.everything()
	for i := range want {
		if got[i] != want[i] {
			f.t.Errorf("%s: said\n%s\nlive\n%s", when, got[i], want[i])
		}
	}
	return want
}

// What is kept is what the reports read: they say the same when there is nothing
// left to count.
func TestEverythingOfClosedWavesIsKept(t *testing.T) {
	f := answeredInFull(t, 3)
	before := f.mustSayLive("counted")
	for _, table := range []string{"responses", "visits"} {
		f.exec("TRUNCATE TABLE " + table)
	}
	for i, after := range f.everything() {
		if after != before[i] {
			t.Errorf("without answers:\n%s\nbefore:\n%s", after, before[i])
		}
	}
	if text := strings.Join(before, "\n"); strings.Count(text, MeasureAgreement) < 3 || !strings.Contains(text, `"method":"paired"`) || !strings.Contains(text, "help:2026-02-02") {
		t.Errorf("there was little to count: %.2000s", text)
	}
}

func TestEverythingThatChangesIsCountedAnew(t *testing.T) {
	ctx := context.Background()
	f := answeredInFull(t, 3)
	before := f.mustSayLive("counted")
	changed := func(when string) {
		t.Helper()
		after := f.mustSayLive(when)
		if slices.Equal(after, before) {
			t.Errorf("%s: nothing has changed, so nothing was tested", when)
		}
		before = after
	}
	first := slices.IndexFunc(f.answers, func(r survey.Response) bool { return r.Wave == f.waves[0].ID && r.Role == program.Mentee })
	other := f.answers[first]
	other.Stored.Values = slices.Repeat([]float32{1}, len(other.Stored.Values))
	f.must(f.surveys.PutAll(ctx, []survey.Response{other})) // of the wave that others are compared with
	changed("after another answer was imported into the first wave")
	f.must(f.surveys.Rewrite(ctx, f.waves, func(context.Context) error {
		return f.db.Exec(ctx, "DELETE FROM responses WHERE respondent = '"+program.DeriveID("p1").String()+"'")
	}))
	changed("after an erasure")
	moved := f.waves[2]
	moved.Closes = moved.Closes.AddDate(0, 0, 1)
	f.must(f.surveys.PutWave(ctx, moved))
	f.must(f.surveys.Put(ctx, f.late(2, "while open again")))
	f.must(f.surveys.PutWave(ctx, f.waves[2]))
	changed("after the wave was open again")
	goals, err := f.programs.Goals(ctx, "acme")
	f.must(err)
	for i := range goals {
		goals[i].Baseline = 1
	}
	f.must(f.programs.Put(ctx, program.Snapshot{Goals: goals}))
	changed("after the goals changed")
	f.exec("DELETE FROM goals WHERE goal_id = '" + goals[0].ID.String() + "'")
	f.mustSayLive("after a goal was erased")
}

func TestBrokenRewriteKeepsNothingAtAll(t *testing.T) {
	ctx := context.Background()
	f := answeredInFull(t, 2)
	f.mustSayLive("counted")
	crash := errors.New("crash")
	err := f.surveys.Rewrite(ctx, f.waves[:1], func(context.Context) error {
		f.must(f.surveys.Put(ctx, f.late(0, "half")))
		f.mustSayLive("half-way")
		return crash
	})
	if !errors.Is(err, crash) {
		t.Fatal(err)
	}
	f.must(f.surveys.Put(ctx, f.late(0, "another half")))
	f.mustSayLive("broken off")
	f.must(f.surveys.Rewrite(ctx, f.waves[:1], func(context.Context) error { return nil }))
	f.mustSayLive("repeated")
}

func TestOpenWaveIsCountedLive(t *testing.T) {
	f := answeredInFull(t, 2)
	f.service.now = func() time.Time { return f.waves[1].Closes.Add(settled - time.Second) } // the last answers may still come in
	f.everything()
	f.must(f.surveys.Put(t.Context(), f.late(1, "late")))
	f.mustSayLive("after one more answer")
}

// What cannot be read is counted again, and costs a report nothing else.
func TestUnreadableCountsAreCountedAgain(t *testing.T) {
	f := answeredInFull(t, 2)
	before := f.everything()
	f.exec("INSERT INTO counts SELECT * REPLACE ('broken' AS content, revision + 1 AS revision) FROM counts FINAL")
	for i, after := range f.everything() {
		if after != before[i] {
			t.Errorf("said\n%s\nbefore\n%s", after, before[i])
		}
	}
}
