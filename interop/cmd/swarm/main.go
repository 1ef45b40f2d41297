// Command swarm holds thousands of RLPx sessions with one node, each with a key of its own and an address 127.x.y.z of its
// own, as peers would that speak eth/70: they send back the Status that they are told, answer pings, and ask for headers. It
// is the load that a server has to carry.
//
// It reads commands from standard input, one JSON object a line, and answers each with one line:
//
//	{"do":"join","count":1000}                                    connects so many, and waits for their Status
//	{"do":"ping","sessions":1000,"intervalMs":2000,"seconds":40}  measures how long pings take
//	{"do":"ask","sessions":50,"intervalMs":100,"seconds":60,"handshakes":200}
//	                                                              measures how long requests take, while so many strangers a
//	                                                              second shake hands, say hello and part
//	{"do":"leave","keep":50}                                      parts with all but so many
//
// It ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// command is a line of the input.
type command struct {
	Do         string `json:"do"`
	Count      int    `json:"count"`
	Sessions   int    `json:"sessions"`
	IntervalMs int    `json:"intervalMs"`
	Seconds    int    `json:"seconds"`
	Handshakes int    `json:"handshakes"`
	Keep       int    `json:"keep"`
}

// answer is what came of it.
type answer struct {
	Live    int            `json:"live"`           // sessions that are connected now
	Lost    map[string]int `json:"lost,omitempty"` // how those ended that were not told to
	Seconds float64        `json:"seconds"`

	// Of pings and requests, from when each was due.
	Answered   int     `json:"answered"`
	Unanswered int     `json:"unanswered"`
	P50Ms      float64 `json:"p50Ms"`
	P99Ms      float64 `json:"p99Ms"`
	MaxMs      float64 `json:"maxMs"`

	// Of strangers.
	Handshakes     int            `json:"handshakes"`
	HandshakeP99Ms float64        `json:"handshakeP99Ms"`
	Refused        map[string]int `json:"refused,omitempty"`
}

func main() {
	target := flag.String("target", "", "enode URL of the node")
	parallel := flag.Int("parallel", 32, "how many sessions are being set up at a time")
	flag.Parse()
	if err := run(*target, *parallel); err != nil {
		fmt.Fprintln(os.Stderr, "swarm:", err)
		os.Exit(1)
	}
}

func run(target string, parallel int) error {
	node, err := enode.ParseV4(target)
	if err != nil {
		return err
	}
	s := newSwarm(node, parallel)
	defer s.leave(0)
	input := bufio.NewScanner(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			return err
		}
		a, err := s.do(c)
		if err != nil {
			return err
		}
		if err := output.Encode(a); err != nil {
			return err
		}
	}
	return input.Err()
}
