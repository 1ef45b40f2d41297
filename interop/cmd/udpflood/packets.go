//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/discover/v4wire"
)

const (
	modeBadSignature   = "bad-signature"
	modeValidSignature = "valid-signature-no-bond"
	modeGarbage        = "garbage"
)

const (
	hashSize = 32
	sigSize  = 65
	headSize = hashSize + sigSize
	// Different packets, sent again and again.
	minPackets = 4096
	// How long after the end packets are still valid, so that none is dropped for its age.
	validAfter = 10 * time.Minute
)

// makePackets makes one packet for each source, and some thousands at least.
func makePackets(o options) ([][]byte, error) {
	rng := rand.New(rand.NewPCG(o.seed, 1))
	expires := uint64(time.Now().Add(o.time + validAfter).Unix())
	packets := make([][]byte, max(o.sources, minPackets))
	for i := range packets {
		packet, err := signedPing(o, i, expires)
		if err != nil {
			return nil, err
		}
		switch o.mode {
		case modeValidSignature:
		case modeBadSignature:
			forgeSignature(rng, packet)
		case modeGarbage:
			packet = garbage(rng, i, packet)
		default:
			return nil, fmt.Errorf("there is no mode %q", o.mode)
		}
		packets[i] = packet
	}
	return packets, nil
}

// signedPing is the request that costs a node most: it has to answer, and to ping in turn.
func signedPing(o options, index int, expires uint64) ([]byte, error) {
	var seed [16]byte
	binary.BigEndian.PutUint64(seed[:], o.seed)
	binary.BigEndian.PutUint64(seed[8:], uint64(index))
	key, err := crypto.ToECDSA(crypto.Keccak256(seed[:]))
	if err != nil {
		return nil, err
	}
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 30303)
	packet, _, err := v4wire.Encode(key, &v4wire.Ping{
		Version: 4, From: v4wire.NewEndpoint(from, 30303), To: v4wire.NewEndpoint(o.target, 0), Expiration: expires, ENRSeq: 1,
	})
	return packet, err
}

// forgeSignature puts noise in the signature's place, under a right hash: half of it is of no key, and who signed the
// other half has still to be calculated to know that nobody did.
func forgeSignature(rng *rand.Rand, packet []byte) {
	fill(rng, packet[hashSize:headSize])
	packet[headSize-1] &= 1
	copy(packet, crypto.Keccak256(packet[hashSize:]))
}

// garbage is what is no packet at all, in several ways.
func garbage(rng *rand.Rand, index int, packet []byte) []byte {
	switch index % 6 {
	case 0: // one byte more than a packet may have
		return noise(rng, 1281)
	case 1: // an empty list in a list: it ended another client
		return []byte{0xc1, 0xc0}
	case 2: // cut off
		return packet[:rng.IntN(len(packet))]
	case 3: // nothing at all
		return nil
	case 4: // of a known type, with another's hash
		fill(rng, packet[:hashSize])
		return packet
	default: // a right hash over fields that are none
		fill(rng, packet[headSize+1:])
		copy(packet, crypto.Keccak256(packet[hashSize:]))
		return packet
	}
}

func noise(rng *rand.Rand, size int) []byte {
	bytes := make([]byte, size)
	fill(rng, bytes)
	return bytes
}

func fill(rng *rand.Rand, bytes []byte) {
	for i := range bytes {
		bytes[i] = byte(rng.Uint32())
	}
}

// hostsOf is how many addresses a network of so many bits has for us.
func hostsOf(prefix int) int {
	return 1<<(32-prefix) - 2
}

// makeSources draws different addresses of one network in 127.128.0.0/9.
func makeSources(o options) []netip.Addr {
	rng := rand.New(rand.NewPCG(o.seed, 2))
	const base = 127<<24 | 128<<16
	taken := make(map[uint32]bool, o.sources)
	sources := make([]netip.Addr, 0, o.sources)
	for len(sources) < o.sources {
		host := 1 + uint32(rng.IntN(hostsOf(o.prefix)))
		if taken[host] {
			continue
		}
		taken[host] = true
		var bytes [4]byte
		binary.BigEndian.PutUint32(bytes[:], base|host)
		sources = append(sources, netip.AddrFrom4(bytes))
	}
	return sources
}
