package analytics

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// furnished is a programme with something on every page: people with names of
// whom some have left, pairs with rated goals, every scale answered. Three of the
// people are all of the department Treasury. Of the waves the last is open.
func furnished(t *testing.T, waves int, policy program.Policy) *owner {
	f := newFixture(t, waves, func(p *program.Program) { p.Policy = policy })
	var people program.Snapshot
	var invitations []survey.Invitation
	for i := range 90 {
		department := []string{"Engineering", "Sales <b>&"}[i/3%2]
		if i >= 87 {
			department = "Treasury"
		}
		p := program.Participant{ProgramID: f.program.ID, ExternalID: fmt.Sprint("staff-", i), Name: fmt.Sprint("Zenoviia Holub", i),
			Email: fmt.Sprintf("zenoviia%d@acme.example", i), Role: program.Roles()[i%3], Joined: testStart, EmployedFrom: testStart,
			Attributes: map[string]string{"department": department, "location": []string{"Kyiv", "Lviv"}[i/6%2]}}
		p.ID = program.ParticipantID(f.program.ID, p.ExternalID, p.Email)
		if i%4 == 0 && waves > 1 {
			p.Left = testStart.AddDate(0, 0, 8+i/10)
			p.EmployedTo = p.Left
		}
		people.Participants = append(people.Participants, p)
		pair := program.DeriveID("pair", fmt.Sprint(i/3))
		goal := program.Goal{ID: program.GoalID(pair, "1"), ProgramID: f.program.ID, Pair: pair, Code: "1", Title: "Zenoviia’s goal", Weight: 1, Baseline: -2}
		people.Goals = append(people.Goals, goal)
		for w, wave := range f.waves {
			invitations = append(invitations, survey.Invitation{ProgramID: f.program.ID, SurveyID: f.survey, Wave: wave.ID, Participant: p.ID,
				Role: p.Role, Attributes: p.Attributes})
			answers := map[uint16]float32{4: float32((i + w) % 11)}
			for _, item := range []uint16{1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15} {
				answers[item] = float32(1 + (i+w+int(item))%5)
			}
			if i%7 == 3 && w == 1 { // some do not answer
				continue
			}
			who := fmt.Sprint("p", i)
			if policy == program.Anonymous {
				who = fmt.Sprint(who, " in ", w)
			}
			f.respond(w, who, p.Role, department, p.Attributes["location"], answers, func(r *survey.Response) {
				r.Pair = pair
				if p.Role != program.Comparison {
					r.Stored.Goals, r.Stored.Ratings = append(r.Stored.Goals, goal.ID), append(r.Stored.Ratings, int8((i+w)%5-2))
				}
			})
		}
	}
	f.must(f.programs.Put(t.Context(), people))
	f.must(f.surveys.Invite(t.Context(), invitations))
	f.store()
	last := f.waves[waves-1]
	f.service.now = func() time.Time { return last.Opens.Add(24 * time.Hour) }
	return newOwner(f)
}

// secrets are what no page may say.
func secrets() []string {
	return []string{"Zenoviia", "Holub", "staff-", "@acme.example", "NaN", "Inf", "<nil>", "%!",
		program.ParticipantID("acme", "staff-0", "").String(), program.DeriveID("acme", "survey", "pulse").String()}
}

// unsaid is a text that is missing, which shows as its id.
var unsaid = regexp.MustCompile(`\b(page|reading|amount|role)-[a-z]`)

func TestEveryPageInEveryLanguageAndPolicy(t *testing.T) {
	for _, policy := range []program.Policy{program.Identified, program.Confidential, program.Anonymous} {
		o := furnished(t, 3, policy)
		for _, one := range pages() {
			for lang, queries := range map[string][]string{
				"en": {"", "&by=department%2Clocation&wave=1..2&compare=baseline"},
				"uk": {"", "&by=department&wave=2&compare=comparison"},
			} {
				if policy != program.Confidential {
					queries = queries[:1]
				}
				for _, query := range queries {
					if one.refuses(query) {
						continue
					}
					path := one.address("acme") + "?lang=" + lang + query
					w := o.get(path, "de", o.key)
					body := w.Body.String()
					page := readable(body)
					if w.Code != http.StatusOK || w.Header().Get("Content-Language") != lang || w.Header().Get("Content-Security-Policy") == "" {
						t.Fatalf("%s, %s: %d %v %s", policy, path, w.Code, w.Header(), page)
					}
					if about := texts().T(lang, "page-about-"+cmp.Or(one.name, "overview")); !strings.Contains(page, about) || !strings.Contains(page, "Acme") {
						t.Errorf("%s, %s does not say what it is about", policy, path)
					}
					for _, s := range secrets() {
						named := one.name == "pairs" && (s == "Zenoviia" || s == "Holub") // it is about who they are
						if strings.Contains(page, s) && !named {
							t.Errorf("%s, %s says %q", policy, path, s)
						}
					}
					if m := unsaid.FindString(page); m != "" {
						t.Errorf("%s, %s has no text for %q", policy, path, m)
					}
					if strings.Contains(page, "n = 3 ") || strings.Contains(page, "n = 2 ") || strings.Contains(page, "n = 1 ") {
						t.Errorf("%s, %s has a figure about three people or fewer", policy, path)
					}
					whole(t, string(policy)+", "+path, body)
				}
			}
		}
	}
}

// refuses reports whether a page does not know one of the parameters of an address.
func (p page) refuses(query string) bool {
	values, err := url.ParseQuery(query)
	for name := range values {
		if !slices.Contains(p.parameters(), name) {
			return true
		}
	}
	return err != nil
}

// whole checks that a page holds together: ids are unique, what is referred to is
// there, every chart has a table, and nothing stands inline that the policy of
// pages forbids.
func whole(t *testing.T, path, page string) {
	t.Helper()
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]]++; ids[m[1]] > 1 {
			t.Errorf("%s: id %s stands twice", path, m[1])
		}
	}
	for _, m := range regexp.MustCompile(` (?:href="#|aria-labelledby="|for=")([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if ids[html.UnescapeString(id)] == 0 {
				t.Errorf("%s: nothing has the id %q", path, id)
			}
		}
	}
	for _, s := range []string{"<script", "style=", "<style", " onclick", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page, s) {
			t.Errorf("%s: the page has %q", path, s)
		}
	}
	if charts := strings.Count(page, `<svg role="img"`); strings.Count(page, "<table") < charts {
		t.Errorf("%s: %d charts, %d tables", path, charts, strings.Count(page, "<table"))
	}
}

func TestPagesShowWhatTheyAreFor(t *testing.T) {
	o := furnished(t, 3, program.Confidential)
	for _, test := range []struct {
		path      string
		says, not []string
	}{
		{"/participation?lang=en", []string{"Participation in wave 3", "Response rate over the waves", "Whose voice is heard more", "Whether those who did not answer differ"}, []string{"Engagement index"}},
		{"/participation?lang=en&by=department", []string{"Groups compared: department", "Engineering", "Sales <b>&", "Treasury", "confidentiality threshold (5)"}, nil},
		{"/engagement?lang=en", []string{"Engagement index", "Favourability", "eNPS", "Reliability of the scale (omega)", "Who differs", "Comparison group"}, []string{"Treasury", "Goal attainment (T)"}},
		{"/engagement?lang=en&role=mentor", []string{"Mentors", "Engagement index"}, []string{"Who differs", "Mentees n"}},
		{"/engagement?lang=uk&by=department,location&wave=2", []string{"Порівняння груп: department × location", "Engineering · Kyiv", "Хвиля 2"}, []string{"Engineering · Treasury", "Groups"}},
		{"/engagement?lang=en&wave=1..2", []string{"Waves 5 Jan 2026 – 19 Jan 2026", "Wave 2, 19 Jan 2026"}, []string{"Wave 3, 2 Feb 2026 (still open)\n"}},
		{"/confidence?lang=en", []string{"Digital", "Mentoring", "How many changed reliably", "Reliably less confident"}, nil},
		{"/retention?lang=en", []string{"Number at risk", "Weeks since joining", "Numbers of the curve", "Cohorts by wave", "log-rank", "No discernible difference between participants and comparison group", "χ² =", "Waves later", "as of 3 Feb 2026", "What they answered before they left", "Before leaving the programme"}, nil},
		{"?lang=en", []string{"weeks after joining · as of 3 Feb 2026"}, nil},
		{"?lang=uk", []string{"станом на 03.02.2026"}, nil},
		{"/retention?lang=uk", []string{"Під спостереженням", "Тижнів від приєднання", "Когорти за хвилями", "Що відповідали ті, хто пішов", "Ті, хто лишився в організації"}, []string{"Number at risk"}},
		{"/goals?lang=en", []string{"As mentors rate it", "As mentees rate it", "much better than expected", "Numbers by rating", "Agreement of mentor and mentee"}, nil},
		{"/benefits?lang=en", []string{"What executives gain", "Literacy", "Recognition", "The programme’s aims", "Inclusion"}, []string{"Time"}},
		{"/challenges?lang=en", []string{"Time", "Threshold, 50", "What helps: Plan."}, []string{"Literacy"}},
		{"/challenges?lang=uk", []string{"Поріг – 50", "Що допомагає: Плануйте."}, []string{"Threshold"}},
		{"/heatmap?lang=en", []string{"Groups compared: department", "All together", "Engineering", "Treasury", "Not shown"}, nil},
		{"/engagement?lang=en&wave=1&compare=previous", []string{"No earlier wave shows this"}, []string{"Nobody has answered"}},
		{"/goals?lang=uk&compare=comparison", []string{"У програмі немає групи порівняння"}, []string{"comparison group"}},
		{"/retention?lang=en&compare=baseline", []string{"of no single wave, so there is none before it", "No discernible change since 5 Jan 2026"}, nil},
		{"/retention?lang=uk&compare=comparison", []string{"Група порівняння не бере участі в програмі", "Це було б порівняння із самим собою"}, nil},
		{"/comments?lang=en", []string{"Find", "Words, in any form"}, []string{"Engineering"}},
		{"/pairs?lang=en", []string{"How the pairs get on", "As of", "All that work 0"}, []string{"Engagement index"}},
		{"/trends?lang=en", []string{"Every measure over the waves", "Goal attainment (T)", "Digital", "high is bad"}, []string{"Engineering"}},
	} {
		w := o.get("/programs/acme"+strings.ReplaceAll(test.path, ",", "%2C"), "", o.key)
		page := readable(w.Body.String())
		for _, s := range test.says {
			if !strings.Contains(page, s) && !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s does not say %q", test.path, s)
			}
		}
		for _, s := range test.not {
			if strings.Contains(page, s) && !strings.Contains("Participation Engagement Confidence Retention Goal attainment Benefits Challenges Heat map Trends", s) {
				t.Errorf("%s says %q", test.path, s)
			}
		}
	}
}

// TestPagesTellTheThreePeopleNothing: of three people no page has a number, by
// whatever they are cut.
func TestPagesTellTheThreePeopleNothing(t *testing.T) {
	o := furnished(t, 3, program.Confidential)
	row := regexp.MustCompile(`(?s)<tr[^>]*><th scope="row">[^<]*Treasury.*?</tr>`)
	for _, one := range pages() {
		for _, query := range []string{"by=department", "by=department&wave=2", "by=department%2Clocation", "by=location%2Cdepartment&wave=1..2"} {
			if one.refuses(query) {
				continue
			}
			path := one.address("acme") + "?lang=en&" + query
			page := o.get(path, "", o.key).Body.String()
			for _, found := range row.FindAllString(page, -1) {
				if text := readable(found); regexp.MustCompile(`n = \d|\d%|\d\.\d`).MatchString(text) {
					t.Errorf("%s: %s", path, text)
				}
			}
			for _, m := range regexp.MustCompile(`(?s)<h3>[^/]*Treasury.*?</div>`).FindAllString(page, -1) {
				if strings.Contains(m, "<svg") {
					t.Errorf("%s draws a curve of three people", path)
				}
			}
		}
	}
}

func TestPagesRefuseWhatIsNotThere(t *testing.T) {
	o := furnished(t, 1, program.Confidential)
	for query, want := range map[string]struct {
		status   int
		says, uk string
	}{
		"wave=77":                                {404, "77", "77"},
		"wave=3..1":                              {404, "No such wave", "Немає такої хвилі"},
		"by=shoe-size":                           {400, "shoe-size", "shoe-size"},
		"by=department%2Clocation%2Cshoe":        {400, "Too many attributes", "Забагато ознак"},
		"by=department%2Cdepartment":             {400, "department", "department"},
		"compare=luck":                           {400, "luck", "luck"},
		"lang=de":                                {400, "No such language", "Немає такої мови"},
		"departmnet=IT":                          {400, "departmnet", "departmnet"},
		"wave=1&wave=1":                          {400, "one value only", "лише одне значення"},
		"from=77&to=1":                           {303, "", ""},
		"wave=%3Cscript%3Ealert(1)%3C/script%3E": {404, "<script>", "<script>"},
	} {
		for _, one := range pages() {
			want := want
			if name, _, _ := strings.Cut(query, "="); name != "departmnet" && one.refuses(name+"=") {
				want.status, want.says, want.uk = http.StatusBadRequest, name, name // it is named
			}
			for lang, says := range map[string]string{"en": want.says, "uk": want.uk} {
				w := o.get(one.address("acme")+"?"+query, lang, o.key)
				if page := readable(w.Body.String()); w.Code != want.status || !strings.Contains(page, says) || strings.Contains(w.Body.String(), "<script") {
					t.Errorf("%s?%s in %s: %d %s", one.name, query, lang, w.Code, page)
				}
			}
		}
	}
	for _, name := range []string{"/nothing", "/participation/x"} {
		if w := o.get("/programs/acme"+name, "en", o.key); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := o.get("/programs/acme/engagement?role=captain", "en", o.key); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "captain") {
		t.Errorf("a role that is not there: %d", w.Code)
	}
	for _, one := range pages() {
		if w := o.get(one.address("acme"), "en", ""); w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "Acme") {
			t.Errorf("%s without the key: %d", one.name, w.Code)
		}
	}
}

func TestPagesWithoutWavesAndWithOneOpen(t *testing.T) {
	empty := newOwner(newFixture(t, 0))
	open := furnished(t, 1, program.Confidential)
	for _, one := range pages() {
		for _, query := range []string{"lang=en", "lang=en&by=department", "lang=en&wave=..&compare=previous"} {
			if one.refuses(query) {
				continue
			}
			w := empty.get(one.address("acme")+"?"+query, "", empty.key)
			if page := readable(w.Body.String()); w.Code != http.StatusOK || !strings.Contains(page, "No wave of the programme has opened yet.") && one.name != "pairs" && one.name != "objectives" && one.name != "schedule" || strings.Contains(w.Body.String(), "<svg role") {
				t.Errorf("without waves, %s?%s: %d %s", one.name, query, w.Code, page)
			}
			w = open.get(one.address("acme")+"?"+query, "", open.key)
			page := readable(w.Body.String())
			if w.Code != http.StatusOK || unsaid.MatchString(page) || strings.Contains(page, "NaN") {
				t.Errorf("with an open wave, %s?%s: %d %s", one.name, query, w.Code, page)
			}
			// Groups of an open wave are not shown, but who was invited is.
			if one.name == "engagement" && strings.Contains(query, "by=") {
				table := page[strings.Index(page, "Groups compared"):]
				if !strings.Contains(table, "Shown once the wave has closed") || regexp.MustCompile(`Engineering \d`).MatchString(table) {
					t.Errorf("groups of an open wave: %s", table)
				}
			}
		}
	}
}

// TestFormLeadsToAnAddress: the form has two fields for a range and two for
// attributes; where it leads says each once.
func TestFormLeadsToAnAddress(t *testing.T) {
	o := furnished(t, 3, program.Confidential)
	for form, want := range map[string]string{
		"lang=en&from=&to=&by=&and=&compare=&role=":                                                     "lang=en",
		"lang=uk&from=2026-01-05&to=2026-01-19&by=department&and=location&compare=baseline&role=mentor": "by=department%2Clocation&compare=baseline&lang=uk&role=mentor&wave=2026-01-05..2026-01-19",
		"lang=en&from=2026-01-19&to=2026-01-19":                                                         "lang=en&wave=2026-01-19",
		"lang=en&from=&to=2026-01-19&by=&and=location":                                                  "by=location&lang=en&wave=..2026-01-19",
		"lang=en&from=2026-01-19&to=&by=location&and=location":                                          "by=location&lang=en&wave=2026-01-19..",
	} {
		w := o.get("/programs/acme/engagement?"+form, "", o.key)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/programs/acme/engagement?"+want {
			t.Errorf("%s: %d to %s", form, w.Code, got)
		}
		// The form there shows what was chosen, and the other pages are asked the
		// same as far as they take it.
		page := o.get("/programs/acme/engagement?"+want, "", o.key).Body.String()
		asked, _ := url.ParseQuery(want)
		selected := map[string]string{}
		for _, field := range regexp.MustCompile(`(?s)<select id="[^"]*" name="(\w+)">.*?<option value="([^"]*)" selected>`).FindAllStringSubmatch(page, -1) {
			selected[field[1]] = field[2]
		}
		from, to, isRange := strings.Cut(asked.Get("wave"), "..")
		if !isRange {
			to = from
		}
		by, and, _ := strings.Cut(asked.Get("by"), ",")
		for name, value := range map[string]string{"from": from, "to": to, "by": by, "and": and, "compare": asked.Get("compare"), "role": asked.Get("role")} {
			if selected[name] != value {
				t.Errorf("%s: %s is shown as %q", want, name, selected[name])
			}
		}
		link := regexp.MustCompile(`<a href="/programs/acme\?([^"]*)">`).FindStringSubmatch(page)
		kept, err := url.ParseQuery(html.UnescapeString(link[1]))
		if err != nil || kept.Get("wave") != asked.Get("wave") || kept.Get("by") != asked.Get("by") || kept.Has("role") {
			t.Errorf("%s: the overview is at %v", want, kept)
		}
	}
}

// TestPagesDoNotTellWhoHasNotAnswered: what the pages say of three people is there
// from the start and stays as it is, whoever of them answers.
func TestPagesDoNotTellWhoHasNotAnswered(t *testing.T) {
	row := regexp.MustCompile(`(?s)<tr[^>]*><th scope="row">HR.*?</tr>`)
	for _, open := range []bool{false, true} {
		f := asked(t, 24)
		if open {
			f.service.now = func() time.Time { return f.waves[0].Opens.Add(time.Hour) }
		}
		o := newOwner(f)
		said := func() map[string]string {
			all := map[string]string{}
			for _, one := range pages() {
				page := o.get(one.address("acme")+"?lang=en&by=department", "", o.key).Body.String()
				if !slices.Contains(one.filters, "by") {
					continue
				}
				all[one.name] = readable(strings.Join(row.FindAllString(page, -1), " "))
			}
			return all
		}
		before := said()
		for _, name := range []string{"", "participation", "engagement"} {
			if !strings.Contains(before[name], "HR") || regexp.MustCompile(`n = \d`).MatchString(before[name]) {
				t.Errorf("open %v, %s before anybody of them answered: %q", open, name, before[name])
			}
		}
		for i := 24; i < 27; i++ {
			f.answer(i, program.Roles()[i%3], "HR")
			f.store()
			for name, after := range said() {
				if after != before[name] {
					t.Errorf("open %v, %s after %d answers: %q, before %q", open, name, i-23, after, before[name])
				}
			}
		}
	}
}

// TestObjectivesPage: each objective with its target, its figure in words and
// the way gone.
func TestObjectivesPage(t *testing.T) {
	o := furnished(t, 3, program.Confidential)
	for lang, want := range map[string]string{"en": "The programme has no objectives yet", "uk": "Завдань програми ще не поставлено"} {
		if page := readable(o.get("/programs/acme/objectives?lang="+lang, "", o.key).Body.String()); !strings.Contains(page, want) {
			t.Errorf("%q is not in %s", want, page)
		}
	}
	o.setObjectives(program.Objective{Measure: MeasureEngagement, Scale: "engagement", Target: 99})
	for lang, wants := range map[string][]string{
		"en": {"Objective", "Not yet", "at least 99.0", "of the way", "Engagement index"},
		"uk": {"Завдання", "Ще ні", "щонайменше 99,0", "шляху", "Індекс залученості"},
	} {
		body := o.get("/programs/acme/objectives?lang="+lang, "", o.key).Body.String()
		for _, want := range wants {
			if !strings.Contains(readable(body), want) {
				t.Errorf("%q is not in %s", want, readable(body))
			}
		}
		if !strings.Contains(body, `id="def-`+MeasureEngagement) || !strings.Contains(body, `id="def-`+MeasureProgress) {
			t.Errorf("%s: the figure leads to no definition", lang)
		}
	}
}
