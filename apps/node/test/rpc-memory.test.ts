import { silentLogger } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import { createRpcMemory } from '../src/rpc/rpc-memory.ts'

describe('the memory of RPC connections', () => {
  test('is given back by whoever holds less, or is closed', () => {
    const ended: string[] = []
    const memory = createRpcMemory(silentLogger, 100)
    const [a, b] = ['a', 'b'].map((name) => memory.share(() => ended.push(name)))
    for (let n = 0; n < 10; n++) {
      expect(a?.hold('calls', 60)).toBe(true)
      expect(a?.hold('answers', 40)).toBe(true)
      a?.hold('calls', 0)
      expect(b?.hold('answers', 60)).toBe(true)
      b?.hold('answers', 0)
    }
    a?.close()
    a?.close()
    expect(b?.hold('calls', 100)).toBe(true)
    expect(a?.hold('calls', 100)).toBe(false)
    expect(ended).toEqual([])
  })

  test('is taken from who holds the most, until the rest is little enough', () => {
    const ended: string[] = []
    const memory = createRpcMemory(silentLogger, 100)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => memory.share(() => ended.push(name)))
    a?.hold('calls', 40)
    a?.hold('answers', 20)
    b?.hold('calls', 40)
    expect(c?.hold('calls', 90)).toBe(false)
    expect(ended).toEqual(['c'])
    expect(b?.hold('answers', 10)).toBe(true)
    expect(ended).toEqual(['c', 'a'])
  })
})
