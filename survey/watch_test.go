package survey_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// from sends a request from an address; a form when there is one.
func from(r http.Handler, address, method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	req.RemoteAddr = address + ":1234"
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

// wrongLinks are links that lead nowhere, for all the reasons there are.
func (p *place) wrongLinks(t *testing.T) map[string]string {
	t.Helper()
	good := p.token(t, 0)
	links := p.pulse.Links()
	erased := p.invitee(t, 0)
	erased.Participant = program.DeriveID("erased since")
	foreign := p.invitee(t, 0)
	foreign.ProgramID = "elsewhere"
	none := p.invitee(t, 0)
	none.Wave = program.DeriveID("no such wave")
	return map[string]string{
		"nonsense": "AAAA", "forged": strings.ToUpper(good[:20]) + good[20:], "cut": good[:len(good)-4], "too long": strings.Repeat("A", 500),
		"erased": links.Token(erased), "foreign": links.Token(foreign), "no wave": links.Token(none),
	}
}

func TestWrongLinksLookAlike(t *testing.T) {
	p := opened(t)
	r := p.doors()
	for _, face := range []string{"/s/%s?lang=en", "/s/%s?lang=uk", "/s/%s/leave?lang=en", "/s/%s/meetings?lang=en", "/api/v1/s/%s?lang=en", "/api/v1/s/%s/meetings?lang=uk"} {
		var want *httptest.ResponseRecorder
		at := 0
		for name, token := range p.wrongLinks(t) {
			at++
			w := from(r, fmt.Sprintf("198.51.100.%d", at), http.MethodGet, fmt.Sprintf(face, token), nil)
			if want == nil {
				want = w
			}
			if w.Code != http.StatusNotFound || w.Body.String() != want.Body.String() || fmt.Sprint(w.Header()) != fmt.Sprint(want.Header()) {
				t.Errorf("%s, %s: %d %v %.200s; others: %d %v", face, name, w.Code, w.Header(), w.Body, want.Code, want.Header())
			}
		}
	}
}

func TestWrongCodesLookAlike(t *testing.T) {
	p := opened(t)
	r := p.doors()
	good := p.pulse.ShortCode(p.invitee(t, 0))
	gone := p.invitee(t, 0)
	gone.Participant = program.DeriveID("erased since")
	bodies := map[string]int{}
	at := 0
	for _, one := range [][2]string{
		{"acme", "nonsense"}, {"acme", ""}, {"acme", p.pulse.ShortCode(gone)}, {"elsewhere", good}, {"ACME", good}, {"acme", good[:10]}, {"acme", good + "0"},
	} {
		at++
		w := from(r, fmt.Sprintf("198.51.100.%d", at), http.MethodPost, "/e/"+one[0]+"?lang=en", url.Values{"code": {one[1]}})
		bodies[fmt.Sprint(w.Code, w.Header(), w.Body)]++
	}
	if len(bodies) != 1 {
		t.Errorf("%d kinds of answers: %v", len(bodies), bodies)
	}
}

func TestTenThousandWrongLinks(t *testing.T) {
	p := opened(t)
	r := p.doors()
	good, office := p.token(t, 0), "192.0.2.1"
	var refused, unknown, other atomic.Int64
	var each sync.WaitGroup
	began := time.Now()
	for worker := range 200 {
		each.Go(func() {
			for i := range 50 {
				w := from(r, office, http.MethodGet, fmt.Sprintf("/api/v1/s/wrong-%d-%d?lang=uk", worker, i), nil)
				switch {
				case w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" && strings.Contains(w.Body.String(), "Забагато"):
					refused.Add(1)
				case w.Code == http.StatusNotFound:
					unknown.Add(1)
				default:
					other.Add(1)
				}
			}
		})
	}
	// Colleagues behind the same address, and people elsewhere, meanwhile.
	var slowest time.Duration
	for i := range 40 {
		for _, address := range []string{office, "203.0.113.9"} {
			sent := time.Now()
			if w := from(r, address, http.MethodGet, "/api/v1/s/"+good, nil); w.Code != http.StatusOK {
				t.Fatalf("a good link from %s: %d %s", address, w.Code, w.Body)
			}
			slowest = max(slowest, time.Since(sent))
		}
		if w := from(r, "203.0.113.9", http.MethodGet, "/api/v1/s/wrong", nil); i < 20 && w.Code != http.StatusNotFound {
			t.Fatalf("a first mistake from elsewhere: %d", w.Code)
		}
	}
	each.Wait()
	if unknown.Load() != 20 || refused.Load() != 9980 || other.Load() != 0 {
		t.Errorf("%d were told that the link is unknown, %d to wait, %d else", unknown.Load(), refused.Load(), other.Load())
	}
	// 200 at a time, each answered after 100 ms.
	if took := time.Since(began); took < 5*time.Second {
		t.Errorf("10,000 wrong links were looked at in %s", took)
	}
	if slowest > 5*time.Second {
		t.Errorf("a good link took %s", slowest)
	}
	if w := from(r, office, http.MethodGet, "/s/wrong?lang=en", nil); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "Please wait 300 seconds") || w.Header().Get("Retry-After") != "300" {
		t.Errorf("the page: %d %v %.300s", w.Code, w.Header(), w.Body)
	}
}

func TestManyWrongCodes(t *testing.T) {
	p := opened(t)
	r := p.doors()
	good, office := p.pulse.ShortCode(p.invitee(t, 0)), "192.0.2.1"
	enter := func(address, code string, headers ...string) *httptest.ResponseRecorder {
		return from(r, address, http.MethodPost, "/e/acme?lang=en", url.Values{"code": {code}}, headers...)
	}
	// A kiosk, on which somebody has answered before.
	var kiosk string
	for _, c := range enter(office, good).Result().Cookies() {
		if c.Name == "mentorpulse-device" {
			kiosk = c.Name + "=" + c.Value
		}
	}
	var each sync.WaitGroup
	for range 40 {
		each.Go(func() { enter(office, "AAAAA-AAAAA") })
	}
	each.Wait()
	w := enter(office, good)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "personal link in your invitation works") {
		t.Errorf("a code is looked at while its source is to wait: %d %.300s", w.Code, w.Body)
	}
	if w := enter(office, good, "Cookie", kiosk); w.Code != http.StatusSeeOther {
		t.Errorf("the kiosk behind the same address: %d", w.Code)
	}
	if w := enter(office, good, "Cookie", kiosk+"x"); w.Code != http.StatusTooManyRequests {
		t.Errorf("a device that names itself: %d", w.Code)
	}
	if w := enter("203.0.113.9", good); w.Code != http.StatusSeeOther {
		t.Errorf("somebody elsewhere: %d", w.Code)
	}
	if w := from(r, office, http.MethodGet, "/s/"+p.token(t, 0), nil); w.Code != http.StatusOK {
		t.Errorf("a link from the same address: %d", w.Code)
	}
	// The kiosk itself is slowed too, and right codes do not use up its mistakes.
	for range 30 {
		if w := enter(office, good, "Cookie", kiosk); w.Code != http.StatusSeeOther {
			t.Fatalf("the kiosk is held up by those who are right: %d", w.Code)
		}
	}
	for range 25 {
		each.Go(func() { enter(office, "AAAAA-AAAAA", "Cookie", kiosk) })
	}
	each.Wait()
	if w := enter(office, good, "Cookie", kiosk); w.Code != http.StatusTooManyRequests {
		t.Errorf("who has one code guesses others from its device: %d", w.Code)
	}
}

// What is wrong with a link does not show in how long the answer takes. The lower
// quartiles are compared, since what disturbs a measurement only ever adds to it;
// a difference that is there shows in each of the rounds, and one by chance does not.
func TestWrongLinksTakeEquallyLong(t *testing.T) {
	p := opened(t)
	r := p.doors()
	all := p.wrongLinks(t)
	const rounds, each, allowed = 6, 12, time.Millisecond
	var said string
	address := 0
	for range rounds {
		took := map[string][]time.Duration{}
		var names []string
		for name := range all {
			for range each {
				names = append(names, name)
			}
		}
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			address++
			from := fmt.Sprintf("10.%d.%d.1", address/250, address%250)
			req := httptest.NewRequest(http.MethodGet, "/api/v1/s/"+all[name], http.NoBody)
			req.RemoteAddr = from + ":1"
			began := time.Now()
			r.ServeHTTP(httptest.NewRecorder(), req)
			took[name] = append(took[name], time.Since(began))
		}
		var quartiles []time.Duration
		said = ""
		for name, times := range took {
			slices.Sort(times)
			quartiles = append(quartiles, times[len(times)/4])
			said += fmt.Sprintf(" %s %s", name, times[len(times)/4])
		}
		if slices.Max(quartiles)-slices.Min(quartiles) < allowed {
			return
		}
	}
	t.Errorf("in none of %d rounds did they take equally long; in the last:%s", rounds, said)
}

// Pulse by itself, as mailing and commands use it, waits for nothing.
func TestOnlyVisitorsAreWatched(t *testing.T) {
	p := opened(t)
	began := time.Now()
	for range 100 {
		if _, err := p.pulse.Open(context.Background(), "AAAA"); !errors.Is(err, survey.ErrLink) {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Error(took)
	}
}
