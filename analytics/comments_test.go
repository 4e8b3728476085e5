package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// say notes a final response with texts by item.
func (f *fixture) say(wave int, who string, role program.Role, texts map[uint16]string) {
	f.respond(wave, who, role, "IT", "Kyiv", nil, func(r *survey.Response) {
		for _, item := range []uint16{20, 21, 22} {
			if text, ok := texts[item]; ok {
				r.Stored.TextItems, r.Stored.Texts = append(r.Stored.TextItems, item), append(r.Stored.Texts, text)
			}
		}
	})
}

// several people of a role write on an item: their names and texts are numbered.
func (f *fixture) several(n, wave int, role program.Role, item uint16, format string) {
	for i := range n {
		f.say(wave, fmt.Sprint(role, i), role, map[uint16]string{item: fmt.Sprintf(format, i)})
	}
}

func (f *fixture) comments(q CommentsQuery) *CommentsReport {
	f.t.Helper()
	q.Program = f.program.ID
	report, err := f.service.Comments(context.Background(), q)
	f.must(err)
	return report
}

// about is the group of an item.
func about(t testing.TB, r *CommentsReport, item string) CommentGroup {
	t.Helper()
	for _, g := range r.Groups {
		if g.Item == item {
			return g
		}
	}
	t.Fatalf("no group %s in %+v", item, r.Groups)
	return CommentGroup{}
}

// code of what is said of one wave: "" when it is shown.
func (g CommentGroup) code(wave int) string {
	if w := g.Waves[wave]; w.Withheld != nil {
		return w.Withheld.Code
	}
	return ""
}

func textsOf(g CommentGroup) string {
	var list []string
	for _, c := range g.Comments {
		list = append(list, c.Text)
	}
	slices.Sort(list)
	return strings.Join(list, "|")
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCommentsAreShownFromTheirThreshold(t *testing.T) {
	for name, test := range map[string]struct {
		k, mentors, mentees, dashes int
		whole, mentor, mentee       string
	}{
		"nobody":                           {5, 0, 0, 0, CodeFewComments, CodeFewComments, CodeFewComments},
		"nine":                             {5, 5, 4, 0, CodeFewComments, CodeFewComments, CodeFewComments},
		"ten together":                     {5, 5, 5, 0, "", CodeFewComments, CodeFewComments},
		"ten of one role":                  {5, 10, 0, 0, "", "", CodeFewComments},
		"a few of the other":               {5, 12, 3, 0, "", CodeOtherComments, CodeFewComments},
		"ten of each":                      {5, 10, 10, 0, "", "", ""},
		"a dash is no comment":             {5, 6, 3, 8, CodeFewComments, CodeFewComments, CodeFewComments},
		"a higher threshold, too few":      {14, 9, 4, 0, CodeFewComments, CodeFewComments, CodeFewComments},
		"a higher threshold, enough":       {14, 10, 4, 0, "", CodeFewComments, CodeFewComments},
		"a lower k leaves it where it was": {3, 5, 4, 0, CodeFewComments, CodeFewComments, CodeFewComments},
	} {
		t.Run(name, func(t *testing.T) {
			f := newCommentsFixture(t, 1, func(p *program.Program) { p.K = test.k })
			f.several(test.mentors, 0, program.Mentor, 21, "mentor says %d")
			f.several(test.mentees, 0, program.Mentee, 21, "mentee says %d")
			for i := range test.dashes {
				f.say(0, fmt.Sprint("dash", i), program.Mentor, map[uint16]string{21: []string{"-", "—", "...", "\u200b!"}[i%4]})
			}
			f.several(7, 0, program.Comparison, 21, "comparison says %d")
			for i := range 8 { // drafts count for nothing
				f.say(0, fmt.Sprint("draft", i), program.Mentee, map[uint16]string{21: "draft says"})
				f.answers[len(f.answers)-1].Final = false
			}
			f.store()
			for role, want := range map[program.Role]string{"": test.whole, program.Mentor: test.mentor, program.Mentee: test.mentee, program.Comparison: CodeFewComments} {
				report := f.comments(CommentsQuery{Query: Query{Role: role}})
				g := about(t, report, "change")
				if g.code(0) != want || (want != "") != (g.Waves[0].N == nil) || (want != "") != (len(g.Comments) == 0) {
					t.Errorf("role %q: %q of %d comments, want %q", role, g.code(0), len(g.Comments), want)
				}
				n := map[program.Role]int{"": test.mentors + test.mentees, program.Mentor: test.mentors, program.Mentee: test.mentees}[role]
				if want == "" && (*g.Waves[0].N != n || g.N != n || report.N != n || len(g.Comments) != n) {
					t.Errorf("role %q: %d people, %d, %d, %d comments; want %d", role, *g.Waves[0].N, g.N, report.N, len(g.Comments), n)
				}
				said := asJSON(t, report)
				if strings.Contains(said, "draft") {
					t.Errorf("role %q shows a draft: %s", role, said)
				}
				for _, other := range []program.Role{program.Mentor, program.Mentee, program.Comparison} {
					if role != "" && role != other && strings.Contains(said, string(other)+" says") || role == "" && strings.Contains(said, "comparison says") {
						t.Errorf("role %q shows what a %s said: %s", role, other, said)
					}
				}
			}
		})
	}
}

// TestCommentsOfFewCannotBeTakenApart draws who wrote what and takes the lists of
// all roles apart in every way: what is left is of nobody or of enough people.
func TestCommentsOfFewCannotBeTakenApart(t *testing.T) {
	service, err := New(nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	closed := survey.Wave{Opens: testStart, Closes: testStart.AddDate(0, 0, 7)}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, 14).Draw(t, "k")
		var all []wrote
		for _, role := range program.Roles() {
			all = append(all, wrote{group{role: role}, rapid.OneOf(rapid.IntRange(0, 14), rapid.IntRange(0, 40)).Draw(t, string(role))})
		}
		lists := map[program.Role]map[program.Role]int{} // by what was asked for: how many of whom
		for _, role := range append([]program.Role{""}, program.Roles()...) {
			r := &request{Service: service, program: program.Program{ID: "p", K: k}, chosen: -1, now: testStart.AddDate(0, 1, 0), Query: Query{Role: role, Lang: "en"}}
			verdict, people := r.mayShow(closed, all)
			if verdict != suppression.Shown {
				continue
			}
			of := map[program.Role]int{}
			for _, part := range all {
				if slices.Contains(r.commentRoles(), part.role) {
					of[part.role] += part.n
				}
			}
			if n := of[program.Mentor] + of[program.Mentee] + of[program.Comparison]; n != people || n < max(10, k) {
				t.Fatalf("role %q shows %d, has %d", role, people, n)
			}
			lists[role] = of
		}
		for a, list := range lists {
			for b, without := range lists {
				left, common := 0, 0
				for role, n := range list {
					if _, in := without[role]; in {
						common += n
					} else {
						left += n
					}
				}
				if left > 0 && left < max(10, k) || common > 0 && common < max(10, k) {
					t.Fatalf("%v: from %q without %q there are %d, in both %d", all, a, b, left, common)
				}
			}
		}
		r := &request{Service: service, program: program.Program{ID: "p", K: k}, now: testStart.AddDate(0, 0, 1)}
		if verdict, n := r.mayShow(closed, all); verdict != suppression.Early || n != 0 {
			t.Fatalf("an open wave: verdict %d, %d people", verdict, n)
		}
	})
}

// TestOpenWaveSaysNothingOfComments: the same before and after each answer.
func TestOpenWaveSaysNothingOfComments(t *testing.T) {
	f := newCommentsFixture(t, 2)
	f.several(12, 0, program.Mentor, 20, "old %d")
	f.store()
	f.service.now = func() time.Time { return f.waves[1].Opens.Add(time.Hour) }
	before := asJSON(t, f.comments(CommentsQuery{}))
	if !strings.Contains(before, CodeOpenComments) || !strings.Contains(before, "old 3") {
		t.Errorf("the open wave: %s", before)
	}
	for i := range 13 {
		f.say(1, fmt.Sprint("new", i), program.Mentor, map[uint16]string{20: fmt.Sprint("new ", i), 21: "new"})
		f.store()
		for _, q := range []CommentsQuery{{}, {Query: Query{Role: program.Mentor}}, {Query: Query{Wave: "2"}}, {Search: "new"}} {
			if said := asJSON(t, f.comments(q)); q.Search == "" && q.Role == "" && q.Wave == "" && said != before || strings.Contains(said, "new "+fmt.Sprint(i)) {
				t.Fatalf("after %d answers: %s\nbefore: %s", i+1, said, before)
			}
		}
	}
	f.service.now = func() time.Time { return f.waves[1].Closes.Add(settled - time.Second) }
	if said := asJSON(t, f.comments(CommentsQuery{})); strings.Contains(said, "new 12") {
		t.Errorf("just closed: %s", said)
	}
	f.service.now = func() time.Time { return f.waves[1].Closes.Add(settled) }
	if said := asJSON(t, f.comments(CommentsQuery{})); !strings.Contains(said, "new 12") || strings.Contains(said, CodeOpenComments) {
		t.Errorf("after closing: %s", said)
	}
}

// TestNobodyHavingWrittenIsNotSaid: the same of none and of nine.
func TestNobodyHavingWrittenIsNotSaid(t *testing.T) {
	f := newCommentsFixture(t, 1)
	f.several(12, 0, program.Mentor, 20, "best %d")
	f.store()
	before := asJSON(t, f.comments(CommentsQuery{}))
	for i := range 9 {
		f.say(0, fmt.Sprint("few", i), program.Mentee, map[uint16]string{21: "few"})
		f.store()
		if said := asJSON(t, f.comments(CommentsQuery{})); said != before {
			t.Fatalf("after %d: %s\nbefore: %s", i+1, said, before)
		}
	}
}

// TestSmallWaveIsNotShownAmongOthers: neither by itself nor with the rest.
func TestSmallWaveIsNotShownAmongOthers(t *testing.T) {
	f := newCommentsFixture(t, 3)
	f.several(12, 0, program.Mentor, 21, "first %d")
	f.several(4, 1, program.Mentor, 21, "second %d")
	f.several(11, 2, program.Mentee, 21, "third %d")
	f.store()
	g := about(t, f.comments(CommentsQuery{}), "change")
	if g.N != 23 || g.code(0) != "" || g.code(1) != CodeFewComments || g.code(2) != "" || g.Waves[0].Wave != f.waves[2].Occurrence || strings.Contains(textsOf(g), "second") {
		t.Errorf("%+v", g)
	}
	for i, c := range g.Comments {
		if want := map[bool]string{true: "third", false: "first"}[i < 11]; !strings.HasPrefix(c.Text, want) || c.Wave != f.waves[map[bool]int{true: 2, false: 0}[i < 11]].Occurrence {
			t.Errorf("comment %d: %+v", i, c)
		}
	}
	for wave, n := range map[string]int{"1..2": 12, "2..": 11, "1..": 23, "2..2": 0} {
		if g := about(t, f.comments(CommentsQuery{Query: Query{Wave: wave}}), "change"); g.N != n || strings.Contains(textsOf(g), "second") {
			t.Errorf("waves %s: %+v", wave, g)
		}
	}
	if g := about(t, f.comments(CommentsQuery{Query: Query{Wave: "2"}}), "change"); g.N != 0 || g.code(0) != CodeFewComments {
		t.Errorf("the small wave: %+v", g)
	}
}

// spread stores the same texts in two waves, two questions each, given to people
// as owner says.
func spread(t *testing.T, name string, owner func(wave, item, i int) int) *CommentsReport {
	f := newCommentsFixture(t, 2)
	f.must(f.programs.Put(context.Background(), program.Snapshot{Participants: []program.Participant{
		{ID: program.DeriveID("n"), ProgramID: "acme", Name: name, Email: strings.ToLower(name) + "@acme.example", Role: program.Mentor, Joined: testStart}}}))
	for wave := range 2 {
		said := map[int]map[uint16]string{}
		for item := range 2 {
			for i := range 20 {
				text := []string{"дякую за зустріч", "more time for meetings", "Дякую, " + name + "!", "так", "ще зустрічей"}[i%5]
				if i%5 == 1 {
					text += fmt.Sprint(" ", i)
				}
				who := owner(wave, item, i)
				if said[who] == nil {
					said[who] = map[uint16]string{}
				}
				said[who][uint16(20+item)] = text
			}
		}
		for who, texts := range said {
			f.say(wave, fmt.Sprint("who", who), program.Roles()[who%2], texts)
		}
	}
	rand.Shuffle(len(f.answers), func(i, j int) { f.answers[i], f.answers[j] = f.answers[j], f.answers[i] })
	f.store()
	return f.comments(CommentsQuery{})
}

// TestCommentsTellNobodyApart: which of the comments are of the same person, in
// which order they came and whose name is masked changes nothing of the report.
func TestCommentsTellNobodyApart(t *testing.T) {
	same := func(_, _, i int) int { return i }
	want := spread(t, "Anna", same)
	if want.N != 80 || len(want.Words) == 0 {
		t.Fatalf("%d comments, words %+v", want.N, want.Words)
	}
	for name, got := range map[string]*CommentsReport{
		"stored again":              spread(t, "Anna", same),
		"others in the second wave": spread(t, "Anna", func(wave, _, i int) int { return i + 100*wave }),
		"others on each question":   spread(t, "Anna", func(wave, item, i int) int { return i + 100*wave + 1000*item }),
		"turned round":              spread(t, "Anna", func(_, _, i int) int { return 19 - i }),
		"another name":              spread(t, "Priya", same),
	} {
		if a, b := asJSON(t, got), asJSON(t, want); a != b {
			t.Errorf("%s:\n%s\nnot\n%s", name, a, b)
		}
	}
	// The order is neither that of the alphabet nor the same in both waves.
	var orders []string
	for _, g := range want.Groups {
		for part := range slices.Chunk(g.Comments, 20) {
			var list []string
			for _, c := range part {
				list = append(list, c.Text)
			}
			if slices.IsSorted(list) {
				t.Errorf("sorted: %q", list)
			}
			orders = append(orders, strings.Join(list, "|"))
		}
	}
	slices.Sort(orders)
	if len(slices.Compact(orders)) != 4 {
		t.Error("two waves or questions have the same order")
	}
}

// roster has people of whom the comments speak.
func (f *fixture) roster() {
	var people []program.Participant
	for i, name := range []string{"Олена Ковальчук", "Андрій Шевченко", "Priya O’Brien", "Надія Левицька"} {
		people = append(people, program.Participant{ID: program.DeriveID(name), ProgramID: f.program.ID, Name: name, Email: fmt.Sprintf("person.%d@acme.example", i),
			Role: program.Mentor, Joined: testStart, Left: []time.Time{{}, testStart.AddDate(0, 0, 1)}[i%2]})
	}
	f.must(f.programs.Put(context.Background(), program.Snapshot{Participants: people}))
}

// personal comments name people in many ways; what names them is in identifying.
var (
	personal = []string{
		"Дякую Олені Ковальчук за зустрічі!", "шевченкові бракує часу на зустріч", "Priya’s meetings were helpful", "Зустрічі з Надією чудові, є надія на більше",
		"Пишіть на person.1@acme.example, зустріч о 10:30", "Мій телефон +38 (067) 123-45-67, дзвоніть", "Усе описано на https://acme.example/u/olena", "Шукайте мене: @olena_k",
		"У 2025 році зустрічей було більше, бюджет 10 000 грн", "👍🏽 чудова зустріч 😀", "لقاءات رائعة", "Більше зустрічей\nі часу\u0000\u202e",
		"Довго: " + strings.Repeat("ї", 3900),
	}
	identifying = []string{"лен", "овальчук", "Шевченк", "шевченк", "Priya", "priya", "Левицьк", "Надією", "person.1", "acme.example", "123-45", "olena", "\u202e", "\\u0000"}
)

func (f *fixture) personal() {
	f.roster()
	for i, text := range personal {
		f.say(0, fmt.Sprint("p", i), program.Roles()[i%2], map[uint16]string{21: text, 22: "only for the team"})
	}
	f.store()
}

func TestCommentsAreMasked(t *testing.T) {
	f := newCommentsFixture(t, 1)
	f.personal()
	for lang, name := range map[string]string{"uk": "Дякую [ім’я] за зустрічі!", "en": "Дякую [name] за зустрічі!"} {
		report := f.comments(CommentsQuery{Query: Query{Lang: lang}})
		said := textsOf(about(t, report, "change"))
		for _, want := range []string{name, "є надія на більше", "У 2025 році зустрічей було більше, бюджет 10 000 грн", "о 10:30", "👍🏽 чудова зустріч 😀", "لقاءات رائعة", "Більше зустрічей\nі часу|", strings.Repeat("ї", 3900)} {
			if !strings.Contains(said+"|", want) {
				t.Errorf("%s: %q is not in %q", lang, want, said)
			}
		}
		whole := asJSON(t, report)
		for _, hidden := range append(identifying, "only for the team") {
			if strings.Contains(whole, hidden) {
				t.Errorf("%s: %q is in %s", lang, hidden, whole)
			}
		}
		if strings.ContainsFunc(whole, func(r rune) bool { return r >= 0xE000 && r <= 0xF8FF }) || !utf8.ValidString(whole) {
			t.Errorf("%s: a mark was not put into words: %s", lang, whole)
		}
	}
}

func TestCommentsAreSearched(t *testing.T) {
	f := newCommentsFixture(t, 1)
	f.personal()
	none := f.comments(CommentsQuery{Search: "небилиця"})
	for search, want := range map[string]int{
		"зустріч": 7, "ЗУСТРІЧАМИ": 7, "зустрічей часу": 2, "час": 2, "meeting": 1, "meetings, helpful!": 1, "2025": 1, "لقاءات": 1, "": len(personal), "  ": len(personal),
		"небилиця": 0, "зустріч небилиця": 0,
		// What is masked is not found, by any of its forms, nor by the mark's words.
		"Олена": 0, "олені": 0, "Ковальчук": 0, "Шевченко": 0, "Priya": 0, "Левицька": 0, "person.1@acme.example": 0, "person": 0, "acme": 0, "0671234567": 0, "067": 0, "olena_k": 0,
		"name": 0, "ім’я": 0, "телефон": 1, "надія": 1,
	} {
		report := f.comments(CommentsQuery{Search: search})
		if report.N != want || about(t, report, "change").N != want || len(about(t, report, "change").Comments) != want {
			t.Errorf("%q: %d comments, want %d: %q", search, report.N, want, textsOf(about(t, report, "change")))
		}
		if want == 0 {
			report.Search = none.Search
			if a, b := asJSON(t, report), asJSON(t, none); a != b {
				t.Errorf("%q: %s\nnot as nothing at all: %s", search, a, b)
			}
		}
		if a, b := asJSON(t, report.Words), asJSON(t, none.Words); a != b {
			t.Errorf("%q changes the words: %s", search, a)
		}
	}
}

func TestRecurringWords(t *testing.T) {
	f := newCommentsFixture(t, 2)
	f.roster()
	for i := range 12 {
		text := []string{"Мало часу на зустрічі з Оленою", "Хочу більше зустрічей, а часу мало", "The time was short, Олена"}[i%3]
		f.say(0, fmt.Sprint("a", i), program.Mentor, map[uint16]string{21: text + strings.Repeat(" зустріч", i%2)})
		// Four in each of two waves and questions are perhaps the same four people.
		f.say(1, fmt.Sprint("a", i), program.Mentee, map[uint16]string{20: map[bool]string{true: "графік зустрічей", false: "усе гаразд"}[i < 4], 21: map[bool]string{true: "графік", false: "зустріч"}[i < 4]})
	}
	f.store()
	report := f.comments(CommentsQuery{})
	got := map[string]int{}
	for _, w := range report.Words {
		got[w.Word] = w.N
	}
	// зустріч: 8+2 of the first wave, 4 and 8 of the second.
	want := map[string]int{"зустріч": 22, "часу": 8, "гаразд": 8}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if report.Words[0].Word != "зустріч" {
		t.Errorf("%+v", report.Words)
	}
	for _, w := range report.Words {
		if found := f.comments(CommentsQuery{Search: w.Word}); found.N != w.N {
			t.Errorf("searching %q finds %d, not %d", w.Word, found.N, w.N)
		}
	}
	if few := f.comments(CommentsQuery{Query: Query{Role: program.Comparison}}); len(few.Words) != 0 {
		t.Errorf("words of nobody: %+v", few.Words)
	}
}

// TestPagesOfComments: together they are all comments, each once, also the equal
// ones, in the same order as on one page.
func TestPagesOfComments(t *testing.T) {
	f := newCommentsFixture(t, 2)
	for wave := range 2 {
		for i := range 17 {
			f.say(wave, fmt.Sprint("p", i), program.Mentor, map[uint16]string{20: fmt.Sprint("same ", i/6), 21: fmt.Sprint("one ", i)})
		}
	}
	f.store()
	order := func(r *CommentsReport, all map[string][]Comment) {
		for _, g := range r.Groups {
			all[g.Item] = append(all[g.Item], g.Comments...)
			if g.N != 34 {
				t.Errorf("%s: %d comments on all pages", g.Item, g.N)
			}
		}
	}
	whole := map[string][]Comment{}
	first := f.comments(CommentsQuery{})
	order(first, whole)
	if first.N != 68 || first.Next != "" || len(whole["best"]) != 34 {
		t.Fatalf("%d comments, next %q", first.N, first.Next)
	}
	for _, limit := range []int{1, 7, 67, 68, 200} {
		paged, pages := map[string][]Comment{}, 0
		for q := (CommentsQuery{Limit: limit}); ; pages++ {
			r := f.comments(q)
			order(r, paged)
			if q.Cursor = r.Next; r.Next == "" || pages > 68 {
				break
			}
		}
		if pages != (68-1)/limit || fmt.Sprint(paged) != fmt.Sprint(whole) {
			t.Errorf("by %d: %d more pages", limit, pages)
		}
	}
}

func TestOnlyTheNewestOfTooManyComments(t *testing.T) {
	f := newCommentsFixture(t, 2)
	f.service.mostComments = 20
	f.several(15, 0, program.Mentor, 21, "old %d")
	f.several(15, 1, program.Mentor, 21, "new %d")
	f.store()
	r := f.comments(CommentsQuery{})
	said := textsOf(about(t, r, "change"))
	if r.N != 20 || r.Limited == nil || !strings.Contains(r.Limited.Reason, "20") || strings.Count(said, "new") != 15 || strings.Count(said, "old") != 5 {
		t.Errorf("%d, %+v: %s", r.N, r.Limited, said)
	}
	if r := f.comments(CommentsQuery{Query: Query{Wave: "1"}}); r.N != 15 || r.Limited != nil {
		t.Errorf("one wave: %d, %+v", r.N, r.Limited)
	}
}

func TestCommentsOverHTTP(t *testing.T) {
	f := newCommentsFixture(t, 1)
	f.personal()
	f.several(10, 0, program.Comparison, 21, "compared %d")
	f.store()
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	f.service.Routes(router.Group("/api/v1/programs/:id"))
	handler := openapitest.Wrap(t, router)
	base := "/api/v1/programs/acme/analytics/comments"
	for _, test := range []struct {
		path   string
		status int
		says   string
	}{
		{base, 200, "is best?"},
		{base + "?role=comparison", 200, "What to change here?"},
		{base + "?role=comparison&search=compared&limit=1", 200, `"next"`},
		{base + "?wave=latest&role=mentor&search=meetings", 200, `"wave":{`},
		{base + "?wave=1", 200, "2026-01-05"},
		{base + "?by=department", 400, "department"},
		{base + "?by=shoe", 400, "shoe"},
		{base + "?role=boss", 400, "boss"},
		{base + "?wave=99", 404, "99"},
		{base + "?limit=0", 400, "200"},
		{base + "?limit=201", 400, "200"},
		{base + "?limit=-1", 400, "200"},
		{base + "?limit=x", 400, "200"},
		{base + "?search=%F0%9F%98%80", 400, "😀"},
		{base + "?search=%FF", 400, "search-without-words"},
		{base + "?search=" + strings.Repeat("a", 201), 400, "200"},
		{base + "?cursor=x", 400, "unknown-cursor"},
		{base + "?cursor=" + strings.Repeat("A", 300), 400, "unknown-cursor"},
		{base + "?cursor=dGVzdCBiZXN0IHggMSAy", 400, "unknown-cursor"},
		{base + "?serach=x", 400, "Possible: wave, role, lang, search, cursor, limit.\""},
		{"/api/v1/programs/nobody/analytics/comments", 404, "nobody"},
	} {
		request := httptest.NewRequest(http.MethodGet, test.path, nil)
		request.Header.Set("Accept-Language", "en")
		request.Header.Set("Authorization", "Bearer mpk_test")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request)
		body := w.Body.String()
		if w.Code != test.status || !strings.Contains(body, test.says) {
			t.Errorf("%s: %d %.300s", test.path, w.Code, body)
		}
		never := append(slices.Clone(identifying), `"stem"`, "only for the team", "IT\"", "Kyiv", program.DeriveID("p1").String(), program.DeriveID("Олена Ковальчук").String(), testStart.Format("2006-01-02T15:04:05Z"))
		if !strings.Contains(test.path, "role=comparison") {
			never = append(never, "compared")
		}
		for _, hidden := range never {
			if w.Code == http.StatusOK && strings.Contains(body, hidden) {
				t.Errorf("%s shows %q", test.path, hidden)
			}
		}
	}
}
