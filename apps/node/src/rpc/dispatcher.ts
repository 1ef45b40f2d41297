import type { Logger, Random } from '@ethwire/io'
import {
  createJSONRPCErrorResponse,
  createJSONRPCSuccessResponse,
  JSONRPCErrorException,
  type JSONRPCRequest,
  type JSONRPCResponse,
  JSONRPCServer,
} from 'json-rpc-2.0'
import { codeOf, reasonOf } from '../errors.ts'
import { excessOf } from './json-excess.ts'
import type { RpcNamespace } from './methods.ts'
import { rpcError } from './rpc-error.ts'
import { type ConnectionSubscriptions, createConnectionSubscriptions, type RpcSubscriptions } from './subscriptions.ts'
import type { RpcTurns } from './turns.ts'

/** An answer to a request body; `rejected` ones were not looked into. */
interface RpcAnswer {
  /** JSON; empty when there was nothing but notifications. */
  readonly text: string
  readonly rejected: boolean
}

export interface Dispatcher {
  /** Answers a body: one call or a batch of them. Never rejects. */
  answer(body: string, hold?: HoldAnswer): Promise<RpcAnswer>
  /** For a connection that can be told things between its answers. */
  open(connection: NotifiedConnection): DispatcherSession
}

interface NotifiedConnection {
  /** Takes a notification. */
  notify(text: string): void
  /** Ends the connection: more happened than it can be told. */
  overflow(): void
}

/** Told how long an answer is so far; false: nobody wants more of it. */
type HoldAnswer = (bytes: number) => boolean

/** One connection's calls and subscriptions. */
interface DispatcherSession {
  /** As of the dispatcher; one at a time. */
  answer(body: string, hold?: HoldAnswer): Promise<RpcAnswer>
  /** The answer is on its way: what was subscribed to with it may be told. */
  answered(): void
  /** Ends the subscriptions. Idempotent. */
  close(): void
}

export interface DispatcherOptions {
  readonly namespaces: Readonly<Record<string, RpcNamespace>>
  readonly subscriptions?: RpcSubscriptions
  /** For the IDs of subscriptions. */
  readonly random: Random
  /** Shared with all other dispatchers of the process. */
  readonly turns: RpcTurns
  readonly logger: Logger
}

/** geth's limits. */
const maxBatchCalls = 1000
const maxBatchResponseBytes = 25_000_000
/** Parameters of known methods are two or three levels deep, and a batch of the longest calls has some 10,000 values. */
const maxJson = { depth: 64, values: 100_000 }

/** Namespaces behind JSON-RPC 2.0, with geth's error codes and texts. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { namespaces, subscriptions = {}, random, turns, logger } = options
  const server = new JSONRPCServer({ errorListener: () => {} })
  server.mapErrorToJSONRPCErrorResponse = (id, error) => {
    if (error instanceof JSONRPCErrorException) return createJSONRPCErrorResponse(id, error.code, error.message)
    logger.warn({ code: codeOf(error), err: reasonOf(error) }, 'RPC call failed')
    return createJSONRPCErrorResponse(id, -32603, 'internal error')
  }
  // bounded: the methods of the namespaces
  const known = new Set<string>()
  for (const [namespace, methods] of Object.entries(namespaces)) {
    for (const [name, method] of Object.entries(methods)) {
      known.add(`${namespace}_${name}`)
      server.addMethod(`${namespace}_${name}`, async (params: unknown) => await method(positional(params)))
    }
  }

  async function call(request: unknown, session: ConnectionSubscriptions | undefined): Promise<JSONRPCResponse | null> {
    if (!isRequest(request)) return failure(idOf(request), -32600, 'invalid request')
    const [, namespace, verb] = subscriptionMethod.exec(request.method) ?? []
    if (namespace !== undefined) return subscriptionCall(request, namespace, verb === 'subscribe', session)
    if (!known.has(request.method)) {
      const method = request.method.slice(0, 100)
      const missing = failure(request.id ?? null, -32601, `the method ${method} does not exist/is not available`)
      return request.id === undefined ? null : missing
    }
    return await server.receive(request)
  }

  async function batch(
    requests: readonly unknown[],
    session: ConnectionSubscriptions | undefined,
    hold: HoldAnswer,
  ): Promise<RpcAnswer> {
    if (requests.length === 0) return rejection(failure(null, -32600, 'empty batch'))
    if (requests.length > maxBatchCalls) return rejection([failure(idOf(requests[0]), -32600, 'batch too large')])
    const answers: string[] = []
    let bytes = 0
    let isWanted = true
    // One after the other: a batch of large blocks must not be in memory at once before its size is known.
    for (const request of requests) {
      const silent = isNotification(request)
      if (bytes > maxBatchResponseBytes || !isWanted) {
        if (!silent) answers.push(JSON.stringify(tooLarge(request)))
        continue
      }
      await turns.wait()
      // What nobody wants to read costs as much.
      const text = JSON.stringify(await call(silent ? { ...request, id: null } : request, session))
      bytes += text.length
      isWanted = hold(bytes)
      if (!silent) answers.push(text)
    }
    return { text: answers.length === 0 ? '' : `[${answers.join(',')}]`, rejected: false }
  }

  async function answer(
    body: string,
    session: ConnectionSubscriptions | undefined,
    hold: HoldAnswer = () => true,
  ): Promise<RpcAnswer> {
    await turns.wait()
    const excess = excessOf(body, maxJson)
    if (excess === 'depth') return rejection(failure(null, -32700, 'the JSON is nested too deeply'))
    if (excess === 'values') return rejection(failure(null, -32600, `more than ${maxJson.values} values`))
    let request: unknown
    try {
      request = JSON.parse(body)
    } catch {
      return { text: JSON.stringify(failure(null, -32700, 'parse error')), rejected: false }
    }
    if (Array.isArray(request)) return await batch(request, session, hold)
    const response = await call(request, session)
    const text = response === null ? '' : JSON.stringify(response)
    hold(text.length)
    return { text, rejected: false }
  }

  return {
    answer: (body, hold) => answer(body, undefined, hold),
    open(connection) {
      const session = createConnectionSubscriptions({ known: subscriptions, random, ...connection })
      return { answer: (body, hold) => answer(body, session, hold), answered: session.answered, close: session.close }
    },
  }
}

/** `admin_subscribe`: what geth does not look up among the methods. */
const subscriptionMethod = /^(\w{1,100})_((?:un)?subscribe)$/

function subscriptionCall(
  { id, params }: JSONRPCRequest,
  namespace: string,
  starts: boolean,
  session: ConnectionSubscriptions | undefined,
): JSONRPCResponse | null {
  const response = subscriptionResponse(id ?? null, () => {
    if (session === undefined) throw rpcError('missing', 'notifications not supported')
    const taken = positional(params)
    return starts ? session.subscribe(namespace, taken) : session.unsubscribe(taken)
  })
  return id === undefined ? null : response
}

function subscriptionResponse(id: Id, step: () => string | true): JSONRPCResponse {
  try {
    return createJSONRPCSuccessResponse(id, step())
  } catch (error) {
    if (!(error instanceof JSONRPCErrorException)) throw error
    return failure(id, error.code, error.message)
  }
}

/** geth takes parameters by position only. */
function positional(params: unknown): readonly unknown[] {
  if (params === undefined || params === null) return []
  if (Array.isArray(params)) return params
  throw new JSONRPCErrorException('non-array args', -32602)
}

type Id = string | number | null

function isRequest(value: unknown): value is JSONRPCRequest {
  if (typeof value !== 'object' || value === null) return false
  const { jsonrpc, method, id } = value as Record<string, unknown>
  const idFits = id === undefined || id === null || typeof id === 'string' || typeof id === 'number'
  return jsonrpc === '2.0' && typeof method === 'string' && idFits
}

function isNotification(value: unknown): value is JSONRPCRequest {
  return isRequest(value) && value.id === undefined
}

function idOf(value: unknown): Id {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null
  return typeof value.id === 'string' || typeof value.id === 'number' ? value.id : null
}

function failure(id: Id, code: number, message: string): JSONRPCResponse {
  return createJSONRPCErrorResponse(id, code, message)
}

function tooLarge(request: unknown): JSONRPCResponse {
  return failure(idOf(request), -32003, 'response too large')
}

function rejection(response: JSONRPCResponse | readonly JSONRPCResponse[]): RpcAnswer {
  return { text: JSON.stringify(response), rejected: true }
}
