package survey_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

// everyType asks one item of every type, all in the first wave, one of them
// only for certain answers.
const everyType = `
id: every-type
version: 1
title: {uk: Усе одразу, en: Everything at once}
scales:
  - {id: activity, title: {uk: З, en: M}, kind: activity, audience: [mentor, mentee], core: [mentor, mentee]}
  - {id: work, title: {uk: Р, en: W}, kind: engagement, audience: [mentor, mentee], core: [mentor, mentee]}
  - {id: advise, title: {uk: П, en: A}, kind: enps, audience: [mentor, mentee], core: [mentor, mentee]}
  - {id: goals, title: {uk: Ц, en: G}, kind: goal, audience: [mentor, mentee], core: [mentor, mentee]}
  - {id: words, title: {uk: С, en: W}, kind: comment, audience: [mentor, mentee], core: [mentor, mentee]}
  - {id: aid, title: {uk: Д, en: H}, kind: help, audience: [mentor, mentee], core: [mentor, mentee]}
items:
  - {id: meetings, number: 1, scale: activity, type: number, min: 0, max: 50, prompt: {default: {uk: "Скільки разів ви зустрічалися?", en: "How many times did you meet?"}}}
  - {id: hours, number: 2, scale: activity, type: number, min: 0, max: 10, step: 0.5, prompt: {default: {uk: "Скільки годин?", en: "How many hours?"}}}
  - id: obstacles
    number: 3
    scale: activity
    type: multiple
    max_choices: 2
    show_if: {item: meetings, at_most: 1}
    prompt: {default: {uk: "Що завадило?", en: "What kept you?"}}
    options: [{id: time, text: {uk: Час, en: Time}}, {id: topic, text: {uk: Тема, en: Topic}}, {id: mood, text: {uk: Настрій, en: Mood}}]
  - {id: proud, number: 4, scale: work, type: likert, required: true, prompt: {default: {uk: "Я пишаюся роботою.", en: "I am proud of my work."}}, labels: {1: {uk: Ні, en: "No"}, 5: {uk: Так, en: "Yes"}}}
  - {id: advise, number: 5, scale: advise, type: scale, prompt: {default: {uk: "Чи порадили б ви нас?", en: "Would you advise us?"}}, labels: {0: {uk: Нізащо, en: Never}, 10: {uk: Залюбки, en: Gladly}}}
  - id: goals
    number: 6
    scale: goals
    type: goals
    prompt: {default: {uk: "Де ви зараз?", en: "Where are you now?"}}
    labels: {-2: {uk: а, en: a}, -1: {uk: б, en: b}, 0: {uk: в, en: c}, 1: {uk: г, en: d}, 2: {uk: ґ, en: e}}
  - {id: words, number: 7, scale: words, type: text, max_length: 20, prompt: {default: {uk: "Ваші слова", en: "Your words"}}}
  - id: help
    number: 8
    scale: aid
    type: single
    prompt: {default: {uk: "Чи потрібна допомога?", en: "Do you need help?"}}
    options: [{id: "no", text: {uk: Ні, en: "No"}}, {id: "yes", text: {uk: Так, en: "Yes"}}]
`

// asksEverything is a mutator: the survey of everyType.
func asksEverything(t *testing.T) func(*place) {
	return func(p *place) {
		q, err := p.surveys.PutQuestionnaire(context.Background(), p.program.ID, []byte(everyType))
		if err != nil {
			t.Fatal(err)
		}
		p.survey = survey.NewSurvey(p.program.ID, "pulse", q, program.Roles(), p.survey.Recurrence)
	}
}

func (p *place) pages() *gin.Engine {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	survey.NewPages(p.pulse).Routes(r)
	survey.NewAPI(p.pulse).Routes(r.Group("/api/v1")) // which the page's script uses
	web.AssetRoutes(r)
	return r
}

// post sends a form as a browser does.
func post(r http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	return call(r, http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// What a page consists of, as far as a browser would send it back.
var (
	inputTag    = regexp.MustCompile(`<input ([^>]*)>`)
	textareaTag = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>`)
	attribute   = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
)

// filled reads what a browser would send back from a page, without a button.
func filled(page string) url.Values {
	form := url.Values{}
	for _, tag := range inputTag.FindAllStringSubmatch(page, -1) {
		attrs := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(tag[1], -1) {
			attrs[a[1]] = html.UnescapeString(a[2])
		}
		chosen := attrs["type"] != "radio" && attrs["type"] != "checkbox" || strings.HasSuffix(tag[1], " checked") || strings.Contains(tag[1], " checked ")
		if chosen {
			form.Add(attrs["name"], attrs["value"])
		}
	}
	for _, area := range textareaTag.FindAllStringSubmatch(page, -1) {
		form.Add(html.UnescapeString(area[1]), html.UnescapeString(area[2]))
	}
	return form
}

// answersIn leaves out what travels with the answers, and what is empty.
func answersIn(form url.Values) url.Values {
	only := url.Values{}
	for name, all := range form {
		if !strings.HasPrefix(name, "_") && strings.Join(all, "") != "" {
			only[name] = slices.Clone(all)
		}
	}
	return only
}

func (p *place) goal(n int) string { return "goal:" + p.people.Goals[n].ID.String() }

// rightForm answers everything that a mentor is asked.
func (p *place) rightForm() url.Values {
	return url.Values{
		"meetings": {"1"}, "hours": {"2,5"}, "obstacles": {"time", "mood"}, "proud": {"4"}, "advise": {"0"},
		p.goal(0): {"-2"}, p.goal(1): {"2"}, "words": {"Дякую <b>&amp;\nще"}, "help": {"yes"},
		"_do": {"final"}, "_opened": {p.now.Add(-90 * time.Second).Format(time.RFC3339)},
	}
}

func (p *place) stored(t *testing.T, n int) (survey.Response, bool) {
	t.Helper()
	r, err := p.surveys.Response(context.Background(), p.wave(t), p.respondent(t, n))
	if err != nil && !strings.Contains(err.Error(), survey.ErrNotFound.Error()) {
		t.Fatal(err)
	}
	return r, err == nil
}

func TestPageRoundTrip(t *testing.T) {
	for _, lang := range []string{"uk", "en"} {
		t.Run(lang, func(t *testing.T) {
			p := opened(t, asksEverything(t))
			r := p.pages()
			path := "/s/" + p.token(t, 0) + "?lang=" + lang

			first := call(r, http.MethodGet, path, "")
			if first.Code != http.StatusOK {
				t.Fatalf("status %d: %s", first.Code, first.Body)
			}
			if got := answersIn(filled(first.Body.String())); len(got) > 0 {
				t.Errorf("an unanswered page holds %v", got)
			}

			wrong := p.rightForm()
			delete(wrong, "proud")
			wrong["meetings"], wrong["hours"], wrong["advise"] = []string{"0"}, []string{"dozens"}, []string{"11"}
			wrong["obstacles"] = []string{"time", "topic", "mood"}
			wrong["words"] = []string{strings.Repeat("довго ", 10)}
			again := post(r, path, wrong)
			if again.Code != http.StatusUnprocessableEntity {
				t.Fatalf("status %d, want 422", again.Code)
			}
			want := answersIn(wrong)
			delete(want, "advise") // no cell has that number
			if got := answersIn(filled(again.Body.String())); !reflect.DeepEqual(got, want) {
				t.Errorf("the page shown again holds\n%v, want\n%v", got, want)
			}
			for _, name := range []string{"proud", "hours", "advise", "obstacles", "words"} {
				for _, part := range []string{`href="#q-` + name + `"`, `id="q-` + name + `"`, `id="q-` + name + `-error"`} {
					if strings.Count(again.Body.String(), part) != 1 {
						t.Errorf("%s stands %d times on the page with mistakes, want once", part, strings.Count(again.Body.String(), part))
					}
				}
			}
			if _, ok := p.stored(t, 0); ok {
				t.Fatal("answers with mistakes were stored")
			}

			right := p.rightForm()
			sent := post(r, path, right)
			if sent.Code != http.StatusSeeOther {
				t.Fatalf("status %d, want 303: %s", sent.Code, sent.Body)
			}
			to, err := url.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			if to, err = to.Parse(sent.Header().Get("Location")); err != nil {
				t.Fatal(err)
			}
			thanks := call(r, http.MethodGet, to.String(), "")
			said := map[string]string{"uk": "Дякуємо!", "en": "Thank you!"}[lang]
			if thanks.Code != http.StatusOK || !strings.Contains(thanks.Body.String(), said) || strings.Contains(thanks.Body.String(), `id="answers"`) {
				t.Errorf("status %d after the redirect, without %q or with the questions", thanks.Code, said)
			}

			got, ok := p.stored(t, 0)
			wantStored := survey.Stored{
				Items: []uint16{1, 2, 3, 4, 5, 8}, Values: []float32{1, 2.5, 1 | 4, 4, 0, 2},
				Goals: []uuid.UUID{p.people.Goals[0].ID, p.people.Goals[1].ID}, Ratings: []int8{-2, 2},
				TextItems: []uint16{7}, Texts: []string{"Дякую <b>&amp;\nще"},
			}
			if !ok || !got.Final || got.Seconds != 90 || !reflect.DeepEqual(got.Stored, wantStored) {
				t.Errorf("stored %+v (%v), want %+v after 90 s", got, ok, wantStored)
			}

			back := call(r, http.MethodGet, path, "")
			want = answersIn(right)
			if lang == "en" {
				want["hours"] = []string{"2.5"}
			}
			if got := answersIn(filled(back.Body.String())); !reflect.DeepEqual(got, want) {
				t.Errorf("the page opened again holds\n%v, want\n%v", got, want)
			}
			if strings.Contains(back.Body.String(), `value="draft"`) {
				t.Error("after the final answers the page offers a draft, which would be refused")
			}
		})
	}
}

func TestPageKeepsDraft(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=en"
	form := url.Values{"meetings": {"3"}, "obstacles": {"time"}, "_do": {"draft"}}
	sent := post(r, path, form)
	if sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d", sent.Code)
	}
	if _, ok := p.stored(t, 0); ok {
		t.Error("a draft was stored as a response")
	}
	for query, said := range map[string]string{"&done=draft": "Draft saved.", "": "what you answered is saved", "&done=final": "what you answered is saved"} {
		page := call(r, http.MethodGet, path+query, "").Body.String()
		if got := fmt.Sprint(answersIn(filled(page))); !strings.Contains(page, said) || strings.Contains(page, "Thank you") || got != "map[meetings:[3] obstacles:[time]]" {
			t.Errorf("%q does not say %q, or thanks for a draft, or holds %s", query, said, got)
		}
	}
	if sent := post(r, path, p.rightForm()); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d", sent.Code)
	}
	// A draft from a page that is older than the final answers is kept, and said
	// not to be submitted; it counts when it is.
	p.now = p.now.Add(time.Minute)
	if late := post(r, path, form); late.Code != http.StatusSeeOther {
		t.Fatalf("status %d for a late draft: %s", late.Code, late.Body)
	}
	page := call(r, http.MethodGet, path, "").Body.String()
	if got := answersIn(filled(page)); got.Get("meetings") != "3" || got.Get("proud") != "4" || !strings.Contains(page, "changed something since") || !strings.Contains(page, "Submit changes") {
		t.Errorf("after a late draft the page holds %v", got)
	}
	if got, _ := p.stored(t, 0); !got.Final || got.Stored.Values[0] != 1 {
		t.Errorf("the late draft replaced the final answers: %+v", got)
	}
	again := filled(page)
	again.Set("_do", "final")
	if sent := post(r, path, again); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d", sent.Code)
	}
	if got, _ := p.stored(t, 0); got.Stored.Values[0] != 3 || slices.Contains(got.Stored.Items, 3) {
		t.Errorf("the change was not submitted: %+v", got)
	}
}

// A page that lay open sends back all its fields. Only what was changed on it is
// newer than what another device has answered meanwhile.
func TestPageSendsOnlyWhatWasChangedOnIt(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=uk"
	if sent := post(r, path, p.rightForm()); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d", sent.Code)
	}
	old := filled(call(r, http.MethodGet, path, "").Body.String())
	p.now = p.now.Add(time.Minute)
	elsewhere := filled(call(r, http.MethodGet, path, "").Body.String())
	elsewhere.Set("hours", "7,5")
	elsewhere.Set("proud", "1")
	elsewhere.Del("advise") // taken back
	elsewhere["obstacles"] = nil
	elsewhere.Set("words", "Нове")
	elsewhere.Set("_do", "draft")
	if sent := post(r, path, elsewhere); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", sent.Code, sent.Body)
	}
	p.now = p.now.Add(time.Minute)
	old.Set("proud", "2")
	old.Set("_do", "final")
	if sent := post(r, path, old); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", sent.Code, sent.Body)
	}
	got, _ := p.stored(t, 0)
	want := survey.Stored{Items: []uint16{1, 2, 4, 8}, Values: []float32{1, 7.5, 2, 2}, Goals: got.Stored.Goals, Ratings: []int8{-2, 2}, TextItems: []uint16{7}, Texts: []string{"Нове"}}
	if !got.Final || !reflect.DeepEqual(got.Stored, want) {
		t.Errorf("stored %+v, want %+v", got.Stored, want)
	}
}

// A link of a mail answers a question: it stands chosen, and looking stores
// nothing.
func TestPageOpensWithTheAnswerOfALink(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=en"
	for query, want := range map[string]string{
		"&answer=proud:4": "map[proud:[4]]", "&answer=help:yes": "map[help:[yes]]", "&answer=" + p.goal(0) + ":-1": "map[" + p.goal(0) + ":[-1]]",
		"&answer=proud:9": "map[]", "&answer=proud": "map[]", "&answer=salary:1": "map[]", "&answer=help:maybe": "map[]", "&answer=proud:": "map[]",
		"&answer=proud:4&answer=advise:3": "map[]", "&answer=%ff:%fe": "map[]",
	} {
		w := call(r, http.MethodGet, path+query, "")
		if got := fmt.Sprint(answersIn(filled(w.Body.String()))); w.Code != http.StatusOK || got != want {
			t.Errorf("%s: status %d with %s, want %s", query, w.Code, got, want)
		}
		if tapped := strings.Count(w.Body.String(), " data-tap"); tapped > 1 || (tapped == 1) != (want != "map[]") {
			t.Errorf("%s: %d questions are said to be answered by the link", query, tapped)
		}
	}
	if s := read(t, p.router(), p.token(t, 0)); len(s.Answers) > 0 {
		t.Errorf("looking stored %+v", s.Answers)
	}
	form := filled(call(r, http.MethodGet, path+"&answer=proud:4", "").Body.String())
	form.Set("_do", "final")
	if sent := post(r, path, form); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", sent.Code, sent.Body)
	}
	if got, _ := p.stored(t, 0); !slices.Equal(got.Stored.Items, []uint16{4}) || got.Stored.Values[0] != 4 {
		t.Errorf("stored %+v", got.Stored)
	}
}

func TestPageRemembersTheLanguage(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)
	speaks := func(path, want string) {
		t.Helper()
		if page := call(r, http.MethodGet, path, "", "Accept-Language", "de").Body.String(); !strings.Contains(page, `<html lang="`+want+`">`) {
			t.Errorf("%s is not in %s: %.200s", path, want, page)
		}
	}
	speaks(path, "en") // as the roster says
	speaks(path+"?lang=uk", "uk")
	speaks(path, "en") // looking is not choosing
	form := p.rightForm()
	form.Set("_do", "language")
	post(r, path+"?lang=uk", form)
	speaks(path, "uk")
	speaks(path+"/mine", "uk")
	speaks(path+"/meetings", "uk")
	if s := read(t, p.router(), p.token(t, 0)); len(s.Answers) > 0 {
		t.Errorf("choosing a language stored %+v", s.Answers)
	}
	links, err := p.pulse.OpenLinks(context.Background(), p.program.ID)
	if err != nil || links[slices.IndexFunc(links, func(l survey.PersonalLink) bool { return l.Token == p.token(t, 0) })].Participant.Language != "uk" {
		t.Errorf("links go out in another language: %v", err)
	}
	for back, want := range map[string]string{"mine": "/s/T/mine?lang=en", "meetings": "/s/T/meetings?lang=en", "thanks": "/s/T?done=final&lang=en", "": "/s/T?lang=en", "//evil.example": "/s/T?lang=en"} {
		w := post(r, path+"/language", url.Values{"lang": {"en"}, "back": {back}})
		to, err := must(url.Parse(path + "/language")).Parse(w.Header().Get("Location"))
		if got := strings.Replace(to.String(), p.token(t, 0), "T", 1); err != nil || w.Code != http.StatusSeeOther || got != want {
			t.Errorf("from %q back to %s, want %s", back, got, want)
		}
	}
	speaks(path, "en")
	if w := post(r, path+"/language", url.Values{"lang": {"<b>"}}); w.Code != http.StatusSeeOther {
		t.Errorf("a language that we do not speak: %d", w.Code)
	}
	speaks(path, "en")
	p.now = p.now.AddDate(0, 0, 9)
	speaks(path, "en") // and when the wave is over
	if w := post(r, "/s/AAAA/language", url.Values{"lang": {"uk"}}); w.Code != http.StatusNotFound {
		t.Errorf("an unknown link: %d", w.Code)
	}
}

func TestPageKeepsWhatCannotBeStoredNow(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=uk"
	p.surveys.Close() // as while the service restarts
	form := p.rightForm()
	w := post(r, path, form)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Усе, що ви ввели, залишилося на сторінці.") {
		t.Errorf("status %d, %v: %s", w.Code, w.Header(), w.Body)
	}
	if got, want := answersIn(filled(w.Body.String())), answersIn(form); !reflect.DeepEqual(got, want) {
		t.Errorf("the page holds %v, want %v", got, want)
	}
	// A visit that cannot be counted is no reason to turn its reader away.
	if first := call(r, http.MethodGet, path, ""); first.Code != http.StatusOK {
		t.Errorf("status %d for a first visit: %s", first.Code, first.Body)
	}
}

func TestPageSwitchesLanguageWithoutLoss(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)
	form := p.rightForm()
	form["hours"], form["words"] = []string{"багато"}, []string{strings.Repeat("довго ", 10)}
	want := answersIn(form)
	for _, step := range []struct {
		do, lang string
		status   int
		says     string
		not      string
	}{
		{"language", "uk", 200, "Скільки разів ви зустрічалися?", "Нічого не збережено"},
		{"language", "en", 200, "How many times did you meet?", "Nothing was stored"},
		{"final", "en", 422, "Nothing has been submitted", "не надіслано"},
		{"language", "uk", 422, "Відповіді ще не надіслано", "Nothing has been"}, // what was pointed out stays so
	} {
		form.Set("_do", step.do)
		w := post(r, path+"?lang="+step.lang, form)
		page := w.Body.String()
		if w.Code != step.status || !strings.Contains(page, step.says) || strings.Contains(page, step.not) || !strings.Contains(page, `<html lang="`+step.lang+`">`) {
			t.Errorf("%s to %s: status %d, want %d with %q and without %q", step.do, step.lang, w.Code, step.status, step.says, step.not)
		}
		form = filled(page)
		if got := answersIn(form); !reflect.DeepEqual(got, want) {
			t.Errorf("%s to %s lost answers: %v, want %v", step.do, step.lang, got, want)
		}
	}
	if _, ok := p.stored(t, 0); ok {
		t.Error("switching the language stored something")
	}
}

// Who has submitted, and changes something, is told that the change does not count
// yet, also by the page in another language.
func TestPageSaysThatAChangeIsNotSubmitted(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)
	if sent := post(r, path, p.rightForm()); sent.Code != http.StatusSeeOther {
		t.Fatalf("status %d", sent.Code)
	}
	const submitted, changed = "Your answers are submitted. Until", "changed something since"
	form := filled(call(r, http.MethodGet, path+"?lang=uk", "").Body.String())
	for n, step := range []struct{ proud, says, not string }{
		{"4", submitted, changed},
		{"2", changed, submitted},
		{"2", changed, submitted}, // and the next page knows of it from the last
		{"5", changed, submitted}, // which was saved as a draft meanwhile
	} {
		form.Set("proud", step.proud)
		if n == 3 {
			p.now = p.now.Add(time.Minute)
			form.Set("_do", "draft")
			post(r, path, form)
			form = filled(call(r, http.MethodGet, path+"?lang=uk", "").Body.String())
		}
		form.Set("_do", "language")
		page := post(r, path+"?lang=en", form).Body.String()
		if !strings.Contains(page, step.says) || strings.Contains(page, step.not) {
			t.Errorf("step %d, with %s: not %q, or %q", n, step.proud, step.says, step.not)
		}
		form = filled(page)
	}
}

func TestPageSaysWhatHolds(t *testing.T) {
	secrets := []string{"Name-e1", "e1@acme.example", "Name-e2", "e2@acme.example", "shoe size", ">42"}
	for name, tt := range map[string]struct {
		person int
		lang   string
		change func(*place)
		says   []string
		not    []string
	}{
		"confidential, Ukrainian": {0, "uk", nil, []string{
			"Пульс зворотного наставництва", "Зворотне наставництво Acme", "13 запитань, приблизно 2 хвилини", "Відповіді конфіденційні",
			"щонайменше з 5 людей", "щонайменше 10 людей", "10\u00a0січня 2026, 09:00 за київським часом", `href="mailto:pulse@acme.example"`,
			"Виняток один", "вашій парі", "Я можу зрозуміло пояснити нове керівникові", "Goal 1", "Набагато нижче очікуваного", "Надіслати відповіді",
		}, []string{"Я впевнено ухвалюю", "Answers are", "{{", "page-"}},
		"confidential, English": {1, "en", nil, []string{
			"Reverse mentoring pulse", "Answers are confidential", "groups of at least 5 people", "at least 10 people", "10\u00a0January 2026, 09:00 Kyiv time",
			"There is one exception", "I feel sure of myself when a decision involves technology", "Submit answers",
		}, []string{"Відповіді", "I can explain something new", "page-"}},
		"comparison group": {2, "uk", nil, []string{"Ваша робота"}, []string{"Goal 1", "Виняток один", "Цілі вашої пари"}},
		"anonymous": {0, "uk", func(p *place) { p.program.Policy, p.program.K = program.Anonymous, 3 },
			[]string{"Відповіді анонімні", "щонайменше з 3 людей"}, []string{"конфіденційні"}},
		"identified": {0, "en", func(p *place) { p.program.Policy, p.program.K = program.Identified, 21 },
			[]string{"not anonymous", "at least 21 people"}, []string{"confidential", "Answers are anonymous"}},
		"another zone, another contact": {0, "en", func(p *place) {
			p.program.TimeZone, p.program.Contact = "America/New_York", "Olha, room 5 <script>"
		}, []string{"02:00 (America/New_York time)", "Olha, room 5 &lt;script&gt;"}, []string{"mailto:", "<script>"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := opened(t, func(p *place) {
				if tt.change != nil {
					tt.change(p)
				}
			})
			w := call(p.pages(), http.MethodGet, "/s/"+p.token(t, tt.person)+"?lang="+tt.lang, "")
			page := w.Body.String()
			for _, s := range tt.says {
				if !strings.Contains(page, s) {
					t.Errorf("does not say %q", s)
				}
			}
			for _, s := range append(tt.not, secrets...) {
				if strings.Contains(page, s) {
					t.Errorf("says %q", s)
				}
			}
			n := len(page)
			for _, address := range assetAddress.FindAllStringSubmatch(page, -1) {
				n += call(p.pages(), http.MethodGet, address[1], "", "Accept-Encoding", "gzip, br").Body.Len()
			}
			if n > 50_000 {
				t.Errorf("the first view weighs %d bytes, more than 50,000", n)
			}
		})
	}
}

func TestPageShowsNobodyElsesAnswers(t *testing.T) {
	p := opened(t, asksEverything(t))
	r := p.pages()
	form := p.rightForm()
	form.Set("words", "only the mentee's")
	if w := post(r, "/s/"+p.token(t, 1), form); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	page := call(r, http.MethodGet, "/s/"+p.token(t, 0)+"?done=final", "").Body.String()
	if len(answersIn(filled(page))) > 0 || strings.Contains(page, "only the mentee") || strings.Contains(page, "Thank you") {
		t.Errorf("the mentor's page shows what the mentee of the same pair answered: %s", page)
	}
}

func TestPageRefusals(t *testing.T) {
	right := func(p *place) string { return p.rightForm().Encode() }
	for name, tt := range map[string]struct {
		change func(*testing.T, *place)
		token  func(string) string
		body   func(*place) string // posted when given
		kind   string
		status int
		uk, en string
	}{
		"unknown":   {token: func(s string) string { return s[:len(s)-2] + "AA" }, status: 404, uk: "Ми не знаємо цього посилання", en: "We do not know this link"},
		"truncated": {token: func(s string) string { return s[:20] }, body: right, status: 404, uk: "обрізалося", en: "cut off"},
		"revoked": {change: func(t *testing.T, p *place) {
			if err := p.programs.RevokeLinks(context.Background(), p.program.ID, p.people.Participants[0].ID); err != nil {
				t.Fatal(err)
			}
		}, status: 410, uk: "Це посилання замінено", en: "This link has been replaced"},
		"closed":       {change: func(_ *testing.T, p *place) { p.now = p.now.AddDate(0, 0, 9) }, status: 410, uk: "завершилося 10\u00a0січня 2026, 09:00 за київським часом", en: "closed on 10\u00a0January 2026, 09:00 Kyiv time"},
		"closed, sent": {change: func(_ *testing.T, p *place) { p.now = p.now.AddDate(0, 0, 9) }, body: right, status: 410, uk: "pulse@acme.example", en: "pulse@acme.example"},
		"not open":     {change: func(_ *testing.T, p *place) { p.now = p.now.AddDate(0, 0, -1) }, status: 403, uk: "почнеться 5\u00a0січня 2026, 09:00", en: "opens on 5\u00a0January 2026, 09:00"},
		"too large":    {body: func(*place) string { return "words=" + strings.Repeat("a", 10<<20) }, status: 413, uk: "щонайбільше 256 кБ", en: "at most 256 kB"},
		"not UTF-8":    {body: func(*place) string { return "words=%ff%fe" }, status: 400, uk: "пошкодженому кодуванні", en: "damaged encoding"},
		"broken off":   {body: func(*place) string { return "words=%d" }, status: 400, uk: "не повністю", en: "did not arrive whole"},
		"another form": {body: func(*place) string { return `{"answers":[]}` }, kind: "application/json", status: 415, uk: "лише свою форму", en: "nothing but its own form"},
	} {
		t.Run(name, func(t *testing.T) {
			p := opened(t, asksEverything(t))
			token := p.token(t, 0)
			if tt.change != nil {
				tt.change(t, p)
			}
			if tt.token != nil {
				token = tt.token(token)
			}
			for lang, said := range map[string]string{"uk": tt.uk, "en": tt.en} {
				method, body, kind := http.MethodGet, "", "application/x-www-form-urlencoded"
				if tt.body != nil {
					method, body = http.MethodPost, tt.body(p)
				}
				if tt.kind != "" {
					kind = tt.kind
				}
				w := call(p.pages(), method, "/s/"+token+"?lang="+lang, body, "Content-Type", kind)
				page := w.Body.String()
				if w.Code != tt.status || !strings.Contains(page, said) || !strings.Contains(page, `<html lang="`+lang+`">`) {
					t.Errorf("%s: status %d, want %d and %q in\n%s", lang, w.Code, tt.status, said, page)
				}
				for _, s := range []string{"Name-e1", "e1@acme.example", "Зворотне наставництво Acme", "Goal 1", "page-"} {
					if strings.Contains(page, s) {
						t.Errorf("%s: says %q", lang, s)
					}
				}
				strict(t, w)
			}
			if _, ok := p.stored(t, 0); ok {
				t.Error("something was stored")
			}
		})
	}
}

func TestPageRefusesWhatItDoesNotAsk(t *testing.T) {
	p := opened(t, asksEverything(t))
	r, path := p.pages(), "/s/"+p.token(t, 0)+"?lang=en"
	many := url.Values{}
	for i := range 10_000 {
		many.Set(fmt.Sprint("item-", i), "1")
	}
	for name, tt := range map[string]struct {
		form url.Values
		says string
	}{
		"unknown item":   {url.Values{"salary": {"1"}}, "This survey has no such question."},
		"another's goal": {url.Values{"goal:" + uuid.NewString(): {"1"}}, "Your pair has no such goal"},
		"10,000 items":   {many, "There are 10,000 answers here"},
		"sent twice":     {url.Values{"proud": {"1", "2"}}, "answered more than once"},
		"two of one":     {url.Values{"help": {"yes", "no"}}, "choose one option only"},
		"unknown option": {url.Values{"help": {"<maybe>"}}, "“&lt;maybe&gt;” is not one of the options"},
	} {
		w := post(r, path, tt.form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: status %d without %q", name, w.Code, tt.says)
		}
		if _, ok := p.stored(t, 0); ok {
			t.Errorf("%s: something was stored", name)
		}
	}
}

// strict checks the headers of every page.
func strict(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Cache-Control":           "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8",
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	for _, inline := range []string{" style=", "<style", " onclick", "http://", "https://"} {
		if strings.Contains(w.Body.String(), inline) {
			t.Errorf("the page has %q, which its policy forbids", inline)
		}
	}
}

var assetAddress = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

func TestPageIsStrictAndItsAssetsAreKept(t *testing.T) {
	p := opened(t)
	r := p.pages()
	page := call(r, http.MethodGet, "/s/"+p.token(t, 0), "")
	strict(t, page)
	addresses := assetAddress.FindAllStringSubmatch(page.Body.String(), -1)
	if len(addresses) < 3 {
		t.Fatalf("%d assets, want style, script and icon", len(addresses))
	}
	for _, a := range addresses {
		w := call(r, http.MethodGet, a[1], "")
		if w.Code != http.StatusOK || w.Body.Len() == 0 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: status %d, %v", a[1], w.Code, w.Header())
		}
	}
}

// Nothing on the page refers to what is not on it, and no id stands twice.
func TestPageReferencesHold(t *testing.T) {
	p := opened(t, asksEverything(t))
	page := post(p.pages(), "/s/"+p.token(t, 0)+"?lang=uk", url.Values{"_do": {"final"}, "meetings": {"x"}}).Body.String()
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		ids[m[1]]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	refs := regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby|form)="([^"]+)"|href="#([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(refs) < 10 {
		t.Fatalf("only %d references", len(refs))
	}
	for _, m := range refs {
		for _, id := range strings.Fields(m[1] + m[2]) {
			if ids[html.UnescapeString(id)] == 0 {
				t.Errorf("nothing has the id %q", id)
			}
		}
	}
}
