import { describe, expect, it } from 'vitest'
import { AddressHash } from '../src/address-hash.ts'

const ips = Array.from({ length: 4096 }, (_, n) => `10.${n >> 8}.${n & 255}.1`)

describe('hashes of addresses', () => {
  it('are the same for the same address, whatever was asked before', () => {
    const hash = new AddressHash(7)
    const first = ips.map((ip) => [hash.of(ip), hash.ofEndpoint(ip, 30303)])
    expect(ips.map((ip) => [hash.of(ip), hash.ofEndpoint(ip, 30303)])).toEqual(first)
    expect(first.flat().every((number) => number >= 0 && number < 2 ** 30)).toBe(true)
  })

  it('differ by address, by port and by salt, but for a few', () => {
    const hash = new AddressHash(7)
    expect(new Set(ips.map((ip) => hash.of(ip))).size).toBeGreaterThan(4090)
    expect(new Set(ips.map((_, port) => hash.ofEndpoint('10.0.0.1', port))).size).toBeGreaterThan(4090)
    const other = new AddressHash(8)
    expect(ips.filter((ip) => hash.of(ip) === other.of(ip)).length).toBeLessThan(6)
    expect(ips.filter((ip) => hash.ofEndpoint(ip, 1) === other.ofEndpoint(ip, 1)).length).toBeLessThan(6)
  })

  it('are of a network, which is an IPv4 /24 or an IPv6 /48, and in the LAN an endpoint', () => {
    const hash = new AddressHash(7)
    const networks = (each: string[]): number => new Set(each.map((ip, port) => hash.ofNetwork(ip, port))).size
    expect(networks(['32.0.1.1', '32.0.1.2', '32.0.1.255'])).toBe(1)
    expect(networks(['2a00:0:1::1', '2a00:0:1:ffff::', '2a00:0:1:0:1::1'])).toBe(1)
    expect(networks(['32.0.1.1', '32.0.2.1', '32.1.1.1', '33.0.1.1', '2a00:0:1::1', '2a00:0:2::1', '2a00::'])).toBe(7)
    expect(networks(['10.0.0.1', '10.0.0.1', '10.0.0.2', '127.0.0.1', 'fe80::1', 'fe80::1'])).toBe(6)
    expect(hash.ofNetwork('10.0.0.1', 1)).toBe(hash.ofNetwork('10.0.0.1', 1))
  })

  it('are of a node at an address', () => {
    const hash = new AddressHash(7)
    const ids = Array.from({ length: 16 }, (_, index) => new Uint8Array(32).fill(1, index, index + 1))
    const hashes = ids.flatMap((id) => ips.slice(0, 64).map((ip) => hash.ofNode(id, ip)))
    expect(new Set(hashes).size).toBe(16 * 64)
    expect(ids.flatMap((id) => ips.slice(0, 64).map((ip) => hash.ofNode(id, ip)))).toEqual(hashes)
    expect(hashes.every((number) => number === (number | 0))).toBe(true)
  })
})
