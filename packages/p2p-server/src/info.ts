/** A peer in the shape of geth's `admin_peers`. */
export interface PeerInfo {
  readonly enr?: string
  readonly enode: string
  readonly id: string
  readonly name: string
  readonly caps: readonly string[]
  readonly network: {
    readonly localAddress: string
    readonly remoteAddress: string
    readonly inbound: boolean
    readonly trusted: boolean
    readonly static: boolean
  }
  readonly protocols: Readonly<Record<string, unknown>>
}

/** The local node in the shape of geth's `admin_nodeInfo`. */
export interface NodeInfo {
  readonly id: string
  readonly name: string
  readonly enode: string
  readonly enr: string
  readonly ip: string
  readonly ports: { readonly discovery: number; readonly listener: number }
  readonly listenAddr: string
  readonly protocols: Readonly<Record<string, unknown>>
}
