package openapitest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/openapi"
	"mentorpulse/internal/openapi/openapitest"
)

// exchange is one request with what a service answers to it.
type exchange struct {
	method, target, key, sent string
	status                    int
	contentType, body         string
}

const (
	problem = `{"type":"/problems/not-found","title":"Not found","status":404}`
	sheet   = `{"wave":"2026-01-05","closes_at":"2026-01-12T09:00:00Z","opened_at":"2026-01-05T09:00:00Z","now":"2026-01-05T09:00:00Z","final":false,"unsent":false,"language":"uk","items":[{"id":"a","type":"likert","prompt":"?","min":1,"max":5}],"answers":[{"item":"a","value":4}]}`
	receipt = `{"wave":"2026-01-05","final":true,"submitted_at":"2026-01-05T09:00:00Z","closes_at":"2026-01-12T09:00:00Z"}`
	report  = `{"report":"engagement","program":"acme","name":"Acme","lang":"en","policy":"confidential","k":5,"wave":null,"waves":[],"figures":[%s],"definitions":{}}`
	figure  = `{"measure":"engagement.index","value":null,"low":null,"high":null,"n":null,"unit":"index","withheld":{"code":"too-few","reason":"…"}}`
)

func (e exchange) judged() *judge {
	j := &judge{}
	handler := openapitest.Wrap(j, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, len(e.sent)+1)
		_, _ = r.Body.Read(buf)
		w.Header().Set("Content-Type", e.contentType)
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(e.status)
		_, _ = fmt.Fprint(w, e.body)
	}))
	req := httptest.NewRequest(e.method, e.target, strings.NewReader(e.sent))
	if e.sent == "" {
		req = httptest.NewRequest(e.method, e.target, http.NoBody)
	}
	if e.key != "" {
		req.Header.Set("Authorization", e.key)
	}
	handler.ServeHTTP(httptest.NewRecorder(), req)
	return j
}

// judge keeps what a test would have been failed with.
type judge struct {
	testing.TB
	said string
}

func (j *judge) Helper() {}

func (j *judge) Errorf(format string, args ...any) { j.said += fmt.Sprintf(format, args...) + "\n" }

const (
	asJSON    = "application/json; charset=utf-8"
	asProblem = "application/problem+json; charset=utf-8"
	asBook    = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func TestWhatTheContractHoldsPasses(t *testing.T) {
	for name, e := range map[string]exchange{
		"sheet":               {"GET", "/api/v1/s/abc?lang=uk", "", "", 200, asJSON, sheet},
		"answers":             {"PUT", "/api/v1/s/abc", "", `{"answers":[{"item":"a","value":4}],"final":true}`, 200, asJSON, receipt},
		"bad answers":         {"PUT", "/api/v1/s/abc", "", `{"answers":7}`, 400, asProblem, problem},
		"report":              {"GET", "/api/v1/programs/acme/analytics/engagement?by=department&role=mentor", "Bearer k", "", 200, asJSON, fmt.Sprintf(report, figure)},
		"report, basic":       {"GET", "/api/v1/programs/acme/analytics/goals", "Basic azpr", "", 200, asJSON, fmt.Sprintf(report, "")},
		"refused":             {"GET", "/api/v1/programs/acme/analytics/goals?bye=department", "Bearer k", "", 400, asProblem, problem},
		"roster":              {"POST", "/api/v1/programs/acme/roster?preview=true", "Bearer k", "id;role", 200, asJSON, `{"preview":true,"participants":{"added":1,"changed":0,"unchanged":0,"absent":0},"pairs":{"added":1,"changed":0,"unchanged":0,"absent":0},"goals":{"added":1,"changed":0,"unchanged":0,"absent":0}}`},
		"health":              {"GET", "/healthz", "", "", 200, "text/plain; charset=utf-8", "ok\n"},
		"unknown and a 404":   {"GET", "/api/v1/nowhere", "", "", 404, asProblem, problem},
		"wrong method":        {"DELETE", "/api/v1/s/abc", "", "", 405, asProblem, problem},
		"page":                {"GET", "/s/abc", "", "", 200, "text/html", "<p>"},
		"the host is no part": {"GET", "https://pulse.example.com/healthz", "", "", 200, "text/plain", "ok\n"},
	} {
		if j := e.judged(); j.said != "" {
			t.Errorf("%s: %s", name, j.said)
		}
	}
}

func TestWhatTheContractLacksFails(t *testing.T) {
	for name, e := range map[string]exchange{
		"unknown path":          {"GET", "/api/v1/nowhere", "", "", 200, asJSON, "{}"},
		"unknown method":        {"DELETE", "/api/v1/s/abc", "", "", 200, asJSON, "{}"},
		"404 without a problem": {"GET", "/api/v1/nowhere", "", "", 404, "text/plain", "404"},
		"unknown status":        {"GET", "/api/v1/s/abc", "", "", 418, asProblem, problem},
		"unknown field":         {"GET", "/api/v1/s/abc", "", "", 200, asJSON, strings.Replace(sheet, `"wave"`, `"participant":"x","wave"`, 1)},
		"missing field":         {"GET", "/api/v1/s/abc", "", "", 200, asJSON, strings.Replace(sheet, `"final":false,`, "", 1)},
		"wrong type":            {"GET", "/api/v1/s/abc", "", "", 200, asJSON, strings.Replace(sheet, "false", `"no"`, 1)},
		"unknown item type":     {"GET", "/api/v1/s/abc", "", "", 200, asJSON, strings.Replace(sheet, "likert", "slider", 1)},
		"deep unknown field":    {"GET", "/api/v1/programs/acme/analytics/engagement", "Bearer k", "", 200, asJSON, fmt.Sprintf(report, strings.Replace(figure, `"reason"`, `"who":"x","reason"`, 1))},
		"no value at all":       {"GET", "/api/v1/programs/acme/analytics/engagement", "Bearer k", "", 200, asJSON, fmt.Sprintf(report, strings.Replace(figure, `"value":null,`, "", 1))},
		"unknown unit":          {"GET", "/api/v1/programs/acme/analytics/engagement", "Bearer k", "", 200, asJSON, fmt.Sprintf(report, strings.Replace(figure, `"index"`, `"miles"`, 1))},
		"accepted bad answers":  {"PUT", "/api/v1/s/abc", "", `{"answers":7}`, 200, asJSON, receipt},
		"accepted parameter":    {"GET", "/api/v1/programs/acme/analytics/goals?bye=x", "Bearer k", "", 200, asJSON, fmt.Sprintf(report, "")},
		"open without a key":    {"GET", "/api/v1/programs/acme/analytics/goals", "", "", 200, asJSON, fmt.Sprintf(report, "")},
		"error as text":         {"GET", "/api/v1/s/abc", "", "", 500, "text/plain", "panic"},
		"book as JSON":          {"GET", "/api/v1/programs/acme/report.xlsx", "Bearer k", "", 200, asJSON, "{}"},
		"book without a name":   {"GET", "/api/v1/programs/acme/report.xlsx", "Bearer k", "", 200, asBook, "PK"},
	} {
		if j := e.judged(); j.said == "" {
			t.Errorf("%s: passed", name)
		}
	}
}

func TestContractIsServed(t *testing.T) {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	openapi.Routes(r)
	server := httptest.NewServer(openapitest.Wrap(t, r))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/openapi.yaml", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	openapitest.Check(t, req, res)
	head := make([]byte, 14)
	if _, err := res.Body.Read(head); err != nil || string(head) != "openapi: 3.1.0" {
		t.Errorf("%d %q %v", res.StatusCode, head, err)
	}
}
