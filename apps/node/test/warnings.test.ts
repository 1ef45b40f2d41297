import { P2pError, type P2pServer, type P2pServerEvents } from '@ethwire/p2p-server'
import { describe, expect, test } from 'vitest'
import { warnOfMissingHead } from '../src/missing-head.ts'
import { warnOfRefusals } from '../src/refusals.ts'
import { startCli } from './cli-process.ts'
import { sampleGenesis } from './support.ts'

interface Warning {
  readonly fields: Record<string, unknown>
  readonly message: string
}

function warningLogger() {
  const warnings: Warning[] = []
  const ignore = (): void => undefined
  const warn = (fields: unknown, message: string): void =>
    void warnings.push({ fields: fields as Record<string, unknown>, message })
  return { warnings, logger: { trace: ignore, debug: ignore, info: ignore, error: ignore, warn } }
}

/** Time that passes when told to. */
function handClock() {
  let nowMs = 0
  let due: { readonly atMs: number; readonly callback: () => void } | undefined
  return {
    monotonicMs: () => nowMs,
    setTimer(delayMs: number, callback: () => void) {
      const timer = { atMs: nowMs + delayMs, callback }
      due = timer
      return {
        cancel: () => {
          if (due === timer) due = undefined
        },
      }
    },
    advance(ms: number) {
      const endMs = nowMs + ms
      while (due !== undefined && due.atMs <= endMs) {
        const { atMs, callback } = due
        nowMs = atMs
        due = undefined
        callback()
      }
      nowMs = endMs
    },
    running: () => due !== undefined,
  }
}

describe('a static node that does not become a peer', () => {
  const enode = 'enode://ab@127.0.0.1:30303'

  function watched() {
    const listeners: { [Name in keyof P2pServerEvents]?: (event: P2pServerEvents[Name]) => void } = {}
    const on = ((name: 'peer:drop', listener: (event: P2pServerEvents['peer:drop']) => void) => {
      listeners[name] = listener
      return () => void delete listeners[name]
    }) as P2pServer['on']
    const { logger, warnings } = warningLogger()
    const clock = handClock()
    const end = warnOfRefusals({ server: { on }, clock, logger })
    const drop = (error: P2pError, { id = 'ab', isStatic = true, side = 'local' as 'local' | 'remote' } = {}): void =>
      listeners['peer:drop']?.({
        peer: { id, enode, isStatic } as P2pServerEvents['peer:drop']['peer'],
        ...{ error, reason: error.reason, side, rule: error.rule, durationMs: 20, bytesReceived: 0, bytesSent: 0 },
      })
    const fail = (error: P2pError): void =>
      listeners['dial:failed']?.({
        node: { nodeIdHex: 'cd', host: '127.0.0.1', tcpPort: 1 } as P2pServerEvents['dial:failed']['node'],
        ...{ isStatic: true, error, stage: 'connect', rule: error.rule },
      })
    const add = (id: string): void => listeners['peer:add']?.({ peer: { id } as P2pServerEvents['peer:add']['peer'] })
    return { clock, warnings, drop, fail, add, end, listeners }
  }

  const handshake = (): P2pError =>
    new P2pError('P2P_PROTOCOL_ENDED', 'eth/70: …', {
      cause: Object.assign(new Error('Status refused: network 7, ours is 5'), { code: 'PROTOCOL_HANDSHAKE' }),
    })

  test('is named with the reason, once a minute', () => {
    const { drop, clock, warnings } = watched()
    for (let i = 0; i < 10; i++) drop(handshake())
    expect(warnings).toEqual([{ fields: { peer: enode, err: 'network 7, ours is 5' }, message: 'Static peer refused' }])
    clock.advance(59_999)
    drop(handshake())
    expect(warnings).toHaveLength(1)
    clock.advance(1)
    drop(handshake())
    drop(handshake(), { id: 'other' })
    expect(warnings).toHaveLength(3)
  })

  test('may be the one that refuses', () => {
    const { drop, warnings } = watched()
    drop(new P2pError('P2P_DISCONNECTED', 'the peer says: subprotocol error', { reason: 0x10 }), { side: 'remote' })
    expect(warnings).toMatchObject([
      {
        message: 'Static peer refuses us',
        fields: { err: 'the peer says: subprotocol error (is it of another network?)' },
      },
    ])
  })

  test.each([
    [new P2pError('P2P_DIAL_FAILED', "can't connect: refused"), 'Static peer not reached'],
    [new P2pError('P2P_HANDSHAKE_FAILED', 'the RLPx handshake failed'), 'Static peer refused'],
    [new P2pError('P2P_UNEXPECTED_IDENTITY', 'another key'), 'Static peer refused'],
    [new P2pError('P2P_REFUSED', 'refused: useless peer', { reason: 3 }), 'Static peer refused'],
    [new P2pError('P2P_DISCONNECTED', 'the peer says: too many peers', { reason: 4 }), 'Static peer refuses us'],
  ])('is named after a dial that ended with %s', (error, message) => {
    const { fail, warnings } = watched()
    fail(error)
    expect(warnings).toMatchObject([
      { message, fields: { peer: '127.0.0.1:1', err: expect.stringContaining(error.message) } },
    ])
  })

  test('is named when it closes again and again, as for a wrong key, not once as when both dial', () => {
    const { fail, add, warnings } = watched()
    const closed = new P2pError('P2P_AUTH_UNANSWERED', 'the node closed the connection: is the key right?')
    fail(closed)
    add('cd')
    fail(closed)
    expect(warnings).toEqual([])
    fail(closed)
    expect(warnings).toMatchObject([{ fields: { err: closed.message } }])
  })

  test('is not named for what passes, and strangers never are', () => {
    const { drop, fail, warnings, end, listeners } = watched()
    drop(handshake(), { isStatic: false })
    drop(new P2pError('P2P_DISCONNECTED', 'the peer says: client quitting', { reason: 8 }), { side: 'remote' })
    drop(new P2pError('P2P_CLOSED', 'the stream ended'), { side: 'remote' })
    fail(new P2pError('P2P_REFUSED', 'refused: already connected', { reason: 5 }))
    fail(new P2pError('P2P_REQUESTED', 'the server is closing', { reason: 8 }))
    expect(warnings).toEqual([])
    end()
    expect(listeners).toEqual({})
  })

  test('is named by a node that was started with the wrong network ID', async () => {
    const common = ['run', '--genesis', sampleGenesis, '--datadir', 'memory', '--addr', '127.0.0.1', '--port', '0']
    const first = startCli(...common)
    await first.said('Started P2P networking')
    const url = /enode:\/\/[0-9a-f]{128}@127\.0\.0\.1:\d+/.exec(first.output())?.[0] ?? ''
    const second = startCli(...common, '--networkid', '5', '--staticnodes', url)
    await second.said('Static peer refuse')
    expect(second.output()).toMatch(/network 1337702, ours is 5|is it of another network/)
  })
})

describe('a head that nobody has', () => {
  const head = new Uint8Array(32).fill(0x11)

  test('is named when peers had 15 s, and each minute after that', () => {
    const { logger, warnings } = warningLogger()
    const clock = handClock()
    const progress = { state: 'finding-head', peers: 0 }
    const end = warnOfMissingHead({ manager: { progress: () => progress as never }, head, clock, logger })
    clock.advance(60_000)
    expect(warnings).toEqual([])
    progress.peers = 2
    clock.advance(15_000)
    expect(warnings).toEqual([])
    clock.advance(1_000)
    expect(warnings).toEqual([
      { fields: { peers: 2 }, message: `No peer has the block of --head 0x${'11'.repeat(32)}` },
    ])
    clock.advance(60_000)
    expect(warnings).toHaveLength(2)
    progress.state = 'blocks'
    clock.advance(600_000)
    expect(warnings).toHaveLength(2)
    end()
    expect(clock.running()).toBe(false)
  })
})
