import { createForkFilter } from '@ethwire/chain'
import { equalBytes } from '@ethwire/crypto'
import { type Message, type ProtocolConnection, ProtocolError } from '@ethwire/protocol'
import { localRange, rangeFault } from './block-range.ts'
import type { ChainReader, ForkContext } from './chain-reader.ts'
import { decodeMessage } from './decode-message.ts'
import { localForkId } from './entry.ts'
import { forkPosition } from './fork-position.ts'
import type { Status } from './messages.ts'
import { sendMessage } from './send-message.ts'
import type { EthVersionDefinition } from './versions.ts'

const handshakeTimeoutMs = 5_000

/** What the exchange needs: the connection, and which chain we are on. */
export interface HandshakeOptions extends ForkContext {
  readonly connection: ProtocolConnection
  readonly messages: AsyncIterator<Message>
  readonly version: EthVersionDefinition
  readonly network: bigint
  readonly chain: ChainReader
}

/** Both Status messages, as they went over the wire. */
export interface Statuses {
  readonly local: Status
  readonly remote: Status
}

/**
 * Sends our Status and checks the other's; both go at once.
 * @throws ProtocolError `PROTOCOL_TIMEOUT`, `PROTOCOL_CLOSED`, `PROTOCOL_HANDSHAKE`, `PROTOCOL_DECODE`
 */
export async function exchangeStatus(options: HandshakeOptions): Promise<Statuses> {
  const { connection, messages, version } = options
  const { code, schema } = version.messages.Status
  const local = localStatus(options)
  const timeout = Promise.withResolvers<never>()
  const deadline = connection.clock.setTimer(handshakeTimeoutMs, () =>
    timeout.reject(new ProtocolError('PROTOCOL_TIMEOUT', `no Status within ${handshakeTimeoutMs} ms`)),
  )
  try {
    const sent = sendMessage(connection, version.messages.Status, local)
    // Whoever fails first decides; the other may not end as an unhandled rejection.
    sent.catch(() => undefined)
    const receive = async (): Promise<Status> => {
      const { value: message, done } = await messages.next()
      if (done) throw new ProtocolError('PROTOCOL_CLOSED', 'the connection ended before Status')
      if (message.code !== code) {
        throw new ProtocolError('PROTOCOL_HANDSHAKE', `expected Status, got message ${message.code}`)
      }
      const remote = decodeMessage('Status', schema, message)
      checkStatus(remote, local, options)
      return remote
    }
    const [remote] = await Promise.race([Promise.all([receive(), sent]), timeout.promise])
    return { local, remote }
  } finally {
    deadline.cancel()
  }
}

function localStatus(options: HandshakeOptions): Status {
  return {
    version: options.connection.version,
    networkId: options.network,
    genesis: options.genesis.hash,
    forkId: localForkId(options),
    ...localRange(options.chain),
  }
}

function checkStatus(remote: Status, local: Status, { config, genesis, chain }: HandshakeOptions): void {
  if (remote.networkId !== local.networkId) refuse(`network ${remote.networkId}, ours is ${local.networkId}`)
  if (remote.version !== local.version) refuse(`version ${remote.version}, agreed was ${local.version}`)
  if (!equalBytes(remote.genesis, local.genesis)) refuse('another genesis')
  const verdict = createForkFilter(config, genesis, () => forkPosition(chain))(remote.forkId)
  if (verdict !== 'compatible') refuse(verdict === 'remote-stale' ? 'a fork ID that is stale' : 'other forks')
  const fault = rangeFault(remote)
  if (fault !== undefined) refuse(fault)
}

function refuse(what: string): never {
  throw new ProtocolError('PROTOCOL_HANDSHAKE', `Status refused: ${what}`)
}
