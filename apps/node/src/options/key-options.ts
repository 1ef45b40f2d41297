import type { Command } from 'commander'
import { addEndpointOptions, type EndpointOptions } from './endpoint-options.ts'

/** The options of `ethwire key generate`. */
export interface KeyGenerateOptions {
  readonly force?: true
  readonly json?: true
}

/** The options of `ethwire key to-id`. */
export interface KeyIdOptions {
  readonly json?: true
}

/** The options of `ethwire key to-enode` and `ethwire key to-enr`. */
export interface KeyNodeOptions extends EndpointOptions {
  readonly json?: true
}

export function addKeyGenerateOptions(command: Command): Command {
  return addKeyIdOptions(command).option('--force', 'replace a file that is there')
}

export function addKeyIdOptions(command: Command): Command {
  return command.option('--json', 'the same as JSON')
}

/** geth's defaults. */
export function addKeyNodeOptions(command: Command): Command {
  return addKeyIdOptions(addEndpointOptions(command, { ip: '127.0.0.1', tcp: 30303, udp: 30303 }))
}
