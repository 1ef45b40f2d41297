import { Cursor, encode, list, RlpError, u8 } from '@ethwire/rlp-codec'

/** Message codes of the base protocol; those from 4 to 15 are reserved and ignored. */
export const BaseMessage = { Hello: 0, Disconnect: 1, Ping: 2, Pong: 3 } as const

/** Codes below this belong to the base protocol. */
export const BASE_PROTOCOL_LENGTH = 16

/** Where a Disconnect could not be read, geth's own word for it: no reason that can be sent has this number. */
export const UNREADABLE_REASON = 0xff

/** Ping and Pong carry an empty list. */
export const EMPTY_LIST: Uint8Array = Uint8Array.of(0xc0)

const reasonList = list(u8, 1)

/** A Disconnect payload: `[reason]`. */
export function encodeDisconnect(reason: number): Uint8Array {
  return encode(reasonList, [reason])
}

/**
 * The reason in a Disconnect payload: a list, or a bare byte as some clients send it. Never throws: what can't be read is
 * `UNREADABLE_REASON`.
 */
export function decodeDisconnect(payload: Uint8Array): number {
  try {
    const input = new Cursor(payload)
    const first = payload[0]
    if (first !== undefined && first >= 0xc0) input.enterList('a list with a reason')
    return u8.read(input)
  } catch (error) {
    if (error instanceof RlpError) return UNREADABLE_REASON
    throw error
  }
}
