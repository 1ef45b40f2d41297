import { JSONRPCErrorException } from 'json-rpc-2.0'

/** -32602: the caller's parameters; -32601: no such thing; -32000: geth's code for whatever else went wrong. */
const codes = { params: -32602, missing: -32601, failed: -32000 } as const

/** An answer that is an error; the message goes to the caller. */
export function rpcError(kind: keyof typeof codes, message: string): JSONRPCErrorException {
  return new JSONRPCErrorException(message, codes[kind])
}
