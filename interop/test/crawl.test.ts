import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { devp2p } from '../src/devp2p.ts'
import { ethwire } from '../src/ethwire-cli.ts'
import { type OurNodes, startOurNodes } from '../src/our-nodes.ts'
import { temporaryDirectory } from '../src/resources.ts'

interface Entry {
  readonly seq: number
  readonly record: string
  readonly score: number
  readonly firstResponse: string
  readonly lastResponse: string
  readonly lastCheck: string
}

const count = 30
const where = ['--addr', '127.0.0.1:0']
let ours: OurNodes

const readNodes = (file: string): Record<string, Entry> => JSON.parse(readFileSync(file, 'utf8'))
const allIds = (): string[] => ours.nodes.map(({ localNode }) => localNode.nodeIdHex).sort()

beforeAll(async () => {
  ours = await startOurNodes(count, 71)
  return () => ours[Symbol.asyncDispose]()
})

test("`ethwire discv4 crawl` finds 30 nodes, and geth's `devp2p nodeset` reads what it wrote", async () => {
  const file = join(temporaryDirectory('crawl'), 'nodes.json')
  const flags = [...where, '--bootnodes', ours.enode, '--timeout', '25s', '--json']
  const { code, stdout, stderr } = await ethwire('discv4', 'crawl', ...flags, file)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(JSON.parse(stdout)).toMatchObject({ nodes: count, removed: 0, stopped: false })
  const nodes = readNodes(file)
  expect(Object.keys(nodes)).toEqual(allIds())

  const info = await devp2p('nodeset', 'info', file)
  expect(info).toMatchObject({ code: 0, stderr: '' })
  expect(info.stdout).toContain(`Set contains ${count} nodes.`)
  expect(info.stdout).toMatch(new RegExp(`\\budp: ${count}\\b`))
  // What geth writes of it is the same to the byte, but for the line that it ends with.
  const filtered = await devp2p('nodeset', 'filter', file)
  expect(filtered.stdout.trim()).toBe(readFileSync(file, 'utf8').trim())

  // What has just been asked is not asked again.
  const again = await ethwire('discv4', 'crawl', ...where, '--timeout', '1s', '--json', file)
  expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, updated: 0, nodes: count })
})

test("geth's `devp2p discv4 crawl` sees all 30 nodes of ours, and we go on with its file", async () => {
  const file = join(temporaryDirectory('crawl'), 'nodes.json')
  writeFileSync(file, '{}')
  const flags = [...where, '--bootnodes', ours.enode, '--timeout', '25s']
  const { code, stderr } = await devp2p('discv4', 'crawl', ...flags, file)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const theirs = readNodes(file)
  expect(Object.keys(theirs)).toEqual(allIds())

  // As if it were of yesterday.
  const yesterday = new Date(Date.now() - 24 * 3600_000).toISOString().replace(/\.\d+Z$/, 'Z')
  for (const [id, entry] of Object.entries(theirs)) theirs[id] = { ...entry, lastCheck: yesterday }
  writeFileSync(file, JSON.stringify(theirs))
  const again = await ethwire('discv4', 'crawl', ...where, '--timeout', '1s', '--json', file)
  expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, updated: count, removed: 0, nodes: count })
  for (const [id, { score, firstResponse, lastCheck }] of Object.entries(readNodes(file))) {
    expect({ score, firstResponse }).toEqual({ score: theirs[id]!.score + 1, firstResponse: theirs[id]!.firstResponse })
    expect(lastCheck > yesterday).toBe(true)
  }
})
