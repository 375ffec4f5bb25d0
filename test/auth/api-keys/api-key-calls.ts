import type { TestSite } from '../../app.ts'
import type { authCalls, CallOptions } from '../auth-calls.ts'

export interface MadeKey {
  id: string
  key: string
}

type Calls = ReturnType<typeof authCalls>

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Makes keys as a site's owner does, and calls with them. */
export function apiKeyCalls({ open, post, send }: Calls) {
  return {
    async make(site: TestSite, permissions: readonly string[], more: object = {}): Promise<MadeKey> {
      const { accessToken } = await open(site)
      const answer = await post(site, '/v1/api-keys', { name: 'Website', permissions, ...more }, { headers: bearer(accessToken) })
      if (answer.statusCode !== 201) throw new Error(answer.body)
      return answer.json()
    },
    read: (site: { host: string }, key: string, options: CallOptions = {}) =>
      send(site, { url: '/v1/mail-account' }, { ...options, headers: { ...bearer(key), ...options.headers } }),
  }
}
