package main

import (
	"errors"
	"sync"
	"unsafe"

	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Only the name of geth's table is exported: what it does is reached by the linker, which the empty file beside this
// one allows. The shapes below are those of p2p/discover in go-ethereum v1.17.8.

type transport interface {
	Self() *enode.Node
	RequestENR(*enode.Node) (*enode.Node, error)
	lookupRandom() []*enode.Node
	lookupSelf() []*enode.Node
	ping(*enode.Node) (seq uint64, err error)
}

type addNodeOp struct {
	node         *enode.Node
	isInbound    bool
	forceSetLive bool
}

type nodesByDistance struct {
	entries []*enode.Node
	target  enode.ID
}

//go:linkname newTable github.com/ethereum/go-ethereum/p2p/discover.newTable
func newTable(t transport, db *enode.DB, cfg discover.Config) (*discover.Table, error)

//go:linkname handleAddNode github.com/ethereum/go-ethereum/p2p/discover.(*Table).handleAddNode
func handleAddNode(table *discover.Table, op addNodeOp) bool

//go:linkname findnodeByID github.com/ethereum/go-ethereum/p2p/discover.(*Table).findnodeByID
func findnodeByID(table *discover.Table, target enode.ID, results int, preferLive bool) nodesByDistance

// silentTransport says who we are, and sends nothing.
type silentTransport struct{ self *enode.Node }

var errSilent = errors.New("nothing is sent")

func (t silentTransport) Self() *enode.Node                           { return t.self }
func (t silentTransport) RequestENR(*enode.Node) (*enode.Node, error) { return nil, errSilent }
func (t silentTransport) lookupRandom() []*enode.Node                 { return nil }
func (t silentTransport) lookupSelf() []*enode.Node                   { return nil }
func (t silentTransport) ping(*enode.Node) (uint64, error)            { return 0, errSilent }

// gethTable is a table whose loop does not run: what the loop does for each node is done at once, which spares geth two
// channel operations.
type gethTable struct {
	table *discover.Table
	mutex *sync.Mutex // the table's own, its first field
}

func newGethTable(self *enode.Node, db *enode.DB) gethTable {
	table, err := newTable(silentTransport{self}, db, discover.Config{})
	if err != nil {
		fail(err)
	}
	return gethTable{table, (*sync.Mutex)(unsafe.Pointer(table))}
}

func (t gethTable) add(n *enode.Node) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return handleAddNode(t.table, addNodeOp{node: n})
}

func (t gethTable) closest(target enode.ID, results int) []*enode.Node {
	return findnodeByID(t.table, target, results, false).entries
}

// nodes are all of its buckets, the nearest bucket first.
func (t gethTable) nodes() (nodes []*enode.Node) {
	for _, bucket := range t.table.Nodes() {
		for _, n := range bucket {
			nodes = append(nodes, n.Node)
		}
	}
	return nodes
}
