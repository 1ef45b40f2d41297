import type { BandwidthOptions } from './bandwidth.ts'
import { offeredCapabilities } from './capabilities.ts'
import {
  array,
  boolean,
  type Check,
  fields,
  fn,
  having,
  integer,
  ip,
  isAsyncIterable,
  isObject,
  optional,
} from './checks.ts'
import { checkHelloFits } from './hello.ts'
import { nearestName } from './nearest-name.ts'
import type { P2pServerOptions } from './options.ts'
import { protocolCheck } from './protocol-check.ts'

const bytesPerSecond: Check = optional((value) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) ? undefined : 'a number above 0',
)

const bandwidthFields: { readonly [K in keyof Required<BandwidthOptions>]: Check } = {
  uploadBytesPerSecond: bytesPerSecond,
  downloadBytesPerSecond: bytesPerSecond,
  peerUploadBytesPerSecond: bytesPerSecond,
  peerDownloadBytesPerSecond: bytesPerSecond,
}

/** A lower one cannot stand in a record of EIP-778: nobody would read it. */
const port: Check = (value) =>
  value === 0 || integer(256, 65_535)(value) === undefined ? undefined : '0, or from 256 to 65535'

const databaseCheck: Check = having(
  ...['load', 'save', 'lastPong', 'lastPing', 'findFailures', 'setLastPong', 'setLastPing', 'setFindFailures'],
  ...['putNode', 'seeds'],
)

const localNodeCheck: Check = (value) => {
  const expected = having('set', 'delete', 'setFallbackIp', 'setFallbackUdp')(value)
  if (expected !== undefined || !isObject(value)) return expected
  const { publicKey, nodeIdHex, record, address } = value
  const isNode =
    publicKey instanceof Uint8Array && typeof nodeIdHex === 'string' && isObject(record) && isObject(address)
  return isNode ? undefined : 'a local node, as of createLocalNode'
}

/** What each option has to be. One that is missing here does not compile. */
const checks: { readonly [K in keyof Required<P2pServerOptions>]: Check } = {
  privateKey: (value) => (value instanceof Uint8Array && value.length === 32 ? undefined : '32 bytes'),
  localNode: optional(localNodeCheck),
  clientId: (value) => (typeof value === 'string' ? undefined : 'a string'),
  protocols: array('protocols'),
  listen: optional(fields({ host: optional(ip), port })),
  discAddr: optional(fields({ host: optional(ip), port: optional(port) })),
  nat: optional(having('externalIp', 'addMapping', 'deleteMapping')),
  maxPeers: optional(integer(0)),
  maxPendingPeers: optional(integer(1)),
  dialRatio: optional((value) => (typeof value === 'number' && value >= 1 ? undefined : 'a number from 1')),
  noDial: optional(boolean),
  staticNodes: optional(array('nodes')),
  trustedNodes: optional(array('nodes')),
  staticOnly: optional(boolean),
  policy: optional((value) =>
    value === 'geth-2026' || value === 'geth-2018' ? undefined : "'geth-2026' or 'geth-2018'",
  ),
  quotas: optional(fn),
  dropper: optional((value) =>
    typeof value === 'boolean' ? undefined : fields({ spares: optional(fn), isActive: optional(fn) })(value),
  ),
  reputation: optional(having('report', 'isBanned', 'backoffMs', 'succeeded')),
  bandwidth: optional(fields(bandwidthFields)),
  discovery: optional(array('discovery factories')),
  noDiscovery: optional(boolean),
  discoveryV4: optional(boolean),
  discoveryV5: optional(boolean),
  sources: optional(array('sources of nodes')),
  dialFilter: optional(fn),
  dialScheduler: optional(fn),
  nodeDatabase: optional((value) => {
    if (isObject(value) && typeof value.then === 'function') return undefined
    return databaseCheck(value) && `a node database, ${databaseCheck(value)}, or a promise of one`
  }),
  netRestrict: optional(having('contains')),
  enableMsgEvents: optional(boolean),
  newPeerHook: optional(fn),
  crypto: optional(having('publicKey', 'isPrivateKey')),
  clock: optional(having('now', 'monotonicMs', 'setTimer')),
  random: optional(having('bytes')),
  dial: optional(fn),
  bind: optional(fn),
  bindDatagram: optional(fn),
  resolver: optional(having('addresses', 'texts')),
  runHandshake: optional(fn),
  newTransport: optional(fn),
  logger: optional(having('error', 'warn', 'info', 'debug', 'trace')),
  metrics: optional(having('counter', 'gauge', 'histogram')),
}

/** What each item has to be of an option that is an array. */
const itemChecks: { readonly [K in keyof P2pServerOptions]?: Check } = {
  protocols: protocolCheck,
  discovery: (value) => (typeof value === 'function' ? undefined : 'a function that starts a discovery protocol'),
  sources: (value) => {
    const isSource = isObject(value) && (typeof value.nodes === 'function' || isAsyncIterable(value))
    return isSource ? undefined : 'an async iterable of nodes, or an object with nodes()'
  },
}

/** The names of all options. */
export const optionNames: readonly string[] = Object.keys(checks)

/** Before anything is read of them. @throws TypeError */
export function checkIsObject(options: unknown): void {
  if (!isObject(options)) throw new TypeError(`options must be an object, got ${show(options)}`)
}

/**
 * Checks options one by one; a misspelt one would else be one that has no effect.
 * @throws TypeError for one of the wrong type or that does not exist; RangeError for a number that can't be
 */
export function checkOptions(options: P2pServerOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(checks, name) || value === undefined) continue
    throw new TypeError(`there is no option ${name}; the nearest is ${nearestName(name, optionNames)}`)
  }
  for (const [name, check] of Object.entries(checks)) {
    const value = (options as unknown as Record<string, unknown>)[name]
    const expected = check(value)
    if (expected === undefined) continue
    const got = name === 'privateKey' || (name === 'localNode' && isObject(value)) ? kindOf(value) : show(value)
    const message = `${name} must be ${expected}, got ${got}`
    throw typeof value === 'number' ? new RangeError(message) : new TypeError(message)
  }
  for (const [name, check] of Object.entries(itemChecks)) {
    const items = (options as unknown as Record<string, readonly unknown[] | undefined>)[name] ?? []
    for (const [index, item] of items.entries()) {
      const expected = check(item)
      if (expected !== undefined) throw new TypeError(`${name}[${index}] must be ${expected}, got ${show(item)}`)
    }
  }
  const { protocols } = options
  const names = new Set<string>()
  for (const { name } of protocols) {
    if (names.has(name)) throw new TypeError(`protocols must have different names, got ${show(name)} twice`)
    names.add(name)
  }
  checkHelloFits(options.clientId, offeredCapabilities(protocols))
}

/**
 * Checks what `nodeDatabase` has promised.
 * @throws TypeError
 */
export function checkNodeDatabase(database: unknown): void {
  const expected = optional(databaseCheck)(database)
  if (expected !== undefined)
    throw new TypeError(`nodeDatabase must be a promise of a node database, ${expected}, got one of ${show(database)}`)
}

/** A key is never shown. */
function kindOf(value: unknown): string {
  return value instanceof Uint8Array ? `${value.length} bytes` : `a value of type ${typeof value}`
}

const MAX_SHOWN = 80

function show(value: unknown): string {
  let text: string
  try {
    text = JSON.stringify(value) ?? String(value)
  } catch {
    text = kindOf(value)
  }
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
}
