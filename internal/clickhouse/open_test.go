package clickhouse

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLibraryThatCannotBeUsed(t *testing.T) {
	text := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path string
		words      []string
	}{
		{"missing", "/nowhere/libchdb.so", []string{"CHDB_LIB_PATH", "/nowhere/libchdb.so", "unset"}},
		{"not a library", text, []string{text, "does not load"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(libraryEnv, test.path)
			_, err := Open(t.Context(), Config{DataDir: t.TempDir()})
			oneLineError(t, err, test.words...)
			if !errors.Is(err, ErrLibrary) {
				t.Errorf("%v is not ErrLibrary", err)
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Setenv(libraryEnv, "")
		t.Chdir(t.TempDir())
		_, err := findLibrary(t.TempDir())
		oneLineError(t, err, "npm install", "CHDB_LIB_PATH", "CLICKHOUSE_DSN")
	})
	t.Run("in a system folder", func(t *testing.T) {
		t.Setenv(libraryEnv, "")
		t.Chdir(t.TempDir())
		if path, err := findLibrary(t.TempDir(), filepath.Dir(text)); err != nil || path != text {
			t.Errorf("found %q, %v", path, err)
		}
	})
}

func TestDataDirectoryThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	blocked := t.TempDir()
	if err := os.MkdirAll(filepath.Join(blocked, "clickhouse", "status"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"under a file":           filepath.Join(file, "data"),
		"where nothing can be":   "/proc/self/data",
		"with a file unwritable": blocked,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), Config{DataDir: dir})
			oneLineError(t, err, dir, "--data")
			if !errors.Is(err, ErrDataDir) {
				t.Errorf("%v is not ErrDataDir", err)
			}
		})
	}
	_, err := Open(t.Context(), Config{})
	oneLineError(t, err, "--data", "CLICKHOUSE_DSN")
}

func TestWrongDSN(t *testing.T) {
	for _, dsn := range []string{
		"clickhouse://user:secret@host:port/db",
		"clickhouse://user:secret@host:9000/db?dial_timeout=soon",
		"postgres://user:secret@host:5432/db",
		"://user:secret@host",
		"user:secret@host:9000",
		"http://user:sec%zzret@host",
		"clickhouse://user:secret@host:9000/db?secure=maybe",
	} {
		_, err := Open(t.Context(), Config{DSN: dsn})
		oneLineError(t, err, "CLICKHOUSE_DSN")
		if !errors.Is(err, ErrDSN) {
			t.Errorf("%s: %v is not ErrDSN", dsn, err)
		}
		if err != nil && strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: the password is in %q", dsn, err)
		}
	}
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<h1>Not a store</h1>\n\n")
	}))
	defer page.Close()
	for dsn, server := range map[string]string{
		"clickhouse://user:secret@" + closed + "/db":                                         closed,
		"http://user:secret@" + closed + "/db":                                               closed,
		"http://user:secret@" + strings.TrimPrefix(page.URL, "http://") + "/":                page.Listener.Addr().String(),
		"clickhouse://user:secret@" + strings.TrimPrefix(page.URL, "http://") + "/db":        page.Listener.Addr().String(),
		"http://" + closed + "/db?username=user&password=secret":                             closed,
		"https://user:secret@" + strings.TrimPrefix(page.URL, "http://") + "/db?secure=true": page.Listener.Addr().String(),
	} {
		_, err := Open(t.Context(), Config{DSN: dsn})
		oneLineError(t, err, server, "CLICKHOUSE_DSN")
		if !errors.Is(err, ErrNotThere) {
			t.Errorf("%s: %v is not ErrNotThere", dsn, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the password is in %q", dsn, err)
		}
	}
}

func TestServerThatRefuses(t *testing.T) {
	server := httptest.NewServer(shared.Handler())
	defer server.Close()
	for path, words := range map[string][]string{
		"/missing_database":     {"missing_database"},
		"/default?compress=lz4": {"compress"},
		"/default?no_such=1":    {"no_such"},
	} {
		_, err := Open(t.Context(), Config{DSN: server.URL + path})
		oneLineError(t, err, append(words, "CLICKHOUSE_DSN", server.Listener.Addr().String())...)
		if !errors.Is(err, ErrBadAccess) {
			t.Errorf("%s: %v is not ErrBadAccess", path, err)
		}
	}
}

func TestServerThatIsTooOld(t *testing.T) {
	version := scan[string](t, shared, "SELECT version()")
	for old, accepted := range map[string]bool{"24.8": false, "25.2": false, "25.3": true, "26.1": true} {
		t.Run(old, func(t *testing.T) {
			server := httptest.NewServer(withVersion(shared.Handler(), version, old))
			defer server.Close()
			db, err := Open(t.Context(), Config{DSN: server.URL})
			if accepted {
				if err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			oneLineError(t, err, old, OldestServer, "upgrade")
			if !errors.Is(err, ErrTooOld) {
				t.Errorf("%v is not ErrTooOld", err)
			}
		})
	}
}

// withVersion makes the handler tell another version, of the same length as
// the engine's, beginning with release.
func withVersion(handler http.Handler, version, release string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		w.WriteHeader(answer.Code)
		_, _ = w.Write(bytes.ReplaceAll(answer.Body.Bytes(), []byte(version), []byte(release+version[len(release):])))
	})
}
