import type { Offence } from '@ethwire/dialer'
import { DisconnectReason, ProtocolError, type ProtocolErrorCode } from '@ethwire/protocol'
import { describe, expect, test } from 'vitest'
import { P2pError, type P2pErrorCode } from '../src/errors.ts'
import { offenceOf } from '../src/offences.ts'
import type { P2pRule } from '../src/rules.ts'

const ended = (code: P2pErrorCode, options: { cause?: unknown; reason?: number; rule?: P2pRule } = {}) =>
  offenceOf(new P2pError(code, 'it ended', options))

describe('what a connection ended with is held against the other side', () => {
  test.each<[P2pErrorCode, Offence | undefined]>([
    ['P2P_BREACH', 'breach'],
    ['P2P_NULL_IDENTITY', 'breach'],
    ['P2P_MAC', 'bad-message'],
    ['P2P_HANDSHAKE_FAILED', 'bad-message'],
    ['P2P_TIMEOUT', 'timeout'],
    ['P2P_CLOSED', 'dropped'],
    ['P2P_DIAL_FAILED', undefined],
    ['P2P_AUTH_UNANSWERED', undefined],
    ['P2P_UNEXPECTED_IDENTITY', undefined],
    ['P2P_REFUSED', undefined],
    ['P2P_REQUESTED', undefined],
  ])('%s: %s', (code, offence) => {
    expect(ended(code)).toBe(offence)
  })

  test.each<[keyof typeof DisconnectReason, Offence | undefined]>([
    ['TooManyPeers', 'full'],
    ['UselessPeer', 'dropped'],
    ['SubprotocolError', 'dropped'],
    ['Requested', undefined],
    ['ClientQuitting', undefined],
    ['AlreadyConnected', undefined],
  ])('Disconnect with the reason %s: %s', (reason, offence) => {
    expect(ended('P2P_DISCONNECTED', { reason: DisconnectReason[reason] })).toBe(offence)
  })

  test.each<[ProtocolErrorCode, Offence | undefined]>([
    ['PROTOCOL_BREACH', 'breach'],
    ['PROTOCOL_DECODE', 'bad-message'],
    ['PROTOCOL_TIMEOUT', 'timeout'],
    ['PROTOCOL_USELESS', 'dropped'],
    ['PROTOCOL_HANDLER', undefined],
    ['PROTOCOL_CLOSED', undefined],
  ])('a subprotocol that ends with %s: %s', (code, offence) => {
    expect(ended('P2P_PROTOCOL_ENDED', { cause: new ProtocolError(code, 'it ended') })).toBe(offence)
  })

  test('but not what the code alone does not say', () => {
    expect(ended('P2P_TIMEOUT', { rule: 'dial-deadline' })).toBeUndefined()
    expect(ended('P2P_BREACH', { rule: 'ping-budget' })).toBe('bad-message')
    expect(ended('P2P_BREACH', { rule: 'send-queue' })).toBe('timeout')
    expect(ended('P2P_PROTOCOL_ENDED')).toBeUndefined()
    expect(ended('P2P_PROTOCOL_ENDED', { cause: new Error('our bug') })).toBeUndefined()
    expect(ended('P2P_DISCONNECTED', { reason: 0xff })).toBeUndefined()
  })
})
