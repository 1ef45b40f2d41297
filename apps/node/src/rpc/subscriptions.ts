import type { Random } from '@ethwire/io'
import { expectArgument } from './methods.ts'
import { rpcError } from './rpc-error.ts'

/** Something to be told of, again and again: `tell` takes what JSON can hold. Returns what ends it. */
export type RpcSubscription = (tell: (result: unknown) => void) => () => void

/** What can be subscribed to, by namespace and name. */
export type RpcSubscriptions = Readonly<Record<string, Readonly<Record<string, RpcSubscription>>>>

/** The subscriptions of one connection, which end with it. */
export interface ConnectionSubscriptions {
  /** `admin_subscribe` and the like. Returns the new one's ID. @throws JSONRPCErrorException in geth's words */
  subscribe(namespace: string, params: readonly unknown[]): string
  /** `admin_unsubscribe` and the like. @throws JSONRPCErrorException in geth's words */
  unsubscribe(params: readonly unknown[]): true
  /** The answers that hold the IDs of new ones are on their way: now they may be told. */
  answered(): void
  /** Ends all. Idempotent. */
  close(): void
}

export interface ConnectionSubscriptionsOptions {
  readonly known: RpcSubscriptions
  readonly random: Random
  /** Takes a notification. */
  notify(text: string): void
  /** More happened than can be told: the connection must end, so that its other side learns of it. */
  overflow(): void
}

/** Nobody needs more on one connection. */
const maxSubscriptions = 16
/** What may happen while an answer is being made; only a batch that takes long comes near. */
const maxHeld = 1024

interface Running {
  end: () => void
  /** bounded: maxHeld. Undefined once the answer with its ID is on its way. */
  held: string[] | undefined
}

export function createConnectionSubscriptions(options: ConnectionSubscriptionsOptions): ConnectionSubscriptions {
  const { known, random, notify, overflow } = options
  // bounded: maxSubscriptions
  const running = new Map<string, Running>()
  let isClosed = false

  function start(namespace: string, source: RpcSubscription): string {
    const id = newId(random)
    const subscription: Running = { held: [], end: () => undefined }
    running.set(id, subscription)
    subscription.end = source((result) => {
      const text = notification(namespace, id, result)
      const { held } = subscription
      if (held === undefined) notify(text)
      else if (held.length < maxHeld) held.push(text)
      else overflow()
    })
    return id
  }

  return {
    subscribe(namespace, params) {
      const [name] = params
      if (typeof name !== 'string') throw rpcError('params', 'expected subscription name as first argument')
      const sources = Object.hasOwn(known, namespace) ? known[namespace] : undefined
      const source = sources !== undefined && Object.hasOwn(sources, name) ? sources[name] : undefined
      if (source === undefined) {
        const shown = JSON.stringify(name.slice(0, maxShownName))
        throw rpcError('missing', `no ${shown} subscription in ${namespace.slice(0, maxShownName)} namespace`)
      }
      if (isClosed) throw rpcError('failed', 'the connection is closed')
      if (params.length > 1) throw rpcError('params', 'too many arguments, want at most 1')
      if (running.size >= maxSubscriptions)
        throw rpcError('failed', `there are ${maxSubscriptions} subscriptions already`)
      return start(namespace, source)
    },
    unsubscribe(params) {
      const [id] = params
      expectArgument(id, 0)
      const subscription = typeof id === 'string' ? running.get(id) : undefined
      if (subscription === undefined) throw rpcError('failed', 'subscription not found')
      running.delete(id as string)
      subscription.end()
      return true
    },
    answered() {
      for (const subscription of running.values()) {
        const held = subscription.held ?? []
        subscription.held = undefined
        for (const text of held) notify(text)
      }
    },
    close() {
      isClosed = true
      for (const { end } of running.values()) end()
      running.clear()
    },
  }
}

const maxShownName = 100

/** 128 random bits as geth writes them: a quantity, without leading zeros. */
function newId(random: Random): string {
  return `0x${BigInt(`0x${Buffer.from(random.bytes(16)).toString('hex')}`).toString(16)}`
}

function notification(namespace: string, subscription: string, result: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method: `${namespace}_subscription`, params: { subscription, result } })
}
