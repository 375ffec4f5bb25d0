import type { FastifyRequest } from 'fastify'
import { canonicalOrigin } from './canonical-origin.ts'

const longest = 2_000

/**
 * Where somebody may be sent after signing in: a path of this site, or a page of one of the origins that it lists, exactly. Undefined for
 * everything else. Browsers take `\` for `/` and drop tabs and line ends, so what is answered is the address as it was understood here, never
 * the text that came in.
 */
export async function returnAddress(request: FastifyRequest, wish: string | undefined): Promise<string | undefined> {
  if (!wish || wish.length > longest || /[\u0000-\u0020\\\u007f]/.test(wish)) return undefined
  const { server, tenant, db } = request
  const { publicOrigin } = server.config
  const base = canonicalOrigin(tenant, publicOrigin)
  const url = URL.parse(wish, base)
  if (url === null) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  // A path leads on where the visitor is, which may be another host of the site.
  // Once more as it was understood: `/.//elsewhere` resolves to what a browser takes for another host.
  if (wish.startsWith('/') && !wish.startsWith('//') && url.origin === base) {
    const path = url.href.slice(url.origin.length)
    return path.startsWith('//') ? undefined : path
  }
  if (!/^https?:\/\//.test(wish)) return undefined
  return (await server.browserOrigins.allows(tenant, db, url.origin)) ? url.href : undefined
}
