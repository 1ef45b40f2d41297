import type { Protocol } from '@ethwire/protocol'
import { describe, expect, test } from 'vitest'
import { admit } from '../src/admission.ts'
import { offeredCapabilities, sharedProtocols } from '../src/capabilities.ts'

const protocol = (name: string, versions: Record<number, number>): Protocol => ({
  name,
  versions: Object.fromEntries(Object.entries(versions).map(([version, length]) => [version, { length }])),
  limits: { maxMessageBytes: 100 },
  run: async () => undefined,
})

const ours = [protocol('snap', { 1: 8 }), protocol('eth', { 69: 18, 70: 18, 71: 20 })]

const matched = (remote: [string, number][]) =>
  sharedProtocols(
    ours,
    remote.map(([name, version]) => ({ name, version })),
  ).map((shared) => [shared.protocol.name, shared.version, shared.offset])

describe('capabilities', () => {
  test('are offered by name, then version', () => {
    expect(offeredCapabilities(ours).map(({ name, version }) => `${name}/${version}`)).toEqual([
      'eth/69',
      'eth/70',
      'eth/71',
      'snap/1',
    ])
  })

  test.each<[string, [string, number][], [string, number, number][]]>([
    [
      'the highest version that both have',
      [
        ['eth', 68],
        ['eth', 69],
        ['eth', 70],
      ],
      [['eth', 70, 16]],
    ],
    [
      'codes in the order of names, from 16',
      [
        ['snap', 1],
        ['eth', 71],
      ],
      [
        ['eth', 71, 16],
        ['snap', 1, 36],
      ],
    ],
    [
      'what is unknown is ignored, and takes no codes',
      [
        ['aaa', 1],
        ['eth', 99],
        ['snap', 1],
      ],
      [['snap', 1, 16]],
    ],
    [
      'the same capability twice counts once',
      [
        ['eth', 69],
        ['eth', 69],
      ],
      [['eth', 69, 16]],
    ],
    ['nothing', [], []],
  ])('share %s', (_, remote, expected) => {
    expect(matched(remote)).toEqual(expected)
  })
})

describe('admission', () => {
  const limits = { maxPeers: 3, maxInbound: 2 }
  const peers = (count: number, inboundCount = 0, ...ids: string[]) => ({
    count,
    inboundCount,
    connection: (id: string) => (ids.includes(id) ? { inbound: false, ageMs: 0 } : undefined),
  })
  const candidate = { nodeId: 'b', inbound: false, trusted: false }

  test.each<[string, Parameters<typeof admit>[0], Parameters<typeof admit>[1], number | undefined]>([
    ['room', candidate, peers(2), undefined],
    ['no shared protocol', { ...candidate, sharedProtocols: 0 }, peers(0), 3],
    ['no room', candidate, peers(3), 4],
    ['no room, but trusted', { ...candidate, trusted: true }, peers(3), undefined],
    ['no room for inbound', { ...candidate, inbound: true }, peers(2, 2), 4],
    ['no room for inbound, but trusted', { ...candidate, inbound: true, trusted: true }, peers(2, 2), undefined],
    ['connected already', candidate, peers(1, 0, 'b'), 5],
    [
      'connected already, but this one was dialled by the smaller ID',
      { ...candidate, inbound: true },
      peers(1, 0, 'b'),
      undefined,
    ],
    ['itself', { ...candidate, nodeId: 'self' }, peers(0), 10],
  ])('%s', (_, who, connected, reason) => {
    expect(admit(who, connected, 'self', limits)).toBe(reason)
  })
})
