import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers with a line of text. Whatever is no success ends the connection: what is left of the request is not read. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  const headers = status < 400 ? {} : { connection: 'close' }
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text === '' ? undefined : `${text}\n`)
}

/** Refuses a request that was to become something else than HTTP, and whose connection Node does not own any more. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? ''
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${reason.length + 1}\r\n\r\n${reason}\n`,
  )
}
