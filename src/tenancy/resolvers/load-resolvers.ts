import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../../config.ts'
import { headerResolver } from './header.ts'
import { hostResolver } from './host.ts'
import { originResolver } from './origin.ts'
import { pathResolver } from './path.ts'
import type { Resolver, ResolverFactory } from './resolver.ts'
import { subdomainResolver } from './subdomain.ts'
import { tokenResolver } from './token.ts'

const builtIn = new Map<string, ResolverFactory>([
  ['host', hostResolver],
  ['subdomain', subdomainResolver],
  ['origin', originResolver],
  ['path', pathResolver],
  ['header', headerResolver],
  ['token', tokenResolver],
])

/** Makes the chain that TENANT_RESOLVERS names. Anything but a built-in name is the path of a module whose default export is a ResolverFactory. */
export async function loadResolvers(tenancy: Config['tenancy']): Promise<readonly Resolver[]> {
  return Promise.all(tenancy.resolvers.map(async (name) => (builtIn.get(name) ?? (await ownFactory(name)))(tenancy)))
}

async function ownFactory(path: string): Promise<ResolverFactory> {
  const module: { default?: unknown } = await import(pathToFileURL(resolve(path)).href).catch((cause) => {
    throw new Error(`TENANT_RESOLVERS names ${path}, which is neither ${[...builtIn.keys()].join(', ')} nor a module that loads`, { cause })
  })
  const { default: factory } = module
  if (typeof factory !== 'function') throw new Error(`TENANT_RESOLVERS names ${path}, whose default export is no function`)
  return (tenancy) => checked(path, factory(tenancy))
}

function checked(path: string, resolver: unknown): Resolver {
  if (resolver && typeof resolver === 'object' && 'locate' in resolver && typeof resolver.locate === 'function' && 'name' in resolver) {
    const { locate, name } = resolver
    return { name: String(name), locate: (request) => locate(request) }
  }
  throw new Error(`TENANT_RESOLVERS names ${path}, whose function makes no { name, locate }`)
}
