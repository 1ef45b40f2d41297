import { ethVersions, maxMessageBytes, messagesByCode } from '@ethwire/eth-peer/messages'
import { decode, encodeList, encodeUint, list, type Schema, struct, u64 } from '@ethwire/rlp-codec'
import { type Contender, median, medianRates, repeatCpu } from '../measure.ts'
import { listHeader, nestedLists } from './attacks/payloads.ts'
import type { Judged } from './contract.ts'

/** What a hostile message may cost, says the case. */
const mostMs = 10
/** A byte of a message eight times as long, for caches and the collector: with the square of the bytes it would be eight. */
const mostGrowth = 3
const rounds = 7
const growthItems = 5_000

/** Case 42 in time: how long each message of eth takes to turn hostile bytes down, and how that grows with the bytes. */
export async function decodingFigures(): Promise<Judged[]> {
  const messages = [...messagesByCode(ethVersions[70]).values()]
  const worst = (payloads: readonly Uint8Array[]): { ours: number; which: string } => {
    const taken = messages.flatMap(({ name, definition: { schema } }) =>
      payloads.map((payload) => ({ which: name, ours: medianMs(() => isTurnedDown(schema, payload)) })),
    )
    return taken.reduce((a, b) => (b.ours > a.ours ? b : a))
  }
  const emptyLists = new Uint8Array(maxMessageBytes - 16).fill(0xc0)
  const wide = worst(inMessages([listHeader(emptyLists.length), emptyLists]))
  const deep = worst(inMessages([nestedLists(50_000)]))
  const note = (what: string, which: string): string =>
    `case 42: how long ${what} are looked at, as whatever message of eth/70 takes longest, ${which}; median of ${rounds}`
  return [
    {
      ...{ name: 'hostile/decoding/empty-lists', ours: wide.ours, limit: mostMs, unit: 'ms' },
      note: note('10 MiB of empty lists', wide.which),
    },
    {
      ...{ name: 'hostile/decoding/nested-lists', ours: deep.ours, limit: mostMs, unit: 'ms' },
      note: note('50,000 lists in each other', deep.which),
    },
    {
      ...{ name: 'hostile/decoding/growth', ours: await growth(), limit: mostGrowth, unit: 'x' },
      note: 'case 42: time for each byte of a list that is wrong in its last item, 40,000 items beside 5,000',
    },
  ]
}

/** The bytes as a whole message, and as what follows the id of a request or an answer. */
function inMessages(parts: readonly Uint8Array[]): Uint8Array[] {
  const item = Buffer.concat(parts)
  return [item, encodeList([encodeUint(1), item])]
}

/** How much slower long messages are than short ones with as many items in all. */
async function growth(): Promise<number> {
  const schema = list(struct({ a: list(u64, 4), b: u64 }), 2 ** 20)
  const item = encodeList([encodeList([Uint8Array.of(1), Uint8Array.of(2)]), Uint8Array.of(3)])
  const contender = (items: number): Contender => {
    const message = encodeList([...new Array<Uint8Array>(items).fill(item), Uint8Array.of(7)])
    const work = (): void => void isTurnedDown(schema, message)
    return { rate: (durationMs) => items * repeatCpu(work, durationMs) }
  }
  const contenders = { short: contender(growthItems), long: contender(8 * growthItems) }
  const rates = await medianRates(contenders, { count: rounds, durationMs: 200 })
  return rates.short / rates.long
}

function isTurnedDown(schema: Schema<unknown>, payload: Uint8Array): boolean {
  try {
    decode(schema, payload)
    return false
  } catch {
    return true
  }
}

function medianMs(work: () => void): number {
  return median(
    Array.from({ length: rounds }, () => {
      const start = performance.now()
      work()
      return performance.now() - start
    }),
  )
}
