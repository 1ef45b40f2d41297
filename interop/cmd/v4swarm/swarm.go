package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// swarm is all the nodes.
type swarm struct {
	nodes  []*node
	tables *tables
	counts counts
	wg     sync.WaitGroup
}

// newSwarm makes the nodes and binds their sockets; they do not answer yet.
func newSwarm(o options) (*swarm, error) {
	s := &swarm{}
	rng := rand.New(rand.NewPCG(o.seed, 0))
	taken := make(map[netip.Addr]bool, o.count)
	for i := range o.count {
		key, err := newKey(o.seed, i)
		if err != nil {
			return nil, err
		}
		n := &node{
			key:   key,
			delay: o.minDelay + time.Duration(rng.Int64N(int64(o.maxDelay-o.minDelay)+1)),
			dead:  i > 0 && rng.Float64() < o.dead, // the first is the one to begin with
			age:   rng.Float64(),
			bonds: make(map[enode.ID]netip.Addr),
			pings: make(map[enode.ID][]byte),
		}
		if n.conn, err = listen(randomAddr(rng, taken), o.port); err != nil {
			s.close()
			return nil, fmt.Errorf("node %d of %d: %w (each needs a socket: see ulimit -n)", i+1, o.count, err)
		}
		s.nodes = append(s.nodes, n)
		if err := n.sign(); err != nil {
			s.close()
			return nil, err
		}
	}
	s.tables = newTables(s.nodes, o.seed)
	return s, nil
}

// randomAddr draws an address of 127.1.0.1 to 127.254.255.254 that nobody has yet.
func randomAddr(rng *rand.Rand, taken map[netip.Addr]bool) netip.Addr {
	for {
		addr := netip.AddrFrom4([4]byte{127, byte(1 + rng.IntN(254)), byte(rng.IntN(256)), byte(1 + rng.IntN(254))})
		if !taken[addr] {
			taken[addr] = true
			return addr
		}
	}
}

func listen(addr netip.Addr, port int) (*net.UDPConn, error) {
	return net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(port))))
}

// serve lets those that live answer. Nobody reads the sockets of the dead.
func (s *swarm) serve() {
	for i, n := range s.nodes {
		if n.dead {
			continue
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.answerAs(i, n)
		}()
	}
}

func (s *swarm) close() {
	for _, n := range s.nodes {
		n.conn.Close()
	}
	s.wg.Wait()
}

func (s *swarm) summary() summary {
	sum := summary{Bootnode: s.nodes[0].record.URLv4(), Nodes: len(s.nodes)}
	for _, n := range s.nodes {
		if !n.dead {
			sum.Alive = append(sum.Alive, n.record.ID())
		}
	}
	return sum
}
