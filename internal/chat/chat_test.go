package chat_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"mentorpulse/internal/chat"
)

// schemas are what the channels document that they take.
func schemas(t *testing.T) map[chat.Kind]*openapi3.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/schemas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	document, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var all map[chat.Kind]*openapi3.Schema
	if err := json.Unmarshal(document, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// server is a chat server; what it got goes into got.
func server(t *testing.T, reply func(w http.ResponseWriter), got *[][]byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s %v, %v", r.Method, r.Header, err)
		}
		*got = append(*got, body)
		reply(w)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/services/secret"
}

func TestChannelsGetWhatTheyDocument(t *testing.T) {
	known := schemas(t)
	var got [][]byte
	address := server(t, func(w http.ResponseWriter) { _, _ = io.WriteString(w, "ok") }, &got)
	poster := chat.NewPoster(true)
	rapid.Check(t, func(rt *rapid.T) {
		paragraphs := rapid.SliceOfN(rapid.StringN(1, 300, -1), 1, 4).Draw(rt, "paragraphs")
		if rapid.IntRange(0, 9).Draw(rt, "long") == 0 {
			paragraphs = append(paragraphs, strings.Repeat("ї", rapid.IntRange(2990, 3010).Draw(rt, "length")))
		}
		m := chat.Message{
			Paragraphs: paragraphs,
			Link:       chat.Link{Text: rapid.StringN(1, 40, -1).Draw(rt, "title"), To: "https://pulse.example/e/acme"},
		}
		for kind, schema := range known {
			got = nil
			if err := poster.Post(t.Context(), kind, address, m); err != nil {
				rt.Fatal(err)
			}
			var document any
			if err := json.Unmarshal(got[0], &document); err != nil {
				rt.Fatal(err)
			}
			if err := schema.VisitJSON(document); err != nil {
				rt.Fatalf("%s: %v\n%s", kind, err, got[0])
			}
		}
	})
}

// A programme's name is text in a message and never markup.
func TestNoMarkupInMessages(t *testing.T) {
	var got [][]byte
	address := server(t, func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }, &got)
	m := chat.Message{Paragraphs: []string{"<!channel> *R&D* [x](https://evil.example)"}, Link: chat.Link{Text: "Go > on", To: "https://pulse.example/e/acme"}}
	if err := chat.NewPoster(true).Post(t.Context(), chat.Slack, address, m); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Text   string
		Blocks []struct{ Text struct{ Type, Text string } }
	}
	if err := json.Unmarshal(got[0], &document); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(document.Text, "<!channel>") || !strings.Contains(document.Text, "&lt;!channel&gt; *R&amp;D*") || !strings.Contains(document.Text, "<https://pulse.example/e/acme|Go &gt; on>") {
		t.Errorf("text %q", document.Text)
	}
	if document.Blocks[0].Text.Type != "plain_text" || document.Blocks[0].Text.Text != m.Paragraphs[0] {
		t.Errorf("blocks %+v", document.Blocks)
	}
	if err := chat.NewPoster(true).Post(t.Context(), "irc", address, m); err == nil {
		t.Error("a kind that is none")
	}
}

func TestWhatAChannelReplies(t *testing.T) {
	m := chat.Message{Paragraphs: []string{"x"}, Link: chat.Link{Text: "x", To: "https://pulse.example"}}
	for name, tt := range map[string]struct {
		kind  chat.Kind
		reply func(w http.ResponseWriter)
		want  *chat.Failure
	}{
		"Slack takes it":      {chat.Slack, func(w http.ResponseWriter) { _, _ = io.WriteString(w, "ok") }, nil},
		"Teams takes it":      {chat.Teams, func(w http.ResponseWriter) { w.WriteHeader(202) }, nil},
		"the channel is gone": {chat.Slack, func(w http.ResponseWriter) { http.Error(w, "channel_is_archived", http.StatusGone) }, &chat.Failure{Fault: chat.Refused, Status: 410}},
		"the webhook is gone": {chat.Slack, func(w http.ResponseWriter) { http.Error(w, "no_service", http.StatusNotFound) }, &chat.Failure{Fault: chat.Refused, Status: 404}},
		"too many": {chat.Slack, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(429) },
			&chat.Failure{Fault: chat.Refused, Status: 429, Temporary: true, RetryAfter: 30 * time.Second}},
		"told to wait for ever": {chat.Slack, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "99999999"); w.WriteHeader(503) },
			&chat.Failure{Fault: chat.Refused, Status: 503, Temporary: true, RetryAfter: time.Hour}},
		"broken": {chat.Teams, func(w http.ResponseWriter) { w.WriteHeader(502) }, &chat.Failure{Fault: chat.Refused, Status: 502, Temporary: true}},
		"leads on": {chat.Slack, func(w http.ResponseWriter) { w.Header().Set("Location", "http://169.254.169.254/"); w.WriteHeader(307) },
			&chat.Failure{Fault: chat.Refused, Status: 307}},
		"an older connector": {chat.Teams, func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429")
		}, &chat.Failure{Fault: chat.Refused, Status: 200, Temporary: true}},
		"hangs up": {chat.Slack, func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, &chat.Failure{Fault: chat.Unreachable, Temporary: true}},
	} {
		var got [][]byte
		address := server(t, tt.reply, &got)
		err := chat.NewPoster(true).Post(t.Context(), tt.kind, address, m)
		var f *chat.Failure
		if errors.As(err, &f) != (tt.want != nil) || f != nil && *f != *tt.want {
			t.Errorf("%s: %+v, want %+v", name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the address: %v", name, err)
		}
	}
}

func TestNoWayIntoPrivateNetworks(t *testing.T) {
	m := chat.Message{Paragraphs: []string{"x"}, Link: chat.Link{Text: "x", To: "https://pulse.example"}}
	poster := chat.NewPoster(false)
	for address, want := range map[string]chat.Fault{
		"http://hooks.slack.com/x": chat.NotHTTPS, "ftp://hooks.slack.com/x": chat.NotHTTPS, "hooks.slack.com/x": chat.NotHTTPS, "https://": chat.NotHTTPS, "": chat.NotHTTPS,
		"https://user:word@hooks.slack.com/x": chat.NotHTTPS, "https://hooks.slack.com/x#y": chat.NotHTTPS, "https://h/" + strings.Repeat("x", 2048): chat.NotHTTPS,
		"https://127.0.0.1/x": chat.Private, "https://[::1]/x": chat.Private, "https://localhost/x": chat.Private, "https://a.localhost./x": chat.Private,
		"https://10.1.2.3/x": chat.Private, "https://192.168.1.1:8443/x": chat.Private, "https://172.16.0.1/x": chat.Private, "https://169.254.169.254/latest": chat.Private,
		"https://[fe80::1]/x": chat.Private, "https://[fd00::1]/x": chat.Private, "https://[::ffff:10.0.0.1]/x": chat.Private, "https://100.64.0.1/x": chat.Private,
		"https://0.0.0.0/x": chat.Private, "https://[64:ff9b::a00:1]/x": chat.Private, "https://[2002:a00:1::]/x": chat.Private, "https://255.255.255.255/x": chat.Private, "https://[::10.0.0.1]/x": chat.Private,
	} {
		_, err := poster.Check(address)
		var f *chat.Failure
		if !errors.As(err, &f) || f.Fault != want || f.Temporary {
			t.Errorf("%.60s: %v, want %s", address, err, want)
		}
		if err := poster.Post(t.Context(), chat.Slack, address, m); err == nil {
			t.Errorf("%.60s is posted to", address)
		}
	}
	for _, address := range []string{"https://hooks.slack.com/services/T0/B0/x", "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y", "https://8.8.8.8/x"} {
		if _, err := poster.Check(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := chat.NewPoster(true).Check("http://chat.internal/x"); err != nil {
		t.Errorf("a chat server beside the service, where that is allowed: %v", err)
	}
}
