import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { trimmingEnvironment } from '../src/allocator.ts'
import { startCli } from './cli-process.ts'
import { sampleGenesis } from './support.ts'

test('only on Linux, and only where the user has set nothing of malloc, a process is begun in another environment', () => {
  expect(trimmingEnvironment({ PATH: '/bin' }, 'linux')).toEqual({ PATH: '/bin', MALLOC_TRIM_THRESHOLD_: '131072' })
  expect(trimmingEnvironment({ MALLOC_ARENA_MAX: '2' }, 'linux')).toBeUndefined()
  expect(trimmingEnvironment({ GLIBC_TUNABLES: 'glibc.malloc.trim_threshold=1' }, 'linux')).toBeUndefined()
  expect(trimmingEnvironment({ PATH: '/bin' }, 'darwin')).toBeUndefined()
  const again = trimmingEnvironment({ PATH: '/bin' }, 'linux')
  expect(trimmingEnvironment(again ?? {}, 'linux')).toBeUndefined()
})

test('a node on Linux is the same process in that environment', async () => {
  const where = ['--addr', '127.0.0.1', '--port', '0', '--nodiscover', '--ipcdisable']
  const node = startCli('run', ...where, '--genesis', sampleGenesis, '--datadir', 'memory')
  await node.said('Started P2P networking')
  const environment =
    process.platform === 'linux' ? await readFile(`/proc/${node.child.pid}/environ`, 'utf8') : 'MALLOC_TRIM_THRESHOLD_='
  expect(environment).toContain('MALLOC_TRIM_THRESHOLD_=')
  node.child.kill('SIGTERM')
  expect((await node.ended).code).toBe(0)
})
