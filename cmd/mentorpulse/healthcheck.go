package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// healthcheckCommand asks a running service whether it answers, for container
// images that hold nothing else which could.
type healthcheckCommand struct{}

// healthTimeout is how long the service may take to answer.
const healthTimeout = 3 * time.Second

// Run succeeds when the service on --addr answers.
func (healthcheckCommand) Run(ctx context.Context, g *Globals) error {
	address, err := healthAddress(g.Addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("health check: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("health check: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("health check: %s answers %s", address, res.Status)
	}
	return nil
}

// healthAddress is where a service that listens on addr is reached from its own
// machine: one that listens on every address is reached by loopback.
func healthAddress(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("--addr %q: write HOST:PORT, such as 127.0.0.1:8080: %w", addr, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz", nil
}
