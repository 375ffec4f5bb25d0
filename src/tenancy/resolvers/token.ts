import type { ResolverFactory } from './resolver.ts'

/** The `tid` claim of a bearer token. Only a hint at this point: the session check verifies the token with that tenant's own keys. */
export const tokenResolver: ResolverFactory = () => ({
  name: 'token',
  locate({ headers: { authorization } }) {
    const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/i.exec(authorization ?? '')?.[1]
    const id = payload && claim(payload)
    return id ? { id } : undefined
  },
})

function claim(payload: string): string | undefined {
  try {
    const { tid } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof tid === 'string' ? tid : undefined
  } catch {
    // Not a token of ours; whether that matters is for the session check to say.
    return undefined
  }
}
