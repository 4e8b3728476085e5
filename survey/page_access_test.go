package survey_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// picturesVariable names the directory to which the tests of the pages write what
// they see; without it they write to one of their own.
const picturesVariable = "MENTORPULSE_PICTURES"

// looked is what the browser finds out about a page.
type looked struct {
	Width      int      // of the whole page
	Wide       []string // what is wider than the window
	Low        []string // controls too low for a thumb
	Unreached  []string // controls that the keyboard does not reach
	Moving     []string // what moves although the reader asked for less motion
	Violations []string // found by axe
}

const lookAt = `(async () => {
	const name = (e) => (e.id || e.name || e.textContent || e.tagName).trim().slice(0, 60);
	const controls = [...document.querySelectorAll("nav a, nav button, main a, main button, main input, main textarea, main summary")]
		.filter((e) => e.checkVisibility() && e.type !== "hidden" && !e.classList.contains("first"));
	const low = controls.filter((e) => e.matches(".button, .clear, .undo, nav *, summary, input[type=text], textarea") && e.getBoundingClientRect().height < 43.5);
	const moving = [...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e); return s.transitionDuration !== "0s" || s.animationName !== "none" || s.scrollBehavior === "smooth"; });
	const unreached = controls.filter((e) => { if (e.tabIndex < 0) return true; e.focus(); return document.activeElement !== e; });
	document.activeElement.blur();
	scrollTo(0, 0);
	const result = await axe.run(document, {resultTypes: ["violations"]});
	return {
		Width: document.documentElement.scrollWidth,
		Wide: [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + " " + name(e)).slice(0, 5), Low: low.map(name), Unreached: unreached.map(name), Moving: moving.map(name),
		Violations: result.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3).join(" | ")),
	};
})()`

// view is a way to look at a page.
type view struct {
	name, scheme, lang string
	width, height      int64
	scale              float64 // of the page: 2 is 200 %
}

func views() []view {
	return []view{
		{"phone", "light", "uk", 390, 844, 1}, {"phone", "dark", "en", 390, 844, 1},
		{"phone", "dark", "uk", 390, 844, 1}, {"phone", "light", "en", 390, 844, 1},
		{"desk", "light", "en", 1280, 900, 1}, {"desk", "dark", "uk", 1280, 900, 1},
		// At 200 % a phone of 390 px has 195 of the page's own.
		{"zoomed", "light", "uk", 195, 422, 2}, {"zoomed", "dark", "en", 640, 450, 2},
	}
}

// look sets the window up as v, so that a page can be opened and looked at.
func (b browser) look(v view) {
	b.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(v.width, v.height, chromedp.EmulateScale(v.scale)))
}

// inspect looks at the page that is open: its picture is kept, and what is wrong
// with it is said.
func (b browser) inspect(name string, v view) {
	b.t.Helper()
	dir := os.Getenv(picturesVariable)
	if dir == "" {
		dir = b.t.TempDir()
	}
	at := fmt.Sprintf("%s.%s.%s.%s", name, v.name, v.scheme, v.lang)
	image := ask(b, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(dir, at+".png"), image, 0o600); err != nil {
		b.t.Fatal(err)
	}
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		b.t.Fatalf("%v: run make deps, which installs it", err)
	}
	ask(b, chromedp.Evaluate[int](`for (const d of document.querySelectorAll("details")) d.open = true; `+string(axe)+`; 1`))
	got := ask(b, chromedp.Evaluate[looked](lookAt, chromedp.EvalAwaitPromise))
	if got.Width > int(v.width) {
		b.t.Errorf("%s is %d px wide in a window of %d: %q", at, got.Width, v.width, got.Wide)
	}
	if len(got.Low)+len(got.Unreached)+len(got.Moving) > 0 {
		b.t.Errorf("%s: too low %q, out of reach of the keyboard %q, moving %q", at, got.Low, got.Unreached, got.Moving)
	}
	for _, violation := range got.Violations {
		b.t.Errorf("%s: %s", at, violation)
	}
}

// TestPagesInABrowser looks at each of the participant's pages as participants do.
func TestPagesInABrowser(t *testing.T) {
	p := opened(t)
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	r := p.router()
	// The mentee answers in two waves, the mentor only looks.
	answer := func(value float64) {
		t.Helper()
		all := answersTo(read(t, r, p.token(t, 1)))
		for i := range all {
			if all[i].Value != nil && !strings.HasPrefix(all[i].Item, "goal:") {
				all[i].Value = &value
			}
		}
		if w := call(r, "PUT", "/api/v1/s/"+p.token(t, 1), submission(true, all...)); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	answer(3)
	p.now = p.now.AddDate(0, 0, 7)
	if err := p.scheduler.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer(4)
	b := openBrowser(t)
	for _, v := range views() {
		b.look(v)
		fresh, answered := server.URL+"/s/"+p.token(t, 0)+"?lang="+v.lang, server.URL+"/s/"+p.token(t, 1)
		b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(fresh), seen("#intro"), seen(".next"))
		b.inspect("intro", v)
		b.do(chromedp.Click(chromedp.CSS(".next")), seen(".step"))
		b.inspect("question", v)
		b.do(chromedp.Navigate(fresh+"#q-enps"), chromedp.Reload(), seen(`[name="enps"]`))
		b.inspect("cells", v)
		b.do(chromedp.Navigate(fresh+"#q-"+p.goal(0)), chromedp.Reload(), seen(`[name="`+p.goal(0)+`"]`))
		b.inspect("goal", v)
		b.do(chromedp.Navigate(fresh+"#q-help"), chromedp.Reload(), seen(`[name="help"]`), chromedp.Click(chromedp.CSS(`.send [value="final"]`)), seen("#alert"))
		b.inspect("error", v)
		b.do(chromedp.Navigate(answered+"?done=final&lang="+v.lang), seen(".message h1"))
		b.inspect("thanks", v)
		b.do(chromedp.Navigate(answered+"/mine?lang="+v.lang), seen(".mine h1"))
		b.inspect("mine", v)
		b.do(chromedp.Navigate(answered+"/meetings?lang="+v.lang), seen(".met h1"))
		b.inspect("meetings", v)
	}
}

// Contrast in light and dark, also where axe does not look: of what marks a
// control, of the focus, and of what is chosen.
func TestBrowserContrast(t *testing.T) {
	p := opened(t)
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		b.look(view{scheme: scheme, width: 390, height: 844, scale: 1})
		b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)), seen(".next"))
		low := ask(b, chromedp.Evaluate[[]string](`(() => {
			const style = getComputedStyle(document.documentElement);
			const light = (name) => {
				const hex = style.getPropertyValue("--" + name).trim();
				const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
				return .2126 * r + .7152 * g + .0722 * b;
			};
			const low = [];
			const check = (least, over, ...names) => {
				for (const under of over) for (const name of names) {
					const [a, b] = [light(name), light(under)].sort((a, b) => b - a);
					const ratio = (a + .05) / (b + .05);
					if (!(ratio >= least)) low.push(name + " on " + under + ": " + ratio.toFixed(2) + " < " + least);
				}
			};
			check(4.5, ["paper", "card", "tint"], "ink", "soft", "accent");
			check(4.5, ["card", "wrong-tint"], "wrong", "ink");
			check(4.5, ["accent"], "accent-ink");
			check(3, ["paper", "card"], "edge", "accent", "wrong");
			return low;
		})()`))
		if len(low) > 0 {
			t.Errorf("%s: %q", scheme, low)
		}
	}
}

// With the reader's leave things may move, else nothing does: what the other tests
// look at without motion has some to leave out.
func TestBrowserMovesOnlyWithLeave(t *testing.T) {
	p := opened(t)
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	for motion, want := range map[string]bool{"no-preference": true, "reduce": false} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: motion}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)), seen(".next"))
		if got := ask(b, chromedp.Evaluate[bool](`getComputedStyle(document.querySelector(".next")).transitionDuration !== "0s"`)); got != want {
			t.Errorf("%s: moving %t", motion, got)
		}
	}
}
