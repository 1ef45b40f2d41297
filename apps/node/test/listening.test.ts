import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { listenOn } from '../src/listening.ts'
import { keepingLogger } from './support.ts'

test("a listening server's errors are logged, the second as the first, and it serves on", async () => {
  const server = createServer((_, response) => response.end('here'))
  onTestFinished(() => void server.close())
  const logger = keepingLogger()
  const where = { host: '127.0.0.1', port: 0, portFlag: '--http.port', what: 'JSON-RPC', logger }
  const { port } = await listenOn(server, where)
  server.emit('error', new Error('accept EMFILE'))
  server.emit('error', new Error('accept EMFILE'))
  expect(logger.lines).toEqual(['JSON-RPC server', 'JSON-RPC server'])
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('here')
})
