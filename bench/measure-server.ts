import { fetchAnswer, type Target } from './load.ts'
import { measureReads } from './measure-http.ts'
import type { Options } from './options.ts'
import { isLoopback } from './options.ts'
import type { Row } from './report.ts'
import { signInOnce } from './sign-in-once.ts'

/** A server that somebody else started: what can be asked without an account, and GET /v1/me with one. */
export async function measureServer({ pace, server }: Options): Promise<Row[]> {
  if (!server) return []
  const { url, account } = server
  // Not every resolver knows *.localhost, and a Host header says which site is meant.
  const name = url.hostname.endsWith('.localhost') ? 'localhost' : url.hostname
  const origin = `${url.protocol}//${isLoopback(url.hostname) ? name : url.hostname}${url.port ? `:${url.port}` : ''}`
  const at = (path: string): Target => ({ origin, path, headers: { host: url.host } })
  const reads = [{ what: 'GET /v1/site', target: at('/v1/site'), wanted: 0.8 }]
  const collections: { items: { slug: string }[] } = JSON.parse((await fetchAnswer(at('/v1/collections'))).body)
  const [first] = collections.items
  if (first) reads.push({ what: 'public entries list, warm', target: at(`/v1/collections/${first.slug}/entries`), wanted: 0.75 })
  if (account) {
    const token = await signInOnce(at('/v1/auth/sign-in'), account)
    const me = at('/v1/me')
    reads.push({ what: 'GET /v1/me with bearer', target: { ...me, headers: { ...me.headers, authorization: `Bearer ${token}` } }, wanted: 0.6 })
  }
  return measureReads(pace, reads)
}
