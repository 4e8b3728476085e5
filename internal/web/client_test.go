package web_test

import (
	"net/http"
	"testing"

	"mentorpulse/internal/web"
)

func TestClientBehindProxies(t *testing.T) {
	for name, tt := range map[string]struct {
		proxies   []string
		peer      string
		forwarded []string
		want      string
	}{
		"none trusted":             {nil, "127.0.0.1:5", []string{"192.0.2.1"}, "127.0.0.1"},
		"another than the trusted": {[]string{"10.0.0.1"}, "10.0.0.2:5", []string{"192.0.2.1"}, "10.0.0.2"},
		"one":                      {[]string{"127.0.0.1"}, "127.0.0.1:5", []string{"192.0.2.1"}, "192.0.2.1"},
		"what a client invents":    {[]string{"127.0.0.1"}, "127.0.0.1:5", []string{"198.51.100.9, 192.0.2.1"}, "192.0.2.1"},
		"in a header of its own":   {[]string{"127.0.0.1"}, "127.0.0.1:5", []string{"198.51.100.9", "192.0.2.1"}, "192.0.2.1"},
		"two proxies":              {[]string{"127.0.0.1", "10.0.0.0/8"}, "127.0.0.1:5", []string{"192.0.2.1, 10.1.2.3"}, "192.0.2.1"},
		"nothing said":             {[]string{"127.0.0.1"}, "127.0.0.1:5", nil, "127.0.0.1"},
		"nonsense":                 {[]string{"127.0.0.1"}, "127.0.0.1:5", []string{"192.0.2.1, unknown"}, "127.0.0.1"},
		"all of them proxies":      {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"10.0.0.2"}, "10.0.0.2"},
		"IPv6, with a port":        {[]string{"::1"}, "[::1]:5", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		"IPv4 in IPv6":             {[]string{"127.0.0.1"}, "[::ffff:127.0.0.1]:5", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
	} {
		proxies, err := web.ParseProxies(tt.proxies)
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := proxies.Client(r); got.String() != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	for _, bad := range []string{"", "proxy.example", "10.0.0.0/33", "1.2.3"} {
		if _, err := web.ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q is taken for a proxy", bad)
		}
	}
	if (web.Proxies{}).Client(&http.Request{RemoteAddr: "@"}).IsValid() {
		t.Error("an address that is none")
	}
}
