import { JSONRPCErrorException } from 'json-rpc-2.0'
import { createByteCollector } from './byte-collector.ts'

/** Finds the JSON texts in a stream of them, with white space or nothing in between. */
export interface JsonSplitter {
  /**
   * The objects and arrays that are complete with this chunk; whether what is inside of them is JSON is not looked at.
   * @throws JSONRPCErrorException for anything else at the outside, or more bytes than allowed: there is no going on
   */
  push(chunk: Uint8Array): Generator<string, void, void>
  /** Of a text that is not complete. */
  readonly waitingBytes: number
}

/** Each byte is looked at once, however small the chunks are. */
export function createJsonSplitter(maxBytes: number): JsonSplitter {
  const collector = createByteCollector(maxBytes)
  let depth = 0
  let inString = false
  let escaped = false

  function keep(bytes: Uint8Array): void {
    if (!collector.add(bytes)) throw new JSONRPCErrorException(`message too large (>${maxBytes})`, -32600)
  }

  return {
    *push(chunk) {
      let start = 0
      for (let i = 0; i < chunk.length; i++) {
        const code = chunk[i] as number
        if (inString) {
          if (escaped) escaped = false
          else if (code === backslash) escaped = true
          else if (code === quote) inString = false
        } else if (code === openList || code === openObject) {
          if (depth++ === 0) start = i
        } else if (depth === 0) {
          if (!whiteSpace.has(code)) throw new JSONRPCErrorException('parse error', -32700)
        } else if (code === quote) {
          inString = true
        } else if ((code === closeList || code === closeObject) && --depth === 0) {
          keep(chunk.subarray(start, i + 1))
          yield collector.take()
        }
      }
      if (depth > 0) keep(chunk.subarray(start))
    },
    get waitingBytes() {
      return collector.length
    },
  }
}

const [quote, backslash, openList, closeList, openObject, closeObject] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]
const whiteSpace: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
