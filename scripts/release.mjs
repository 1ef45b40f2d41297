// `npm run release`: publishes every public package whose version is not in the registry yet, with provenance.
// `npm run release:dry`: the same as far as can be without a network: versions and changelogs as the pending changesets
// make them, the packed manifests, and `pnpm publish --dry-run`. The checkout is not changed: all happens in a copy.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { build, env, install, main, node, publicPackages, root, tools } from './workspace.mjs'

const dryRun = process.argv.includes('--dry-run')
const pnpm = join(root, 'node_modules', 'pnpm', process.platform === 'win32' ? 'pnpm.exe' : 'pnpm')
// Nothing listens there: whatever would reach for a registry in a dry run fails.
const nowhere = 'http://127.0.0.1:9/'

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)

function capture(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status === 0) return stdout
  throw new Error(`${[command, ...args].join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`}`)
}

const git = (...args) => capture('git', args, root).split('\0').filter(Boolean)
const pendingChangesets = () =>
  readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md')

/** What stands between this checkout and a release that anyone may trust. */
function obstacles() {
  const found = []
  if (readJson(join(root, 'package.json')).repository?.url === undefined)
    found.push('package.json of the root has no "repository": npm refuses provenance without it')
  if (pendingChangesets().length > 0)
    found.push('changesets are pending: run `changeset version` and commit what it changes')
  if (git('status', '--porcelain', '-z').length > 0) found.push('the checkout has changes that are not committed')
  if (process.env.GITHUB_ACTIONS !== 'true' && process.env.GITLAB_CI !== 'true')
    found.push('provenance is signed by the CI that builds: publish from GitHub Actions (id-token: write) or GitLab CI')
  return found
}

/** A copy of what is published and what changesets needs to see, with the builds, its packages linked to each other. */
function stage(folder, packages) {
  const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
  const wanted = /^([^/]+|[^/]+\/package\.json|(\.changeset|packages|apps)\/.*)$/
  for (const file of files.filter((name) => wanted.test(name) && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const staged = packages.map((each) => ({ ...each, folder: join(folder, relative(root, each.folder)) }))
  const places = new Map(staged.map(({ name, folder: place }) => [name, place]))
  for (const [index, { manifest, folder: place }] of staged.entries()) {
    cpSync(join(packages[index].folder, 'dist'), join(place, 'dist'), { recursive: true })
    // pnpm takes the version for `workspace:^` from what is linked.
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (!places.has(name)) continue
      const link = join(place, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(places.get(name), link, 'junction')
    }
  }
  return staged
}

/** The root's `repository` in every manifest, with the package's folder. */
function setRepository({ folder }, from) {
  const { repository } = readJson(join(root, 'package.json'))
  const path = join(folder, 'package.json')
  if (repository?.url !== undefined)
    writeJson(path, {
      ...readJson(path),
      repository: { ...repository, directory: relative(from, folder).replaceAll('\\', '/') },
    })
}

/** What the newest part of a changelog says, without the lists of updated dependencies. */
function newestChanges({ folder }, version) {
  const path = join(folder, 'CHANGELOG.md')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const [, part] = text.split(/^## /m)
  if (part?.split('\n')[0] !== version) return undefined
  return part.split('\n').filter((line) => line.startsWith('- ') && !line.startsWith('- Updated dependencies'))
}

/** What is wrong with a package as it would be published. */
function faults({ name, folder }, packed, names) {
  const found = []
  const { version, publishConfig, license } = readJson(join(folder, 'package.json'))
  const paths = new Set(packed.files.map(({ path }) => path))
  for (const path of ['README.md', 'LICENSE', 'package.json']) if (!paths.has(path)) found.push(`${path} is not packed`)
  if (![...paths].some((path) => path.startsWith('dist/'))) found.push('dist is not packed')
  if (publishConfig?.access !== 'public') found.push('its publishConfig has no public access')
  if (publishConfig?.provenance !== true) found.push('its publishConfig has no provenance')
  if (license !== 'MIT') found.push('it has no licence')
  if (newestChanges({ folder }, version) === undefined) found.push(`its CHANGELOG.md does not begin with ${version}`)
  const tarball = mkdtempSync(join(tmpdir(), 'ethwire-packed-'))
  try {
    capture(pnpm, ['pack', '--pack-destination', tarball], folder)
    const [file] = readdirSync(tarball)
    const { dependencies = {} } = JSON.parse(
      capture('tar', ['-xzOf', join(tarball, file), 'package/package.json'], tarball),
    )
    for (const [dependency, range] of Object.entries(dependencies))
      if (names.has(dependency) && range !== `^${version}`) found.push(`it asks for ${dependency} ${range}`)
  } finally {
    rmSync(tarball, { recursive: true, force: true })
  }
  return found.map((fault) => `${name}: ${fault}`)
}

function report(staged, packed) {
  const rows = staged.map(({ name, folder }) => {
    const { version, publishConfig } = readJson(join(folder, 'package.json'))
    const { size, files } = packed.get(name)
    const { access, provenance } = publishConfig
    return [name, { version, access, provenance, files: files.length, 'kB packed': Math.round(size / 100) / 10 }]
  })
  console.table(Object.fromEntries(rows))
  // bounded: the lines of one release's changelogs
  const changes = new Map()
  for (const each of staged) {
    const { version } = readJson(join(each.folder, 'package.json'))
    for (const line of newestChanges(each, version) ?? []) changes.set(line, [...(changes.get(line) ?? []), each.short])
  }
  console.log('Changelogs:')
  for (const [line, names] of changes) console.log(`${line}\n  (${names.join(', ')})`)
}

await main(async () => {
  await install()
  await build()
  const inTheWay = obstacles()
  if (!dryRun && inTheWay.length > 0) {
    console.error(`Nothing was published:\n${inTheWay.map((each) => `- ${each}`).join('\n')}`)
    return 1
  }
  const folder = mkdtempSync(join(tmpdir(), 'ethwire-release-'))
  try {
    const staged = stage(folder, publicPackages())
    if (pendingChangesets().length > 0) capture(node, [tools.changeset, 'version'], folder)
    for (const each of staged) setRepository(each, folder)
    // What is not published has nothing to be packed from here: pnpm passes private packages over.
    const publish = ['-r', 'publish', '--json', '--no-git-checks', '--access', 'public']
    // `--force`: without it the registry is asked which versions it has.
    const output = capture(pnpm, [...publish, '--dry-run', '--force', '--registry', nowhere], folder)
    const packed = new Map(JSON.parse(output).map((each) => [each.name, each]))
    const missing = staged.filter(({ name }) => !packed.has(name)).map(({ name }) => `${name}: is not published`)
    const names = new Set(packed.keys())
    const wrong = [
      ...missing,
      ...staged.flatMap((each) => (names.has(each.name) ? faults(each, packed.get(each.name), names) : [])),
    ]
    if (wrong.length > 0) {
      console.error(`Not fit to be published:\n${wrong.map((each) => `- ${each}`).join('\n')}`)
      return 1
    }
    report(staged, packed)
    if (dryRun) {
      console.log('\nNothing was published, and no registry was asked.')
      if (inTheWay.length > 0)
        console.log(`Before \`npm run release\`:\n${inTheWay.map((each) => `- ${each}`).join('\n')}`)
      return 0
    }
    console.log(capture(pnpm, publish, folder))
    console.log(capture(node, [tools.changeset, 'tag'], root))
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
