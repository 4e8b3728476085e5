package analytics

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// asked is a wave to which twelve people of IT and three of HR are invited, of
// whom some in IT have answered.
func asked(t *testing.T, answered int) *fixture {
	f := newFixture(t, 1)
	var invitations []survey.Invitation
	for i := range 27 {
		department, role := "IT", program.Roles()[i%2]
		if i >= 24 {
			department, role = "HR", program.Roles()[i%3]
		}
		invitations = append(invitations, survey.Invitation{ProgramID: f.program.ID, SurveyID: f.survey, Wave: f.waves[0].ID,
			Participant: program.DeriveID(fmt.Sprint("p", i)), Role: role, Attributes: map[string]string{"department": department, "location": "Kyiv"}})
		if i < answered {
			f.answer(i, role, department)
		}
	}
	f.must(f.surveys.Invite(t.Context(), invitations))
	f.store()
	return f
}

func (f *fixture) answer(i int, role program.Role, department string) {
	level := float32(1 + i%5)
	f.respond(0, fmt.Sprint("p", i), role, department, "Kyiv", map[uint16]float32{1: level, 2: 6 - level, 3: float32(1 + i%4), 4: 9, 5: level, 6: level, 7: level, 8: level, 9: level,
		11: level, 12: 6 - level, 13: level, 14: level, 15: level})
}

// aboutSegment is all that the reports say of a department, with reasons.
func (f *fixture) aboutSegment(value string, role program.Role) map[string]string {
	f.t.Helper()
	said := map[string]string{}
	for name, call := range f.service.reports() {
		report := f.report(call, Query{By: "department", Role: role})
		var list []Figure
		for _, figure := range slices.Concat(report.Figures, report.Series) {
			if figure.Segment["department"] == value && figure.Segment != nil {
				list = append(list, figure)
			}
		}
		text, err := json.Marshal(list)
		f.must(err)
		said[name] = string(text)
	}
	return said
}

// TestReasonDoesNotTellWhoHasNotAnswered: of three people in a department the
// same is said whether none, one, two or all of them have answered.
func TestReasonDoesNotTellWhoHasNotAnswered(t *testing.T) {
	for _, role := range append([]program.Role{""}, program.Roles()...) {
		for _, open := range []bool{false, true} {
			t.Run(fmt.Sprint(role, " open ", open), func(t *testing.T) {
				f := asked(t, 24)
				if open {
					f.service.now = func() time.Time { return f.waves[0].Opens.Add(time.Hour) }
				}
				before := f.aboutSegment("HR", role)
				for _, kind := range []string{"participation", "engagement"} {
					if before[kind] == "null" {
						t.Errorf("%s has no row before anybody answered", kind)
					}
				}
				if strings.Contains(before["participation"]+before["engagement"], CodeNoAnswers) {
					t.Errorf("that nobody has answered is said: %v", before)
				}
				for i := 24; i < 27; i++ {
					f.answer(i, program.Roles()[i%3], "HR")
					f.store()
					for kind, said := range f.aboutSegment("HR", role) {
						if said != before[kind] {
							t.Errorf("%s after %d answers: %s\nbefore: %s", kind, i-23, said, before[kind])
						}
					}
				}
			})
		}
	}
}

// TestOwnerPageDoesNotTellWhoHasNotAnswered: the row of three people on the page
// is there from the start and stays as it is, while the wave is open and after.
func TestOwnerPageDoesNotTellWhoHasNotAnswered(t *testing.T) {
	for _, open := range []bool{false, true} {
		f := asked(t, 24)
		if open {
			f.service.now = func() time.Time { return f.waves[0].Opens.Add(time.Hour) }
		}
		o := newOwner(f)
		row := func() string {
			page := o.get("/programs/acme?lang=en&by=department", "", o.key).Body.String()
			_, page, _ = strings.Cut(page, `<table class="numbers cut">`)
			found := regexp.MustCompile(`(?s)<tr><th scope="row">HR</th>.*?</tr>`).FindString(page)
			return readable(found)
		}
		before := row()
		if before == "" || strings.Contains(before, "n =") {
			t.Errorf("open %v: the row before anybody answered: %q", open, before)
		}
		for i := 24; i < 27; i++ {
			f.answer(i, program.Roles()[i%3], "HR")
			f.store()
			if after := row(); after != before {
				t.Errorf("open %v, after %d answers: %q, before %q", open, i-23, after, before)
			}
		}
	}
}

// TestOwnerPageComparesGroupsOfAClosedWave: segments of the open one wait, so
// without a wave asked for the page takes the newest that has closed.
func TestOwnerPageComparesGroupsOfAClosedWave(t *testing.T) {
	o := staffed(t)
	for query, want := range map[string]string{"": "Wave 2, 19 Jan 2026", "&wave=3": "Shown once the wave has closed"} {
		page := o.get("/programs/acme?lang=en&by=department"+query, "", o.key).Body.String()
		if _, cut, _ := strings.Cut(page, `id="cut"`); !strings.Contains(readable(cut), want) {
			t.Errorf("%q does not say %q", query, want)
		}
	}
}

// TestReasonOfARoleDoesNotTellWhoHasNotAnswered: the comparison group is a
// single person, who answers in a report without a cut.
func TestReasonOfARoleDoesNotTellWhoHasNotAnswered(t *testing.T) {
	f := asked(t, 24)
	reasons := func() string {
		var said []string
		for _, kind := range slices.Sorted(maps.Keys(f.service.reports())) {
			for _, role := range []program.Role{"", program.Comparison} {
				report := f.report(f.service.reports()[kind], Query{Role: role})
				for _, figure := range slices.Concat(report.Figures, report.Series) {
					if figure.Role == program.Comparison || figure.Measure == MeasureDifference {
						text, err := json.Marshal(figure)
						f.must(err)
						said = append(said, kind+string(text))
					}
				}
			}
		}
		return strings.Join(said, "\n")
	}
	before := reasons()
	f.answer(26, program.Comparison, "HR")
	f.store()
	if after := reasons(); after != before {
		t.Errorf("after the only answer:\n%s\nbefore:\n%s", after, before)
	}
}

// TestSilentWaveIsSaidToBe: nobody at all having answered is said, and is a
// participation of zero.
func TestSilentWaveIsSaidToBe(t *testing.T) {
	f := asked(t, 0)
	whole := find(t, f.report(f.service.Engagement, Query{}).Figures, MeasureEngagement, "", "", "")
	if whole.Withheld == nil || whole.Withheld.Code != CodeNoAnswers {
		t.Errorf("engagement: %+v", whole.Withheld)
	}
	rate := find(t, f.report(f.service.Participation, Query{}).Figures, MeasureResponseRate, "", "", "")
	near(t, "rate", rate.Value, 0)
}

// TestSegmentsOfAnOpenWaveWait: they could be read before and after one answer.
// The whole, the roles and participation are live.
func TestSegmentsOfAnOpenWaveWait(t *testing.T) {
	f := asked(t, 24)
	for _, open := range []bool{true, false} {
		if open {
			f.service.now = func() time.Time { return f.waves[0].Opens.Add(time.Hour) }
		} else {
			f.service.now = func() time.Time { return f.waves[0].Closes }
		}
		seen := 0
		for _, call := range f.service.reports() {
			report := f.report(call, Query{By: "department"})
			for _, figure := range slices.Concat(report.Figures, report.Series) {
				if figure.Wave == "" || figure.Segment["department"] != "IT" && figure.Segment != nil {
					continue
				}
				waits := figure.Withheld != nil && figure.Withheld.Code == CodeOpenWave
				if want := open && figure.Segment != nil && !strings.HasPrefix(figure.Measure, "participation."); waits != want {
					t.Errorf("open %v: %s of %q in %v waits: %v", open, figure.Measure, figure.Role, figure.Segment, waits)
				}
				if figure.Segment == nil && figure.Role == "" && figure.Measure == MeasureEngagement && figure.Value == nil {
					t.Errorf("open %v: the whole is not shown: %v", open, figure.Withheld)
				}
				seen++
			}
		}
		if seen < 20 {
			t.Errorf("only %d figures", seen)
		}
	}
}
