/**
 * The machine as Node has it.
 *
 * @module
 */
export { nodeClock } from './clock.ts'
export { bindDatagram } from './datagram.ts'
export { nodeRandom } from './random.ts'
export { createNodeResolver, type NodeResolverOptions, nodeResolver } from './resolver.ts'
export { dialTcp } from './tcp-dial.ts'
export { listenTcp } from './tcp-listen.ts'
