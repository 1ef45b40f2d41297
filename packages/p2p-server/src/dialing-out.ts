import type { DialOptions, DialOutcome, DialScheduler } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import type { EventSource, Logger, Metrics } from '@ethwire/io'
import { DisconnectReason } from '@ethwire/protocol'
import { type DialContext, startDial } from './dialing.ts'
import { P2pError } from './errors.ts'
import { formatEndpoint } from './info.ts'
import type { RunPeer, SetupProgress } from './peer-runs.ts'
import type { P2pServerEvents, SetupStage } from './server-events.ts'
import { failureClass } from './setup-outcome.ts'

export interface DialingOutOptions extends DialContext {
  readonly runPeer: RunPeer
  readonly dialer: () => Pick<DialScheduler, 'refused'>
  /** Nothing is dialled before this resolves. */
  readonly begun: Promise<void>
  /** The server's. */
  readonly signal: AbortSignal
  track<T>(work: Promise<T>): Promise<T>
  readonly events: EventSource<P2pServerEvents>
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Makes what dials a node for the scheduler: opens a stream and makes a peer of it. Never rejects. */
export function createDialOut(
  options: DialingOutOptions,
): (node: NodeAddress, options: DialOptions) => Promise<DialOutcome> {
  const { runPeer, dialer, track, events, logger, metrics } = options

  /** From a node to a running peer: where it has several endpoints, at the first one where it proves its key. */
  async function connect(node: NodeAddress, signal: AbortSignal, progress: SetupProgress): Promise<void> {
    const dial = startDial(node, options, signal)
    let stranger: unknown
    for (;;) {
      const stream = await dial.next().catch((error: unknown) => {
        throw stranger ?? error
      })
      try {
        const run = runPeer(stream, node, signal, progress)
        // Closing waits for the last word of one that fails; whoever dials does not.
        void track(run.catch(() => stream.closed))
        return await run
      } catch (error) {
        if (progress.stage !== 'handshake' || !dial.hasMore || signal.aborted) throw error
        stranger = error
        logger.debug({ id: node.nodeIdHex, addr: formatEndpoint(stream.remote) }, 'Another node is there')
      }
    }
  }

  return async (node, { isStatic, signal: givenUp }) => {
    const signal = AbortSignal.any([options.signal, givenUp])
    const progress: SetupProgress = { stage: 'connect' }
    await options.begun
    try {
      await connect(node, signal, progress)
      return 'connected'
    } catch (cause) {
      const error = cause instanceof P2pError ? cause : new P2pError('P2P_DIAL_FAILED', 'the dial failed', { cause })
      if (signal.aborted) return 'failed'
      const { stage } = progress
      const { code, rule } = error
      metrics.counter(`p2p/dials/error/${failureClass(error, stage)}`).add()
      logger.debug({ id: node.nodeIdHex, err: error.message, code, rule, stage }, 'Dial failed')
      events.emit('dial:failed', { node, error, isStatic, stage, rule })
      if (code === 'P2P_RESTRICTED') dialer().refused(node, 'netrestrict')
      if (error.reason === DisconnectReason.TooManyPeers) return 'full'
      return code === 'P2P_INTERNAL' ? 'failed' : outcomes[stage]
    }
  }
}

/** What a dial that came no further is to the scheduler. */
const outcomes: Readonly<Record<SetupStage, DialOutcome>> = {
  connect: 'unreachable',
  handshake: 'stranger',
  hello: 'failed',
}
