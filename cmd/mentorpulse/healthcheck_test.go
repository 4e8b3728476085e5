package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthAddress(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080":     "http://127.0.0.1:8080/healthz",
		"0.0.0.0:8080":       "http://localhost:8080/healthz",
		":8080":              "http://localhost:8080/healthz",
		"[::]:8080":          "http://localhost:8080/healthz",
		"[::1]:8080":         "http://[::1]:8080/healthz",
		"pulse.internal:443": "http://pulse.internal:443/healthz",
	} {
		if got, err := healthAddress(addr); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", addr, got, err, want)
		}
	}
	if _, err := healthAddress("8080"); err == nil || !strings.Contains(err.Error(), "HOST:PORT") {
		t.Errorf("no port: %v; want what to write", err)
	}
}

func TestHealthcheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	g := &Globals{Addr: strings.TrimPrefix(server.URL, "http://")}
	if err := (healthcheckCommand{}).Run(t.Context(), g); err != nil {
		t.Errorf("a service that answers: %v", err)
	}
	status = http.StatusServiceUnavailable
	if err := (healthcheckCommand{}).Run(t.Context(), g); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a service that fails: %v", err)
	}
	server.Close()
	if err := (healthcheckCommand{}).Run(t.Context(), g); err == nil {
		t.Error("no service at all passed")
	}
}
