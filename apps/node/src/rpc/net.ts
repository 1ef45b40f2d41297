import { hexQuantity } from './hex.ts'
import { type RpcNamespace, taking } from './methods.ts'

export interface NetOptions {
  readonly networkId: bigint
  readonly listening: boolean
  peerCount(): number
}

/** The `net` namespace. */
export function netNamespace({ networkId, listening, peerCount }: NetOptions): RpcNamespace {
  return {
    version: taking(0, () => networkId.toString()),
    listening: taking(0, () => listening),
    peerCount: taking(0, () => hexQuantity(peerCount())),
  }
}
