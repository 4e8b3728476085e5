package survey_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func TestWavesAppearWhenDueAndOnce(t *testing.T) {
	ctx := context.Background()
	p := sample(t)
	p.now = time.Date(2026, 1, 5, 6, 59, 59, 0, time.UTC) // 08:59:59 in Kyiv
	count := func(want int) []survey.Wave {
		t.Helper()
		if err := p.scheduler.Due(ctx); err != nil {
			t.Fatal(err)
		}
		waves, err := p.surveys.Waves(ctx, p.program.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(waves) != want {
			t.Fatalf("%d waves at %s, want %d", len(waves), p.now, want)
		}
		return waves
	}
	count(0)
	p.now = p.now.Add(time.Second)
	// Two processes, again and again: one wave.
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for range 3 {
				if err := survey.NewScheduler(p.programs, p.surveys, p.clock).Due(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	w := count(1)[0]
	if w.Number != 1 || w.Occurrence != "2026-01-05" || !w.Opens.Equal(p.now) || !w.Closes.Equal(p.now.AddDate(0, 0, 5)) {
		t.Errorf("wave %+v", w)
	}
	invitations, err := p.surveys.Invitations(ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	if len(invitations) != 3 {
		t.Fatalf("%d invitations, want 3", len(invitations))
	}
	for _, i := range invitations {
		if len(i.Attributes) != 1 || i.Attributes["department"] != "IT" {
			t.Errorf("snapshot %v: want the declared attribute alone", i.Attributes)
		}
	}
	p.now = p.now.AddDate(0, 0, 7)
	second := count(2)[1]
	if second.Number != 2 || second.Occurrence != "2026-01-12" {
		t.Errorf("second wave %+v", second)
	}
	// A wave that came and went while nothing ran is not made up afterwards.
	p.now = time.Date(2026, 1, 26, 8, 0, 0, 0, time.UTC)
	if last := count(3)[2]; last.Number != 3 || last.Occurrence != "2026-01-26" {
		t.Errorf("third wave %+v", last)
	}
}

func TestWhoIsInvited(t *testing.T) {
	ctx := context.Background()
	p := sample(t, func(p *place) {
		p.people.Participants[1].Left = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
		p.people.Participants[2].Joined = time.Date(2026, 1, 7, 0, 0, 0, 0, time.UTC)
		p.survey.Audience = []program.Role{program.Mentor, program.Mentee, program.Comparison}
	})
	invited := func() map[program.Role]bool {
		t.Helper()
		if err := p.scheduler.Due(ctx); err != nil {
			t.Fatal(err)
		}
		all, err := p.surveys.Invitations(ctx, p.wave(t))
		if err != nil {
			t.Fatal(err)
		}
		roles := map[program.Role]bool{}
		for _, i := range all {
			roles[i.Role] = true
		}
		return roles
	}
	if got := invited(); !got[program.Mentor] || got[program.Mentee] || got[program.Comparison] {
		t.Errorf("invited on the first day: %v; want the mentor alone", got)
	}
	p.now = p.now.AddDate(0, 0, 2)
	if got := invited(); !got[program.Comparison] {
		t.Errorf("invited on the third day: %v; want who joined since too", got)
	}
	// What was counted stays as it was.
	p.people.Participants[0].Attributes = map[string]string{"department": "Sales"}
	if err := p.programs.Put(ctx, p.people); err != nil {
		t.Fatal(err)
	}
	invited()
	all, err := p.surveys.Invitations(ctx, p.wave(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Role == program.Mentor && i.Attributes["department"] != "IT" {
			t.Errorf("the snapshot changed to %v", i.Attributes)
		}
	}
}

func TestAudienceIsNarrowed(t *testing.T) {
	p := opened(t, func(p *place) { p.survey.Audience = []program.Role{program.Mentee} })
	all, err := p.surveys.Invitations(context.Background(), p.wave(t))
	if err != nil || len(all) != 1 || all[0].Role != program.Mentee {
		t.Errorf("%v, %v; want the mentee alone", all, err)
	}
}

func TestNoWaveOutsideTheProgramme(t *testing.T) {
	for name, change := range map[string]func(*place){
		"after its last day":   func(p *place) { p.program.Ends = time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC) },
		"before its first day": func(p *place) { p.program.Starts = time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC) },
	} {
		p := sample(t, func(p *place) {
			p.program.Starts = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
			change(p)
		})
		if err := p.scheduler.Due(context.Background()); err != nil {
			t.Fatal(err)
		}
		if waves, err := p.surveys.Waves(context.Background(), "acme"); err != nil || len(waves) > 0 {
			t.Errorf("%s: %v, %v", name, waves, err)
		}
	}
}

// A look at a programme whose roster has not changed reads no roster: whoever
// stored people past the store, with no newer revision, goes unseen until the
// roster is looked at again in any case.
func TestUnchangedRosterIsNotReadAgain(t *testing.T) {
	ctx := context.Background()
	p := opened(t)
	count := func() int {
		t.Helper()
		if err := p.scheduler.Due(ctx); err != nil {
			t.Fatal(err)
		}
		all, err := p.surveys.Invitations(ctx, p.wave(t))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	const unseen = `INSERT INTO participants (program_id, participant_id, role, joined, revision)
		SELECT program_id, generateUUIDv4(), role, joined, 1 FROM participants FINAL WHERE program_id = 'acme' LIMIT 1`
	if err := p.db.Exec(ctx, unseen); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 3 {
		t.Errorf("%d invited; the roster's revision is the same, so it need not be read", got)
	}
	p.now = p.now.Add(11 * time.Minute)
	if got := count(); got != 4 {
		t.Errorf("%d invited; want the one who was stored out of turn too, after a while", got)
	}
	newcomer := p.people.Participants[0]
	newcomer.ID, newcomer.ExternalID = program.ParticipantID("acme", "e9", ""), "e9"
	if err := p.programs.Put(ctx, program.Snapshot{Participants: []program.Participant{newcomer}}); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 5 {
		t.Errorf("%d invited; want who was added at once", got)
	}
}

// What is open stays open, and open to newcomers, whatever becomes of the rule.
func TestOpenWaveOutlivesItsRule(t *testing.T) {
	ctx := context.Background()
	p := opened(t)
	p.survey.Recurrence.Pauses = []survey.Pause{{From: "2026-01-05", To: "2026-01-31"}}
	if err := p.surveys.PutSurvey(ctx, p.survey); err != nil {
		t.Fatal(err)
	}
	newcomer := p.people.Participants[0]
	newcomer.ID, newcomer.ExternalID = program.ParticipantID("acme", "e9", ""), "e9"
	if err := p.programs.Put(ctx, program.Snapshot{Participants: []program.Participant{newcomer}}); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.AddDate(0, 0, 1)
	if err := p.scheduler.Due(ctx); err != nil {
		t.Fatal(err)
	}
	all, err := p.surveys.Invitations(ctx, p.wave(t))
	if err != nil || len(all) != 4 {
		t.Errorf("%d invited, %v; want the newcomer too", len(all), err)
	}
}
