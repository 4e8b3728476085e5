package survey_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// One's own answers and their change: nobody else's, and none where the answers
// of several waves are not linked.
func TestOwnAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		policy    program.Policy
		says, not []string
	}{
		"confidential": {program.Confidential, []string{"Зросло: 5\u00a0січня 2026 було 2, тепер 4,5", "мої слова", "Я пишаюся роботою.", "Так", "12\u00a0січня 2026", "Час; Настрій", "2,5", "Goal 1"}, nil},
		"identified":   {program.Identified, []string{"Зросло: 5\u00a0січня 2026 було 2, тепер 4,5"}, nil},
		"anonymous":    {program.Anonymous, []string{"не пов’язані"}, []string{"мої слова", "Я пишаюся", "Зросло"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := opened(t, func(p *place) {
				p.program.Policy = tt.policy
				definition := strings.Replace(everyType, `  - {id: advise, number: 5`, `  - {id: glad, number: 9, scale: work, type: likert, prompt: {default: {uk: Я радію., en: I am glad.}}, labels: {1: {uk: Ні, en: "No"}, 5: {uk: Так, en: "Yes"}}}
  - {id: advise, number: 5`, 1)
				p.survey = survey.NewSurvey(p.program.ID, "pulse", must(p.surveys.PutQuestionnaire(t.Context(), p.program.ID, []byte(definition))), program.Roles(), p.survey.Recurrence)
			})
			r := p.pages()
			mine := func(n int) string {
				w := call(r, http.MethodGet, "/s/"+p.token(t, n)+"/mine?lang=uk", "")
				if w.Code != http.StatusOK {
					t.Fatalf("status %d: %s", w.Code, w.Body)
				}
				strict(t, w)
				return w.Body.String()
			}
			if tt.policy != program.Anonymous && !strings.Contains(mine(0), "Ви ще не надіслали жодної відповіді.") {
				t.Error("before answering the page says something else")
			}
			send := func(n int, answers ...survey.Answer) {
				t.Helper()
				if w := call(r, http.MethodPut, "/api/v1/s/"+p.token(t, n), submission(true, answers...)); w.Code != http.StatusOK {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
			}
			send(0, rated("proud", 2))
			send(1, rated("proud", 1), survey.Answer{Item: "words", Text: new("чужі слова")})
			p.now = p.now.AddDate(0, 0, 7)
			if err := p.scheduler.Due(t.Context()); err != nil {
				t.Fatal(err)
			}
			send(0, rated("proud", 5), rated("glad", 4), rated("meetings", 1), rated("hours", 2.5), rated(p.goal(0), 1),
				survey.Answer{Item: "obstacles", Choices: []string{"mood", "time"}}, survey.Answer{Item: "words", Text: new("мої слова")})
			if w := call(r, http.MethodPatch, "/api/v1/s/"+p.token(t, 0)+"/draft", kept("", rated("advise", 10))); w.Code != http.StatusOK {
				t.Fatal(w.Body)
			}
			page := mine(0)
			for _, s := range tt.says {
				if !strings.Contains(page, s) {
					t.Errorf("does not say %q: %s", s, page)
				}
			}
			for _, s := range append(tt.not, "чужі слова", "Чи порадили б ви нас?", "Name-e", "mine-", "{{") {
				if strings.Contains(page, s) {
					t.Errorf("says %q", s)
				}
			}
			// By the link of a wave that is over too, and not by one that is revoked.
			token := p.token(t, 0)
			p.now = p.now.AddDate(0, 1, 0)
			if w := call(r, http.MethodGet, "/s/"+token+"/mine?lang=uk", ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Перейти до запитань") {
				t.Errorf("when the wave is over: %d, or leads to its questions", w.Code)
			}
			if err := p.programs.RevokeLinks(t.Context(), p.program.ID, p.people.Participants[0].ID); err != nil {
				t.Fatal(err)
			}
			p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, p.clock)
			if w := call(p.pages(), http.MethodGet, "/s/"+token+"/mine", ""); w.Code != http.StatusGone {
				t.Errorf("by a revoked link: %d", w.Code)
			}
		})
	}
}

// After submitting, the page says when the next pulse comes, if one does.
func TestThanksSayWhatComesNext(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*place)
		says   string
	}{
		"weekly":                {func(*place) {}, "почнеться 12\u00a0січня 2026"},
		"skipped":               {func(p *place) { p.survey.Recurrence.Skipped = []string{"2026-01-12"} }, "почнеться 19\u00a0січня 2026"},
		"moved":                 {func(p *place) { p.survey.Recurrence.Moved = map[string]string{"2026-01-12": "2026-01-13T09:00"} }, "почнеться 13\u00a0січня 2026"},
		"the last":              {func(p *place) { p.survey.Recurrence.RRule = "FREQ=WEEKLY;BYDAY=MO;COUNT=1" }, "поки не заплановано"},
		"the programme is over": {func(p *place) { p.program.Ends = time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC) }, "поки не заплановано"},
	} {
		p := opened(t, tt.change)
		r := p.pages()
		token := p.token(t, 0)
		if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(true, answersTo(read(t, r, token))...)); w.Code != http.StatusOK {
			t.Fatal(w.Body)
		}
		page := call(r, http.MethodGet, "/s/"+token+"?done=final&lang=uk", "").Body.String()
		for _, s := range []string{tt.says, `href="mailto:pulse@acme.example"`, token + "/mine?lang=uk", "#q-help"} {
			if !strings.Contains(page, s) {
				t.Errorf("%s: does not say %q", name, s)
			}
		}
	}
}
