package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

func get(handler gin.HandlerFunc, target, accept string) *httptest.ResponseRecorder {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	web.AssetRoutes(r)
	r.GET("/page", handler)
	req := httptest.NewRequest(http.MethodGet, target, nil)
	req.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func TestProblemsAreShownAsPages(t *testing.T) {
	busy := web.NewProblem(http.StatusServiceUnavailable, "busy", "Busy <now>", "Wait.")
	busy.RetryAfter = 7
	for name, tt := range map[string]struct {
		err    error
		accept string
		status int
		says   []string
		not    []string
	}{
		"problem":             {web.NewProblem(http.StatusGone, "gone", "Gone", "For good."), "en", 410, []string{`<html lang="en">`, "Gone", "For good.", "Українська"}, []string{"Try again"}},
		"try again":           {busy, "en", 503, []string{"Busy &lt;now&gt;", "Try again"}, []string{"<now>"}},
		"internal":            {errors.New("password of the database"), "uk", 500, []string{`<html lang="uk">`, "На нашому боці щось пішло не так", "English"}, []string{"password"}},
		"no language of ours": {errors.New("x"), "de", 500, []string{`<html lang="en">`}, nil},
	} {
		w := get(web.HTML(func(*gin.Context) error { return tt.err }), "/page", tt.accept)
		if w.Code != tt.status || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: status %d, %v", name, w.Code, w.Header())
		}
		for _, s := range tt.says {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s: does not say %q", name, s)
			}
		}
		for _, s := range tt.not {
			if strings.Contains(w.Body.String(), s) {
				t.Errorf("%s: says %q", name, s)
			}
		}
	}
	if w := get(web.HTML(func(*gin.Context) error { return busy }), "/page", "en"); w.Header().Get("Retry-After") != "7" {
		t.Errorf("Retry-After %q, want 7", w.Header().Get("Retry-After"))
	}
}

func TestAssetsHaveOneAddress(t *testing.T) {
	nothing := func(*gin.Context) {}
	address := web.AssetPath("page.css")
	for target, want := range map[string]int{
		address: http.StatusOK, "/assets/page.css": http.StatusNotFound, "/assets/page.000000000000.css": http.StatusNotFound, "/assets/../layout.go": http.StatusNotFound,
	} {
		if w := get(nothing, target, "en"); w.Code != want {
			t.Errorf("%s: status %d, want %d", target, w.Code, want)
		}
	}
	if web.AssetPath("none.css") != "" {
		t.Error("an asset that is not there has an address")
	}
}

func TestParsePages(t *testing.T) {
	files := fstest.MapFS{
		"one.html":   {Data: []byte(`{{define "content"}}one {{template "part" .}}{{end}}`)},
		"two.html":   {Data: []byte(`{{define "content"}}two{{end}}`)},
		"_part.html": {Data: []byte(`{{define "part"}}shared{{end}}`)},
	}
	pages, err := web.ParsePages(files, "*.html")
	if err != nil || len(pages) != 2 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	var b strings.Builder
	if err := pages["one.html"].Execute(&b, web.Frame{Lang: "uk", Title: "<T>"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "one shared") || strings.Contains(b.String(), "two") || !strings.Contains(b.String(), "<title>&lt;T&gt;</title>") {
		t.Errorf("the page is %s", b.String())
	}
	files["bad.html"] = &fstest.MapFile{Data: []byte(`{{define "content"}}{{.`)}
	if _, err := web.ParsePages(files, "*.html"); err == nil || !strings.Contains(err.Error(), "bad.html") {
		t.Errorf("error %v, want one that names bad.html", err)
	}
}
