import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** The connections of a server of HTTP, and what each is busy with. */
export interface HttpConnections {
  /** Takes a new one. When there is no place for a further one then, the one that was idle for longest gives its up. */
  add(socket: Duplex): void
  /** Has a request answered when those before it on its connection are. */
  enter(request: IncomingMessage, response: ServerResponse, answer: () => void): void
  /** It has become something else than HTTP, and keeps its place. */
  upgraded(socket: Duplex): void
}

/** More than are in one read of a socket. */
const maxWaiting = 4096

/**
 * Node hands over all requests that it reads of a connection, and goes on reading: whoever sends many without waiting
 * would have all of them answered at once, and as many more kept as they like.
 */
export function createHttpConnections(maxConnections: number): HttpConnections {
  // bounded: maxConnections
  const open = new Set<Duplex>()
  // Those of `open` that wait for a request, for longest first.
  const idle = new Set<Duplex>()
  // What waits of the busy ones; bounded: maxConnections, and for each maxWaiting, as reading pauses with the first
  const lanes = new Map<Duplex, (() => void)[]>()

  function forget(socket: Duplex): void {
    open.delete(socket)
    idle.delete(socket)
    lanes.delete(socket)
  }

  function pauseIfMoreWaits(socket: Duplex): void {
    if ((lanes.get(socket)?.length ?? 0) > 0) socket.pause()
  }

  function goOn(socket: Duplex): void {
    const lane = lanes.get(socket)
    if (lane === undefined) return
    const next = lane.shift()
    if (lane.length === 0) socket.resume()
    if (next === undefined) {
      lanes.delete(socket)
      idle.add(socket)
    } else {
      next()
    }
  }

  return {
    add(socket) {
      open.add(socket)
      idle.add(socket)
      socket.once('close', () => forget(socket))
      // Node has it go on at the end of each message.
      socket.on('resume', () => pauseIfMoreWaits(socket))
      const [longest] = idle
      if (open.size < maxConnections || longest === undefined || longest === socket) return
      forget(longest)
      longest.destroy()
    },
    enter(request, response, answer) {
      const { socket } = request
      response.once('close', () => goOn(socket))
      const lane = lanes.get(socket)
      if (lane !== undefined) {
        if (lane.push(answer) > maxWaiting) socket.destroy()
        // When the parser has done with what was read: until then it may have the socket go on.
        else process.nextTick(pauseIfMoreWaits, socket)
        return
      }
      lanes.set(socket, [])
      idle.delete(socket)
      answer()
    },
    upgraded(socket) {
      idle.delete(socket)
      lanes.delete(socket)
    },
  }
}
