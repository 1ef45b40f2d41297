import { type Command, InvalidArgumentError, Option } from 'commander'
import { addEndpointOptions, type EndpointOptions, ipAddress } from './endpoint-options.ts'
import { integer } from './parsers.ts'

/** The options of `ethwire enr decode`. */
export interface EnrDecodeOptions {
  readonly file?: string
  readonly json?: true
}

/** The options of `ethwire enr encode`. */
export interface EnrEncodeOptions extends Partial<EndpointOptions> {
  readonly seq: bigint
  readonly ip6?: string
  readonly tcp6?: number
  readonly udp6?: number
  readonly entry: readonly RawEntry[]
  readonly json?: true
}

/** A key, and its value as RLP. */
export interface RawEntry {
  readonly key: string
  readonly value: Uint8Array
}

export function addEnrDecodeOptions(command: Command): Command {
  return command
    .option('--file <file>', 'read the record from a file; "-" is standard input')
    .option('--json', 'the same as JSON')
}

export function addEnrEncodeOptions(command: Command): Command {
  command.addOption(new Option('--seq <number>', 'sequence number').argParser(sequenceNumber).default(1n, '1'))
  addEndpointOptions(command, {})
  return command
    .addOption(new Option('--ip6 <address>', 'IPv6 address').argParser(ipAddress))
    .addOption(new Option('--tcp6 <port>', 'TCP port for IPv6').argParser(integer(0, 65535)))
    .addOption(new Option('--udp6 <port>', 'UDP port for IPv6').argParser(integer(0, 65535)))
    .addOption(
      new Option('--entry <key=rlp>', 'a further entry, its value as RLP in hex; may be given again')
        .argParser((text: string, before: readonly RawEntry[]) => [...before, rawEntry(text)])
        .default([], 'none'),
    )
    .option('--json', 'the record and all that is in it, as JSON')
}

function sequenceNumber(text: string): bigint {
  const seq = /^\d{1,20}$/.test(text) ? BigInt(text) : undefined
  if (seq === undefined || seq >= 1n << 64n) throw new InvalidArgumentError('Expected a whole number of up to 64 bits.')
  return seq
}

function rawEntry(text: string): RawEntry {
  const [, key, digits] = /^([\x21-\x3c\x3e-\x7e]{1,32})=(?:0x)?((?:[0-9a-f]{2}){1,300})$/i.exec(text) ?? []
  if (key === undefined || digits === undefined)
    throw new InvalidArgumentError('Expected KEY=HEX, such as snap=c0, the value in RLP.')
  return { key, value: Uint8Array.from(Buffer.from(digits, 'hex')) }
}
