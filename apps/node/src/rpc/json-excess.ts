/** Too many levels, or too many values. */
export type JsonExcess = 'depth' | 'values'

/**
 * Whether a JSON text is more than it may be, told without parsing it: what is parsed costs memory and time for each value,
 * and stack for each level when somebody walks it. Members of objects count as values, and so do items of lists.
 */
export function excessOf(
  text: string,
  limits: { readonly depth: number; readonly values: number },
): JsonExcess | undefined {
  let depth = 0
  let values = 1
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === backslash) i++
      else if (code === quote) inString = false
    } else if (code === quote) {
      inString = true
    } else if (code === openList || code === openObject) {
      if (++depth > limits.depth) return 'depth'
      if (++values > limits.values) return 'values'
    } else if (code === comma) {
      if (++values > limits.values) return 'values'
    } else if (code === closeList || code === closeObject) {
      depth--
    }
  }
  return undefined
}

const [quote, backslash, openList, closeList, openObject, closeObject] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]
const comma = 0x2c
