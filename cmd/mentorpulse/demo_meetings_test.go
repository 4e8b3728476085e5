package main

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// The demonstration has pairs in every state, more of them in need where the
// truth says so, and some that ask for help.
func TestDemoPairsAreInEveryState(t *testing.T) {
	a := testApp(t)
	made(t, a, defaultDemo(), time.Now())
	out, err := analytics.NewPairs(a.analytics, a.pulse).Report(context.Background(), analytics.PairsQuery{Program: defaultDemo().id()})
	if err != nil {
		t.Fatal(err)
	}
	s := out.Summary
	if out.Notice != nil || s.NeedsCheckIn == 0 || s.TooEarly == 0 || s.OnTrack < s.Active/2 || s.Unknown > 0 || s.Active != len(out.Pairs) {
		t.Errorf("%+v, %d listed, %v", s, len(out.Pairs), out.Notice)
	}
	roster, err := a.programs.Snapshot(context.Background(), defaultDemo().id())
	if err != nil {
		t.Fatal(err)
	}
	atRisk := map[string]bool{}
	for _, p := range roster.Participants {
		if p.Attributes[attrDepartment] == demoTruth().AtRisk {
			atRisk[p.Name] = true
		}
	}
	needy, asking := 0, 0
	for _, p := range out.Pairs {
		if p.Status == analytics.NeedsCheckIn && atRisk[p.Mentor] {
			needy++
		}
		if len(p.AskedForHelp) > 0 {
			asking++
		}
		if p.LastMeeting != nil && *p.LastMeeting > out.Day {
			t.Errorf("%s met on %s, after %s", p.Mentor, *p.LastMeeting, out.Day)
		}
	}
	if needy == 0 || asking == 0 {
		t.Errorf("%d pairs of the department at risk need a check-in, %d ask for help", needy, asking)
	}
}

// On whatever day of the last wave the demonstration is made, some pairs have not
// met for four weeks, nearly all of them at risk.
func TestDemoMeetings(t *testing.T) {
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		t.Fatal(err)
	}
	a := testApp(t)
	for offset := range 7 * demoWeeks {
		size, now := defaultDemo(), noon().AddDate(0, 0, offset)
		p := size.program(time.Time{})
		kyiv, err := p.Location()
		if err != nil {
			t.Fatal(err)
		}
		p.Starts = size.starts(now, kyiv)
		f, err := newFilling(a, size, p, size.survey(p, q), q, now)
		if err != nil {
			t.Fatal(err)
		}
		latest, seen := map[uuid.UUID]time.Time{}, map[string]bool{}
		for _, m := range f.meetings() {
			if key := m.Pair.String() + m.Day.String(); seen[key] || m.Day.After(program.Day(now, kyiv)) || !m.Held {
				t.Errorf("on %s: %+v, twice or still to come", now, m)
			} else {
				seen[key] = true
			}
			if m.Day.After(latest[m.Pair]) {
				latest[m.Pair] = m.Day
			}
		}
		silent := map[bool]int{}
		for _, pair := range f.cast.couples {
			if pair.works(program.Day(now, kyiv)) && pair.From.Equal(p.Starts) && latest[pair.ID].Before(now.AddDate(0, 0, -29)) {
				silent[pair.atRisk]++
			}
		}
		if silent[true] < 3 || silent[false] > 2 {
			t.Errorf("on %s: %d pairs at risk have not met for four weeks, and %d others", now, silent[true], silent[false])
		}
	}
}
