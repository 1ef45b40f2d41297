import { describe, expect, it } from 'vitest'
import { History } from '../src/history.ts'
import { addressOf } from './harness.ts'

describe('the history of nodes', () => {
  it('counts what comes several times in a row, and keeps the last sixteen of each', () => {
    let now = 0
    const history = new History(() => now++, 10)
    for (let round = 0; round < 3; round++) history.note('a', 'refused', 'no-pong', '10.0.0.1')
    history.note('a', 'added', 'heard-of')
    history.note('a', 'refused', 'no-pong', '10.0.0.1')
    expect(history.of('a')).toEqual([
      { atMs: 2, event: 'refused', rule: 'no-pong', detail: '10.0.0.1', count: 3 },
      { atMs: 3, event: 'added', rule: 'heard-of', count: 1 },
      { atMs: 4, event: 'refused', rule: 'no-pong', detail: '10.0.0.1', count: 1 },
    ])
    for (let round = 0; round < 40; round++) history.note('a', 'event', `rule ${round}`)
    expect(history.of('a').map(({ rule }) => rule)).toEqual(Array.from({ length: 16 }, (_, n) => `rule ${24 + n}`))
  })

  it('forgets the nodes of which nothing was heard for longest', () => {
    const history = new History(() => 0, 3)
    for (const node of ['a', 'b', 'c', 'a', 'd']) history.note(node, 'seen', 'rule')
    expect(['a', 'b', 'c', 'd'].filter((node) => history.of(node).length > 0)).toEqual(['a', 'c', 'd'])
  })

  it('is not kept where nobody wants it', () => {
    const history = new History(() => 0, 0)
    history.note('a', 'seen', 'rule')
    expect(history.of('a')).toEqual([])
  })

  it('tells what the table decided, but for checks that were passed', () => {
    const history = new History(() => 0, 3)
    const entry = addressOf(1, { ip: '10.0.0.1', port: 30303 })
    const replacedBy = addressOf(2, { ip: '10.0.0.2', port: 30303 })
    const common = { entry, bucket: 16, atMs: 0 }
    history.noteDecision({ ...common, kind: 'refused', rule: 'bucket-limit', limit: 'ip4/24' })
    history.noteDecision({ ...common, kind: 'alive', rule: 'check-passed', checks: 1 })
    history.noteDecision({ ...common, kind: 'failed', rule: 'check-failed', checks: 2 })
    history.noteDecision({ ...common, kind: 'query-failed', rule: 'no-nodes', failures: 4 })
    history.noteDecision({ ...common, kind: 'removed', rule: 'check-failed', replacedBy })
    history.noteDecision({ ...common, kind: 'removed', rule: 'check-failed' })
    expect(history.of(entry.nodeIdHex).map(({ event, detail }) => [event, detail])).toEqual([
      ['refused', 'ip4/24'],
      ['failed', '2 checks left'],
      ['query-failed', undefined],
      ['removed', `replaced by ${replacedBy.nodeIdHex}`],
      ['removed', undefined],
    ])
  })

  it('keeps when a node was met, however often it tells of no nodes afterwards', () => {
    const history = new History(() => 0, 3)
    const common = { entry: addressOf(1, { ip: '10.0.0.1', port: 30303 }), bucket: 16, atMs: 0 }
    history.noteDecision({ ...common, kind: 'added', rule: 'heard-of' })
    for (let failures = 1; failures <= 100; failures++) {
      history.noteDecision({ ...common, kind: 'query-failed', rule: 'no-nodes', failures })
    }
    const events = history.of(common.entry.nodeIdHex).map(({ event, count }) => [event, count])
    expect(events).toEqual([
      ['added', 1],
      ['query-failed', 100],
    ])
  })
})
