import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lateText, lineOf } from '../src/devnet/view.ts'
import { runCli, startCli } from './cli-process.ts'

const directoryIn = (output: string): string => /(\S*ethwire-devnet-\S+)/.exec(output)?.[1] ?? ''

const state = {
  ...{ name: 'node-1', isSource: true, pid: 0, port: 0, height: 0, headHash: '', peers: 0, perSecond: 0 },
  syncMs: undefined,
}

describe('devnet', () => {
  test('says what is missing when its time is over', () => {
    const other = { ...state, name: 'node-2', isSource: false }
    expect(lateText([state, other], 0, 1)).toBe(
      'not started within 1 s: node-1 is still importing the sample chain or starting, node-2 is still starting',
    )
    const source = { ...state, port: 1, height: 1200 }
    expect(lateText([source, other, { ...other, name: 'node-3', port: 2, height: 7, peers: 1 }], 1200, 9)).toBe(
      'not synced to block 1,200 within 9 s: node-2 is still starting, node-3 at block 7 with 1 peer',
    )
  })

  test('shows all nodes in one line, peers counted', () => {
    const other = { ...state, name: 'node-2', height: 1200, peers: 1 }
    expect(lineOf([{ ...state, peers: 2 }, other])).toBe('node-1: block 0, 2 peers; node-2: block 1,200, 1 peer')
  })

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
    expect(output.trim().split('\n').at(-1)).toMatch(
      /^ethwire: (not started|not synced to block [\d,]+) within 1 s: node-/,
    )
    expect(existsSync(directory)).toBe(true)
  }, 60_000)
})
