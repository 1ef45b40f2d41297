import { stat, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeDirectory, prepareDatadir } from '../src/data-directory.ts'
import { runCli } from './cli-process.ts'
import { sampleFile, sampleGenesis, temporaryDirectory } from './support.ts'

describe('the data directory', () => {
  test('is made with those above it, and may be there', async () => {
    const path = join(await temporaryDirectory(), 'a', 'b', 'c')
    await makeDirectory(path)
    await makeDirectory(path)
    await prepareDatadir(path)
    expect((await stat(path)).isDirectory()).toBe(true)
  })

  test('that is a file, or below one, is refused with its name', async () => {
    const file = join(await temporaryDirectory(), 'file')
    await writeFile(file, '')
    for (const path of [file, join(file, 'below'), join(file, 'far', 'below')]) {
      await expect(prepareDatadir(path)).rejects.toMatchObject({
        code: 'NODE_DATADIR',
        message: expect.stringMatching(/^cannot use the data directory .*file.*: E(EXIST|NOTDIR)/),
      })
    }
  })

  test.runIf(platform() === 'linux')('that cannot be made ends the start with the reason', async () => {
    for (const args of [
      ['run', '--addr', '127.0.0.1', '--port', '0'],
      ['import', sampleFile],
    ]) {
      const path = '/proc/ethwire/data'
      const { code, output } = await runCli(...args, '--genesis', sampleGenesis, '--datadir', path)
      expect(output).toContain(`ethwire: cannot use the data directory ${path}: ENOENT`)
      expect(code).toBe(1)
    }
  })
})
