import type { Crypto } from '@ethwire/crypto'
import { Discv4Error } from '@ethwire/discv4'
import { type NodeAddress, nodeFromRecord } from '@ethwire/enr'
import { nodeRandom, nodeResolver } from '@ethwire/io/node'
import { NodeError, reasonOf } from '../errors.ts'
import { seqJson } from '../json-text.ts'
import { parseNodeArgument } from '../node-argument.ts'
import type { Discv4ToolOptions } from '../options/discv4-options.ts'
import { printJson, printLine, printWhole } from '../output.ts'
import { locatedNode } from './located-node.ts'
import { nodeJson, nodeText } from './node-json.ts'
import {
  bootnodesOf,
  type DiscoverySession,
  expectBootnodes,
  noBootnodes,
  withBasis,
  withDiscovery,
} from './session.ts'

/** `ethwire discv4 ping NODE` */
export function ping(text: string, options: Discv4ToolOptions): Promise<number> {
  return asking(text, options, async (node, { discovery, signal }) => {
    const { rttMs, enrSeq } = await answerOf("node didn't respond", discovery.ping(node, { signal }))
    if (options.json)
      await printJson({ rttMs: Number(rttMs.toFixed(3)), ...(enrSeq === undefined ? {} : { enrSeq: seqJson(enrSeq) }) })
    else await printLine(`node responded to ping (RTT ${rttMs.toFixed(3)}ms).`)
  })
}

/** `ethwire discv4 requestenr NODE` */
export function requestEnr(text: string, options: Discv4ToolOptions): Promise<number> {
  return asking(text, options, async (node, { discovery, signal }) => {
    const record = await answerOf("can't retrieve record", discovery.requestEnr(node, { signal }))
    if (options.json) await printJson(nodeJson(nodeFromRecord(record)))
    else await printLine(record.text)
  })
}

/** `ethwire discv4 resolve NODE`: what cannot be found is printed as it was given, as geth does. */
export function resolve(text: string, options: Discv4ToolOptions): Promise<number> {
  return asking(text, options, async (node, session, bootnodes) => {
    const found = bootnodes === undefined ? await resolveAlone(node, session) : await resolveAmong(node, session)
    if (found === undefined) session.logger.warn({ id: node.nodeIdHex }, 'The node was not found')
    if (options.json) await printJson({ resolved: found !== undefined, ...nodeJson(found ?? node) })
    else await printLine(nodeText(found ?? node))
  })
}

/** `ethwire discv4 lookup [TARGET]` */
export function lookup(target: string | undefined, options: Discv4ToolOptions): Promise<number> {
  return withBasis(options, async (basis) => {
    const key = targetOf(target, basis.crypto)
    const bootnodes = expectBootnodes(bootnodesOf(options, basis.crypto), 'a lookup')
    return await withDiscovery(options, bootnodes, basis, async ({ discovery, signal }) => {
      await discovery.ready
      const found = await discovery.lookup(key, { signal })
      if (options.json) await printJson(found.map(nodeJson))
      else await printWhole(found.map((node) => `${nodeText(node)}\n`).join(''))
      return 0
    })
  })
}

function asking(
  text: string,
  options: Discv4ToolOptions,
  step: (node: NodeAddress, session: DiscoverySession, bootnodes: readonly NodeAddress[] | undefined) => Promise<void>,
): Promise<number> {
  return withBasis(options, async (basis) => {
    const given = parseNodeArgument(text, 'NODE', basis.crypto)
    const bootnodes = bootnodesOf(options, basis.crypto)
    const node = await locatedNode(given, { from: options.addr, resolver: nodeResolver, signal: basis.signal })
    return await withDiscovery(options, bootnodes ?? [], basis, async (session) => {
      await step(node, session, bootnodes)
      return 0
    })
  })
}

/** Where it is said to be or nowhere: there is nobody else to ask. */
async function resolveAlone(node: NodeAddress, { discovery, signal }: DiscoverySession): Promise<NodeAddress> {
  try {
    return nodeFromRecord(await discovery.requestEnr(node, { signal }))
  } catch (error) {
    if (!(error instanceof Discv4Error)) throw error
    throw noBootnodes(`the node does not answer where it is said to be (${reasonOf(error)}): to look it up one`)
  }
}

async function resolveAmong(
  node: NodeAddress,
  { discovery, signal }: DiscoverySession,
): Promise<NodeAddress | undefined> {
  await discovery.ready
  return await discovery.resolve(node, { signal })
}

async function answerOf<T>(problem: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Discv4Error)) throw error
    throw new NodeError('NODE_DISCOVERY', `${problem}: ${reasonOf(error)}`, { cause: error })
  }
}

function targetOf(text: string | undefined, crypto: Crypto): Uint8Array {
  // Any 64 bytes are a target: what counts is their hash.
  if (text === undefined) return nodeRandom.bytes(64)
  if (/^(0x)?[0-9a-f]{128}$/i.test(text)) return Uint8Array.from(Buffer.from(text.replace(/^0x/, ''), 'hex'))
  return parseNodeArgument(text, 'TARGET', crypto).publicKey
}
