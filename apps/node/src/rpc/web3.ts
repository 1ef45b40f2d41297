import { type RpcNamespace, taking } from './methods.ts'

/** The `web3` namespace. */
export function web3Namespace(clientVersion: string): RpcNamespace {
  return { clientVersion: taking(0, () => clientVersion) }
}
