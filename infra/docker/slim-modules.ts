/**
 * `node infra/docker/slim-modules.ts`, in the image's build: leaves in node_modules what the service loads. npm's own pruning keeps what is an optional
 * peer of something, which here is all of Prisma's command line (300 MB), and the Node that other machines take from npm.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Manifest {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

const modules = 'node_modules'
/**
 * What nobody loads: types, maps, texts, tests, what is for browsers and for other runtimes than Node, Prisma's query compilers but the generated client's,
 * and databases of countries beside the one with both kinds.
 */
const useless = [
  /\.(d\.[cm]?ts|map|md|markdown|flow)$/,
  /\/@prisma\/client\/runtime\/query_compiler_(fast|\w+_bg\.(cockroachdb|mysql|sqlite|sqlserver))/,
  /\/@prisma\/client\/(generator-build|scripts)\//,
  /country-ipv[46]\.mmdb$/,
  /\/@zxcvbn-ts\/[\w-]+\/(src|dist\/zxcvbn-ts\.js)$/,
  /\/liquidjs\/dist\/liquid\.browser\.[\w.]+$/,
  /\/bare-[\w-]+\/prebuilds$/,
  /node_modules\/(@[\w-]+\/)?[\w.-]+\/(test|tests|examples|benchmark)$/,
  /node_modules\/\.(bin|cache)$/,
]

const kept = new Set<string>()
const own: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
for (const name of Object.keys(own.dependencies ?? {})) keep(name, '.')

for (const folder of packagesIn(modules)) if (!kept.has(folder)) rmSync(folder, { recursive: true, force: true })
for (const path of readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
  const file = join(modules, path)
  if (useless.some((pattern) => pattern.test(`/${file}`))) rmSync(file, { recursive: true, force: true })
}

/** A package, where Node finds it from that folder, and all that it needs. */
function keep(name: string, from: string): void {
  const folder = find(name, from)
  // Prebuilt packages of other platforms are not there.
  if (folder === undefined || kept.has(folder)) return
  kept.add(folder)
  const {
    dependencies,
    optionalDependencies,
    peerDependencies = {},
    peerDependenciesMeta: meta,
  }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const peers = Object.keys(peerDependencies).filter((peer) => !meta?.[peer]?.optional)
  for (const needed of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) keep(needed, folder)
}

function find(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, modules, name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === '.') return undefined
  }
}

function packagesIn(folder: string): string[] {
  const names = readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => join(name, inner)) : [name],
  )
  return names
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      const found = join(folder, name)
      return [found, ...(existsSync(join(found, modules)) ? packagesIn(join(found, modules)) : [])]
    })
}
