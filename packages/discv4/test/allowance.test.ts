import { describe, expect, it } from 'vitest'
import { Allowance } from '../src/allowance.ts'

describe('an allowance', () => {
  it('comes back with time, up to what it was', () => {
    const allowance = new Allowance(10, 5)
    expect(allowance.share(0)).toBe(1)
    allowance.spend(10)
    expect(allowance.share(0)).toBe(0)
    expect(allowance.share(1000)).toBe(0.5)
    expect(allowance.share(60_000)).toBe(1)
  })

  it('is owed as much as there is at most', () => {
    const allowance = new Allowance(10, 5)
    allowance.spend(1000)
    expect(allowance.share(0)).toBe(-1)
    expect(allowance.share(4000)).toBe(1)
  })

  it('takes nothing for time that runs backwards', () => {
    const allowance = new Allowance(10, 5)
    allowance.share(5000)
    allowance.spend(10)
    expect(allowance.share(1000)).toBe(0)
    expect(allowance.share(6000)).toBe(0.5)
  })
})
