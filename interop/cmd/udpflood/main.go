//go:build linux

// Command udpflood sends packets of discovery v4 to a node on this machine, faster than anybody may: with signatures that
// are bad, with good ones by keys that nobody knows, or garbage; from one address of 127.128.0.0/9 or from thousands. It
// is the flood that a node has to stand. It sends to loopback and to nowhere else.
//
// All packets are made beforehand, from a seed. When they are there, it prints one of its addresses, waits for a line on
// standard input, or its end, and begins. At the end, or on SIGINT or SIGTERM, it prints what it sent.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	maxRate    = 200_000
	maxSources = 60_000
	maxTime    = 5 * time.Minute
)

// options are what a flood comes from.
type options struct {
	target  netip.AddrPort
	rate    int
	time    time.Duration
	mode    string
	sources int
	prefix  int
	seed    uint64
}

// ready is what is printed before.
type ready struct {
	Source string `json:"source"`
}

// result is what was sent.
type result struct {
	Sent    int     `json:"sent"`
	Unsent  int     `json:"unsent"`
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"rate"`
}

func main() {
	var o options
	target := flag.String("target", "", "where to send, an address of 127.0.0.0/8 with a port")
	flag.IntVar(&o.rate, "rate", 20_000, "packets a second")
	flag.DurationVar(&o.time, "time", 10*time.Second, "how long")
	flag.StringVar(&o.mode, "mode", modeBadSignature, "what to send: "+modeBadSignature+", "+modeValidSignature+" or "+modeGarbage)
	flag.IntVar(&o.sources, "sources", 1, "how many addresses to send from")
	flag.IntVar(&o.prefix, "prefix", 9, "how many bits the addresses have alike: 9 for all of 127.128.0.0/9, 24 for one subnet")
	flag.Uint64Var(&o.seed, "seed", 1, "what keys, packets and addresses come from")
	flag.Parse()
	if err := run(o, *target); err != nil {
		fmt.Fprintln(os.Stderr, "udpflood:", err)
		os.Exit(1)
	}
}

func run(o options, target string) error {
	var err error
	if o.target, err = netip.ParseAddrPort(target); err != nil {
		return fmt.Errorf("-target: %w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	packets, err := makePackets(o)
	if err != nil {
		return err
	}
	sources := makeSources(o)
	s, err := newSender(o, packets, sources)
	if err != nil {
		return err
	}
	defer s.close()
	if err := printJSON(ready{sources[0].String()}); err != nil {
		return err
	}
	// An end of the input is a beginning too: whoever starts this by hand has perhaps none.
	bufio.NewReader(os.Stdin).ReadString('\n')
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	r, err := s.send(ended)
	if err != nil {
		return err
	}
	return printJSON(r)
}

func (o options) check() error {
	switch {
	case !o.target.Addr().Is4() || !o.target.Addr().IsLoopback() || o.target.Port() == 0:
		return fmt.Errorf("%s is not of 127.0.0.0/8: this floods nobody else", o.target)
	case o.rate < 1 || o.rate > maxRate:
		return fmt.Errorf("expected a rate of 1 to %d a second", maxRate)
	case o.time <= 0 || o.time > maxTime:
		return fmt.Errorf("expected a time of up to %v", maxTime)
	case o.prefix < 9 || o.prefix > 24:
		return fmt.Errorf("expected a prefix of 9 to 24 bits")
	case o.sources < 1 || o.sources > maxSources || o.sources > hostsOf(o.prefix):
		return fmt.Errorf("expected 1 to %d addresses", min(maxSources, hostsOf(o.prefix)))
	}
	return nil
}

func printJSON(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}
