import { reasonOf } from '../errors.ts'
import { expectArgument, type RpcMethod, type RpcNamespace, taking } from './methods.ts'
import { rpcError } from './rpc-error.ts'

/** The running server as this namespace needs it; what it tells of itself and its peers has geth's shape already. */
export interface AdminServer {
  nodeInfo(): object
  peers(): readonly { info(): object; readonly id: string }[]
  /** @throws TypeError for what is no node's address */
  addPeer(node: string): void
  removePeer(node: string): boolean
  /** @throws TypeError for what is no node's address */
  addTrustedPeer(node: string): void
  removeTrustedPeer(node: string): boolean
}

/** Whom to have nothing to do with. */
export interface AdminBans {
  /** @throws Error for what is no node's address */
  ban(node: string): void
  /** @throws Error for what is no node's address */
  unban(node: string): void
}

/** The `admin` namespace: geth's, and reth's bans. */
export function adminNamespace(server: AdminServer, bans: AdminBans): RpcNamespace {
  return {
    nodeInfo: taking(0, () => server.nodeInfo()),
    peers: taking(0, () =>
      server
        .peers()
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((peer) => peer.info()),
    ),
    addPeer: withNode((node) => server.addPeer(node)),
    removePeer: withNode((node) => server.removePeer(node)),
    addTrustedPeer: withNode((node) => server.addTrustedPeer(node)),
    removeTrustedPeer: withNode((node) => server.removeTrustedPeer(node)),
    banPeer: withNode((node) => bans.ban(node)),
    unbanPeer: withNode((node) => bans.unban(node)),
  }
}

/** More than the longest record or URL. */
const maxAddressLength = 1024

/** A method that does something with a node, and says true whatever came of it, as geth's do. */
function withNode(step: (node: string) => void): RpcMethod {
  return taking(1, ([node]) => {
    expectArgument(node, 0)
    if (typeof node !== 'string' || node.length > maxAddressLength) {
      throw rpcError('params', 'invalid argument 0: expected an enode URL or a node record')
    }
    try {
      step(node)
    } catch (error) {
      throw rpcError('failed', `invalid enode: ${reasonOf(error)}`)
    }
    return true
  })
}
