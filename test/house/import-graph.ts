import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Path of a file → paths of the project's own files that it imports, types included. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** Lowest first. A file may import its own layer and those before it. */
const layers = [
  ['errors', 'config', 'problem-schema'],
  ['logger-options', 'at-most', 'within'],
  ['security'],
  ['files'],
  ['storage'],
  ['db'],
  ['tenancy'],
  ['jobs', 'audit'],
  ['auth', 'branding', 'mail', 'content', 'media', 'hosts', 'platform', 'site-archive', 'backup'],
  ['provision'],
  ['app', 'seed'],
  ['run-process', 'start-service', 'start-worker', 'embedded', 'cli', 'server', 'worker', 'launch'],
]
const areas = new Set(['auth', 'branding', 'mail', 'content', 'media', 'hosts', 'platform', 'site-archive', 'backup'])
/** One folder or file each, and nothing of the others: what two of them share belongs below. */
const apart = new Set([...areas, 'jobs', 'audit', 'errors', 'config', 'problem-schema'])

const importing = /\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]*)\1/g

/** The root of the project. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Source files of the service, without what Prisma generates. */
export async function sourceFiles(): Promise<string[]> {
  const found = await Array.fromAsync(glob(['src/**/*.{ts,mjs}', 'plugins/**/*.ts', 'prisma/**/*.ts'], { cwd: root }))
  return found.filter((file) => !file.startsWith('src/db/generated/')).sort()
}

export async function readImportGraph(): Promise<ImportGraph> {
  const files = await sourceFiles()
  return new Map(await Promise.all(files.map(async (file) => [file, importsOf(file, await readFile(join(root, file), 'utf8'))] as const)))
}

export function importsOf(file: string, source: string): string[] {
  const found = [...source.matchAll(importing)].map(([, , path = '']) => normalize(join(dirname(file), path)))
  return [...new Set(found)].sort()
}

/** Imports that lead nowhere: a typing mistake here would make every other check pass over them. */
export function danglingImports(graph: ImportGraph): string[] {
  return pairs(graph)
    .filter(([, to]) => !existsSync(join(root, to)))
    .map(([from, to]) => `${from} imports ${to}, which is not there`)
}

export function layerBreaches(graph: ImportGraph): string[] {
  return pairs(graph).flatMap(([from, to]) => {
    const reason = breach(from, to)
    return reason ? [`${from} imports ${to}: ${reason}`] : []
  })
}

function breach(from: string, to: string): string | undefined {
  if (from.startsWith('plugins/')) return fromPlugin(from, to)
  if (to.startsWith('plugins/')) return from === 'src/app.ts' ? undefined : 'src/app.ts alone imports plugins'
  const [above, below] = [partOf(from), partOf(to)]
  if (rank(above) === -1) return `${above} is in no layer`
  if (rank(below) === -1) return `${below} is in no layer`
  if (rank(below) > rank(above)) return `${below} is above ${above}`
  return above !== below && apart.has(above) && apart.has(below) && rank(above) === rank(below) ? `${above} and ${below} stand apart` : undefined
}

function fromPlugin(from: string, to: string): string | undefined {
  if (to.startsWith('plugins/')) return from === to ? undefined : 'a plugin imports no other plugin'
  if (!to.startsWith('src/')) return 'a plugin imports from src only'
  const part = partOf(to)
  if (rank(part) >= rank('app')) return `${part} is above the plugins`
  return areas.has(part) && /\/(routes|sign-in|sign-out|refresh|read-\w+|list-\w+|publish-\w+|home-page)\.ts$/.test(to)
    ? 'a plugin wires resources, never flows'
    : undefined
}

/** `src/db/client.ts` → `db`, `src/app.ts` → `app`, `prisma/seed.ts` → `seed`. */
function partOf(file: string): string {
  return (file.split('/')[1] ?? '').replace(/\.(ts|mjs)$/, '')
}

function rank(part: string): number {
  return layers.findIndex((layer) => layer.includes(part))
}

/** Each cycle once, as the path that closes it. */
export function importCycles(graph: ImportGraph): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}

function pairs(graph: ImportGraph): [from: string, to: string][] {
  return [...graph].flatMap(([from, imports]) => imports.map((to): [string, string] => [from, to]))
}
