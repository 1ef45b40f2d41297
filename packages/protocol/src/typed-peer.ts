import { decode, encode, RlpError } from '@ethwire/rlp-codec'
import type { Message, ProtocolConnection, RemotePeer } from './connection.ts'
import type {
  FieldsValue,
  HandshakeDefinition,
  MessageCode,
  MessageDefinitions,
  MessageValue,
  RequestDefinition,
} from './definition.ts'
import { ProtocolError } from './errors.ts'
import { createRequestTable, type RequestTable } from './request-table.ts'

const HANDSHAKE_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 5_000

type Definition<M> =
  M extends RequestDefinition<infer Q, infer A>
    ? { value: FieldsValue<Q>; result: FieldsValue<A> }
    : M extends Readonly<Record<string, import('@ethwire/rlp-codec').Schema<unknown>>>
      ? { value: FieldsValue<M>; result: undefined }
      : never

type Send<M> = M extends RequestDefinition
  ? (value: Definition<M>['value'], options?: RequestOptions) => Promise<Definition<M>['result']>
  : (value: Definition<M>['value'], options?: { signal?: AbortSignal }) => Promise<void>

type Handler<M> = M extends RequestDefinition
  ? (value: Definition<M>['value']) => Definition<M>['result'] | Promise<Definition<M>['result']>
  : (value: Definition<M>['value']) => void | Promise<void>

/** How long a request waits (5 s unless said), and what ends it before. */
export interface RequestOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A peer of a defined protocol: a method for each message, and handlers for what comes. */
export type TypedPeer<M extends MessageDefinitions, H extends Readonly<Record<string, unknown>>> = {
  readonly [K in keyof M]: Send<M[K]>
} & {
  readonly remote: RemotePeer
  readonly version: number
  /** What the peer sent in the protocol's handshake. */
  readonly handshake: H extends Readonly<Record<string, import('@ethwire/rlp-codec').Schema<unknown>>>
    ? FieldsValue<H>
    : never
  /** Sets what handles a message; for a request, its result is the answer. One handler a name; handlers run in order. */
  on<K extends keyof M>(name: K, handler: Handler<M[K]>): void
  disconnect(reason: number): void
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>
}

/** What `runTypedPeer` needs of a definition, without its types. */
interface TypedPeerOptions {
  readonly connection: ProtocolConnection
  readonly codes: readonly MessageCode[]
  readonly handshake: HandshakeDefinition<Record<never, never>> | undefined
  readonly handler: (peer: unknown) => Promise<void> | void
}

type AnyHandler = (value: MessageValue) => unknown

/** Runs a defined protocol with one peer until the connection ends; throws `ProtocolError` when it must be ended. */
export async function runTypedPeer(options: TypedPeerOptions): Promise<void> {
  const { connection, codes, handshake, handler } = options
  const requests = createRequestTable({ clock: connection.clock })
  const handlers = new Map<string, AnyHandler>() // bounded: one a message name
  const messages = connection.messages[Symbol.asyncIterator]()
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  let asked = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)

  const send = (code: number, value: MessageValue, signal?: AbortSignal): Promise<void> =>
    connection.send(code, encode((codes[code] as MessageCode).schema, value), signal === undefined ? {} : { signal })

  try {
    const remoteHandshake = handshake && (await exchangeHandshakes(connection, messages, handshake, codes, send))
    const peer: Record<string, unknown> = {
      remote: connection.peer,
      version: connection.version,
      handshake: remoteHandshake,
      closed,
      on: (name: string, handle: AnyHandler): void => {
        if (!codes.some((code) => code.name === name && code.role !== 'response')) {
          throw new RangeError(`the protocol has no message "${name}"`)
        }
        handlers.set(name, handle)
      },
      disconnect: (reason: number): void => connection.disconnect(reason),
    }
    codes.forEach((message, code) => {
      if (message.role === 'message') {
        peer[message.name] = (value: MessageValue, { signal }: RequestOptions = {}) => send(code, value, signal)
      } else if (message.role === 'request') {
        peer[message.name] = async (value: MessageValue, { timeoutMs, signal }: RequestOptions = {}) => {
          const pending = requests.open<MessageValue>(message.name, {
            timeoutMs: timeoutMs ?? REQUEST_TIMEOUT_MS,
            ...(signal && { signal }),
          })
          asked.resolve()
          asked = Promise.withResolvers()
          try {
            await send(code, { ...value, requestId: pending.id }, signal)
          } catch (error) {
            pending.fail(error as Error)
          }
          return await pending.response
        }
      }
    })

    // The handler runs beside the reading, since its own requests are answered by what is read.
    const running = (async () => handler(peer))()
    running.catch((error: unknown) => failed.reject(handlerError(error)))
    const reading = readMessages(messages, codes, handlers, requests, send, failed.reject, () => asked.promise)
    await Promise.race([reading, failed.promise])
  } finally {
    requests.close(new ProtocolError('PROTOCOL_CLOSED', 'the connection is over'))
    close()
  }
}

async function readMessages(
  messages: AsyncIterator<Message>,
  codes: readonly MessageCode[],
  handlers: ReadonlyMap<string, AnyHandler>,
  requests: RequestTable,
  send: (code: number, value: MessageValue) => Promise<void>,
  fail: (error: unknown) => void,
  nextAsked: () => Promise<void>,
): Promise<void> {
  // Handlers run one after the other, but not in the way of answers: a handler may wait for one.
  // bounded: as `readAhead` says, over by at most one message
  const queue: { readonly bytes: number; run(): Promise<void> }[] = []
  let queuedBytes = 0
  let draining: Promise<void> | undefined
  const drain = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      queuedBytes -= next.bytes
      await next.run()
    }
    draining = undefined
  }
  const isFull = (): boolean => {
    const { messages, bytes } = requests.pendingCount === 0 ? readAhead : readAheadAsking
    return queue.length >= messages || queuedBytes >= bytes
  }
  for (;;) {
    while (isFull()) await Promise.race([draining, nextAsked()])
    const { value: message, done } = await messages.next()
    if (done) break
    const definition = codes[message.code]
    if (definition === undefined)
      throw new ProtocolError('PROTOCOL_INVALID_CODE', `no message has code ${message.code}`)
    if (definition.role === 'handshake') throw new ProtocolError('PROTOCOL_INVALID_TYPE', 'a second handshake')
    const value = decodeMessage(definition, message)
    if (definition.role === 'response') {
      const { requestId, ...answer } = value
      requests.match(requestId as bigint, definition.name)?.resolve(answer)
      continue
    }
    queuedBytes += message.payload.length
    queue.push({
      bytes: message.payload.length,
      run: () => handle(definition, message.code, value, handlers, send).catch(fail),
    })
    draining ??= drain()
  }
  await draining
}

/** What may wait for handlers before no more is read. */
const readAhead = { messages: 64, bytes: 4 * 1024 * 1024 }
/** The same while we wait for an answer, which may come behind more. */
const readAheadAsking = { messages: 1024, bytes: 16 * 1024 * 1024 }

async function handle(
  definition: MessageCode,
  code: number,
  value: MessageValue,
  handlers: ReadonlyMap<string, AnyHandler>,
  send: (code: number, value: MessageValue) => Promise<void>,
): Promise<void> {
  const handler = handlers.get(definition.name)
  if (definition.role === 'message') {
    try {
      await handler?.(value)
    } catch (error) {
      throw handlerError(error)
    }
    return
  }
  if (handler === undefined) throw new ProtocolError('PROTOCOL_NO_HANDLER', `nothing answers ${definition.name}`)
  const { requestId, ...question } = value
  let answer: MessageValue
  try {
    answer = (await handler(question)) as MessageValue
  } catch (error) {
    throw handlerError(error)
  }
  // A request's answer has the code after it.
  await send(code + 1, { ...answer, requestId })
}

async function exchangeHandshakes(
  connection: ProtocolConnection,
  messages: AsyncIterator<Message>,
  handshake: HandshakeDefinition<Record<never, never>>,
  codes: readonly MessageCode[],
  send: (code: number, value: MessageValue) => Promise<void>,
): Promise<MessageValue> {
  const local = handshake.local() as MessageValue
  const timeout = Promise.withResolvers<never>()
  const timer = connection.clock.setTimer(HANDSHAKE_TIMEOUT_MS, () =>
    timeout.reject(new ProtocolError('PROTOCOL_TIMEOUT', `no handshake within ${HANDSHAKE_TIMEOUT_MS} ms`)),
  )
  try {
    const [, first] = await Promise.race([Promise.all([send(0, local), messages.next()]), timeout.promise])
    if (first.done) throw new ProtocolError('PROTOCOL_CLOSED', 'the connection ended before the handshake')
    if (first.value.code !== 0) {
      throw new ProtocolError('PROTOCOL_HANDSHAKE', `expected the handshake, got code ${first.value.code}`)
    }
    const remote = decodeMessage(codes[0] as MessageCode, first.value)
    try {
      handshake.verify?.(remote, local)
    } catch (error) {
      if (error instanceof ProtocolError) throw error
      throw new ProtocolError('PROTOCOL_HANDSHAKE', `the handshake was refused: ${(error as Error).message}`, {
        cause: error,
      })
    }
    return remote
  } finally {
    timer.cancel()
  }
}

function decodeMessage(definition: MessageCode, message: Message): MessageValue {
  if (message.oversizedBytes !== undefined) {
    throw new ProtocolError('PROTOCOL_MESSAGE_TOO_LONG', `${definition.name} has ${message.oversizedBytes} bytes`)
  }
  try {
    return decode(definition.schema, message.payload)
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new ProtocolError('PROTOCOL_DECODE', `${definition.name}: ${error.message}`, { cause: error })
  }
}

function handlerError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  return new ProtocolError('PROTOCOL_HANDLER', 'a handler threw', { cause: error })
}
