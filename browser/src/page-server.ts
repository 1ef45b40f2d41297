import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageServer extends AsyncDisposable {
  readonly url: string
}

/** A page on loopback that loads one script. */
export async function servePage(script: string): Promise<PageServer> {
  const files = new Map([
    [
      '/',
      {
        type: 'text/html',
        body: '<!doctype html><title>ethwire</title><script type="module" src="/page.js"></script>',
      },
    ],
    ['/page.js', { type: 'text/javascript', body: script }],
  ])
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    const type = `${file?.type ?? 'text/plain'}; charset=utf-8`
    response.writeHead(file ? 200 : 404, { 'content-type': type, connection: 'close' }).end(file?.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
