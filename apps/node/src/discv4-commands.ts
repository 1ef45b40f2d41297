import type { Command } from 'commander'
import {
  addCrawlOptions,
  addDiscv4Options,
  addExplainOptions,
  addListenOptions,
  type CrawlOptions,
  type Discv4ToolOptions,
  type ExplainOptions,
  type ListenOptions,
} from './options/discv4-options.ts'

/** What the commands of the group `discv4` do; each returns its exit code. */
export interface Discv4Commands {
  ping(node: string, options: Discv4ToolOptions): Promise<number>
  requestEnr(node: string, options: Discv4ToolOptions): Promise<number>
  resolve(node: string, options: Discv4ToolOptions): Promise<number>
  lookup(target: string | undefined, options: Discv4ToolOptions): Promise<number>
  crawl(file: string, options: CrawlOptions): Promise<number>
  listen(options: ListenOptions): Promise<number>
  explain(node: string, options: ExplainOptions): Promise<number>
}

const groupHelp = `
The commands and their flags are those of geth's "devp2p discv4". None of them contacts a public network on its own, as
geth's do: say --bootnodes enode://…, or --mainnet, --sepolia or --hoodi, where the network has to be found.
`

const askHelp = `
It speaks with this one node. No bootnodes are needed.
`

const resolveHelp = `
The node is asked for its record where it is said to be. If it is not there, a lookup finds out where it is now, which
needs nodes to begin with: --bootnodes, --mainnet, --sepolia or --hoodi.
`

const lookupHelp = `
TARGET is a public key of 128 hex digits, or a node (enode:// or enr:) whose neighbours are wanted; without one it is
random. It needs nodes to begin with: --bootnodes, --mainnet, --sepolia or --hoodi.
`

const crawlHelp = `
FILE is geth's nodes.json. Each node in it is asked for its record, and so are those that a walk of the network comes by.
A node's score goes up by one when it answers and is halved when it is silent twice; at 0 it is forgotten. Nodes that were
asked less than ten minutes ago are passed over, so that a crawl that was stopped goes on where it was. Of one address one
node in a second is asked for its record, so that many take their time; the walk's lookups are those of any node.

With a file of {}, or none, it needs nodes to begin with: --bootnodes, --mainnet, --sepolia or --hoodi. The file is
written every minute and at the end, also that by Ctrl-C. "-" begins with nothing and writes to standard output.

Example:
  ethwire discv4 crawl --bootnodes enode://…@10.0.0.1:30303 --timeout 10m nodes.json
`

const listenHelp = `
A node of discovery alone, such as a bootnode. It begins with nobody unless you name --bootnodes, --mainnet, --sepolia or
--hoodi. --rpc serves discv4_self, discv4_buckets, discv4_lookupRandom and discv4_explain. --rpc :PORT serves this machine.
`

const explainHelp = `
NODE is an ID of 64 hex digits, an enode:// URL or an enr: record. It tells what a running node has made of it: seen,
refused, replaced, failed, when, and by which rule. It talks to the node through its socket, ethwire.ipc in the data
directory.
`

/** Adds the group `discv4`. */
export function addDiscv4Commands(program: Command, commands: Discv4Commands, exit: (code: number) => void): void {
  const group = program.command('discv4').description('tools of node discovery v4').addHelpText('after', groupHelp)
  const add = (name: string, description: string, help: string): Command =>
    group
      .command(name)
      .description(description)
      .addHelpText('after', help)
      .showHelpAfterError(`(ethwire discv4 ${name} --help lists the options)`)
  const node = ['<node>', 'enode:// URL or enr: record'] as const

  addDiscv4Options(add('ping', 'ping a node', askHelp).argument(...node)).action(
    async (node: string, options: Discv4ToolOptions) => exit(await commands.ping(node, options)),
  )
  addDiscv4Options(add('requestenr', 'ask a node for its record (EIP-868)', askHelp).argument(...node)).action(
    async (node: string, options: Discv4ToolOptions) => exit(await commands.requestEnr(node, options)),
  )
  addDiscv4Options(add('resolve', 'find the newest record of a node', resolveHelp).argument(...node)).action(
    async (node: string, options: Discv4ToolOptions) => exit(await commands.resolve(node, options)),
  )
  addDiscv4Options(
    add('lookup', 'find the nodes nearest to a target', lookupHelp).argument('[target]', 'public key or node'),
  ).action(async (target: string | undefined, options: Discv4ToolOptions) =>
    exit(await commands.lookup(target, options)),
  )
  addCrawlOptions(
    add('crawl', 'update a nodes.json with the nodes of a network', crawlHelp).argument('<file>', 'nodes.json'),
  ).action(async (file: string, options: CrawlOptions) => exit(await commands.crawl(file, options)))
  addListenOptions(add('listen', 'run a node of discovery alone', listenHelp)).action(async (options: ListenOptions) =>
    exit(await commands.listen(options)),
  )
  addExplainOptions(
    add('explain', 'what a running node has made of another', explainHelp).argument('<node>', 'ID, enode:// or enr:'),
  ).action(async (node: string, options: ExplainOptions) => exit(await commands.explain(node, options)))
}
