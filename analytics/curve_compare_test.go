package analytics

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
)

// employed is a fixture of a wave and people of each role in two departments, who
// leave the organisation after so many days as left says, 0 for none.
func employed(t *testing.T, people int, left func(role program.Role, i int) int) *fixture {
	t.Helper()
	f := newFixture(t, 1)
	var all program.Snapshot
	for _, role := range program.Roles() {
		for i := range people {
			p := program.Participant{ID: program.DeriveID(string(role), fmt.Sprint(i)), ProgramID: f.program.ID, ExternalID: fmt.Sprint(role, i),
				Role: role, Joined: testStart, EmployedFrom: testStart.AddDate(-1, 0, 0), Attributes: map[string]string{"department": []string{"IT", "HR"}[i%2]}}
			if days := left(role, i); days > 0 {
				p.EmployedTo = testStart.AddDate(0, 0, days)
			}
			all.Participants = append(all.Participants, p)
		}
	}
	f.must(f.programs.Put(context.Background(), all))
	f.service.now = func() time.Time { return testStart.AddDate(0, 0, 200) }
	return f
}

// TestCurvesAreComparedWithTheComparisonGroup by the shares still there when the
// shorter curve ends, and the log-rank test.
func TestCurvesAreComparedWithTheComparisonGroup(t *testing.T) {
	left := func(role program.Role, i int) int {
		switch {
		case role == program.Comparison && i < 24:
			return 10 + 5*i
		case role == program.Mentor && i < 12:
			return 20 + 7*i
		case role == program.Mentee && i%3 == 0:
			return 15 + 3*i
		}
		return 0
	}
	f := employed(t, 40, left)
	report := f.report(f.service.Retention, Query{Compare: CompareGroup, By: "department"})
	rows := func(role program.Role, in func(i int) bool) []stats.LifeRow {
		var list []stats.LifeRow
		for i := range 40 {
			switch days := left(role, i); {
			case !in(i):
			case days > 0:
				list = append(list, stats.LifeRow{Time: float64(days), Events: 1})
			default:
				list = append(list, stats.LifeRow{Time: 200, Censored: 1})
			}
		}
		return list
	}
	everybody := func(int) bool { return true }
	mentors := find(t, report.Figures, MeasureEmployment, "", program.Mentor, "").Change
	want, err := stats.LogRank(rows(program.Mentor, everybody), rows(program.Comparison, everybody))
	f.must(err)
	if mentors == nil || mentors.Withheld != nil || mentors.Method != methodLogRank || mentors.At == nil || mentors.Q == nil || mentors.From != "" {
		t.Fatalf("mentors: %+v", mentors)
	}
	near(t, "p", mentors.P, want.P)
	near(t, "the group", mentors.Other, 16./40)
	near(t, "difference", mentors.Value, 28./40-16./40)
	count(t, "people", mentors.N, 80)
	if *mentors.Low > *mentors.Value || *mentors.High < *mentors.Value || *mentors.Low <= 0 {
		t.Errorf("interval %v to %v", *mentors.Low, *mentors.High)
	}
	for _, lang := range []string{"en", "uk"} {
		says := map[string]string{"en": "weeks from the start", "uk": "тиждень від початку"}[lang]
		if text := Reading(lang, find(t, report.Figures, MeasureEmployment, "", program.Mentor, "")); !strings.Contains(text, says) {
			t.Errorf("reads %q", text)
		}
	}
	if it := find(t, report.Figures, MeasureEmployment, "", "", "IT").Change; it == nil || it.P == nil || it.Q == nil || *it.N != 80 {
		t.Errorf("IT: %+v", it)
	}
	withheldChange(t, find(t, report.Figures, MeasureEmployment, "", program.Comparison, ""), CompareGroup, CodeItself)
	withheldChange(t, find(t, report.Figures, MeasureStay, "", "", ""), CompareGroup, CodeNotInProgramme)
	withheldChange(t, find(t, report.Figures, MeasureRiskDifference, "", "", ""), CompareGroup, CodeUncompared)
	for _, against := range []Comparison{ComparePrevious, CompareBaseline} {
		report := f.report(f.service.Retention, Query{Compare: against})
		withheldChange(t, find(t, report.Figures, MeasureEmployment, "", program.Mentor, ""), against, CodeAllTime)
		withheldChange(t, find(t, report.Figures, MeasureStay, "", "", ""), against, CodeAllTime)
	}
	if plain := find(t, f.report(f.service.Retention, Query{}).Figures, MeasureEmployment, "", program.Mentor, ""); plain.Change != nil {
		t.Errorf("unasked: %+v", plain.Change)
	}
}

// TestCurvesAreNotComparedWithFew who left, or with nobody.
func TestCurvesAreNotComparedWithFew(t *testing.T) {
	for name, test := range map[string]struct {
		group int // of the comparison group
		want  string
	}{"two left": {2, CodeFewLeft}, "nobody left": {0, ""}} {
		f := employed(t, 30, func(role program.Role, i int) int {
			if n := map[program.Role]int{program.Mentor: 8, program.Comparison: test.group}[role]; i < n {
				return 20 + i
			}
			return 0
		})
		figure := find(t, f.report(f.service.Retention, Query{Compare: CompareGroup}).Figures, MeasureEmployment, "", program.Mentor, "")
		if test.want != "" {
			withheldChange(t, figure, CompareGroup, test.want)
		} else if c := figure.Change; c == nil || c.P == nil || c.Low != nil || code(c.NoInterval) != CodeConstant || *c.Value >= 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
