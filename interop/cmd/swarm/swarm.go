package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// answerTimeout is when a ping or a request counts as unanswered.
const answerTimeout = 10 * time.Second

// swarm is all sessions with one node.
type swarm struct {
	node     *enode.Node
	parallel int
	sessions []*session
	used     uint32 // addresses given out so far
	lost     map[string]int
}

func newSwarm(node *enode.Node, parallel int) *swarm {
	return &swarm{node: node, parallel: parallel, lost: make(map[string]int)}
}

func (s *swarm) do(c command) (*answer, error) {
	start := time.Now()
	a := new(answer)
	switch c.Do {
	case "join":
		a.Refused = s.join(c.Count)
	case "ping":
		s.measure(a, c, (*session).ping)
	case "ask":
		strangers := s.meet(c.Handshakes, time.Duration(c.Seconds)*time.Second)
		s.measure(a, c, (*session).ask)
		m := <-strangers
		a.Handshakes, a.HandshakeP99Ms, a.Refused = len(m.tookMs), percentile(m.tookMs, 0.99), m.refused
	case "leave":
		s.leave(c.Keep)
	default:
		return nil, fmt.Errorf("there is no command %q", c.Do)
	}
	s.sweep()
	a.Live, a.Lost, a.Seconds = len(s.sessions), s.lost, time.Since(start).Seconds()
	return a, nil
}

// nextAddress gives the addresses from 127.1.0.1 on, the last byte never 0 or 255, the first of them again after the last.
func (s *swarm) nextAddress() net.IP {
	n := s.used % (200 * 256 * 254)
	s.used++
	return net.IPv4(127, byte(1+n/(256*254)), byte(n/254%256), byte(1+n%254))
}

// join connects so many, some at a time, and returns why those failed that did.
func (s *swarm) join(count int) map[string]int {
	var (
		mutex   sync.Mutex
		refused = make(map[string]int)
		places  = make(chan struct{}, s.parallel)
		workers sync.WaitGroup
	)
	for range count {
		from := s.nextAddress()
		places <- struct{}{}
		workers.Go(func() {
			defer func() { <-places }()
			joined, err := join(s.node, from)
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				refused[kindOf(err)]++
			} else {
				s.sessions = append(s.sessions, joined)
			}
		})
	}
	workers.Wait()
	return refused
}

// measure has the first sessions send something again and again, each at its own times, and sees how long the answers take.
func (s *swarm) measure(a *answer, c command, send func(*session) (<-chan struct{}, error)) {
	var (
		mutex    sync.Mutex
		tookMs   []float64
		failed   int
		workers  sync.WaitGroup
		interval = time.Duration(c.IntervalMs) * time.Millisecond
		start    = time.Now()
		end      = start.Add(time.Duration(c.Seconds) * time.Second)
		asking   = s.sessions[:min(c.Sessions, len(s.sessions))]
	)
	for i, one := range asking {
		workers.Go(func() {
			// From when it is due: who waits for a late answer has not asked less often.
			due := start.Add(interval * time.Duration(i) / time.Duration(len(asking)))
			for ; due.Before(end); due = due.Add(interval) {
				time.Sleep(time.Until(due))
				ok := roundTrip(one, send)
				took := time.Since(due)
				mutex.Lock()
				if ok {
					tookMs = append(tookMs, float64(took.Microseconds())/1000)
				} else {
					failed++
				}
				mutex.Unlock()
				if !ok {
					return
				}
			}
		})
	}
	workers.Wait()
	a.Answered, a.Unanswered = len(tookMs), failed
	a.P50Ms, a.P99Ms, a.MaxMs = percentile(tookMs, 0.5), percentile(tookMs, 0.99), percentile(tookMs, 1)
}

func roundTrip(one *session, send func(*session) (<-chan struct{}, error)) bool {
	done, err := send(one)
	if err != nil {
		return false
	}
	timeout := time.NewTimer(answerTimeout)
	defer timeout.Stop()
	select {
	case <-done:
		return true
	case <-one.ended:
	case <-timeout.C:
	}
	return false
}

// leave parts with all but the first so many.
func (s *swarm) leave(keep int) {
	s.sweep()
	leaving := s.sessions[min(keep, len(s.sessions)):]
	s.sessions = s.sessions[:len(s.sessions)-len(leaving)]
	var workers sync.WaitGroup
	for _, one := range leaving {
		workers.Go(one.part)
	}
	workers.Wait()
}

// sweep forgets sessions that are over.
func (s *swarm) sweep() {
	s.sessions = slices.DeleteFunc(s.sessions, func(one *session) bool {
		select {
		case <-one.ended:
			if !one.isParting() {
				s.lost[kindOf(one.err)]++
			}
			return true
		default:
			return false
		}
	})
}

// kindOf is an error without the address in it.
func kindOf(err error) string {
	var reason p2p.DiscReason
	if errors.As(err, &reason) {
		return reason.Error()
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}

func percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[max(0, min(len(values)-1, int(float64(len(values))*share+0.5)-1))]
}
