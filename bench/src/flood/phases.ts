import type { FloodOptions } from './flooder.ts'

/** One kind of flood. */
export interface Phase {
  readonly name: string
  /** Numbers of the list of hostile cases. */
  readonly cases: string
  readonly what: string
  readonly flood: FloodOptions
  /** Whether somebody pings from the flood's own address when it is over, who has to be answered within a second. */
  readonly pingsAfter?: boolean
}

export const rate = 20_000
const seconds = 10
const common = { rate, seconds, prefix: 9 }

export const phases: readonly Phase[] = [
  {
    name: 'one-address',
    cases: '4',
    what: 'signatures that are bad, from one address',
    flood: { ...common, mode: 'bad-signature', sources: 1 },
  },
  {
    name: 'spoofed',
    cases: '1, 4',
    what: 'signatures that are bad, from 5,000 addresses',
    flood: { ...common, mode: 'bad-signature', sources: 5000 },
  },
  {
    name: 'unknown-keys',
    cases: '1, 2, 4',
    what: 'good pings by 5,000 keys nobody knows, from 5,000 addresses, none of which answers',
    flood: { ...common, mode: 'valid-signature-no-bond', sources: 5000 },
  },
  {
    name: 'one-subnet',
    cases: '4',
    what: 'good pings from all of a /24',
    flood: { ...common, prefix: 24, mode: 'valid-signature-no-bond', sources: 254 },
  },
  {
    name: 'garbage',
    cases: '8',
    what: '1,281 bytes, c1c0, nothing, what is cut off, has a wrong hash or no fields, from one address',
    flood: { ...common, mode: 'garbage', sources: 1 },
    pingsAfter: true,
  },
]
