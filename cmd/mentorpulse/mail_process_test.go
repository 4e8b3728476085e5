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
	<-serving.Load().exited
	serving.Store(serveMail(t, data, server))
	reach(invitedPeople * 6 / 10)
	_ = serving.Load().cmd.Process.Kill() // and the second time at any moment
	<-serving.Load().exited
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
