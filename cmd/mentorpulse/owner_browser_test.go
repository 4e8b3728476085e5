package main

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"mentorpulse/internal/browsertest"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
)

// picturesVariable names the directory to which the tests of the owner's pages
// write what they see; without it they write to one of their own.
const picturesVariable = "MENTORPULSE_PICTURES"

// ownerPages are the pages that are looked at, with filters on some.
func ownerPages(attribute string) map[string]string {
	by := url.QueryEscape(attribute)
	return map[string]string{
		"overview": "", "participation": "/participation", "engagement": "/engagement", "confidence": "/confidence",
		"retention": "/retention", "goals": "/goals", "benefits": "/benefits", "challenges": "/challenges",
		"comments": "/comments", "pairs": "/pairs", "objectives": "/objectives", "heatmap": "/heatmap", "drivers": "/drivers", "trends": "/trends",
		"schedule": "/schedule", "schedule-preview": "/schedule?do=pause", "schedule-refused": "/schedule?do=skip&of=2020-01-01",
		"deliveries": "/deliveries", "poster": "/poster", "overview-by": "?by=" + by, "retention-by": "/retention?by=" + by, "challenges-by": "/challenges?by=" + by,
	}
}

// seen is what the browser finds out about a page.
type seen struct {
	Width      int      // of the whole page
	Bare       []string // charts without a table behind them
	Lost       []string // links on the page that lead nowhere
	Unreached  []string // controls that the keyboard does not reach
	Low        []string // controls too low for a thumb
	Violations []string // found by axe
}

// lookFor collects it. A chart has a table in the same part of the page; axe tells
// what a screen reader or a weak eye would stumble over.
const lookFor = `(async () => {
	const name = (e) => (e.id || e.textContent || e.tagName).trim().slice(0, 60);
	const bare = [...document.querySelectorAll("svg[role=img]")].filter((e) => !e.closest(".part, .chart, .section")?.querySelector("table"));
	const lost = [...document.querySelectorAll("a[href^='#']")].filter((a) => !document.getElementById(a.getAttribute("href").slice(1)));
	const controls = [...document.querySelectorAll("main a, main button, main select, main summary")].filter((e) => e.checkVisibility());
	const low = controls.filter((e) => e.matches("button, select, nav a, .choices a") && e.getBoundingClientRect().height < 43.5);
	const result = await axe.run(document, {resultTypes: ["violations"]});
	return {
		Width: document.documentElement.scrollWidth,
		Bare: bare.map(name), Lost: lost.map(name), Low: low.map(name),
		Unreached: controls.filter((e) => { e.focus(); return document.activeElement !== e; }).map(name),
		Violations: result.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3).join(" | ")),
	};
})()`

// TestOwnerPagesInABrowser looks at every page in each language, light and dark,
// on a desk and on a phone.
func TestOwnerPagesInABrowser(t *testing.T) {
	a := testApp(t)
	made(t, a, defaultDemo(), noon())
	p, err := a.programs.Program(t.Context(), defaultDemo().id())
	if err != nil {
		t.Fatal(err)
	}
	invitationsMissed(t, a, p)
	server := httptest.NewServer(a.handler(true))
	t.Cleanup(server.Close)
	base := strings.Replace(server.URL, "http://", "http://owner:"+a.owners.Key(p)+"@", 1) + "/programs/" + p.ID
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v: run `make deps`, which installs it", err)
	}
	pictures := os.Getenv(picturesVariable)
	if pictures == "" {
		pictures = t.TempDir()
	}
	v := viewer{t, browsertest.Open(t), string(axe), pictures}
	for name, path := range ownerPages(p.Attributes[0]) {
		for _, view := range []struct {
			name, scheme, lang string
			width              int64
		}{{"desk", "light", "en", 1280}, {"desk-dark", "dark", "uk", 1280}, {"phone", "light", "uk", 390}, {"phone-dark", "dark", "en", 390}} {
			at := fmt.Sprintf("%s.%s.%s", name, view.name, view.lang)
			address := base + path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + view.lang
			got := v.look(at, address, view.scheme, view.width)
			if got.Width > int(view.width) {
				t.Errorf("%s is %d px wide in a window of %d", at, got.Width, view.width)
			}
			if len(got.Bare)+len(got.Lost)+len(got.Low)+len(got.Unreached) > 0 {
				t.Errorf("%s: charts without a table %q, links that lead nowhere %q, low controls %q, out of reach of the keyboard %q",
					at, got.Bare, got.Lost, got.Low, got.Unreached)
			}
			for _, violation := range got.Violations {
				t.Errorf("%s: %s", at, violation)
			}
		}
	}
}

// invitationsMissed records of some people that the newest wave's invitation did
// not go out, so that the page about messages has something to show.
func invitationsMissed(t *testing.T, a *app, p program.Program) {
	t.Helper()
	waves, err := a.surveys.Waves(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wave := waves[len(waves)-1]
	invited, err := a.surveys.Invitations(t.Context(), wave)
	if err != nil {
		t.Fatal(err)
	}
	var dropped []mail.Delivery
	for n, reason := range []mail.Reason{mail.NoAddress, mail.BadAddress, mail.Unsubscribed, mail.AddressBounced} {
		key := mail.Key{ProgramID: p.ID, Wave: wave.ID, Kind: "invitation", Channel: mail.ChannelMail, Recipient: invited[n].Participant}
		dropped = append(dropped, mail.Delivery{Key: key, Reason: reason})
	}
	if err := a.outbox.Drop(t.Context(), dropped); err != nil {
		t.Fatal(err)
	}
}

// The navigation names each page once and every page leads back.
func TestOwnersNavigationLeadsSomewhere(t *testing.T) {
	a := testApp(t)
	size := demoSize{Participants: 30, Waves: 2, Seed: 3}
	made(t, a, size, noon())
	p, err := a.programs.Program(t.Context(), size.id())
	if err != nil {
		t.Fatal(err)
	}
	handler := a.handler(true)
	open := func(path string) string {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.SetBasicAuth("owner", a.owners.Key(p))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %.200s", path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	home := "/programs/" + p.ID
	for lang, names := range map[string][]string{
		"en": {"Schedule", "Invitations and reminders", "Poster"}, "uk": {"Розклад", "Запрошення й нагадування", "Плакат"},
	} {
		_, nav, _ := strings.Cut(open(home+"?lang="+lang), `<nav class="pages"`)
		nav, _, _ = strings.Cut(nav, "</nav>")
		links := regexp.MustCompile(`<a href="([^"]+)"[^>]*>([^<]+)</a>`).FindAllStringSubmatch(nav, -1)
		for _, link := range links {
			page := open(html.UnescapeString(link[1]))
			if !strings.Contains(page, `<html lang="`+lang+`"`) {
				t.Errorf("%s changes the language", link[1])
			}
			if !strings.Contains(page, `href="`+home+`?`) && !strings.Contains(page, `href="../`+p.ID+`?lang=`+lang) {
				t.Errorf("%s does not lead back", link[1])
			}
		}
		for _, name := range names {
			if strings.Count(nav, ">"+name+"</a>") != 1 {
				t.Errorf("%s: %q is not in the navigation once: %s", lang, name, nav)
			}
		}
	}
}

// viewer looks at pages in a tab and keeps pictures of them.
type viewer struct {
	t             *testing.T
	tab           context.Context
	axe, pictures string
}

// look opens a page, takes its picture under a name and says what it sees.
func (v viewer) look(name, address, scheme string, width int64) seen {
	v.t.Helper()
	// Without motion, lest a colour be looked at on its way.
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(v.tab, emulation.SetEmulatedMedia, media); err != nil {
		v.t.Fatal(err)
	}
	if err := chromedp.Do(v.tab, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("main h1"))); err != nil {
		v.t.Fatal(err)
	}
	image, err := chromedp.Run(v.tab, chromedp.FullScreenshot(100))
	if err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(v.pictures, name+".png"), image, 0o600); err != nil {
		v.t.Fatal(err)
	}
	// What is folded is looked at too.
	open := `for (const d of document.querySelectorAll("details")) d.open = true; ` + v.axe + `; 1`
	if _, err := chromedp.Run(v.tab, chromedp.Evaluate[int](open)); err != nil {
		v.t.Fatal(err)
	}
	got, err := chromedp.Run(v.tab, chromedp.Evaluate[seen](lookFor, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatal(err)
	}
	return got
}
