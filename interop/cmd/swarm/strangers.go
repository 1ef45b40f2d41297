package main

import (
	"sync"
	"time"
)

// meetings are what strangers have made of their handshakes.
type meetings struct {
	tookMs  []float64
	refused map[string]int
}

// meet has so many strangers a second connect, exchange hello and part, however long the ones before them take.
func (s *swarm) meet(perSecond int, duration time.Duration) <-chan meetings {
	result := make(chan meetings, 1)
	go func() {
		var (
			mutex   sync.Mutex
			m       = meetings{refused: make(map[string]int)}
			workers sync.WaitGroup
			start   = time.Now()
		)
		for i := range perSecond * int(duration/time.Second) {
			due := start.Add(time.Second * time.Duration(i) / time.Duration(perSecond))
			time.Sleep(time.Until(due))
			from := s.nextAddress()
			workers.Go(func() {
				conn, err := connect(s.node, from)
				took := time.Since(due)
				mutex.Lock()
				if err != nil {
					m.refused[kindOf(err)]++
				} else {
					m.tookMs = append(m.tookMs, float64(took.Microseconds())/1000)
				}
				mutex.Unlock()
				if err == nil {
					sayGoodbye(conn)
				}
			})
		}
		workers.Wait()
		result <- m
	}()
	return result
}
