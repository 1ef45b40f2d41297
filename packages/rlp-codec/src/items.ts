import { Cursor, type ItemKind } from './cursor.ts'
import { RlpError } from './errors.ts'

/** Where an item and its payload are in its source. */
export interface ItemBounds {
  readonly kind: ItemKind
  readonly start: number
  readonly payloadStart: number
  /** Where payload and item end. */
  readonly end: number
}

/** The header of the item at `start`, checked to end by `limit`. Its content is not looked at. @throws RlpError */
export function readItem(source: Uint8Array, start: number = 0, limit: number = source.length): ItemBounds {
  const input = new Cursor(source, start, limit)
  input.next()
  return { kind: input.kind, start, payloadStart: input.payloadStart, end: input.payloadEnd }
}

/** The items of the one list that `source` is, each whole and as a view. @throws RlpError */
export function listItems(source: Uint8Array, maxCount: number): Uint8Array[] {
  const input = new Cursor(source)
  input.enterList(`a list of at most ${maxCount}`)
  if (input.end !== source.length)
    throw new RlpError('RLP_TRAILING', `${source.length - input.end} bytes after the list`)
  const items: Uint8Array[] = []
  while (input.position < input.end) {
    if (items.length === maxCount) throw new RlpError('RLP_TOO_MANY', `expected a list of at most ${maxCount}`)
    const start = input.position
    input.next()
    items.push(source.subarray(start, input.position))
  }
  return items
}
