/**
 * Virtual time, seeded randomness and in-memory networks for testing devp2p code.
 *
 * @module
 */
export type { DatagramFaults } from './datagram-faults.ts'
export type { DatagramTraffic, MemoryDatagramHost } from './datagram-host.ts'
export type { MemoryNat, MemoryNatOptions, NatKind } from './datagram-nat.ts'
export {
  createMemoryDatagramNetwork,
  type DatagramCounters,
  type MemoryDatagramNetwork,
  type MemoryDatagramNetworkOptions,
} from './datagram-network.ts'
export type { DatagramDrop } from './datagram-station.ts'
export { type ExpectMessageOptions, expectMessage } from './expect-message.ts'
export { createMemoryNetwork, type MemoryHost, type MemoryNetwork } from './memory-network.ts'
export { createStreamPair, type MemoryStreamOptions, type StreamPair } from './memory-stream.ts'
export {
  type MessagePipeEnd,
  type MessagePipeOptions,
  messagePipe,
  type PipeMessage,
  type PipePeer,
} from './message-pipe.ts'
export { createSeededRandom } from './seeded-random.ts'
export { createSimulationClock } from './simulation-clock.ts'
export { createStoppableClock, type StoppableClock } from './stoppable-clock.ts'
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'
