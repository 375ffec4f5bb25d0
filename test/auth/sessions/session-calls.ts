import type { LightMyRequestResponse } from 'fastify'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { createPasswordHasher } from '../../../src/security/passwords/password-hasher.ts'
import { password, type TestApp, type TestSite } from '../../app.ts'
import { authCalls, type CallOptions, claimsOf } from '../auth-calls.ts'

export const browsers = {
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  safari: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  chrome: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
}

/** An address that the table of countries knows. */
export const inCountry = { st: '197.159.160.1', us: '8.8.8.8', fr: '2001:41d0::1' }

export const bearer = (accessToken: string, more: CallOptions = {}): CallOptions => ({
  ...more,
  headers: { authorization: `Bearer ${accessToken}`, ...more.headers },
})

export const sidOf = (accessToken: string) => String(claimsOf(accessToken).claims.sid)

/** Members of their own for each test, and what is kept about them. */
export function sessionTools({ app, data }: Pick<TestApp, 'app' | 'data'>) {
  const { signIn } = authCalls(app)
  const hasher = createPasswordHasher({ concurrency: 2, queue: 10 })
  return {
    addMember: (site: TestSite, email: string) =>
      createMember(data.open({ max: 1 }).forTenant(site.id), hasher, { tenantId: site.id, email, name: 'Ana', password, role: 'member' }),
    /** A new session, in which the given headers and address were seen. */
    async openAs(site: TestSite, email: string, options?: CallOptions) {
      const answer = await signIn(site, { email, password }, options)
      if (answer.statusCode !== 200) throw new Error(answer.body)
      return answer.json() as { accessToken: string; refreshToken: string }
    },
    /** Moves the last proof back, as time would; the trigger tells every copy. */
    ageProof: (accessToken: string, seconds: number) =>
      data.owner.query(`update sessions set authenticated_at = now() - make_interval(secs => $2) where id = $1`, [sidOf(accessToken), seconds]),
    sessionRow: async (accessToken: string) => (await data.owner.query('select * from sessions where id = $1', [sidOf(accessToken)])).rows[0],
    mailsOf: async (recipient: string, kind: string) =>
      (await data.owner.query('select * from mail_messages where recipient = $1 and kind = $2 order by created_at', [recipient, kind])).rows,
    eventsOf: async (action: string) => (await data.owner.query('select * from audit_events where action = $1 order by at, id', [action])).rows,
  }
}

export const cookieNamed = (answer: LightMyRequestResponse, name: string) => answer.cookies.find((cookie) => cookie.name === name)?.value
