import type { LogFields, Logger } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createLineLimiter } from '../src/line-limit.ts'

type Line = readonly [level: keyof Logger, message: string, fields: LogFields]

function limited() {
  const lines: Line[] = []
  const keep =
    (level: keyof Logger): Logger['info'] =>
    (fields, message) =>
      void lines.push([level, message, fields])
  const logger: Logger = {
    ...{ trace: keep('trace'), debug: keep('debug'), info: keep('info') },
    ...{ warn: keep('warn'), error: keep('error') },
  }
  const clock = createVirtualClock()
  const limits = { shown: { lines: 3, spanMs: 10_000 }, debug: { lines: 5, spanMs: 1_000 } }
  const limiter = createLineLimiter({ limits, clock })
  return { lines, clock, limiter, logger: limiter.limit(logger), raw: logger }
}

describe('lines of one kind', () => {
  test('are written up to a number in a span; how many others there were is said at its end', async () => {
    const { lines, clock, logger } = limited()
    for (let i = 0; i < 10; i++) logger.warn({ i }, 'A peer lies')
    logger.warn({}, 'Another matter')
    logger.info({}, 'A peer lies')
    expect(lines.map(([level, , { i }]) => [level, i])).toEqual([
      ...[0, 1, 2].map((i) => ['warn', i]),
      ['warn', undefined],
      ['info', undefined],
    ])
    await clock.advance(10_000)
    expect(lines.slice(5)).toEqual([['warn', 'Lines of a kind were left out', { omitted: 7, of: 'A peer lies' }]])
    logger.warn({ i: 11 }, 'A peer lies')
    expect(lines.at(-1)).toEqual(['warn', 'A peer lies', { i: 11 }])
    await clock.advance(10_000)
    expect(lines).toHaveLength(7)
    expect(clock.timers).toBe(0)
  })

  test('are more where somebody asked for them', () => {
    const { lines, logger } = limited()
    for (let i = 0; i < 10; i++) logger.debug({}, 'Dial failed')
    expect(lines).toHaveLength(5)
  })

  test('are bounded in their kinds, too', async () => {
    const { lines, clock, logger } = limited()
    for (let i = 0; i < 5; i++) logger.info({}, 'first')
    for (let i = 0; i < 2_000; i++) logger.info({}, `kind ${i}`)
    expect(clock.timers).toBe(1_024)
    expect(lines).toContainEqual(['info', 'Lines of a kind were left out', { omitted: 2, of: 'first' }])
  })

  test('cost nothing at a level that is not written', () => {
    const { lines, clock, limiter, raw } = limited()
    const logger = limiter.limit(raw, (level) => level !== 'debug')
    logger.debug({}, 'nobody reads it')
    expect(lines).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('that were left out are said when the log ends', () => {
    const { lines, clock, limiter, logger } = limited()
    for (let i = 0; i < 4; i++) logger.error({}, 'The store fails')
    limiter.close()
    expect(lines.at(-1)).toEqual(['error', 'Lines of a kind were left out', { omitted: 1, of: 'The store fails' }])
    expect(clock.timers).toBe(0)
  })
})
