package main

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/ethereum/go-ethereum/p2p/rlpx"
)

const (
	frameCode = 0x15
	lastCode  = 0x16
)

// swapConn is a connection whose other end can be replaced.
type swapConn struct{ net.Conn }

// bufferConn keeps what is written until it is read; nobody waits, so that one goroutine can do both.
type bufferConn struct {
	net.Conn
	buffer bytes.Buffer
}

func (c *bufferConn) Read(b []byte) (int, error)  { return c.buffer.Read(b) }
func (c *bufferConn) Write(b []byte) (int, error) { return c.buffer.Write(b) }

func shakenPair(a, b net.Conn, snappy bool) (*rlpx.Conn, *rlpx.Conn, *swapConn, *swapConn, error) {
	ours, theirs, err := twoKeys()
	if err != nil {
		return nil, nil, nil, nil, err
	}
	swapA, swapB := &swapConn{a}, &swapConn{b}
	writer, reader, err := shake(swapA, swapB, ours, theirs)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	writer.SetSnappy(snappy)
	reader.SetSnappy(snappy)
	return writer, reader, swapA, swapB, nil
}

// memoryFrames writes and reads frames in turn.
func memoryFrames(payload []byte, snappy bool, duration time.Duration) (int, time.Duration, error) {
	a, b := net.Pipe()
	writer, reader, swapA, swapB, err := shakenPair(a, b, snappy)
	if err != nil {
		return 0, 0, err
	}
	link := new(bufferConn)
	swapA.Conn, swapB.Conn = link, link
	start := time.Now()
	count := 0
	for time.Since(start) < duration {
		for range batch(len(payload)) {
			if _, err := writer.Write(frameCode, payload); err != nil {
				return 0, 0, err
			}
			code, data, _, err := reader.Read()
			if err != nil {
				return 0, 0, err
			}
			if err := check(code, data, len(payload)); err != nil {
				return 0, 0, err
			}
			count++
		}
	}
	return count, time.Since(start), nil
}

// tcpFrames writes in one goroutine and reads in another.
func tcpFrames(payload []byte, snappy bool, duration time.Duration) (int, time.Duration, error) {
	a, b, err := tcpPair()
	if err != nil {
		return 0, 0, err
	}
	defer b.Close()
	defer a.Close()
	writer, reader, _, _, err := shakenPair(a, b, snappy)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	written := make(chan error, 1)
	go func() {
		for time.Since(start) < duration {
			for range batch(len(payload)) {
				if _, err := writer.Write(frameCode, payload); err != nil {
					written <- err
					return
				}
			}
		}
		_, err := writer.Write(lastCode, nil)
		written <- err
	}()
	for count := 0; ; count++ {
		code, data, _, err := reader.Read()
		if err != nil {
			return 0, 0, err
		}
		if code == lastCode {
			return count, time.Since(start), <-written
		}
		if err := check(code, data, len(payload)); err != nil {
			return 0, 0, err
		}
	}
}

// batch is how many frames pass between two looks at the clock.
func batch(size int) int {
	return max(1, 65536/max(size, 1024))
}

func check(code uint64, data []byte, size int) error {
	if code != frameCode || len(data) != size {
		return fmt.Errorf("a frame of code %d and %d bytes came", code, len(data))
	}
	return nil
}
