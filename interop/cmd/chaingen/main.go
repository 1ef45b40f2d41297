// Chaingen writes a deterministic post-merge chain: genesis.json (for `geth init`) and chain.rlp (for `geth import`).
//
// The chain holds every transaction type, contract creations, logs of zero to four topics, failed transactions,
// withdrawals, requests of the consensus layer and empty blocks, and its forks activate one after the other along the way.
// The same flags give the same bytes. A summary is printed to standard output as JSON.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
)

type summary struct {
	Seed        uint64            `json:"seed"`
	ChainID     uint64            `json:"chainId"`
	GenesisHash common.Hash       `json:"genesisHash"`
	HeadNumber  uint64            `json:"headNumber"`
	HeadHash    common.Hash       `json:"headHash"`
	HeadTime    uint64            `json:"headTime"`
	StateRoot   common.Hash       `json:"stateRoot"`
	Txs         int               `json:"txs"`
	TxTypes     map[string]int    `json:"txTypes"`
	Failed      int               `json:"failedTxs"`
	Creations   int               `json:"creations"`
	Logs        int               `json:"logs"`
	LogTopics   map[int]int       `json:"logTopics"`
	Withdrawals int               `json:"withdrawals"`
	Requests    int               `json:"blocksWithRequests"`
	Empty       int               `json:"emptyBlocks"`
	Forks       map[string]uint64 `json:"forkBlocks"`
	ChainFile   string            `json:"chainFile"`
	ChainBytes  int64             `json:"chainBytes"`
}

func main() {
	var (
		seed     = flag.Uint64("seed", 1, "seed of everything random in the chain")
		blocks   = flag.Int("blocks", 1000, "number of blocks after genesis")
		txs      = flag.Int("txs", 4, "transactions per block, on average")
		out      = flag.String("out", "", "directory for genesis.json and chain.rlp")
		zip      = flag.Bool("gzip", false, "write chain.rlp.gz instead of chain.rlp")
		schedule = flag.String("fork-schedule", "prague", "forks that activate along the chain: prague, osaka")
		spacing  = flag.Uint64("fork-spacing", 32, "slots (12 s) between two forks")
		chainID  = flag.Uint64("chain-id", 1337702, "chain id")
	)
	flag.Parse()
	if *out == "" || *blocks < 1 || *txs < 1 || *spacing < 2 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*seed, *blocks, *txs, *out, *zip, *schedule, *spacing, *chainID); err != nil {
		fmt.Fprintln(os.Stderr, "chaingen:", err)
		os.Exit(1)
	}
}

func run(seed uint64, blocks, txs int, out string, zip bool, schedule string, spacing, chainID uint64) error {
	config, forks, err := chainConfig(schedule, chainID, spacing)
	if err != nil {
		return err
	}
	gen := newGenerator(config, forks, seed, txs)
	genesis := gen.genesis()
	_, chain, receipts := core.GenerateChainWithGenesis(genesis, beacon.New(ethash.NewFaker()), blocks, gen.block)

	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(genesis, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "genesis.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	encoded, err := encodeChain(chain, zip)
	if err != nil {
		return err
	}
	name := "chain.rlp"
	if zip {
		name += ".gz"
	}
	if err := os.WriteFile(filepath.Join(out, name), encoded, 0o644); err != nil {
		return err
	}

	s := summarize(chain, receipts, forks)
	s.Seed, s.ChainID, s.GenesisHash = seed, chainID, genesis.ToBlock().Hash()
	s.ChainFile, s.ChainBytes = name, int64(len(encoded))
	text, err = json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	return nil
}

// encodeChain writes the blocks one after the other, as `geth export` does for forks before Amsterdam.
func encodeChain(chain []*types.Block, zip bool) ([]byte, error) {
	var buf bytes.Buffer
	var w io.Writer = &buf
	var packer *gzip.Writer
	if zip {
		packer, _ = gzip.NewWriterLevel(&buf, gzip.BestCompression)
		w = packer
	}
	for _, block := range chain {
		if err := block.EncodeRLP(w); err != nil {
			return nil, err
		}
	}
	if packer != nil {
		if err := packer.Close(); err != nil {
			return nil, err
		}
	}
	return buf.Bytes(), nil
}

func summarize(chain []*types.Block, receipts []types.Receipts, forks []fork) summary {
	head := chain[len(chain)-1]
	s := summary{
		HeadNumber: head.NumberU64(), HeadHash: head.Hash(), HeadTime: head.Time(), StateRoot: head.Root(),
		TxTypes: map[string]int{}, LogTopics: map[int]int{}, Forks: map[string]uint64{},
	}
	for i, block := range chain {
		for _, f := range forks {
			if _, seen := s.Forks[f.name]; !seen && block.Time() >= f.time {
				s.Forks[f.name] = block.NumberU64()
			}
		}
		if len(block.Transactions()) == 0 {
			s.Empty++
		}
		if hash := block.RequestsHash(); hash != nil && *hash != types.EmptyRequestsHash {
			s.Requests++
		}
		s.Withdrawals += len(block.Withdrawals())
		s.Txs += len(block.Transactions())
		for j, tx := range block.Transactions() {
			s.TxTypes[typeNames[tx.Type()]]++
			if tx.To() == nil {
				s.Creations++
			}
			receipt := receipts[i][j]
			if receipt.Status == types.ReceiptStatusFailed {
				s.Failed++
			}
			for _, log := range receipt.Logs {
				s.Logs++
				s.LogTopics[len(log.Topics)]++
			}
		}
	}
	return s
}

var typeNames = map[uint8]string{
	types.LegacyTxType: "legacy", types.AccessListTxType: "accessList", types.DynamicFeeTxType: "dynamicFee",
	types.BlobTxType: "blob", types.SetCodeTxType: "setCode",
}
