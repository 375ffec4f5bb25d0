import { setTimeout as delay } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { createMember } from '../../src/auth/account/create-member.ts'
import { password, type TestApp, type TestSite } from '../app.ts'

export interface Staff {
  email: string
  call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object): ReturnType<TestApp['call']>
}

/** A member with one of the built-in roles, signed in. */
export async function asStaff({ app, data, call }: TestApp, site: TestSite, role: 'owner' | 'editor'): Promise<Staff> {
  let { email } = site.owner
  if (role !== 'owner') {
    email = `${role}@${site.host}`
    await createMember(data.open({ max: 1 }).forTenant(site.id), app.hasher, { tenantId: site.id, email, name: role, password, role })
  }
  const answer = await patiently(() => call(site, { method: 'POST', url: '/v1/auth/sign-in', payload: { email, password } }))
  if (answer.statusCode !== 200) throw new Error(`${role} cannot sign in: ${answer.body}`)
  const headers = { authorization: `Bearer ${answer.json().accessToken}` }
  return {
    email,
    call(method, url, payload) {
      const request: InjectOptions = { method, url, headers }
      return patiently(() => call(site, payload ? { ...request, payload } : request))
    },
  }
}

/** A service that has just started, on a busy machine, asks to come again. */
async function patiently(ask: () => ReturnType<TestApp['call']>): ReturnType<TestApp['call']> {
  for (let tries = 0; ; tries++) {
    const answer = await ask()
    if (answer.statusCode !== 503 || tries === 20) return answer
    await delay(100)
  }
}
