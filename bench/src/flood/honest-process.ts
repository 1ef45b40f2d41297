// The honest ones, in a process of their own: they speak with the node all the time, and say what became of it over IPC.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { createDiscv4, type Discv4 } from '@ethwire/discv4'
import type { EthPeer } from '@ethwire/eth-peer'
import { startHonestNode } from '../hostile/control.ts'
import { createTally } from '../hostile/tally.ts'
import type { HonestAnswer, HonestRequest, Seen } from './honest-messages.ts'

const everyMs = { known: 100, newcomers: 400, peer: 200 } as const
/** As a peer that syncs asks: no answer within this time is a failure. */
const peerDeadlineMs = 5_000
/** Somebody new tries so often, as each client does with its bootnodes. */
const tries = 3
const betweenTriesMs = 500

const crypto = nativeCrypto ?? pureCrypto

interface Watched {
  count(work: () => Promise<unknown>): void
  take(): Seen
}

function watch(): Watched {
  let firstFailure: string | null = null
  const tally = createTally((error) => {
    firstFailure ??= error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  })
  return {
    count: (work) => void tally.count(work),
    take() {
      const seen = { ...tally.take(), firstFailure }
      firstFailure = null
      return seen
    },
  }
}

const known = watch()
const newcomers = watch()
const peer = watch()

const startAt = (host: string): Promise<Discv4> =>
  createDiscv4({ privateKey: randomBytes(32), listen: { host }, crypto, predictEndpoint: false, historyNodes: 0 })

async function askAsKnown(enode: string): Promise<void> {
  const discovery = await startAt('127.0.0.2')
  await discovery.requestEnr(enode)
  const requests = [
    () => discovery.ping(enode),
    () => discovery.findNode(enode, randomBytes(64)),
    () => discovery.requestEnr(enode),
  ]
  let next = 0
  setInterval(() => known.count(() => requests[next++ % requests.length]!()), everyMs.known)
}

/** Of 127.1.0.1 to 127.127.255.254: floods come from 127.128.0.0/9. */
let addresses = 0
function freshAddress(): string {
  const number = addresses++
  return `127.${1 + (number % 127)}.${(number >> 8) & 255}.${1 + (number % 254)}`
}

/** Somebody new has got in when it has shown where it is, and has the node's record. */
async function joinAsNew(enode: string): Promise<void> {
  const discovery = await startAt(freshAddress())
  try {
    for (let tried = 1; ; tried++) {
      try {
        await discovery.requestEnr(enode)
        return
      } catch (error) {
        if (tried === tries) throw error
        await delay(betweenTriesMs)
      }
    }
  } finally {
    await discovery.close()
  }
}

async function askAsPeer({ enode, genesis, networkId }: { enode: string; genesis: string; networkId: number }) {
  let connected: EthPeer | undefined
  const { promise, resolve } = Promise.withResolvers<void>()
  await startHonestNode(
    { genesis, networkId },
    {
      staticNodes: [enode],
      onPeer(newPeer) {
        connected = newPeer
        resolve()
      },
    },
  )
  await promise
  const askOne = async (): Promise<void> => {
    const headers = await connected!.getBlockHeaders({ start: 0, count: 1 }, { timeoutMs: peerDeadlineMs })
    if (headers.length !== 1) throw new Error(`${headers.length} headers came, one was asked for`)
  }
  setInterval(() => peer.count(askOne), everyMs.peer)
}

let enode = ''

async function answerTo(request: HonestRequest): Promise<HonestAnswer> {
  const { id } = request
  switch (request.type) {
    case 'honest:begin':
      enode = request.enode
      await Promise.all([askAsKnown(enode), askAsPeer(request)])
      setInterval(() => newcomers.count(() => joinAsNew(enode)), everyMs.newcomers)
      return { type: 'honest:begun', id }
    case 'honest:take':
      return {
        type: 'honest:taken',
        id,
        figures: { known: known.take(), newcomers: newcomers.take(), peer: peer.take() },
      }
    case 'honest:ping':
      return { type: 'honest:pinged', id, ms: await pingFrom(request.host) }
  }
}

/** How long the first answer takes, tries included; null when there is none. */
async function pingFrom(host: string): Promise<number | null> {
  const discovery = await startAt(host)
  const start = performance.now()
  try {
    for (let tried = 0; tried < tries; tried++) {
      try {
        await discovery.ping(enode)
        return performance.now() - start
      } catch {
        // Once more: what it takes all in all is what counts.
      }
    }
    return null
  } finally {
    await discovery.close()
  }
}

process.on('message', (request: HonestRequest) => {
  answerTo(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ type: 'honest:failed', id: request.id, reason: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
