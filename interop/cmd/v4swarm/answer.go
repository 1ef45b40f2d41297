package main

import (
	"bytes"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/discover/v4wire"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

const (
	maxPacketSize = 1280
	expiration    = 20 * time.Second
	maxStrangers  = 1024 // whom a node remembers
	minInterval   = time.Second
)

// counts is what all nodes together were asked.
type counts struct{ pings, findnodes, recordRequests, unproved, bad atomic.Int64 }

// asked is counts for printing.
type asked struct {
	Pings          int64 `json:"pings"`
	Findnodes      int64 `json:"findnodes"`
	RecordRequests int64 `json:"recordRequests"`
	// Requests of somebody who had not proved where he is, which are not answered.
	Unproved int64 `json:"unproved"`
	Bad      int64 `json:"bad"`
	// Requests for a record that came less than a second after another to the same node.
	Hasty int `json:"hasty"`
}

func (s *swarm) asked() asked {
	hasty := 0
	for _, n := range s.nodes {
		n.mu.Lock()
		hasty += n.recordHaste
		n.mu.Unlock()
	}
	c := &s.counts
	return asked{c.pings.Load(), c.findnodes.Load(), c.recordRequests.Load(), c.unproved.Load(), c.bad.Load(), hasty}
}

// answerAs reads the socket of a node until it is closed.
func (s *swarm) answerAs(index int, n *node) {
	buf := make([]byte, maxPacketSize)
	for {
		size, from, err := n.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		packet, key, hash, err := v4wire.Decode(buf[:size])
		if err != nil {
			s.counts.bad.Add(1)
			continue
		}
		s.handle(index, n, packet, key.ID(), bytes.Clone(hash), netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

func (s *swarm) handle(index int, n *node, packet v4wire.Packet, id enode.ID, hash []byte, from netip.AddrPort) {
	switch p := packet.(type) {
	case *v4wire.Ping:
		if v4wire.Expired(p.Expiration) {
			return
		}
		s.counts.pings.Add(1)
		n.send(from, &v4wire.Pong{
			To: v4wire.NewEndpoint(from, p.From.TCP), ReplyTok: hash, Expiration: expires(), ENRSeq: n.record.Seq(),
		})
		if !n.knows(id, from) {
			n.ping(id, from)
		}
	case *v4wire.Pong:
		n.bond(id, from, p.ReplyTok)
	case *v4wire.Findnode:
		if v4wire.Expired(p.Expiration) || !s.proved(n, id, from) {
			return
		}
		s.counts.findnodes.Add(1)
		found := s.tables.closest(index, enode.ID(crypto.Keccak256Hash(p.Target[:])))
		for start := 0; start < len(found); start += v4wire.MaxNeighbors {
			answer := &v4wire.Neighbors{Expiration: expires()}
			for _, other := range found[start:min(start+v4wire.MaxNeighbors, len(found))] {
				answer.Nodes = append(answer.Nodes, other.wire)
			}
			n.send(from, answer)
		}
	case *v4wire.ENRRequest:
		if v4wire.Expired(p.Expiration) || !s.proved(n, id, from) {
			return
		}
		s.counts.recordRequests.Add(1)
		n.noteRecordRequest(time.Now())
		n.send(from, &v4wire.ENRResponse{ReplyTok: hash, Record: *n.record.Record()})
	}
}

func expires() uint64 {
	return uint64(time.Now().Add(expiration).Unix())
}

// send signs a packet and sends it after the node's delay.
func (n *node) send(to netip.AddrPort, packet v4wire.Packet) []byte {
	data, hash, err := v4wire.Encode(n.key, packet)
	if err != nil {
		return nil
	}
	time.AfterFunc(n.delay, func() { n.conn.WriteToUDPAddrPort(data, to) })
	return hash
}

// ping asks somebody for the proof that he is where he seems to be.
func (n *node) ping(id enode.ID, to netip.AddrPort) {
	self := n.record.IPAddr()
	hash := n.send(to, &v4wire.Ping{
		Version: 4, From: v4wire.NewEndpoint(netip.AddrPortFrom(self, n.wire.UDP), n.wire.TCP),
		To: v4wire.NewEndpoint(to, 0), Expiration: expires(), ENRSeq: n.record.Seq(),
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.pings) >= maxStrangers {
		clear(n.pings)
	}
	n.pings[id] = hash
}

func (n *node) bond(id enode.ID, from netip.AddrPort, token []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if hash, ok := n.pings[id]; !ok || !bytes.Equal(hash, token) {
		return
	}
	delete(n.pings, id)
	if len(n.bonds) >= maxStrangers {
		clear(n.bonds)
	}
	n.bonds[id] = from.Addr()
}

func (n *node) knows(id enode.ID, from netip.AddrPort) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.bonds[id] == from.Addr()
}

func (s *swarm) proved(n *node, id enode.ID, from netip.AddrPort) bool {
	if n.knows(id, from) {
		return true
	}
	s.counts.unproved.Add(1)
	return false
}

func (n *node) noteRecordRequest(now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.lastRecord) < minInterval {
		n.recordHaste++
	}
	n.lastRecord = now
}
