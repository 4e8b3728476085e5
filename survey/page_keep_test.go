package survey_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mentorpulse/survey"
)

// connection switches the browser's network off and on.
func (b browser) connection(on bool) {
	b.t.Helper()
	conditions := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}}}
	if _, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, conditions); err != nil {
		b.t.Fatal(err)
	}
	state := network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1} // navigator.onLine, and its event
	if _, err := chromedp.Call(b.ctx, network.OverrideNetworkState, state); err != nil {
		b.t.Fatal(err)
	}
}

// counted counts the requests of each method that reach a handler.
type counted struct {
	http.Handler
	puts, patches atomic.Int32
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPut:
		c.puts.Add(1)
	case http.MethodPatch:
		c.patches.Add(1)
	}
	c.Handler.ServeHTTP(w, r)
}

// In a lift: what is answered and submitted without a connection is kept, said to
// be so, and sent once when there is one.
func TestBrowserOfflineInMidAnswer(t *testing.T) {
	p := opened(t, asksEverything(t))
	handler := &counted{Handler: p.pages()}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	b := openBrowser(t)
	b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=uk"), step("proud"), choose("proud", "4"))
	b.eventually("kept", func() bool { return said(read(t, p.router(), p.token(t, 0)))["proud"] == "4" })
	b.connection(false)
	b.do(choose("proud", "2"), step("words"), write("words", "У ліфті"), seen(`#kept[data-state="here"]`))
	if got := b.text("#kept"); got != "Збережено на цьому пристрої; надішлемо, щойно з’явиться зв’язок." {
		t.Errorf("without a connection the page says %q", got)
	}
	if role := ask(b, chromedp.Evaluate[string](`document.getElementById("kept").getAttribute("role")`)); role != "status" {
		t.Errorf("what it says is not a live region but %q", role)
	}
	// Another language cannot be had now; the page stays.
	b.do(tap("nav button[lang]"), seen(`#kept[data-state="language"]`))
	b.do(step("help"), tap(`.send [value="final"]`), seen(`#kept[data-state="whole"]`))
	if _, ok := p.stored(t, 0); ok {
		t.Fatal("something arrived without a connection")
	}
	before := handler.puts.Load()
	b.connection(true)
	b.do(seen(".message h1"))
	got, _ := p.stored(t, 0)
	want := survey.Stored{Items: []uint16{4}, Values: []float32{2}, TextItems: []uint16{7}, Texts: []string{"У ліфті"}}
	if !got.Final || fmt.Sprint(got.Stored.Items, got.Stored.Values, got.Stored.Texts) != fmt.Sprint(want.Items, want.Values, want.Texts) {
		t.Errorf("stored %+v, want %+v", got.Stored, want)
	}
	if n := handler.puts.Load() - before; n != 1 {
		t.Errorf("it was sent %d times", n)
	}
	if left := ask(b, chromedp.Evaluate[int](`localStorage.length`)); left != 0 {
		t.Errorf("%d entries are left in the browser", left)
	}
}

// The service goes away in mid-answer, the page is left and opened again, and the
// service is another process: nothing is lost.
func TestBrowserServerRestartInMidAnswer(t *testing.T) {
	p := opened(t, asksEverything(t))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	start := func(listener net.Listener) *http.Server {
		server := &http.Server{Handler: p.pages(), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(listener) }()
		return server
	}
	server := start(listener)
	link := "http://" + address + "/s/" + p.token(t, 0) + "?lang=en"
	b := openBrowser(t)
	b.do(chromedp.Navigate(link), step("meetings"), write("meetings", "3"))
	b.eventually("kept", func() bool { return said(read(t, p.router(), p.token(t, 0)))["meetings"] == "3" })
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	p.surveys.Close()
	b.do(step("proud"), choose("proud", "5"), step("words"), write("words", "meanwhile"), seen(`#kept[data-state="here"]`))

	p.surveys = survey.NewStore(p.db)
	t.Cleanup(p.surveys.Close)
	p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, p.clock)
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	server = start(listener)
	t.Cleanup(func() { _ = server.Close() })
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	b.eventually("kept", func() bool {
		return fmt.Sprint(said(read(t, p.router(), p.token(t, 0)))) == "map[meetings:3 proud:5 words:meanwhile]"
	})
	b.do(step("words"))
	if got := ask(b, chromedp.Value(chromedp.CSS(`[name="words"]`))); got != "meanwhile" {
		t.Errorf("the page opened again has %q", got)
	}
}

// A service that is busy, and says when to come back, is asked again; a link that
// is over is not.
func TestBrowserWhenTheServiceRefuses(t *testing.T) {
	p := opened(t, asksEverything(t))
	pages := p.pages()
	var busy atomic.Int32
	busy.Store(2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch && busy.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b := openBrowser(t)
	b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=uk"), step("proud"), choose("proud", "4"), seen(`#kept[data-state="here"]`), seen(`#kept[data-state="saved"]`))
	if got := said(read(t, p.router(), p.token(t, 0)))["proud"]; got != "4" {
		t.Errorf("kept %q", got)
	}
	// A number out of range waits for a change, and holds nothing else up.
	b.do(step("hours"), write("hours", "99"), step("advise"), choose("advise", "7"))
	b.eventually("kept", func() bool { return said(read(t, p.router(), p.token(t, 0)))["advise"] == "7" })
	// Submitting points it out, once, and takes the rest when it is put right.
	b.do(step("help"), tap(`.send [value="final"]`), seen("#alert"), seen(`.wrong [name="hours"]`))
	if got := ask(b, chromedp.Value(chromedp.CSS(`[name="hours"]`))); got != "99" || b.text("#alert a") != "Скільки годин?" {
		t.Errorf("pointed out %q with %q", b.text("#alert a"), got)
	}
	if _, ok := p.stored(t, 0); ok {
		t.Error("it was submitted without what is wrong")
	}
	b.do(tap("#alert a"), chromedp.SetValue(chromedp.CSS(`[name="hours"]`), "9,"), write("hours", "5"), step("help"), tap(`.send [value="final"]`), seen(".message h1"))
	if got, _ := p.stored(t, 0); !reflect.DeepEqual(got.Stored.Values, []float32{9.5, 4, 7}) {
		t.Errorf("stored %v, want 9.5 hours, 4 and 7", got.Stored.Values)
	}
	b.do(tap(".message .actions .button"), seen(".step .question"), step("advise"))
	p.now = p.wave(t).Closes
	b.do(choose("advise", "8"), seen(`#kept[data-state="over"]`))
	if got := b.text("#kept"); !strings.HasPrefix(got, "Опитування завершено") {
		t.Errorf("after closing the page says %q", got)
	}
}

// Two devices: the second resumes where the first stopped, with its answers, and
// of each item the newest answer counts, though its device was offline meanwhile.
func TestBrowserTwoDevices(t *testing.T) {
	p := opened(t, asksEverything(t))
	p.now = p.now.Add(time.Minute)
	began := time.Now()
	clock := p.now
	p.pulse = survey.NewPulse(p.programs, p.surveys, testSecret, func() time.Time { return clock.Add(time.Since(began)) })
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	link := server.URL + "/s/" + p.token(t, 0) + "?lang=en"
	phone, desk := openBrowser(t), openBrowser(t)
	phone.do(chromedp.Navigate(link), step("meetings"), write("meetings", "5"), step("proud"), choose("proud", "3"), step("advise"))
	phone.eventually("at the place", func() bool {
		s := read(t, p.router(), p.token(t, 0))
		return s.Place == "advise" && len(said(s)) == 2
	})
	desk.do(chromedp.Navigate(link), seen(`[name="advise"]`))
	if got := desk.text("#progress p"); got != "Question 4 of 8" {
		t.Errorf("the second device begins at %q", got)
	}
	phone.connection(false)
	phone.do(choose("advise", "2"), seen(`#kept[data-state="here"]`)) // older than the desk's
	desk.do(choose("advise", "9"), step("proud"), seen(`[name="proud"][value="3"]:checked`), choose("proud", "1"))
	desk.eventually("kept", func() bool { return said(read(t, p.router(), p.token(t, 0)))["proud"] == "1" })
	phone.do(step("meetings"), write("meetings", "0")) // 50, newer than anything
	phone.connection(true)
	phone.do(step("help"), tap(`.send [value="final"]`), seen(".message h1"))
	got, _ := p.stored(t, 0)
	if !got.Final || !reflect.DeepEqual(got.Stored.Values, []float32{50, 1, 9}) {
		t.Errorf("stored %v, want the newest of each: 50, 1 and 9", got.Stored.Values)
	}
}

// With the keyboard alone: the focus follows the questions, their order is that of
// the page, and what changes is said.
func TestBrowserKeyboardAlone(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=en"), seen(".next"))
	key := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			b.do(chromedp.KeyEvent(k))
		}
	}
	at := func(want string) {
		t.Helper()
		got := ask(b, chromedp.Evaluate[string](`(({activeElement: e}) => e.name ? e.name + (e.type === "radio" ? "=" + e.value : "") : e.textContent.trim())(document)`))
		if got != want {
			t.Errorf("the focus is at %q, want %q", got, want)
		}
	}
	for range 30 { // through the page to Begin
		key("\t")
		if ask(b, chromedp.Evaluate[bool](`document.activeElement.classList.contains("next")`)) {
			break
		}
	}
	at("Begin")
	key("\r")
	at("How many times did you meet?")
	key("\t")
	at("meetings")
	key("3", "\r") // Enter leads on
	at("How many hours?")
	if got := b.text("#progress p"); got != "Question 2 of 8" {
		t.Errorf("the progress is %q", got)
	}
	key("\t", "2", "\t")
	at("Back")
	key("\t")
	at("Next")
	key("\r")
	at("I am proud of my work. required")
	key("\t", kb.ArrowDown) // to the first point, and down to the second
	at("proud=2")
	key("\t", "\t", "\r")
	at("Would you advise us?")
	type bar struct {
		Role, Now, Max, Text, Live string
	}
	got := ask(b, chromedp.Evaluate[bar](`(() => { const e = document.querySelector("progress"); return {Role: e.tagName, Now: String(e.value), Max: String(e.max), Text: e.getAttribute("aria-valuetext"), Live: document.querySelector("#progress p").getAttribute("role")}; })()`))
	if want := (bar{"PROGRESS", "4", "8", "Question 4 of 8", "status"}); got != want {
		t.Errorf("progress %+v, want %+v", got, want)
	}
	// Back in the browser is back in the questions.
	ask(b, chromedp.Evaluate[int](`history.back(); 1`))
	b.do(seen(`[name="proud"][value="2"]:checked`))
	b.eventually("kept", func() bool {
		return fmt.Sprint(said(read(t, p.router(), p.token(t, 0)))) == "map[hours:2 meetings:3 proud:2]"
	})
}

// A link of a mail: its answer is kept at once, and the rest is asked from there.
func TestBrowserKeepsTheAnswerOfALink(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=uk&answer=advise:8"), seen(`[name="advise"][value="8"]:checked`))
	b.eventually("kept", func() bool { return said(read(t, p.router(), p.token(t, 0)))["advise"] == "8" })
	if got := ask(b, chromedp.Evaluate[string](`location.search`)); got != "?lang=uk" {
		t.Errorf("the address is still %q", got)
	}
}

// Nothing on any page goes to another host, and nothing is refused by the policy.
func TestBrowserAsksNobodyElse(t *testing.T) {
	p := opened(t)
	server := httptest.NewServer(p.pages())
	t.Cleanup(server.Close)
	b := openBrowser(t)
	b.do(chromedp.Navigate(server.URL+"/s/"+p.token(t, 0)+"?lang=uk"), step("engagement-energy"), choose("engagement-energy", "4"), seen(`#kept[data-state="saved"]`))
	from := ask(b, chromedp.Evaluate[[]string](`performance.getEntriesByType("resource").map((e) => new URL(e.name).host)`))
	if len(from) < 4 {
		t.Fatalf("only %d requests", len(from))
	}
	for _, host := range from {
		if "http://"+host != server.URL {
			t.Errorf("the page asks %s", host)
		}
	}
	// First view: the page, its style and its scripts, as they come over the wire.
	size := ask(b, chromedp.Evaluate[int](`[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource").filter((e) => /assets/.test(e.name))].reduce((n, e) => n + e.transferSize, 0)`))
	if size < 5_000 || size >= 50_000 {
		t.Errorf("the first view weighs %d bytes over the wire, want less than 50,000", size)
	}
}
