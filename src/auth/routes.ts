import type { Scope } from '../tenancy/define-flow.ts'
import { readDiscovery, readKeys } from './publish-keys.ts'
import { readMe } from './read-me.ts'
import { refresh } from './refresh.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'

/** For everybody. */
export async function publicAuthRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/auth/sign-in', signIn)
  scope.post('/v1/auth/refresh', refresh)
  scope.get('/.well-known/jwks.json', readKeys)
  scope.get('/.well-known/openid-configuration', readDiscovery)
}

/** For signed-in members. */
export async function memberAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/me', readMe)
  scope.post('/v1/auth/sign-out', signOut)
}
