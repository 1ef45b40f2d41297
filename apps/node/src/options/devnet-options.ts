import { type Command, Option } from 'commander'
import { integer } from './parsers.ts'

/** The options of `ethwire devnet`, by the names that commander gives them. */
export interface DevnetOptions {
  readonly nodes: number
  readonly exitWhenSynced?: true
  readonly timeout: number
  readonly keep?: true
  readonly verbosity: number
}

export function addDevnetOptions(command: Command): Command {
  return command
    .addOption(new Option('--nodes <n>', 'how many nodes').argParser(integer(2, 32)).default(4))
    .option('--exit-when-synced', 'end with code 0 as soon as all nodes are at the head')
    .addOption(
      new Option('--timeout <seconds>', 'with --exit-when-synced: how long to wait before failing')
        .argParser(integer(1, 86_400))
        .default(120),
    )
    .option('--keep', "keep the nodes' data directories and logs")
    .addOption(
      new Option('--verbosity <level>', "of the nodes' logs, which are kept in their data directories")
        .argParser(integer(0, 5))
        .default(3),
    )
}
