package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the proxies whose word about a client's address counts. None is
// trusted unless it is named: anybody can write the header.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks, such as 10.0.0.7 and 10.0.0.0/8.
func ParseProxies(all []string) (Proxies, error) {
	var proxies Proxies
	for _, text := range all {
		text = strings.TrimSpace(text)
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil {
				network, err = one.Unmap().Prefix(one.Unmap().BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q: give an address or a network, such as 10.0.0.7 or 10.0.0.0/8", text)
		}
		proxies = append(proxies, network.Masked())
	}
	return proxies, nil
}

func (p Proxies) trust(address netip.Addr) bool {
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// Client is the address that a request comes from: that of the connection or,
// where that is a trusted proxy, the last one that the proxies name and that is
// none of them. What stands before it in X-Forwarded-For was written by anybody.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap()
	// Each proxy may add to the header or send one of its own: they are read as
	// one list, the last first.
	named := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(named) - 1; i >= 0 && p.trust(client); i-- {
		one, err := parseForwarded(strings.TrimSpace(named[i]))
		if err != nil {
			break
		}
		client = one
	}
	return client
}

// parseForwarded reads an address that some proxies write with a port.
func parseForwarded(text string) (netip.Addr, error) {
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr().Unmap(), nil
	}
	one, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return one.Unmap(), err
}
