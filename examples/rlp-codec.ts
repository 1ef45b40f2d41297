// A message schema: typed values to bytes and back, with every length and count bounded.
import { decode, encode, list, RlpError, struct, u64, utf8 } from '@ethwire/rlp-codec'

const history = struct({ since: u64, lines: list(utf8(280), 2) })

const bytes = encode(history, { since: 7n, lines: ['hello', 'world'] })
console.log(decode(history, bytes))

try {
  decode(struct({ since: u64, lines: list(utf8(280), 1) }), bytes)
} catch (error) {
  if (error instanceof RlpError) console.log(error.code, error.message)
}
