// `npm run pack-check -- NAME…`: what a user gets. Every public package is packed as for publishing and installed by npm,
// with what its README says to install, into an empty project outside the checkout; there the README's program must have
// right types and run on the oldest Node that is supported and on the newest. NAMEs (such as `enr`) are a part to check.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, install, main, node as newestNode, publicPackages, root, tools } from './workspace.mjs'

// The lower end of `engines.node`.
const oldest = '22.18.0'
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const npmInstall = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

// `npm run` hands down where it was started, which npm would take for the project, and what it was started with.
const handedDown =
  /^(npm_(package|lifecycle|command|execpath|node_execpath)|npm_config_(local_|global_)?prefix$|INIT_CWD|NODE_(?!EXTRA_CA_CERTS))/
const cleanEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !handedDown.test(name)))

/** Runs a command and gives `{ code, output }`; one that hangs is ended. */
function capture(command, args, cwd, timeout = 60_000) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: cleanEnv, stdio: ['ignore', 'pipe', 'pipe'], timeout })
    let output = ''
    const keep = (chunk) => (output += chunk)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 128, output: signal ? `${output}\n${signal}` : output }),
    )
  })
}

/** Fails with the command's output. */
async function must(what, command, args, cwd) {
  const { code, output } = await capture(command, args, cwd, 180_000)
  if (code !== 0) throw new Error(`${what} failed (${code}):\n${output}`)
  return output
}

/** What a README says to install, and its program; of the application, what shows that its command starts. */
function readReadme({ folder, name, manifest }) {
  if (manifest.bin !== undefined) {
    const script = join('node_modules', name, Object.values(manifest.bin)[0])
    return { installs: [name], program: '', args: [script, '--help'] }
  }
  const text = readFileSync(join(folder, 'README.md'), 'utf8')
  const installs = /^npm install (?:--save-dev )?(.+)$/m.exec(text)?.[1]?.split(' ')
  const program = /^```ts\n([\s\S]*?)^```$/m.exec(text)?.[1]
  if (installs === undefined || program === undefined) throw new Error('its README has no "npm install", or no program')
  return { installs, program, args: ['program.ts'] }
}

/** The file of a packed package in `folder`. */
async function pack({ folder }, tarballs) {
  const destination = mkdtempSync(join(tarballs, 'pack-'))
  const pnpm = join(root, 'node_modules', 'pnpm', process.platform === 'win32' ? 'pnpm.exe' : 'pnpm')
  await must('pnpm pack', pnpm, ['pack', '--pack-destination', destination], folder)
  const [file] = readdirSync(destination)
  return join(destination, file)
}

/** A project with the README's program and what the README installs; our packages come from the tarballs, wherever needed. */
async function makeProject(folder, { installs, program }, files) {
  mkdirSync(folder)
  const local = (name) => `file:${files.get(name)}`
  const dependencies = Object.fromEntries(installs.map((name) => [name, files.has(name) ? local(name) : 'latest']))
  const overrides = Object.fromEntries([...files.keys()].map((name) => [name, dependencies[name] ?? local(name)]))
  const manifest = { name: 'project', version: '1.0.0', private: true, type: 'module', dependencies, overrides }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  writeFileSync(join(folder, 'program.ts'), program)
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2024', lib: ['es2024', 'esnext.disposable'], strict: true, noEmit: true },
    ...{ erasableSyntaxOnly: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['program.ts'] }))
  await must('npm install', npm, npmInstall, folder)
}

/** What is checked about one package, in the order of the table; a value is 'ok' or what went wrong. */
async function checkPackage(each, work, files, nodes) {
  const { name } = each
  const project = join(work, name.replace(/\W+/g, '-'))
  const result = { name, install: 'ok' }
  const problems = []
  const startedAt = performance.now()
  let args = []
  try {
    const readme = readReadme(each)
    args = readme.args
    await makeProject(project, readme, files)
  } catch (error) {
    return { ...result, install: 'FAIL', problems: [`${name}: ${error.message}`] }
  }
  const checks = [
    ['types', newestNode, [tools.typescript, '-p', '.']],
    ...nodes.map(({ title, path }) => [title, path, args]),
  ]
  for (const [title, command, commandArgs] of checks) {
    const { code, output } = await capture(command, commandArgs, project)
    // A program that prints nothing has shown nothing; types are right when nothing is printed.
    const right = code === 0 && (title === 'types') === (output.trim() === '')
    result[title] = right ? 'ok' : 'FAIL'
    if (!right) problems.push(`${name}, ${title}: exit ${code}\n${output.trim() || '(printed nothing)'}`)
  }
  result.seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  return { ...result, problems }
}

/** The Node of an npm package, installed beside the projects. */
async function fetchNode(version, work) {
  const folder = join(work, `node-${version}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'node-for-pack-check', private: true }))
  await must(`npm install node@${version}`, npm, [...npmInstall, `node@${version}`], folder)
  const path = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return { path, title: `Node ${(await must('node --version', path, ['--version'], folder)).trim().slice(1)}` }
}

/** Calls `task` for each item, a few at once; the results in their order. */
async function inParallel(items, task) {
  const results = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await task(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return results
}

await main(async () => {
  const wanted = process.argv.slice(2)
  await install()
  await build()
  const packages = publicPackages()
  const unknown = wanted.filter((name) => !packages.some((each) => each.short === name || each.name === name))
  if (unknown.length > 0) throw new Error(`no public package: ${unknown.join(', ')}`)
  const checked = packages.filter(
    ({ name, short }) => wanted.length === 0 || wanted.includes(short) || wanted.includes(name),
  )
  const work = mkdtempSync(join(tmpdir(), 'ethwire-pack-check-'))
  try {
    const newest = {
      path: newestNode,
      title: `Node ${(await must('node', newestNode, ['--version'], work)).trim().slice(1)}`,
    }
    const nodes = [await fetchNode(oldest, work), newest]
    const packed = await inParallel(packages, (each) => pack(each, work))
    const files = new Map(packages.map(({ name }, index) => [name, packed[index]]))
    const results = await inParallel(checked, (each) => checkPackage(each, work, files, nodes))
    console.table(Object.fromEntries(results.map(({ name, problems, ...row }) => [name, row])))
    const problems = results.flatMap((result) => result.problems)
    for (const problem of problems) console.error(`\n${problem}`)
    console.log(
      problems.length === 0
        ? `All ${results.length} packages install and run outside of the checkout.`
        : `${problems.length} of the checks failed.`,
    )
    return problems.length === 0 && results.length > 0 ? 0 : 1
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
})
