package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/web"
)

// Behind a proxy that is named, people are told apart; without, all who mistype
// are one, and nobody makes up an address.
func TestWhoGuessesBehindAProxy(t *testing.T) {
	a := testApp(t)
	wrong := func(h http.Handler, from string) int {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/s/wrong", http.NoBody)
		r.RemoteAddr = "10.0.0.7:1"
		r.Header.Set("X-Forwarded-For", from)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for name, tt := range map[string]struct {
		trusted []string
		second  int
	}{
		"named": {[]string{"10.0.0.0/8"}, http.StatusNotFound}, "not named": {nil, http.StatusTooManyRequests},
	} {
		proxies, err := web.ParseProxies(tt.trusted)
		if err != nil {
			t.Fatal(err)
		}
		a.proxies = proxies
		h := a.handler(false)
		for range 20 {
			wrong(h, "192.0.2.1")
		}
		if got := wrong(h, "192.0.2.1"); got != http.StatusTooManyRequests {
			t.Errorf("%s: after 20 mistakes %d", name, got)
		}
		if got := wrong(h, "192.0.2.2"); got != tt.second {
			t.Errorf("%s: somebody else gets %d, want %d", name, got, tt.second)
		}
	}
	g := Globals{Data: t.TempDir(), Addr: "127.0.0.1:1", TrustedProxies: []string{"proxy.example"}}
	if _, err := open(t.Context(), &g, time.Now); err == nil || !strings.Contains(err.Error(), "--trusted-proxies") {
		t.Errorf("a proxy by its name: %v", err)
	}
}
