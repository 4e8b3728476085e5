package survey_test

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/makiuchi-d/gozxing"
	decoder "github.com/makiuchi-d/gozxing/qrcode"

	"mentorpulse/internal/access"
	"mentorpulse/survey"
)

// scanned reads a QR code as a telephone would.
func scanned(t *testing.T, file []byte) string {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := decoder.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

func TestPosterLeadsToTheEntryPage(t *testing.T) {
	p := opened(t)
	gin.SetMode(gin.TestMode)
	r := gin.New()
	owners := access.NewOwners(testSecret)
	posters := survey.NewPosters(p.pulse, "https://pulse.example/hr")
	posters.PageRoutes(r.Group("/programs/:id", owners.RequirePage(p.programs)))
	posters.Routes(r.Group("/api/v1/programs/:id", owners.Require(p.programs)))
	posters.LinkRoutes(r)
	key := []string{"Authorization", "Bearer " + owners.Key(p.program)}

	w := call(r, http.MethodGet, "/programs/acme/poster?lang=en", "", key...)
	for _, s := range []string{
		"Зворотне наставництво Acme", `src="entry.svg"`, "pulse.example/hr/e/acme", "How is it going?", "Як просуваються справи?", `<section lang="uk">`,
		"open until 10\u00a0January 2026, 09:00", "відкрите до 10\u00a0січня 2026", "Answers are confidential", "Відповіді конфіденційні", "at least 5 people", "If you ask for help", "попросите допомоги", "pulse@acme.example",
	} {
		if !strings.Contains(w.Body.String(), s) {
			t.Errorf("the poster does not say %q", s)
		}
	}
	if strings.Contains(w.Body.String(), "/s/") || strings.Contains(w.Body.String(), "Name-e") {
		t.Error("the poster shows whose links there are")
	}
	for path, want := range map[string]string{
		"/programs/acme/entry": "https://pulse.example/hr/e/acme", "/api/v1/programs/acme/entry": "https://pulse.example/hr/e/acme",
		"/s/" + p.token(t, 0) + "/qr": "https://pulse.example/hr/s/" + p.token(t, 0),
	} {
		headers := key
		if strings.HasPrefix(path, "/s/") {
			headers = nil
		}
		if w := call(r, http.MethodGet, path+".png", "", headers...); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || scanned(t, w.Body.Bytes()) != want {
			t.Errorf("%s.png: %d, %v", path, w.Code, w.Header())
		}
		w := call(r, http.MethodGet, path+".svg", "", headers...)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(w.Body.String(), "<svg ") || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s.svg: %d, %v", path, w.Code, w.Header())
		}
	}
	for _, path := range []string{"/programs/acme/poster", "/programs/acme/entry.svg", "/api/v1/programs/acme/entry.png"} {
		if w := call(r, http.MethodGet, path, ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without the key: %d", path, w.Code)
		}
	}
	if w := call(r, http.MethodGet, "/s/AAAA/qr.svg", ""); w.Code != http.StatusNotFound {
		t.Errorf("the code of a link that is none: %d", w.Code)
	}
	p.now = p.wave(t).Closes
	if w := call(r, http.MethodGet, "/programs/acme/poster?lang=en", "", key...); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "open until") {
		t.Errorf("between waves: %d", w.Code)
	}
}
