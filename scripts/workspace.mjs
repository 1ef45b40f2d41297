// What the root commands share. It runs on the system's Node (20 or later) before anything is installed,
// so it imports nothing but Node's own modules. Everything that it starts runs on the Node of node_modules.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.ethwire-installed')
const exe = process.platform === 'win32' ? '.exe' : ''

/** The Node that the checkout brings along. */
export const node = join(modules, 'node', 'bin', `node${exe}`)
const pnpm = join(modules, 'pnpm', `pnpm${exe}`)

/** The scripts of the tools that the root commands start, as arguments of {@link node}. */
export const tools = {
  biome: join(modules, '@biomejs', 'biome', 'bin', 'biome'),
  changeset: join(modules, '@changesets', 'cli', 'bin.js'),
  knip: join(modules, 'knip', 'bin', 'knip.js'),
  sizeLimit: join(modules, 'size-limit', 'bin.js'),
  turbo: join(modules, 'turbo', 'bin', 'turbo'),
  typescript: join(modules, 'typescript', 'bin', 'tsc'),
  vitest: join(modules, 'vitest', 'vitest.mjs'),
}

/** Every package that is published: `{ name, short, folder, manifest }`. */
export function publicPackages() {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((short) => {
      const folder = join(root, parent, short)
      if (!existsSync(join(folder, 'package.json'))) return []
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return manifest.private ? [] : [{ name: manifest.name, short, folder, manifest }]
    }),
  )
}

/** The environment of all tools: `node_modules/.bin` first, nobody phones home. */
export const env = {
  ...process.env,
  PATH: join(modules, '.bin') + delimiter + (process.env.PATH ?? ''),
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
}

/** A failure that has been told to the user in full: print its message, not its stack. */
class CommandError extends Error {}

/**
 * Runs a command in the workspace's root and gives its exit code (128 where a signal ended it).
 * With `quietly`, output is kept back and shown only if the command fails; when it takes longer than a
 * moment, that text is printed, so that nobody wonders what is going on.
 */
export function run(command, args, { quietly, cwd = root, extraEnv = {} } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = quietly === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe']
    const child = spawn(command, args, { cwd, stdio, env: { ...env, ...extraEnv } })
    const kept = []
    child.stdout?.on('data', (chunk) => kept.push(chunk))
    child.stderr?.on('data', (chunk) => kept.push(chunk))
    const notice = quietly === undefined ? undefined : setTimeout(() => process.stderr.write(`${quietly}\n`), 1_000)
    child.on('error', (cause) => {
      clearTimeout(notice)
      reject(new CommandError(`cannot start ${command}: ${cause.message}`))
    })
    child.on('close', (code) => {
      clearTimeout(notice)
      if (code !== 0) process.stderr.write(Buffer.concat(kept))
      resolve(code ?? 128)
    })
  })
}

/** Like {@link run}, but a failure ends the whole root command with that exit code. */
async function must(command, args, options) {
  const code = await run(command, args, options)
  if (code !== 0) process.exit(code)
}

function installedState() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/**
 * Installs what the lockfile names, unless that has been done. The first time pnpm comes through `npx`; never
 * afterwards, because `npx` without a network hangs instead of failing.
 */
export async function install() {
  const state = installedState()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state && existsSync(node)) return
  rmSync(stamp, { force: true })
  const args = ['install', '--frozen-lockfile', '--prefer-offline']
  // On a terminal pnpm draws its own progress.
  const options = process.stderr.isTTY ? {} : { quietly: 'Installing the dependencies…' }
  if (process.stderr.isTTY) process.stderr.write('Installing the dependencies…\n')
  // An install that was cut off may have left a pnpm that does not start.
  if (spawnSync(pnpm, ['--version'], { stdio: 'ignore' }).status === 0) {
    await must(pnpm, args, options)
  } else {
    const { pnpm: version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies
    const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx'
    await must(npx, ['-y', `pnpm@${version}`, ...args], options)
  }
  writeFileSync(stamp, state)
}

/** Builds the named packages, or all, with what they depend on; takes a moment if nothing changed. */
export async function build(...packages) {
  const filters = packages.map((name) => `--filter=${name}`)
  await must(node, [tools.turbo, 'run', 'build', '--output-logs=errors-only', ...filters], {
    quietly: 'Building…',
  })
}

/** Runs a root command's body and turns what it throws into an exit code. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0
  } catch (error) {
    process.stderr.write(error instanceof CommandError ? `${error.message}\n` : `${error.stack ?? error}\n`)
    process.exitCode = 1
  }
}
