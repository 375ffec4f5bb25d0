import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { TestApp } from '../app.ts'
import { authCalls, type CallOptions } from '../auth/auth-calls.ts'
import type { TestTenant } from '../database.ts'

export interface StoredMail {
  kind: string
  recipient: string
  locale: string
  variables: Record<string, string>
  intent: string
}

let writers = 0

/** A message whose writer has not written before, so that limits by address stay out of the way. */
export function message(fields: Record<string, unknown> = {}): Record<string, unknown> {
  writers++
  return { name: 'Ana', email: `ana-${writers}@writers.example`, subject: 'Horário', body: 'A que horas abrem?', ...fields }
}

/** The form operations of a test's service, and what they leave in its database. */
export function formCalls({ app, data }: Pick<TestApp, 'app' | 'data'>) {
  const { post, send } = authCalls(app)
  return {
    send,
    post: (site: { host: string }, answers: unknown, options?: CallOptions): Promise<LightMyRequestResponse> =>
      post(site, '/v1/forms/messages', { data: answers }, options),
    postText: (site: { host: string }, text: InjectOptions['payload'], url = '/v1/forms/messages') =>
      post(site, url, text, { headers: { 'content-type': 'application/json' } }),
    async entries(site: TestTenant): Promise<Record<string, unknown>[]> {
      const { rows } = await data.owner.query(
        `select e.id, e.slug, e.status, e.published_at, e.data from entries e join collections c on c.tenant_id = e.tenant_id and c.id = e.collection_id
         where e.tenant_id = $1 and c.slug = 'messages' order by e.id`,
        [site.id],
      )
      return rows
    },
    async mails(site: TestTenant): Promise<StoredMail[]> {
      const { rows } = await data.owner.query(
        'select kind, recipient, locale, variables, intent from mail_messages where tenant_id = $1 order by created_at, kind desc',
        [site.id],
      )
      return rows
    },
    async forget(): Promise<void> {
      await data.owner.query(`delete from mail_messages`)
      await data.owner.query(`delete from entries e using collections c where c.id = e.collection_id and c.slug = 'messages'`)
    },
  }
}
