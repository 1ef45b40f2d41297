import { open } from 'node:fs/promises'
import { NodeError, reasonOf } from '../errors.ts'

/** Far more than a record in any form; a file that is longer is something else. */
const maxBytes = 4096

/** The bytes of a record in any of the forms that geth's `enrdump` takes: hex, base64 with `enr:` or not, or as it is. */
export function recordBytes(source: Uint8Array): Uint8Array {
  const text = Buffer.from(source).toString('latin1').trim()
  const hex = text.replace(/^0x/, '')
  if (/^([0-9a-f]{2})+$/i.test(hex)) return Uint8Array.from(Buffer.from(hex, 'hex'))
  const base64 = text.replace(/^enr:/, '')
  if (/^[\w-]+$/.test(base64) && base64.length % 4 !== 1) return Uint8Array.from(Buffer.from(base64, 'base64url'))
  return source
}

/** A file, or standard input for `-`. @throws NodeError `NODE_FILE` */
export async function readRecordFile(path: string): Promise<Uint8Array> {
  try {
    if (path === '-') return await readBounded(process.stdin)
    await using file = await open(path)
    return await readBounded(file.createReadStream({ autoClose: false, end: maxBytes }))
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new NodeError('NODE_FILE', `cannot read ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

async function readBounded(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxBytes) throw new NodeError('NODE_FILE', `expected a record, got more than ${maxBytes} bytes`)
  }
  return Uint8Array.from(Buffer.concat(chunks))
}
