import { type EntryValue, ip6Entry, tcp6Entry, udp6Entry } from '@ethwire/enr'
import { silentLogger } from '@ethwire/io'
import { readItem } from '@ethwire/rlp-codec'
import { chooseCrypto } from '../crypto-choice.ts'
import { NodeError } from '../errors.ts'
import { jsonText } from '../json-text.ts'
import type { EnrDecodeOptions, EnrEncodeOptions, RawEntry } from '../options/enr-options.ts'
import { printLine } from '../output.ts'
import { keyOfFile } from './key.ts'
import { endpointEntries, signGiven } from './record-entries.ts'
import { readRecordFile, recordBytes } from './record-input.ts'
import { inspectRecord, recordJson, recordText } from './record-text.ts'

/** `ethwire enr decode [RECORD]`: 1 for a record that has the form of one and is not valid. */
export async function decodeEnr(record: string | undefined, options: EnrDecodeOptions): Promise<number> {
  const { file, json } = options
  if ((record === undefined) === (file === undefined))
    throw new NodeError('NODE_USAGE', 'give a record, or a file with one: --file FILE')
  const source = record === undefined ? await readRecordFile(file as string) : Buffer.from(record)
  const shown = inspectRecord(recordBytes(source), chooseCrypto(silentLogger))
  await printLine(json === true ? jsonText(recordJson(shown)) : recordText(shown))
  return shown.identity === undefined ? 1 : 0
}

/** `ethwire enr encode KEYFILE` */
export async function encodeEnr(keyFile: string, options: EnrEncodeOptions): Promise<number> {
  const crypto = chooseCrypto(silentLogger)
  const privateKey = await keyOfFile(keyFile, crypto)
  const { seq, json } = options
  const record = signGiven(() => givenEntries(options), { seq, privateKey, crypto })
  await printLine(json === true ? jsonText(recordJson(inspectRecord(record.bytes, crypto))) : record.text)
  return 0
}

/** @throws TypeError, RangeError for a value that no record has */
function givenEntries(options: EnrEncodeOptions): EntryValue[] {
  const { ip6, tcp6, udp6, entry } = options
  return [
    ...endpointEntries(options),
    ...(ip6 === undefined || ip6 === '' ? [] : [ip6Entry.of(ip6)]),
    ...(tcp6 === undefined || tcp6 === 0 ? [] : [tcp6Entry.of(tcp6)]),
    ...(udp6 === undefined || udp6 === 0 ? [] : [udp6Entry.of(udp6)]),
    ...entry.map(wholeItem),
  ]
}

function wholeItem({ key, value }: RawEntry): EntryValue {
  let end: number
  try {
    end = readItem(value).end
  } catch (cause) {
    throw new TypeError(`the value of ${key} is not RLP`, { cause })
  }
  if (end !== value.length) throw new TypeError(`the value of ${key} is more than one item of RLP`)
  return { key, value }
}
