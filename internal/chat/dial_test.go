package chat

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A public name that leads to a private address is found when it is dialled: the
// server here is on this machine, and its address never looked private.
func TestNamesThatLeadInside(t *testing.T) {
	reached := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer s.Close()
	poster := NewPoster(false)
	res, err := poster.client.Get(s.URL)
	if err == nil {
		_ = res.Body.Close()
	}
	if reached || !errors.Is(err, errPrivate) {
		t.Errorf("reached: %v, %v", reached, err)
	}
	var f *Failure
	if !errors.As(dialled(t.Context(), err), &f) || f.Fault != Private || f.Temporary {
		t.Errorf("%+v", f)
	}
}

func TestChannelThatStalls(t *testing.T) {
	hold := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer s.Close()
	defer close(hold)
	poster := NewPoster(true)
	poster.client.Timeout = 50 * time.Millisecond
	err := poster.Post(t.Context(), Slack, s.URL, Message{Paragraphs: []string{"x"}})
	var f *Failure
	if !errors.As(err, &f) || f.Fault != TooSlow || !f.Temporary {
		t.Errorf("%v", err)
	}
}
