import type { NodeAddress } from '@ethwire/enr'
import type { NodeSnapshot } from '@ethwire/kbucket'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { explainText } from '../src/discv4/explain-text.ts'
import { discv4Namespace, type RpcDiscovery } from '../src/rpc/discv4.ts'
import { nodeOf, recordOf, startMs } from './crawler-support.ts'

type Table = ReturnType<RpcDiscovery['table']>

const inTable: NodeSnapshot<NodeAddress> = {
  ...{ entry: nodeOf(1), addedAtMs: 1000, inBucketAtMs: 61_000, checks: 3, isLive: true, queryFailures: 2 },
  ...{ place: 'bucket', isChecking: false, list: 'fast', isEstablished: true },
}

function namespace(discovery: Partial<RpcDiscovery> = {}) {
  const clock = createVirtualClock({ startMs })
  const buckets: Table = Array.from({ length: 17 }, (_, bucket) => ({
    ...{ bucket, distance: { from: 240 + bucket, to: 240 + bucket } },
    ...{ nodes: bucket === 16 ? [inTable] : [], replacements: [inTable] },
  }))
  const methods = discv4Namespace({
    clock,
    discovery: {
      localNode: { record: recordOf(9) },
      table: () => buckets,
      async *randomNodes() {
        for (let number = 0; ; number += 1) yield nodeOf(number % 10)
      },
      explain: (nodeIdHex) => ({ nodeIdHex, place: 'absent', events: [] }),
      ...discovery,
    },
  })
  return { clock, methods }
}

describe("discovery's table, in geth's form", () => {
  test('is 17 buckets of nodes with their times, without those that wait', () => {
    const { methods } = namespace()
    const buckets = methods.buckets?.([]) as unknown[][]
    expect(buckets.map(({ length }) => length)).toEqual([...Array(16).fill(0), 1])
    expect(buckets[16]).toEqual([
      {
        node: recordOf(1).text,
        addedToTable: new Date(startMs + 1000).toISOString(),
        addedToBucket: new Date(startMs + 61_000).toISOString(),
        checks: 3,
        live: true,
      },
    ])
  })

  test('belongs to a node that tells its record', () => {
    expect(namespace().methods.self?.([])).toBe(recordOf(9).text)
  })
})

describe('lookupRandom', () => {
  test('gives each node once, and in a small network ends all the same', async () => {
    const { methods } = namespace()
    expect(await methods.lookupRandom?.([5])).toHaveLength(5)
    expect(await methods.lookupRandom?.([200])).toHaveLength(10)
    expect(await methods.lookupRandom?.([Number.MAX_SAFE_INTEGER])).toHaveLength(10)
    expect(await methods.lookupRandom?.([0])).toEqual([])
  })

  test('gives what it has when nothing comes for 25 s, and a ninth one at a time is refused', async () => {
    const { methods, clock } = namespace({
      async *randomNodes({ signal }) {
        yield nodeOf(1)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const waiting = Array.from({ length: 8 }, () => methods.lookupRandom?.([5]))
    await expect(methods.lookupRandom?.([5])).rejects.toThrow('8 lookups are running already')
    await clock.advance(25_000)
    expect(await Promise.all(waiting)).toEqual(Array(8).fill([recordOf(1).text]))
    expect(clock.timers).toBe(0)
  })

  test.each([[[]], [[-1]], [[1.5]], [['5']], [[1, 2]]])('refuses %j', async (params) => {
    await expect((async () => namespace().methods.lookupRandom?.(params))()).rejects.toThrow(/argument/)
  })
})

describe('explain', () => {
  const id = nodeOf(1).nodeIdHex

  test('says of its own ID that this is the node itself', () => {
    const { methods } = namespace({ explain: (nodeIdHex) => ({ nodeIdHex, place: 'self', events: [] }) })
    const explained = methods.explain?.([id])
    expect(explained).toEqual({ id, place: 'self', events: [] })
    expect(explainText(explained)).toBe(`${id}\n  is this node itself`)
  })

  test('takes an ID or a node', () => {
    const { methods } = namespace()
    for (const text of [id, `0x${id.toUpperCase()}`, recordOf(1).text]) {
      expect(methods.explain?.([text])).toMatchObject({ id, place: 'absent', events: [] })
    }
    for (const wrong of ['', 'ab', 7, `enr:${'A'.repeat(5000)}`, 'enode://ab']) {
      expect(() => methods.explain?.([wrong])).toThrow('invalid argument 0')
    }
  })

  test('tells what happened to a node, where it is, when and by which rule', () => {
    const { methods } = namespace({
      explain: () => ({
        ...{ nodeIdHex: id, place: 'bucket', provenIp: '10.0.0.1', node: inTable },
        events: [
          { atMs: startMs, event: 'refused', rule: 'table-limit', detail: 'ip4/24', count: 3 },
          { atMs: startMs + 1000, event: 'added', rule: 'inbound', count: 1 },
        ],
      }),
    })
    const explained = methods.explain?.([id])
    expect(JSON.parse(JSON.stringify(explained))).toMatchObject({
      ...{ id, place: 'bucket', provenIp: '10.0.0.1', node: { node: recordOf(1).text, live: true, queryFailures: 2 } },
      events: [{ event: 'refused', rule: 'table-limit', detail: 'ip4/24', count: 3 }, { event: 'added' }],
    })
    const text = explainText(explained)
    for (const part of [id, 'yes: live, 3 checks passed, 2 queries failed', '10.0.0.1, within 24 h']) {
      expect(text).toContain(part)
    }
    expect(text).toMatch(
      /^2023-11-14T22:13:20\.000Z {2}refused {7}table-limit: ip4\/24 \(3 times, this is the last\)$/m,
    )
  })

  test('says so of a node that was never met; what a terminal would obey is written out', () => {
    const text = explainText({ id: '\u001b[31m', place: 7, events: 'none' })
    expect(text).toContain('never met')
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })
})

test('a node without discovery says so to each method', async () => {
  const methods = discv4Namespace({ discovery: undefined, clock: createVirtualClock() })
  for (const [name, params] of [
    ['self', []],
    ['buckets', []],
    ['explain', ['ab'.repeat(32)]],
  ] as const) {
    expect(() => methods[name]?.(params)).toThrow('no discovery v4')
  }
  await expect(methods.lookupRandom?.([1])).rejects.toThrow('no discovery v4')
})
