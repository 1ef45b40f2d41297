import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../src/log.ts'

const clock = createVirtualClock()

describe('pretty log lines', () => {
  test('escape what could steer a terminal, and cut what is long', async () => {
    const lines: string[] = []
    const logger = await createLogger({ verbosity: 5, pretty: true, write: (line) => lines.push(line), clock })
    logger.info(
      { client: 'evil\u001b[2J\r\n\u009bname', hash: new Uint8Array([1, 255]), big: 2n ** 70n, n: 7n },
      'Peer',
    )
    logger.warn({ err: new Error('first\nsecond'), long: 'x'.repeat(10_000) }, 'Peer')
    expect(lines[0]).toContain('evil\\x1b[2J\\x0d\\x0a\\x9bname')
    expect(lines[0]).toContain('0x01ff')
    expect(lines[0]).toContain('"1180591620717411303424"')
    expect(lines[0]).toContain('"n":7')
    expect(lines[1]).toMatch(/^[^\n]*first\\+x0asecond[^\n]*\n$/)
    expect(lines[1]?.length).toBeLessThan(1_000)
  })

  test('escape what is inside of lists and objects, and what would show text in another order', async () => {
    const lines: string[] = []
    const logger = await createLogger({ verbosity: 3, pretty: true, write: (line) => lines.push(line), clock })
    const deep: unknown[] = []
    deep.push(deep)
    logger.info(
      { caps: ['eth/\u009b1', { '\u202eyek': 1 }], deep, many: Array.from({ length: 1_000 }, () => 'x') },
      'Peer',
    )
    expect(lines[0]).toContain('"caps":["eth/\\x9b1",{"\\u{202e}yek":1}]')
    expect(lines[0]).toContain('"deep":[[["…"]]]')
    expect(lines[0]?.length).toBeLessThan(1_000)
  })

  test("follow geth's verbosity", async () => {
    const lines: string[] = []
    const logger = await createLogger({ verbosity: 2, pretty: true, write: (line) => lines.push(line), clock })
    logger.error({}, 'error')
    logger.warn({}, 'warn')
    logger.info({}, 'info')
    logger.debug({}, 'debug')
    expect(lines).toHaveLength(2)
  })
  test('of a part that DEBUG names are all written, with its name, and no others', async () => {
    const lines: string[] = []
    const write = (line: string): void => void lines.push(line)
    const logger = await createLogger({ verbosity: 3, pretty: true, write, debug: 'ethwire:p2p', clock })
    logger.of('p2p').debug({ client: '\u001b[2J' }, 'Adding p2p peer')
    logger.of('p2p').trace({}, 'more')
    logger.of('discv4').debug({}, 'nothing')
    logger.debug({}, 'nothing')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/Adding p2p peer.*"ns":"ethwire:p2p".*"client":"\\+x1b\[2J"/)
  })

  test('of a flood are not all written', async () => {
    const lines: string[] = []
    const logger = await createLogger({ verbosity: 3, pretty: true, write: (line) => lines.push(line), clock })
    for (let i = 0; i < 1_000; i++) logger.warn({ i }, 'A peer lies')
    for (let i = 0; i < 1_000; i++) logger.of('p2p').warn({ i }, 'A peer lies')
    expect(lines).toHaveLength(20)
    logger.close()
    expect(lines.at(-1)).toContain('"omitted":1980')
  })
})
