package main

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/eth/protocols/eth"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/rlpx"
	"github.com/ethereum/go-ethereum/rlp"
)

// Codes on the wire: eth begins at 16 where it is the only protocol that both have.
const (
	helloMsg      = 0
	disconnectMsg = 1
	pingMsg       = 2
	pongMsg       = 3
	ethOffset     = 16
)

const (
	dialTimeout  = 15 * time.Second
	setupTimeout = 20 * time.Second
	readTimeout  = 60 * time.Second
	writeTimeout = 20 * time.Second
)

var emptyList = []byte{0xc0}

// hello is the first message of the base protocol.
type hello struct {
	Version    uint64
	Name       string
	Caps       []p2p.Cap
	ListenPort uint64
	ID         []byte
	Rest       []rlp.RawValue `rlp:"tail"`
}

// headersRequest asks for the genesis block's header.
type headersRequest struct {
	ID    uint64
	Query struct{ Origin, Amount, Skip, Reverse uint64 }
}

// session is one peer of the node.
type session struct {
	conn *rlpx.Conn

	writing sync.Mutex

	waiting sync.Mutex
	pong    chan struct{}            // whoever waits for a pong
	headers map[uint64]chan struct{} // bounded: one for each request, of which there is one at a time
	lastID  uint64

	parting bool          // guarded by waiting: we say goodbye ourselves
	status  chan struct{} // closed when Status was exchanged
	ended   chan struct{} // closed when the connection is over
	err     error         // set before ended is closed
}

// connect dials, shakes hands and exchanges hello.
func connect(node *enode.Node, from net.IP) (*rlpx.Conn, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialTimeout, LocalAddr: &net.TCPAddr{IP: from}}
	address, _ := node.TCPEndpoint()
	fd, err := dialer.Dial("tcp", address.String())
	if err != nil {
		return nil, err
	}
	conn := rlpx.NewConn(fd, node.Pubkey())
	conn.SetDeadline(time.Now().Add(setupTimeout))
	if err := exchangeHello(conn, key); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func exchangeHello(conn *rlpx.Conn, key *ecdsa.PrivateKey) error {
	if _, err := conn.Handshake(key); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	ours, err := rlp.EncodeToBytes(hello{
		Version: 5,
		Name:    "swarm/1.0",
		Caps:    []p2p.Cap{{Name: "eth", Version: eth.ETH70}},
		ID:      crypto.FromECDSAPub(&key.PublicKey)[1:],
	})
	if err != nil {
		return err
	}
	if _, err := conn.Write(helloMsg, ours); err != nil {
		return err
	}
	code, data, _, err := conn.Read()
	if err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	if code == disconnectMsg {
		return reasonOf(data)
	}
	if code != helloMsg {
		return fmt.Errorf("expected hello, got message %d", code)
	}
	conn.SetSnappy(true)
	return nil
}

// join makes a session, and waits until Status was exchanged.
func join(node *enode.Node, from net.IP) (*session, error) {
	conn, err := connect(node, from)
	if err != nil {
		return nil, err
	}
	s := &session{
		conn:    conn,
		headers: make(map[uint64]chan struct{}),
		status:  make(chan struct{}),
		ended:   make(chan struct{}),
	}
	conn.SetWriteDeadline(time.Time{})
	go s.read()
	select {
	case <-s.status:
		return s, nil
	case <-s.ended:
		return nil, s.err
	}
}

func (s *session) read() {
	err := s.readMessages()
	s.conn.Close()
	s.err = err
	close(s.ended)
}

func (s *session) readMessages() error {
	for {
		s.conn.SetReadDeadline(time.Now().Add(readTimeout))
		code, data, _, err := s.conn.Read()
		if err != nil {
			return err
		}
		switch code {
		case disconnectMsg:
			return reasonOf(data)
		case pingMsg:
			err = s.write(pongMsg, emptyList)
		case pongMsg:
			s.answered(&s.pong)
		case ethOffset + eth.StatusMsg:
			err = s.write(code, data)
			close(s.status)
		case ethOffset + eth.BlockHeadersMsg:
			err = s.gotHeaders(data)
		}
		if err != nil {
			return err
		}
	}
}

func (s *session) write(code uint64, data []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := s.conn.Write(code, data)
	return err
}

// ping sends one, and returns what is closed when it is answered.
func (s *session) ping() (<-chan struct{}, error) {
	s.waiting.Lock()
	done := make(chan struct{})
	s.pong = done
	s.waiting.Unlock()
	return done, s.write(pingMsg, emptyList)
}

func (s *session) answered(waiter *chan struct{}) {
	s.waiting.Lock()
	defer s.waiting.Unlock()
	if *waiter != nil {
		close(*waiter)
		*waiter = nil
	}
}

// ask requests one header, and returns what is closed when it has come.
func (s *session) ask() (<-chan struct{}, error) {
	s.waiting.Lock()
	s.lastID++
	request := headersRequest{ID: s.lastID}
	done := make(chan struct{})
	s.headers[request.ID] = done
	s.waiting.Unlock()
	request.Query.Amount = 1
	data, err := rlp.EncodeToBytes(&request)
	if err != nil {
		return nil, err
	}
	return done, s.write(ethOffset+eth.GetBlockHeadersMsg, data)
}

func (s *session) gotHeaders(data []byte) error {
	var response struct {
		ID      uint64
		Headers []rlp.RawValue
	}
	if err := rlp.DecodeBytes(data, &response); err != nil {
		return err
	}
	if len(response.Headers) != 1 {
		return fmt.Errorf("expected one header, got %d", len(response.Headers))
	}
	s.waiting.Lock()
	defer s.waiting.Unlock()
	done, ok := s.headers[response.ID]
	if !ok {
		return errors.New("headers that nobody asked for")
	}
	delete(s.headers, response.ID)
	close(done)
	return nil
}

// part says goodbye, and closes.
func (s *session) part() {
	s.waiting.Lock()
	s.parting = true
	s.waiting.Unlock()
	s.writing.Lock()
	sayGoodbye(s.conn)
	s.writing.Unlock()
	<-s.ended
}

func (s *session) isParting() bool {
	s.waiting.Lock()
	defer s.waiting.Unlock()
	return s.parting
}

func sayGoodbye(conn *rlpx.Conn) {
	conn.SetWriteDeadline(time.Now().Add(time.Second))
	conn.Write(disconnectMsg, []byte{0xc1, byte(p2p.DiscQuitting)})
	conn.Close()
}

func reasonOf(data []byte) error {
	var reason [1]p2p.DiscReason
	if err := rlp.DecodeBytes(data, &reason); err != nil {
		return p2p.DiscReason(p2p.DiscInvalid)
	}
	return reason[0]
}
