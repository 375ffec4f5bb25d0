import type { IncomingMessage } from 'node:http'
import type { ResolverFactory } from './resolver.ts'

const prefix = /^\/t\/([a-z0-9-]{1,63})(?=[/?]|$)/
const slugs = new WeakMap<IncomingMessage, string>()

/** Fastify's `rewriteUrl`: takes `/t/<slug>` off before routing, so that every route exists under it. */
export function takeSlugFromPath(raw: IncomingMessage): string {
  const url = raw.url ?? '/'
  const [found, slug] = prefix.exec(url) ?? []
  if (!found || !slug) return url
  slugs.set(raw, slug)
  const rest = url.slice(found.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

export function slugOfPath(raw: IncomingMessage): string | undefined {
  return slugs.get(raw)
}

/** `/t/<slug>/…` */
export const pathResolver: ResolverFactory = () => ({
  name: 'path',
  locate: ({ pathSlug }) => (pathSlug ? { slug: pathSlug } : undefined),
})
