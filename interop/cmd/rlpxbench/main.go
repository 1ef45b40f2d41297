// Command rlpxbench measures go-ethereum's p2p/rlpx: each line of JSON on standard input is a measurement to make, each
// line on standard output its result. It ends when its input does.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"
)

// request is one measurement.
type request struct {
	Bench  string `json:"bench"`  // handshakes or frames
	Link   string `json:"link"`   // memory: one core; tcp: loopback, all cores
	Ms     int    `json:"ms"`     // how long to measure
	Size   int    `json:"size"`   // bytes of a frame's payload
	File   string `json:"file"`   // whose first bytes are the payload; zeros without
	Snappy bool   `json:"snappy"` // whether frames are compressed
}

type result struct {
	PerSecond float64 `json:"perSecond"`
	Cores     int     `json:"cores"`
}

func main() {
	cores := runtime.GOMAXPROCS(0)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			fail(err)
		}
		used := cores
		if r.Link == "memory" {
			used = 1
		}
		runtime.GOMAXPROCS(used)
		count, elapsed, err := measure(r)
		if err != nil {
			fail(err)
		}
		out, _ := json.Marshal(result{float64(count) / elapsed.Seconds(), used})
		fmt.Println(string(out))
	}
}

func measure(r request) (int, time.Duration, error) {
	duration := time.Duration(r.Ms) * time.Millisecond
	switch r.Bench + " " + r.Link {
	case "handshakes memory":
		return memoryHandshakes(duration)
	case "handshakes tcp":
		return tcpHandshakes(duration)
	case "frames memory", "frames tcp":
		payload, err := payloadOf(r)
		if err != nil {
			return 0, 0, err
		}
		if r.Link == "memory" {
			return memoryFrames(payload, r.Snappy, duration)
		}
		return tcpFrames(payload, r.Snappy, duration)
	}
	return 0, 0, fmt.Errorf("unknown measurement %q over %q", r.Bench, r.Link)
}

func payloadOf(r request) ([]byte, error) {
	payload := make([]byte, r.Size)
	if r.File == "" {
		return payload, nil
	}
	data, err := os.ReadFile(r.File)
	if err != nil {
		return nil, err
	}
	if copy(payload, data) < r.Size {
		return nil, fmt.Errorf("%s has less than %d bytes", r.File, r.Size)
	}
	return payload, nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
