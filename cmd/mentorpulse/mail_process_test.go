package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mentorpulse/internal/mail/inbox"
)

// invitedPeople is how many are invited in one run.
const invitedPeople = 10_000

// runs runs a command to its end and returns what it printed.
func runs(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(context.Background(), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// openProgram makes a programme with a pulse that is open, and as many people.
func openProgram(t *testing.T, data string, people int) (key string) {
	t.Helper()
	opened := time.Now().UTC().Add(-2 * time.Minute)
	out := runs(t, "init", "acme", "--data", data, "--time-zone", "UTC", "--rrule", "FREQ=YEARLY", "--open-days", "3",
		"--starts", opened.Format(time.DateOnly), "--at", opened.Format("15:04"), "--contact", "pulse@acme.example")
	_, key, _ = strings.Cut(out, "owner's key: ")
	key, _, _ = strings.Cut(key, "\n")
	var roster bytes.Buffer
	roster.WriteString("id,email,role,joined\n")
	for i := range people {
		fmt.Fprintf(&roster, "p%05d,p%05d@acme.example,comparison,%s\n", i, i, opened.Format(time.DateOnly))
	}
	file := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(file, roster.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	runs(t, "import", "roster", file, "--program", "acme", "--data", data)
	return key
}

func serveMail(t *testing.T, data string, server *inbox.Server, more ...string) *process {
	t.Helper()
	args := []string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--smtp-host", "127.0.0.1", "--smtp-port", strconv.Itoa(server.Port()),
		"--smtp-tls", "none", "--smtp-from", "pulse@acme.example", "--smtp-rate", "0"}
	return start(t, append(args, more...)...)
}

// Ten thousand people are invited while the process is killed twice: nobody is
// left out, and only what was under way is repeated, as the same message.
func TestKilledTwiceNoInvitationIsLost(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var (
		taken   atomic.Int64
		serving atomic.Pointer[process]
		killed  = make(chan struct{}, 1)
	)
	server, err := inbox.Start(inbox.Behaviour{Taking: func(inbox.Message) error {
		// The first time it dies at the worst moment: the message has been taken,
		// and it will never hear so.
		if taken.Add(1) == invitedPeople*3/10 {
			_ = serving.Load().cmd.Process.Kill()
			killed <- struct{}{}
			return inbox.ErrDropTaken
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	key := openProgram(t, data, invitedPeople)
	began := time.Now()
	reach := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); server.Count() < n; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d messages after two minutes, want %d\n%s", server.Count(), n, serving.Load().out)
			}
		}
	}
	serving.Store(serveMail(t, data, server))
	<-killed
	serving.Load().dead(t)
	serving.Store(serveMail(t, data, server))
	reach(invitedPeople * 6 / 10)
	_ = serving.Load().cmd.Process.Kill() // and the second time at any moment
	serving.Load().dead(t)
	last := serveMail(t, data, server)
	serving.Store(last)
	base := last.ready(t, time.Minute)
	reach(invitedPeople)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if left := deliveriesIn(t, base, key, "queued"); left == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%d are still queued", left)
		}
	}
	last.stop(t)
	t.Logf("%d messages in %s, with two kills", server.Count(), time.Since(began))

	ids, people := map[string]int{}, map[string]string{}
	for _, m := range server.Messages() {
		ids[m.ID]++
		if was, known := people[m.To]; known && was != m.ID {
			t.Errorf("somebody got two different messages: %s and %s", was, m.ID)
		}
		people[m.To] = m.ID
	}
	repeated := server.Count() - len(ids)
	if len(ids) != invitedPeople || len(people) != invitedPeople {
		t.Errorf("%d people got %d messages, want %d each", len(people), len(ids), invitedPeople)
	}
	if repeated < 1 || repeated > 2 {
		t.Errorf("%d were repeated; the one under way in the first kill must be, and in the second may be", repeated)
	}
}

// deliveriesIn counts the invitations in a state, up to a page of them.
func deliveriesIn(t *testing.T, base, key, state string) int {
	t.Helper()
	status, body := request(t, http.MethodGet, base+"/api/v1/programs/acme/deliveries?limit=1000&state="+state, key, nil)
	var list struct{ Invitations []struct{ State string } }
	if err := json.Unmarshal(body, &list); err != nil || status != http.StatusOK {
		t.Fatalf("%d %.300s: %v", status, body, err)
	}
	return len(list.Invitations)
}

// As somebody sets it up who has a mail server with TLS and a password: a wrong
// password is said in the log and to the owner and is nowhere to be read, with the
// right one the invitations go out, and what comes back is taken from a mailbox
// while the service runs.
func TestMailByTLSWithAPassword(t *testing.T) {
	config, certificate, err := inbox.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	server, err := inbox.Start(inbox.Behaviour{TLS: config, User: "pulse", Password: "correct-horse"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	data := filepath.Join(dir, "data")
	key := openProgram(t, data, 3)
	settings := []string{"--smtp-tls", "starttls", "--smtp-user", "pulse", "--smtp-ca", write("ca.pem", string(certificate))}

	p := serveMail(t, data, server, append(settings, "--smtp-password-file", write("wrong", "battery-staple\n"))...)
	base := p.ready(t, time.Minute)
	says(t, p, "MENTORPULSE_SMTP_PASSWORD")
	var report struct {
		Mail struct{ State, Detail, Advice string }
	}
	for deadline := time.Now().Add(30 * time.Second); report.Mail.State != "waiting"; time.Sleep(20 * time.Millisecond) {
		_, body := request(t, http.MethodGet, base+"/api/v1/programs/acme/deliveries?lang=en", key, nil)
		if err := json.Unmarshal(body, &report); err != nil || time.Now().After(deadline) {
			t.Fatalf("%s: %v", body, err)
		}
	}
	if !strings.Contains(report.Mail.Detail, "does not take the user or the password") || report.Mail.Advice == "" {
		t.Errorf("the owner reads %+v", report.Mail)
	}
	p.stop(t)
	for _, secret := range []string{"battery-staple", "p00001@"} {
		if strings.Contains(p.out.String()+report.Mail.Detail, secret) {
			t.Errorf("%q is shown:\n%s", secret, p.out)
		}
	}

	t.Setenv(passwordEnv, "correct-horse")
	p = serveMail(t, data, server, settings...)
	address := strings.TrimPrefix(p.ready(t, time.Minute), "http://")
	for deadline := time.Now().Add(30 * time.Second); server.Count() < 3; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages\n%s", server.Count(), p.out)
		}
	}
	box := "From x@y Mon Jan  5 09:00:00 2026\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n" +
		"Final-Recipient: rfc822; " + server.Messages()[0].To + "\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <" + server.Messages()[0].ID + ">\n\n--b--\n"
	bounces := []string{"bounces", "acme", "--data", data, "--mbox", write("box", box)}
	if out := runs(t, append(bounces, "--addr", address)...); !strings.HasPrefix(out, `bounces recorded: 1; about no message of "acme": 0;`) {
		t.Errorf("while the service runs: %s", out)
	}
	if n := deliveriesIn(t, "http://"+address, key, "bounced"); n != 1 {
		t.Errorf("%d bounced", n)
	}
	p.stop(t)
	if out := runs(t, bounces...); !strings.HasPrefix(out, `bounces recorded: 1; about no message of "acme": 0;`) {
		t.Errorf("after it has stopped: %s", out)
	}
}

// says waits until a process has printed a text.
func says(t *testing.T, p *process, text string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.out.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not say %q:\n%s", text, p.out)
		}
	}
}

func TestMistakesInMailSettings(t *testing.T) {
	dir := t.TempDir()
	for says, more := range map[string][]string{
		"--smtp-from":          {"--smtp-host", "mail.acme.example"},
		"in plain":             {"--smtp-host", "mail.acme.example", "--smtp-from", "a@acme.example", "--smtp-tls", "none"},
		"needs a password":     {"--smtp-host", "mail.acme.example", "--smtp-from", "a@acme.example", "--smtp-user", "pulse"},
		"--smtp-password-file": {"--smtp-host", "mail.acme.example", "--smtp-from", "a@acme.example", "--smtp-user", "pulse", "--smtp-password-file", "/nowhere"},
		"--smtp-rate":          {"--smtp-host", "mail.acme.example", "--smtp-from", "a@acme.example", "--smtp-rate", "-1"},
		"--smtp-timeout":       {"--smtp-host", "mail.acme.example", "--smtp-from", "a@acme.example", "--smtp-timeout", "5m"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		out, err := command(ctx, append([]string{"serve", "--data", dir, "--addr", "127.0.0.1:0"}, more...)...).CombinedOutput()
		cancel()
		if err == nil || !strings.Contains(string(out), says) || strings.Contains(string(out), "goroutine") {
			t.Errorf("%v: %v; want %q in\n%s", more, err, says, out)
		}
	}
}

// dead waits until a process that was killed has ended.
func (p *process) dead(t *testing.T) {
	t.Helper()
	if err := <-p.exited; err == nil {
		t.Fatal("a process that was killed ended as if nothing had been")
	}
}
