package access_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
)

func secret(t *testing.T, fill byte) access.Secret {
	t.Helper()
	s, err := access.ParseSecret(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(fill)), 32))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecretIsMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first, err := access.FileSecret(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := access.FileSecret(dir)
	if err != nil {
		t.Fatal(err)
	}
	if string(first.Key("a")) != string(second.Key("a")) {
		t.Error("the secret changed between two starts")
	}
	if string(first.Key("a")) == string(first.Key("b")) {
		t.Error("two purposes have one key")
	}
	info, err := os.Stat(filepath.Join(dir, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read the secret: %s", info.Mode())
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestBadSecrets(t *testing.T) {
	for _, text := range []string{"", "not base64!", base64.StdEncoding.EncodeToString(make([]byte, 31))} {
		if _, err := access.ParseSecret(text); err == nil || !strings.Contains(err.Error(), "openssl rand") {
			t.Errorf("%q: %v; want what to do", text, err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := access.FileSecret(dir); err == nil {
		t.Error("a damaged secret was replaced, and with it every pseudonym")
	}
}

func TestOneKeyOpensOneProgramme(t *testing.T) {
	ctx := context.Background()
	programs := program.NewStore(storetest.Open(t))
	var all []program.Program
	for _, id := range []string{"acme", "other"} {
		p := program.Program{ID: id, Name: id, Policy: program.Confidential, K: 5, TimeZone: "Europe/Kyiv", Languages: []string{"uk"}}
		if err := programs.PutProgram(ctx, p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	owners := access.NewOwners(secret(t, 'a'))
	gin.SetMode(gin.TestMode)
	r := gin.New()
	r.GET("/programs/:id", owners.Require(programs), func(c *gin.Context) { c.String(http.StatusOK, access.ProgramOf(c).ID) })
	revoked := all[0]
	revoked.KeyRevision = 7
	foreign := access.NewOwners(secret(t, 'b'))
	cases := []struct {
		name, path, key string
		basic           bool
		status          int
	}{
		{"own key", "/programs/acme", owners.Key(all[0]), false, 200},
		{"own key, basic", "/programs/acme", owners.Key(all[0]), true, 200},
		{"no key", "/programs/acme", "", false, 401},
		{"another programme's key", "/programs/acme", owners.Key(all[1]), false, 401},
		{"the other way round", "/programs/other", owners.Key(all[0]), false, 401},
		{"revoked", "/programs/acme", owners.Key(revoked), false, 401},
		{"another service's key", "/programs/acme", foreign.Key(all[0]), false, 401},
		{"unknown programme", "/programs/nowhere", owners.Key(all[0]), false, 401},
		{"no programme's name", "/programs/A%20B", owners.Key(all[0]), false, 401},
		{"cut off", "/programs/acme", owners.Key(all[0])[:20], false, 401},
	}
	bodies := map[string]string{}
	for _, c := range cases {
		req := httptest.NewRequest(http.MethodGet, c.path, nil)
		req.Header.Set("Accept-Language", "en")
		switch {
		case c.basic:
			req.SetBasicAuth("owner", c.key)
		case c.key != "":
			req.Header.Set("Authorization", "Bearer "+c.key)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.status)
		}
		if w.Code == 401 && len(w.Header().Values("WWW-Authenticate")) != 2 {
			t.Errorf("%s: challenges %v", c.name, w.Header().Values("WWW-Authenticate"))
		}
		bodies[c.name] = w.Body.String()
	}
	if bodies["unknown programme"] != bodies["another programme's key"] {
		t.Error("the answer tells which programmes exist")
	}
}

func TestStoreFailureIsNotARefusal(t *testing.T) {
	owners := access.NewOwners(secret(t, 'a'))
	gin.SetMode(gin.TestMode)
	r := gin.New()
	r.GET("/programs/:id", owners.Require(failing{}), func(*gin.Context) { t.Error("was let in") })
	req := httptest.NewRequest(http.MethodGet, "/programs/acme", nil)
	req.Header.Set("Authorization", "Bearer mpk_x")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type failing struct{}

func (failing) Program(context.Context, string) (program.Program, error) {
	return program.Program{}, errors.New("disk on fire")
}
