import { type Command, Option } from 'commander'
import { commaList, integer, notEmpty } from './parsers.ts'

export const rpcApis = ['admin', 'discv4', 'eth', 'net', 'web3'] as const
export type RpcApi = (typeof rpcApis)[number]

/** The options of `ethwire run` that say where JSON-RPC is served, and what of it. */
export interface RpcOptions {
  readonly http?: true
  readonly 'http.addr': string
  readonly 'http.port': number
  /** Also names that there is nothing of. */
  readonly 'http.api': readonly string[]
  readonly 'http.corsdomain': readonly string[]
  readonly 'http.vhosts': readonly string[]
  readonly ws?: true
  readonly 'ws.addr': string
  readonly 'ws.port': number
  readonly 'ws.api': readonly string[]
  readonly 'ws.origins': readonly string[]
  readonly ipcpath?: string
  readonly ipcdisable?: true
}

const port = integer(0, 65_535)
/** As in geth. */
const defaultApis: readonly RpcApi[] = ['eth', 'net', 'web3']

export function addRpcOptions(command: Command): Command {
  const apis = (flag: string): Option =>
    new Option(`${flag} <apis>`, `namespaces to serve: ${rpcApis.join(', ')}`)
      .argParser(commaList)
      .default(defaultApis, defaultApis.join())
  return command
    .option('--http', 'serve JSON-RPC over HTTP')
    .option('--http.addr <ip>', 'the address to serve it on', notEmpty, '127.0.0.1')
    .addOption(new Option('--http.port <port>', 'its port; 0 takes a free one').argParser(port).default(8545))
    .addOption(apis('--http.api'))
    .addOption(
      new Option('--http.corsdomain <origins>', 'origins whose web pages may use it, such as https://app.example')
        .argParser(commaList)
        .default([], 'none'),
    )
    .addOption(
      new Option('--http.vhosts <names>', 'host names that requests may name; "*" for all')
        .argParser(commaList)
        .default(['localhost'], 'localhost'),
    )
    .option('--ws', 'serve JSON-RPC over WebSockets')
    .option('--ws.addr <ip>', 'the address to serve it on', notEmpty, '127.0.0.1')
    .addOption(
      new Option('--ws.port <port>', 'its port, which may be that of HTTP; 0 takes a free one')
        .argParser(port)
        .default(8546),
    )
    .addOption(apis('--ws.api'))
    .addOption(
      new Option('--ws.origins <origins>', 'origins whose web pages may connect; "*" for all')
        .argParser(commaList)
        .default([], "this machine's"),
    )
    .option(
      '--ipcpath <path>',
      'the socket with all of JSON-RPC; a bare name is in the data directory (default: ethwire.ipc there)',
    )
    .option('--ipcdisable', 'no such socket')
}
