import { pureCrypto } from '@ethwire/crypto'
import { loadNativeCrypto } from '@ethwire/crypto-native'
import { createDiscv4, type Discv4 } from '@ethwire/discv4'
import { createLocalNode } from '@ethwire/enr'
import { bindDatagram, nodeClock, nodeRandom } from '@ethwire/io/node'

/** Nodes of discovery v4 in this process, each with a socket at an address of its own. */
export interface OurNodes extends AsyncDisposable {
  readonly nodes: readonly Discv4[]
  /** The first, which the others were told of unless they were told of somebody else. */
  readonly enode: string
}

/**
 * Starts so many nodes of ours at 127.0.0.1, 127.0.0.2, … of the /24 `127.0.NET`, each told of the bootnode alone, by
 * default the first of them.
 */
export async function startOurNodes(count: number, net: number, bootnode?: string): Promise<OurNodes> {
  const crypto = loadNativeCrypto().crypto ?? pureCrypto
  const nodes: Discv4[] = [] // bounded: count
  const sockets: { close(): Promise<void> }[] = [] // bounded: count
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()))
    await Promise.all(sockets.map((socket) => socket.close()))
  }
  try {
    for (let index = 0; index < count; index++) {
      const privateKey = nodeRandom.bytes(32)
      const localNode = await createLocalNode({ privateKey, clock: nodeClock, crypto })
      const socket = await bindDatagram({ ip: `127.0.${net}.${index + 1}`, port: 0 })
      sockets.push(socket)
      localNode.setFallbackIp(socket.local.ip)
      localNode.setFallbackUdp(socket.local.port)
      const known = bootnode ?? nodes[0]?.localNode.enode
      const bootnodes = known === undefined ? [] : [known]
      nodes.push(await createDiscv4({ privateKey, localNode, socket, bootnodes, crypto }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { nodes, enode: nodes[0]!.localNode.enode, [Symbol.asyncDispose]: close }
}
