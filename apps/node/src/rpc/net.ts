import { hexQuantity } from './hex.ts'
import type { RpcNamespace } from './methods.ts'

export interface NetOptions {
  readonly networkId: bigint
  readonly listening: boolean
  peerCount(): number
}

/** The `net` namespace. */
export function netNamespace({ networkId, listening, peerCount }: NetOptions): RpcNamespace {
  return {
    version: () => networkId.toString(),
    listening: () => listening,
    peerCount: () => hexQuantity(peerCount()),
  }
}
