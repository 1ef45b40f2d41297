import { type RpcNamespace, taking } from './methods.ts'

/** The `rpc` namespace, which consoles ask what else there is. */
export function rpcNamespace(namespaces: readonly string[]): RpcNamespace {
  const modules = Object.fromEntries([...namespaces, 'rpc'].toSorted().map((name) => [name, '1.0']))
  return { modules: taking(0, () => modules) }
}
