import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { debugNames } from '../src/debug-filter.ts'
import { addRunOptions } from '../src/options/run-options.ts'
import { packageFile } from '../src/package-file.ts'
import { adminNamespace } from '../src/rpc/admin.ts'
import { discv4Namespace } from '../src/rpc/discv4.ts'
import { ethNamespace } from '../src/rpc/eth.ts'
import { netNamespace } from '../src/rpc/net.ts'
import { rpcNamespace } from '../src/rpc/rpc.ts'
import { web3Namespace } from '../src/rpc/web3.ts'

const readme = readFileSync(packageFile('README.md'), 'utf8')

/** What stands between two headings. */
const section = (from: string, to: string): string => readme.slice(readme.indexOf(from), readme.indexOf(to))

describe('the README', () => {
  test('has each flag of run in its table, and no other', () => {
    const table = section('| flag ', "A command line of geth's")
    const named = new Set(table.match(/--[a-z][a-z0-9.]*/g))
    const options = addRunOptions(new Command('run')).options.filter(({ hidden }) => !hidden)
    expect([...named].toSorted()).toEqual(options.map(({ long }) => long).toSorted())
  })

  test('has each method of JSON-RPC in its list', () => {
    const list = section('## JSON-RPC', '`admin_peerEvents` is a subscription')
    const namespaces = {
      admin: adminNamespace({} as never, {} as never),
      discv4: discv4Namespace({} as never),
      eth: ethNamespace({ config: {} } as never),
      net: netNamespace({} as never),
      rpc: rpcNamespace([]),
      web3: web3Namespace(''),
    }
    for (const [namespace, methods] of Object.entries(namespaces)) {
      for (const name of [namespace, ...Object.keys(methods)]) expect(list, namespace).toContain(`\`${name}\``)
    }
  })

  test('has each name that DEBUG may have', () => {
    const table = section('The variable `DEBUG`', 'Ctrl-C closes')
    for (const name of Object.values(debugNames).flat()) expect(table).toContain(`\`${name}\``)
  })
})
