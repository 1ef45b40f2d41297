/**
 * Whether a JSON text nests deeper than `limit`, told without parsing it: what is parsed costs memory for each level,
 * and whoever walks it later costs stack.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === backslash) i++
      else if (code === quote) inString = false
    } else if (code === quote) {
      inString = true
    } else if (code === openList || code === openObject) {
      if (++depth > limit) return true
    } else if (code === closeList || code === closeObject) {
      depth--
    }
  }
  return false
}

const [quote, backslash, openList, closeList, openObject, closeObject] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]
