import { link, open, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Crypto } from '@ethwire/crypto'
import { nodeRandom } from '@ethwire/io/node'
import { makeDirectory } from './data-directory.ts'
import { codeOf, NodeError, reasonOf } from './errors.ts'

/** Where the node's identity comes from; the first that is given counts. */
export interface NodeKeySource {
  readonly keyHex?: string | undefined
  readonly keyFile?: string | undefined
  /** Absent for a node that keeps nothing: its key is new at each start. */
  readonly datadir?: string | undefined
}

/**
 * The node's private key, 32 bytes. In a data directory it is `nodekey` (64 hex digits, as geth writes them); without
 * one, geth's own `geth/nodekey` is used and left alone; without that too, a new one is made. A key that cannot be read is never
 * replaced: peers know the node by it.
 * @throws NodeError `NODE_KEY`, `NODE_USAGE`
 */
export async function loadNodeKey(source: NodeKeySource, crypto: Pick<Crypto, 'isPrivateKey'>): Promise<Uint8Array> {
  const { keyHex, keyFile, datadir } = source
  if (keyHex !== undefined && keyFile !== undefined) {
    throw new NodeError('NODE_USAGE', 'options --nodekey and --nodekeyhex are mutually exclusive')
  }
  if (keyHex !== undefined) {
    const key = parseKey(keyHex, crypto)
    if (key === undefined)
      throw new NodeError('NODE_USAGE', '--nodekeyhex: expected 64 hex digits of a valid private key')
    return key
  }
  if (keyFile !== undefined) {
    const key = await readKey(keyFile, crypto)
    if (key === undefined) throw new NodeError('NODE_KEY', `--nodekey: there is no file ${keyFile}`)
    return key
  }
  if (datadir === undefined) return newKey(crypto)
  const path = join(datadir, 'nodekey')
  return (
    (await readKey(path, crypto)) ??
    (await readKey(join(datadir, 'geth', 'nodekey'), crypto)) ??
    (await createKey(path, crypto))
  )
}

/** One trailing line break is allowed, as in geth. */
function parseKey(text: string, crypto: Pick<Crypto, 'isPrivateKey'>): Uint8Array | undefined {
  const digits = text.replace(/\r?\n$/, '')
  if (!/^[0-9a-f]{64}$/i.test(digits)) return undefined
  const key = Uint8Array.from(Buffer.from(digits, 'hex'))
  return crypto.isPrivateKey(key) ? key : undefined
}

/** The key in a file; undefined if there is no such file. @throws NodeError `NODE_KEY` */
export async function readKey(path: string, crypto: Pick<Crypto, 'isPrivateKey'>): Promise<Uint8Array | undefined> {
  let text: string
  try {
    text = await readFile(path, 'latin1')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new NodeError('NODE_KEY', `cannot read the node key: ${reasonOf(error)}`, { cause: error })
  }
  const key = text.length > 70 ? undefined : parseKey(text, crypto)
  if (key === undefined) {
    throw new NodeError(
      'NODE_KEY',
      `the node key in ${path} is damaged (expected 64 hex digits of a valid private key); restore it, or move it away to become a new node`,
    )
  }
  return key
}

/** A random private key, 32 bytes. */
export function newKey(crypto: Pick<Crypto, 'isPrivateKey'>): Uint8Array {
  for (;;) {
    const key = nodeRandom.bytes(32)
    if (crypto.isPrivateKey(key)) return key
  }
}

/** Written beside, synced, then linked into place: whoever looks finds a whole key or none, and nobody's key is overwritten. */
async function createKey(path: string, crypto: Pick<Crypto, 'isPrivateKey'>): Promise<Uint8Array> {
  const key = newKey(crypto)
  const draft = `${path}.${Buffer.from(nodeRandom.bytes(8)).toString('hex')}.tmp`
  try {
    await makeDirectory(dirname(path))
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(Buffer.from(key).toString('hex'))
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      await link(draft, path)
    } finally {
      await unlink(draft)
    }
  } catch (error) {
    // Another process was faster.
    const theirs = codeOf(error) === 'EEXIST' ? await readKey(path, crypto) : undefined
    if (theirs !== undefined) return theirs
    throw new NodeError('NODE_KEY', `cannot write the node key: ${reasonOf(error)}`, { cause: error })
  }
  return key
}
