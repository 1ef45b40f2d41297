import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { NodeError } from '../errors.ts'
import { integer, networkId, notEmpty } from './parsers.ts'

/** What every command has. */
interface CommonOptions {
  readonly verbosity: number
}

/** What commands have that work on a chain in a data directory. */
export interface ChainOptions extends CommonOptions {
  /** A path, or `memory`. */
  readonly datadir: string
  readonly genesis?: string
  readonly mainnet?: true
  readonly sepolia?: true
  readonly hoodi?: true
}

/** The options of `ethwire import`. */
export interface ImportCommandOptions extends ChainOptions {
  readonly networkid?: bigint
}

/** A public network's name, or a genesis file. */
export type NetworkChoice = { readonly name: 'mainnet' | 'sepolia' | 'hoodi' } | { readonly genesisFile: string }

export const defaultDatadir: string = join(homedir(), '.ethwire')

export function addCommonOptions(command: Command): Command {
  return command.addOption(
    new Option('--verbosity <level>', '0 silent, 1 error, 2 warn, 3 info, 4 debug, 5 trace')
      .argParser(integer(0, 5))
      .default(3),
  )
}

export function addChainOptions(command: Command): Command {
  return command
    .option(
      '--datadir <dir>',
      'where the node key and the chain are kept; "memory" keeps nothing',
      notEmpty,
      defaultDatadir,
    )
    .option('--genesis <file>', "a private network: its genesis.json, in geth's format", notEmpty)
    .option('--mainnet', 'Ethereum mainnet (default without --genesis)')
    .option('--sepolia', 'the test network Sepolia')
    .option('--hoodi', 'the test network Hoodi')
}

/** A file of blocks has no network: the ID is taken so that the flags of `run` can be used again, as with geth. */
export function addImportOptions(command: Command): Command {
  addChainOptions(command).addOption(
    new Option('--networkid <id>', 'accepted as in geth; an import does not depend on it').argParser(networkId),
  )
  return addCommonOptions(command)
}

/** @throws NodeError `NODE_USAGE` if there is more than one network */
export function networkChoice(options: ChainOptions): NetworkChoice {
  const names = (['mainnet', 'sepolia', 'hoodi'] as const).filter((name) => options[name] === true)
  const { genesis } = options
  const chosen = [...names.map((name) => `--${name}`), ...(genesis === undefined ? [] : ['--genesis'])]
  if (chosen.length > 1) throw new NodeError('NODE_USAGE', `options ${chosen.join(' and ')} are mutually exclusive`)
  return genesis === undefined ? { name: names[0] ?? 'mainnet' } : { genesisFile: genesis }
}

/** Undefined for a node that keeps nothing. */
export function datadirOf(options: ChainOptions): string | undefined {
  return options.datadir === 'memory' ? undefined : options.datadir
}
