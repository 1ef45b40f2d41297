import { type Command, Option } from 'commander'
import { addChainOptions, addCommonOptions, type ChainOptions } from './common.ts'
import { addDiscoveryOptions, type DiscoveryOptions } from './discovery-options.ts'
import { atLeastOne, choices, commaList, headChoice, identity, integer, networkId } from './parsers.ts'

const ethVersions = ['69', '70'] as const
export const rpcApis = ['admin', 'discv4', 'eth', 'net', 'web3'] as const
export type RpcApi = (typeof rpcApis)[number]

/** The options of `ethwire run`, by their names on the command line. */
export interface RunOptions extends ChainOptions, DiscoveryOptions {
  readonly networkid?: bigint
  readonly port: number
  /** The interface to listen on, for RLPx. */
  readonly addr: string
  readonly nodekey?: string
  readonly nodekeyhex?: string
  readonly staticnodes: readonly string[]
  readonly maxpeers: number
  readonly identity?: string
  readonly head?: Uint8Array | 'peers'
  readonly receipts?: true
  readonly 'eth.versions': readonly (typeof ethVersions)[number][]
  readonly http?: true
  readonly 'http.addr': string
  readonly 'http.port': number
  readonly 'http.api': readonly RpcApi[]
  readonly 'http.vhosts': readonly string[]
  readonly ipcpath?: string
  readonly ipcdisable?: true
  readonly metrics?: true
  readonly 'metrics.addr': string
  readonly 'metrics.port': number
}

const port = integer(0, 65_535)

export function addRunOptions(command: Command): Command {
  addChainOptions(command)
    .addOption(
      new Option(
        '--networkid <id>',
        "the network ID (default: the public network's, else the genesis' chain ID)",
      ).argParser(networkId),
    )
    .addOption(new Option('--port <port>', 'TCP port for peers; 0 takes a free one').argParser(port).default(30_303))
    .option('--addr <ip>', 'the address to listen on for peers (not a flag of geth)', '0.0.0.0')
    .option('--nodekey <file>', 'file with the node key (default: nodekey in the data directory, made if missing)')
    .option('--nodekeyhex <hex>', 'the node key as hex, for testing')
    .addOption(
      new Option('--staticnodes <nodes>', 'peers to stay connected to: enode:// URLs or enr: records, comma-separated')
        .argParser(commaList)
        .default([], 'none'),
    )
    .addOption(new Option('--maxpeers <n>', 'how many peers at most').argParser(integer(0, 10_000)).default(50))
    .addOption(new Option('--identity <name>', "a name of one's own in the client name").argParser(identity))
    .addOption(
      new Option(
        '--head <head>',
        'what to sync to: a block hash that you trust, or "peers", the best block that they announce (default: "peers" on a private network, nothing on a public one)',
      ).argParser(headChoice),
    )
    .option('--receipts', 'download receipts too, of the blocks that are synced from now on')
    .addOption(
      new Option('--eth.versions <versions>', 'versions of the eth protocol to offer')
        .argParser(atLeastOne(choices(ethVersions)))
        .default([...ethVersions], '69,70'),
    )
    .option('--http', 'serve JSON-RPC over HTTP')
    .option('--http.addr <ip>', 'the address to serve it on', '127.0.0.1')
    .addOption(new Option('--http.port <port>', 'its port; 0 takes a free one').argParser(port).default(8545))
    .addOption(
      new Option('--http.api <apis>', 'namespaces to serve: admin, discv4, eth, net, web3')
        .argParser(choices(rpcApis))
        .default(['eth', 'net', 'web3'], 'eth,net,web3'),
    )
    .addOption(
      new Option('--http.vhosts <names>', 'host names that requests may name; "*" for all')
        .argParser(commaList)
        .default(['localhost'], 'localhost'),
    )
    .option(
      '--ipcpath <path>',
      'the socket with all of JSON-RPC; a bare name is in the data directory (default: ethwire.ipc there)',
    )
    .option('--ipcdisable', 'no such socket')
    .option('--metrics', 'serve metrics to Prometheus, at /debug/metrics/prometheus')
    .option('--metrics.addr <ip>', 'the address to serve them on', '127.0.0.1')
    .addOption(new Option('--metrics.port <port>', 'its port; 0 takes a free one').argParser(port).default(6060))
  addDiscoveryOptions(command)
  return addCommonOptions(command)
}
