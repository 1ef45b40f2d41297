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
  const limits = { maxPeers: 3, maxInbound: 2, staticBypassesMaxPeers: false, staticOnly: false }
  const peers = (count: number, inboundCount = 0, ...ids: string[]) => ({
    count,
    inboundCount,
    connection: (id: string) => (ids.includes(id) ? { inbound: false, ageMs: 0 } : undefined),
  })
  const candidate = { nodeId: 'b', inbound: false, trusted: false, isStatic: false, isBanned: false }
  const inbound = { ...candidate, inbound: true }
  const bypass = { ...limits, staticBypassesMaxPeers: true }
  const only = { ...limits, staticOnly: true }

  test.each<
    [
      string,
      Parameters<typeof admit>[0],
      Parameters<typeof admit>[1],
      (string | undefined)?,
      (number | undefined)?,
      typeof limits?,
    ]
  >([
    ['room', candidate, peers(2)],
    ['no shared protocol', { ...candidate, sharedProtocols: 0 }, peers(0), 'useless-peer', 3],
    ['no room', candidate, peers(3), 'max-peers', 4],
    ['no room, but trusted', { ...candidate, trusted: true }, peers(3)],
    ['no room, static', { ...candidate, isStatic: true }, peers(3), 'max-peers', 4],
    ['no room, static, by the rules of 2018', { ...candidate, isStatic: true }, peers(3), undefined, undefined, bypass],
    ['no room, static but inbound, 2018', { ...inbound, isStatic: true }, peers(3), 'max-peers', 4, bypass],
    ['no room for inbound', inbound, peers(2, 2), 'inbound-quota', 4],
    ['no room for inbound, static', { ...inbound, isStatic: true }, peers(2, 2), 'inbound-quota', 4],
    ['no room for inbound, but trusted', { ...inbound, trusted: true }, peers(2, 2)],
    ['banned', { ...inbound, isBanned: true }, peers(0), 'banned', 0],
    ['banned, but static', { ...inbound, isBanned: true, isStatic: true }, peers(0)],
    ['banned, but trusted', { ...inbound, isBanned: true, trusted: true }, peers(0)],
    ['a stranger where only static nodes are wanted', inbound, peers(0), 'static-only', 4, only],
    ['a static node where only those are wanted', { ...inbound, isStatic: true }, peers(0), undefined, undefined, only],
    [
      'a trusted node where only static ones are wanted',
      { ...inbound, trusted: true },
      peers(3),
      undefined,
      undefined,
      only,
    ],
    ['connected already', candidate, peers(1, 0, 'b'), 'already-connected', 5],
    ['connected already, but this one was dialled by the smaller ID', inbound, peers(1, 0, 'b')],
    ['itself', { ...candidate, nodeId: 'self' }, peers(0), 'self', 10],
  ])('%s', (_, who, connected, rule, reason, rules = limits) => {
    expect(admit(who, connected, 'self', rules)).toEqual(rule && { rule, reason })
  })
})
