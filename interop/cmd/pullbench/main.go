// Command pullbench pulls a chain over go-ethereum's own peer-to-peer stack and checks every root: a client as fast as
// that stack lets one be. It keeps nothing. What it took is printed to standard output as JSON.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

type summary struct {
	Client       string  `json:"client"`
	Blocks       int     `json:"blocks"`
	Transactions int     `json:"transactions"`
	Receipts     int     `json:"receipts"`
	Bytes        int     `json:"bytes"`
	Ms           float64 `json:"ms"`
	PeakBytes    int     `json:"peakBytes"`
}

func main() {
	var (
		genesisFile = flag.String("genesis", "", "genesis.json")
		networkID   = flag.Uint64("networkid", 0, "network id")
		url         = flag.String("enode", "", "whom to pull from")
		head        = flag.String("head", "", "hash of the last block")
		number      = flag.Uint64("number", 0, "number of the last block")
		timeout     = flag.Duration("timeout", 2*time.Minute, "when to give up")
	)
	flag.Parse()
	s, err := run(*genesisFile, *networkID, *url, common.HexToHash(*head), *number, *timeout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pullbench:", err)
		os.Exit(1)
	}
	s.PeakBytes = peakBytes()
	out, _ := json.Marshal(s)
	fmt.Println(string(out))
}

func run(genesisFile string, networkID uint64, url string, head common.Hash, number uint64, timeout time.Duration) (*summary, error) {
	text, err := os.ReadFile(genesisFile)
	if err != nil {
		return nil, err
	}
	genesis := new(core.Genesis)
	if err := json.Unmarshal(text, genesis); err != nil {
		return nil, err
	}
	node, err := enode.ParseV4(url)
	if err != nil {
		return nil, err
	}
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, err
	}
	type outcome struct {
		*summary
		error
	}
	done := make(chan outcome, 1)
	server := &p2p.Server{Config: p2p.Config{
		PrivateKey:  key,
		MaxPeers:    1,
		NoDiscovery: true,
		Name:        "pullbench",
		StaticNodes: []*enode.Node{node},
		Protocols: []p2p.Protocol{{
			Name:    "eth",
			Version: protocolVersion,
			Length:  protocolLength,
			Run: func(peer *p2p.Peer, rw p2p.MsgReadWriter) error {
				s, err := pull(rw, genesis, networkID, head, number)
				if s != nil {
					s.Client = peer.Fullname()
				}
				select {
				case done <- outcome{s, err}:
				default:
				}
				return err
			},
		}},
	}}
	if err := server.Start(); err != nil {
		return nil, err
	}
	defer server.Stop()
	select {
	case o := <-done:
		return o.summary, o.error
	case <-time.After(timeout):
		return nil, errors.New("the chain was not pulled in time")
	}
}
