package main

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
)

// genesisTime is fixed, so that the same flags give the same chain on any day: 2024-01-01T00:00:00Z.
const genesisTime = 1704067200

const slotSeconds = 12

// depositContract is where the consensus layer's deposits are logged; the address is the one of most private networks.
var depositContract = common.HexToAddress("0x4242424242424242424242424242424242424242")

type fork struct {
	name string
	time uint64
}

// chainConfig starts at Paris and gives each later fork of the schedule a time, one spacing after the other.
func chainConfig(schedule string, chainID, spacing uint64) (*params.ChainConfig, []fork, error) {
	zero := func() *big.Int { return new(big.Int) }
	config := &params.ChainConfig{
		ChainID:                 new(big.Int).SetUint64(chainID),
		HomesteadBlock:          zero(),
		EIP150Block:             zero(),
		EIP155Block:             zero(),
		EIP158Block:             zero(),
		ByzantiumBlock:          zero(),
		ConstantinopleBlock:     zero(),
		PetersburgBlock:         zero(),
		IstanbulBlock:           zero(),
		MuirGlacierBlock:        zero(),
		BerlinBlock:             zero(),
		LondonBlock:             zero(),
		ArrowGlacierBlock:       zero(),
		GrayGlacierBlock:        zero(),
		MergeNetsplitBlock:      zero(),
		TerminalTotalDifficulty: zero(),
		DepositContractAddress:  depositContract,
		Ethash:                  new(params.EthashConfig),
		BlobScheduleConfig: &params.BlobScheduleConfig{
			Cancun: params.DefaultCancunBlobConfig,
			Prague: params.DefaultPragueBlobConfig,
		},
	}
	var forks []fork
	activate := func(name string) *uint64 {
		time := genesisTime + uint64(len(forks)+1)*spacing*slotSeconds
		forks = append(forks, fork{name, time})
		return &time
	}
	config.ShanghaiTime = activate("shanghai")
	config.CancunTime = activate("cancun")
	config.PragueTime = activate("prague")
	switch schedule {
	case "prague":
	case "osaka":
		config.OsakaTime = activate("osaka")
		config.BPO1Time = activate("bpo1")
		config.BPO2Time = activate("bpo2")
		config.BlobScheduleConfig.BPO1 = params.DefaultBPO1BlobConfig
		config.BlobScheduleConfig.BPO2 = params.DefaultBPO2BlobConfig
	default:
		return nil, nil, fmt.Errorf("unknown fork schedule %q: expected prague or osaka", schedule)
	}
	return config, forks, config.CheckConfigForkOrder()
}
