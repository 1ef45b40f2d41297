import type { Protocol, ProtocolLimits } from '@ethwire/protocol'
import { type Check, entries, fn, integer, isAsyncIterable, optional, shape } from './checks.ts'

const limitFields: { readonly [K in keyof Required<ProtocolLimits>]: Check } = {
  maxMessageBytes: integer(0),
  maxBytesOf: optional(fn),
  oversized: optional((value) =>
    value === 'disconnect' || value === 'report' ? undefined : "'disconnect' or 'report'",
  ),
}

const isVersion: Check = (key) => (/^(0|[1-9][0-9]{0,8})$/.test(String(key)) ? undefined : 'a version')

const protocolFields: { readonly [K in keyof Required<Protocol>]: Check } = {
  // The bound is RLPx's.
  name: (value) =>
    typeof value === 'string' && /^[\x21-\x7e]{1,8}$/.test(value) ? undefined : '1 to 8 characters of ASCII',
  versions: entries('lengths by version', isVersion, shape({ length: integer(0) })),
  limits: shape(limitFields),
  run: fn,
  nodeInfo: optional(fn),
  peerInfo: optional(fn),
  recordEntries: optional(fn),
  candidates: optional((value) => (isAsyncIterable(value) ? undefined : 'an async iterable')),
}

/** What a subprotocol has to be: what is missing would else be missed only when a peer has come. */
export const protocolCheck: Check = shape(protocolFields)
