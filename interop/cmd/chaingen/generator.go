package main

import (
	"crypto/ecdsa"
	"encoding/binary"
	"math/big"
	"math/rand/v2"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"
)

const (
	senderCount    = 12
	authorityCount = 8
	maxContracts   = 64
	gwei           = 1_000_000_000
)

type account struct {
	key     *ecdsa.PrivateKey
	address common.Address
}

type generator struct {
	config      *params.ChainConfig
	forks       []fork
	txs         int
	random      *rand.Rand
	senders     []account
	authorities []account        // they only sign EIP-7702 authorizations
	contracts   []common.Address // emitters that calls go to
	usedBlobs   int              // in the block at work
}

func newGenerator(config *params.ChainConfig, forks []fork, seed uint64, txs int) *generator {
	g := &generator{config: config, forks: forks, txs: txs, random: rand.New(rand.NewPCG(seed, 0x65746877697265))}
	for range senderCount {
		g.senders = append(g.senders, g.account())
	}
	for range authorityCount {
		g.authorities = append(g.authorities, g.account())
	}
	g.contracts = []common.Address{g.address()}
	return g
}

func (g *generator) genesis() *core.Genesis {
	alloc := core.SystemContractAllocs()
	for i, a := range g.senders {
		balance := new(big.Int).Mul(big.NewInt(1_000_000_000+int64(i)), big.NewInt(params.Ether))
		alloc[a.address] = types.Account{Balance: balance}
	}
	for _, a := range g.authorities {
		alloc[a.address] = types.Account{Balance: big.NewInt(params.Ether)}
	}
	alloc[depositContract] = types.Account{Code: depositCode, Balance: new(big.Int)}
	alloc[g.contracts[0]] = types.Account{
		Code: emitterCode, Nonce: 1, Balance: big.NewInt(1),
		Storage: map[common.Hash]common.Hash{{31: 1}: {31: 7}, g.hash(): g.hash()},
	}
	return &core.Genesis{
		Config:     g.config,
		Timestamp:  genesisTime,
		ExtraData:  []byte("ethwire"),
		GasLimit:   max(400_000, uint64(g.txs)*92_000),
		BaseFee:    big.NewInt(gwei),
		Difficulty: new(big.Int),
		Alloc:      alloc,
	}
}

// block fills one block. It is called in order, which makes the chain a function of the seed.
func (g *generator) block(i int, b *core.BlockGen) {
	g.usedBlobs = 0
	g.offsetTime(b)
	b.SetCoinbase(g.senders[g.random.IntN(4)].address)
	b.SetExtra(g.bytes(g.random.IntN(33)))
	if g.config.IsCancun(b.Number(), b.Timestamp()) {
		b.SetParentBeaconRoot(g.hash())
	}
	for n := g.transactionCount(i, b); n > 0; n-- {
		if !g.addTransaction(b) {
			break
		}
	}
	if g.config.IsShanghai(b.Number(), b.Timestamp()) {
		g.addWithdrawals(b)
	}
}

// offsetTime makes slots of 12 s and misses one now and then. The chain maker sets blocks 10 s apart and derives what
// depends on the fork from that, so the time is never moved across a fork.
func (g *generator) offsetTime(b *core.BlockGen) {
	offset := uint64(slotSeconds - 10)
	if g.random.IntN(16) == 0 {
		offset += slotSeconds * uint64(1+g.random.IntN(3))
	}
	for _, f := range g.forks {
		if b.Timestamp() < f.time && f.time <= b.Timestamp()+offset {
			return
		}
	}
	b.OffsetTime(int64(offset))
}

// transactionCount keeps the base fee between a third and three times a gwei, as nobody else reacts to the price. Blocks of
// fewer than four transactions are not worth that: there it falls to its least value.
func (g *generator) transactionCount(i int, b *core.BlockGen) int {
	switch fee := b.BaseFee().Int64(); {
	case i%16 == 5:
		return 0
	case fee < gwei/3 && g.txs >= 4:
		return 4 * g.txs
	case fee > 3*gwei:
		return g.random.IntN(g.txs + 1)
	default:
		return g.random.IntN(2*g.txs + 1)
	}
}

func (g *generator) addWithdrawals(b *core.BlockGen) {
	count := g.random.IntN(4)
	if g.random.IntN(32) == 0 {
		count = 16
	}
	for range count {
		b.AddWithdrawal(&types.Withdrawal{
			Validator: uint64(g.random.IntN(1_000_000)), Address: g.recipient(), Amount: uint64(g.random.IntN(64 * gwei)),
		})
	}
}

func (g *generator) account() account {
	// A key of 32 random bytes is out of the curve's order with a chance that no seed will ever meet.
	key, err := crypto.ToECDSA(g.bytes(32))
	if err != nil {
		panic(err)
	}
	return account{key, crypto.PubkeyToAddress(key.PublicKey)}
}

func (g *generator) sender() account { return g.senders[g.random.IntN(len(g.senders))] }

func (g *generator) contract() common.Address { return g.contracts[g.random.IntN(len(g.contracts))] }

// recipient is an account that exists, mostly, or a new one.
func (g *generator) recipient() common.Address {
	if g.random.IntN(3) == 0 {
		return g.address()
	}
	return g.sender().address
}

func (g *generator) address() common.Address { return common.BytesToAddress(g.bytes(20)) }

func (g *generator) hash() common.Hash { return common.BytesToHash(g.bytes(32)) }

func (g *generator) value() *big.Int { return big.NewInt(g.random.Int64N(params.Ether)) }

func (g *generator) value256() *uint256.Int { return uint256.MustFromBig(g.value()) }

func (g *generator) bytes(n int) []byte {
	b := make([]byte, 0, n+7)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, g.random.Uint64())
	}
	return b[:n]
}
