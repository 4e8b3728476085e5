package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// The numbers of items in the test questionnaire.
const (
	timeItem = 15 // of the challenge
	helpItem = 16
)

func (f *fixture) alerts(q Query) *AlertReport {
	f.t.Helper()
	q.Program = f.program.ID
	report, err := f.service.Alerts(context.Background(), q)
	f.must(err)
	return report
}

// ids lists alerts by id, for messages and comparisons.
func (r *AlertReport) ids() []string {
	list := []string{}
	for _, a := range r.Alerts {
		list = append(list, a.Severity+" "+a.ID)
	}
	return list
}

func mustAlert(t *testing.T, report *AlertReport, want ...string) {
	t.Helper()
	if got := report.ids(); !slices.Equal(got, want) {
		t.Errorf("alerts %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// worker answers a wave: i tells role and department, of which there are four.
func (f *fixture) worker(wave, i int, level float32, more map[uint16]float32) {
	answers := map[uint16]float32{1: level, 2: 6 - level, 3: level, 5: level, 6: level, 7: level, 8: level, 9: level}
	for item, v := range more {
		answers[item] = v
	}
	f.respond(wave, fmt.Sprint("p", i), workerRole(i), workerDepartment(i), "Kyiv", answers)
}

func workerRole(i int) program.Role { return program.Roles()[i%2] }
func workerDepartment(i int) string { return []string{"IT", "HR", "Sales", "Legal"}[i/2%4] }

// around is a level that differs a little from person to person.
func around(level float32, i int) float32 { return level + float32(i/8%3) - 1 }

func TestDropsNameWhomTheyAreOf(t *testing.T) {
	f := newFixture(t, 3)
	for i := range 80 {
		for wave := range 3 {
			level := around(3, i)
			switch {
			case wave < 2:
			case workerDepartment(i) == "Sales":
				level = max(1, around(2, i)-float32(i/8%2)) // some fall further than others
			case i%3 == 0: // so that the whole stays as it is
				level++
			}
			f.worker(wave, i, level, nil)
		}
	}
	f.store()
	report := f.alerts(Query{Lang: "en"})
	mustAlert(t, report,
		"warning engagement-drop:2026-02-02:engagement:department=Sales:baseline",
		"warning engagement-drop:2026-02-02:engagement:department=Sales:previous",
		"warning confidence-drop:2026-02-02:digital:mentee:department=Sales:baseline",
		"warning confidence-drop:2026-02-02:digital:mentee:department=Sales:previous",
		"warning confidence-drop:2026-02-02:mentoring:mentor:department=Sales:baseline",
		"warning confidence-drop:2026-02-02:mentoring:mentor:department=Sales:previous")
	a := report.Alerts[1]
	near(t, "level", a.Figure.Value, 15)
	near(t, "change", a.Figure.Change.Value, -32.5)
	for _, want := range []string{"Engagement – Participants · Sales: 15.0", "−32.5", "19 Jan 2026", "a decrease"} {
		if !strings.Contains(strings.ReplaceAll(a.Seen, noBreak, " "), want) {
			t.Errorf("%q does not say %q", a.Seen, want)
		}
	}
	if a.Who != "Participants · Sales" || a.Segment["department"] != "Sales" || report.Definitions[a.Definition].Formula == "" || report.Definitions[MeasureEngagement].Title == "" {
		t.Errorf("%+v of %v", a, report.Definitions)
	}
	if uk := f.alerts(Query{Lang: "uk"}); !slices.Equal(uk.ids(), report.ids()) || !isCyrillic(uk.Alerts[0].Seen) || !isCyrillic(uk.Alerts[0].Remedy) {
		t.Errorf("in Ukrainian: %v %q", uk.ids(), uk.Alerts[0].Seen)
	}
	mustAlert(t, f.alerts(Query{Wave: "2"}))
	if before := f.alerts(Query{Wave: "1..2"}); before.Wave.Number != 2 {
		t.Errorf("of wave %d", before.Wave.Number)
	}
}

// A whole that fell is named, and of its parts only those that fell further.
func TestDropsOfAllAreNamedOnce(t *testing.T) {
	f := newFixture(t, 2)
	for i := range 80 {
		f.worker(0, i, around(4, i), nil)
		level := around(3, i)
		if workerDepartment(i) == "Sales" {
			level = 1
		}
		f.worker(1, i, level, nil)
	}
	f.store()
	var engagement []string
	for _, a := range f.alerts(Query{Lang: "en"}).Alerts {
		if a.Kind == AlertEngagementDrop {
			engagement = append(engagement, a.Who+" "+string(a.Figure.Change.Against))
		}
	}
	// The wave before is the baseline here, and once is enough.
	if want := []string{"Participants · Sales previous", "Participants previous"}; !slices.Equal(engagement, want) {
		t.Errorf("%q, want %q", engagement, want)
	}
}

func TestParticipationAlerts(t *testing.T) {
	f := newFixture(t, 3)
	invite := func(wave, n int) {
		var list []survey.Invitation
		for i := range n {
			list = append(list, survey.Invitation{ProgramID: f.program.ID, SurveyID: f.survey, Wave: f.waves[wave].ID, Participant: program.DeriveID(fmt.Sprint("p", i)),
				Role: workerRole(i), Attributes: map[string]string{"department": workerDepartment(i), "location": "Kyiv"}})
		}
		f.must(f.surveys.Invite(t.Context(), list))
	}
	for wave, answered := range []int{90, 88, 36} {
		invite(wave, 100)
		for i := range answered {
			f.worker(wave, i, around(4, i), nil)
		}
	}
	f.store()
	report := f.alerts(Query{Lang: "en"})
	mustAlert(t, report, "warning participation-falling:2026-02-02:previous", "warning participation-low:2026-02-02")
	for i, want := range []string{"Participants: 36.0% answered. −52.0", "fewer than half"} {
		if seen := strings.ReplaceAll(report.Alerts[i].Seen, noBreak, " "); !strings.Contains(seen, want) {
			t.Errorf("%q does not say %q", seen, want)
		}
	}
	near(t, "rate", report.Alerts[0].Figure.Value, 0.36)
	mustAlert(t, f.alerts(Query{Wave: "2"}))
	// While the wave is open its rate only grows.
	f.service.now = func() time.Time { return f.waves[2].Closes.Add(-time.Hour) }
	mustAlert(t, f.alerts(Query{}))
}

func TestChallengeAlerts(t *testing.T) {
	f := newFixture(t, 2)
	for i := range 80 {
		hinders := around(2, i)
		switch {
		case workerRole(i) == program.Mentee && workerDepartment(i) == "Sales":
			hinders = around(4, i)
		case workerRole(i) == program.Mentor:
			hinders = 1 + 4*float32(i/2%2) // half of them at either end
		}
		f.worker(1, i, around(4, i), map[uint16]float32{timeItem: hinders})
	}
	f.store()
	report := f.alerts(Query{Lang: "en"})
	mustAlert(t, report,
		"warning challenge:2026-01-19:time:mentee:department=Sales",
		"warning challenge:2026-01-19:time:mentor:department=HR",
		"warning challenge:2026-01-19:time:mentor:department=Legal",
		"notice challenge:2026-01-19:time:mentor")
	if a := report.Alerts[0]; a.Remedy != "Plan." || !strings.Contains(a.Seen, "threshold is 50") || *a.Figure.Low < 50 {
		t.Errorf("%+v", a)
	}
	if uk := f.alerts(Query{Lang: "uk"}); uk.Alerts[0].Remedy != "Плануйте." {
		t.Errorf("%+v", uk.Alerts[0])
	}
}

// The warning is of the turn that the report on challenges shows: where the newest
// is withheld, of the one before.
func TestChallengeAlertsAreOfTheTurnThatIsShown(t *testing.T) {
	f := newFixture(t, 2)
	for i := range 80 {
		f.worker(0, i, around(4, i), map[uint16]float32{timeItem: 5})
		if workerRole(i) == program.Mentor { // no mentee answers
			f.worker(1, i, around(4, i), map[uint16]float32{timeItem: 5})
		}
	}
	f.store()
	report := f.alerts(Query{})
	shown := f.report(f.service.Challenges, Query{})
	for role, wave := range map[program.Role]string{program.Mentor: "2026-01-19", program.Mentee: "2026-01-05"} {
		figure, _ := pick(shown.Figures, MeasureChallenge, "time", role)
		i := slices.IndexFunc(report.Alerts, func(a Alert) bool { return a.Kind == AlertChallenge && a.Role == role && a.Segment == nil })
		if i < 0 || figure.Value == nil {
			t.Fatalf("%s: %v, %+v", role, report.ids(), figure)
		}
		if a := report.Alerts[i]; a.Wave != wave || figure.Wave != wave || *a.Figure.Value != *figure.Value || a.Figure.State != figure.State {
			t.Errorf("%s: alert of %s, report of %s, want %s", role, a.Wave, figure.Wave, wave)
		}
	}
	alike := f.alerts(Query{Wave: "2..2", Lang: "en"})
	mustAlert(t, alike, report.ids()...)
	for _, a := range alike.Alerts {
		if strings.Contains(a.Seen, "interval") || !strings.Contains(a.Seen, "alike, 100.0; the threshold is 50") {
			t.Errorf("%q of answers that are all the same", a.Seen)
		}
	}
	o := newOwner(f)
	page := readable(o.get("/programs/acme?lang=en", "en", o.key).Body.String())
	if n := strings.Count(page, "n = 40 · wave of 5 Jan 2026"); n != 1 {
		t.Errorf("the page says %d times that a challenge is of an earlier wave: %s", n, page)
	}
}

// people is a roster of workers of whom those of the department leave.
func (f *fixture) people(n int, leaves func(i int) int) {
	f.t.Helper()
	var all program.Snapshot
	for i := range n {
		p := program.Participant{ID: program.DeriveID(fmt.Sprint("p", i)), ProgramID: f.program.ID, ExternalID: fmt.Sprint("p", i), Role: workerRole(i),
			Attributes: map[string]string{"department": workerDepartment(i), "location": "Kyiv"}, Joined: program.Day(testStart, time.UTC).AddDate(0, -3, 0)}
		if day := leaves(i); day > 0 {
			p.Left = p.Joined.AddDate(0, 0, day)
		}
		all.Participants = append(all.Participants, p)
	}
	f.must(f.programs.Put(context.Background(), all))
}

func TestRetentionAlertNamesTheSegmentThatLeaves(t *testing.T) {
	for name, test := range map[string]struct {
		leaves func(i int) int
		want   []string
	}{
		"one department": {func(i int) int {
			if workerDepartment(i) == "Sales" && i%16 < 12 {
				return 20 + i/8
			}
			return 0
		}, []string{"warning retention:2026-01-05:department=Sales"}},
		"and some of the rest": {func(i int) int {
			if workerDepartment(i) == "Sales" || i%10 == 1 {
				return 20 + i/4
			}
			return 0
		}, []string{"warning retention:2026-01-05:department=Sales"}},
		"everywhere alike": {func(i int) int {
			if i/8%2 == 0 {
				return 20 + i/4
			}
			return 0
		}, nil},
		"too few of the rest to be shown": {func(i int) int {
			if workerDepartment(i) == "Sales" || i == 1 || i == 3 {
				return 20 + i/4
			}
			return 0
		}, nil},
		"too few": {func(i int) int {
			if workerDepartment(i) == "Sales" && i < 16 {
				return 20
			}
			return 0
		}, nil},
		"nobody": {func(int) int { return 0 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1)
			f.people(160, test.leaves)
			report := f.alerts(Query{Lang: "en"})
			mustAlert(t, report, test.want...)
			if len(test.want) == 0 {
				return
			}
			a := report.Alerts[0]
			if a.Figure.Low == nil || *a.Figure.Low <= 1 || *a.Stay.Value >= *a.Rest.Value || a.Stay.Segment["department"] != "Sales" || *a.Figure.N != 160 || *a.Stay.N+*a.Rest.N != 160 ||
				a.Rest.Except["department"] != "Sales" || a.Rest.Segment != nil || a.Stay.Except != nil {
				t.Errorf("%+v, stay %+v, rest %+v", a.Figure, a.Stay, a.Rest)
			}
			by := find(t, f.report(f.service.Retention, Query{By: "department", Wave: "1"}).Figures, MeasureStay, "", "", "Sales")
			if *by.Value != *a.Stay.Value && *by.Value > *a.Stay.Value {
				t.Errorf("the report has %v, the alert %v", *by.Value, *a.Stay.Value)
			}
			if !strings.Contains(a.Seen, "Participants · Sales:") || !strings.Contains(a.Seen, "of the other participants") {
				t.Errorf("%q", a.Seen)
			}
		})
	}
}

func TestHelpIsAskedForAtOnce(t *testing.T) {
	f := newFixture(t, 3)
	for wave := range 3 {
		for i := range 20 {
			wants := float32(1)
			if i < wave {
				wants = 2
			}
			f.worker(wave, i, around(4, i), map[uint16]float32{helpItem: wants})
		}
	}
	f.respond(2, "draft", program.Mentor, "IT", "Kyiv", map[uint16]float32{helpItem: 2}, func(r *survey.Response) { r.Final = false })
	f.store()
	mustAlert(t, f.alerts(Query{}), "warning help:2026-02-02")
	f.service.now = func() time.Time { return f.waves[2].Opens.Add(time.Hour) } // wave 3 is open, wave 2 has closed
	report := f.alerts(Query{Lang: "uk"})
	mustAlert(t, report, "warning help:2026-01-19", "warning help:2026-02-02")
	if one, two := report.Alerts[0].Seen, report.Alerts[1].Seen; !strings.Contains(one, "попросила про допомогу 1 людина") || !strings.Contains(two, "попросили про допомогу 2 людини") {
		t.Errorf("%q %q", one, two)
	}
	overview, err := f.service.Overview(t.Context(), Query{Program: "acme"})
	f.must(err)
	if overview.Help != 3 {
		t.Errorf("%d ask for help", overview.Help)
	}
	f.service.now = func() time.Time { return f.waves[0].Opens.Add(time.Hour) }
	if first := f.alerts(Query{}); first.Notice == nil || first.Notice.Code != CodeNoAlertsYet || len(first.Alerts) != 0 {
		t.Errorf("while only an open wave is there: %+v", first)
	}
}

// Answers that come into an open wave change no alert, so none tells of one.
func TestAlertsDoNotFollowAnOpenWave(t *testing.T) {
	f := newFixture(t, 2)
	for i := range 40 {
		f.worker(0, i, around(4, i), map[uint16]float32{timeItem: 5})
	}
	f.store()
	f.service.now = func() time.Time { return f.waves[1].Opens.Add(time.Hour) }
	said := func() string {
		text, err := json.Marshal(f.alerts(Query{}))
		f.must(err)
		return string(text)
	}
	before := said()
	if !strings.Contains(before, "challenge:2026-01-05") {
		t.Error("no alert from the closed wave")
	}
	for i := range 40 {
		f.worker(1, i, 1, map[uint16]float32{timeItem: 5})
	}
	f.store()
	if after := said(); after != before {
		t.Errorf("after 40 answers:\n%s\nbefore:\n%s", after, before)
	}
}

// Whatever may become an alert is a figure that the reports show, with the same
// value; what they withhold never is.
func TestAlertsComeFromShownFigures(t *testing.T) {
	for seed := range uint64(2) {
		f := newFixture(t, 3)
		f.population(seed, 70)
		r, err := f.service.resolve(t.Context(), Query{Program: "acme", Lang: "en", Wave: "..3"})
		f.must(err)
		questionnaires, err := r.questionnaires(t.Context(), r.waves)
		f.must(err)
		shown, hidden := 0, 0
		for kind, call := range map[survey.Kind]func(context.Context, Query) (*Report, error){
			survey.KindEngagement: f.service.Engagement, survey.KindConfidence: f.service.Confidence,
		} {
			for _, against := range []Comparison{ComparePrevious, CompareBaseline} {
				figures, err := r.droppable(t.Context(), r.waves, questionnaires, kind, against)
				f.must(err)
				for _, got := range figures {
					q := Query{Wave: "3", Compare: against, Lang: "en"}
					value := ""
					for name, v := range got.Segment {
						q.By, value = name, v
					}
					if kind == survey.KindConfidence {
						q.Role = got.Role
					}
					var list []Figure
					for _, one := range f.report(call, q).Figures {
						if one.Scale == got.Scale {
							list = append(list, one)
						}
					}
					want := find(t, list, got.Measure, got.Wave, got.Role, value)
					if got.Change != nil && want.Change != nil { // compared with other groups at once
						got.Change.Q, want.Change.Q = nil, nil
					}
					if a, b := rounded(t, got), rounded(t, want); a != b {
						t.Errorf("seed %d: alerts read %s\nthe report shows %s", seed, a, b)
					}
					if got.Value == nil {
						hidden++
					} else {
						shown++
					}
				}
			}
		}
		if shown < 20 || hidden == 0 {
			t.Errorf("seed %d: %d shown and %d hidden figures", seed, shown, hidden)
		}
	}
}

// rounded writes a figure, or a whole report, without the last digits of its
// numbers, which depend on the order in which the engine adds.
func rounded(t testing.TB, f any) string {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`-?\d+\.\d+(e-?\d+)?`).ReplaceAllStringFunc(string(text), func(number string) string {
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatFloat(math.Round(v*1e8)/1e8+0, 'f', -1, 64)
	})
}

// What is said of a segment and of the rest tells nothing about fewer than k
// people, nor about fewer than k who left.
func TestSegmentsApartAreNeverSmall(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, 5).Draw(t, "k")
		r := &request{Service: service, by: []int{0}, chosen: -1, program: program.Program{K: k, Attributes: []string{"department", "location"}}}
		var lives []life
		for range rapid.IntRange(0, 60).Draw(t, "people") {
			l := life{group: group{rapid.SampledFrom(program.Roles()).Draw(t, "role"), []string{
				rapid.SampledFrom([]string{"IT", "HR", "Sales", ""}).Draw(t, "department"), rapid.SampledFrom([]string{"Kyiv", "Lviv"}).Draw(t, "location")}}}
			l.LifeRow = stats.LifeRow{Time: float64(rapid.IntRange(1, 90).Draw(t, "days")), Censored: 1}
			if rapid.Bool().Draw(t, "left") {
				l.Events, l.Censored = 1, 0
			}
			lives = append(lives, l)
		}
		view := r.lifeView(lives)
		for _, a := range r.segmentsApart(lives) {
			compared++
			n, left := view.counts(a.cell)
			all, allLeft := view.counts(suppression.Whole(""))
			for what, few := range map[string]int{"people": n, "who left": left, "others": all - n, "others who left": allLeft - left} {
				if few < k && (few > 0 || what != "others who left") {
					t.Fatalf("k %d: %d %s of %v", k, few, what, a.cell)
				}
			}
		}
	})
	if compared == 0 {
		t.Error("nothing was compared")
	}
}
