import { type NatMapper, parseNat } from '@ethwire/nat'
import { type Netlist, parseIp, parseNetlist } from '@ethwire/netutil'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { reasonOf } from '../errors.ts'
import { commaList, goBoolean, recordPort } from './parsers.ts'

/** The options of `ethwire run` that say how nodes are found, and which. */
export interface DiscoveryOptions {
  /** The port of TCP where it is absent. */
  readonly 'discovery.port'?: number
  readonly 'discovery.v4': boolean
  readonly 'discovery.v5'?: boolean
  /** Always empty. */
  readonly 'discovery.dns'?: ''
  /** Absent: those of the network. */
  readonly bootnodes?: readonly string[]
  readonly nodiscover?: true
  /** `all` is no restriction. */
  readonly netrestrict?: Netlist | 'all'
  /** `automatic` asks for what this version has not. */
  readonly nat: NatMapper | 'none' | 'automatic'
  /** A time server, or `none`; absent: what suits the network. */
  readonly ntp?: TimeServer | 'none'
}

/** A name or an address, and a port where it is not SNTP's. */
export interface TimeServer {
  readonly host: string
  readonly port?: number
}

export function addDiscoveryOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--discovery.port <port>',
        'UDP port of node discovery (default: the number of the TCP port)',
      ).argParser(recordPort),
    )
    .addOption(
      new Option('--discovery.v4 [enabled]', 'node discovery v4; --discovery.v4=false turns it off')
        .argParser(boolean)
        .preset('true')
        .default(true),
    )
    .addOption(
      new Option('--discovery.v5 [enabled]', 'node discovery v5, which is not in this version')
        .argParser(boolean)
        .preset('true'),
    )
    .addOption(
      new Option(
        '--discovery.dns <url>',
        'lists of nodes in DNS, which are not in this version: only "" is taken',
      ).argParser(noDns),
    )
    .addOption(
      new Option(
        '--bootnodes <nodes>',
        'nodes to begin with: enode:// URLs or enr: records, comma-separated; "" for none (default: those of the public network, none on a private one)',
      ).argParser(commaList),
    )
    .option('--nodiscover', 'no node discovery: static nodes are dialled, and who dials is taken')
    .addOption(
      new Option(
        '--netrestrict <networks>',
        'have to do with nodes of these networks alone: CIDR masks, comma-separated',
      ).argParser(explained(netlist)),
    )
    .addOption(
      new Option(
        '--nat <how>',
        "how others reach this node: none, or extip:<IP> for an address that you know; any, geth's default, is taken as none",
      )
        .argParser(explained(natChoice))
        .default('none'),
    )
    .addOption(
      new Option(
        '--ntp <host>',
        'the time server that is asked once nobody answers, which a wrong clock causes, as host or host:port; "none" for none (default: pool.ntp.org on a public network, else none)',
      ).argParser(timeServer),
    )
}

/** Undefined where all networks will do. */
export function netRestriction({ netrestrict }: Pick<DiscoveryOptions, 'netrestrict'>): Netlist | undefined {
  return netrestrict === 'all' ? undefined : netrestrict
}

function noDns(text: string): '' {
  if (text !== '')
    throw new InvalidArgumentError('Lists of nodes in DNS are not in this version; use "" and --bootnodes.')
  return text
}

function boolean(text: string): boolean {
  const value = goBoolean(text)
  if (value === undefined) throw new InvalidArgumentError('Expected true or false.')
  return value
}

/** Of nothing, as geth: no restriction, and not one that nobody fulfils. */
function netlist(text: string): Netlist | 'all' {
  return commaList(text).length === 0 ? 'all' : parseNetlist(text)
}

/** geth's default, which does without where no router maps ports. */
const automaticNat = /^(any|auto|on)$/i

function natChoice(text: string): DiscoveryOptions['nat'] {
  return automaticNat.test(text) ? 'automatic' : (parseNat(text) ?? 'none')
}

function timeServer(text: string): TimeServer | 'none' {
  if (text === 'none' || text === '') return 'none'
  const [, bracketed, name, port] = /^(?:\[([0-9a-f:.]{2,45})\]|([\w.-]{1,253}))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? name ?? parseIp(text)?.text
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('Expected a host name or an address, with :port if it is not 123, or "none".')
  }
  return port === undefined ? { host } : { host, port: Number(port) }
}

/** A parser whose errors are the user's. */
function explained<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw new InvalidArgumentError(reasonOf(error))
    }
  }
}
