package main

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/discover/v4wire"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// node is one of the swarm.
type node struct {
	key    *ecdsa.PrivateKey
	conn   *net.UDPConn
	record *enode.Node
	wire   v4wire.Node
	delay  time.Duration
	dead   bool
	age    float64 // from 0 to 1: how long it has been known when the crawl begins

	mu    sync.Mutex
	bonds map[enode.ID]netip.Addr // who has answered our ping, and from where
	pings map[enode.ID][]byte     // hash of the ping that we sent last

	lastRecord  time.Time // when it was last asked for its record
	recordHaste int       // requests for it that came less than a second after another
}

func newKey(seed uint64, index int) (*ecdsa.PrivateKey, error) {
	var text [16]byte
	binary.BigEndian.PutUint64(text[:8], seed)
	binary.BigEndian.PutUint64(text[8:], uint64(index))
	digest := sha256.Sum256(text[:])
	return crypto.ToECDSA(digest[:])
}

// sign makes the node's record, which has the address that its socket is bound to.
func (n *node) sign() error {
	at := n.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	var r enr.Record
	r.Set(enr.IPv4Addr(at.Addr().Unmap()))
	r.Set(enr.UDP(at.Port()))
	r.Set(enr.TCP(at.Port()))
	r.SetSeq(1)
	if err := enode.SignV4(&r, n.key); err != nil {
		return err
	}
	var err error
	if n.record, err = enode.New(enode.ValidSchemes, &r); err != nil {
		return err
	}
	n.wire = v4wire.Node{
		IP:  at.Addr().Unmap().AsSlice(),
		UDP: at.Port(),
		TCP: at.Port(),
		ID:  v4wire.EncodePubkey(&n.key.PublicKey),
	}
	return nil
}
