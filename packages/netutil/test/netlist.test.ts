import { describe, expect, it } from 'vitest'
import { parseNetlist } from '../src/index.ts'

describe('netlists', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['127.0.0.0/8, 10.0.0.0/9', '127.0.0.0/8,10.0.0.0/9'],
    [' ,,\t127.0.0.0/8\n, ', '127.0.0.0/8'],
    ['0.0.0.0/0,::/0', '0.0.0.0/0,::/0'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:10.0.0.1', '10.0.0.1/32'],
    ['', ''],
  ])('%j is %s', (text, canonical) => {
    expect(String(parseNetlist(text))).toBe(canonical)
  })

  it.each([
    ['10.0.0.0/8,127.1/8', '"127.1/8" at position 11: no IP address'],
    ['10.0.0.0/33', 'expected a prefix length from 0 to 32'],
    ['::/129', 'expected a prefix length from 0 to 128'],
    ['::ffff:10.0.0.0/95', 'expected a prefix length from 96 to 128'],
    ['10.0.0.0/', 'prefix length'],
    ['10.0.0.0/08', 'prefix length'],
    ['10.0.0.0/+8', 'prefix length'],
    ['10.0.0.0/8/8', 'prefix length'],
    ['10.0.0.0 /8', 'no IP address'],
    ['/8', 'no IP address'],
    ['10.0.0.0/8;127.0.0.0/8', 'prefix length'],
    ['localhost', 'no IP address'],
    ['fe80::%eth0/64', 'no IP address'],
  ])('%j is none, and the error says why', (text, reason) => {
    expect(() => parseNetlist(text)).toThrow(TypeError)
    expect(() => parseNetlist(text)).toThrow(reason)
  })

  it('contain the ends of their networks and not the neighbours', () => {
    const netlist = parseNetlist('10.0.0.0/9, 192.0.2.7, fd00:1::/33')
    const inside = ['10.0.0.0', '10.127.255.255', '::ffff:10.0.0.1', '192.0.2.7', 'fd00:1::', 'fd00:1:7fff:ffff::']
    const outside = ['9.255.255.255', '10.128.0.0', '192.0.2.6', '192.0.2.8', 'fd00:1:8000::', 'fd00::', '::a00:1']
    for (const ip of inside) expect([ip, netlist.contains(ip)]).toEqual([ip, true])
    for (const ip of outside) expect([ip, netlist.contains(ip)]).toEqual([ip, false])
    expect(() => netlist.contains('localhost')).toThrow(TypeError)
  })

  it('empty, contain nothing', () => {
    expect(parseNetlist('').contains('127.0.0.1')).toBe(false)
  })

  it('have 1,024 networks at most', () => {
    const networks = Array.from({ length: 1024 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`)
    expect(parseNetlist(networks.join()).networks).toHaveLength(1024)
    expect(() => parseNetlist([...networks, '11.0.0.0/8'].join())).toThrow(RangeError)
  })
})
