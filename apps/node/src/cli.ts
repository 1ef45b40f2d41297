#!/usr/bin/env node
/**
 * `ethwire`: the reference client. Each command's code is loaded when it is called for, so that `--help` is quick.
 *
 * @module
 */
import { CommanderError } from 'commander'
import { complain } from './complain.ts'
import { NodeError, reasonOf } from './errors.ts'
import { readGethSpelling } from './options/geth-spelling.ts'
import { createProgram, exitCodeOf } from './program.ts'

const program = createProgram(
  {
    run: async (options) => (await import('./run.ts')).run(options),
    import: async (file, options) => (await import('./import.ts')).importFile(file, options),
    export: async (file, range, options) => (await import('./export.ts')).exportFile(file, range, options),
    peers: async (options) => (await import('./peers.ts')).listPeers(options),
    addPeer: async (node, options) => (await import('./peers.ts')).addPeer(node, options),
    removePeer: async (node, options) => (await import('./peers.ts')).removePeer(node, options),
    devnet: async (options) => (await import('./devnet/devnet.ts')).devnet(options),
    discv4: {
      ping: async (node, options) => (await import('./discv4/ask.ts')).ping(node, options),
      requestEnr: async (node, options) => (await import('./discv4/ask.ts')).requestEnr(node, options),
      resolve: async (node, options) => (await import('./discv4/ask.ts')).resolve(node, options),
      lookup: async (target, options) => (await import('./discv4/ask.ts')).lookup(target, options),
      crawl: async (file, options) => (await import('./discv4/crawl.ts')).crawl(file, options),
      listen: async (options) => (await import('./discv4/listen.ts')).listen(options),
      explain: async (node, options) => (await import('./discv4/explain.ts')).explain(node, options),
    },
    tools: {
      enr: {
        decode: async (record, options) => (await import('./tools/enr.ts')).decodeEnr(record, options),
        encode: async (keyFile, options) => (await import('./tools/enr.ts')).encodeEnr(keyFile, options),
      },
      key: {
        generate: async (file, options) => (await import('./tools/key.ts')).generateKey(file, options),
        toId: async (file, options) => (await import('./tools/key.ts')).keyToId(file, options),
        toEnode: async (file, options) => (await import('./tools/key.ts')).keyToEnode(file, options),
        toEnr: async (file, options) => (await import('./tools/key.ts')).keyToEnr(file, options),
      },
      nodeset: {
        info: async (file, options) => (await import('./tools/nodeset.ts')).nodesetInfo(file, options),
        filter: async (file, filters) => (await import('./tools/nodeset.ts')).nodesetFilter(file, filters),
      },
    },
  },
  (code) => {
    process.exitCode = code
  },
)

/** Someone who reads debug lines wants the stack, too. */
function wantsStack(args: readonly string[]): boolean {
  return args.some(
    (arg, index) => /^--verbosity=[45]$/.test(arg) || (arg === '--verbosity' && /^[45]$/.test(args[index + 1] ?? '')),
  )
}

try {
  await program.parseAsync(readGethSpelling(program, process.argv.slice(2)), { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = exitCodeOf(error)
  } else {
    const known = error instanceof NodeError
    // Whoever stopped reading, as `head` does, knows.
    if (!known || error.code !== 'NODE_OUTPUT_CLOSED')
      complain(wantsStack(process.argv) && error instanceof Error ? (error.stack ?? error.message) : reasonOf(error))
    process.exitCode = known ? error.exitCode : 1
  }
}
// Nothing may keep a command alive that is done.
process.exit()
