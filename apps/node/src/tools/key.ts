import type { Crypto } from '@ethwire/crypto'
import { formatEnode, formatNodeId, nodeIdFromPublicKey } from '@ethwire/enr'
import { silentLogger } from '@ethwire/io'
import { chooseCrypto } from '../crypto-choice.ts'
import { NodeError } from '../errors.ts'
import { jsonText } from '../json-text.ts'
import { writeNewFile } from '../new-file.ts'
import { newKey, readKey } from '../node-key.ts'
import type { KeyGenerateOptions, KeyIdOptions, KeyNodeOptions } from '../options/key-options.ts'
import { printLine } from '../output.ts'
import { endpointEntries, signGiven } from './record-entries.ts'

/** `ethwire key generate KEYFILE`: 64 hex digits, readable by the user alone. */
export async function generateKey(file: string, options: KeyGenerateOptions): Promise<number> {
  const crypto = chooseCrypto(silentLogger)
  const key = newKey(crypto)
  const content = (async function* () {
    yield Buffer.from(Buffer.from(key).toString('hex'))
  })()
  await writeNewFile(file, content, { force: options.force === true, mode: 0o600, code: 'NODE_FILE' })
  const nodeId = nodeIdOf(key, crypto)
  await printLine(options.json === true ? jsonText({ file, nodeId }) : `${file}: the key of node ${nodeId}`)
  return 0
}

/** `ethwire key to-id KEYFILE` */
export async function keyToId(file: string, { json }: KeyIdOptions): Promise<number> {
  const crypto = chooseCrypto(silentLogger)
  const nodeId = nodeIdOf(await keyOfFile(file, crypto), crypto)
  await printLine(json === true ? jsonText({ nodeId }) : nodeId)
  return 0
}

/** `ethwire key to-enode KEYFILE` */
export async function keyToEnode(file: string, options: KeyNodeOptions): Promise<number> {
  const crypto = chooseCrypto(silentLogger)
  const key = await keyOfFile(file, crypto)
  const { ip, tcp, udp, json } = options
  const endpoint = { publicKey: crypto.publicKey(key), tcpPort: tcp, udpPort: udp }
  const enode = formatEnode(ip === '' ? endpoint : { ...endpoint, host: ip })
  await printLine(json === true ? jsonText({ nodeId: nodeIdOf(key, crypto), enode }) : enode)
  return 0
}

/** `ethwire key to-enr KEYFILE`: as geth makes it, with the sequence number 0. */
export async function keyToEnr(file: string, options: KeyNodeOptions): Promise<number> {
  const crypto = chooseCrypto(silentLogger)
  const privateKey = await keyOfFile(file, crypto)
  const { nodeIdHex, text } = signGiven(() => endpointEntries(options), { seq: 0n, privateKey, crypto })
  await printLine(options.json === true ? jsonText({ nodeId: nodeIdHex, enr: text }) : text)
  return 0
}

/** @throws NodeError `NODE_KEY` */
export async function keyOfFile(file: string, crypto: Crypto): Promise<Uint8Array> {
  const key = await readKey(file, crypto)
  if (key === undefined) throw new NodeError('NODE_KEY', `there is no file ${file}`)
  return key
}

function nodeIdOf(privateKey: Uint8Array, crypto: Crypto): string {
  return formatNodeId(nodeIdFromPublicKey(crypto.publicKey(privateKey), { crypto }))
}
