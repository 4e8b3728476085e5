package clickhouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ebitengine/purego"
)

// ErrLibrary is returned when the embedded engine's library cannot be loaded.
var ErrLibrary = errors.New("embedded ClickHouse engine not found")

// libraryEnv names the library, by the convention of the chdb project.
const libraryEnv = "CHDB_LIB_PATH"

// library is the C interface of libchdb. Handles are opaque pointers of the
// library; a function that returns a result gives ownership of it.
type library struct {
	setSignalHandlers  func(enabled int32)
	connect            func(argc int32, argv **byte) *connHandle
	closeConn          func(conn *connHandle)
	query              func(conn connHandle, sql *byte, n uint, format *byte, fn uint) uintptr
	queryParams        func(conn connHandle, sql *byte, n uint, format *byte, fn uint, names **byte, nameLens *uint, values **byte, valueLens *uint, count uint) uintptr
	streamQuery        func(conn connHandle, sql *byte, n uint, format *byte, fn uint) uintptr
	streamQueryParams  func(conn connHandle, sql *byte, n uint, format *byte, fn uint, names **byte, nameLens *uint, values **byte, valueLens *uint, count uint) uintptr
	streamFetch        func(conn connHandle, stream uintptr) uintptr
	streamCancel       func(conn connHandle, stream uintptr)
	resultBuffer       func(result uintptr) *byte
	resultLength       func(result uintptr) uint
	resultError        func(result uintptr) string
	destroyResult      func(result uintptr)
	insert             func(conn connHandle, sql *byte, n uint, format *byte, fn uint) uintptr
	insertAppend       func(stream uintptr, data *byte, n uint) int32
	insertDone         func(stream uintptr) uintptr
	insertError        func(stream uintptr) string
	cancelInsert       func(stream uintptr)
	destroyInsertState func(stream uintptr)
}

// connHandle is the library's connection; connect returns a pointer to one.
type connHandle uintptr

// npmPlatform is the name of the platform in the engine's npm packages.
func npmPlatform() string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	switch runtime.GOOS {
	case "linux":
		return "linux-" + arch + "-gnu"
	default:
		return runtime.GOOS + "-" + arch
	}
}

// findLibrary looks for libchdb in CHDB_LIB_PATH, then in node_modules beside
// the working directory, the binary and the folders above each, then in the
// system's library folders.
func findLibrary(systemFolders ...string) (string, error) {
	if path := os.Getenv(libraryEnv); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%w: %s names %s, which cannot be read; correct or unset it", ErrLibrary, libraryEnv, path)
		}
		return path, nil
	}
	module := filepath.Join("node_modules", "@chdb", "lib-"+npmPlatform(), "libchdb.so")
	var candidates []string
	for _, dir := range startFolders() {
		for {
			candidates = append(candidates, filepath.Join(dir, module))
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	for _, dir := range systemFolders {
		candidates = append(candidates, filepath.Join(dir, "libchdb.so"))
	}
	for _, path := range candidates {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: run \"npm install\" in the project's folder, or set %s to libchdb.so, or set CLICKHOUSE_DSN to use a server", ErrLibrary, libraryEnv)
}

func startFolders() []string {
	var dirs []string
	if dir, err := os.Getwd(); err == nil {
		dirs = append(dirs, dir)
	}
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(exe))
	}
	return dirs
}

func loadLibrary() (*library, error) {
	path, err := findLibrary("/usr/local/lib", "/usr/lib", "/usr/lib64", "/opt/homebrew/lib")
	if err != nil {
		return nil, err
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not load: %s", ErrLibrary, path, oneLine(err.Error()))
	}
	lib := new(library)
	for name, fn := range map[string]any{
		"chdb_set_signal_handlers_enabled": &lib.setSignalHandlers,
		"chdb_connect":                     &lib.connect,
		"chdb_close_conn":                  &lib.closeConn,
		"chdb_query_n":                     &lib.query,
		"chdb_query_with_params_n":         &lib.queryParams,
		"chdb_stream_query_n":              &lib.streamQuery,
		"chdb_stream_query_with_params_n":  &lib.streamQueryParams,
		"chdb_stream_fetch_result":         &lib.streamFetch,
		"chdb_stream_cancel_query":         &lib.streamCancel,
		"chdb_result_buffer":               &lib.resultBuffer,
		"chdb_result_length":               &lib.resultLength,
		"chdb_result_error":                &lib.resultError,
		"chdb_destroy_query_result":        &lib.destroyResult,
		"chdb_stream_insert_n":             &lib.insert,
		"chdb_stream_append":               &lib.insertAppend,
		"chdb_stream_done":                 &lib.insertDone,
		"chdb_stream_insert_error":         &lib.insertError,
		"chdb_stream_cancel_insert":        &lib.cancelInsert,
		"chdb_destroy_insert_stream":       &lib.destroyInsertState,
	} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("%w: %s has no %s: it is not the version that package-lock.json pins; run \"npm install\" again", ErrLibrary, path, name)
		}
		purego.RegisterFunc(fn, symbol)
	}
	return lib, nil
}

func bytesOf(s string) []byte { return append([]byte(s), 0) }

// cStrings makes NUL-terminated strings; the result must be kept alive.
func cStrings(list ...string) []*byte {
	out := make([]*byte, len(list))
	for i, s := range list {
		out[i] = &bytesOf(s)[0]
	}
	return out
}

// cParams lists query parameters as the library takes them; names and values
// must be kept alive.
func cParams(params map[string]string) (names []*byte, nameLens []uint, values []*byte, valueLens []uint) {
	for name, value := range params {
		names = append(names, &bytesOf(name)[0])
		nameLens = append(nameLens, uint(len(name)))
		values = append(values, &bytesOf(value)[0])
		valueLens = append(valueLens, uint(len(value)))
	}
	return names, nameLens, values, valueLens
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}
