import type { Command } from 'commander'

/** The options of `ethwire nodeset info` and `ethwire nodeset filter`. */
export interface NodesetOptions {
  readonly json?: true
}

export function addNodesetInfoOptions(command: Command): Command {
  return command.option('--json', 'the same as JSON')
}

/** Filters stand behind the file, with one dash as in geth: commander leaves them alone. */
export function addNodesetFilterOptions(command: Command): Command {
  return command
    .argument('[filters...]', 'what a node has to be to stay')
    .allowUnknownOption()
    .option('--json', 'the output is JSON in any case')
}
