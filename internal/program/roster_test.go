package program_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
)

// readTable reads a file that must be a table.
func readTable(t interface{ Fatal(...any) }, data string) *table.Table {
	got, err := table.Read(strings.NewReader(data), "roster.csv", table.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// readRoster reads a file that must have no problems.
func readRoster(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, data string, p program.Program) *program.Roster {
	roster, problems := program.ReadRoster(readTable(t, data), p)
	for _, problem := range problems {
		t.Fatalf("%s: %s", problem.Code, problem.Message("en"))
	}
	return roster
}

// people gives the participants of a roster by the part of the e-mail before @,
// or by their id when they have none.
func people(r *program.Roster) map[string]program.Participant {
	all := map[string]program.Participant{}
	for _, p := range r.Participants {
		key, _, _ := strings.Cut(p.Email, "@")
		if key == "" {
			key = p.ExternalID
		}
		all[key] = p
	}
	return all
}

const ukrainianRoster = `Список учасників;;;;;;;;;
;;;;;;;;;
Таб. №;П.І.Б.;Ел. пошта;РОЛЬ У ПРОГРАМІ;Партнер / партнерка;Дата приєднання (дд.мм.рррр);Прийнято на роботу;Підрозділ;Ціль №1;Ціль 1 — вага
17;Гнатюк Соломія Ігорівна;s.hnatiuk@example.com;Наставниця;B.Levchenko@example.com;12.01.2026;03.06.2024;ІТ;;
21;Левченко Богдан;b.levchenko@example.com;підопічний;;19.01.2026 р.;15.09.2008;Правління;Веде сторінку сам;2,5
22;Савчук Юрій;;Група порівняння;;;23.05.2013;Фінанси;;
`

func TestRosterInWindows1251(t *testing.T) {
	data, err := charmap.Windows1251.NewEncoder().String(ukrainianRoster)
	if err != nil {
		t.Fatal(err)
	}
	r := readRoster(t, data, sampleProgram())
	all := people(r)
	mentor, mentee, other := all["s.hnatiuk"], all["b.levchenko"], all["22"]
	if len(r.Participants) != 3 || mentor.Name != "Гнатюк Соломія Ігорівна" || mentor.Role != program.Mentor ||
		mentor.ExternalID != "17" || mentor.Attributes["department"] != "ІТ" || !mentor.EmployedFrom.Equal(date(2024, 6, 3)) ||
		mentee.Role != program.Mentee || !mentee.Joined.Equal(date(2026, 1, 19)) ||
		other.Role != program.Comparison || !other.Joined.Equal(sampleProgram().Starts) {
		t.Errorf("participants: %+v", r.Participants)
	}
	if mentor.ID != program.ParticipantID("acme-2026", "17", "") || r.Rows[mentor.ID] != 4 {
		t.Errorf("id %s in row %d", mentor.ID, r.Rows[mentor.ID])
	}
	if len(r.Pairs) != 1 || r.Pairs[0].ID != program.PairID("acme-2026", mentor.ID, mentee.ID) ||
		!r.Pairs[0].From.Equal(date(2026, 1, 19)) || !r.Pairs[0].To.IsZero() {
		t.Errorf("pairs: %+v", r.Pairs)
	}
	if len(r.Goals) != 1 || r.Goals[0].Title != "Веде сторінку сам" || r.Goals[0].Weight != 2.5 ||
		r.Goals[0].Baseline != -1 || r.Goals[0].ID != program.GoalID(r.Pairs[0].ID, "1") {
		t.Errorf("goals: %+v", r.Goals)
	}
}

func TestRosterInExcel(t *testing.T) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	day := func(m time.Month, d int) time.Time { return date(2026, m, d) }
	for i, row := range [][]any{
		{"employee_id", "First name", "LAST NAME", "e mail", "Role", "Pair number", "Joined programme", "Left programme", "Goal 1", "goal_1_baseline", "Goal 1 level -2", "Goal 1 level +2", "Office"},
		{1042, "Priya", "Raman", "priya@example.com", "Mentor", 7, day(1, 12), day(3, 2), "Posts weekly", -2, "No page", "Teaches others", "Leeds"},
		{1043, "Martin", "Holloway", "martin@example.com", "Mentee", 7, day(1, 12), nil, "Posts weekly", nil, nil, nil, "Leeds"},
	} {
		cell, err := excelize.CoordinatesToCellName(2, i+2)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	r := readRoster(t, b.String(), sampleProgram(func(p *program.Program) { p.Attributes = nil }))
	priya := people(r)["priya"]
	if priya.Name != "Priya Raman" || priya.ExternalID != "1042" || priya.Attributes["Office"] != "Leeds" ||
		!priya.Joined.Equal(date(2026, 1, 12)) || !priya.Left.Equal(date(2026, 3, 2)) || r.Rows[priya.ID] != 3 {
		t.Errorf("participant: %+v", priya)
	}
	if len(r.Pairs) != 1 || !r.Pairs[0].To.Equal(date(2026, 3, 2)) {
		t.Errorf("pairs: %+v", r.Pairs)
	}
	if len(r.Goals) != 1 || r.Goals[0].Baseline != -2 || r.Goals[0].Levels != [5]string{"No page", "", "", "", "Teaches others"} {
		t.Errorf("goals: %+v", r.Goals)
	}
}

// The same two people, under whatever headers and words.
func TestRosterHeadersAreForgiving(t *testing.T) {
	const rows = "\nanna@example.com,%s,bo@example.com\nbo@example.com,%s,\n"
	for header, roles := range map[string][2]string{
		"e-mail,role,partner":                      {"mentor", "mentee"},
		"E_MAIL ,  Role: ,Partner's e-mail":        {"MENTOR", "Mentee"},
		"Email address*,Programme role,Match":      {"reverse mentor", "Protégé"},
		"\"Пошта\",\"Роль\",\"У парі з\"":          {"наставник", "підопічна"},
		"Ел.пошта,роль учасника,ПАРТНЕР У ПАРІ":    {"Менторка", "менті"},
		"Е-mаil,Роль,Партнер":                      {"наставниця", "менті"}, // Cyrillic Е and а
		"Електронна пошта (робоча),Роль ,Партнер?": {"Наставник / наставниця", "ментi"},
	} {
		data := header + strings.Replace(strings.Replace(rows, "%s", roles[0], 1), "%s", roles[1], 1)
		r := readRoster(t, data, sampleProgram())
		if all := people(r); len(r.Pairs) != 1 || all["anna"].Role != program.Mentor || all["bo"].Role != program.Mentee {
			t.Errorf("%s: %+v %+v", header, r.Participants, r.Pairs)
		}
	}
}

func TestRosterColumnsOfGoals(t *testing.T) {
	for header, want := range map[string]string{
		"goal": "t", "Goal 1": "t", "Ціль": "t", "Мета №1": "t", "goal 1 title": "t", "Ціль 1: назва": "t",
		"goal 1 weight": "w", "Ціль 1 (вага)": "w", "goal_1_weight": "w",
		"Goal 1 baseline": "b", "Ціль 1 вихідний рівень": "b",
		"goal 1 level -2": "-2", "Ціль 1, рівень −1": "-1", "goal 1 level 0": "0", "goal_1_level_+1": "+1", "Ціль 1 рівень 2": "+2",
		"Мета участі": "attribute", "goal 1 colour": "attribute", "goal 1 level 3": "attribute",
	} {
		title, value := ",goal 1 title", ",Blog"
		if want == "t" || want == "attribute" {
			title, value = "", ""
		}
		cell := map[string]string{"w": "3", "b": "-2"}[want]
		if cell == "" {
			cell = "Video"
		}
		r := readRoster(t, "email,role,partner"+title+",\""+header+"\"\na@example.com,mentor,b@example.com"+value+","+cell+"\nb@example.com,mentee,\n",
			sampleProgram(func(p *program.Program) { p.Attributes = nil }))
		var g program.Goal
		if len(r.Goals) == 1 {
			g = r.Goals[0]
		}
		got := map[bool]string{
			g.Title == "Video": "t", g.Weight == 3: "w", g.Baseline == -2: "b",
			g.Levels[0] == "Video": "-2", g.Levels[1] == "Video": "-1", g.Levels[2] == "Video": "0", g.Levels[3] == "Video": "+1", g.Levels[4] == "Video": "+2",
			len(people(r)["a"].Attributes) == 1: "attribute",
		}[true]
		if got != want {
			t.Errorf("%q is read as %q, want %q (%+v)", header, got, want, g)
		}
	}
}

func TestRosterAttributes(t *testing.T) {
	const data = "email,role,Підрозділ,Shoe size,Favourite  colour,\na@example.com,mentor,ІТ,42,red,note\nb@example.com,mentee,,43,,\n,,,,,only a note\n"
	declared := readRoster(t, data, sampleProgram(func(p *program.Program) { p.Attributes = []string{"department", "favourite colour"} }))
	if a := people(declared)["a"].Attributes; len(a) != 2 || a["department"] != "ІТ" || a["favourite colour"] != "red" {
		t.Errorf("declared: %v", a)
	}
	if len(people(declared)["b"].Attributes) != 0 {
		t.Errorf("an empty cell is an attribute: %v", people(declared)["b"].Attributes)
	}
	if i := declared.Ignored; len(i) != 2 || i[0] != (program.Column{Letter: "D", Header: "Shoe size"}) || i[1] != (program.Column{Letter: "F"}) {
		t.Errorf("ignored: %v", i)
	}
	free := readRoster(t, data, sampleProgram(func(p *program.Program) { p.Attributes = nil }))
	if a := people(free)["a"].Attributes; len(a) != 3 || a["Підрозділ"] != "ІТ" || a["Shoe size"] != "42" || a["Favourite colour"] != "red" {
		t.Errorf("free: %v", a)
	}
}

func TestPairsMayBeStatedOnEitherRow(t *testing.T) {
	for name, data := range map[string]string{
		"on the mentor's":   "email,role,partner\na@example.com,mentor,B@Example.com\nb@example.com,mentee,\n",
		"on the mentee's":   "email,role,partner\na@example.com,mentor,\nb@example.com,mentee,a@example.com\n",
		"on both":           "email,role,partner\na@example.com,mentor,b@example.com\nb@example.com,mentee,a@example.com\n",
		"by number":         "email,role,pair\na@example.com,mentor,7\nb@example.com,mentee,7\n",
		"by number and one": "email,role,pair,partner\na@example.com,mentor,7,b@example.com\nb@example.com,mentee,7,\n",
		"by id":             "email,role,partner,id\na@example.com,mentor,x2,x1\nb@example.com,mentee,X1,x2\n",
	} {
		r := readRoster(t, data, sampleProgram())
		all := people(r)
		if len(r.Pairs) != 1 || r.Pairs[0].Mentor != all["a"].ID || r.Pairs[0].Mentee != all["b"].ID {
			t.Errorf("%s: %+v", name, r.Pairs)
		}
	}
}

func TestTimeZoneOfAParticipant(t *testing.T) {
	for _, header := range []string{"Time zone", "time_zone", "Часовий пояс", "tz"} {
		all := people(readRoster(t, "email,role,"+header+"\na@x.example,mentor, America/New_York \nb@x.example,mentee,\n", sampleProgram()))
		for who, want := range map[string]string{"a": "America/New_York", "b": "Europe/Kyiv"} {
			zone, err := sampleProgram().Zone(all[who])
			if err != nil || zone.String() != want {
				t.Errorf("%s: %s is in %v (%v), want %s", header, who, zone, err, want)
			}
		}
	}
}

// The examples that the README sends people to.
func TestExampleRosters(t *testing.T) {
	for _, file := range []string{"roster-example.csv", "roster-example.en.csv"} {
		for _, attributes := range [][]string{nil, {"department", "location"}} {
			data, err := os.ReadFile("../../docs/" + file)
			if err != nil {
				t.Fatal(err)
			}
			r := readRoster(t, string(data), sampleProgram(func(p *program.Program) { p.Attributes = attributes }))
			if len(r.Participants) != 12 || len(r.Pairs) != 5 || len(r.Goals) != 8 || len(r.Ignored) != 0 {
				t.Errorf("%s: %d participants, %d pairs, %d goals, ignored %v", file, len(r.Participants), len(r.Pairs), len(r.Goals), r.Ignored)
			}
			for _, p := range r.Participants {
				if p.Name == "" || p.Email == "" || p.Language == "" || p.Joined.IsZero() || p.EmployedFrom.IsZero() || len(p.Attributes) != 2 {
					t.Errorf("%s: row %d is read in part: %+v", file, r.Rows[p.ID], p)
				}
			}
		}
	}
}
