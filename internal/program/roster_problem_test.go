package program_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
)

const couple = "email,role,partner\na@example.com,mentor,b@example.com\nb@example.com,mentee,\n"

// rosterProblems are files, each with the problems it has as "cell code".
func rosterProblems() map[string]string {
	header := "email,role,partner,id,name,language,joined,left,employed from,employed to,pair from,pair to,pair,goal 1,goal 1 weight,goal 1 baseline,goal 1 level 0\n"
	return map[string]string{
		"name,partner\nAnna,Bo\n":   "1 missing-column, 1 missing-column",
		"email,name\na@b.com,Bo\n":  "1 missing-column",
		"id,e-mail,role,E-Mail\n":   "D1 duplicate-column",
		"\nemail,role\n":            "2 no-people",
		"email,role\n\n, \n":        "1 no-people",
		"id,role,goal 1,Ціль №1\n1": "D1 duplicate-column",
		"email,role," + numbered("Attribute %d,", 21) + "\na@example.com,mentor\n": "1 too-many-attributes",

		"email,role\n,mentor\n": "A2 no-identity",
		"email,role\nanna@,mentor\nBo <b@example.com>,mentee\na@b,mentee\na b@example.com,mentee\n\"a@example.com\nBcc: x@example.com\",mentee\na@[127.0.0.1],mentee\n": "A2 bad-email, A3 bad-email, A4 bad-email, A5 bad-email, A6 bad-email, A7 bad-email",
		"email,role\nаnna@example.com,mentor\n":                                                                                   "A2 email-foreign-letter",
		"email,role\nA@example.com,mentor\nb@example.com,mentee\na@EXAMPLE.com,mentee\n":                                          "A4 duplicate-email",
		"role,id\nmentor,x1\nmentee,X1\n":                                                                                         "B3 duplicate-id",
		"role,id,email\nmentor,,a@example.com\nmentee,a@example.com,b@example.com\n":                                              "B3 duplicate-id",
		"email,role\na@example.com,boss\nb@example.com,\n":                                                                        "B2 unknown-role, B3 unknown-role",
		header + "a@example.com,mentor,,,,klingon\n":                                                                              "F2 unknown-language",
		"email,role,time zone\na@example.com,mentor,Europe/Kyiv\nb@example.com,mentee,UTC+2\nc@example.com,mentee,Local\n":        "C3 unknown-time-zone, C4 unknown-time-zone",
		header + "a@example.com,mentor,,,,,31.04.2026,03/04/2026,1.1.99,soon\n":                                                   "G2 bad-date, H2 bad-date, I2 two-digit-year, J2 bad-date",
		header + "a@example.com,mentor,,,,,2026-03-02,01.03.2026,02.03.2026,2026-03-01,2026-03-02,2026-03-01\n":                   "H2 left-before-joined, J2 employment-ends-before-start, L2 pair-ends-before-start",
		"email,role,left\na@example.com,mentor,2025-12-31\n":                                                                      "C2 left-before-joined", // the programme starts later
		"email,role,name\na@example.com,mentor," + strings.Repeat("я", 201) + "\n":                                                "C2 text-too-long",
		"email,role,partner,goal 1\na@example.com,mentor,b@example.com," + strings.Repeat("я", 1001) + "\nb@example.com,mentee\n": "D2 text-too-long",

		"email,role,partner\na@example.com,mentor,gone@example.com\n":                                                                                   "C2 partner-missing",
		"email,role,partner\na@example.com,mentor,a@example.com\n":                                                                                      "C2 partner-self",
		"email,role,partner\na@example.com,mentor,b@example.com\nb@example.com,mentor,\n":                                                               "C2 partner-same-role",
		"email,role,partner\na@example.com,mentor,b@example.com\nb@example.com,comparison,\n":                                                           "C2 partner-in-comparison",
		"email,role,partner\na@example.com,comparison,b@example.com\nb@example.com,mentee,\n":                                                           "C2 comparison-with-partner",
		"email,role,pair\na@example.com,comparison,1\nb@example.com,mentee,1\n":                                                                         "C2 comparison-with-partner, C3 pair-incomplete",
		couple + "c@example.com,mentee,a@example.com\n":                                                                                                 "C4 partner-disagrees",
		"email,role,partner\na@example.com,mentor,b@example.com\nb@example.com,mentee,c@example.com\nc@example.com,mentor,\n":                           "C2 partner-disagrees",
		couple + "c@example.com,mentor,b@example.com\n":                                                                                                 "C4 partner-taken",
		"email,role,pair\na@example.com,mentor,1\nb@example.com,mentee,2\n":                                                                             "C2 pair-incomplete, C3 pair-incomplete",
		"email,role,pair\na@example.com,mentor,1\nb@example.com,mentee,1\nc@example.com,mentee,1\n":                                                     "C3 pair-too-large, C4 pair-too-large",
		"email,role,pair\na@example.com,mentor,1\nb@example.com,mentor,1\n":                                                                             "C2 partner-same-role, C3 partner-same-role",
		"email,role,pair,partner\na@example.com,mentor,1,c@example.com\nb@example.com,mentee,1,\nc@example.com,mentee,,\n":                              "C2 pair-contradicts-partner",
		"email,role,partner,joined,left\na@example.com,mentor,b@example.com,2026-02-01,2026-02-02\nb@example.com,mentee,,2026-03-01,\n":                 "E2 pair-never-works",
		header + "a@example.com,mentor,b@example.com,,,,,,,,2026-02-01,,,Blog,1,-1,Weekly\nb@example.com,mentee,,,,,,,,,2026-02-02,,,Video,2,0,Daily\n": "K3 rows-disagree, N3 rows-disagree, O3 rows-disagree, P3 rows-disagree, Q3 rows-disagree",
		header + "a@example.com,mentor,,,,,,,,,,,,Blog\n":                                                                                               "N2 goal-without-pair",
		header + "a@example.com,mentor,b@example.com,,,,,,,,,,,,2\nb@example.com,mentee\n":                                                              "O2 goal-without-title",
		header + "a@example.com,mentor,b@example.com,,,,,,,,,,,Blog,0,3\nb@example.com,mentee,,,,,,,,,,,,,many,low\n":                                   "O2 bad-weight, P2 bad-level, O3 bad-weight, P3 bad-level",

		// Every row's problems are listed, and the one that follows from another is not.
		"email,role,partner,joined\nanna@,captain,b@example.com,tomorrow\nb@example.com,mentee,anna@,\n": "A2 bad-email, B2 unknown-role, D2 bad-date",
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i+1)
	}
	return b.String()
}

func openProgram(change ...func(*program.Program)) program.Program {
	return sampleProgram(append(change, func(p *program.Program) { p.Attributes = nil })...)
}

func places(problems []program.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Column+strconv.Itoa(p.Row)+" "+string(p.Code))
	}
	return strings.Join(all, ", ")
}

func TestRosterProblems(t *testing.T) {
	for data, want := range rosterProblems() {
		roster, problems := program.ReadRoster(readTable(t, data), openProgram())
		if got := places(problems); got != want || roster != nil {
			t.Errorf("%s\ngot  %s\nwant %s\nroster %v", data, got, want, roster)
		}
	}
}

func TestMissingJoinedWithoutFirstDay(t *testing.T) {
	_, problems := program.ReadRoster(readTable(t, couple), openProgram(func(p *program.Program) { p.Starts = date(1, 1, 1) }))
	if got := places(problems); got != "2 missing-joined, 3 missing-joined" {
		t.Errorf("got %s", got)
	}
}

// Every code that the source declares is met here, and what it says names the
// place and gives an example, in both languages.
func TestEveryProblemIsExplained(t *testing.T) {
	met := map[program.ProblemCode]program.Problem{}
	for data := range rosterProblems() {
		_, problems := program.ReadRoster(readTable(t, data), openProgram())
		for _, p := range problems {
			met[p.Code] = p
		}
	}
	_, problems := program.ReadRoster(readTable(t, couple), openProgram(func(p *program.Program) { p.Starts = date(1, 1, 1) }))
	met[program.MissingJoined] = problems[0]
	first := readRoster(t, couple, openProgram())
	withIDs := readRoster(t, "id,"+strings.NewReplacer("\na@", "\n1,a@", "\nb@", "\n2,b@").Replace(couple), openProgram())
	met[program.EmailTaken] = program.Compare(first.Snapshot(), withIDs, date(2026, 2, 1)).Conflicts[0]
	goals := func(weight string) *program.Roster {
		return readRoster(t, "email,role,partner,goal 1,goal 1 weight\na@x.example,mentor,b@x.example,Blog,"+weight+"\nb@x.example,mentee,,,\n", openProgram())
	}
	fixed := program.Compare(goals("1").Snapshot(), goals("1000"), date(2026, 2, 1)).Conflicts
	if len(fixed) != 1 || fixed[0].Row != 2 {
		t.Fatalf("a changed weight: %+v", fixed)
	}
	met[program.GoalFixed] = fixed[0]
	example := regexp.MustCompile(`наприклад|example|should be |Keep one|Залиште один|Leave the cell`)
	for _, code := range declaredCodes(t) {
		p, ok := met[code]
		if !ok {
			t.Errorf("no file here has the problem %q", code)
			continue
		}
		uk, en := p.Message("uk"), p.Message("en")
		for _, m := range []string{uk, en} {
			if !strings.Contains(m, strconv.Itoa(p.Row)) || !strings.Contains(m, p.Column) || strings.ContainsAny(m, "{}—") || !example.MatchString(m) {
				t.Errorf("%s: %q does not name the place, give an example or fill its gaps", code, m)
			}
		}
		if regexp.MustCompile(`[A-Za-z]{4,}`).MatchString(strings.NewReplacer(p.Value, "", p.Header, "", p.Detail, "", "olena.koval@example.com", "", "Europe/Kyiv", "", "America/New_York", "").Replace(uk)) {
			t.Errorf("%s: English in the Ukrainian message %q", code, uk)
		}
		if regexp.MustCompile(`[а-яіїєґ]`).MatchString(strings.NewReplacer(p.Value, "", p.Detail, "").Replace(en)) {
			t.Errorf("%s: Ukrainian in the English message %q", code, en)
		}
		t.Logf("%s\n    %s\n    %s", code, uk, en)
	}
}

// declaredCodes reads the problem codes from the source, so that a new one
// cannot be left out here.
func declaredCodes(t *testing.T) []program.ProblemCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "roster_problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []program.ProblemCode
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if typed, ok := spec.Type.(*ast.Ident); ok && typed.Name == "ProblemCode" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, program.ProblemCode(text))
		}
		return true
	})
	if len(codes) < 30 {
		t.Fatalf("only %d codes found in the source", len(codes))
	}
	return codes
}

func TestProblemsDoNotReachTheLog(t *testing.T) {
	_, problems := program.ReadRoster(readTable(t, "email,role\nsecret@,boss\n"), openProgram())
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("import refused", "problem", problems[0])
	if strings.Contains(b.String(), "secret") || !strings.Contains(b.String(), "bad-email") {
		t.Errorf("logged %s", b.String())
	}
}

func FuzzRoster(f *testing.F) {
	f.Add(couple)
	f.Add(ukrainianRoster)
	for data := range rosterProblems() {
		f.Add(data)
	}
	limits := table.Limits{Bytes: 1 << 16, Inflated: 1 << 16, Rows: 100, Columns: 40, Cells: 1000}
	f.Fuzz(func(t *testing.T, data string) {
		read, err := table.Read(strings.NewReader(data), "f.csv", limits)
		if err != nil {
			return
		}
		roster, problems := program.ReadRoster(read, openProgram())
		if (roster == nil) == (len(problems) == 0) {
			t.Fatalf("roster %v with problems %v", roster, problems)
		}
		for _, p := range problems {
			if p.Row < 1 || p.Message("uk") == "" || p.Message("en") == "" {
				t.Fatalf("problem without a place: %+v", p)
			}
		}
		if roster != nil {
			if c := program.Compare(roster.Snapshot(), roster, date(2026, 5, 1)); !c.Empty() || len(c.Conflicts) > 0 {
				t.Fatalf("the same file again changes %+v", c)
			}
		}
	})
}
