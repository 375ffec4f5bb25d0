import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { newId } from '../../src/security/random-token.ts'
import { password, type TestApp, type TestSite } from '../app.ts'
import { authCalls, type CallOptions } from './auth-calls.ts'
import { Authenticator, type Misdeeds } from './authenticator.ts'

export interface Person {
  site: TestSite
  id: string
  email: string
}

export type SecondFactorPolicy = 'off' | 'optional' | 'staff' | 'required'

const step = 30_000

/** The code of the step that holds `at`. */
export function totpCode(secret: string, at: number = Date.now()): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at })
}

/** A code that belongs to none of the steps that could count. */
export function wrongCode(secret: string): string {
  const near = [-3, -2, -1, 0, 1, 2, 3].map((steps) => totpCode(secret, Date.now() + steps * step))
  return ['111111', '222222', '333333', '444444', '555555', '666666', '777777', '888888'].find((code) => !near.includes(code)) ?? '999999'
}

/** A code that counts, and not the present one, which stays good for later: time is left for a browser to send it before the step ends. */
export async function codeBefore(secret: string): Promise<string> {
  const left = step - (Date.now() % step)
  if (left < 10_000) await delay(left + 500)
  return totpCode(secret, Date.now() - step)
}

/** The factor operations as a client makes them. */
export function factorCalls({ app, data }: { app: FastifyInstance; data: TestApp['data'] }) {
  const { post, send, signIn } = authCalls(app)
  const hasher = createPasswordHasher({ concurrency: 2, queue: 10 })
  const database = data.open({ max: 2 })
  // What a request knew of its site when it asked for the policy: a change is there once a request knows the version of it.
  const { authPolicies } = app
  const readPolicy = authPolicies.of
  let version = 0
  authPolicies.of = (tenant, db) => {
    version = tenant.version
    return readPolicy(tenant, db)
  }
  const bearer = (token: string, options: CallOptions = {}): CallOptions => ({
    ...options,
    headers: { authorization: `Bearer ${token}`, ...options.headers },
  })
  const as = (token: string, site: { host: string }) => ({
    get: (url: string) => send(site, { url }, bearer(token)),
    post: (url: string, payload?: object) => post(site, url, payload, bearer(token)),
    patch: (url: string, payload: object) => send(site, { method: 'PATCH', url, payload }, bearer(token)),
    remove: (url: string) => send(site, { method: 'DELETE', url }, bearer(token)),
  })
  type Caller = ReturnType<typeof as>

  /** A member of the site whose password is `password`. */
  async function person(site: TestSite, role = 'member'): Promise<Person> {
    const email = `p${newId().slice(-12)}@${site.slug}.example`
    const id = await createMember(database.forTenant(site.id), hasher, { tenantId: site.id, email, name: 'Ana Neves', password, role })
    return { site, id, email }
  }
  const byPassword = ({ site, email }: Person, options?: CallOptions) => signIn(site, { email, password }, options)

  async function enter(who: Person): Promise<Caller> {
    const answer = await byPassword(who)
    if (answer.statusCode !== 200) throw new Error(`sign-in answered ${answer.statusCode} ${answer.body}`)
    return as(answer.json().accessToken, who.site)
  }

  /** Adds a confirmed app by a session of the member's, as if its first code had been of the step before: the present one stays good. */
  async function withTotp(who: Person, caller?: Caller): Promise<{ secret: string; id: string; recoveryCodes: string[]; caller: Caller }> {
    const used = caller ?? (await enter(who))
    const started = (await used.post('/v1/me/totp')).json()
    const confirmed = await used.post(`/v1/me/totp/${started.id}/confirm`, { code: totpCode(started.secret) })
    if (confirmed.statusCode !== 200) throw new Error(`confirming answered ${confirmed.statusCode} ${confirmed.body}`)
    await data.owner.query('update totp_factors set last_step = last_step - 1 where id = $1', [started.id])
    return { secret: started.secret, id: started.id, recoveryCodes: confirmed.json().recoveryCodes ?? [], caller: used }
  }

  async function addPasskey(caller: Caller, device: Authenticator, misdeeds?: Misdeeds): Promise<LightMyRequestResponse> {
    const { challenge, options } = (await caller.post('/v1/me/passkeys/options')).json()
    return caller.post('/v1/me/passkeys', { challenge, response: device.create(options, misdeeds), name: 'Laptop' })
  }

  /** A device with a passkey of the member's. */
  async function withPasskey(
    who: Person,
    settings?: { counts?: boolean },
  ): Promise<{ device: Authenticator; id: string; recoveryCodes: string[]; caller: Caller }> {
    const caller = await enter(who)
    const device = new Authenticator(`https://${who.site.host}`, settings)
    const added = await addPasskey(caller, device)
    if (added.statusCode !== 201) throw new Error(`adding answered ${added.statusCode} ${added.body}`)
    return { device, id: added.json().id, recoveryCodes: added.json().recoveryCodes ?? [], caller }
  }

  /** The first step of a member who owes a second. */
  async function pendingOf(who: Person): Promise<string> {
    const answer = await byPassword(who)
    if (answer.statusCode !== 202) throw new Error(`sign-in answered ${answer.statusCode} ${answer.body}`)
    return answer.json().pending
  }

  async function passkeySignIn(site: { host: string }, device: Authenticator, misdeeds?: Misdeeds, options?: CallOptions) {
    const { challenge, options: asked } = (await post(site, '/v1/auth/passkey/options', undefined)).json()
    return post(site, '/v1/auth/passkey', { challenge, response: device.get(asked, misdeeds) }, options)
  }

  /** Sets what the site's staff would; the service learns of it by the tenant's version. */
  async function setPolicy(
    site: TestSite,
    { secondFactor = 'optional', passkeys = true }: { secondFactor?: SecondFactorPolicy; passkeys?: boolean },
  ) {
    await data.owner.query(
      `insert into auth_policies (tenant_id, second_factor, passkeys) values ($1, $2, $3)
       on conflict (tenant_id) do update set second_factor = excluded.second_factor, passkeys = excluded.passkeys`,
      [site.id, secondFactor, passkeys],
    )
    const { rows } = await data.owner.query('select version::int from tenants where id = $1', [site.id])
    for (let tries = 0; tries < 100; tries++) {
      await post(site, '/v1/auth/passkey/options', undefined)
      if (version >= rows[0].version) return
      await delay(20)
    }
    throw new Error('the service has not heard of the policy')
  }

  return {
    as,
    person,
    byPassword,
    signIn,
    post,
    enter,
    withTotp,
    addPasskey,
    withPasskey,
    pendingOf,
    passkeySignIn,
    setPolicy,
    secondFactor: (site: { host: string }, payload: object, options?: CallOptions) => post(site, '/v1/auth/second-factor', payload, options),
    sessionsOf: async ({ id }: Person) => (await data.owner.query('select * from sessions where member_id = $1 order by created_at', [id])).rows,
    mailsTo: async ({ email }: Person) =>
      (await data.owner.query(`select * from mail_messages where recipient = $1 and kind = 'factor-changed' order by created_at, id`, [email])).rows,
    eventsOf: async ({ id }: Person) =>
      (await data.owner.query('select action, target_kind, target, details from audit_events where actor = $1 order by at, id', [id])).rows,
  }
}
