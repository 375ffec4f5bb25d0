import type { LightMyRequestResponse } from 'fastify'
import { password, type TestApp } from '../../app.ts'
import { authCalls, cookieHeader } from '../auth-calls.ts'
import type { Person } from '../factor-calls.ts'

export interface Visitor {
  open(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  submit(page: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  cookie: string
}

const form = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }

/** The account pages as a signed-in browser meets them, in English. */
export function pageCalls({ app, data }: Pick<TestApp, 'app' | 'data'>) {
  const { send, signIn } = authCalls(app)
  function visitor({ site }: Pick<Person, 'site'>, cookie: string): Visitor {
    const own = { cookie, 'accept-language': 'en' }
    return {
      cookie,
      open: (url, headers = {}) => send(site, { url: url ? `/account/${url}` : '/account' }, { headers: { ...own, ...headers } }),
      submit: (page, fields = {}, headers = {}) =>
        send(
          site,
          { method: 'POST', url: `/account/${page}`, payload: new URLSearchParams(fields).toString() },
          { headers: { ...own, ...form, ...headers } },
        ),
    }
  }
  return {
    visitor,
    /** Of a member without a second factor. */
    async enter(who: Person, headers: Record<string, string> = {}): Promise<Visitor> {
      const answer = await signIn(who.site, { email: who.email, password, transport: 'cookie' }, { headers })
      if (answer.statusCode !== 200) throw new Error(`sign-in answered ${answer.statusCode} ${answer.body}`)
      return visitor(who, cookieHeader(answer))
    },
    /** Moves the last proof of the member's sessions back. */
    age: ({ id }: Person) => data.owner.query(`update sessions set authenticated_at = now() - interval '1 hour' where member_id = $1`, [id]),
  }
}

/** What a hidden field of the page holds. */
export const hiddenIn = ({ body }: { body: string }, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? ''
