/** JSON to read; what is in it may be a stranger's, and must not steer the terminal. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(/\p{Cc}/gu, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A sequence number in JSON: a number, as geth has it, and a string where most who read JSON would round it. */
export function seqJson(seq: bigint): number | string {
  return seq <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seq) : String(seq)
}
