import { parseIp } from '@ethwire/netutil'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { integer } from './parsers.ts'

/** Where a node is said to be, by the names of geth's `devp2p key`. */
export interface EndpointOptions {
  /** In canonical form; empty for none. */
  readonly ip: string
  /** 0 for none. */
  readonly tcp: number
  readonly udp: number
}

export function addEndpointOptions(command: Command, defaults: Partial<EndpointOptions>): Command {
  return command
    .addOption(
      withDefault(
        new Option('--ip <address>', 'IP address of the node; "" for none').argParser(ipAddress),
        defaults.ip,
      ),
    )
    .addOption(
      withDefault(new Option('--tcp <port>', 'TCP port of the node').argParser(integer(0, 65535)), defaults.tcp),
    )
    .addOption(
      withDefault(new Option('--udp <port>', 'UDP port of the node').argParser(integer(0, 65535)), defaults.udp),
    )
}

function withDefault(option: Option, value: string | number | undefined): Option {
  return value === undefined ? option : option.default(value)
}

/** For commander: an address in canonical form, or none. */
export function ipAddress(text: string): string {
  if (text === '') return text
  const address = parseIp(text)
  if (address === undefined) throw new InvalidArgumentError('Expected an IP address.')
  return address.text
}
