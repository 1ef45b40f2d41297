// Command tablebench measures go-ethereum's routing table, p2p/discover's: each line of JSON on standard input is a
// measurement to make, each line on standard output its result. It ends when its input does.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// request is one measurement.
type request struct {
	Bench string `json:"bench"` // add, known, closest or check
	Nodes int    `json:"nodes"` // offered to a table
	Ms    int    `json:"ms"`    // how long to measure
}

type result struct {
	PerSecond float64 `json:"perSecond"`
	NsPerOp   float64 `json:"nsPerOp"`
}

// checkResult tells what a table holds, so that the other side can see that it did the same.
type checkResult struct {
	IDs     []string `json:"ids"`     // in all buckets
	Closest []string `json:"closest"` // to the first target
}

const (
	targets = 1024
	results = 16
)

func main() {
	runtime.GOMAXPROCS(2) // one for the work, one for the garbage
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			fail(err)
		}
		out, err := json.Marshal(answer(r))
		if err != nil {
			fail(err)
		}
		fmt.Println(string(out))
	}
}

func answer(r request) any {
	b := newBench(r.Nodes)
	duration := time.Duration(r.Ms) * time.Millisecond
	switch r.Bench {
	case "add":
		return measure(duration, r.Nodes, func() { b.filled() })
	case "known":
		table := b.filled()
		kept := table.nodes()
		return measure(duration, len(kept), func() {
			for _, n := range kept {
				table.add(n)
			}
		})
	case "closest":
		table := b.filled()
		return measure(duration, targets, func() {
			for i := range targets {
				table.closest(b.targets[i], results)
			}
		})
	case "check":
		table := b.filled()
		var found checkResult
		for _, n := range table.nodes() {
			found.IDs = append(found.IDs, n.ID().String())
		}
		for _, n := range table.closest(b.targets[0], results) {
			found.Closest = append(found.Closest, n.ID().String())
		}
		return found
	}
	fail(fmt.Errorf("unknown measurement %q", r.Bench))
	return nil
}

// measure repeats work, which is so many operations, until the time is over.
func measure(duration time.Duration, operations int, work func()) result {
	work()
	count := 0
	start := time.Now()
	elapsed := time.Duration(0)
	for elapsed < duration {
		work()
		count += operations
		elapsed = time.Since(start)
	}
	return result{float64(count) / elapsed.Seconds(), float64(elapsed.Nanoseconds()) / float64(count)}
}

// bench is what both sides make from the same numbers: see bench/src/table.ts.
type bench struct {
	db      *enode.DB
	self    *enode.Node
	nodes   []*enode.Node
	targets [targets]enode.ID
}

func newBench(nodes int) *bench {
	db, err := enode.OpenDB("")
	if err != nil {
		fail(err)
	}
	b := &bench{db: db, self: nodeOf("self", 0)}
	for i := range nodes {
		b.nodes = append(b.nodes, nodeOf("node", i))
	}
	for i := range targets {
		b.targets[i] = digest("target", i)
	}
	return b
}

// filled makes a table and offers it all nodes.
func (b *bench) filled() gethTable {
	table := newGethTable(b.self, b.db)
	for _, n := range b.nodes {
		table.add(n)
	}
	return table
}

// nodeOf is a node whose ID is the digest of its kind and number, at a public address taken from the digest of the ID.
func nodeOf(kind string, number int) *enode.Node {
	id := digest(kind, number)
	place := sha256.Sum256(id[:])
	var record enr.Record
	record.Set(enr.IPv4Addr(netip.AddrFrom4([4]byte{20 + place[0]%80, place[1], place[2], place[3]})))
	record.Set(enr.UDP(30303))
	record.Set(enr.TCP(30303))
	return enode.SignNull(&record, enode.ID(id))
}

func digest(kind string, number int) [32]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint32([]byte(kind), uint32(number)))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
