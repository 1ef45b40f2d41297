import type { RpcNamespace } from './methods.ts'

/** The `rpc` namespace, which consoles ask what else there is. */
export function rpcNamespace(namespaces: readonly string[]): RpcNamespace {
  return { modules: () => Object.fromEntries([...namespaces, 'rpc'].toSorted().map((name) => [name, '1.0'])) }
}
