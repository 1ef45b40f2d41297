import { ipFromBytes } from '@ethwire/netutil'
import { describe, expect, it } from 'vitest'
import { extIp, parseNat } from '../src/index.ts'

const mapping = { protocol: 'udp', externalPort: 30301, internalPort: 30303 } as const
const request = { ...mapping, description: 'ethwire', lifetimeMs: 600_000 }

describe('extip', () => {
  it('knows its address, and that its ports were mapped by hand', async () => {
    const mapper = extIp('2001:DB8::1')
    expect(mapper.name).toBe('extip:2001:db8::1')
    expect(await mapper.externalIp()).toBe('2001:db8::1')
    expect(await mapper.addMapping(request)).toBe(30301)
    await expect(mapper.deleteMapping(mapping)).resolves.toBeUndefined()
    expect(await extIp(ipFromBytes(Uint8Array.of(10, 0, 0, 1))).externalIp()).toBe('10.0.0.1')
  })

  it('gives up when it is told to', async () => {
    const mapper = extIp('8.8.8.8')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(mapper.externalIp({ signal })).rejects.toThrow('enough')
    await expect(mapper.addMapping(request, { signal })).rejects.toThrow('enough')
    await expect(mapper.deleteMapping(mapping, { signal })).rejects.toThrow('enough')
  })

  it.each(['0.0.0.0', '::', '224.0.0.1', 'ff02::1', 'localhost', ''])('is not at %j', (ip) => {
    expect(() => extIp(ip)).toThrow(TypeError)
  })
})

describe("geth's --nat", () => {
  it.each([
    ['', undefined],
    ['none', undefined],
    ['off', undefined],
    ['NONE', undefined],
    ['extip:77.12.33.4', 'extip:77.12.33.4'],
    ['EXTIP:77.12.33.4', 'extip:77.12.33.4'],
    ['ip:77.12.33.4', 'extip:77.12.33.4'],
    ['extip:2001:DB8::1', 'extip:2001:db8::1'],
    ['extip:::1', 'extip:::1'],
    ['extip:::ffff:77.12.33.4', 'extip:77.12.33.4'],
  ])('%j gives %s', (text, name) => {
    expect(parseNat(text)?.name).toBe(name)
  })

  it.each([
    'any',
    'auto',
    'on',
    'upnp',
    'UPnP',
    'pmp',
    'natpmp',
    'nat-pmp',
    'pmp:192.168.0.1',
    'stun',
    'stun:192.0.2.1:3478',
  ])('%j is not in this version, and the error says what is', (text) => {
    expect(() => parseNat(text)).toThrow(TypeError)
    expect(() => parseNat(text)).toThrow(/is not in this version: use extip:IP .*, or none/)
  })

  it.each([
    ['extip', 'expected an IP address as in extip:192.0.2.1'],
    ['extip:', 'expected an IP address'],
    ['extip:127.1', 'expected an IP address'],
    ['extip:example.org', 'expected an IP address'],
    ['extip:77.12.33.4:30303', 'expected an IP address'],
    ['extip: 77.12.33.4', 'expected an IP address'],
    ['extip:0.0.0.0', 'expected the address that others reach this node at'],
    ['none:1.2.3.4', 'after the colon'],
    [':1.2.3.4', 'after the colon'],
    ['77.12.33.4', 'is no NAT mechanism'],
    [' none', 'is no NAT mechanism'],
    ['x'.repeat(1000), 'is no NAT mechanism'],
  ])('%j is refused, and the error says why', (text, reason) => {
    expect(() => parseNat(text)).toThrow(TypeError)
    expect(() => parseNat(text)).toThrow(reason)
  })
})
