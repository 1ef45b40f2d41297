import { describe, expect, test } from 'vitest'
import { createLogger } from '../src/log.ts'

describe('pretty log lines', () => {
  test('escape what could steer a terminal, and cut what is long', async () => {
    const lines: string[] = []
    const logger = await createLogger({ verbosity: 5, pretty: true, write: (line) => lines.push(line) })
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

  test("follow geth's verbosity", async () => {
    const lines: string[] = []
    const logger = await createLogger({ verbosity: 2, pretty: true, write: (line) => lines.push(line) })
    logger.error({}, 'error')
    logger.warn({}, 'warn')
    logger.info({}, 'info')
    logger.debug({}, 'debug')
    expect(lines).toHaveLength(2)
  })
})
