package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"mentorpulse/internal/browsertest"
)

// A participant types a code at a kiosk, and the next person finds nothing of
// them, whatever the browser's back button shows.
func TestEntryPageInABrowser(t *testing.T) {
	a := testApp(t)
	size := demoSize{Participants: 30, Waves: 2, Seed: 3}
	made(t, a, size, time.Now())
	links, err := a.pulse.OpenLinks(t.Context(), size.id())
	if err != nil || len(links) == 0 {
		t.Fatal(links, err)
	}
	server := httptest.NewServer(a.handler(true))
	t.Cleanup(server.Close)
	entry := server.URL + "/e/" + size.id()
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v: run `make deps`, which installs it", err)
	}
	pictures := os.Getenv(picturesVariable)
	if pictures == "" {
		pictures = t.TempDir()
	}
	v := viewer{t, browsertest.Open(t), string(axe), pictures}
	for name, address := range map[string]string{
		"entry": entry + "?", "entry-after": entry + "?done=final&", "left": server.URL + "/s/" + links[0].Token + "/leave?", "sheet-whose": server.URL + "/s/" + links[0].Token + "?",
	} {
		for i, view := range []struct {
			scheme, lang string
			width        int64
		}{{"light", "uk", 390}, {"dark", "en", 390}, {"light", "en", 1280}, {"dark", "uk", 320}} {
			at := fmt.Sprintf("%s.%d.%s", name, i, view.lang)
			got := v.look(at, address+"lang="+view.lang, view.scheme, view.width)
			if got.Width > int(view.width) {
				t.Errorf("%s is %d px wide in a window of %d", at, got.Width, view.width)
			}
			if len(got.Lost)+len(got.Low)+len(got.Unreached)+len(got.Violations) > 0 {
				t.Errorf("%s: %+v", at, got)
			}
		}
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(v.tab, steps...); err != nil {
			t.Fatal(err)
		}
	}
	text := func() string {
		t.Helper()
		said, err := chromedp.Run(v.tab, chromedp.Text(chromedp.CSS("main")))
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	do(chromedp.Navigate(entry+"?lang=en"), chromedp.WaitVisible(chromedp.CSS("#code")))
	focused, err := chromedp.Run(v.tab, chromedp.Evaluate[string]("document.activeElement.id"))
	if err != nil || focused != "code" {
		t.Errorf("who comes to the page can type at once: %q, %v", focused, err)
	}
	do(
		chromedp.SendKeys(chromedp.CSS("#code"), strings.ToLower(strings.ReplaceAll(links[0].Code, "-", " "))+"\r"),
		chromedp.WaitVisible(chromedp.CSS(".whose")),
	)
	const whose = "You have entered the code of a"
	if said := text(); !strings.Contains(said, whose) {
		t.Fatalf("the code leads to: %.300s", said)
	}
	do(chromedp.Click(chromedp.CSS(".whose a")), chromedp.WaitVisible(chromedp.CSS("#code")))
	for range 3 {
		// There may be nothing to go back to any more, and a page may ask anew.
		_ = chromedp.Do(v.tab, chromedp.NavigateBack())
		if said := text(); strings.Contains(said, whose) || strings.Contains(said, "Submit") {
			t.Fatalf("the back button shows the person before: %.300s", said)
		}
	}
}
