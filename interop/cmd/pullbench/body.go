package main

import (
	"bytes"
	"fmt"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth/protocols/eth"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"
)

// checkBody compares what is in a body with what its header promises.
func checkBody(header *types.Header, body *eth.BlockBody, hasher *trie.StackTrie) error {
	transactions, err := rawItems(body.Transactions.Content(), true)
	if err != nil {
		return err
	}
	if types.DeriveSha(transactions, hasher) != header.TxHash {
		return fmt.Errorf("transactions of block %d are wrong", header.Number)
	}
	if body.Uncles.Len() > 0 || header.UncleHash != types.EmptyUncleHash {
		return fmt.Errorf("block %d has uncles", header.Number)
	}
	if (body.Withdrawals == nil) != (header.WithdrawalsHash == nil) {
		return fmt.Errorf("withdrawals of block %d are missing, or too many", header.Number)
	}
	if body.Withdrawals == nil {
		return nil
	}
	withdrawals, err := rawItems(body.Withdrawals.Content(), false)
	if err != nil {
		return err
	}
	if types.DeriveSha(withdrawals, hasher) != *header.WithdrawalsHash {
		return fmt.Errorf("withdrawals of block %d are wrong", header.Number)
	}
	return nil
}

// items is a list whose root can be taken.
type items [][]byte

func (l items) Len() int                           { return len(l) }
func (l items) EncodeIndex(i int, w *bytes.Buffer) { w.Write(l[i]) }

// rawItems splits a list; a transaction with a type is a string, whose content is what is hashed.
func rawItems(content []byte, typed bool) (items, error) {
	var list items
	for len(content) > 0 {
		kind, value, rest, err := rlp.Split(content)
		if err != nil {
			return nil, err
		}
		if !typed || kind == rlp.List {
			value = content[:len(content)-len(rest)]
		}
		list = append(list, value)
		content = rest
	}
	return list, nil
}
