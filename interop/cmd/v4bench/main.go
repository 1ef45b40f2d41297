// Command v4bench measures go-ethereum's p2p/discover/v4wire on one core, by the time of the processor that it takes: each
// line of JSON on standard input is a measurement to make, each line on standard output its result. It ends when its input
// does.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/discover/v4wire"
)

// request is one measurement.
type request struct {
	Bench  string `json:"bench"`  // decode (and recover) or encode (and sign)
	Packet string `json:"packet"` // ping or neighbors
	Ms     int    `json:"ms"`     // how long to measure; 0 gives one packet instead
	Key    string `json:"key"`    // private key in hex
}

type result struct {
	PerSecond float64 `json:"perSecond"`       // of processor time
	Bytes     string  `json:"bytes,omitempty"` // a packet in hex, so that the other side can measure the same
}

func main() {
	runtime.GOMAXPROCS(1)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			fail(err)
		}
		out, err := measure(r)
		if err != nil {
			fail(err)
		}
		text, _ := json.Marshal(out)
		fmt.Println(string(text))
	}
}

func measure(r request) (result, error) {
	key, err := crypto.HexToECDSA(r.Key)
	if err != nil {
		return result{}, err
	}
	packet, err := packetOf(r.Packet, key)
	if err != nil {
		return result{}, err
	}
	encoded, _, err := v4wire.Encode(key, packet)
	if err != nil {
		return result{}, err
	}
	if r.Ms == 0 {
		return result{Bytes: hex.EncodeToString(encoded)}, nil
	}
	work := func() error {
		_, _, _, err := v4wire.Decode(encoded)
		return err
	}
	if r.Bench == "encode" {
		work = func() error {
			_, _, err := v4wire.Encode(key, packet)
			return err
		}
	} else if r.Bench != "decode" {
		return result{}, fmt.Errorf("unknown measurement %q", r.Bench)
	}
	return repeat(work, time.Duration(r.Ms)*time.Millisecond)
}

func repeat(work func() error, duration time.Duration) (result, error) {
	const batch = 16
	start := time.Now()
	startCPU := cpuTime()
	count := 0
	for time.Since(start) < duration {
		for range batch {
			if err := work(); err != nil {
				return result{}, err
			}
		}
		count += batch
	}
	return result{PerSecond: float64(count) / (cpuTime() - startCPU).Seconds()}, nil
}

func packetOf(name string, key *ecdsa.PrivateKey) (v4wire.Packet, error) {
	expiration := uint64(time.Now().Add(time.Hour).Unix())
	endpoint := v4wire.Endpoint{IP: net.IP{192, 168, 1, 17}, UDP: 30303, TCP: 30303}
	switch name {
	case "ping":
		return &v4wire.Ping{Version: 4, From: endpoint, To: endpoint, Expiration: expiration, ENRSeq: 1_700_000_000_000}, nil
	case "neighbors":
		id := v4wire.EncodePubkey(&key.PublicKey)
		nodes := make([]v4wire.Node, v4wire.MaxNeighbors)
		for i := range nodes {
			nodes[i] = v4wire.Node{IP: net.IP{10, 0, byte(i), 17}, UDP: 30303, TCP: 30303, ID: id}
		}
		return &v4wire.Neighbors{Nodes: nodes, Expiration: expiration}, nil
	}
	return nil, fmt.Errorf("unknown packet %q", name)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "v4bench:", err)
	os.Exit(1)
}
