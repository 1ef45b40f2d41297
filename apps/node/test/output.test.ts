import { spawn } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDiscv4 } from '@ethwire/discv4'
import { createLocalNode } from '@ethwire/enr'
import { bindDatagram, nodeClock, nodeRandom } from '@ethwire/io/node'
import { expect, onTestFinished, test } from 'vitest'
import { packageFile } from '../src/package-file.ts'
import { startCli } from './cli-process.ts'
import { crypto, sampleGenesis, temporaryDirectory } from './support.ts'

const here = ['--addr', '127.0.0.1:0', '--verbosity', '0']

/** Runs `ethwire ARGS` with its standard output as a shell has it; resolves with the exit code and standard error. */
function runWith(output: 'closed pipe' | 'full disk', args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  // The reader is gone when the program begins.
  const script =
    output === 'full disk'
      ? 'exec "$0" "$@" >/dev/full'
      : '{ while [ ! -e "$GONE" ]; do sleep 0.02; done; "$0" "$@"; echo "exit $?" >&2; } | { exec <&-; : >"$GONE"; }'
  const child = spawn(
    '/bin/sh',
    ['-c', script, process.execPath, '--conditions=@ethwire/source', packageFile('src/cli.ts'), ...args],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env } },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  return new Promise<{ readonly code: number | null; readonly said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  )
}

/** The enode URL of a node of discovery in this process. */
async function startNode(): Promise<string> {
  const privateKey = nodeRandom.bytes(32)
  const localNode = await createLocalNode({ privateKey, clock: nodeClock, crypto })
  const socket = await bindDatagram({ ip: '127.0.0.1', port: 0 })
  localNode.setFallbackIp('127.0.0.1')
  localNode.setFallbackUdp(socket.local.port)
  const discovery = await createDiscv4({ privateKey, localNode, socket, crypto })
  onTestFinished(async () => {
    await discovery.close()
    await socket.close()
  })
  return localNode.enode
}

test('commands end quietly where nobody reads what they print, with the code of SIGPIPE, and name a full disk', async () => {
  const directory = await temporaryDirectory()
  const enode = await startNode()
  const datadir = join(directory, 'data')
  const running = startCli(
    ...['run', '--addr', '127.0.0.1', '--port', '0', '--datadir', datadir, '--genesis', sampleGenesis],
    ...['--netrestrict', '127.0.0.0/8'],
  )
  await running.said('IPC socket opened')
  const key = join(directory, 'key')
  await writeFile(key, '01'.repeat(32))
  const commands = [
    ['discv4', 'ping', ...here, enode],
    ['discv4', 'lookup', ...here, '--bootnodes', enode],
    ['discv4', 'listen', ...here],
    ['discv4', 'crawl', ...here, '--timeout', '1s', '--bootnodes', enode, '-'],
    ['discv4', 'explain', '--datadir', datadir, enode],
    ['peers', '--datadir', datadir],
    ['key', 'to-id', key],
  ]
  for (const [index, command] of commands.entries()) {
    const GONE = join(directory, `gone-${index}`)
    expect(await runWith('closed pipe', command, { GONE }), command.join(' ')).toMatchObject({ said: 'exit 141\n' })
  }
  for (const command of commands.slice(0, 3)) {
    expect(await runWith('full disk', command), command.join(' ')).toEqual({
      code: 1,
      said: 'ethwire: cannot write to standard output: ENOSPC: no space left on device, write\n',
    })
  }
}, 120_000)

test('a devnet ends, too, and takes its data with it', async () => {
  const directory = await temporaryDirectory()
  const [TMPDIR, GONE] = [directory, join(directory, 'gone')]
  const command = ['devnet', '--nodes', '2', '--exit-when-synced']
  expect(await runWith('closed pipe', command, { TMPDIR, GONE })).toMatchObject({ said: 'exit 141\n' })
  expect(await readdir(directory)).toEqual(['gone'])
}, 60_000)
