// The fork ID that two nodes compare in their handshake, here of mainnet at its latest fork and before the merge.
import { forkId, mainnet } from '@ethwire/chain'

const show = (number: bigint, timestamp: bigint): string => {
  const { hash, next } = forkId(mainnet.config, { hash: mainnet.genesisHash, timestamp: 0n }, { number, timestamp })
  return `${Buffer.from(hash).toString('hex')}, next ${next}`
}
console.log('London:', show(12_965_000n, 1_628_166_822n))
console.log('Prague:', show(22_431_084n, 1_746_612_311n))
