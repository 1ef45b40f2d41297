import { peerEventsPath } from './paths.ts'
import { startProcess } from './resources.ts'
import { StopAsking, until } from './until.ts'

/** What geth's `p2p.PeerEvent` is as JSON. */
export interface PeerEvent {
  type: 'add' | 'drop' | 'msgsend' | 'msgrecv'
  peer: string
  error?: string
  protocol?: string
  msg_code?: number
  msg_size?: number
  local: string
  remote: string
}

/** geth's client of JSON-RPC, subscribed to `admin_peerEvents` of a node. */
export interface PeerEventWatch extends AsyncDisposable {
  /** What it has been told so far. */
  events(): PeerEvent[]
  /** Resolves when there is such an event. */
  seen(what: string, isIt: (event: PeerEvent) => boolean): Promise<PeerEvent>
  /** Unsubscribes, which the node has to confirm. */
  stop(): Promise<void>
}

/** `endpoint` is `ws://127.0.0.1:PORT` or the path of a Unix socket. */
export async function watchPeerEvents(endpoint: string): Promise<PeerEventWatch> {
  const watcher = startProcess(peerEventsPath, [endpoint])
  const has = async (line: string): Promise<boolean> => {
    if (watcher.logs().includes(line)) return true
    if (watcher.ended() !== undefined) throw new StopAsking(`peerevents: ${watcher.ended()}\n${watcher.logs()}`)
    return false
  }
  const events = (): PeerEvent[] =>
    watcher
      .logs()
      .split('\n')
      .filter((line) => line.startsWith('{"event":'))
      .map((line) => (JSON.parse(line) as { event: PeerEvent }).event)
  await until(`a subscription on ${endpoint}`, () => has('{"subscribed":true}'), { timeoutMs: 15_000 })
  return {
    events,
    seen: (what, isIt) =>
      until(
        `${what} on ${endpoint}`,
        async () => {
          await has('')
          return events().find(isIt)
        },
        { timeoutMs: 30_000 },
      ),
    async stop() {
      await watcher.end('SIGINT', 10_000)
      await has('{"unsubscribed":true}')
    },
    [Symbol.asyncDispose]: () => watcher.end('SIGKILL', 10_000),
  }
}
