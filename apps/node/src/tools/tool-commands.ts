import type { Command } from 'commander'
import {
  addEnrDecodeOptions,
  addEnrEncodeOptions,
  type EnrDecodeOptions,
  type EnrEncodeOptions,
} from '../options/enr-options.ts'
import {
  addKeyGenerateOptions,
  addKeyIdOptions,
  addKeyNodeOptions,
  type KeyGenerateOptions,
  type KeyIdOptions,
  type KeyNodeOptions,
} from '../options/key-options.ts'
import { addNodesetFilterOptions, addNodesetInfoOptions, type NodesetOptions } from '../options/nodeset-options.ts'

/** What the tools do that talk to nobody; each returns its exit code. */
export interface ToolCommands {
  readonly enr: {
    decode(record: string | undefined, options: EnrDecodeOptions): Promise<number>
    encode(keyFile: string, options: EnrEncodeOptions): Promise<number>
  }
  readonly key: {
    generate(file: string, options: KeyGenerateOptions): Promise<number>
    toId(file: string, options: KeyIdOptions): Promise<number>
    toEnode(file: string, options: KeyNodeOptions): Promise<number>
    toEnr(file: string, options: KeyNodeOptions): Promise<number>
  }
  readonly nodeset: {
    info(file: string, options: NodesetOptions): Promise<number>
    filter(file: string, filters: readonly string[]): Promise<number>
  }
}

const decodeHelp = `
RECORD is enr:…, with or without "enr:", or hex. The output is that of geth's "devp2p enrdump". A record whose signature
or content is wrong is shown, too, with the reason; the exit code is 1 then.
`

const encodeHelp = `
KEYFILE holds the private key, as "ethwire key generate" writes it. The identity scheme and the public key are added.

Example:
  ethwire enr encode nodekey --seq 7 --ip 10.0.0.1 --tcp 30303 --udp 30303 --entry snap=c0
`

const generateHelp = `
FILE gets a new private key in 64 hex digits, readable by you alone. A file that is there is kept unless you say --force:
a node is known by its key, and there is no way back to one that is overwritten.
`

const keyHelp = `
KEYFILE holds a private key in 64 hex digits, as "ethwire key generate", geth and its devp2p tool write it.
`

const filterHelp = `
FILE is a nodes.json of "ethwire discv4 crawl" or geth's "devp2p". The nodes that pass all filters are written to standard
output in the same form. Filters, with one dash or two:
  -limit N              the N nodes of the highest score
  -ip CIDR              IP address in a network, such as 10.0.0.0/8
  -min-age DURATION     so much between the first and the last answer, such as 24h
  -eth-network NAME     on mainnet, sepolia or hoodi by the fork ID in the record
  -snap                 serves the snap protocol
  -les-server           serves the les protocol
  -dialable             has a TCP or QUIC port

Example:
  ethwire nodeset filter nodes.json -eth-network mainnet -min-age 24h -limit 100
`

/** Adds the groups `enr`, `key` and `nodeset`. */
export function addToolCommands(program: Command, commands: ToolCommands, exit: (code: number) => void): void {
  const { enr, key, nodeset } = commands
  const group = (name: string, description: string) => {
    const parent = program.command(name).description(description)
    return (command: string, about: string, help: string): Command =>
      parent
        .command(command)
        .description(about)
        .addHelpText('after', help)
        .showHelpAfterError(`(ethwire ${name} ${command} --help lists the options)`)
  }

  const addEnr = group('enr', 'tools for node records')
  addEnrDecodeOptions(
    addEnr('decode', 'show what is in a record', decodeHelp).argument('[record]', 'enr:…, or hex'),
  ).action(async (record: string | undefined, options: EnrDecodeOptions) => exit(await enr.decode(record, options)))
  addEnrEncodeOptions(
    addEnr('encode', 'make a record and sign it', encodeHelp).argument('<keyfile>', 'the private key'),
  ).action(async (file: string, options: EnrEncodeOptions) => exit(await enr.encode(file, options)))

  const addKey = group('key', 'tools for node keys')
  const keyFile = ['<keyfile>', 'a private key'] as const
  addKeyGenerateOptions(addKey('generate', 'make a node key', generateHelp).argument('<file>', 'a new file')).action(
    async (file: string, options: KeyGenerateOptions) => exit(await key.generate(file, options)),
  )
  addKeyIdOptions(addKey('to-id', 'tell the node ID of a key', keyHelp).argument(...keyFile)).action(
    async (file: string, options: KeyIdOptions) => exit(await key.toId(file, options)),
  )
  addKeyNodeOptions(addKey('to-enode', 'make an enode URL of a key', keyHelp).argument(...keyFile)).action(
    async (file: string, options: KeyNodeOptions) => exit(await key.toEnode(file, options)),
  )
  addKeyNodeOptions(addKey('to-enr', 'make a node record of a key', keyHelp).argument(...keyFile)).action(
    async (file: string, options: KeyNodeOptions) => exit(await key.toEnr(file, options)),
  )

  const addNodeset = group('nodeset', 'tools for files of nodes (nodes.json)')
  const nodesFile = ['<file>', 'nodes.json'] as const
  addNodesetInfoOptions(
    addNodeset('info', 'count the nodes of a file and what their records have', '').argument(...nodesFile),
  ).action(async (file: string, options: NodesetOptions) => exit(await nodeset.info(file, options)))
  addNodesetFilterOptions(addNodeset('filter', 'keep some nodes of a file', filterHelp).argument(...nodesFile)).action(
    async (file: string, filters: readonly string[]) => exit(await nodeset.filter(file, filters)),
  )
}
