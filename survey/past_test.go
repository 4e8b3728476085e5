package survey_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
	"mentorpulse/internal/table"
	"mentorpulse/survey"
)

// pastPlace is a store into which past answers are imported, in 2026.
type pastPlace struct {
	t        *testing.T
	db       *clickhouse.DB
	programs *program.Store
	surveys  *survey.Store
	importer *survey.PastImporter
	draft    program.Program
}

func newPastPlace(t *testing.T) *pastPlace {
	t.Helper()
	db := storetest.Open(t)
	p := &pastPlace{t: t, db: db, programs: program.NewStore(db), surveys: survey.NewStore(db)}
	t.Cleanup(p.surveys.Close)
	p.importer = survey.NewPastImporter(p.programs, p.surveys, testSecret, pastClock)
	p.draft = program.Program{ID: "acme", Name: "Acme", Policy: program.Confidential, K: 5, TimeZone: "Europe/Kyiv", Languages: []string{"uk", "en"}}
	return p
}

func pastClock() time.Time { return time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC) }

func pastFile(t *testing.T, name string) string {
	t.Helper()
	return string(must(os.ReadFile("testdata/" + name)))
}

func pastTable(t *testing.T, csv string) *table.Table {
	t.Helper()
	return must(table.Read(strings.NewReader(csv), "answers.csv", survey.PastLimits()))
}

func pastMapping(t *testing.T) *survey.PastMapping {
	t.Helper()
	return must(survey.LoadPastMapping([]byte(pastFile(t, "past-mapping.yaml"))))
}

// take imports and wants no problem.
func (p *pastPlace) take(csv string, m *survey.PastMapping) *survey.PastChanges {
	p.t.Helper()
	c, problems, err := p.importer.Import(context.Background(), p.draft, pastTable(p.t, csv), m)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, one := range problems {
		p.t.Error(one.Message("en"))
	}
	if len(problems) > 0 {
		p.t.FailNow()
	}
	return c
}

// rows counts what every table holds, older forms of rows included, so that it
// grows with anything that is written.
func (p *pastPlace) rows() map[string]uint64 {
	p.t.Helper()
	counts := map[string]uint64{}
	for _, name := range []string{"programs", "participants", "questionnaires", "surveys", "waves", "invitations", "visits", "responses"} {
		var n uint64
		if err := p.db.QueryRow(context.Background(), "SELECT count() + sum(revision) FROM "+name).Scan(&n); err != nil {
			p.t.Fatal(err)
		}
		counts[name] = n
	}
	return counts
}

func TestPastAnswersAreStoredAsAnswersByLinkAre(t *testing.T) {
	ctx := context.Background()
	p := newPastPlace(t)
	c := p.take(pastFile(t, "past-answers.csv"), pastMapping(t))
	if !c.NewProgram || c.Rows != 5 || c.Silent != 1 || c.Participants.Added != 4 || c.Responses.Added != 4 || c.Invitations.Added != 5 || c.WaveCount.Added != 2 {
		t.Errorf("changes %+v", c)
	}
	prog := must(p.programs.Program(ctx, "acme"))
	if got := prog.Starts.Format(time.DateOnly); got != "2025-01-06" || !slices.Equal(prog.Attributes, []string{"department"}) {
		t.Errorf("programme starts %s with attributes %v", got, prog.Attributes)
	}
	waves := must(p.surveys.Waves(ctx, "acme"))
	if len(waves) != 2 || waves[0].Number != 1 || waves[1].Number != 2 || waves[0].Occurrence != "2025-01-06" || waves[1].Occurrence != "second" {
		t.Fatalf("waves %+v", waves)
	}
	// Midnight in Kyiv; the clocks change between opening and closing.
	if got := waves[1].Opens.Format(time.RFC3339) + " " + waves[0].Closes.Format(time.RFC3339); got != "2025-04-06T21:00:00Z 2025-01-19T22:00:00Z" {
		t.Errorf("second opens and first closes %s", got)
	}
	q := must(p.surveys.Questionnaire(ctx, "acme", "old-pulse", 1))
	if s, _ := q.Scale("engagement"); s.Points != (survey.Points{Min: 1, Max: 7}) {
		t.Errorf("engagement on points %v", s.Points)
	}
	people := must(p.programs.Participants(ctx, "acme"))
	names := survey.NewPseudonyms(testSecret)
	respond := func(wave survey.Wave, external string) survey.Response {
		t.Helper()
		r, err := p.surveys.Response(ctx, wave, names.Respondent(prog, wave.ID, program.ParticipantID("acme", external, "")))
		if err != nil {
			t.Errorf("%s in wave %s: %v", external, wave.Occurrence, err)
		}
		return r
	}
	for _, one := range []struct {
		wave   int
		person string
		items  []uint16
		values []float32
	}{
		{0, "p1", []uint16{1, 2, 3}, []float32{7, 1, 10}},
		{0, "p2", []uint16{1, 3}, []float32{6, 9}},
		{1, "p1", []uint16{1, 2, 3}, []float32{5, 2, 8}},
		{1, "lesia@acme.example", []uint16{1, 2, 3}, []float32{4, 4, 0}},
	} {
		r := respond(waves[one.wave], one.person)
		if !r.Final || !slices.Equal(r.Stored.Items, one.items) || !slices.Equal(r.Stored.Values, one.values) {
			t.Errorf("%s in wave %d: %v %v, final %v", one.person, one.wave+1, r.Stored.Items, r.Stored.Values, r.Final)
		}
	}
	silent := names.Respondent(prog, waves[0].ID, program.ParticipantID("acme", "p3", ""))
	if _, err := p.surveys.Response(ctx, waves[0], silent); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("who answered nothing has a response: %v", err)
	}
	first := must(p.surveys.Invitations(ctx, waves[0]))
	departments := map[string]int{}
	for _, i := range first {
		departments[string(i.Role)+" "+i.Attributes["department"]]++
	}
	if want := map[string]int{"mentor Sales": 1, "mentee IT": 1, "mentee ": 1}; !reflect.DeepEqual(departments, want) {
		t.Errorf("invited to the first wave: %v, want %v", departments, want)
	}
	for _, one := range people {
		if one.Email != "" || one.Name != "" {
			t.Errorf("participant %q has a name or an address", one.ExternalID)
		}
		if one.ExternalID == "p1" && one.Attributes["department"] != "IT" {
			t.Errorf("p1 is in %q, not where the newest wave has them", one.Attributes["department"])
		}
	}
}

func TestImportingPastAnswersAgainChangesNothing(t *testing.T) {
	p := newPastPlace(t)
	p.take(pastFile(t, "past-answers.csv"), pastMapping(t))
	before := p.rows()
	c := p.take(pastFile(t, "past-answers.csv"), pastMapping(t))
	if !c.Empty() || c.Responses.Unchanged != 4 || c.Invitations.Unchanged != 5 || c.Participants.Unchanged != 4 || c.WaveCount.Unchanged != 2 {
		t.Errorf("the second import changes %+v", c)
	}
	if after := p.rows(); !reflect.DeepEqual(before, after) {
		t.Errorf("the second import wrote: %v then %v", before, after)
	}
	// The same table as a workbook is the same import.
	book := excelize.NewFile()
	for n, row := range pastTable(t, pastFile(t, "past-answers.csv")).Rows {
		for col := 1; col <= row.Len(); col++ {
			ref := must(excelize.CoordinatesToCellName(col, n+1))
			if err := book.SetCellStr("Sheet1", ref, row.Cell(col).Text); err != nil {
				t.Fatal(err)
			}
		}
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	c, problems, err := p.importer.Import(context.Background(), p.draft, must(table.Read(&file, "answers.xlsx", survey.PastLimits())), pastMapping(t))
	if err != nil || len(problems) > 0 || !c.Empty() {
		t.Errorf("as a workbook: %v, %v, %+v", err, problems, c)
	}
}

func TestPastPreviewAndProblemsStoreNothing(t *testing.T) {
	ctx := context.Background()
	p := newPastPlace(t)
	before := p.rows()
	c, problems, err := p.importer.Preview(ctx, p.draft, pastTable(t, pastFile(t, "past-answers.csv")), pastMapping(t))
	if err != nil || len(problems) > 0 || c.Responses.Added != 4 {
		t.Errorf("preview: %v, %v, %+v", err, problems, c)
	}
	spoilt := strings.Replace(pastFile(t, "past-answers.csv"), "p2;2025-01-06;S;2;6", "p2;2025-01-06;S;2;8", 1)
	_, problems, err = p.importer.Import(ctx, p.draft, pastTable(t, spoilt), pastMapping(t))
	if err != nil || len(problems) != 1 || problems[0].Ref() != "E4" {
		t.Errorf("spoilt: %v, %v", err, problems)
	}
	if after := p.rows(); !reflect.DeepEqual(before, after) {
		t.Errorf("something was stored: %v then %v", before, after)
	}
}

// Every problem is found in its cell, and said in both languages.
func TestPastProblems(t *testing.T) {
	const header = "Person;Round;Role;Dept;Q1;Q2;Чи порадили б\n"
	const sound = "p9;2025-01-06;J;1;7;1;10\n"
	for name, tc := range map[string]struct {
		csv, ref string
		code     survey.PastProblemCode
		en       string
	}{
		"column missing":   {"Person;Round;Role;Dept;Q1;Q2\np1;2025-01-06;J;1;7;1\n", "1", survey.PastColumnMissing, "Row 1: there is no column “Чи порадили б”, which the mapping names (scale recommend)"},
		"column twice":     {"Person;Round;Role;Dept;Q1;Q2;Чи порадили б;q1\n" + sound, "H1", survey.PastColumnTwice, "H1: column E has the same name"},
		"no rows":          {header, "1", survey.PastNoRows, "no answers below"},
		"no respondent":    {header + ";2025-01-06;J;1;7;1;10\n", "A2", survey.PastNoRespondent, "A2 (“Person”): the row has no respondent"},
		"missing code":     {header + "NA;2025-01-06;J;1;7;1;10\n", "A2", survey.PastNoRespondent, "no respondent"},
		"long id":          {header + strings.Repeat("x", 201) + ";2025-01-06;J;1;7;1;10\n", "A2", survey.PastTextTooLong, "longer than 200"},
		"no wave":          {header + "p1;;J;1;7;1;10\n", "B2", survey.PastNoWave, "no wave"},
		"wave undated":     {header + sound + "p1;third;J;1;7;1;10\n", "B3", survey.PastWaveUndated, "not known when wave “third” opened"},
		"no such week":     {header + "p1;2025-W53;J;1;7;1;10\n", "B2", survey.PastWaveUndated, "wave “2025-W53”"},
		"waves the same":   {header + sound + "p1;2025-W02;J;1;7;1;10\n", "B3", survey.PastWavesSameDay, "wave “2025-W02” opens on 2025-01-06"},
		"wave not over":    {header + "p1;2025-12-30;J;1;7;1;10\n", "B2", survey.PastWaveNotOver, "wave “2025-12-30” closes on 2026-01-13"},
		"role unknown":     {header + "p1;2025-01-06;X;1;7;1;10\n", "C2", survey.PastRoleUnknown, "role “X” is not known. Expected is one of: J, S"},
		"value unknown":    {header + "p1;2025-01-06;J;3;7;1;10\n", "D2", survey.PastValueUnknown, "what “3” means. Expected is one of: 1, 2"},
		"not a number":     {header + "p1;2025-01-06;J;1;yes;1;10\n", "E2", survey.PastNotNumber, "“yes” is not a number. Expected is a whole number from 1 to 7"},
		"out of range":     {header + "p1;2025-01-06;J;1;7;1;11\n", "G2", survey.PastOutOfRange, "G2 (“Чи порадили б”): “11” is not between 0 and 10"},
		"not whole":        {header + "p1;2025-01-06;J;1;7;1,5;10\n", "F2", survey.PastNotWhole, "“1,5” is not a whole number"},
		"respondent twice": {header + sound + sound, "A3", survey.PastRespondentTwice, "“p9” has answered wave 2025-01-06 in row 2 already"},
		"address twice":    {header + "A@b.example;2025-01-06;J;1;7;1;10\na@b.example;2025-01-06;J;1;7;1;10\n", "A3", survey.PastRespondentTwice, "in row 2 already"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := survey.ReadPast(pastTable(t, tc.csv), pastMapping(t), time.UTC, pastClock())
			if len(problems) != 1 {
				t.Fatalf("problems %+v, want one", problems)
			}
			got := problems[0]
			if got.Ref() != tc.ref || got.Code != tc.code || !strings.Contains(got.Message("en"), tc.en) {
				t.Errorf("%s %s: %s\nwant %s %s: …%s", got.Ref(), got.Code, got.Message("en"), tc.ref, tc.code, tc.en)
			}
			if uk := got.Message("uk"); strings.ContainsAny(uk, "{}") || strings.Contains(uk, string(got.Code)) || !strings.Contains(uk, "ч") && !strings.Contains(uk, "і") {
				t.Errorf("in Ukrainian: %s", uk)
			}
			if value := got.LogValue().String(); strings.Contains(value, "p9") || strings.Contains(value, "b.example") {
				t.Errorf("the log shows %s", value)
			}
		})
	}
}

func TestPastProblemsAreAllListedInOrder(t *testing.T) {
	csv := "Person;Round;Role;Dept;Q1;Q2;Чи порадили б\n" +
		"p1;2025-01-06;J;1;9;x;10\n;2025-01-06;X;1;1;1;1\n" + strings.Repeat("p2;2025-01-06;J;1;0;0;0\n", 600)
	_, problems := survey.ReadPast(pastTable(t, csv), pastMapping(t), time.UTC, pastClock())
	var refs []string
	for _, p := range problems[:6] {
		refs = append(refs, p.Ref())
	}
	if want := []string{"E2", "F2", "A3", "C3", "E4", "F4"}; !slices.Equal(refs, want) {
		t.Errorf("problems at %v, want %v", refs, want)
	}
	if last := problems[len(problems)-1]; len(problems) != 1001 || last.Code != survey.PastMoreProblems {
		t.Errorf("%d problems, the last %q", len(problems), last.Message("en"))
	}
}

func TestPastWaveNames(t *testing.T) {
	p := newPastPlace(t)
	c := p.take("Person;Round;Role;Dept;Q1;Q2;Чи порадили б\n"+
		"p1;2024-Q4;J;1;7;1;10\np1;01.03.2025;J;1;7;1;10\np1;2025-W02;J;1;7;1;10\np1;2025-02;J;1;7;1;10\np1;second;J;1;7;1;10\n", pastMapping(t))
	var got []string
	for _, w := range c.Waves {
		got = append(got, w.Occurrence+" "+w.Opens.Add(12*time.Hour).Format(time.DateOnly))
	}
	want := []string{"2024-Q4 2024-10-01", "2025-W02 2025-01-06", "2025-02 2025-02-01", "2025-03-01 2025-03-01", "second 2025-04-07"}
	if !slices.Equal(got, want) {
		t.Errorf("waves %v, want %v", got, want)
	}
}

// A changed mapping makes a new version, in which items keep their numbers; an
// answer that was taken out of the file no longer counts; an earlier wave moves
// the later ones up.
func TestPastAnswersAreCorrectedByImportingAgain(t *testing.T) {
	ctx := context.Background()
	p := newPastPlace(t)
	csv := pastFile(t, "past-answers.csv")
	p.take(csv, pastMapping(t))
	m := must(survey.LoadPastMapping([]byte(strings.Replace(pastFile(t, "past-mapping.yaml"), "items: [Q1,", "items: [Q0, Q1,", 1))))
	csv = strings.Replace(csv, "Dept;", "Dept;Q0;", 1)
	csv = strings.NewReplacer(";1;7;1;10", ";1;3;7;1;10", ";2;6;NA;9;", ";2;;;;;", ";;;-9;", ";;;;-9;", ";2;5;2;8", ";2;;5;2;8", ";2;4;4,0;", ";2;;4;4;", ";a note", ";;a note").Replace(csv) +
		"p1;2024-07;J;1;2;2;2;2;\n"
	c := p.take(csv, m)
	if c.Questionnaire.Version != 2 || c.Responses != (survey.PastCount{Added: 1, Changed: 2, Unchanged: 2}) || c.Silent != 2 {
		t.Errorf("version %d, responses %+v, silent %d", c.Questionnaire.Version, c.Responses, c.Silent)
	}
	for id, number := range map[string]uint16{"q1": 1, "q2": 2, "enps": 3, "q0": 4} {
		if it, _ := c.Questionnaire.Item(id); it.Number != number {
			t.Errorf("item %s has number %d, want %d", id, it.Number, number)
		}
	}
	waves := must(p.surveys.Waves(ctx, "acme"))
	if len(waves) != 3 || waves[0].Occurrence != "2024-07" || waves[0].Number != 1 || waves[2].Number != 3 || waves[2].QuestionnaireVersion != 2 {
		t.Errorf("waves %+v", waves)
	}
	prog := must(p.programs.Program(ctx, "acme"))
	names := survey.NewPseudonyms(testSecret)
	r := must(p.surveys.Response(ctx, waves[1], names.Respondent(prog, waves[1].ID, program.ParticipantID("acme", "p2", ""))))
	if r.Final || len(r.Stored.Items) > 0 {
		t.Errorf("what was taken out of the file is still there: %+v", r)
	}
}

func TestPastAnswersFindPeopleInTheRoster(t *testing.T) {
	ctx := context.Background()
	p := newPastPlace(t)
	p.draft.Attributes = []string{"department"}
	p.draft.Starts = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	if err := p.programs.PutProgram(ctx, p.draft); err != nil {
		t.Fatal(err)
	}
	lesia := program.Participant{ID: program.ParticipantID("acme", "77", ""), ProgramID: "acme", ExternalID: "77", Email: "Lesia@acme.example",
		Name: "Леся", Role: program.Mentee, Joined: p.draft.Starts, Attributes: map[string]string{"department": "Board"}}
	if err := p.programs.Put(ctx, program.Snapshot{Participants: []program.Participant{lesia}}); err != nil {
		t.Fatal(err)
	}
	c := p.take(pastFile(t, "past-answers.csv"), pastMapping(t))
	if c.NewProgram || c.Participants != (survey.PastCount{Added: 3, Unchanged: 1}) {
		t.Errorf("new programme %v, participants %+v", c.NewProgram, c.Participants)
	}
	for _, one := range must(p.programs.Participants(ctx, "acme")) {
		if one.ID == lesia.ID && (one.Name != "Леся" || one.Attributes["department"] != "Board") {
			t.Errorf("the roster was changed: %+v", one)
		}
	}
	both := pastFile(t, "past-answers.csv") + "77;second;S;2;4;4;0;\n"
	_, problems, err := p.importer.Import(ctx, p.draft, pastTable(t, both), pastMapping(t))
	if err != nil || len(problems) != 1 || problems[0].Code != survey.PastRespondentTwice || problems[0].OtherRow != 7 {
		t.Errorf("one person by two names: %v, %+v", err, problems)
	}
}

func TestPastAnswersRespectTheProgramme(t *testing.T) {
	ctx := context.Background()
	p := newPastPlace(t)
	if err := p.programs.PutProgram(ctx, p.draft); err != nil {
		t.Fatal(err)
	}
	_, problems, err := p.importer.Import(ctx, p.draft, pastTable(t, pastFile(t, "past-answers.csv")), pastMapping(t))
	if err != nil || len(problems) != 1 || problems[0].Code != survey.PastAttributeUndeclared || problems[0].Ref() != "" {
		t.Errorf("an attribute that the programme has not: %v, %+v", err, problems)
	}
	p.draft.Attributes = []string{"department"}
	if err := p.programs.PutProgram(ctx, p.draft); err != nil {
		t.Fatal(err)
	}
	q := must(survey.BuiltIn("reverse-mentoring"))
	live := survey.NewSurvey("acme", "old-pulse", q, program.Roles(), survey.Recurrence{RRule: "FREQ=WEEKLY", Start: "2026-01-05T09:00", TimeZone: "Europe/Kyiv", OpenDays: 2})
	if err := p.surveys.PutSurvey(ctx, live); err != nil {
		t.Fatal(err)
	}
	_, problems, err = p.importer.Import(ctx, p.draft, pastTable(t, pastFile(t, "past-answers.csv")), pastMapping(t))
	if err != nil || len(problems) != 1 || problems[0].Code != survey.PastSurveyTaken {
		t.Errorf("a survey of that name: %v, %+v", err, problems)
	}
}

func TestPastSurveysOpenNoWaves(t *testing.T) {
	ctx := context.Background()
	p := newPastPlace(t)
	csv := "Person;Round;Role;Dept;Q1;Q2;Чи порадили б\np1;2025-12-20;J;1;7;1;10\n"
	p.take(csv, pastMapping(t))
	for _, at := range []time.Time{pastClock(), pastClock().AddDate(0, 0, 7), pastClock().AddDate(1, 0, 0)} {
		if err := survey.NewScheduler(p.programs, p.surveys, func() time.Time { return at }).Due(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if waves := must(p.surveys.Waves(ctx, "acme")); len(waves) != 1 {
		t.Errorf("waves %+v, want the imported one alone", waves)
	}
}

// In an anonymous programme past answers are not linked between waves either.
func TestPastAnswersAreAnonymousWhereThatIsPromised(t *testing.T) {
	p := newPastPlace(t)
	p.draft.Policy = program.Anonymous
	p.take(pastFile(t, "past-answers.csv"), pastMapping(t))
	var rows, names uint64
	if err := p.db.QueryRow(context.Background(), "SELECT count(), uniqExact(respondent) FROM responses FINAL").Scan(&rows, &names); err != nil {
		t.Fatal(err)
	}
	if rows != 4 || names != 4 {
		t.Errorf("%d responses under %d names", rows, names)
	}
}

func TestLoadPastMappingNamesEachFault(t *testing.T) {
	sound := pastFile(t, "past-mapping.yaml")
	for name, tc := range map[string]struct{ old, new, want string }{
		"unknown field":   {"respondent:", "respondents:", `unknown field "respondents"`},
		"in an item":      {"column: Q2,", "colum: Q2,", `unknown field "colum"`},
		"no respondent":   {"respondent: Person", "respondent: ", "respondent: name the column"},
		"no wave":         {"column: Round, ", "", "wave: give either column, or fixed"},
		"bad day":         {"2025-04-07", "7/4/2025", `wave: opens "second" on "7/4/2025"`},
		"never open":      {"open_days: 14", "open_days: -1", "open_days -1: want 1 to 366"},
		"role":            {"J: mentor", "J: junior", `role: value "J" means "junior"`},
		"no points":       {"    points: {min: 1, max: 7}\n", "", `scale "engagement": points are missing`},
		"wide points":     {"max: 7", "max: 100", `scale "engagement": points 1 to 100`},
		"enps on others":  {"max: 10}\n", "max: 9}\n", `scale "recommend": kind enps runs from 0 to 10`},
		"kind":            {"kind: engagement", "kind: comment", `scale "engagement": kind "comment" cannot be imported`},
		"code is a point": {"[NA, -9]", "[NA, 7]", `"7" stands for no answer and is one of the points 1 to 7`},
		"item twice":      {"column: Q2,", "column: Q1,", `column "Q1" is an item of scale "engagement" already`},
		"no latin id":     {", id: enps}", "}", `column "Чи порадили б" needs an id`},
		"scale id":        {"id: recommend", "id: Would Recommend", `scale "Would Recommend": ID`},
		"our own":         {"id: old-pulse", "id: reverse-mentoring", `"reverse-mentoring" is a questionnaire of our own`},
		"attribute twice": {"attributes:\n", "attributes:\n  - {column: Unit, name: department}\n", `attributes: "department" has no column or is named twice`},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(sound, tc.old) {
				t.Fatalf("%q is not in the mapping", tc.old)
			}
			_, err := survey.LoadPastMapping([]byte(strings.Replace(sound, tc.old, tc.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v\nwant %q in it", err, tc.want)
			}
		})
	}
}

// The example in the documentation is read as it stands there.
func TestDocumentedPastMapping(t *testing.T) {
	doc := string(must(os.ReadFile("../docs/past-answers.md")))
	_, rest, found := strings.Cut(doc, "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/past-answers.md shows no mapping")
	}
	m, err := survey.LoadPastMapping([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	csv := "Person,Round,Role,Dept,Q1,Q2,Recommend\n1042,2025-01,junior,1,6,2,9\n1043,2025-01,senior,2,5,99,7\n1042,before the summer,junior,1,7,1,10\n"
	c := newPastPlace(t).take(csv, m)
	if c.Rows != 3 || c.Waves[1].Occurrence != "before the summer" {
		t.Errorf("%d rows, waves %+v", c.Rows, c.Waves)
	}
}
