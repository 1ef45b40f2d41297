package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth/protocols/eth"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/trie"
	"golang.org/x/sync/errgroup"
)

// How much is asked for at a time, and how many requests of a kind are under way: what geth's downloader asks of a fast
// peer, and enough requests that neither side waits for the other.
const (
	headersAtATime  = 192
	bodiesAtATime   = 128
	receiptsAtATime = 128
	requestsAtATime = 4
)

// batch is headers in a row, verified.
type batch struct {
	headers []*types.Header
	hashes  []common.Hash
}

// pull fetches the chain up to the head, and checks that all of it belongs to it.
func pull(rw p2p.MsgReadWriter, genesis *core.Genesis, networkID uint64, head common.Hash, number uint64) (*summary, error) {
	if err := shakeHands(rw, genesis, networkID); err != nil {
		return nil, err
	}
	s := newSession(rw)
	go s.read()

	start := time.Now()
	forBodies, forReceipts := make(chan *batch, 1024), make(chan *batch, 1024)
	result := summary{Blocks: int(number)}
	group := new(errgroup.Group)
	group.Go(func() error {
		defer close(forBodies)
		defer close(forReceipts)
		return s.pullHeaders(genesis.ToBlock().Hash(), head, number, forBodies, forReceipts)
	})
	counts := make(chan [2]int, 2*requestsAtATime)
	for range requestsAtATime {
		group.Go(func() error {
			count, err := s.pullBodies(forBodies)
			counts <- [2]int{count, 0}
			return err
		})
		group.Go(func() error {
			count, err := s.pullReceipts(forReceipts)
			counts <- [2]int{0, count}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	result.Ms = float64(time.Since(start).Microseconds()) / 1000
	close(counts)
	for count := range counts {
		result.Transactions += count[0]
		result.Receipts += count[1]
	}
	result.Bytes = s.bytes
	return &result, nil
}

// pullHeaders asks for several stretches at once and hands on each as soon as it links to the one before.
func (s *session) pullHeaders(parent, head common.Hash, number uint64, sinks ...chan<- *batch) error {
	type stretch = chan []*types.Header
	pending := make(chan stretch, requestsAtATime-1)
	failed := make(chan error, 1)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		defer close(pending)
		for from := uint64(1); from <= number; from += headersAtATime {
			answer := make(stretch, 1)
			select {
			case pending <- answer:
			case <-stop:
				return
			}
			go func() {
				headers, err := s.headers(from, min(headersAtATime, number-from+1))
				if err != nil {
					select {
					case failed <- err:
					default:
					}
				}
				answer <- headers
			}()
		}
	}()
	next := uint64(1)
	for answer := range pending {
		headers := <-answer
		if headers == nil {
			return <-failed
		}
		hashes := make([]common.Hash, len(headers))
		for i, header := range headers {
			if header.ParentHash != parent || header.Number.Uint64() != next {
				return fmt.Errorf("header %d does not follow upon the one before", next)
			}
			hashes[i] = header.Hash()
			parent = hashes[i]
			next++
		}
		for from := 0; from < len(headers); from += bodiesAtATime {
			to := min(from+bodiesAtATime, len(headers))
			for _, sink := range sinks {
				sink <- &batch{headers[from:to], hashes[from:to]}
			}
		}
	}
	if parent != head {
		return errors.New("the chain does not end in the head")
	}
	return nil
}

func (s *session) headers(from, count uint64) ([]*types.Header, error) {
	answer, err := ask[*eth.BlockHeadersPacket](s, eth.GetBlockHeadersMsg, func(id uint64) any {
		request := &eth.GetBlockHeadersRequest{Origin: eth.HashOrNumber{Number: from}, Amount: count}
		return &eth.GetBlockHeadersPacket{RequestId: id, GetBlockHeadersRequest: request}
	})
	if err != nil {
		return nil, err
	}
	headers, err := answer.List.Items()
	if err != nil {
		return nil, err
	}
	if uint64(len(headers)) != count {
		return nil, fmt.Errorf("asked for %d headers from %d on, got %d", count, from, len(headers))
	}
	return headers, nil
}

func (s *session) pullBodies(batches <-chan *batch) (transactions int, err error) {
	hasher := trie.NewStackTrie(nil)
	for b := range batches {
		for done := 0; done < len(b.headers); {
			answer, err := ask[*eth.BlockBodiesPacket](s, eth.GetBlockBodiesMsg, func(id uint64) any {
				return &eth.GetBlockBodiesPacket{RequestId: id, GetBlockBodiesRequest: b.hashes[done:]}
			})
			if err != nil {
				return 0, err
			}
			bodies, err := answer.List.Items()
			if err != nil {
				return 0, err
			}
			if len(bodies) == 0 || len(bodies) > len(b.headers)-done {
				return 0, fmt.Errorf("asked for %d bodies, got %d", len(b.headers)-done, len(bodies))
			}
			for i := range bodies {
				if err := checkBody(b.headers[done+i], &bodies[i], hasher); err != nil {
					return 0, err
				}
				transactions += bodies[i].Transactions.Len()
			}
			done += len(bodies)
		}
	}
	return transactions, nil
}

func (s *session) pullReceipts(batches <-chan *batch) (receipts int, err error) {
	hasher := trie.NewStackTrie(nil)
	for b := range batches {
		for done := 0; done < len(b.headers); {
			answer, err := ask[*eth.ReceiptsPacket69](s, eth.GetReceiptsMsg, func(id uint64) any {
				return &eth.GetReceiptsPacket69{RequestId: id, GetReceiptsRequest: b.hashes[done:]}
			})
			if err != nil {
				return 0, err
			}
			lists, err := answer.List.Items()
			if err != nil {
				return 0, err
			}
			if len(lists) == 0 || len(lists) > len(b.headers)-done {
				return 0, fmt.Errorf("asked for receipts of %d blocks, got %d", len(b.headers)-done, len(lists))
			}
			for i, list := range lists {
				derivable := list.Derivable()
				if types.DeriveSha(derivable, hasher) != b.headers[done+i].ReceiptHash {
					return 0, fmt.Errorf("receipts of block %d are wrong", b.headers[done+i].Number)
				}
				receipts += derivable.Len()
			}
			done += len(lists)
		}
	}
	return receipts, nil
}
