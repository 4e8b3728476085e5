package survey_test

import (
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Two taps note a meeting, with a script and without: from the questions,
// where nothing typed is lost, from the thanks, and from a link whose wave is over.
func TestBrowserNotesAMeetingInTwoTaps(t *testing.T) {
	for _, script := range []bool{false, true} {
		p := opened(t, asksEverything(t))
		server := httptest.NewServer(p.pages())
		t.Cleanup(server.Close)
		b := openBrowser(t)
		if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script}); err != nil {
			t.Fatal(err)
		}
		link := server.URL + "/s/" + p.token(t, 0)
		today := `.met [name="_met"][value="2026-01-05"]`
		b.do(
			chromedp.Navigate(link+"?lang=uk"), seen(".met"))
		if script {
			b.do(step("hours"), write("hours", "4"), tap(".back"), tap(".back"), seen("#intro"))
		} else {
			b.do(write("hours", "4"))
		}
		b.do(
			tap(`.met summary`), tap(today), seen(`.met .notice`),
		)
		if got := b.text(`.met .notice`); got != "Зустріч 5\u00a0січня 2026 записано." || p.met(t) != "2026-01-05" {
			t.Errorf("script %t: the page says %q, stored %q", script, got, p.met(t))
		}
		if got := ask(b, chromedp.Value(chromedp.CSS(`[name="hours"]`))); got != "4" {
			t.Errorf("script %t: noting a meeting left %q of what was typed", script, got)
		}
		low := ask(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".met :is(summary, button, input)")]
			.filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44).map((e) => e.textContent || e.name)`))
		width := ask(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		if len(low) > 0 || width > 390 {
			t.Errorf("script %t: targets lower than 44 px: %q; %d px wide on a phone of 390", script, low, width)
		}
		b.do(tap(`.met .undo`), seen(`.met:not(:has(.undo)) .notice`))
		if p.met(t) != "" {
			t.Errorf("script %t: taken back, stored %q", script, p.met(t))
		}
		if script {
			b.do(step("proud"), choose("proud", "5"), step("help"))
		} else {
			b.do(choose("proud", "5"))
		}
		b.do(tap(`.send [value="final"]`), seen(`.message h1`), tap(`.met summary`), tap(today), seen(`.met .notice`))
		if got := b.text(`.met h1`); got != "Журнал зустрічей" || p.met(t) != "2026-01-05" {
			t.Errorf("script %t: after the thanks the page is %q, stored %q", script, got, p.met(t))
		}
		p.now = day("2026-02-02")
		b.do(chromedp.Navigate(link+"?lang=en"), seen(`.met summary`), tap(`.met summary`), tap(`.met [name="_met"][value="2026-02-01"]`), seen(`.met .notice`))
		if p.met(t) != "2026-02-01 2026-01-05" {
			t.Errorf("script %t: by the link of a closed wave, stored %q", script, p.met(t))
		}
		b.do(chromedp.SetValue(chromedp.CSS(`#met-day`), "2026-01-20"), tap(`.met [value="chosen"]`), seen(`.undo[value="2026-01-20"]`))
	}
}
