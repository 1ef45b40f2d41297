// Command p2phost is go-ethereum's p2p.Server with a protocol that speaks as much of eth/70 as a peer needs to be one and to
// ask for headers: Status, and one header, always the same. It is who a server is compared with.
//
// It prints its enode URL as JSON, and ends with its standard input.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"

	"github.com/ethereum/go-ethereum/core/forkid"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/eth/protocols/eth"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rlp"
)

const (
	protocolLength  = 18
	maxMessageBytes = 10 << 20
)

// headersResponse is eth's, with headers that are encoded already.
type headersResponse struct {
	ID      uint64
	Headers []rlp.RawValue
}

func main() {
	maxPeers := flag.Int("maxpeers", 1600, "how many peers at most")
	flag.Parse()
	if err := run(*maxPeers); err != nil {
		fmt.Fprintln(os.Stderr, "p2phost:", err)
		os.Exit(1)
	}
}

func run(maxPeers int) error {
	key, err := crypto.GenerateKey()
	if err != nil {
		return err
	}
	header, err := rlp.EncodeToBytes(&types.Header{
		Difficulty: big.NewInt(1),
		Number:     new(big.Int),
		BaseFee:    big.NewInt(1_000_000_000),
	})
	if err != nil {
		return err
	}
	server := p2p.Server{Config: p2p.Config{
		PrivateKey:  key,
		MaxPeers:    maxPeers,
		NoDiscovery: true,
		NoDial:      true,
		Name:        "p2phost/1.0",
		ListenAddr:  "127.0.0.1:0",
		Protocols: []p2p.Protocol{{
			Name:    "eth",
			Version: eth.ETH70,
			Length:  protocolLength,
			Run:     func(_ *p2p.Peer, rw p2p.MsgReadWriter) error { return serve(rw, header) },
		}},
	}}
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Stop()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"enode": server.NodeInfo().Enode}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func serve(rw p2p.MsgReadWriter, header rlp.RawValue) error {
	status := eth.StatusPacket{ProtocolVersion: eth.ETH70, NetworkID: 1, ForkID: forkid.ID{}}
	sent := make(chan error, 1)
	go func() { sent <- p2p.Send(rw, eth.StatusMsg, &status) }()
	first, err := rw.ReadMsg()
	if err != nil {
		return err
	}
	if err := first.Decode(&status); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	for {
		msg, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		if msg.Size > maxMessageBytes {
			return fmt.Errorf("a message of %d bytes", msg.Size)
		}
		if msg.Code != eth.GetBlockHeadersMsg {
			if err := msg.Discard(); err != nil {
				return err
			}
			continue
		}
		var request eth.GetBlockHeadersPacket
		if err := msg.Decode(&request); err != nil {
			return err
		}
		response := headersResponse{ID: request.RequestId, Headers: []rlp.RawValue{header}}
		if err := p2p.Send(rw, eth.BlockHeadersMsg, &response); err != nil {
			return err
		}
	}
}
