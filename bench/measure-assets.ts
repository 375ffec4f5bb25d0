import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type BuiltAssets, readBuiltAssets } from '../src/files/built-assets.ts'
import { type Child, startChild } from './child.ts'
import { contentLength, fetchAnswer, load, type Target } from './load.ts'
import { compare, type Row } from './report.ts'
import { type Pace, takeTurns } from './rounds.ts'

/** A built file in brotli under a site's host, against the same file by bare @fastify/static; and what an account page of the site loads. */
export async function measureAssets(pace: Pace, page: Target, ours: Child): Promise<Row[]> {
  const assets = await readBuiltAssets()
  const bare = await startChild('bare-static', { NODE_ENV: 'production' })
  try {
    const origin = `http://127.0.0.1:${await bare.ask<number>('listen', assets.folder)}`
    const headers = { ...page.headers, 'accept-encoding': 'gzip, deflate, br' }
    const file = { ...page, path: assets.address('account/account.css'), headers }
    for (const target of [file, { ...file, origin }]) await isBrotli(target)
    const rates = await takeTurns(pace, {
      ours: (seconds) => load(file, seconds, ours),
      bare: (seconds) => load({ ...file, origin }, seconds, bare),
    })
    return [compare('a built stylesheet in brotli / bare @fastify/static', rates.ours, rates.bare, { atLeast: 0.85 }), ...(await weigh(page, assets))]
  } finally {
    await bare.stop()
  }
}

async function isBrotli(target: Target): Promise<void> {
  const { headers } = await fetchAnswer(target)
  if (headers['content-encoding'] !== 'br') throw new Error(`${target.origin}${target.path} is not sent in brotli`)
}

const sources = ['account/account.css', 'account/passkey.js']

/** Styles and scripts that the page links, as they are sent: against what is written in web/, and against the same as it is built, without brotli. */
async function weigh(page: Target, assets: BuiltAssets): Promise<Row[]> {
  const { body } = await fetchAnswer(page)
  const paths = [...body.matchAll(/<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"/g)].map(([, path = '']) => path)
  if (!paths.some((path) => path.endsWith('.js'))) throw new Error(`${page.path} loads no script`)
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
