package survey_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// enter types the code of the nth participant at the entry page.
func (b browser) enter(p *place, entry string, n int) {
	b.t.Helper()
	b.do(chromedp.Navigate(entry), seen("#code"), chromedp.SendKeys(chromedp.CSS("#code"), p.pulse.ShortCode(p.invitee(b.t, n))+"\r"), seen(".whose"))
}

// left is how much scripts have kept in the browser.
func (b browser) left() int {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[int]("localStorage.length + sessionStorage.length"))
}

// On a device that people share, what somebody could not send goes with their
// page: whoever is next neither sees it nor finds it in the browser.
func TestBrowserAtAKioskKeepsNothing(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.doors())
	t.Cleanup(server.Close)
	entry := server.URL + "/e/acme?lang=en"
	b := openBrowser(t)
	sent := func(n int) map[string]string { return said(read(t, p.router(), p.token(t, n))) }

	// One leaves while there is no connection.
	b.enter(p, entry, 0)
	b.do(step("proud"), choose("proud", "4"))
	b.eventually("sent", func() bool { return sent(0)["proud"] == "4" })
	b.connection(false)
	b.do(step("words"), write("words", "private words"))
	b.eventually("said", func() bool { return strings.Contains(b.text("#kept"), "Keep this page open") })
	if n := b.left(); n != 0 {
		t.Errorf("%d things are kept in the browser", n)
	}
	b.do(chromedp.Click(chromedp.CSS(".whose a")))
	b.eventually("away", func() bool { return ask(b, chromedp.Evaluate[bool](`!document.querySelector(".whose")`)) })
	b.connection(true)

	// The next finds their own page, and nothing in it.
	b.enter(p, entry, 1)
	if page := ask(b, chromedp.Evaluate[string]("document.documentElement.outerHTML")); strings.Contains(page, "private words") || !strings.Contains(page, "of a mentee") {
		t.Errorf("the next person sees: %.500s", page)
	}
	if n := ask(b, chromedp.Evaluate[int](`document.querySelectorAll(".question :checked").length`)) + b.left(); n != 0 {
		t.Errorf("%d answers are there before the next person has given any", n)
	}
	if got := sent(0); got["proud"] != "4" {
		t.Errorf("of the first is stored %v", got)
	}
	if got := sent(1); len(got) != 0 {
		t.Errorf("of the second is stored %v before they answered", got)
	}

	// What is submitted without a connection goes when there is one, and the
	// screen is free then.
	b.do(step("proud"), choose("proud", "5"), step("help"))
	b.connection(false)
	b.do(choose("help", "no"), tap(`.send [value="final"]`))
	b.eventually("said", func() bool { return strings.Contains(b.text("#kept"), "Keep this page open") })
	b.connection(true)
	b.do(seen("#code"))
	if got := sent(1); got["help"] != "no" || b.left() != 0 || !strings.Contains(b.text("main"), "Your answers are submitted") {
		t.Errorf("after submitting %v is stored, %d things are in the browser, and the page says %q", got, b.left(), b.text("main"))
	}
}

// Whoever answers while the wave closes is led out of the page that says so, and
// out of those that it leads to.
func TestBrowserAtAKioskWhenTheWaveCloses(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.doors())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	for _, page := range []string{"", "/meetings", "/mine"} {
		p.now = p.wave(t).Opens.Add(time.Hour)
		b.enter(p, server.URL+"/e/acme?lang=en", 0)
		p.now = p.wave(t).Closes.Add(time.Minute)
		here := ask(b, chromedp.Evaluate[string]("location.pathname"))
		b.do(chromedp.Navigate(server.URL+here+page+"?lang=en"), seen(".message h1"))
		way := `.message a[href*="/leave?lang=en"]`
		if got := ask(b, chromedp.Evaluate[bool]("!!document.querySelector('"+way+"')")); !got {
			t.Fatalf("%q has no way out: %s", page, b.text("main"))
		}
		b.do(tap(way), seen("#code"), chromedp.Navigate(server.URL+here+"?lang=en"), seen("#code"))
	}
}
