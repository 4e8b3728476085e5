package survey_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

// doors is all that a link or a code leads to, put together as the service does.
func (p *place) doors() *gin.Engine {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	watch := survey.NewWatch(web.Proxies{}, time.Now)
	entrance := survey.NewEntrance(p.pulse, watch, testSecret, "http://pulse.example")
	entrance.Routes(r)
	survey.NewPages(p.pulse).Routes(r.Group("", watch.Links, entrance.Follow))
	survey.NewAPI(p.pulse).Routes(r.Group("/api/v1", watch.Links))
	web.AssetRoutes(r)
	return r
}

// kioskBrowser is a browser without scripts at an entry page.
type kioskBrowser struct {
	t      *testing.T
	client *http.Client
	// at is the address that it is at, and page what it shows.
	at, page string
	status   int
	header   http.Header
	// history is every address that it can go back to.
	history []string
}

func newKioskBrowser(t *testing.T) *kioskBrowser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &kioskBrowser{t: t, client: &http.Client{Jar: jar}}
}

func (b *kioskBrowser) do(method, address string, form url.Values) {
	b.t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.page, b.status, b.header = res.Request.URL.String(), string(body), res.StatusCode, res.Header
	b.history = append(b.history, b.at)
	if b.header.Get("Cache-Control") != "no-store" {
		b.t.Errorf("%s may be stored: %q", b.at, b.header.Get("Cache-Control"))
	}
}

func (b *kioskBrowser) open(address string) { b.t.Helper(); b.do(http.MethodGet, address, nil) }

func (b *kioskBrowser) send(address string, form url.Values) {
	b.t.Helper()
	b.do(http.MethodPost, address, form)
}

func TestKioskKeepsNothingOfThePersonBefore(t *testing.T) {
	p := opened(t, asksEverything(t))
	server := httptest.NewServer(p.doors())
	defer server.Close()
	entry := server.URL + "/e/acme"
	for name, leave := range map[string]func(b *kioskBrowser, form url.Values){
		"submitted": func(b *kioskBrowser, form url.Values) { form.Set("_do", "final"); b.send(b.at, form) },
		"left": func(b *kioskBrowser, form url.Values) {
			form.Set("_do", "draft")
			b.send(b.at, form)
			b.open(strings.Split(b.at, "?")[0] + "/leave?lang=en")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newKioskBrowser(t)
			b.open(entry + "?lang=en")
			b.send(entry+"?lang=en", url.Values{"code": {strings.ToLower(p.pulse.ShortCode(p.invitee(t, 0)))}})
			if b.status != http.StatusOK || !strings.Contains(b.at, "/s/kiosk.acme.") || !strings.Contains(b.page, "of a mentor in the programme") {
				t.Fatalf("at %s: %d %.300s", b.at, b.status, b.page)
			}
			for _, hidden := range []string{p.token(t, 0), "Name-e1", "e1@"} {
				if strings.Contains(b.page+b.at, hidden) {
					t.Errorf("the page or its address holds %q", hidden)
				}
			}
			form := filled(b.page)
			form.Set("words", "private words")
			form.Set("proud", "4")
			leave(b, form)
			if !strings.HasPrefix(b.at, entry) || !strings.Contains(b.page, `role="status"`) || strings.Contains(b.page, "private") {
				t.Fatalf("the way back leads to %s: %.400s", b.at, b.page)
			}
			for _, one := range append(b.history, b.history...) { // the back button, and again
				b.open(one)
				if strings.Contains(b.page, "private words") || strings.Contains(b.page, "of a mentor") || !strings.HasPrefix(b.at, entry) {
					t.Errorf("%s shows what the person before saw", one)
				}
			}
			b.send(entry, url.Values{"code": {p.pulse.ShortCode(p.invitee(t, 1))}})
			if !strings.Contains(b.page, "of a mentee") || strings.Contains(b.page, "private words") {
				t.Errorf("the next person does not get their own page: %.300s", b.page)
			}
			next := b.history
			for _, one := range next[:len(next)-1] {
				if !strings.Contains(one, "kiosk.") {
					continue
				}
				b.open(one)
				if strings.Contains(b.page, "private words") || strings.Contains(b.page, "of a mentor") {
					t.Errorf("during the next person's turn %s shows that of the one before", one)
				}
			}
		})
	}
	stored, err := p.surveys.Response(t.Context(), p.wave(t), p.respondent(t, 0))
	if err != nil || !stored.Final || stored.Stored.Texts[0] != "private words" {
		t.Errorf("what was submitted at the kiosk: %+v, %v", stored, err)
	}
}

func TestWhatLeavingAKioskTellsTheBrowser(t *testing.T) {
	p := opened(t)
	r := p.doors()
	w := post(r, "/e/acme", url.Values{"code": {p.pulse.ShortCode(p.invitee(t, 0))}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "../s/kiosk.acme.") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	var held string
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 {
			t.Errorf("cookie %+v", c)
		}
		held += c.Name + "=" + c.Value + "; "
	}
	address := strings.TrimPrefix(w.Header().Get("Location"), "..")
	out := call(r, http.MethodGet, address+"/leave", "", "Cookie", held)
	if out.Header().Get("Location") != "../../e/acme?done=left" || out.Header().Get("Clear-Site-Data") != `"cache", "storage"` ||
		!strings.Contains(out.Header().Get("Set-Cookie"), "mentorpulse-kiosk=;") {
		t.Errorf("%d %v", out.Code, out.Header())
	}
	// The script's calls go by the same address.
	if w := call(r, http.MethodGet, "/api/v1"+address, "", "Cookie", held); w.Code != http.StatusOK {
		t.Errorf("the sheet at a kiosk: %d %s", w.Code, w.Body)
	}
	for name, cookie := range map[string]string{
		"no cookie": "", "another's": strings.Replace(held, "kiosk=acme.", "kiosk=acme.x", 1), "broken": "mentorpulse-kiosk=acme",
	} {
		if w := call(r, http.MethodGet, address, "", "Cookie", cookie); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "../e/acme?done=over" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if w := call(r, http.MethodGet, "/api/v1"+address, "", "Cookie", cookie); w.Code != http.StatusNotFound {
			t.Errorf("%s: the sheet: %d", name, w.Code)
		}
	}
	for _, odd := range []string{"/s/kiosk.", "/s/kiosk..x", "/s/kiosk.%2F%2Fevil.example.x", "/s/kiosk.ACME.x"} {
		if w := call(r, http.MethodGet, odd, ""); w.Code != http.StatusNotFound || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d %v", odd, w.Code, w.Header())
		}
	}
}

func TestEntryPage(t *testing.T) {
	p := opened(t)
	r := p.doors()
	code := p.pulse.ShortCode(p.invitee(t, 2))
	for name, tt := range map[string]struct {
		path, typed string
		status      int
		says, not   []string
	}{
		"English":                {"/e/acme?lang=en", "", 200, []string{`<html lang="en">`, "Enter your code", `name="code"`}, []string{"Acme", "Введіть"}},
		"Ukrainian":              {"/e/acme?lang=uk", "", 200, []string{"Введіть свій код", "Перейти до запитань"}, []string{"Acme", "Enter"}},
		"a programme that isn’t": {"/e/none?lang=en", "", 200, []string{"Enter your code"}, []string{"none"}},
		"after submitting":       {"/e/acme?done=final&lang=uk", "", 200, []string{"Дякуємо!"}, nil},
		"done what":              {"/e/acme?done=%3Cb%3E&lang=en", "", 200, []string{"Enter"}, []string{"<b>", `role="status"`}},
		"wrong":                  {"/e/acme?lang=uk", "AAAAA-AAAAA", 422, []string{"За цим кодом немає", `aria-invalid="true"`}, []string{"AAAAA-AAAAA"}},
		"elsewhere":              {"/e/none?lang=en", code, 422, []string{"does not lead"}, []string{code}},
		"far too long":           {"/e/acme?lang=en", strings.Repeat("A", 9<<10), 422, []string{"does not lead"}, nil},
		"right":                  {"/e/acme?lang=en", code, 303, nil, nil},
	} {
		var w *httptest.ResponseRecorder
		if tt.typed == "" {
			w = call(r, http.MethodGet, tt.path, "")
		} else {
			w = post(r, tt.path, url.Values{"code": {tt.typed}})
		}
		if w.Code != tt.status {
			t.Errorf("%s: %d, want %d", name, w.Code, tt.status)
		}
		for _, s := range tt.says {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s does not say %q", name, s)
			}
		}
		for _, s := range append(tt.not, "<script") {
			if strings.Contains(w.Body.String(), s) {
				t.Errorf("%s says %q", name, s)
			}
		}
	}
}

func TestForwardedLink(t *testing.T) {
	p := opened(t, asksEverything(t), func(p *place) { p.program.Name = "Acme & Co" })
	r := p.doors()
	words := "private words"
	full := submission(false, survey.Answer{Item: "words", Text: &words})
	for n, says := range []string{"of a mentor in the programme", "of a mentee in the programme"} {
		token := p.token(t, n)
		if w := call(r, http.MethodPut, "/api/v1/s/"+token, full); w.Code != http.StatusOK {
			t.Fatal(w.Body)
		}
		w := call(r, http.MethodGet, "/s/"+token+"?lang=en", "")
		for _, s := range []string{says, "“Acme &amp; Co”", `<a href="` + token + `/leave?lang=en">This is not my link</a>`} {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("the page does not say %q", s)
			}
		}
		if uk := call(r, http.MethodGet, "/s/"+token+"?lang=uk", "").Body.String(); !strings.Contains(uk, "Це особисте посилання учасника програми «Acme &amp; Co»") || !strings.Contains(uk, "Це не моє посилання") {
			t.Error("the page does not say in Ukrainian whose link it is")
		}
		out := call(r, http.MethodGet, "/s/"+token+"/leave?lang=en", "")
		if out.Code != http.StatusOK || !strings.Contains(out.Body.String(), "You have left this link") || !strings.Contains(out.Body.String(), "pulse@acme.example") {
			t.Errorf("%d %.400s", out.Code, out.Body)
		}
		for _, hidden := range []string{"private words", "Name-e", "e1@", "e2@"} {
			if strings.Contains(out.Body.String(), hidden) || hidden != "private words" && strings.Contains(w.Body.String(), hidden) {
				t.Errorf("a forwarded link shows %q", hidden)
			}
		}
		if got := read(t, r, token).Answers; len(got) != 1 {
			t.Errorf("leaving has changed what is stored: %v", got)
		}
	}
}
