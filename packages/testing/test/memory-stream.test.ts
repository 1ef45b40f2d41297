import { describe, expect, it } from 'vitest'
import { createMemoryNetwork, createStreamPair } from '../src/index.ts'
import { collect } from './collect.ts'
import { describeStreams } from './stream-conformance.ts'

describeStreams('memory', () => createMemoryNetwork())
describeStreams('memory in pieces of 1000 bytes', () => createMemoryNetwork({ segmentBytes: 1000, bufferBytes: 5000 }))

describe('memory alone', () => {
  it('cuts what is written into pieces where asked', async () => {
    const { first, second } = createStreamPair({ segmentBytes: 1 })
    await first.write(Uint8Array.of(1, 2, 3))
    await first.end()
    expect(await collect(second)).toEqual([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)])
    expect(() => createStreamPair({ segmentBytes: 0 })).toThrow(RangeError)
  })

  it('knows hosts by their addresses', async () => {
    const network = createMemoryNetwork()
    const server = network.host('10.0.0.1')
    const listener = await server.listen({ ip: '0.0.0.0', port: 30303 })
    expect(listener.local).toEqual({ ip: '10.0.0.1', port: 30303 })
    await network.host('10.0.0.2').dial({ ip: '10.0.0.1', port: 30303 })
    for await (const stream of listener) {
      expect(stream.remote.ip).toBe('10.0.0.2')
      break
    }
    await expect(network.dial({ ip: '10.0.0.3', port: 30303 })).rejects.toMatchObject({ code: 'IO_REFUSED' })
  })
})
