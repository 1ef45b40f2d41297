// `npm start -- ARGS`: installs, builds, and hands over to the reference client.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { build, env, install, main, node, root } from './workspace.mjs'

const rootOptions = new Set(['--help', '-h', '--version', '-V'])

/** ARGS that begin with a command are run as they are; everything else is meant for `devnet`. */
function commandLine(args) {
  const [first] = args
  const isCommand = first !== undefined && (!first.startsWith('-') || rootOptions.has(first))
  return isCommand ? args : ['devnet', ...args]
}

function handOver(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [join(root, 'apps', 'node', 'dist', 'cli.js'), ...args], {
      stdio: 'inherit',
      // Paths on the command line are meant from where the user stands.
      cwd: process.env.INIT_CWD ?? process.cwd(),
      env,
    })
    // A terminal sends Ctrl-C to the client too: wait until it has closed its store.
    process.on('SIGINT', () => {})
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

await main(async () => {
  await install()
  await build('ethwire')
  return await handOver(commandLine(process.argv.slice(2)))
})
