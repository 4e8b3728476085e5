package analytics

import (
	_ "embed"
	"fmt"
	"testing"
	"time"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

//go:embed testdata/turns.yaml
var turnsQuestionnaire []byte

// asks puts another questionnaire in the place of the fixture's.
func (f *fixture) asks(id string, definition []byte) {
	f.t.Helper()
	_, err := f.surveys.PutQuestionnaire(f.t.Context(), f.program.ID, definition)
	f.must(err)
	for i := range f.waves {
		f.waves[i].QuestionnaireID = id
		f.must(f.surveys.PutWave(f.t.Context(), f.waves[i]))
	}
}

// ofScale returns the figure of a measure, scale and role, the whole.
func ofScale(t testing.TB, list []Figure, measure, scale string, role program.Role) Figure {
	t.Helper()
	for _, f := range list {
		if f.Measure == measure && f.Scale == scale && f.Role == role && f.Segment == nil {
			return f
		}
	}
	t.Fatalf("no figure %s of %s, role %q", measure, scale, role)
	return Figure{}
}

func code(w *Withheld) string {
	if w == nil {
		return ""
	}
	return w.Code
}

func TestScorecardsAgreeWithBruteForce(t *testing.T) {
	f := newFixture(t, 3)
	f.population(6, 210)
	items := map[string][]uint16{"literacy": {11, 12}, "recognition": {13}, "inclusion": {14}, "time": {15}}
	for _, by := range []string{"", "department"} {
		shown := map[string]int{}
		for _, report := range []*Report{f.report(f.service.Benefits, Query{By: by}), f.report(f.service.Challenges, Query{By: by})} {
			for _, figure := range report.Figures {
				name := fmt.Sprint(figure.Measure, figure.Scale, figure.Role, figure.Segment)
				if figure.Wave != f.waves[2].Occurrence {
					t.Errorf("%s is of wave %s", name, figure.Wave)
				}
				in := func(wave int) func(survey.Response) bool {
					return func(r survey.Response) bool {
						return r.Wave == f.waves[wave].ID && r.Role == figure.Role && (figure.Segment == nil || r.Attributes["department"] == figure.Segment["department"])
					}
				}
				if figure.Withheld != nil {
					t.Errorf("%s is withheld: %s", name, figure.Withheld.Code)
					continue
				}
				shown[figure.Measure]++
				reversed := map[uint16]bool{12: true}
				now, then := brute(f.answers, items[figure.Scale], reversed, in(2)), brute(f.answers, items[figure.Scale], reversed, in(1))
				switch figure.Measure {
				case MeasureBenefit, MeasureChallenge:
					s, _ := stats.Summarize(now.scores)
					e, _ := stats.Mean(s)
					near(t, name, figure.Value, e.Value)
					near(t, name, figure.Low, max(e.Interval.Low, 0))
					count(t, name, figure.N, len(now.scores))
					if figure.Change == nil || figure.Change.From != f.waves[1].Occurrence {
						t.Errorf("%s: change %+v", name, figure.Change)
					} else if figure.Change.Withheld == nil {
						var diffs []float64
						for who, score := range now.byPerson {
							if before, ok := then.byPerson[who]; ok {
								diffs = append(diffs, score-before)
							}
						}
						s, _ := stats.Summarize(diffs)
						test, _ := stats.PairedT(s)
						if figure.Change.Method == "welch" { // of a segment whose people changed
							if figure.Segment == nil {
								t.Errorf("%s is compared by levels", name)
							}
							a, _ := stats.Summarize(then.scores)
							b, _ := stats.Summarize(now.scores)
							test, _ = stats.WelchT(a, b)
						}
						near(t, name+" change", figure.Change.Value, test.Difference.Value)
						near(t, name+" p", figure.Change.P, test.P)
						if figure.Change.Q == nil || *figure.Change.Q < *figure.Change.P {
							t.Errorf("%s: q %v of p %v", name, figure.Change.Q, *figure.Change.P)
						}
						shown["change"]++
					}
				case MeasureBenefitFavourability:
					near(t, name, figure.Value, float64(now.favourable)/float64(now.answers))
					count(t, name, figure.N, now.answers)
				case MeasureBenefitAlpha:
					near(t, name, figure.Value, bruteAlpha(now.complete))
				}
			}
			if len(report.Series) == 0 || report.Notice != nil {
				t.Errorf("%s: %d in series, notice %v", report.Kind, len(report.Series), report.Notice)
			}
		}
		if shown["change"] == 0 || shown[MeasureBenefit] < 4 || shown[MeasureChallenge] < 2 || shown[MeasureBenefitAlpha] != 2 {
			t.Errorf("by %q: shown %v", by, shown)
		}
	}
}

// turn answers a wave of the questionnaire whose scales take turns.
func (f *fixture) turn(wave, people int, role program.Role, items ...uint16) {
	for i := range people {
		answers := map[uint16]float32{}
		for n := uint16(1); n <= 10; n++ {
			answers[n] = float32(1 + (i+int(n))%5)
		}
		for _, item := range items {
			answers[item] = float32(1 + (i+wave)%5)
		}
		f.respond(wave, fmt.Sprint(role, i), role, "IT", "Kyiv", answers)
	}
}

// TestScalesAskedInTurn: mentors are asked power, career, access and culture in
// turn, mentees ideas and culture. Each figure is of the newest wave in which the
// role was asked and which may be shown, and is compared with the turn before.
func TestScalesAskedInTurn(t *testing.T) {
	f := newFixture(t, 6)
	f.asks("turns", turnsQuestionnaire)
	mentors := [][]uint16{{21, 22}, {23, 24}, {27, 28}, {29, 30}, {21, 22}, {23, 24}}
	mentees := [][]uint16{{25, 26}, {29, 30}, {25, 26}, {29, 30}, {25, 26}, {29, 30}}
	for w := range f.waves {
		people := 12
		if w == 5 {
			people = 3 // too few: the figures of the turn before stand
		}
		f.turn(w, people, program.Mentor, mentors[w]...)
		f.turn(w, 12, program.Mentee, mentees[w]...)
	}
	f.store()
	type want struct {
		wave, from int // numbers; 0: none
		code       string
	}
	for _, test := range []struct {
		waves string
		want  map[string]want
	}{
		{"", map[string]want{"career mentor": {2, 0, ""}, "access mentor": {3, 0, ""}, "culture mentor": {4, 0, ""}, "ideas mentee": {5, 3, ""}, "culture mentee": {6, 4, ""}}},
		{"5", map[string]want{"career mentor": {5, 0, CodeNotMeasured}, "ideas mentee": {5, 3, ""}, "culture mentee": {5, 0, CodeNotMeasured}}},
		{"6", map[string]want{"career mentor": {6, 0, CodeTooFew}, "access mentor": {6, 0, CodeNotMeasured}, "culture mentee": {6, 4, ""}}},
		{"2..4", map[string]want{"career mentor": {2, 0, ""}, "ideas mentee": {3, 1, ""}, "culture mentee": {4, 2, ""}}},
		{"4..5", map[string]want{"career mentor": {5, 0, CodeNotMeasured}, "access mentor": {5, 0, CodeNotMeasured}}},
	} {
		report := f.report(f.service.Benefits, Query{Wave: test.waves})
		for _, row := range report.Scales {
			for _, role := range row.Roles {
				want, known := test.want[row.ID+" "+string(role)]
				if !known {
					continue
				}
				figure := ofScale(t, report.Figures, MeasureBenefit, row.ID, role)
				if figure.Wave != f.waves[want.wave-1].Occurrence || code(figure.Withheld) != want.code || figure.ScaleTitle == "" {
					t.Errorf("%q: %s of %s is of wave %s, withheld %q; want %+v", test.waves, row.ID, role, figure.Wave, code(figure.Withheld), want)
				}
				switch {
				case figure.Withheld == nil && want.from == 0: // its first turn
					withheldChange(t, figure, ComparePrevious, CodeNoEarlier)
				case (want.from == 0) != (figure.Change == nil) || want.from > 0 && figure.Change.From != f.waves[want.from-1].Occurrence:
					t.Errorf("%q: %s of %s has the change %+v; want %+v", test.waves, row.ID, role, figure.Change, want)
				}
			}
		}
	}
	report := f.report(f.service.Benefits, Query{})
	for _, figure := range report.Series {
		if figure.Scale == "access" && figure.Wave != f.waves[2].Occurrence {
			t.Errorf("access is in the series of wave %s", figure.Wave)
		}
	}
	var order []string
	for _, row := range report.Scales {
		order = append(order, row.ID)
	}
	if got := fmt.Sprint(order); got != "[ideas career access culture]" {
		t.Errorf("order %s, want that of mentees, mentors, organisation", got)
	}
	challenge := f.report(f.service.Challenges, Query{})
	if figure := ofScale(t, challenge.Figures, MeasureChallenge, "power", program.Mentor); figure.Wave != f.waves[4].Occurrence || figure.Change == nil || figure.Change.From != f.waves[0].Occurrence {
		t.Errorf("power: %+v", figure)
	}
}

// TestChallengesWarn: from the threshold on, clearly when the interval is there
// too or all answer alike, and never where the figure is withheld; a warning that is
// clear is one among the alerts.
func TestChallengesWarn(t *testing.T) {
	for name, test := range map[string]struct {
		answers          []float32 // of the mentors to the item of lack of time, one a person
		state, certainty string
	}{
		"well below":           {[]float32{1, 2, 1, 2, 1, 2}, StateBelow, ""},
		"below, interval over": {[]float32{1, 5, 1, 5, 1, 4}, StateBelow, ""},
		"all at the threshold": {[]float32{3, 3, 3, 3, 3, 3}, StateWarning, CertaintyClear}, // no interval
		"above, interval not":  {[]float32{1, 5, 4, 5, 1, 4}, StateWarning, CertaintyPossible},
		"clearly above":        {[]float32{5, 5, 4, 5, 5, 4}, StateWarning, CertaintyClear},
		"four people":          {[]float32{5, 5, 4, 5}, "", ""},
		"nobody":               {nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1)
			for i, answer := range test.answers {
				f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", map[uint16]float32{15: answer})
			}
			f.store()
			severity := ""
			for _, a := range f.alerts(Query{}).Alerts {
				if a.Kind == AlertChallenge && a.Segment == nil {
					severity = a.Severity
				}
			}
			if want := map[string]string{CertaintyClear: SeverityWarning, CertaintyPossible: SeverityNotice}[test.certainty]; severity != want {
				t.Errorf("alert %q, want %q", severity, want)
			}
			report := f.report(f.service.Challenges, Query{By: "department"})
			row := report.Scales[0]
			if row.State != test.state || row.Certainty != test.certainty || row.WarnFrom == nil || *row.WarnFrom != 50 || row.Remedy == "" {
				t.Errorf("row %+v", row)
			}
			for _, figure := range report.Figures {
				if figure.Role != program.Mentor || figure.Measure != MeasureChallenge {
					if figure.State != "" && figure.Role != program.Mentor {
						t.Errorf("%s of %q says %q", figure.Measure, figure.Role, figure.State)
					}
					continue
				}
				if figure.State != test.state || figure.Certainty != test.certainty || (figure.State == "") != (figure.Withheld != nil) {
					t.Errorf("%+v: %q %q, want %q %q", figure.Segment, figure.State, figure.Certainty, test.state, test.certainty)
				}
			}
		})
	}
}

func TestScorecardOfDegenerateData(t *testing.T) {
	six := func(answers map[uint16]float32) func(*fixture) {
		return func(f *fixture) {
			for i := range 6 {
				f.respond(0, fmt.Sprint(i), program.Mentor, "IT", "Kyiv", answers)
			}
		}
	}
	for name, test := range map[string]struct {
		fill func(*fixture)
		want string // why the level of recognition, or else its interval, is not there
	}{
		"a wave without answers": {func(*fixture) {}, CodeNoAnswers},
		"one respondent": {func(f *fixture) {
			f.respond(0, "one", program.Mentor, "IT", "Kyiv", map[uint16]float32{13: 4})
		}, CodeTooFew},
		"everyone the same":          {six(map[uint16]float32{13: 4}), CodeConstant},
		"every answer to it missing": {six(map[uint16]float32{1: 4}), CodeTooFew},
	} {
		f := newFixture(t, 1)
		test.fill(f)
		f.store()
		figure := ofScale(t, f.report(f.service.Benefits, Query{}).Figures, MeasureBenefit, "recognition", program.Mentor)
		got := code(figure.Withheld)
		if figure.Withheld == nil {
			got = code(figure.NoInterval)
		}
		if got != test.want || (figure.Value == nil) != (figure.Withheld != nil) || (figure.N == nil) != (figure.Value == nil) {
			t.Errorf("%s: %q of %+v, want %q", name, got, figure, test.want)
		}
	}
}

func TestQuestionnaireWithoutSuchScales(t *testing.T) {
	f := newFixture(t, 2)
	f.asks("plain", []byte(`{id: plain, version: 1, title: {uk: Проста, en: Plain}, scales: [{id: engagement, title: {uk: З, en: E}, kind: engagement, audience: [mentor], core: [mentor]}],
items: [{id: e1, number: 1, scale: engagement, type: likert, prompt: {default: {uk: Так., en: So.}}, labels: {1: {uk: Ні, en: No}, 5: {uk: Так, en: Yes}}}]}`))
	f.population(1, 30)
	for _, kind := range []string{"benefits", "challenges"} {
		report := f.report(f.service.reports()[kind], Query{By: "department"})
		if code(report.Notice) != CodeNotMeasured || len(report.Figures) > 0 || len(report.Scales) > 0 {
			t.Errorf("%s: %+v", kind, report)
		}
	}
}

// TestScorecardOfARoleThatIsNotAsked says so, where its scales are of other roles.
func TestScorecardOfARoleThatIsNotAsked(t *testing.T) {
	f := newFixture(t, 2)
	f.population(1, 60)
	report := f.report(f.service.Challenges, Query{Role: program.Comparison})
	if code(report.Notice) != CodeNotMeasured || len(report.Figures) > 0 || len(report.Scales) == 0 {
		t.Errorf("%+v", report)
	}
}

// TestScorecardOfAnAnonymousProgramme compares waves as independent groups.
func TestScorecardOfAnAnonymousProgramme(t *testing.T) {
	f := newFixture(t, 2, func(p *program.Program) { p.Policy = program.Anonymous })
	f.population(3, 90)
	figure := ofScale(t, f.report(f.service.Benefits, Query{}).Figures, MeasureBenefit, "recognition", program.Mentor)
	if figure.Change == nil || figure.Change.Method != "welch" || figure.Change.P == nil {
		t.Errorf("change %+v", figure.Change)
	}
}

// TestScorecardIsReadFromWhatIsKept: closed waves are not counted again.
func TestScorecardIsReadFromWhatIsKept(t *testing.T) {
	f := newFixture(t, 3)
	f.population(2, 60)
	f.service.now = func() time.Time { return f.waves[2].Closes.Add(24 * time.Hour) }
	q := Query{Compare: CompareGroup} // without a comparison person by person, which reads answers
	before := f.report(f.service.Benefits, q)
	f.exec("TRUNCATE TABLE responses")
	after := f.report(f.service.Benefits, q)
	if fmt.Sprint(values(before)) != fmt.Sprint(values(after)) || len(before.Figures) == 0 {
		t.Errorf("kept %v, counted %v", values(after), values(before))
	}
}

func values(r *Report) []float64 {
	var list []float64
	for _, f := range append(r.Figures, r.Series...) {
		if f.Value != nil {
			list = append(list, *f.Value)
		}
	}
	return list
}
