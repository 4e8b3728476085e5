package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// loadPlan is what the load generator sends: each connection its own requests,
// in turn. A request holds a digit at Digit from its end, which is set for each
// round, so that what is stored tells which round it came from.
type loadPlan struct {
	Requests [][][]byte
	Digit    int
}

// loadRound asks for one round; loadResult answers it.
type loadRound struct {
	Address string
	For     time.Duration
	Digit   int // 0–9
}

type loadResult struct {
	// Acknowledged requests of each connection, the first of its own first.
	Acknowledged []int
	Took         time.Duration
	Error        string
}

// total is the number of requests acknowledged.
func (r loadResult) total() int {
	n := 0
	for _, one := range r.Acknowledged {
		n += one
	}
	return n
}

// loadClient drives a load generator in a process of its own, so that the
// generator's work is not mixed with the service's in one scheduler and one
// heap.
type loadClient struct {
	cmd     *exec.Cmd
	orders  *json.Encoder
	results *json.Decoder
	input   io.Closer
}

func startLoad(ctx context.Context, plan loadPlan) (*loadClient, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	l := &loadClient{cmd: exec.CommandContext(ctx, self, "bench", "--load")}
	l.cmd.Stderr = os.Stderr
	input, err := l.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.cmd.Start(); err != nil {
		return nil, fmt.Errorf("load generator: %w", err)
	}
	l.input, l.orders, l.results = input, json.NewEncoder(input), json.NewDecoder(bufio.NewReader(output))
	if err := l.orders.Encode(plan); err != nil {
		return nil, errors.Join(fmt.Errorf("load generator: %w", err), l.Close())
	}
	return l, nil
}

// round runs one round.
func (l *loadClient) round(r loadRound) (loadResult, error) {
	var result loadResult
	err := l.orders.Encode(r)
	if err == nil {
		err = l.results.Decode(&result)
	}
	if err == nil && result.Error != "" {
		err = errors.New(result.Error)
	}
	if err != nil {
		return result, fmt.Errorf("load generator: %w", err)
	}
	return result, nil
}

// Close ends the generator: it stops when there are no more orders.
func (l *loadClient) Close() error {
	_ = l.input.Close()
	return l.cmd.Wait()
}

// loadGenerator sends requests over keep-alive connections, one at a time on
// each, and reads no more of the answers than it must: it shares the machine
// with what it measures.
type loadGenerator struct {
	orders  *json.Decoder
	results *json.Encoder
	plan    loadPlan
}

func newLoadGenerator(in io.Reader, out io.Writer) *loadGenerator {
	return &loadGenerator{orders: json.NewDecoder(bufio.NewReader(in)), results: json.NewEncoder(out)}
}

// run reads the plan and then rounds until there are no more.
func (g *loadGenerator) run(ctx context.Context) error {
	if err := g.orders.Decode(&g.plan); err != nil {
		return fmt.Errorf("load generator: plan: %w", err)
	}
	for {
		var r loadRound
		err := g.orders.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load generator: %w", err)
		}
		if err := g.results.Encode(g.round(ctx, r)); err != nil {
			return fmt.Errorf("load generator: %w", err)
		}
	}
}

// round keeps every connection busy for the time asked; what was sent by then
// is waited for.
func (g *loadGenerator) round(ctx context.Context, r loadRound) loadResult {
	for _, own := range g.plan.Requests {
		for _, request := range own {
			request[len(request)-g.plan.Digit] = '0' + byte(r.Digit)
		}
	}
	result := loadResult{Acknowledged: make([]int, len(g.plan.Requests))}
	errs := make([]error, len(g.plan.Requests))
	var all sync.WaitGroup
	began := time.Now()
	for c := range g.plan.Requests {
		all.Go(func() {
			result.Acknowledged[c], errs[c] = keepSending(ctx, r.Address, g.plan.Requests[c], began.Add(r.For))
		})
	}
	all.Wait()
	result.Took = time.Since(began)
	if err := errors.Join(errs...); err != nil {
		result.Error = err.Error()
	}
	return result
}

func keepSending(ctx context.Context, address string, requests [][]byte, until time.Time) (done int, err error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	// Nothing that works takes this long.
	if err := conn.SetDeadline(until.Add(time.Minute)); err != nil {
		return 0, err
	}
	answers := bufio.NewReaderSize(conn, 2<<10)
	for time.Now().Before(until) {
		if _, err := conn.Write(requests[done%len(requests)]); err != nil {
			return done, err
		}
		if err := readAnswer(answers); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// readAnswer reads one HTTP/1.1 answer; one that is not 200 is an error.
func readAnswer(r *bufio.Reader) error {
	length, status, chunked := 0, "", false
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first {
			status = string(line)
		}
		if len(line) == 0 {
			break
		}
		chunked = chunked || string(line) == "Transfer-Encoding: chunked"
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return fmt.Errorf("answer: %w", err)
			}
		}
	}
	if status != "HTTP/1.1 200 OK" {
		body := make([]byte, min(length, 400))
		_, _ = io.ReadFull(r, body)
		return fmt.Errorf("answer %q: %s", status, body)
	}
	if chunked {
		return discardChunks(r)
	}
	_, err := r.Discard(length)
	return err
}

// discardChunks reads a body in chunks, without a trailer.
func discardChunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		if _, err := r.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}
