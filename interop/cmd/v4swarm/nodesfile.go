package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// nodeEntry is a node in geth's nodes.json.
type nodeEntry struct {
	Seq           uint64      `json:"seq"`
	Record        *enode.Node `json:"record"`
	Score         int         `json:"score,omitempty"`
	FirstResponse time.Time   `json:"firstResponse"`
	LastResponse  time.Time   `json:"lastResponse"`
	LastCheck     time.Time   `json:"lastCheck"`
}

const (
	maxScore  = 20
	maxKnown  = 30 * 24 * time.Hour
	lastCrawl = 24 * time.Hour // since the last crawl, in which all answered
)

// writeNodesFile writes what a crawl of a day ago would have left: all nodes, for the dead were alive then.
func writeNodesFile(path string, s *swarm, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	last := now.Add(-lastCrawl)
	set := make(map[enode.ID]nodeEntry, len(s.nodes))
	for _, n := range s.nodes {
		known := time.Duration(n.age * float64(maxKnown)).Truncate(time.Second)
		set[n.record.ID()] = nodeEntry{
			Seq:           n.record.Seq(),
			Record:        n.record,
			Score:         1 + int(n.age*maxScore),
			FirstResponse: last.Add(-known),
			LastResponse:  last,
			LastCheck:     last,
		}
	}
	text, err := json.MarshalIndent(set, "", "    ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
