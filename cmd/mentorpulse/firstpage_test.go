package main

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFirstPageShowsLinksOnThisMachineOnly(t *testing.T) {
	a := testApp(t)
	ctx := context.Background()
	size := demoSize{Participants: 9, Waves: 1, Seed: 1}
	made(t, a, size, time.Now())
	demo, err := a.programs.Program(ctx, size.id())
	if err != nil {
		t.Fatal(err)
	}
	acme := defaultDemo().program(demo.Starts)
	acme.ID, acme.Demo = "acme", false
	if err := a.programs.PutProgram(ctx, acme); err != nil {
		t.Fatal(err)
	}
	const here = "127.0.0.1:8080"
	for _, c := range []struct {
		name     string
		showDemo bool
		remote   string
		host     string
		header   string
		shown    bool
	}{
		{"this machine", true, "127.0.0.1:50000", here, "", true},
		{"this machine by name", true, "127.0.0.1:50000", "localhost:8080", "", true},
		{"this machine, IPv6", true, "[::1]:50000", "[::1]:8080", "", true},
		{"another machine", true, "192.0.2.1:50000", here, "", false},
		{"another machine that says it is this one", true, "192.0.2.1:50000", here, "X-Forwarded-For: 127.0.0.1", false},
		{"through a proxy on this machine", true, "127.0.0.1:50000", here, "X-Forwarded-For: 192.0.2.1", false},
		{"a site that had its name lead here", true, "127.0.0.1:50000", "evil.example:8080", "", false},
		{"service reachable from elsewhere", false, "127.0.0.1:50000", here, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lang := range []string{"uk", "en"} {
				r := httptest.NewRequest("GET", "/?lang="+lang, nil)
				r.RemoteAddr, r.Host = c.remote, c.host
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				a.router(c.showDemo).ServeHTTP(w, r)
				page := w.Body.String()
				what := map[string]string{"uk": "Пульс програм наставництва", "en": "The pulse of mentoring programmes"}[lang]
				if w.Code != 200 || !strings.Contains(page, what) || strings.Contains(page, ">first-") {
					t.Errorf("%d: %s", w.Code, page)
				}
				for _, part := range []string{"http://127.0.0.1:8080/s/", "/programs/" + demo.ID, a.owners.Key(demo), "/report.xlsx"} {
					if strings.Contains(page, part) != c.shown {
						t.Errorf("%s: shows %q: %t, want %t", lang, part, !c.shown, c.shown)
					}
				}
				// Keys of programmes that people work with are never shown.
				hidden := []string{a.owners.Key(acme), acme.ID}
				if !c.shown {
					hidden = append(hidden, "mpk_")
				}
				for _, part := range hidden {
					if strings.Contains(page, part) {
						t.Errorf("%s: shows %q", lang, part)
					}
				}
			}
		})
	}
}
