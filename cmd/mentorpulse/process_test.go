package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary be mentorpulse, so that tests start real
// processes without building a second binary.
const asProgram = "MENTORPULSE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process is a running mentorpulse.
type process struct {
	cmd    *exec.Cmd
	out    *lines
	exited chan error
}

// lines collects what a process prints.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// start runs mentorpulse and ends it with the test.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: command(context.Background(), args...), out: &lines{}, exited: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

var readyLine = regexp.MustCompile(`is ready: (http://\S+)`)

// ready waits until the process says it is, and returns its address.
func (p *process) ready(t *testing.T, within time.Duration) string {
	t.Helper()
	deadline := time.After(within)
	for {
		if m := readyLine.FindStringSubmatch(p.out.String()); m != nil {
			return m[1]
		}
		select {
		case err := <-p.exited:
			t.Fatalf("ended before it was ready: %v\n%s", err, p.out)
		case <-deadline:
			t.Fatalf("not ready within %s:\n%s", within, p.out)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// stop sends SIGTERM and waits for a clean end.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		if err != nil {
			t.Fatalf("ended with %v\n%s", err, p.out)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("did not stop\n%s", p.out)
	}
}

// field finds what announce printed behind a label.
func (p *process) field(t *testing.T, label string) string {
	t.Helper()
	s := bufio.NewScanner(strings.NewReader(p.out.String()))
	for s.Scan() {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(s.Text()), label); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("nothing printed for %q:\n%s", label, p.out)
	return ""
}

func request(t *testing.T, method, url, key string, body io.Reader) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b
}

// The main job, as a newcomer meets it: start with the demonstration, answer by
// the printed link, see it counted, download the workbook, stop, start again.
func TestMainJob(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve := []string{"serve", "--demo", "--data", data, "--addr", "127.0.0.1:0"}
	p := start(t, serve...)
	p.ready(t, 2*time.Minute)
	link, owner := p.field(t, "a participant's link"), p.field(t, "the owner's address")
	key, workbook := p.field(t, "the owner's key"), p.field(t, "the workbook")
	base, _, _ := strings.Cut(owner, "/programs/")
	analytics := base + "/api/v1/programs/demo/analytics/"

	before := submitted(t, analytics, key)
	api := strings.Replace(link, "/s/", "/api/v1/s/", 1)
	answer(t, api)
	if after := submitted(t, analytics, key); after != before+1 {
		t.Errorf("submitted %d before the answer and %d after", before, after)
	}
	for _, measure := range []string{"participation", "engagement", "confidence", "retention", "goals"} {
		status, body := request(t, http.MethodGet, analytics+measure, key, nil)
		if status != http.StatusOK || bytes.Contains(body, []byte("NaN")) {
			t.Errorf("%s: %d %.300s", measure, status, body)
		}
		if status, _ := request(t, http.MethodGet, analytics+measure, "", nil); status != http.StatusUnauthorized {
			t.Errorf("%s without a key: %d", measure, status)
		}
	}
	for _, lang := range []string{"uk", "en"} {
		status, body := request(t, http.MethodGet, workbook+"?lang="+lang, key, nil)
		if status != http.StatusOK || !bytes.HasPrefix(body, []byte("PK")) {
			t.Errorf("workbook in %s: %d, %d bytes", lang, status, len(body))
		}
	}
	status, page := request(t, http.MethodGet, base+"/", "", nil)
	for _, shown := range []string{"/s/", key, "/programs/demo"} {
		if status != http.StatusOK || !bytes.Contains(page, []byte(shown)) {
			t.Errorf("the first page (%d) does not show %q", status, shown)
		}
	}

	// A second process on the same data directory says so in one line.
	var second bytes.Buffer
	other := command(context.Background(), "serve", "--data", data, "--addr", "127.0.0.1:0")
	other.Stderr = &second
	if err := other.Run(); err == nil || !strings.Contains(second.String(), "in use") || strings.Count(second.String(), "\n") != 1 {
		t.Errorf("second process: %v: %q", err, second.String())
	}

	p.stop(t)
	began := time.Now()
	again := start(t, serve...)
	again.ready(t, 30*time.Second)
	t.Logf("ready %s after the start on an existing data directory", time.Since(began))
	if got := again.field(t, "the owner's key"); got != key {
		t.Errorf("the owner's key changed from %q to %q", key, got)
	}
	base, _, _ = strings.Cut(again.field(t, "the owner's address"), "/programs/")
	if after := submitted(t, base+"/api/v1/programs/demo/analytics/", key); after != before+1 {
		t.Errorf("after the restart %d are submitted, want %d", after, before+1)
	}
	again.stop(t)
}

// answer submits the highest value of every rated item.
func answer(t *testing.T, api string) {
	t.Helper()
	status, body := request(t, http.MethodGet, api, "", nil)
	if status != http.StatusOK {
		t.Fatalf("the printed link: %d %s", status, body)
	}
	var sheet struct {
		Items []struct {
			ID, Type string
			Max      *float64
		}
	}
	if err := json.Unmarshal(body, &sheet); err != nil {
		t.Fatal(err)
	}
	type given struct {
		Item  string   `json:"item"`
		Value *float64 `json:"value"`
	}
	var answers []given
	for _, it := range sheet.Items {
		if it.Max != nil {
			answers = append(answers, given{it.ID, it.Max})
		}
	}
	b, err := json.Marshal(map[string]any{"answers": answers, "final": true})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := request(t, http.MethodPut, api, "", bytes.NewReader(b)); status != http.StatusOK {
		t.Fatalf("submitting: %d %s", status, body)
	}
}

// submitted is how many have answered the newest wave, all participants taken
// together.
func submitted(t *testing.T, analytics, key string) int {
	t.Helper()
	status, body := request(t, http.MethodGet, analytics+"participation?wave=latest", key, nil)
	if status != http.StatusOK {
		t.Fatalf("participation: %d %s", status, body)
	}
	var report struct {
		Figures []struct {
			Measure string
			Role    string
			Value   *float64
		}
	}
	if err := json.Unmarshal(body, &report); err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Figures {
		if f.Measure == "participation.submitted" && f.Role == "" && f.Value != nil {
			return int(*f.Value)
		}
	}
	t.Fatalf("no figure of the submitted: %.1000s", body)
	return 0
}

// What was accepted before SIGTERM is stored, and what was not accepted was not
// acknowledged.
func TestNothingAcknowledgedIsLostOnStop(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var out bytes.Buffer
	demo := command(context.Background(), "demo", "--participants", "90", "--waves", "1", "--seed", "5", "--json", "--data", data)
	demo.Stdout, demo.Stderr = &out, os.Stderr
	if err := demo.Run(); err != nil {
		t.Fatal(err)
	}
	var made struct {
		ProgramID        string   `json:"program_id"`
		OwnerKey         string   `json:"owner_key"`
		ParticipantLinks []string `json:"participant_links"`
	}
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	p := start(t, "serve", "--data", data, "--addr", "127.0.0.1:0")
	base := p.ready(t, 30*time.Second)
	var (
		mu           sync.Mutex
		acknowledged = map[string]bool{}
		done         sync.WaitGroup
	)
	for _, link := range made.ParticipantLinks {
		_, token, _ := strings.Cut(link, "/s/")
		done.Go(func() {
			for {
				body := `{"answers":[{"item":"engagement-energy","value":5},{"item":"engagement-meaning","value":5},{"item":"engagement-effort","value":5}],"final":true}`
				req, err := http.NewRequest(http.MethodPut, base+"/api/v1/s/"+token, strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					return // it has stopped
				}
				_ = res.Body.Close()
				if res.StatusCode == http.StatusOK {
					mu.Lock()
					acknowledged[token] = true
					mu.Unlock()
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	p.stop(t)
	done.Wait()
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged before the stop")
	}
	again := start(t, "serve", "--data", data, "--addr", "127.0.0.1:0")
	base = again.ready(t, 30*time.Second)
	for token := range acknowledged {
		status, body := request(t, http.MethodGet, base+"/api/v1/s/"+token, "", nil)
		if status != http.StatusOK || !bytes.Contains(body, []byte(`"final":true`)) {
			t.Errorf("an acknowledged answer is not there: %d %.200s", status, body)
		}
	}
	t.Logf("%d people were acknowledged before the stop", len(acknowledged))
	again.stop(t)
}

func TestMistakesOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"unknown programme", []string{"key", "nowhere", "--data", dir}, `programme "nowhere": not found`},
		{"bad id", []string{"init", "Bad Id", "--data", dir}, "use 2 to 63 of"},
		{"bad rule", []string{"init", "ok", "--rrule", "FREQ=SECONDLY", "--data", dir}, "recurrence"},
		{"bad zone", []string{"init", "ok", "--time-zone", "Kyiv", "--data", dir}, "Europe/Kyiv"},
		{"low k", []string{"init", "ok", "--k", "2", "--data", dir}, "at least 3"},
		{"address in use", nil, "choose another --addr"},
		{"bad dsn", []string{"serve", "--dsn", "nonsense://u:topsecret@h", "--secret", strings.Repeat("A", 44), "--addr", "127.0.0.1:0"}, "CLICKHOUSE_DSN cannot be used"},
		{"dsn without secret", []string{"serve", "--dsn", "clickhouse://127.0.0.1:1/d", "--addr", "127.0.0.1:0"}, "openssl rand"},
		{"server away", []string{"serve", "--dsn", "http://u:topsecret@127.0.0.1:1/d", "--secret", strings.Repeat("A", 44), "--addr", "127.0.0.1:0"}, "does not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			if args == nil {
				taken, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = taken.Close() }()
				args = []string{"serve", "--data", dir, "--addr", taken.Addr().String()}
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			out, err := command(ctx, args...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.says) || strings.Contains(string(out), "topsecret") || strings.Contains(string(out), "goroutine") {
				t.Errorf("%v: want %q in\n%s", err, c.says, out)
			}
		})
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.xlsx")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
