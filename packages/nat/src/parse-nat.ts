import { parseIp } from '@ethwire/netutil'
import { extIp } from './ext-ip.ts'
import type { NatMapper } from './nat-mapper.ts'

/** What this version knows, for errors. */
const known = 'use extip:IP with the address that others reach this node at, or none'

/** geth's names of what is not there yet. */
const later: ReadonlySet<string> = new Set(['any', 'auto', 'on', 'upnp', 'pmp', 'natpmp', 'nat-pmp', 'stun'])

/**
 * Reads a mapper as geth's `--nat` takes it: `none` (also `off`, or nothing) or `extip:IP` (also `ip:IP`), in upper or lower
 * case. `any`, `upnp`, `pmp` and `stun` are refused: they are not in this version.
 *
 * @returns the mapper, or `undefined` for none
 * @throws TypeError for anything else; it says what to use instead
 *
 * @example
 * import { parseNat } from '@ethwire/nat'
 *
 * console.log(parseNat('extip:8.8.4.4')?.name, parseNat('none')) // extip:8.8.4.4 undefined
 */
export function parseNat(text: string): NatMapper | undefined {
  const shown = JSON.stringify(text.slice(0, 64))
  const colon = text.indexOf(':')
  const mechanism = (colon < 0 ? text : text.slice(0, colon)).toLowerCase()
  const rest = colon < 0 ? undefined : text.slice(colon + 1)
  if (later.has(mechanism)) {
    throw new TypeError(`the NAT mechanism ${JSON.stringify(mechanism)} is not in this version: ${known}`)
  }
  switch (mechanism) {
    case '':
    case 'none':
    case 'off':
      if (rest === undefined) return undefined
      throw new TypeError(`${shown} has something after the colon where nothing belongs: ${known}`)
    case 'extip':
    case 'ip': {
      const ip = rest === undefined ? undefined : parseIp(rest)
      if (ip === undefined) throw new TypeError(`expected an IP address as in extip:192.0.2.1, got ${shown}`)
      return extIp(ip)
    }
    default:
      throw new TypeError(`${shown} is no NAT mechanism: ${known}`)
  }
}
