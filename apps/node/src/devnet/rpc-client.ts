interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** More than any answer takes on this machine. */
const timeoutMs = 5_000

/** Makes several JSON-RPC calls in one request; the results come in their order. Rejects if one of them fails. */
export async function callBatch(
  url: string,
  calls: readonly (readonly [method: string, params: readonly unknown[]])[],
): Promise<unknown[]> {
  const body = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const replies = (await response.json()) as readonly Reply[]
  return body.map(({ id, method }) => {
    const reply = replies.find((one) => one.id === id)
    if (reply?.result === undefined) throw new Error(`${method}: ${reply?.error?.message ?? 'no answer'}`)
    return reply.result
  })
}
