package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func TestParticipationAgreesWithBruteForce(t *testing.T) {
	f := newFixture(t, 2)
	f.population(5, 120)
	ctx := context.Background()
	type person struct {
		role       program.Role
		department string
	}
	invited := map[string]person{}
	var invitations []survey.Invitation
	rng := rand.New(rand.NewPCG(5, 5))
	for _, r := range f.answers {
		if r.Wave == f.waves[1].ID {
			invited[r.Respondent.String()] = person{r.Role, r.Attributes["department"]}
		}
	}
	for i := range 40 { // people who never answered
		invited[fmt.Sprint("silent", i)] = person{program.Roles()[i%3], []string{"IT", "HR", "Sales"}[rng.IntN(3)]}
	}
	for who, p := range invited {
		invitations = append(invitations, survey.Invitation{ProgramID: f.program.ID, SurveyID: f.survey, Wave: f.waves[1].ID,
			Participant: program.DeriveID(who), Role: p.role, Attributes: map[string]string{"department": p.department, "location": "Kyiv", "undeclared": who}})
	}
	f.must(f.surveys.Invite(ctx, invitations))
	for i := range 7 {
		visit := survey.Visit{ProgramID: f.program.ID, SurveyID: f.survey, Wave: f.waves[1].ID,
			Respondent: program.DeriveID("visitor", fmt.Sprint(i)), Role: program.Mentor, Attributes: map[string]string{"department": "IT", "location": "Kyiv"}, OpenedAt: testStart}
		f.must(f.surveys.PutVisit(ctx, visit))
		// Three of them answer something, and one only turns over the pages.
		draft := survey.Draft{ProgramID: visit.ProgramID, SurveyID: visit.SurveyID, Wave: visit.Wave, Respondent: visit.Respondent, Role: visit.Role, Attributes: visit.Attributes}
		for revision, item := range map[int][]string{0: {"stay", "enps", "_place"}, 1: {"stay"}, 2: {"enps", "stay"}, 3: {"_place"}}[i] {
			draft.Item, draft.Answer, draft.Revision = item, `{"text":"x"}`, uint64(revision)+1
			f.must(f.surveys.PutDrafts(ctx, []survey.Draft{draft}))
		}
	}
	report := f.report(f.service.Participation, Query{Wave: "2", By: "department"})
	for _, figure := range report.Figures {
		in := func(p person) bool {
			role := figure.Role == "" && p.role != program.Comparison || p.role == figure.Role
			return role && (figure.Segment == nil || p.department == figure.Segment["department"])
		}
		n, sent, started := 0, 0, 0
		for _, p := range invited {
			if in(p) {
				n++
			}
		}
		var seconds []float64
		for _, r := range f.answers {
			if r.Wave != f.waves[1].ID || !in(person{r.Role, r.Attributes["department"]}) {
				continue
			}
			started++
			if r.Final {
				sent++
				if r.Seconds > 0 {
					seconds = append(seconds, float64(r.Seconds))
				}
			}
		}
		opened := started
		if in(person{program.Mentor, "IT"}) {
			opened, started = opened+7, started+3
		}
		name := fmt.Sprint(figure.Measure, figure.Role, figure.Segment)
		if figure.Withheld != nil {
			t.Errorf("%s is withheld: %s", name, figure.Withheld.Code)
			continue
		}
		switch figure.Measure {
		case MeasureInvited:
			near(t, name, figure.Value, float64(n))
		case MeasureOpened:
			near(t, name, figure.Value, float64(opened))
		case MeasureStarted:
			near(t, name, figure.Value, float64(started))
		case MeasureSubmitted:
			near(t, name, figure.Value, float64(sent))
		case MeasureResponseRate:
			want, _ := stats.Proportion(sent, n)
			near(t, name, figure.Value, want.Value)
			near(t, name, figure.High, want.Interval.High)
			count(t, name, figure.N, n)
		case MeasureMedianTime:
			slices.Sort(seconds)
			middle := (seconds[(len(seconds)-1)/2] + seconds[len(seconds)/2]) / 2
			near(t, name, figure.Value, middle)
			count(t, name, figure.N, len(seconds))
		}
	}
	if test := report.Tests[0]; test.P == nil || *test.DF != 2 || len(test.Groups) != 3 {
		t.Errorf("non-response test %+v", test)
	}
}

func TestConfidenceAgreesWithBruteForce(t *testing.T) {
	f := newFixture(t, 4)
	f.population(11, 240)
	report := f.report(f.service.Confidence, Query{})
	items := map[string][]uint16{"digital": {5, 6}, "mentoring": {7, 8}}
	seen := map[string]bool{}
	for _, figure := range report.Figures {
		at := func(w int, role program.Role) bruteScale {
			return brute(f.answers, items[figure.Scale], nil, func(r survey.Response) bool { return r.Wave == f.waves[w].ID && r.Role == role })
		}
		then, now := at(0, figure.Role), at(3, figure.Role)
		name := fmt.Sprint(figure.Measure, figure.Scale, figure.Role)
		if figure.Withheld != nil {
			t.Errorf("%s is withheld: %s", name, figure.Withheld.Code)
			continue
		}
		seen[figure.Measure] = true
		var diffs []float64
		for who, score := range now.byPerson {
			if before, ok := then.byPerson[who]; ok {
				diffs = append(diffs, score-before)
			}
		}
		baseline, _ := stats.Summarize(then.scores)
		limit := 1.96 * math.Sqrt(2*baseline.Variance*(1-bruteAlpha(then.complete)))
		switch figure.Measure {
		case MeasureConfidence:
			s, _ := stats.Summarize(now.scores)
			near(t, name, figure.Value, s.Mean)
			d, _ := stats.Summarize(diffs)
			near(t, name+" change", figure.Change.Value, d.Mean)
			count(t, name+" change", figure.Change.N, len(diffs))
			if figure.Change.From != f.waves[0].Occurrence || figure.Change.Effect == nil {
				t.Errorf("%s change %+v", name, figure.Change)
			}
		case MeasureReliablyUp:
			up := 0
			for _, d := range diffs {
				if d > limit {
					up++
				}
			}
			near(t, name, figure.Value, float64(up)/float64(len(diffs)))
		case MeasureDifference:
			mean := func(b bruteScale) float64 { s, _ := stats.Summarize(b.scores); return s.Mean }
			want := mean(now) - mean(then) - mean(at(3, program.Comparison)) + mean(at(0, program.Comparison))
			near(t, name, figure.Value, want)
			if figure.Low == nil || *figure.Low >= *figure.Value || *figure.High <= *figure.Value {
				t.Errorf("%s: interval %v–%v", name, figure.Low, figure.High)
			}
		}
	}
	for _, m := range []string{MeasureConfidence, MeasureConfidenceAlpha, MeasureReliablyUp, MeasureUnchanged, MeasureReliablyDown, MeasureDifference} {
		if !seen[m] {
			t.Errorf("no %s", m)
		}
	}
}

// TestConfidenceOfFewPeople: below 20 the exact test stands beside the t test,
// and anonymous answers are not linked.
func TestConfidenceOfFewPeople(t *testing.T) {
	f := newFixture(t, 2)
	var diffs []float64
	for i := range 9 {
		before, after := float32(1+i%3), float32(2+i%4)
		f.respond(0, fmt.Sprint(i), program.Mentee, "IT", "Kyiv", map[uint16]float32{5: before, 6: before})
		f.respond(1, fmt.Sprint(i), program.Mentee, "IT", "Kyiv", map[uint16]float32{5: after, 6: after})
		diffs = append(diffs, 25*float64(after-before))
	}
	f.store()
	report := f.report(f.service.Confidence, Query{Role: program.Mentee})
	change := find(t, report.Figures, MeasureConfidence, "", program.Mentee, "").Change
	exact, _ := stats.SignFlip(diffs)
	near(t, "exact p", change.PExact, exact.P)
	f.program.Policy = program.Anonymous
	f.must(f.programs.PutProgram(context.Background(), f.program))
	report = f.report(f.service.Confidence, Query{Role: program.Mentee})
	if got := find(t, report.Figures, MeasureReliablyUp, "", program.Mentee, ""); got.Withheld == nil || got.Withheld.Code != CodeAnonymous {
		t.Errorf("an anonymous person's change: %+v", got)
	}
	if change = find(t, report.Figures, MeasureConfidence, "", program.Mentee, "").Change; change.Method != "welch" {
		t.Errorf("method %s", change.Method)
	}
}

func day(n int) time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

func TestRetention(t *testing.T) {
	f := newFixture(t, 4)
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(9, 9))
	var people program.Snapshot
	times, left := map[program.Role][]float64{}, map[program.Role][]bool{}
	lost, all := map[bool]int{}, map[bool]int{}
	today := 4 * 14
	for i := range 150 {
		role := program.Roles()[i%3]
		p := program.Participant{ID: program.DeriveID("p", fmt.Sprint(i)), ProgramID: f.program.ID, ExternalID: fmt.Sprint(i), Name: "N", Role: role,
			Attributes: map[string]string{"department": []string{"IT", "HR"}[i%2]}, Joined: day(0), EmployedFrom: day(-900)}
		stay := 1 + rng.IntN(90)
		if stay <= today && role != program.Comparison {
			p.Left = day(stay)
		}
		if rng.IntN(3) == 0 {
			p.EmployedTo = day(10 + rng.IntN(30))
			lost[role == program.Comparison]++
		}
		all[role == program.Comparison]++
		times[role], left[role] = append(times[role], float64(min(stay, today))), append(left[role], stay <= today)
		people.Participants = append(people.Participants, p)
	}
	f.must(f.programs.Put(ctx, people))
	report := f.report(f.service.Retention, Query{})
	for _, curve := range report.Curves {
		if curve.Measure != MeasureStay || curve.Role != program.Mentor {
			continue
		}
		table, _ := stats.LifeTable(times[program.Mentor], left[program.Mentor])
		want, _ := stats.KaplanMeier(table)
		if *curve.N != want.N || *curve.Events != want.Events || len(curve.Points) < 4 {
			t.Errorf("n %d, events %d, %d points; want %d, %d", *curve.N, *curve.Events, len(curve.Points), want.N, want.Events)
		}
		last := want.Points[len(want.Points)-1]
		if got := curve.Points[len(curve.Points)-1]; math.Abs(got.Survival-last.Survival) > 1e-9 {
			t.Errorf("survival ends at %v, want %v", got.Survival, last.Survival)
		}
		for i, p := range curve.Points[1:] {
			before := curve.Points[i]
			if p.AtRisk < 5 || float64(before.AtRisk)-float64(p.AtRisk) < 0 || p.Survival > before.Survival {
				t.Errorf("point %+v after %+v", p, before)
			}
		}
	}
	a, _ := stats.LifeTable(times[program.Mentor], left[program.Mentor])
	b, _ := stats.LifeTable(times[program.Mentee], left[program.Mentee])
	want, _ := stats.LogRank(a, b)
	near(t, "log-rank", report.Tests[0].ChiSquared, want.ChiSquared)
	risk, _ := stats.RelativeRisk(lost[false], all[false], lost[true], all[true])
	near(t, "relative risk", find(t, report.Figures, MeasureRelativeRisk, "", "", "").Value, risk.Value)
	if len(report.Cohorts) != 1 || *report.Cohorts[0].N != 100 || *report.Cohorts[0].Active[0] != 1 {
		t.Errorf("cohorts %+v", report.Cohorts)
	}
	there := 0
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		for i := range times[role] {
			if !left[role][i] || times[role][i] > 28 {
				there++
			}
		}
	}
	near(t, "active at the third wave", report.Cohorts[0].Active[2], float64(100-(100-there)/5*5)/100)
}

// TestCohortsMoveByManyPeopleOrNone: with one more who left a share moves by none
// or at least k people, and it is never less than the true one nor k people above.
func TestCohortsMoveByManyPeopleOrNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, n := rapid.IntRange(3, 10).Draw(t, "k"), rapid.IntRange(3, 60).Draw(t, "n")
		before := n
		for there := n; there >= 0; there-- {
			share := stayedInSteps(n, there, k)
			shown := int(math.Round(share * float64(n)))
			if moved := before - shown; moved != 0 && moved < k {
				t.Fatalf("k %d: %d of %d are there, and the share moves by %d", k, there, n, moved)
			}
			if shown < there || shown-there >= k {
				t.Fatalf("k %d: %d of %d are there, %d shown", k, there, n, shown)
			}
			before = shown
		}
	})
}

// TestOneLeaverMovesNoCohort: what is shown of a cohort is the same whether nobody
// or four have left, and whether five or nine.
func TestOneLeaverMovesNoCohort(t *testing.T) {
	f := newFixture(t, 3)
	shown := map[int]string{}
	for gone := range 10 {
		var people program.Snapshot
		for i := range 30 {
			p := program.Participant{ID: program.DeriveID("p", fmt.Sprint(i)), ProgramID: f.program.ID, ExternalID: fmt.Sprint(i), Role: program.Roles()[i%2], Joined: day(0)}
			if i < gone {
				p.Left = day(7)
			}
			people.Participants = append(people.Participants, p)
		}
		f.must(f.programs.Put(context.Background(), people))
		text, err := json.Marshal(f.report(f.service.Retention, Query{}).Cohorts)
		f.must(err)
		shown[gone] = string(text)
	}
	for gone, text := range shown {
		if want := shown[gone/5*5]; text != want {
			t.Errorf("%d have left: %s, want %s", gone, text, want)
		}
	}
	if shown[0] == shown[5] {
		t.Error("five who left are not counted")
	}
}

// TestFewLeavers: the days on which single people left are not shown.
func TestFewLeavers(t *testing.T) {
	f := newFixture(t, 1)
	var people program.Snapshot
	for i := range 40 {
		p := program.Participant{ID: program.DeriveID("p", fmt.Sprint(i)), ProgramID: f.program.ID, ExternalID: fmt.Sprint(i), Role: program.Roles()[i%2], Joined: day(0)}
		if i < 3 {
			p.Left = day(5)
		}
		people.Participants = append(people.Participants, p)
	}
	f.must(f.programs.Put(context.Background(), people))
	report := f.report(f.service.Retention, Query{})
	for _, c := range report.Curves {
		code := ""
		if c.Withheld != nil {
			code = c.Withheld.Code
		}
		want := CodeFewLeft
		if c.Measure == MeasureEmployment {
			want = CodeNoEmployment
		}
		if code != want || len(c.Points) > 0 || c.Events != nil || c.N != nil {
			t.Errorf("%s %s: %q, %d points", c.Measure, c.Role, code, len(c.Points))
		}
	}
}

// TestFewLeaversInNoComparison: a ratio of two risks, a difference or a test would
// tell how many of a group left when that is withheld.
func TestFewLeaversInNoComparison(t *testing.T) {
	for name, test := range map[string]struct {
		ours, theirs int // who left
		withheld     bool
	}{
		"enough of each":    {6, 8, false},
		"few of ours":       {1, 8, true},
		"few of the others": {6, 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1)
			var people program.Snapshot
			for i := range 60 {
				p := program.Participant{ID: program.DeriveID("p", fmt.Sprint(i)), ProgramID: f.program.ID, ExternalID: fmt.Sprint(i),
					Role: program.Mentor, Joined: day(0), EmployedFrom: day(0)}
				gone := i < test.ours
				if i >= 30 {
					p.Role, gone = program.Comparison, i-30 < test.theirs
				}
				if gone {
					p.EmployedTo = day(5)
				}
				people.Participants = append(people.Participants, p)
			}
			f.must(f.programs.Put(context.Background(), people))
			report := f.report(f.service.Retention, Query{})
			for _, measure := range []string{MeasureRelativeRisk, MeasureRiskDifference} {
				figure := find(t, report.Figures, measure, "", "", "")
				if (figure.Value == nil) != test.withheld || test.withheld && (figure.Withheld.Code != CodeFewLeft || figure.N != nil) {
					t.Errorf("%s: %v, withheld %+v", measure, figure.Value, figure.Withheld)
				}
			}
			for _, one := range report.Tests {
				if one.Measure == MeasureEmploymentLogRank && (one.P == nil) != test.withheld {
					t.Errorf("log-rank: %+v", one)
				}
			}
		})
	}
}

func TestGoalsAgreeWithBruteForce(t *testing.T) {
	f := newFixture(t, 1)
	rng := rand.New(rand.NewPCG(2, 2))
	var roster program.Snapshot
	scores, bases := map[program.Role][]float64{}, []float64{}
	met, rated := map[program.Role]int{}, map[program.Role]int{}
	var both [][]float64
	for i := range 30 {
		mentor, mentee := program.DeriveID("mentor", fmt.Sprint(i)), program.DeriveID("mentee", fmt.Sprint(i))
		pair := program.PairID(f.program.ID, mentor, mentee)
		var goals []program.Goal
		for g := range 1 + rng.IntN(3) {
			code := fmt.Sprint(g + 1)
			goals = append(goals, program.Goal{ID: program.GoalID(pair, code), ProgramID: f.program.ID, Pair: pair, Code: code, Title: "T",
				Weight: float64(1 + rng.IntN(3)), Baseline: int8(-1 - rng.IntN(2))})
		}
		roster.Goals = append(roster.Goals, goals...)
		score := func(level func(int) float64) float64 {
			var list []stats.Goal
			for g, goal := range goals {
				list = append(list, stats.Goal{Weight: goal.Weight, Level: level(g)})
			}
			s, _ := stats.GoalScore(list)
			return s
		}
		bases = append(bases, score(func(g int) float64 { return float64(goals[g].Baseline) }))
		levels := map[program.Role][]int8{}
		for _, role := range []program.Role{program.Mentor, program.Mentee} {
			f.respond(0, fmt.Sprint(role, i), role, "IT", "Kyiv", nil, func(r *survey.Response) {
				for _, goal := range goals {
					level := int8(rng.IntN(5) - 2)
					levels[role] = append(levels[role], level)
					r.Stored.Goals, r.Stored.Ratings = append(r.Stored.Goals, goal.ID), append(r.Stored.Ratings, level)
					rated[role]++
					if level >= 0 {
						met[role]++
					}
				}
				r.Pair = uuid.New() // a pseudonym
			})
			scores[role] = append(scores[role], score(func(g int) float64 { return float64(levels[role][g]) }))
		}
		for g := range goals {
			both = append(both, []float64{float64(levels[program.Mentor][g]), float64(levels[program.Mentee][g])})
		}
	}
	f.must(f.programs.Put(context.Background(), roster))
	f.store()
	report := f.report(f.service.Goals, Query{By: "department"})
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		s, _ := stats.Summarize(scores[role])
		e, _ := stats.Mean(s)
		for _, value := range []string{"", "IT"} {
			got := find(t, report.Figures, MeasureGoals, "", role, value)
			near(t, "T", got.Value, e.Value)
			near(t, "T low", got.Low, e.Interval.Low)
			count(t, "T", got.N, 30)
		}
		b, _ := stats.Summarize(bases)
		near(t, "baseline", find(t, report.Figures, MeasureGoalsBase, "", role, "").Value, b.Mean)
		near(t, "change", find(t, report.Figures, MeasureGoalsChange, "", role, "").Value, s.Mean-b.Mean)
		near(t, "expected", find(t, report.Figures, MeasureExpected, "", role, "").Value, float64(met[role])/float64(rated[role]))
	}
	ratings, _ := stats.RateTargets(both)
	want, _ := ratings.Agreement()
	near(t, "agreement", find(t, report.Figures, MeasureAgreement, "", "", "").Value, want.Value)
}

// TestEveryReportOfNothing: a programme without waves, answers or people gives
// every report, with reasons and as JSON.
func TestEveryReportOfNothing(t *testing.T) {
	for _, waves := range []int{0, 2} {
		f := newFixture(t, waves)
		for name, call := range f.service.reports() {
			for _, q := range []Query{{}, {By: "department"}, {Role: program.Comparison}, {Role: program.Mentor, Wave: "latest", Lang: "uk"}} {
				report := f.report(call, q)
				if _, err := json.Marshal(report); err != nil {
					t.Errorf("%s %+v: %v", name, q, err)
				}
				if waves == 0 && report.Notice == nil {
					t.Errorf("%s %+v: no notice without waves", name, q)
				}
				for _, figure := range slices.Concat(report.Figures, report.Series) {
					if zero := figure.Value != nil && *figure.Value == 0; figure.Withheld == nil && !zero || figure.Withheld != nil && figure.Withheld.Reason == figure.Withheld.Code {
						t.Errorf("%s %+v: %+v", name, q, figure)
					}
				}
			}
		}
	}
}
