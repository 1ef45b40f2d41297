import type { SocketEndpoint } from '@ethwire/io'
import { type IpAddress, parseIp } from '@ethwire/netutil'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addCommonOptions } from './common.ts'
import { goDuration } from './duration.ts'
import { commaList, integer, requireRecordPort } from './parsers.ts'
import { type AttachOptions, addAttachOptions } from './peers-options.ts'

/** What the tools of node discovery have in common, by geth's names. */
export interface Discv4ToolOptions {
  /** Absent: nobody has said whom to begin with. */
  readonly bootnodes?: readonly string[]
  readonly mainnet?: true
  readonly sepolia?: true
  readonly hoodi?: true
  /** 64 hex digits. */
  readonly nodekey?: string
  readonly nodedb?: string
  readonly addr?: SocketEndpoint
  readonly extaddr?: ExternalAddress
  readonly json?: true
  readonly verbosity: number
}

/** Where the record says that the node is. */
interface ExternalAddress {
  readonly ips: readonly IpAddress[]
  readonly udpPort: number | undefined
}

/** The options of `ethwire discv4 crawl`. */
export interface CrawlOptions extends Discv4ToolOptions {
  /** In milliseconds; 0 for ever. */
  readonly timeout: number
  readonly parallel: number
}

/** The options of `ethwire discv4 listen`. */
export interface ListenOptions extends Discv4ToolOptions {
  readonly rpc?: SocketEndpoint
}

/** The options of `ethwire discv4 explain`. */
export interface ExplainOptions extends AttachOptions {
  readonly json?: true
}

export function addDiscv4Options(command: Command): Command {
  command
    .addOption(
      new Option(
        '--bootnodes <nodes>',
        'nodes to begin with: enode:// URLs or enr: records, comma-separated; "" for none',
      ).argParser(commaList),
    )
    .option('--mainnet', 'begin with the bootnodes of Ethereum mainnet')
    .option('--sepolia', 'begin with those of the test network Sepolia')
    .option('--hoodi', 'begin with those of the test network Hoodi')
    .addOption(
      new Option('--nodekey <hex>', 'the node key as 64 hex digits (default: a new one)').argParser(privateKeyHex),
    )
    .option('--nodedb <dir>', 'where what is known of nodes is kept (default: nowhere)')
    .addOption(
      new Option('--addr <ip:port>', 'where to listen (default: all addresses, a free port)').argParser(listenAddress),
    )
    .addOption(
      new Option(
        '--extaddr <ip[:port]>',
        'where others reach this node; an IPv4 and an IPv6 address may be given, separated by a comma',
      ).argParser(externalAddress),
    )
    .option('--json', 'print the outcome as JSON')
  return addCommonOptions(command)
}

export function addCrawlOptions(command: Command): Command {
  return addDiscv4Options(command)
    .addOption(
      new Option(
        '--timeout <time>',
        'how long to crawl: 30m, 90s; 0 for as long as you like; the input is done in any case',
      )
        .argParser(goDuration)
        .default(30 * 60_000, '30m'),
    )
    .addOption(new Option('--parallel <n>', 'how many nodes to ask at a time').argParser(integer(1, 1000)).default(16))
}

export function addListenOptions(command: Command): Command {
  return addDiscv4Options(command).addOption(
    new Option('--rpc <ip:port>', 'serve JSON-RPC over HTTP here (discv4_self, discv4_buckets, …)').argParser(
      rpcAddress,
    ),
  )
}

export function addExplainOptions(command: Command): Command {
  return addAttachOptions(command).option('--json', 'all that discv4_explain tells, as JSON')
}

function privateKeyHex(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('Expected 64 hex digits.')
  return text
}

/** `IP:PORT`, `[IPv6]:PORT`; undefined for anything else. */
function endpoint(text: string): SocketEndpoint | undefined {
  const [, inBrackets, bare, digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  const ip = parseIp(inBrackets ?? bare ?? '')
  const port = Number(digits)
  const isBracketed = inBrackets !== undefined
  return ip === undefined || isBracketed !== (ip.family === 6) || port > 65_535 ? undefined : { ip: ip.text, port }
}

/** Without an address: all. */
function listenAddress(text: string): SocketEndpoint {
  const found = endpoint(text.startsWith(':') ? `[::]${text}` : text)
  if (found === undefined) throw new InvalidArgumentError('Expected IP:PORT, [IPv6]:PORT or :PORT.')
  requireRecordPort(found.port)
  return found
}

/** Without an address: this machine alone, unlike in geth. */
function rpcAddress(text: string): SocketEndpoint {
  const found = endpoint(text.startsWith(':') ? `127.0.0.1${text}` : text)
  if (found === undefined) throw new InvalidArgumentError('Expected IP:PORT, [IPv6]:PORT or :PORT.')
  return found
}

function externalAddress(text: string): ExternalAddress {
  const ips: IpAddress[] = []
  let udpPort: number | undefined
  for (const item of commaList(text)) {
    const at = endpoint(item)
    const ip = parseIp(at?.ip ?? item)
    if (ip === undefined) throw new InvalidArgumentError(`Expected an IP address, or IP:PORT, got "${item}".`)
    if (ips.some(({ family }) => family === ip.family)) {
      throw new InvalidArgumentError('Expected one IPv4 and one IPv6 address at most.')
    }
    ips.push(ip)
    if (at === undefined || at.port === 0) continue
    if (udpPort !== undefined && udpPort !== at.port) {
      throw new InvalidArgumentError('Expected the same port for both addresses: there is one socket.')
    }
    udpPort = at.port
  }
  if (ips.length === 0) throw new InvalidArgumentError('Expected an IP address.')
  return { ips, udpPort }
}
