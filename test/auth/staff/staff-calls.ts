import type { LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { Overrides } from '../../../src/app.ts'
import { createMember, ensureRoles } from '../../../src/auth/account/create-member.ts'
import { newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { newId } from '../../../src/security/random-token.ts'
import { createRateLimiter } from '../../../src/security/rate-limiter.ts'
import { builtInRoles, operatorRole } from '../../../src/tenancy/permissions.ts'
import { createTestApp, password, type TestSite } from '../../app.ts'
import { authCalls } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/** Somebody who is signed in. */
export interface Person {
  id: string
  email: string
  token: string
  ask(method: Method, url: string, payload?: object): Promise<LightMyRequestResponse>
}

let people = 0
let platforms = 0

/** A service with two sites, and people of all sorts in them. */
export async function createStaffApp(t: Test, overrides: Overrides = {}) {
  const open = createRateLimiter({ limit: 1_000_000, windowMs: 60_000 })
  const tools = await createTestApp(t, { overrides: { ...overrides, limits: { ...openLimits(), invitations: open, mailChecks: open } } })
  const { app, data } = tools
  const calls = { ...authCalls(app), ...accountCalls(tools) }
  const dbOf = (site: { id: string }) => app.database.forTenant(site.id)

  async function enter(site: { host: string }, { id, email }: { id: string; email: string }): Promise<Person> {
    const answer = await calls.signIn(site, { email, password })
    if (answer.statusCode !== 200) throw new Error(`${email} cannot sign in: ${answer.body}`)
    const token = String(answer.json().accessToken)
    const headers = { authorization: `Bearer ${token}` }
    return { id, email, token, ask: (method, url, payload) => calls.send(site, { method, url, ...(payload ? { payload } : {}) }, { headers }) }
  }
  /** A role of the site's own, made past the API. */
  async function addRole(site: { id: string }, permissions: readonly string[]): Promise<string> {
    const slug = `role-${++people}`
    await dbOf(site).role.create({ data: { tenantId: site.id, id: newId(), slug, name: `Role ${people}`, permissions: [...permissions] } })
    return slug
  }
  /** A member with one role, signed in. */
  async function addPerson(site: { id: string; host: string }, role: string, name = 'Somebody'): Promise<Person> {
    const email = `person-${++people}@people.example`
    const id = await createMember(dbOf(site), app.hasher, { tenantId: site.id, email, name, password, role })
    return enter(site, { id, email })
  }
  const personWith = async (site: { id: string; host: string }, ...permissions: string[]) => addPerson(site, await addRole(site, permissions))

  /** The hub's own site, with an operator. */
  async function addPlatform(): Promise<TestSite & { operator: Person }> {
    const site = await data.addTenant({ slug: `console-${++platforms}` })
    await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [site.id])
    await dbOf(site).signingKey.create({ data: newSigningKey(tools.app.secretBox, site.id) })
    await dbOf(site).site.create({ data: { tenantId: site.id, name: 'The hub', locale: 'en', timeZone: 'UTC' } })
    await ensureRoles(dbOf(site), site.id, [operatorRole, ...builtInRoles], true)
    const operator = await addPerson(site, 'operator')
    return { ...site, owner: operator, operator }
  }
  /** The link of the newest invitation's mail to an address, as the worker makes it. */
  async function linkOf(site: TestSite, email: string): Promise<{ token: string; challenge: string; code: string }> {
    const mail = (await calls.mailsTo(site, email)).filter(({ kind }) => kind === 'invitation').at(-1)
    return calls.mint(site, mail.challenge_id)
  }
  const eventsOf = async (site: { id: string }, target: string) =>
    (await data.owner.query('select * from audit_events where tenant_id = $1 and target = $2 order by id', [site.id, target])).rows
  const memberRow = async (id: string) => (await data.owner.query('select * from members where id = $1', [id])).rows[0]
  const accept = (site: { host: string }, token: string, more: object = {}) =>
    calls.post(site, '/v1/auth/accept-invitation', { token, name: 'Invited', password: 'chosen at the link', ...more })
  return { ...tools, ...calls, dbOf, enter, addRole, addPerson, personWith, addPlatform, linkOf, eventsOf, memberRow, accept }
}
