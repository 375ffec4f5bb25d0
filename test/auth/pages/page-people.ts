import type { LightMyRequestResponse } from 'fastify'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { password, type TestApp, type TestSite } from '../../app.ts'
import { authCalls, cookieHeader } from '../auth-calls.ts'

export interface Visitor {
  open(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  /** What a browser without Sec-Fetch-Site sends for a form of the site's own page. */
  submit(url: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

export interface PageMember extends Visitor {
  id: string
  email: string
}

let people = 0

/** Browsers at a site: of visitors and of members. */
export function pagePeople({ app, data }: Pick<TestApp, 'app' | 'data'>) {
  const { send, signIn } = authCalls(app)
  function visitor(site: TestSite, cookie?: string): Visitor {
    const own = { 'accept-language': 'en', ...(cookie ? { cookie } : {}) }
    const form = { origin: `https://${site.host}`, 'content-type': 'application/x-www-form-urlencoded' }
    return {
      open: (url, headers = {}) => send(site, { url }, { headers: { ...own, ...headers } }),
      submit: (url, fields = {}, headers = {}) =>
        send(site, { method: 'POST', url, payload: new URLSearchParams(fields).toString() }, { headers: { ...own, ...form, ...headers } }),
    }
  }
  return {
    visitor,
    /** A member of the site, signed in by cookies. */
    async member(site: TestSite, { role = 'member', name = 'Ana <b>' } = {}): Promise<PageMember> {
      const email = `page${++people}@people.example`
      const db = data.open({ max: 1 }).forTenant(site.id)
      const id = await createMember(db, app.hasher, { tenantId: site.id, email, name, password, role })
      const answer = await signIn(site, { email, password, transport: 'cookie' })
      if (answer.statusCode !== 200) throw new Error(answer.body)
      return { id, email, ...visitor(site, cookieHeader(answer)) }
    },
    /** The last proof of who they are was so many seconds ago. */
    ageProof: (member: { id: string }, seconds = 700) =>
      data.owner.query('update sessions set authenticated_at = now() - make_interval(secs => $2) where member_id = $1', [member.id, seconds]),
  }
}

/** What a page is kept by: nobody. */
export const isKept = ({ headers }: LightMyRequestResponse) => headers['cache-control'] !== 'no-store'
export const alertIn = (body: string) => /<div class="alert" role="alert">(.*?)<\/div>/s.exec(body)?.[1] ?? ''
export const hiddenIn = (body: string, name: string) => new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(body)?.[1] ?? ''
