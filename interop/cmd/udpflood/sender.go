//go:build linux

package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
)

const (
	// Packets handed to the system in one call.
	batchSize = 64
	// How often the sender looks what is due.
	tick = time.Millisecond
	// What was missed for longer than this is not made up for: it would be another flood than the one asked for.
	maxLate = 20 * time.Millisecond
)

// sender has one socket. What address a packet comes from is said with each packet, so that thousands of addresses need
// no thousands of sockets.
type sender struct {
	conn     *net.UDPConn
	batches  *ipv4.PacketConn
	messages []ipv4.Message
	next     int
	options  options
}

// newSender prepares all messages: packet i is always sent by the same source, as one that has a key would.
func newSender(o options, packets [][]byte, sources []netip.Addr) (*sender, error) {
	config := net.ListenConfig{Control: bindToLoopback}
	// Bound to no one address, it takes the answers to all of them, which nobody reads.
	conn, err := config.ListenPacket(context.Background(), "udp4", "0.0.0.0:0")
	if err != nil {
		return nil, err
	}
	udp := conn.(*net.UDPConn)
	s := &sender{conn: udp, batches: ipv4.NewPacketConn(udp), options: o}
	to := net.UDPAddrFromAddrPort(o.target)
	for i, packet := range packets {
		from := (&ipv4.ControlMessage{Src: net.IP(sources[i%len(sources)].AsSlice())}).Marshal()
		s.messages = append(s.messages, ipv4.Message{Buffers: [][]byte{packet}, OOB: from, Addr: to})
	}
	return s, nil
}

// bindToLoopback keeps the socket from every other interface.
func bindToLoopback(_, _ string, raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = syscall.BindToDevice(int(fd), "lo")
	})
	if err != nil {
		return err
	}
	return failed
}

// send sends at the rate until the time is over or somebody ends it.
func (s *sender) send(ended <-chan os.Signal) (result, error) {
	var r result
	start := time.Now()
	skipped := 0 // what was due and is too late now
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for elapsed := time.Duration(0); elapsed < s.options.time; elapsed = time.Since(start) {
		due := s.dueAt(elapsed) - r.Sent - r.Unsent - skipped
		if most := s.dueAt(maxLate); due > most {
			skipped += due - most
			due = most
		}
		for due > 0 {
			sent, err := s.sendBatch(min(due, batchSize))
			if err != nil && !isFull(err) {
				return r, err
			}
			if err != nil || sent == 0 {
				// What the system has no room for is lost, as it would be on a wire.
				r.Unsent += due
				break
			}
			r.Sent += sent
			due -= sent
		}
		select {
		case <-ended:
			return s.finish(r, start), nil
		case <-ticker.C:
		}
	}
	return s.finish(r, start), nil
}

func (s *sender) dueAt(elapsed time.Duration) int {
	return int(elapsed.Seconds() * float64(s.options.rate))
}

func (s *sender) sendBatch(count int) (int, error) {
	count = min(count, len(s.messages)-s.next)
	sent, err := s.batches.WriteBatch(s.messages[s.next:s.next+count], 0)
	if sent > 0 {
		s.next = (s.next + sent) % len(s.messages)
	}
	return max(sent, 0), err
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.EAGAIN)
}

func (s *sender) finish(r result, start time.Time) result {
	r.Seconds = time.Since(start).Seconds()
	r.Rate = float64(r.Sent) / r.Seconds
	return r
}

func (s *sender) close() {
	s.conn.Close()
}
