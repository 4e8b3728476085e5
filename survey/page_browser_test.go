package survey_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"mentorpulse/internal/browsertest"
	"mentorpulse/survey"
)

// browser is a tab of a phone's size in Chromium with an empty profile.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func openBrowser(t *testing.T) browser {
	t.Helper()
	b := browser{t, browsertest.Open(t)}
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	return b
}

func (b browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// ask runs an action that answers something.
func ask[T any](b browser, action chromedp.Action[T]) T {
	b.t.Helper()
	answer, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

func (b browser) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(ask(b, chromedp.Text(chromedp.CSS(selector))))
}

// tap touches something, as a thumb does.
func tap(selector string) chromedp.Action[chromedp.Void] { return chromedp.Tap(chromedp.CSS(selector)) }

// choose touches the label of an option.
func choose(name, value string) chromedp.Action[chromedp.Void] {
	return tap(`label:has(input[name="` + name + `"][value="` + value + `"])`)
}

func write(name, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS(`[name="`+name+`"]`), text)
}

func seen(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func gone(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitNotVisible(chromedp.CSS(selector))
}

func TestBrowserWithoutScript(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.do(
		chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=uk"),
		seen(`[data-if="meetings"] .hint`), // without a script the page says for whom the question is
		write("meetings", "1"), write("hours", "2,5"),
		choose("obstacles", "time"), choose("obstacles", "mood"),
		choose("advise", "10"), choose(p.goal(0), "-1"), choose(p.goal(1), "2"),
		write("words", "Дякую"), choose("help", "no"),
		tap(`.send [value="final"]`), seen(`#alert`),
	)
	// One required answer is missing: the page says which, and keeps the rest.
	if got := b.text(`#alert a`); got != "Я пишаюся роботою." {
		t.Errorf("the first mistake pointed out is %q", got)
	}
	if got := ask(b, chromedp.Value(chromedp.CSS(`[name="meetings"]`))); got != "1" {
		t.Errorf("the page shown again has %q meetings", got)
	}
	b.do(tap(`#alert a`), choose("proud", "5"), tap(`.send [value="final"]`), seen(`.message`))
	if got := b.text(`.message h1`); got != "Дякуємо!" {
		t.Errorf("after submitting the page says %q", got)
	}
	b.do(tap(`.message .button`), seen(`[name="proud"][value="5"]:checked`))
	got, _ := p.stored(t, 0)
	want := survey.Stored{
		Items: []uint16{1, 2, 3, 4, 5, 8}, Values: []float32{1, 2.5, 1 | 4, 5, 10, 1},
		Goals: []uuid.UUID{p.people.Goals[0].ID, p.people.Goals[1].ID}, Ratings: []int8{-1, 2},
		TextItems: []uint16{7}, Texts: []string{"Дякую"},
	}
	if !got.Final || !reflect.DeepEqual(got.Stored, want) {
		t.Errorf("stored %+v, want %+v", got, want)
	}
}

// step goes to a question by its name, as the address may.
func step(name string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		js := `(() => {
			for (let n = 0; n < 40 && !document.querySelector('.step:not([hidden]) [name="` + name + `"]'); n++) document.querySelector(n < 20 ? ".next" : ".back").click();
			return 1;
		})()`
		_, err := chromedp.Evaluate[int](js)(ctx, tab)
		return chromedp.Void{}, err
	}
}

func TestBrowserWithScript(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	clearing := `.question:has([name="advise"]) .clear`
	b.do(
		chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=en"),
		seen("#intro"), tap(".next"), seen(`[name="meetings"]`), gone("#intro"), gone(`[name="hours"]`),
		gone(`[data-if="meetings"]`),
		write("meetings", "1"), seen(`[data-if="meetings"]`), choose("obstacles", "topic"),
		write("meetings", "2"), gone(`[data-if="meetings"]`), // 12
		// An answer that is not required can be taken back.
		step("advise"), gone(clearing), choose("advise", "3"), tap(clearing), gone(clearing),
		step("help"), choose("help", "yes"), seen(`.send [value="final"]`), gone(`.next`),
	)
	// Another language keeps what was entered, and where one is.
	b.do(tap(`nav button[lang]`), seen(`html[lang="uk"]`), seen(`[name="help"]:checked`))
	b.do(step("hours"), write("hours", "4\r"), seen(`[name="proud"]`)) // Enter leads on
	b.eventually("kept", func() bool {
		// The obstacles are hidden, and kept for when they are not.
		return fmt.Sprint(said(read(t, p.router(), p.token(t, 0)))) == "map[help:yes hours:4 meetings:12 obstacles:topic]"
	})
	if got := ask(b, chromedp.Evaluate[int](`localStorage.length`)); got != 0 {
		t.Errorf("%d answers are left in the browser after they were stored", got)
	}
	// What is missing is pointed out, at its own step.
	b.do(step("help"), tap(`.send [value="final"]`), seen("#alert"), seen(`.wrong [name="proud"]`))
	if got := ask(b, chromedp.Evaluate[string](`document.activeElement.id`)); got != "alert" {
		t.Errorf("the focus is at %q, want the summary of what is wrong", got)
	}
	b.do(tap("#alert a"), choose("proud", "5"), step("help"), tap(`.send [value="final"]`), seen(".message h1"))
	got, _ := p.stored(t, 0)
	if !got.Final || !reflect.DeepEqual(got.Stored.Items, []uint16{1, 2, 4, 8}) || !reflect.DeepEqual(got.Stored.Values, []float32{12, 4, 5, 2}) {
		t.Errorf("stored %+v, want 12 meetings, 4 hours, pride and help", got)
	}
	// A change is kept, and said to count only when it is submitted.
	b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=en"), step("proud"), choose("proud", "1"))
	b.eventually("said that the change is to be submitted", func() bool {
		return strings.Contains(ask(b, chromedp.Evaluate[string](`document.getElementById("kept").textContent`)), "For them to count, submit them")
	})
}

// eventually waits until something holds.
func (b browser) eventually(what string, holds func() bool) {
	b.t.Helper()
	for range 100 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("not %s after 5 s", what)
}
