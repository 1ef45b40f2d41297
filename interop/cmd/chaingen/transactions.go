package main

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/misc/eip4844"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"
)

// call is what a transaction does, apart from its type.
type call struct {
	to    *common.Address // nil creates a contract
	value *big.Int
	data  []byte
	gas   uint64
}

// addTransaction adds one transaction of a random type that the block's fork knows; false when the block is full.
func (g *generator) addTransaction(b *core.BlockGen) bool {
	c := g.randomCall(b)
	from := g.sender()
	typeID := g.transactionType(b)
	if c.to == nil && (typeID == types.BlobTxType || typeID == types.SetCodeTxType) {
		typeID = types.DynamicFeeTxType
	}
	if typeID == types.SetCodeTxType {
		c.gas += 3 * params.CallNewAccountGas
	}
	if b.Gas() < c.gas {
		return false
	}
	signer := b.Signer()
	var content types.TxData
	switch typeID {
	case types.LegacyTxType:
		// Transactions from before EIP-155 name no chain, and are valid to this day.
		if g.random.IntN(4) == 0 {
			signer = types.HomesteadSigner{}
		}
		content = &types.LegacyTx{
			Nonce: b.TxNonce(from.address), GasPrice: g.feeCap(b), Gas: c.gas, To: c.to, Value: c.value, Data: c.data,
		}
	case types.AccessListTxType:
		content = &types.AccessListTx{
			ChainID: g.config.ChainID, Nonce: b.TxNonce(from.address), GasPrice: g.feeCap(b), Gas: c.gas, To: c.to,
			Value: c.value, Data: c.data, AccessList: g.accessList(),
		}
	case types.DynamicFeeTxType:
		content = &types.DynamicFeeTx{
			ChainID: g.config.ChainID, Nonce: b.TxNonce(from.address), GasFeeCap: g.feeCap(b), GasTipCap: g.tipCap(),
			Gas: c.gas, To: c.to, Value: c.value, Data: c.data, AccessList: g.accessList(),
		}
	case types.BlobTxType:
		content = g.blobTransaction(b, from, c)
	case types.SetCodeTxType:
		content = &types.SetCodeTx{
			ChainID: uint256.MustFromBig(g.config.ChainID), Nonce: b.TxNonce(from.address),
			GasFeeCap: uint256.MustFromBig(g.feeCap(b)), GasTipCap: uint256.MustFromBig(g.tipCap()), Gas: c.gas, To: *c.to,
			Value: uint256.MustFromBig(c.value), Data: c.data, AccessList: g.accessList(), AuthList: g.authorizations(b),
		}
	}
	b.AddTx(types.MustSignNewTx(from.key, signer, content))
	if c.to == nil {
		g.remember(crypto.CreateAddress(from.address, b.TxNonce(from.address)-1))
	}
	return true
}

func (g *generator) transactionType(b *core.BlockGen) uint8 {
	choices := []uint8{types.LegacyTxType, types.AccessListTxType, types.DynamicFeeTxType, types.DynamicFeeTxType}
	if g.freeBlobs(b) > 0 {
		choices = append(choices, types.BlobTxType)
	}
	if g.config.IsPrague(b.Number(), b.Timestamp()) {
		choices = append(choices, types.SetCodeTxType)
	}
	return choices[g.random.IntN(len(choices))]
}

// randomCall chooses a transfer, a call of an emitter that may fail, a creation, or a request to the consensus layer.
func (g *generator) randomCall(b *core.BlockGen) call {
	const base = 40_000 // the transaction itself and an access list
	switch n := g.random.IntN(20); {
	case n < 5:
		to := g.recipient()
		return call{&to, g.value(), nil, base}
	case n < 17:
		to := g.contract()
		data := append([]byte{g.action()}, g.bytes(g.logBytes())...)
		gas := base + 40_000 + 50*uint64(len(data))
		if g.random.IntN(24) == 0 {
			gas = base + 41*uint64(len(data)) // pays for the data, not for what is to be done with it
		}
		return call{&to, big.NewInt(g.random.Int64N(1000)), data, gas}
	case n < 18:
		runtime := append(common.CopyBytes(emitterCode), g.bytes(g.random.IntN(16))...)
		return call{nil, big.NewInt(g.random.Int64N(2)), deployer(runtime, g.random.IntN(6) == 0), base + 200_000}
	case g.config.IsPrague(b.Number(), b.Timestamp()):
		return g.request(base)
	default:
		to := g.contract()
		return call{&to, g.value(), nil, base}
	}
}

func (g *generator) action() byte {
	switch n := g.random.IntN(24); {
	case n == 0:
		return doRevert
	case n == 1:
		return doAbort
	default:
		return byte(n % (emitMany + 1))
	}
}

// logBytes is small as a rule and some kilobytes now and then.
func (g *generator) logBytes() int {
	switch n := g.random.IntN(64); {
	case n == 0:
		return g.random.IntN(3000)
	case n < 24:
		return 0
	default:
		return g.random.IntN(100)
	}
}

// request calls one of the contracts whose output becomes an EIP-7685 request.
func (g *generator) request(base uint64) call {
	const fee = params.GWei // their price for one request is 1 wei and grows with a queue that stays short here
	switch g.random.IntN(3) {
	case 0:
		to := depositContract
		return call{&to, new(big.Int), g.depositEvent(), base + 60_000}
	case 1:
		to := params.WithdrawalQueueAddress
		return call{&to, big.NewInt(fee), g.bytes(48 + 8), base + 160_000}
	default:
		to := params.ConsolidationQueueAddress
		return call{&to, big.NewInt(fee), g.bytes(48 + 48), base + 160_000}
	}
}

// depositEvent is the ABI form of (pubkey, withdrawal credentials, amount, signature, index), EIP-6110.
func (g *generator) depositEvent() []byte {
	var head, tail []byte
	for _, size := range []int{48, 32, 8, 96, 8} {
		head = append(head, common.LeftPadBytes(binary.BigEndian.AppendUint16(nil, uint16(5*32+len(tail))), 32)...)
		tail = append(tail, common.LeftPadBytes([]byte{byte(size)}, 32)...)
		tail = append(tail, common.RightPadBytes(g.bytes(size), (size+31)/32*32)...)
	}
	return append(head, tail...)
}

// blobTransaction names blobs by hash only: the blobs themselves are no part of a block.
func (g *generator) blobTransaction(b *core.BlockGen, from account, c call) types.TxData {
	hashes := make([]common.Hash, 1+g.random.IntN(min(g.freeBlobs(b), params.BlobTxMaxBlobs)))
	for i := range hashes {
		hashes[i] = sha256.Sum256(g.bytes(8))
		hashes[i][0] = 1
	}
	g.usedBlobs += len(hashes)
	return &types.BlobTx{
		ChainID: uint256.MustFromBig(g.config.ChainID), Nonce: b.TxNonce(from.address),
		GasFeeCap: uint256.MustFromBig(g.feeCap(b)), GasTipCap: uint256.MustFromBig(g.tipCap()), Gas: c.gas, To: *c.to,
		Value: uint256.MustFromBig(c.value), Data: c.data, AccessList: g.accessList(),
		BlobFeeCap: uint256.NewInt(1000 * gwei), BlobHashes: hashes,
	}
}

// freeBlobs is how many more blobs the block takes. Spells of full and of few blobs take turns, so that the price moves.
func (g *generator) freeBlobs(b *core.BlockGen) int {
	if !g.config.IsCancun(b.Number(), b.Timestamp()) {
		return 0
	}
	limit := eip4844.MaxBlobsPerBlock(g.config, b.Timestamp())
	if b.Number().Uint64()%96 >= 48 {
		limit = 2
	}
	return limit - g.usedBlobs
}

// authorizations delegate some authorities to an emitter, or to nothing again; one in eight is not valid, which is allowed.
func (g *generator) authorizations(b *core.BlockGen) []types.SetCodeAuthorization {
	first, count := g.random.IntN(len(g.authorities)), 1+g.random.IntN(3)
	var list []types.SetCodeAuthorization
	for i := range count {
		authority := g.authorities[(first+i)%len(g.authorities)]
		auth := types.SetCodeAuthorization{ChainID: *uint256.MustFromBig(g.config.ChainID), Nonce: b.TxNonce(authority.address)}
		switch g.random.IntN(8) {
		case 0:
			auth.Nonce += 5
		case 1:
			auth.ChainID.Clear() // for every chain
			auth.Address = common.Address{}
		default:
			auth.Address = g.contract()
		}
		signed, err := types.SignSetCode(authority.key, auth)
		if err != nil {
			panic(err)
		}
		list = append(list, signed)
		g.remember(authority.address)
	}
	return list
}

func (g *generator) accessList() types.AccessList {
	list := types.AccessList{}
	for range max(0, g.random.IntN(4)-2) {
		tuple := types.AccessTuple{Address: g.contract(), StorageKeys: []common.Hash{}}
		for range g.random.IntN(3) {
			tuple.StorageKeys = append(tuple.StorageKeys, common.BigToHash(big.NewInt(g.random.Int64N(100))))
		}
		list = append(list, tuple)
	}
	return list
}

// feeCap is above the base fee, by a tip or by half a gwei.
func (g *generator) feeCap(b *core.BlockGen) *big.Int {
	return new(big.Int).Add(b.BaseFee(), big.NewInt(g.random.Int64N(2*gwei)+gwei))
}

// tipCap is never above a fee cap.
func (g *generator) tipCap() *big.Int { return big.NewInt(g.random.Int64N(gwei)) }

// remember keeps an address as one that calls go to.
func (g *generator) remember(address common.Address) {
	for _, known := range g.contracts {
		if known == address {
			return
		}
	}
	if len(g.contracts) < maxContracts {
		g.contracts = append(g.contracts, address)
	} else {
		g.contracts[1+g.random.IntN(maxContracts-1)] = address
	}
}
