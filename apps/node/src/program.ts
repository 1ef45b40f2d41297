import { Command, type CommanderError } from 'commander'
import { addDiscv4Commands, type Discv4Commands } from './discv4-commands.ts'
import type { ExportRange } from './export.ts'
import { addImportOptions, type ImportCommandOptions } from './options/common.ts'
import { addDevnetOptions, type DevnetOptions } from './options/devnet-options.ts'
import { addExportOptions, type ExportCommandOptions } from './options/export-options.ts'
import { integer } from './options/parsers.ts'
import { type AttachOptions, addAttachOptions, addPeersOptions, type PeersOptions } from './options/peers-options.ts'
import { addRunOptions, type RunOptions } from './options/run-options.ts'
import { addToolCommands, type ToolCommands } from './tools/tool-commands.ts'
import { packageVersion } from './version.ts'

/** What the commands do. */
export interface Commands {
  run(options: RunOptions): Promise<number>
  import(file: string, options: ImportCommandOptions): Promise<number>
  export(file: string, range: ExportRange, options: ExportCommandOptions): Promise<number>
  peers(options: PeersOptions): Promise<number>
  addPeer(node: string, options: AttachOptions): Promise<number>
  removePeer(node: string, options: AttachOptions): Promise<number>
  devnet(options: DevnetOptions): Promise<number>
  readonly discv4: Discv4Commands
  readonly tools: ToolCommands
}

const runHelp = `
Public networks (--mainnet, --sepolia, --hoodi) need --head 0x… to sync: after the merge a peer's word is not proof of
anything. Take the hash from a source that you trust, such as your own consensus client.

Flags of geth for what this node does not do, such as --syncmode and --cache, are taken and named in a warning.
DEBUG=ethwire:* in the environment has all parts write their debug lines; the README lists the parts.

Example:
  ethwire run --genesis genesis.json --networkid 1337 --staticnodes enode://…@127.0.0.1:30303 --receipts --http
`

const importHelp = `
FILE holds blocks in RLP one after the other, as geth's "export" writes them; it may be gzipped. Headers are checked
by the rules after the merge and bodies against their roots. Nothing is executed: no state and no receipts come of it.
Blocks that are there already are skipped.
`

const exportHelp = `
FILE gets the blocks in RLP one after the other, as geth's "export" writes them, gzipped if its name ends with .gz; geth
and "ethwire import" read it. It is there when it is whole, and a file of that name is kept unless you say --force.
The node must not be running: the store is one process's at a time.
`

const attachHelp = `
These commands talk to a running node through its socket, ethwire.ipc in its data directory.
`

const devnetHelp = `
The nodes run on 127.0.0.1, each a process with its own key, TCP port and LevelDB. The first holds a sample chain, the
others find its head and sync it. Nothing leaves this machine, and the data is removed at the end.
`

/** The command line. What an action returns is the exit code; mistakes are thrown as CommanderError. */
export function createProgram(commands: Commands, exit: (code: number) => void): Command {
  const program = new Command('ethwire')
    .description(
      "An Ethereum networking node: devp2p, the eth protocol, a synchroniser. It verifies and serves chains; it doesn't execute.",
    )
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(ethwire --help lists the commands and options)')
    .configureOutput({ outputError: (text, write) => write(text) })

  addRunOptions(program.command('run').description('run a node').addHelpText('after', runHelp))
    .showHelpAfterError('(ethwire run --help lists the options)')
    .action(async (options: RunOptions) => exit(await commands.run(options)))

  addImportOptions(
    program
      .command('import')
      .description('import a chain from a file')
      .argument('<file>', "geth's chain.rlp, or chain.rlp.gz"),
  )
    .addHelpText('after', importHelp)
    .showHelpAfterError('(ethwire import --help lists the options)')
    .action(async (file: string, options: ImportCommandOptions) => exit(await commands.import(file, options)))

  const blockNumber = integer(0, Number.MAX_SAFE_INTEGER)
  addExportOptions(
    program
      .command('export')
      .description('export the chain to a file')
      .argument('<file>', 'chain.rlp, or chain.rlp.gz')
      .argument('[first]', 'number of the first block (default: the first that is there, the genesis)', blockNumber)
      .argument('[last]', 'number of the last block (default: the head)', blockNumber),
  )
    .addHelpText('after', exportHelp)
    .showHelpAfterError('(ethwire export --help lists the options)')
    .action(async (file: string, first: number | undefined, last: number | undefined, options: ExportCommandOptions) =>
      exit(await commands.export(file, { first, last }, options)),
    )

  addPeersOptions(program.command('peers').description('list the peers of a running node'))
    .addHelpText('after', attachHelp)
    .showHelpAfterError('(ethwire peers --help lists the options)')
    .action(async (options: PeersOptions) => exit(await commands.peers(options)))

  addAttachOptions(program.command('add-peer').description('make a running node connect to a node, and stay connected'))
    .argument('<node>', 'enode:// URL or enr: record')
    .addHelpText('after', attachHelp)
    .showHelpAfterError('(ethwire add-peer --help lists the options)')
    .action(async (node: string, options: AttachOptions) => exit(await commands.addPeer(node, options)))

  addAttachOptions(program.command('remove-peer').description('make a running node part with a node'))
    .argument('<node>', 'enode:// URL or enr: record')
    .addHelpText('after', attachHelp)
    .showHelpAfterError('(ethwire remove-peer --help lists the options)')
    .action(async (node: string, options: AttachOptions) => exit(await commands.removePeer(node, options)))

  addDevnetOptions(program.command('devnet').description('run a network of nodes on this machine and watch it sync'))
    .addHelpText('after', devnetHelp)
    .showHelpAfterError('(ethwire devnet --help lists the options)')
    .action(async (options: DevnetOptions) => exit(await commands.devnet(options)))

  addDiscv4Commands(program, commands.discv4, exit)
  addToolCommands(program, commands.tools, exit)

  return program
}

/** The exit code for what parsing threw: help and version are no mistakes. */
export function exitCodeOf(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2
}
