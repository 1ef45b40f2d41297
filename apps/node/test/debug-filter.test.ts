import { describe, expect, test } from 'vitest'
import { createDebugFilter, type DebugPart, debugNames } from '../src/debug-filter.ts'

const parts = Object.keys(debugNames) as DebugPart[]
const wanted = (text: string | undefined): string => parts.filter(createDebugFilter(text)).join()

describe('DEBUG', () => {
  test.each([
    [undefined, ''],
    ['', ''],
    ['ethwire:*', parts.join()],
    ['*', parts.join()],
    ['ethwire:p2p', 'p2p'],
    ['ethwire:p2p, ethwire:eth', 'p2p,eth'],
    ['ethwire:*,-ethwire:rpc -ethwire:d*', 'p2p,nodedb,eth,ntp'],
    ['ethwire', ''],
    ['Ethwire:p2p', ''],
    ['ethwire:p', ''],
    ['express:*,body-parser', ''],
    ['ethwire:(p2p', ''],
    ['ethwire.p2p', ''],
  ])('%o asks for the debug lines of %o', (text, expected) => {
    expect(wanted(text)).toBe(expected)
  })

  test('knows the names of @ethereumjs/devp2p, without a gate before them', () => {
    expect(wanted('devp2p:*')).toBe('p2p,dial,discv4,eth')
    expect(wanted('devp2p:dpt:*')).toBe('discv4')
    expect(wanted('devp2p:rlpx,devp2p:eth')).toBe('p2p,eth')
  })

  test('costs little, however it is written', () => {
    expect(wanted(`${'*'.repeat(10_000)}q`)).toBe('')
    expect(wanted('a,'.repeat(100_000))).toBe('')
  })
})
