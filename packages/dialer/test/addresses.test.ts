import type { NodeAddress } from '@ethwire/enr'
import { IoError, type Resolver } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import { dialAddresses, type NetRestrict } from '../src/index.ts'
import { node } from './support.ts'

const names: Record<string, string[]> = {
  inside: ['10.0.0.7'],
  outside: ['8.8.8.8', '2001:db8::1'],
  both: ['8.8.8.8', '10.0.0.8', '10.0.0.9'],
  mapped: ['::ffff:8.8.8.8'],
  nonsense: ['0.0.0.0', '224.0.0.1', '::', 'not an address'],
  many: Array.from({ length: 100 }, (_, index) => `10.0.1.${index}`),
}

const resolver: Resolver = {
  async addresses(name) {
    const found = names[name]
    if (found === undefined) throw new IoError('IO_NAME_NOT_FOUND', `${name} is unknown`)
    return found
  },
  texts: async () => [],
}

const netRestrict: NetRestrict = { contains: (ip) => (typeof ip === 'string' ? ip : ip.text).startsWith('10.') }

async function at(host: string, restrict = true): Promise<[ips: string[], restricted: number]> {
  const { endpoints, restricted } = await dialAddresses(node(1, host), {
    resolver,
    ...(restrict && { netRestrict }),
  })
  return [endpoints.map(({ ip }) => ip), restricted]
}

describe('the addresses to dial a node at', () => {
  test('are its own', async () => {
    expect(await at('8.8.8.8', false)).toEqual([['8.8.8.8'], 0])
    expect((await dialAddresses(node(1, '8.8.8.8', 0), { resolver })).endpoints).toEqual([])
    expect((await dialAddresses(node(1), { resolver })).endpoints).toEqual([])
  })

  test('case 57: are never outside netrestrict, whatever a record or a name says', async () => {
    expect(await at('10.0.0.1')).toEqual([['10.0.0.1'], 0])
    expect(await at('8.8.8.8')).toEqual([[], 1])
    expect(await at('inside')).toEqual([['10.0.0.7'], 0])
    expect(await at('outside')).toEqual([[], 2])
    expect(await at('both')).toEqual([['10.0.0.8', '10.0.0.9'], 1])
    expect(await at('mapped')).toEqual([[], 1])
    const record: NodeAddress = {
      ...node(1, '8.8.8.8'),
      endpoints: [
        { host: '8.8.8.8', tcpPort: 30303, udpPort: 0 },
        { host: '10.0.0.3', tcpPort: 30303, udpPort: 0 },
      ],
    }
    expect(await dialAddresses(record, { resolver, netRestrict })).toEqual({
      endpoints: [{ ip: '10.0.0.3', port: 30303 }],
      restricted: 1,
    })
  })

  test('of a name are at most eight, and only such as can be dialled', async () => {
    expect(await at('nonsense', false)).toEqual([[], 0])
    expect((await at('many', false))[0]).toHaveLength(8)
    await expect(at('unknown')).rejects.toMatchObject({ code: 'IO_NAME_NOT_FOUND' })
  })
})
