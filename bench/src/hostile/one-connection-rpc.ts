import { Agent, request } from 'node:http'

/** An honest user of JSON-RPC, who keeps one connection and asks one thing after the other. */
export interface OneConnectionRpc extends Disposable {
  /** Resolves with what the answer says. @throws Error when there is none within the time */
  call(method: string, params: readonly unknown[], timeoutMs: number): Promise<unknown>
}

export function createOneConnectionRpc(url: string): OneConnectionRpc {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    call: (method, params, timeoutMs) =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json' }
        const signal = AbortSignal.timeout(timeoutMs)
        const sent = request(url, { method: 'POST', agent, headers, signal }, async (response) => {
          try {
            let text = ''
            for await (const chunk of response) text += chunk
            const { result } = JSON.parse(text) as { result?: unknown }
            if (result === undefined) throw new Error(`${method}: HTTP ${response.statusCode} without a result`)
            resolve(result)
          } catch (error) {
            reject(error)
          }
        })
        sent.once('error', reject)
        sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}
