import { rpcError } from './rpc-error.ts'

/** A method: positional parameters in, what JSON can hold out. */
export type RpcMethod = (params: readonly unknown[]) => unknown

/** The methods of one namespace, by their names without it. */
export type RpcNamespace = Readonly<Record<string, RpcMethod>>

/** A method that refuses more parameters than it has, in geth's words. */
export function taking(count: number, method: RpcMethod): RpcMethod {
  return (params) => {
    if (params.length > count) throw rpcError('params', `too many arguments, want at most ${count}`)
    return method(params)
  }
}

/** Throws where an argument is not there at all. @throws JSONRPCErrorException -32602, in geth's words */
export function expectArgument(value: unknown, index: number): void {
  if (value === undefined || value === null) throw rpcError('params', `missing value for required argument ${index}`)
}
