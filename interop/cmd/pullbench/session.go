package main

import (
	"fmt"
	"sync"

	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/forkid"
	"github.com/ethereum/go-ethereum/eth/protocols/eth"
	"github.com/ethereum/go-ethereum/p2p"
)

const (
	protocolVersion = eth.ETH69
	protocolLength  = 18
)

// session sends requests and hands each answer to who waits for it.
type session struct {
	rw      p2p.MsgReadWriter
	mutex   sync.Mutex
	lastID  uint64
	waiting map[uint64]chan any // bounded: by the workers, each of which waits for one answer
	bytes   int
	failed  chan struct{} // closed when the connection is gone
	err     error
}

func newSession(rw p2p.MsgReadWriter) *session {
	return &session{rw: rw, waiting: make(map[uint64]chan any), failed: make(chan struct{})}
}

// shakeHands exchanges status messages, as a node that has nothing but the genesis block.
func shakeHands(rw p2p.MsgReadWriter, genesis *core.Genesis, networkID uint64) error {
	block := genesis.ToBlock()
	sent := make(chan error, 1)
	go func() {
		sent <- p2p.Send(rw, eth.StatusMsg, &eth.StatusPacket{
			ProtocolVersion: protocolVersion,
			NetworkID:       networkID,
			Genesis:         block.Hash(),
			ForkID:          forkid.NewID(genesis.Config, block, 0, block.Time()),
			LatestBlockHash: block.Hash(),
		})
	}()
	msg, err := rw.ReadMsg()
	if err != nil {
		return err
	}
	var status eth.StatusPacket
	if msg.Code != eth.StatusMsg {
		return fmt.Errorf("expected a status, got message %d", msg.Code)
	}
	if err := msg.Decode(&status); err != nil {
		return err
	}
	if status.Genesis != block.Hash() || status.NetworkID != networkID {
		return fmt.Errorf("the peer is on another network: %v", status)
	}
	return <-sent
}

// read takes messages until the connection is gone.
func (s *session) read() {
	for {
		err := s.readOne()
		if err != nil {
			s.mutex.Lock()
			s.err = err
			s.mutex.Unlock()
			close(s.failed)
			return
		}
	}
}

func (s *session) readOne() error {
	msg, err := s.rw.ReadMsg()
	if err != nil {
		return err
	}
	defer msg.Discard()
	switch msg.Code {
	case eth.BlockHeadersMsg:
		packet := new(eth.BlockHeadersPacket)
		if err := msg.Decode(packet); err != nil {
			return err
		}
		return s.deliver(packet.RequestId, packet, msg.Size)
	case eth.BlockBodiesMsg:
		packet := new(eth.BlockBodiesPacket)
		if err := msg.Decode(packet); err != nil {
			return err
		}
		return s.deliver(packet.RequestId, packet, msg.Size)
	case eth.ReceiptsMsg:
		packet := new(eth.ReceiptsPacket69)
		if err := msg.Decode(packet); err != nil {
			return err
		}
		return s.deliver(packet.RequestId, packet, msg.Size)
	}
	return nil // gossip
}

func (s *session) deliver(id uint64, packet any, size uint32) error {
	s.mutex.Lock()
	answer, ok := s.waiting[id]
	delete(s.waiting, id)
	s.bytes += int(size)
	s.mutex.Unlock()
	if !ok {
		return fmt.Errorf("an answer came that nobody asked for: %d", id)
	}
	answer <- packet
	return nil
}

// ask sends the packet that makePacket makes of a request id, and waits for the answer.
func ask[T any](s *session, code uint64, makePacket func(id uint64) any) (answer T, err error) {
	received := make(chan any, 1)
	s.mutex.Lock()
	s.lastID++
	id := s.lastID
	s.waiting[id] = received
	s.mutex.Unlock()
	if err := p2p.Send(s.rw, code, makePacket(id)); err != nil {
		return answer, err
	}
	select {
	case packet := <-received:
		answer, ok := packet.(T)
		if !ok {
			return answer, fmt.Errorf("expected %T, got %T", answer, packet)
		}
		return answer, nil
	case <-s.failed:
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return answer, s.err
	}
}
