import { rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type BuiltAssets, readBuiltAssets } from '../src/files/built-assets.ts'
import { compressedCopies } from '../src/files/compressed-copies.ts'
import { type Child, startChild } from './child.ts'
import { contentLength, fetchAnswer, load, type Target } from './load.ts'
import { compare, type Row } from './report.ts'
import { type Pace, takeTurns } from './rounds.ts'
import { createFolder } from './world.ts'

/** Built and brand's files in brotli under a site's host, against the same files by bare @fastify/static; and what an account page of the site loads. */
export async function measureAssets(pace: Pace, page: Target, ours: Child): Promise<Row[]> {
  const assets = await readBuiltAssets()
  const { body } = await fetchAnswer(page)
  const linked = linkedBy(body)
  const brand = linked.find((path) => path.startsWith('/brand/'))
  if (!brand || !linked.some((path) => path.endsWith('.js'))) throw new Error(`${page.path} loads no style sheet of the brand, or no script`)
  const built = { ...page, path: assets.address('account/account.css') }
  return [
    await againstBare(pace, { what: 'a built style sheet in brotli', file: built, folder: assets.folder, ours }),
    await inTemporaryFolder(async (folder) => {
      const file = { ...page, path: brand }
      await copyInto(folder, file)
      return againstBare(pace, { what: "a brand's style sheet in brotli", file, folder, ours })
    }),
    ...(await weigh(page, linked, assets)),
  ]
}

interface Sent {
  what: string
  file: Target
  /** Where the same file lies with its copies. */
  folder: string
  ours: Child
}

async function againstBare(pace: Pace, { what, file, folder, ours }: Sent): Promise<Row> {
  const bare = await startChild('bare-static', { NODE_ENV: 'production' })
  try {
    const sent = { ...file, headers: { ...file.headers, 'accept-encoding': 'gzip, deflate, br' } }
    const same = { ...sent, origin: `http://127.0.0.1:${await bare.ask<number>('listen', folder)}`, path: `/assets/${basename(file.path)}` }
    for (const target of [sent, same]) await isBrotli(target)
    const rates = await takeTurns(pace, {
      ours: (seconds) => load(sent, seconds, ours),
      bare: (seconds) => load(same, seconds, bare),
    })
    return compare(`${what} / bare @fastify/static`, rates.ours, rates.bare, { atLeast: 0.85 })
  } finally {
    await bare.stop()
  }
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await createFolder()
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function copyInto(folder: string, file: Target): Promise<void> {
  const bytes = Buffer.from((await fetchAnswer(file)).body)
  const copies = [...(await compressedCopies(bytes)), ['', bytes] as const]
  for (const [suffix, copy] of copies) await writeFile(join(folder, basename(file.path) + suffix), copy)
}

async function isBrotli(target: Target): Promise<void> {
  const { headers } = await fetchAnswer(target)
  if (headers['content-encoding'] !== 'br') throw new Error(`${target.origin}${target.path} is not sent in brotli`)
}

const sources = ['account/account.css', 'account/passkey.js']

function linkedBy(html: string): string[] {
  return [...html.matchAll(/<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"/g)].map(([, path = '']) => path)
}

/** Styles and scripts that the page links, as they are sent: against what is written in web/, and against the same as it is built, without brotli. */
async function weigh(page: Target, paths: readonly string[], assets: BuiltAssets): Promise<Row[]> {
  const total = async (coding: string) => {
    const sizes = paths.map((path) => contentLength({ ...page, path, headers: { ...page.headers, 'accept-encoding': coding } }))
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }
  const [sent, whole] = [await total('br'), await total('identity')]
  const grown = sources.map(async (source) => (await stat(new URL(`../web/${source}`, import.meta.url))).size - (await builtSize(assets, source)))
  const written = (await Promise.all(grown)).reduce((sum, size) => sum + size, whole)
  const saved = (what: string, before: number) => ({ what, ours: bytes(sent), baseline: bytes(before), measured: 1 - sent / before })
  return [
    { ...saved(`css and js of ${page.path}: share saved by the build and brotli`, written), wanted: { atLeast: 0.7 } },
    saved(`css and js of ${page.path}: share saved by brotli of what is built`, whole),
  ]
}

async function builtSize(assets: BuiltAssets, source: string): Promise<number> {
  return (await stat(join(assets.folder, basename(assets.address(source))))).size
}

function bytes(count: number): string {
  return `${count.toLocaleString('en')} B`
}
