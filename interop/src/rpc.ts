/** A value of JSON, as answers to JSON-RPC are. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export type Rpc = <T extends Json = Json>(method: string, ...params: Json[]) => Promise<T>

/** What a node answered instead of a result. */
class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number

  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message} (${code})`)
    this.code = code
  }
}

interface Reply {
  result?: Json
  error?: { code: number; message: string }
}

/** A JSON-RPC client; `url` is asked for at each call, because a node that starts again may have another port. */
export function createRpc(url: () => string, timeoutMs = 30_000): Rpc {
  let id = 0
  return async <T extends Json>(method: string, ...params: Json[]): Promise<T> => {
    id += 1
    const response = await fetch(url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const reply = (await response.json()) as Reply
    if (reply.error !== undefined) throw new RpcError(method, reply.error.code, reply.error.message)
    if (reply.result === undefined) throw new Error(`${method}: HTTP ${response.status} without a result`)
    return reply.result as T
  }
}

/** A number as JSON-RPC writes it. */
export const quantity = (n: number): string => `0x${n.toString(16)}`
