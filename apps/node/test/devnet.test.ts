import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'

const directoryIn = (output: string): string => /(\S*ethwire-devnet-\S+)/.exec(output)?.[1] ?? ''

describe('devnet', () => {
  test('brings all nodes to the head of the sample chain, says so last, and leaves nothing behind', async () => {
    const { code, output } = await runCli('devnet', '--nodes', '3', '--exit-when-synced')
    expect(output.trim().split('\n').at(-1)).toMatch(
      /^All 3 nodes are at block 1,200 \(0xab05240a…c0a2a6\): node-1 had the chain, the others synced it from their peers/,
    )
    expect(code).toBe(0)
  }, 60_000)

  test('runs on until it is told to end, and then its nodes end, too', async () => {
    const devnet = startCli('devnet', '--nodes', '2', '--keep')
    await devnet.said('Ctrl-C ends it')
    devnet.child.kill('SIGINT')
    const { code, output } = await devnet.ended
    expect(code).toBe(0)
    const directory = directoryIn(output)
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    for (const name of ['node-1', 'node-2']) {
      expect(await readFile(join(directory, name, 'log'), 'utf8')).toContain('the parent process is gone')
    }
  }, 60_000)

  test('fails with the reason when there is no time', async () => {
    const { code, output } = await runCli('devnet', '--nodes', '5', '--exit-when-synced', '--timeout', '1')
    const directory = directoryIn(output)
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    expect(code).toBe(1)
    expect(output.trim().split('\n').at(-1)).toMatch(/^ethwire: not synced to block .* within 1 s: node-/)
    expect(existsSync(directory)).toBe(true)
  }, 60_000)
})
