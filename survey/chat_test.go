package survey_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/chat"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/survey"
)

// channel is a chat server with one webhook.
type channel struct {
	address string
	mu      sync.Mutex
	got     []string
	status  int // of its replies
}

func newChannel(t *testing.T) *channel {
	t.Helper()
	c := &channel{status: http.StatusOK}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.got = append(c.got, string(body))
		w.WriteHeader(c.status)
	}))
	t.Cleanup(s.Close)
	c.address = s.URL + "/services/very-secret"
	return c
}

// take gives what has come since it was asked last.
func (c *channel) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.got
	c.got = nil
	return got
}

func (p *place) chat(private bool) *survey.Chat {
	return survey.NewChat(p.programs, p.surveys, chat.NewPoster(private), testSecret, "https://pulse.example", p.clock)
}

// told is the sample with a channel from the day before its first wave.
func told(t *testing.T, mutators ...func(*place)) (*place, *channel, *survey.Chat) {
	t.Helper()
	p := sample(t, mutators...)
	c, notices := newChannel(t), p.chat(true).Alone()
	at := p.now
	p.now = at.AddDate(0, 0, -1)
	if _, err := notices.SetChannel(t.Context(), p.program.ID, chat.Slack, c.address); err != nil {
		t.Fatal(err)
	}
	p.now = at
	if err := p.scheduler.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, c, notices
}

func due(t *testing.T, c *survey.Chat) {
	t.Helper()
	if err := c.Due(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestChannelHearsOfAWaveOnce(t *testing.T) {
	p, c, notices := told(t)
	due(t, notices)
	got := c.take()
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	for _, s := range []string{"Зворотне наставництво Acme", "Відкрито нове опитування", "A new survey", "until 10\u00a0January 2026, 09:00", "https://pulse.example/e/acme", "Ввести код"} {
		if !strings.Contains(got[0], s) {
			t.Errorf("the message does not say %q: %s", s, got[0])
		}
	}
	for _, s := range []string{"Name-e", "@acme", "/s/", p.pulse.ShortCode(p.invitee(t, 0)), p.people.Participants[0].ID.String()} {
		if strings.Contains(got[0], s) {
			t.Errorf("the message tells %q", s)
		}
	}
	for range 3 {
		due(t, notices)
	}
	p.now = time.Date(2026, 1, 8, 12, 0, 0, 0, time.UTC)
	due(t, notices)
	if got := c.take(); len(got) != 0 {
		t.Errorf("it is told again: %v", got)
	}
	p.now = time.Date(2026, 1, 9, 7, 0, 0, 0, time.UTC) // 09:00 in Kyiv, a day before the wave closes
	due(t, notices)
	due(t, notices)
	if got := c.take(); len(got) != 1 || !strings.Contains(got[0], "closes on 10") {
		t.Errorf("that it closes: %v", got)
	}
	p.now = p.wave(t).Closes
	due(t, notices)
	if got := c.take(); len(got) != 0 {
		t.Errorf("after it has closed: %v", got)
	}
}

// Several processes on one store say it once.
func TestChannelHearsOfAWaveOnceFromMany(t *testing.T) {
	p, c, _ := told(t)
	var each sync.WaitGroup
	for range 5 {
		each.Go(func() {
			if err := p.chat(true).Due(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	each.Wait()
	if got := c.take(); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}

func TestChannelThatWasMadeLateIsNotToldOfBefore(t *testing.T) {
	p := opened(t)
	c, notices := newChannel(t), p.chat(true).Alone()
	if _, err := notices.SetChannel(t.Context(), p.program.ID, chat.Teams, c.address); err != nil {
		t.Fatal(err)
	}
	due(t, notices)
	if got := c.take(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestNoticeIsTriedAgain(t *testing.T) {
	p, c, notices := told(t)
	c.status = http.StatusBadGateway
	tries := 0
	for range 24 * 60 {
		due(t, notices)
		tries += len(c.take())
		p.now = p.now.Add(5 * time.Minute)
		if tries == 3 {
			break
		}
	}
	if waited := p.now.Sub(time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)); tries != 3 || waited > 20*time.Minute {
		t.Fatalf("%d attempts in %s", tries, waited)
	}
	c.status = http.StatusOK
	p.now = p.now.Add(time.Hour)
	due(t, notices)
	due(t, notices)
	if got := c.take(); len(got) != 1 {
		t.Errorf("after the server has recovered: %d messages", len(got))
	}
	t.Run("not for ever, nor at night", func(t *testing.T) {
		p, c, notices := told(t)
		c.status = http.StatusInternalServerError
		tries := 0
		for end := p.wave(t).Closes; p.now.Before(end); p.now = p.now.Add(15 * time.Minute) {
			due(t, notices)
			if n := len(c.take()); n > 0 {
				tries += n
				if hour := p.now.In(must(p.program.Location())).Hour(); hour < 8 || hour >= 21 {
					t.Errorf("at %d o’clock", hour)
				}
			}
		}
		if tries != 16 { // of each notice 8
			t.Errorf("%d attempts", tries)
		}
	})
}

// A webhook that is gone is not asked again until its address is given again.
func TestWebhookThatIsGone(t *testing.T) {
	p, c, notices := told(t)
	c.status = http.StatusGone
	due(t, notices)
	p.now = p.now.Add(3 * time.Hour)
	due(t, notices)
	if got := c.take(); len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	c.status = http.StatusOK
	if _, err := notices.SetChannel(t.Context(), p.program.ID, chat.Slack, c.address); err != nil {
		t.Fatal(err)
	}
	due(t, notices)
	due(t, notices)
	if got := c.take(); len(got) != 1 {
		t.Errorf("%d messages to the new address", len(got))
	}
	if err := notices.RemoveChannel(t.Context(), p.program.ID); err != nil {
		t.Fatal(err)
	}
	p.now = time.Date(2026, 1, 9, 8, 0, 0, 0, time.UTC)
	due(t, notices)
	if got := c.take(); len(got) != 0 {
		t.Errorf("%d messages to a channel that was taken away", len(got))
	}
}

// Who dies between posting and noting so leaves a claim, which runs out.
func TestClaimOfWhoDied(t *testing.T) {
	p, c, notices := told(t)
	dying, stop := context.WithCancel(context.Background())
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stop(); time.Sleep(50 * time.Millisecond) }))
	defer s.Close()
	if _, err := notices.SetChannel(t.Context(), p.program.ID, chat.Slack, s.URL); err != nil {
		t.Fatal(err)
	}
	if err := notices.Due(dying); err == nil {
		t.Fatal("it did not die")
	}
	if _, err := notices.SetChannel(t.Context(), p.program.ID, chat.Slack, c.address); err != nil {
		t.Fatal(err)
	}
	due(t, notices)
	if got := c.take(); len(got) != 0 {
		t.Error("its claim does not hold")
	}
	p.now = p.now.Add(121 * time.Second)
	due(t, notices)
	if got := c.take(); len(got) != 1 {
		t.Errorf("%d messages after its claim", len(got))
	}
}

func TestOwnerGivesAChannel(t *testing.T) {
	p := opened(t)
	c := newChannel(t)
	gin.SetMode(gin.TestMode)
	owners := access.NewOwners(testSecret)
	router := func(private bool) http.Handler {
		r := gin.New()
		survey.NewChatAPI(p.chat(private).Alone()).Routes(r.Group("/api/v1/programs/:id", owners.Require(p.programs)))
		return openapitest.Wrap(t, r)
	}
	r := router(true)
	key := []string{"Authorization", "Bearer " + owners.Key(p.program), "Content-Type", "application/json"}
	const path = "/api/v1/programs/acme/channels/chat"
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", path, "", 404, "no chat channel"},
		{"POST", path + "/test", "", 404, "no chat channel"},
		{"DELETE", path, "", 204, ""},
		{"PUT", path, `{"kind":"slack","url":"ftp://x.example/very-secret"}`, 422, "begins with https"},
		{"PUT", path, `{"kind":"irc","url":"https://x.example/very-secret"}`, 422, "slack teams"},
		{"PUT", path, `{"kind":"slack"}`, 422, "url"},
		{"PUT", path, `{"kind":"slack","address":"https://x.example/very-secret"}`, 400, "Nothing was stored"},
		{"PUT", path, `{"kind":"slack","url":"` + strings.Repeat("x", 9000) + `"}`, 413, "8 kB"},
		{"PUT", path, `{"kind":"slack","url":"` + c.address + `"}`, 200, `"host":"127.0.0.1`},
		{"PUT", path, `{"kind":"teams","url":"` + c.address + `"}`, 200, `"kind":"teams"`},
		{"GET", path, "", 200, `"notices":[]`},
		{"POST", path + "/test", "", 204, ""},
	} {
		w := call(r, tt.method, tt.path+"?lang=en", tt.body, key...)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s %s %.60s: %d %s; want %d, %q", tt.method, tt.path, tt.body, w.Code, w.Body, tt.status, tt.says)
		}
		if strings.Contains(w.Body.String(), "very-secret") {
			t.Errorf("%s %s shows the address: %s", tt.method, tt.path, w.Body)
		}
	}
	if got := c.take(); len(got) != 1 || !strings.Contains(got[0], "never be told who") || !strings.Contains(got[0], "adaptive") {
		t.Errorf("the test message: %v", got)
	}
	c.status = http.StatusNotFound
	if w := call(r, "POST", path+"/test?lang=uk", "", key...); w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "зі статусом 404") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	// What leads to this machine is refused where it is not allowed, also if it
	// was stored before.
	strict := router(false)
	if w := call(strict, "POST", path+"/test?lang=en", "", key...); w.Code != http.StatusBadGateway || len(c.take()) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := call(strict, "PUT", path+"?lang=en", `{"kind":"slack","url":"https://10.0.0.1/very-secret"}`, key...); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "private network") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if w := call(r, method, path, ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without the key: %d", method, w.Code)
		}
	}
	// In the store the address is encrypted.
	var sealed string
	if err := p.db.QueryRow(t.Context(), "SELECT groupConcat(sealed) FROM chat_channels").Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if len(sealed) < len(c.address) || bytes.Contains([]byte(sealed), []byte("very-secret")) {
		t.Errorf("stored as %q", sealed)
	}
}
