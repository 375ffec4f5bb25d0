import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { TestApp, TestSite } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, type CallOptions } from '../auth-calls.ts'

type Columns = Partial<{
  second_factor: string
  mailed_sign_in: boolean
  passkeys: boolean
  password_length: number
  captcha_provider: string
  captcha_site_key: string
  sealed_captcha_secret: string | null
}>

/** Account pages as a browser asks for them, in English. */
export function pageCalls({ app, data }: { app: FastifyInstance; data: TestApp['data'] }) {
  const { send } = authCalls(app)
  return {
    open: (site: { host: string }, url: string, headers: Record<string, string> = {}) =>
      send(site, { url: `/account/${url}` }, { headers: { 'accept-language': 'en', ...headers } }),
    submit(site: { host: string }, page: string, fields: Record<string, string>, { headers = {}, ...more }: CallOptions = {}) {
      const own = { origin: `https://${site.host}`, 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en', ...headers }
      const payload = new URLSearchParams(fields).toString()
      return send(site, { method: 'POST', url: `/account/${page}`, payload }, { ...more, headers: own })
    },
    /** Sets what the site's staff would, and waits until the service has heard of it. */
    async setColumns(t: Test, site: TestSite, columns: Columns): Promise<void> {
      const names = Object.keys(columns)
      await data.owner.query(
        `insert into auth_policies (tenant_id, ${names.join(', ')}) values ($1, ${names.map((_, at) => `$${at + 2}`).join(', ')})
         on conflict (tenant_id) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
        [site.id, ...Object.values(columns)],
      )
      const { rows } = await data.owner.query('select version::int from tenants where id = $1', [site.id])
      await eventually(t, 'the service has heard of the policy', async () => {
        await send(site, { url: '/account/sign-in' })
        return seen(app, site.id) >= rows[0].version
      })
    },
  }
}

/** Version of the site as a request met it last. */
const versions = new WeakMap<FastifyInstance, Map<string, number>>()

function seen(app: FastifyInstance, tenantId: string): number {
  if (!versions.has(app)) {
    const met = new Map<string, number>()
    versions.set(app, met)
    const { authPolicies } = app
    const read = authPolicies.of
    authPolicies.of = (tenant, db) => {
      met.set(tenant.id, tenant.version)
      return read(tenant, db)
    }
  }
  return versions.get(app)?.get(tenantId) ?? 0
}

export const hiddenIn = ({ body }: LightMyRequestResponse, name: string) =>
  new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(body)?.[1] ?? ''
export const alertIn = ({ body }: LightMyRequestResponse) => /<div class="alert" role="alert">(.*?)<\/div>/s.exec(body)?.[1] ?? ''
