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
})
