import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A connection to a socket, by hand. */
export interface RawConnection {
  readonly socket: Socket
  /** The next answer. Rejects when the connection ends before. */
  answer(): Promise<unknown>
  /** Resolves when the other side has ended it. */
  readonly ended: Promise<void>
}

export async function connectRaw(path: string): Promise<RawConnection> {
  const socket = connect(path)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const lines = linesOf(socket)
  return {
    socket,
    ended,
    async answer() {
      const { value, done } = await lines.next()
      if (done) throw new Error('the connection has ended')
      return JSON.parse(value)
    },
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string, void> {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += chunk.toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    yield* lines
  }
}
