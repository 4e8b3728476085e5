package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mentorpulse/internal/openapi/openapitest"
)

// Every exchange of the whole service is held against the contract.
func TestServiceKeepsItsContract(t *testing.T) {
	a := testApp(t)
	size := demoSize{Participants: 30, Waves: 2, Seed: 3}
	made(t, a, size, time.Now())
	p, err := a.programs.Program(t.Context(), size.id())
	if err != nil {
		t.Fatal(err)
	}
	key, operator := a.owners.Key(p), a.operators.Key(p.ID)
	links, err := a.pulse.OpenLinks(t.Context(), p.ID)
	if err != nil || len(links) == 0 {
		t.Fatal(links, err)
	}
	link := "/api/v1/s/" + links[0].Token
	programs := "/api/v1/programs/" + p.ID
	full := `{"answers":[{"item":"engagement-energy","value":5},{"item":"engagement-meaning","value":5},{"item":"engagement-effort","value":5}],"final":true}`
	handler := openapitest.Wrap(t, a.handler(true))
	for _, c := range []struct {
		method, path, key, body string
		status                  int
	}{
		{"GET", link, "", "", 200},
		{"PUT", link, "", full, 200},
		{"PUT", link, "", `{"answers":[],"final":false}`, 409},
		{"PUT", link, "", `{"answers":[],"finl":true}`, 400},
		{"PUT", link, "", `{"answers":[{"item":"engagement-energy","value":9}],"final":true}`, 422},
		{"PATCH", link + "/draft", "", `{"answers":[{"item":"engagement-energy","value":4,"at":"2026-01-05T09:00:00Z"}],"place":"engagement-energy"}`, 200},
		{"PATCH", link + "/draft", "", `{"answers":[{"item":"engagement-energy","value":9}]}`, 422},
		{"PATCH", "/api/v1/s/AAAA/draft", "", `{"answers":[]}`, 404},
		{"GET", "/api/v1/s/AAAA", "", "", 404},
		{"POST", link + "/meetings", "", `{"date":"` + time.Now().AddDate(0, 0, -1).Format(time.DateOnly) + `"}`, 200},
		{"POST", link + "/meetings", "", `{"date":"` + time.Now().AddDate(0, 0, -1).Format(time.DateOnly) + `","held":false}`, 200},
		{"POST", link + "/meetings", "", `{"date":"2020-01-01"}`, 422},
		{"GET", link + "/meetings", "", "", 200},
		{"GET", "/api/v1/measures?lang=en", "", "", 200},
		{"GET", programs + "/analytics/participation", key, "", 200},
		{"GET", programs + "/analytics/engagement?wave=latest", key, "", 200},
		{"GET", programs + "/analytics/confidence?role=mentee", key, "", 200},
		{"GET", programs + "/analytics/retention", key, "", 200},
		{"GET", programs + "/analytics/goals", key, "", 200},
		{"GET", programs + "/analytics/benefits", key, "", 200},
		{"GET", programs + "/analytics/challenges?wave=2", key, "", 200},
		{"GET", programs + "/analytics/drivers", key, "", 200},
		{"GET", programs + "/analytics/heatmap", key, "", 200},
		{"GET", programs + "/analytics/trends?wave=1..2", key, "", 200},
		{"GET", programs + "/analytics/pairs?limit=3", key, "", 200},
		{"GET", programs + "/analytics/pairs?status=red", key, "", 400},
		{"GET", programs + "/analytics/pairs", "", "", 401},
		{"GET", programs + "/analytics/goals?wave=99", key, "", 404},
		{"GET", programs + "/analytics/goals?by=shoe", key, "", 400},
		{"GET", programs + "/analytics/goals", "", "", 401},
		{"GET", programs + "/analytics/overview", key, "", 200},
		{"GET", programs + "/analytics/overview?by=shoe", key, "", 400},
		{"GET", programs + "/analytics/overview", "", "", 401},
		{"GET", programs + "/analytics/alerts?lang=en", key, "", 200},
		{"GET", programs + "/analytics/alerts?wave=99", key, "", 404},
		{"GET", programs + "/analytics/objectives", key, "", 200},
		{"GET", programs + "/objectives", key, "", 200},
		{"GET", programs + "/objectives", operator, "", 401},
		{"PUT", programs + "/objectives", key, `{"objectives":[{"code":"stay","title":"Stay","measure":"retention.intent","at_least":"60%","by":"2027-01-31"}]}`, 200},
		{"PUT", programs + "/objectives?preview=true", key, `{"objectives":[]}`, 200},
		{"PUT", programs + "/objectives", key, `{"objectives":[{"code":"stay","title":"Stay","measure":"retention.intent","at_least":60}]}`, 422},
		{"PUT", programs + "/objectives", key, `{"objectivs":[]}`, 400},
		{"PUT", programs + "/objectives", "", `{"objectives":[]}`, 401},
		{"GET", programs + "/analytics/objectives?lang=en", key, "", 200},
		{"GET", programs + "/analytics/comments?search=time&limit=5", key, "", 200},
		{"GET", programs + "/analytics/comments?by=Department", key, "", 400},
		{"GET", programs + "/analytics/comments", "", "", 401},
		{"GET", programs + "/report.xlsx?lang=en", key, "", 200},
		{"GET", programs + "/responses.xlsx", key, "", 403},
		{"GET", programs + "/schedule", key, "", 200},
		{"GET", programs + "/schedule", operator, "", 401},
		{"POST", programs + "/schedule/pause?dry_run=true", key, "", 200},
		{"POST", programs + "/schedule/resume", key, "", 409},
		{"POST", programs + "/schedule/skip", key, `{"wave":"2020-01-01"}`, 422},
		{"POST", programs + "/schedule/skip", "", `{"wave":"2020-01-01"}`, 401},
		{"GET", programs + "/help", key, "", 200},
		{"GET", programs + "/help", operator, "", 401},
		{"GET", programs + "/links.csv", operator, "", 200},
		{"GET", programs + "/links.csv", key, "", 401},
		{"POST", programs + "/roster?preview=true", key, "email,role\nx@example.com,captain\n", 422},
		{"POST", programs + "/roster?preview=true", key, "email,role\nx@example.com,comparison\n", 200},
		{"GET", programs + "/deliveries?lang=en", key, "", 200},
		{"GET", programs + "/deliveries?state=lost", key, "", 400},
		{"GET", programs + "/deliveries", operator, "", 401},
		{"POST", programs + "/deliveries/resume", key, "", 200},
		{"POST", programs + "/bounces", key, `{"bounces":[{"message_id":"<x@y>","permanent":true}]}`, 200},
		{"POST", programs + "/bounces", key, `{"bounces":[]}`, 400},
		{"POST", programs + "/bounces", "", `{"bounces":[]}`, 401},
		{"POST", programs + "/bounces.mbox", operator, "From x@y Mon Jan  5\n\nHello\n", 200},
		{"POST", programs + "/bounces.mbox", operator, "hello", 422},
		{"POST", programs + "/bounces.mbox", key, "hello", 401},
		{"GET", programs + "/entry.svg", key, "", 200},
		{"GET", programs + "/entry.png", key, "", 200},
		{"GET", programs + "/entry.png", operator, "", 401},
		{"GET", programs + "/channels/chat", key, "", 404},
		{"PUT", programs + "/channels/chat", key, `{"kind":"slack","url":"https://127.0.0.1/x"}`, 422},
		{"PUT", programs + "/channels/chat", key, `{"kind":"slack","url":"https://hooks.slack.com/services/x"}`, 200},
		{"GET", programs + "/channels/chat", key, "", 200},
		{"DELETE", programs + "/channels/chat", key, "", 204},
		{"POST", programs + "/channels/chat/test", key, "", 404},
		{"POST", programs + "/channels/chat/test", operator, "", 401},
		{"GET", "/healthz", "", "", 200},
		{"GET", "/readyz", "", "", 200},
		{"GET", "/openapi.yaml", "", "", 200},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		if c.key != "" {
			r.Header.Set("Authorization", "Bearer "+c.key)
		}
		if c.method == "PUT" || strings.HasSuffix(c.path, "/meetings") || strings.HasSuffix(c.path, "/bounces") || strings.Contains(c.path, "/channels/") {
			r.Header.Set("Content-Type", "application/json")
		}
		if strings.Contains(c.path, "/roster") {
			r.Header.Set("Content-Type", "text/csv")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d: %.300s", c.method, c.path, w.Code, c.status, w.Body)
		}
		for _, secret := range []string{links[0].Participant.Email, links[0].Participant.ID.String()} {
			if c.path != programs+"/links.csv" && c.path != programs+"/help" && bytes.Contains(w.Body.Bytes(), []byte(secret)) {
				t.Errorf("%s %s shows %q", c.method, c.path, secret)
			}
		}
	}
}

func TestWhatHoldsForEveryRequest(t *testing.T) {
	a := testApp(t)
	server := httptest.NewServer(a.handler(false))
	defer server.Close()
	send := func(method, path string, headers ...string) (int, http.Header, string) {
		t.Helper()
		req, err := http.NewRequest(method, server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header, string(body)
	}
	if status, _, body := send("POST", "/api/v1/programs/acme/roster", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); status != http.StatusForbidden {
		t.Errorf("a post from another site: %d %s", status, body)
	}
	for _, path := range []string{"/api/v1/s/x/meetings", "/s/x/meetings"} {
		if status, _, body := send("POST", path, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); status != http.StatusForbidden {
			t.Errorf("a post from another site to %s: %d %s", path, status, body)
		}
	}
	if status, _, body := send("POST", "/api/v1/programs/acme/roster"); status != http.StatusUnauthorized {
		t.Errorf("a post from a program, without a key: %d %s", status, body)
	}
	if status, header, body := send("HEAD", "/healthz"); status != http.StatusOK || header.Get("Content-Length") != "3" || body != "" {
		t.Errorf("HEAD: %d %v %q", status, header, body)
	}
	status, header, body := send("DELETE", "/healthz")
	if status != http.StatusMethodNotAllowed || header.Get("Allow") == "" || !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("DELETE: %d %v %s", status, header, body)
	}
}

func TestAddressOfTheService(t *testing.T) {
	for url, want := range map[string]string{
		"": "http://127.0.0.1:1", "https://x.example/": "https://x.example", "https://x.example/pulse": "https://x.example/pulse",
		"not a url": "", "ftp://x.example": "", "https://": "", "https://x.example/?a=1": "",
	} {
		g := Globals{Addr: "127.0.0.1:1", URL: url}
		got, err := g.address()
		if got != want || (want == "") != (err != nil) {
			t.Errorf("%q: %q, %v; want %q", url, got, err, want)
		}
	}
	if (&Globals{Addr: "127.0.0.1:1", URL: "https://x.example"}).loopback() {
		t.Error("behind a proxy the first page would show the demonstration's key to everybody")
	}
}
