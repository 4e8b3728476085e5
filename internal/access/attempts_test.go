package access_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"mentorpulse/internal/access"
)

func TestFailuresAreSlowedAndForgiven(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	a := access.NewAttempts(func() time.Time { return now })
	for i := range 20 {
		if wait := a.Failed("office"); wait != 0 {
			t.Fatalf("mistake %d is to wait %s", i+1, wait)
		}
	}
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		if wait := a.Failed("office"); wait != want*time.Second || a.Wait("office") != wait {
			t.Errorf("failure %d past the limit: wait %s, then %s; want %d s", i+1, wait, a.Wait("office"), want)
		}
	}
	if a.Wait("elsewhere") != 0 || a.Failed("elsewhere") != 0 {
		t.Error("others wait too")
	}
	now = now.Add(301 * time.Second)
	if a.Wait("office") != 0 {
		t.Error("the wait does not end")
	}
	if a.Failed("office") != 300*time.Second {
		t.Error("who goes on is forgiven too soon")
	}
	now = now.Add(125 * time.Minute)
	if a.Failed("office") != 0 {
		t.Error("who stops is never forgiven")
	}
}

// However many go wrong from one source in a fortnight, few are looked at.
func TestGuessesOfOneSource(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	a := access.NewAttempts(func() time.Time { return now })
	guesses := 0
	for end := now.Add(14 * 24 * time.Hour); now.Before(end); now = now.Add(time.Second) {
		if a.Wait("x") == 0 {
			a.Failed("x")
			guesses++
		}
	}
	if guesses < 4000 || guesses > 4100 {
		t.Errorf("%d guesses in a fortnight; the length of codes is argued from 4,100", guesses)
	}
}

func TestMemoryOfAttemptsIsBounded(t *testing.T) {
	a := access.NewAttempts(time.Now)
	for range 25 {
		a.Failed("office")
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 200_000 {
		a.Failed(fmt.Sprint(i))
		if i%4000 == 0 && a.Wait("office") == 0 {
			t.Fatal("a source that comes again and again is forgotten")
		}
	}
	if grown := int64(heap()) - int64(before); grown > 16<<20 {
		t.Errorf("%d bytes for 200,000 sources", grown)
	}
	runtime.KeepAlive(a)
}

func TestSource(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::1": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := access.Source(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is counted as %s, want %s", address, got, want)
		}
	}
	if access.Source(netip.Addr{}) == "" {
		t.Error("an address that is not known has no name")
	}
}
