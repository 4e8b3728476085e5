package survey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// at gives an answer a time.
func at(a survey.Answer, when time.Time) survey.Answer {
	a.At = &when
	return a
}

func rated(item string, value float64) survey.Answer { return survey.Answer{Item: item, Value: &value} }

func kept(place string, answers ...survey.Answer) string {
	if answers == nil {
		answers = []survey.Answer{}
	}
	b, err := json.Marshal(survey.Kept{Answers: answers, Place: place})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// said are the answers of a sheet that say something, by item.
func said(s sheet) map[string]string {
	all := map[string]string{}
	for _, a := range s.Answers {
		switch {
		case a.Value != nil:
			all[a.Item] = fmt.Sprint(*a.Value)
		case a.Text != nil:
			all[a.Item] = *a.Text
		case len(a.Choices) > 0:
			all[a.Item] = strings.Join(a.Choices, "+")
		}
	}
	return all
}

// The policies under which answers are kept.
func policies() []program.Policy {
	return []program.Policy{program.Identified, program.Confidential, program.Anonymous}
}

// Two devices, one of which was offline: of each item the newest answer counts,
// whichever comes in last, in drafts and in what is submitted.
func TestNewestAnswerToEachItemCounts(t *testing.T) {
	for _, policy := range policies() {
		t.Run(string(policy), func(t *testing.T) {
			p := opened(t, asksEverything(t), func(p *place) { p.program.Policy = policy })
			r, link := openapitest.Wrap(t, p.router()), "/api/v1/s/"+p.token(t, 0)
			send := func(method, path, body string) {
				t.Helper()
				if w := call(r, method, link+path, body); w.Code != http.StatusOK {
					t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
				}
			}
			minute := func(n int) time.Time { return p.program.Starts.Add(7*time.Hour + time.Duration(n)*time.Minute) } // from the opening
			p.now = minute(30)
			send(http.MethodPatch, "/draft", kept("hours", at(rated("meetings", 1), minute(1)), at(rated("hours", 2), minute(2)), at(survey.Answer{Item: "obstacles", Choices: []string{"mood", "time"}}, minute(3))))
			send(http.MethodPatch, "/draft", kept("", at(rated("meetings", 7), minute(0)), at(rated("hours", 3), minute(4)), at(rated("proud", 4), minute(5))))
			s := read(t, r, p.token(t, 0))
			want := map[string]string{"meetings": "1", "hours": "3", "obstacles": "time+mood", "proud": "4"}
			if got := said(s); fmt.Sprint(got) != fmt.Sprint(want) || s.Place != "hours" || s.Final {
				t.Errorf("kept %v at %q, want %v at hours", got, s.Place, want)
			}
			// Taken back, then submitted by a device that does not know.
			send(http.MethodPatch, "/draft", kept("", at(survey.Answer{Item: "hours"}, minute(6))))
			send(http.MethodPut, "", submission(true, at(rated("hours", 9), minute(5)), at(rated("advise", 8), minute(7))))
			delete(want, "hours")
			want["advise"] = "8"
			s = read(t, r, p.token(t, 0))
			if got := said(s); fmt.Sprint(got) != fmt.Sprint(want) || !s.Final || s.Unsent {
				t.Errorf("submitted %v (final %t, unsent %t), want %v", got, s.Final, s.Unsent, want)
			}
			stored, _ := p.stored(t, 0)
			if !stored.Final || !slices.Equal(stored.Stored.Items, []uint16{1, 3, 4, 5}) || !slices.Equal(stored.Stored.Values, []float32{1, 5, 4, 8}) {
				t.Errorf("stored %+v", stored.Stored)
			}
			// What comes in after that is shown as not submitted, also when it was
			// given before: it is the newest to its item.
			send(http.MethodPatch, "/draft", kept("", at(rated("proud", 2), minute(6)), at(rated("meetings", 0), minute(0))))
			want["proud"] = "2"
			s = read(t, r, p.token(t, 0))
			if got := said(s); fmt.Sprint(got) != fmt.Sprint(want) || !s.Final || !s.Unsent {
				t.Errorf("changed to %v (final %t, unsent %t), want %v, not submitted", got, s.Final, s.Unsent, want)
			}
			if again, _ := p.stored(t, 0); !slices.Equal(again.Stored.Values, stored.Stored.Values) {
				t.Errorf("a change that was not submitted counts: %+v", again.Stored)
			}
			// A whole replaces all that is older.
			p.now = minute(40)
			send(http.MethodPut, "", submission(true, rated("proud", 5)))
			send(http.MethodPatch, "/draft", kept("", at(rated("hours", 1), minute(39)), at(rated("advise", 0), minute(41))))
			s = read(t, r, p.token(t, 0))
			if got := said(s); fmt.Sprint(got) != "map[advise:0 proud:5]" || !s.Unsent {
				t.Errorf("after a whole %v (unsent %t), want proud 5 and what was answered later", got, s.Unsent)
			}
		})
	}
}

// Whatever the order in which drafts of whatever devices come in, once or more,
// the newest to each item stands, and submitting stores just that.
func TestDraftsMerge(t *testing.T) {
	for _, policy := range []program.Policy{program.Confidential, program.Anonymous} {
		t.Run(string(policy), func(t *testing.T) {
			p := opened(t, asksEverything(t), func(p *place) { p.program.Policy = policy })
			r := p.router()
			opens := p.now.Add(-time.Hour)
			p.now = p.now.AddDate(0, 0, 1)
			person := 0
			rapid.Check(t, func(rt *rapid.T) {
				if err := p.db.Exec(context.Background(), "TRUNCATE TABLE drafts"); err != nil {
					rt.Fatal(err)
				}
				if err := p.db.Exec(context.Background(), "TRUNCATE TABLE responses"); err != nil {
					rt.Fatal(err)
				}
				token := p.token(t, person)
				newest, when := map[string]string{}, map[string]int{}
				minutes := rapid.Permutation([]int{1, 2, 3, 4, 5}).Draw(rt, "minutes")
				for _, n := range minutes[:rapid.IntRange(1, 5).Draw(rt, "answers")] {
					item := rapid.SampledFrom([]string{"meetings", "proud", "advise"}).Draw(rt, "item")
					one := at(survey.Answer{Item: item}, opens.Add(time.Duration(n)*time.Minute))
					text := ""
					if value := rapid.IntRange(0, 5).Draw(rt, "value"); value > 0 { // 0 takes back
						one = at(rated(item, float64(value)), *one.At)
						text = fmt.Sprint(value)
					}
					if n > when[item] {
						newest[item], when[item] = text, n
					}
					for range rapid.IntRange(1, 2).Draw(rt, "times") {
						if w := call(r, http.MethodPatch, "/api/v1/s/"+token+"/draft", kept("", one)); w.Code != http.StatusOK {
							rt.Fatalf("%d %s", w.Code, w.Body)
						}
					}
				}
				for item, text := range newest {
					if text == "" {
						delete(newest, item)
					}
				}
				if got := said(read(t, r, token)); fmt.Sprint(got) != fmt.Sprint(newest) {
					rt.Fatalf("kept %v, want %v", got, newest)
				}
				want := http.StatusOK
				if newest["proud"] == "" {
					want = http.StatusUnprocessableEntity // it is required
				}
				old := at(rated("advise", 9), opens) // older than all of them
				if w := call(r, http.MethodPut, "/api/v1/s/"+token, submission(true, old)); w.Code != want {
					rt.Fatalf("submitted: %d, want %d: %s", w.Code, want, w.Body)
				}
				if want != http.StatusOK {
					return
				}
				if when["advise"] == 0 {
					newest["advise"] = "9"
				}
				if s := read(t, r, token); fmt.Sprint(said(s)) != fmt.Sprint(newest) || s.Unsent {
					rt.Fatalf("submitted %v (unsent %t), want %v", said(s), s.Unsent, newest)
				}
			})
		})
	}
}

func TestDraftsThatAreRefused(t *testing.T) {
	p := opened(t, asksEverything(t))
	r := openapitest.Wrap(t, p.router())
	link := "/api/v1/s/" + p.token(t, 0) + "/draft"
	for name, tt := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"no answers":          {`{}`, 422, "answers"},
		"mistyped":            {`{"answers":[],"plaec":"x"}`, 400, "plaec"},
		"unknown item":        {kept("", rated("salary", 1)), 422, "salary"},
		"out of range":        {kept("", rated("proud", 4), rated("advise", 11)), 422, "advise"},
		"another's goal":      {kept("", rated("goal:752c35ca-1642-56f5-9913-26b6824c8761", 1)), 422, "no such goal"},
		"twice":               {kept("", rated("proud", 4), rated("proud", 5)), 422, "more than once"},
		"text for a number":   {`{"answers":[{"item":"proud","text":"much"}]}`, 422, "proud"},
		"time that is none":   {`{"answers":[{"item":"proud","value":4,"at":"yesterday"}]}`, 400, "yesterday"},
		"too large":           {`{"answers":[{"item":"words","text":"` + strings.Repeat("a", 300<<10) + `"}]}`, 413, "256 kB"},
		"text that is longer": {kept("", survey.Answer{Item: "words", Text: new(strings.Repeat("a", 21))}), 422, "words"},
	} {
		w := call(r, http.MethodPatch, link, tt.body)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d, want %d and %q: %s", name, w.Code, tt.status, tt.says, w.Body)
		}
	}
	if s := read(t, r, p.token(t, 0)); len(s.Answers) > 0 || s.Place != "" {
		t.Errorf("something was stored: %+v", s)
	}
	// A clock that is ahead or far behind, and a place that nobody is asked about.
	body := kept("salary", at(rated("proud", 4), p.now.AddDate(1, 0, 0)), at(rated("advise", 3), time.Unix(0, 0)))
	if w := call(r, http.MethodPatch, link, body); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s := read(t, r, p.token(t, 0))
	if len(s.Answers) != 2 || !s.Answers[0].At.Equal(p.now) || !s.Answers[1].At.Equal(p.wave(t).Opens) || s.Place != "" {
		t.Errorf("kept %+v at %q, want the times of now and of the opening", s.Answers, s.Place)
	}
	p.now = s.ClosesAt
	if w := call(r, http.MethodPatch, link, kept("", rated("proud", 1))); w.Code != http.StatusGone {
		t.Errorf("after closing: %d %s", w.Code, w.Body)
	}
}

// In an anonymous programme the table tells no time, and in no two rows the
// same.
func TestAnonymousDraftsHaveNoTime(t *testing.T) {
	p := opened(t, asksEverything(t), func(p *place) { p.program.Policy = program.Anonymous })
	r := p.router()
	link := "/api/v1/s/" + p.token(t, 0)
	for n := range 3 {
		p.now = p.now.Add(time.Second)
		if w := call(r, http.MethodPatch, link+"/draft", kept("hours", rated("proud", float64(1+n)), rated("advise", 3))); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if w := call(r, http.MethodPut, link, submission(true, rated("proud", 1), rated("advise", 4))); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	rows, err := p.surveys.Drafts(context.Background(), p.wave(t), p.respondent(t, 0))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	response, _ := p.stored(t, 0)
	times := []uint64{response.ReplacedAt}
	for _, d := range rows {
		times = append(times, d.At)
		if d.Revision != 3 {
			t.Errorf("%s: revision %d, want it counted to 3", d.Item, d.Revision)
		}
	}
	for i, one := range times {
		if near := time.UnixMilli(int64(one)).Sub(p.now).Abs() < 24*time.Hour; near || slices.Contains(times[i+1:], one) {
			t.Errorf("time %d can be read, or stands twice", one)
		}
	}
}
