import type { InjectOptions } from 'fastify'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { password, type TestApp, type TestSite } from '../../app.ts'
import { authCalls, type CallOptions } from '../auth-calls.ts'

export interface SignedIn {
  id: string
  email: string
  accessToken: string
  refreshToken: string
}

let people = 0

/** Members of a site, and what they do while signed in. */
export function signedInCalls({ app, data }: Pick<TestApp, 'app' | 'data'>) {
  const { send, signIn } = authCalls(app)
  return {
    async newMember(site: TestSite, { role = 'member', name = `Member ${people + 1}` } = {}): Promise<SignedIn> {
      const email = `member${++people}@people.example`
      const db = data.open({ max: 1 }).forTenant(site.id)
      const id = await createMember(db, app.hasher, { tenantId: site.id, email, name, password, role })
      return { id, email, ...(await signIn(site, { email, password })).json() }
    },
    /** One more session of the member. */
    async again(site: TestSite, { id, email }: Pick<SignedIn, 'id' | 'email'>, options?: CallOptions): Promise<SignedIn> {
      return { id, email, ...(await signIn(site, { email, password }, options)).json() }
    },
    /** As the member asks it of the site. */
    ask: (site: { host: string }, { accessToken }: { accessToken: string }, request: InjectOptions, options: CallOptions = {}) =>
      send(site, request, { ...options, headers: { authorization: `Bearer ${accessToken}`, ...options.headers } }),
    /** The last proof of who they are was so many seconds ago. */
    proofOf: (member: { id: string }, seconds: number) =>
      data.owner.query('update sessions set authenticated_at = now() - make_interval(secs => $2) where member_id = $1', [member.id, seconds]),
    auditOf: async (site: TestSite, target: string) =>
      (await data.owner.query('select * from audit_events where tenant_id = $1 and target = $2 order by id', [site.id, target])).rows,
  }
}
