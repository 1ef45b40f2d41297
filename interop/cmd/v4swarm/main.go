// Command v4swarm answers as thousands of discovery v4 nodes, each with an address 127.x.y.z and a socket of its own, some
// of them dead: they take packets and say nothing. It is something to crawl.
//
// When all are there, it prints a line of JSON to standard output: whom to begin with, how many nodes there are, and the
// IDs of those that live. It ends on SIGINT or SIGTERM, or when its standard input does if that is a pipe, and prints what
// it was asked.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// options are what a swarm comes from; the same ones give the same nodes.
type options struct {
	count    int
	seed     uint64
	dead     float64
	minDelay time.Duration
	maxDelay time.Duration
	port     int
}

// summary is what is printed when the swarm is there.
type summary struct {
	Bootnode string     `json:"bootnode"`
	Nodes    int        `json:"nodes"`
	Alive    []enode.ID `json:"alive"`
}

func main() {
	var o options
	flag.IntVar(&o.count, "count", 4500, "how many nodes")
	flag.Uint64Var(&o.seed, "seed", 1, "what keys, addresses, delays and deaths come from")
	flag.Float64Var(&o.dead, "dead", 0.3, "the share that never answers")
	flag.DurationVar(&o.minDelay, "mindelay", 20*time.Millisecond, "how long a node takes to answer, at least")
	flag.DurationVar(&o.maxDelay, "maxdelay", 120*time.Millisecond, "how long a node takes to answer, at most")
	flag.IntVar(&o.port, "port", 0, "the UDP port of all nodes; 0 gives each a free one")
	nodesFile := flag.String("nodes", "", "where to write all nodes, dead or alive, in the form of geth's nodes.json")
	flag.Parse()
	if err := run(o, *nodesFile); err != nil {
		fmt.Fprintln(os.Stderr, "v4swarm:", err)
		os.Exit(1)
	}
}

func run(o options, nodesFile string) error {
	if o.count < 2 || o.count > 60_000 || o.dead < 0 || o.dead >= 1 || o.minDelay < 0 || o.maxDelay < o.minDelay {
		return fmt.Errorf("expected 2 to 60000 nodes, a dead share of 0 to below 1, and delays from low to high")
	}
	s, err := newSwarm(o)
	if err != nil {
		return err
	}
	defer s.close()
	if nodesFile != "" {
		if err := writeNodesFile(nodesFile, s, time.Now()); err != nil {
			return err
		}
	}
	s.serve()
	if err := printJSON(s.summary()); err != nil {
		return err
	}
	waitForEnd()
	return printJSON(s.asked())
}

func printJSON(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}

// waitForEnd returns when the process is asked to end, or when whoever started it is gone.
func waitForEnd() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			ended <- syscall.SIGTERM
		}()
	}
	<-ended
}
