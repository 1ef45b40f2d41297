import type { Capability } from '@ethwire/protocol'
import { bytes, decode, encode, list, safeUint, struct } from '@ethwire/rlp-codec'
import { P2pError } from './errors.ts'

/** Version of the base protocol: 5 has snappy (EIP-706). */
export const BASE_PROTOCOL_VERSION = 5

/** The most bytes that Hello may have, framed; a longer one is refused from its frame's header. */
export const MAX_HELLO_BYTES = 2048

/** The most versions of protocols that it may name. */
const MAX_CAPABILITIES = 256

/** What each side says of itself first (RLPx, "Hello (0x00)"). */
export interface Hello {
  readonly protocolVersion: number
  /** Client name, such as `Geth/v1.17.8-stable/linux-amd64/go1.26`; control characters are escaped. */
  readonly clientId: string
  readonly capabilities: readonly Capability[]
  /** TCP port, 0 if unknown; no client relies on it. */
  readonly listenPort: number
  /** 64 bytes. */
  readonly publicKey: Uint8Array
}

// The message is bounded by its frame; these are the bounds within.
const wire = struct(
  {
    protocolVersion: safeUint,
    clientId: bytes(MAX_HELLO_BYTES),
    capabilities: list(
      struct({ name: bytes(MAX_HELLO_BYTES), version: safeUint }, { extras: 'ignore' }),
      MAX_CAPABILITIES,
    ),
    listenPort: safeUint,
    publicKey: bytes(MAX_HELLO_BYTES),
  },
  { extras: 'ignore' },
)

const toBytes = new TextEncoder()
const toText = new TextDecoder()

/** Hello as a payload. */
export function encodeHello(hello: Hello): Uint8Array {
  return encode(wire, {
    ...hello,
    clientId: toBytes.encode(hello.clientId),
    capabilities: hello.capabilities.map(({ name, version }) => ({ name: toBytes.encode(name), version })),
  })
}

/** The bytes of the frame of a server's hello. */
function frameBytes(clientId: string, capabilities: readonly Capability[]): number {
  const listenPort = 65_535
  const publicKey = new Uint8Array(64)
  const codeBytes = 1
  return (
    codeBytes +
    encodeHello({ protocolVersion: BASE_PROTOCOL_VERSION, clientId, capabilities, listenPort, publicKey }).length
  )
}

/**
 * That others read the hello of a server with these options.
 * @throws RangeError that names the one that is too long
 */
export function checkHelloFits(clientId: string, capabilities: readonly Capability[]): void {
  if (capabilities.length > MAX_CAPABILITIES)
    throw new RangeError(`protocols must have at most ${MAX_CAPABILITIES} versions in all, got ${capabilities.length}`)
  const ofCapabilities = frameBytes('', capabilities)
  if (ofCapabilities > MAX_HELLO_BYTES)
    throw new RangeError(
      `protocols must have names and versions that fit into a hello of ${MAX_HELLO_BYTES} bytes, got ${ofCapabilities} bytes`,
    )
  const { length } = toBytes.encode(clientId)
  if (length < MAX_HELLO_BYTES && frameBytes(clientId, capabilities) <= MAX_HELLO_BYTES) return
  const name = ' '.repeat(256)
  const room = Math.max(0, MAX_HELLO_BYTES - (frameBytes(name, capabilities) - name.length))
  throw new RangeError(`clientId must have at most ${room} bytes beside these protocols, got ${length} bytes`)
}

/**
 * Reads a Hello payload. More items than known are ignored, as EIP-8 demands.
 * @throws RlpError when it is malformed; P2pError `P2P_NULL_IDENTITY` when the key has not 64 bytes or is zero
 */
export function decodeHello(payload: Uint8Array): Hello {
  const value = decode(wire, payload)
  if (value.publicKey.length !== 64 || value.publicKey.every((byte) => byte === 0)) {
    throw new P2pError('P2P_NULL_IDENTITY', 'hello names no node key of 64 bytes')
  }
  return {
    protocolVersion: value.protocolVersion,
    clientId: printable(value.clientId),
    capabilities: value.capabilities.map(({ name, version }) => ({ name: printable(name), version })),
    listenPort: value.listenPort,
    publicKey: value.publicKey.slice(),
  }
}

/** Text that can stand in a log or on a terminal: what could steer one is shown as `\u001b`. */
function printable(bytes: Uint8Array): string {
  return toText
    .decode(bytes)
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    )
}
