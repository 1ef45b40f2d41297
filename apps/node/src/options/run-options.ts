import { type Command, Option } from 'commander'
import { addChainOptions, addCommonOptions, type ChainOptions } from './common.ts'
import { addDiscoveryOptions, type DiscoveryOptions } from './discovery-options.ts'
import { addIgnoredGethFlags } from './geth-flags.ts'
import {
  atLeastOne,
  choices,
  commaList,
  headChoice,
  identity,
  integer,
  ipAddress,
  networkId,
  notEmpty,
  recordPort,
} from './parsers.ts'
import { addPeeringOptions, type PeeringOptions } from './peering-options.ts'
import { addRpcOptions, type RpcOptions } from './rpc-options.ts'

const ethVersions = ['69', '70'] as const

/** The options of `ethwire run`, by their names on the command line. */
export interface RunOptions extends ChainOptions, DiscoveryOptions, PeeringOptions, RpcOptions {
  readonly networkid?: bigint
  readonly port: number
  /** The interface to listen on, for RLPx. */
  readonly addr: string
  readonly nodekey?: string
  readonly nodekeyhex?: string
  readonly staticnodes: readonly string[]
  readonly trustednodes: readonly string[]
  readonly maxpeers: number
  readonly maxpendpeers: number
  /** Whether messages are events too. */
  readonly msgevents?: true
  readonly identity?: string
  readonly head?: Uint8Array | 'peers'
  readonly receipts?: true
  readonly 'eth.versions': readonly (typeof ethVersions)[number][]
  readonly metrics?: true
  readonly 'metrics.addr': string
  readonly 'metrics.port': number
}

export function addRunOptions(command: Command): Command {
  addChainOptions(command)
    .addOption(
      new Option(
        '--networkid <id>',
        "the network ID (default: the public network's, else the genesis' chain ID)",
      ).argParser(networkId),
    )
    .addOption(
      new Option('--port <port>', 'TCP port for peers; 0 takes a free one').argParser(recordPort).default(30_303),
    )
    .option('--addr <ip>', 'the address to listen on for peers (not a flag of geth)', ipAddress, '0.0.0.0')
    .option(
      '--nodekey <file>',
      'file with the node key (default: nodekey in the data directory, made if missing)',
      notEmpty,
    )
    .option('--nodekeyhex <hex>', 'the node key as hex, for testing')
    .addOption(
      new Option('--staticnodes <nodes>', 'peers to stay connected to: enode:// URLs or enr: records, comma-separated')
        .argParser(commaList)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--trustednodes <nodes>',
        'peers that are let in over every limit, as of --staticnodes; they are not dialled for that (not a flag of geth)',
      )
        .argParser(commaList)
        .default([], 'none'),
    )
    .addOption(new Option('--maxpeers <n>', 'how many peers at most').argParser(integer(0, 10_000)).default(50))
    .addOption(
      new Option('--maxpendpeers <n>', 'how many connections may be in their handshake at once; 0 for 50')
        .argParser(integer(0, 10_000))
        .default(0),
    )
    .option('--msgevents', "messages with peers are events of admin_peerEvents too (in geth's file: EnableMsgEvents)")
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
    .option('--metrics', 'serve metrics to Prometheus, at /debug/metrics/prometheus')
    .option('--metrics.addr <ip>', 'the address to serve them on', notEmpty, '127.0.0.1')
    .addOption(
      new Option('--metrics.port <port>', 'its port; 0 takes a free one').argParser(integer(0, 65_535)).default(6060),
    )
  addDiscoveryOptions(command)
  addPeeringOptions(command)
  addRpcOptions(command)
  addIgnoredGethFlags(command)
  return addCommonOptions(command)
}
