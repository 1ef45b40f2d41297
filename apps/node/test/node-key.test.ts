import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadNodeKey } from '../src/node-key.ts'
import { crypto, temporaryDirectory } from './support.ts'

const someKey = 'b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291'
const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex')

describe('the node key', () => {
  test('is made once, as 64 hex digits that only the user can read', async () => {
    const datadir = join(await temporaryDirectory(), 'new')
    const key = await loadNodeKey({ datadir }, crypto)
    expect(crypto.isPrivateKey(key)).toBe(true)
    expect(await readFile(join(datadir, 'nodekey'), 'utf8')).toBe(hex(key))
    expect((await stat(join(datadir, 'nodekey'))).mode & 0o777).toBe(0o600)
    expect(await readdir(datadir)).toEqual(['nodekey'])
    expect(await loadNodeKey({ datadir }, crypto)).toEqual(key)
  })

  test('is one even if two processes make it at once', async () => {
    const datadir = await temporaryDirectory()
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadNodeKey({ datadir }, crypto)))
    expect(new Set(keys.map(hex)).size).toBe(1)
  })

  test("is geth's where geth has one, which stays as it is", async () => {
    const datadir = await temporaryDirectory()
    await mkdir(join(datadir, 'geth'))
    await writeFile(join(datadir, 'geth', 'nodekey'), `${someKey}\n`)
    expect(hex(await loadNodeKey({ datadir }, crypto))).toBe(someKey)
    expect(await readdir(datadir)).toEqual(['geth'])
    expect(await readFile(join(datadir, 'geth', 'nodekey'), 'utf8')).toBe(`${someKey}\n`)
  })

  test.each([
    ['empty', ''],
    ['cut off', someKey.slice(0, 40)],
    ['no hex', `x${someKey.slice(1)}`],
    ['two lines', `${someKey}\n\n`],
    ['zero', '0'.repeat(64)],
    ['long', someKey.repeat(100)],
  ])('case 65: that is damaged (%s) ends the start and is left as it is', async (_, content) => {
    const datadir = await temporaryDirectory()
    const path = join(datadir, 'nodekey')
    await writeFile(path, content)
    await expect(loadNodeKey({ datadir }, crypto)).rejects.toMatchObject({
      code: 'NODE_KEY',
      message: expect.stringContaining(path),
    })
    expect(await readFile(path, 'utf8')).toBe(content)
    expect(await readdir(datadir)).toEqual(['nodekey'])
  })

  test('never shows in the error about it', async () => {
    const datadir = await temporaryDirectory()
    await writeFile(join(datadir, 'nodekey'), `${someKey}00`)
    await expect(loadNodeKey({ datadir }, crypto)).rejects.not.toThrow(someKey)
  })

  test('comes from --nodekeyhex or --nodekey, but not from both', async () => {
    const datadir = await temporaryDirectory()
    const keyFile = join(datadir, 'key')
    await writeFile(keyFile, someKey)
    expect(hex(await loadNodeKey({ keyHex: someKey, datadir }, crypto))).toBe(someKey)
    expect(hex(await loadNodeKey({ keyFile, datadir }, crypto))).toBe(someKey)
    await expect(loadNodeKey({ keyFile, keyHex: someKey }, crypto)).rejects.toMatchObject({ code: 'NODE_USAGE' })
    await expect(loadNodeKey({ keyFile: `${keyFile}.no` }, crypto)).rejects.toMatchObject({ code: 'NODE_KEY' })
    await expect(loadNodeKey({ keyHex: '0x12' }, crypto)).rejects.toMatchObject({ code: 'NODE_USAGE' })
  })

  test('is new each time for a node that keeps nothing', async () => {
    const keys = [await loadNodeKey({}, crypto), await loadNodeKey({}, crypto)]
    expect(hex(keys[0]!)).not.toBe(hex(keys[1]!))
  })
})
