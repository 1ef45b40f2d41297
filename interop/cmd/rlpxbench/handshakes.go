package main

import (
	"crypto/ecdsa"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/rlpx"
)

// shake runs both sides of a handshake over a pair of connections.
func shake(dialling, dialled net.Conn, ours, theirs *ecdsa.PrivateKey) (*rlpx.Conn, *rlpx.Conn, error) {
	initiator, recipient := rlpx.NewConn(dialling, &theirs.PublicKey), rlpx.NewConn(dialled, nil)
	done := make(chan error, 1)
	go func() {
		_, err := recipient.Handshake(theirs)
		done <- err
	}()
	if _, err := initiator.Handshake(ours); err != nil {
		return nil, nil, err
	}
	return initiator, recipient, <-done
}

func twoKeys() (*ecdsa.PrivateKey, *ecdsa.PrivateKey, error) {
	ours, err := crypto.GenerateKey()
	if err != nil {
		return nil, nil, err
	}
	theirs, err := crypto.GenerateKey()
	return ours, theirs, err
}

// memoryHandshakes makes one handshake after the other.
func memoryHandshakes(duration time.Duration) (int, time.Duration, error) {
	ours, theirs, err := twoKeys()
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	count := 0
	for time.Since(start) < duration {
		a, b := net.Pipe()
		if _, _, err := shake(a, b, ours, theirs); err != nil {
			return 0, 0, err
		}
		count++
	}
	return count, time.Since(start), nil
}

// tcpHandshakes keeps several connections on the go.
func tcpHandshakes(duration time.Duration) (int, time.Duration, error) {
	ours, theirs, err := twoKeys()
	if err != nil {
		return 0, 0, err
	}
	var count atomic.Int64
	var workers sync.WaitGroup
	errs := make(chan error, 4*runtime.GOMAXPROCS(0))
	start := time.Now()
	for range cap(errs) {
		workers.Go(func() {
			for time.Since(start) < duration {
				a, b, err := tcpPair()
				if err != nil {
					errs <- err
					return
				}
				_, _, err = shake(a, b, ours, theirs)
				a.Close()
				b.Close()
				if err != nil {
					errs <- err
					return
				}
				count.Add(1)
			}
		})
	}
	workers.Wait()
	select {
	case err := <-errs:
		return 0, 0, err
	default:
		return int(count.Load()), time.Since(start), nil
	}
}

// tcpPair connects over loopback. Closing resets the connection, as thousands a second would use up the ports.
func tcpPair() (net.Conn, net.Conn, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	a, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	b, err := listener.Accept()
	if err != nil {
		return nil, nil, err
	}
	for _, conn := range []net.Conn{a, b} {
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
			return nil, nil, err
		}
	}
	return a, b, nil
}
