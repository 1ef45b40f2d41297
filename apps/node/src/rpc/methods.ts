/** A method: positional parameters in, what JSON can hold out. */
type RpcMethod = (params: readonly unknown[]) => unknown

/** The methods of one namespace, by their names without it. */
export type RpcNamespace = Readonly<Record<string, RpcMethod>>
