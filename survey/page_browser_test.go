package survey_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

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

func TestBrowserWithScript(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	clearing := `.question:has([name="advise"]) .clear`
	b.do(
		chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=en"),
		gone(`[data-if="meetings"]`),
		write("meetings", "1"), seen(`[data-if="meetings"]`), choose("obstacles", "topic"),
		write("meetings", "2"), gone(`[data-if="meetings"]`), // 12
		// An answer that is not required can be taken back.
		gone(clearing), choose("advise", "3"), tap(clearing), gone(clearing),
		choose("help", "yes"),
	)
	low := ask(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll("label:has(input), .button, .clear, nav button[lang], input[type=text], textarea")]
		.filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44).map((e) => e.textContent || e.name)`))
	if len(low) > 0 {
		t.Errorf("targets lower than 44 px: %q", low)
	}
	if width := ask(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth`)); width > 390 {
		t.Errorf("the page is %d px wide on a phone of 390", width)
	}
	b.do(
		// Another language keeps what was entered.
		tap(`nav button[lang]`), seen(`html[lang="uk"] .question`), gone(`[data-if="meetings"]`),
		// Enter in a field loses nothing either: it keeps a draft.
		write("hours", "4\r"), seen(`.notice`),
	)
	if got := b.text(`.notice`); !strings.HasPrefix(got, "Чернетку збережено") {
		t.Errorf("after Enter the page says %q", got)
	}
	got, _ := p.stored(t, 0)
	if got.Final || !reflect.DeepEqual(got.Stored.Items, []uint16{1, 2, 8}) || !reflect.DeepEqual(got.Stored.Values, []float32{12, 4, 2}) {
		t.Errorf("stored %+v, want 12 meetings, 4 hours, help and no more", got)
	}
}
