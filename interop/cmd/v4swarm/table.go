package main

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

const (
	bucketSize   = 16
	bucketCount  = 17
	farthest     = 256
	minBucketLog = farthest - bucketCount + 1
)

// tables are what the nodes know of each other: each up to 16 of each distance, dead or alive. One is made when its node
// is first asked.
type tables struct {
	nodes []*node
	seed  uint64
	once  []sync.Once
	of    [][]int
}

func newTables(nodes []*node, seed uint64) *tables {
	return &tables{nodes: nodes, seed: seed, once: make([]sync.Once, len(nodes)), of: make([][]int, len(nodes))}
}

// closest gives the 16 nodes of a node's table that are closest to the target.
func (t *tables) closest(index int, target enode.ID) []*node {
	t.once[index].Do(func() { t.of[index] = t.fill(index) })
	found := make([]*node, 0, len(t.of[index]))
	for _, other := range t.of[index] {
		found = append(found, t.nodes[other])
	}
	slices.SortFunc(found, func(a, b *node) int { return enode.DistCmp(target, a.record.ID(), b.record.ID()) })
	return found[:min(bucketSize, len(found))]
}

func (t *tables) fill(index int) []int {
	rng := rand.New(rand.NewPCG(t.seed, uint64(index)+1))
	var sizes [bucketCount]int
	var table []int
	for _, other := range rng.Perm(len(t.nodes)) {
		if other == index {
			continue
		}
		distance := enode.LogDist(t.nodes[index].record.ID(), t.nodes[other].record.ID())
		bucket := max(0, distance-minBucketLog)
		if sizes[bucket] < bucketSize {
			sizes[bucket]++
			table = append(table, other)
		}
	}
	return table
}
