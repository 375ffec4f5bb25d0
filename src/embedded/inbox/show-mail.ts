import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { standAlone } from './mail-body.ts'
import { popups, renderPage, views } from './page.ts'
import { type Mail, readMail } from './read-mail.ts'
import type { MailStore } from './store.ts'

export const One = Type.Object({ id: Type.String({ maxLength: 36 }) })
const site = Type.String({ maxLength: 63, default: '' })
export const OfSite = Type.Object({ site })
const Reading = Type.Object({ site, view: Type.Enum([...views], { default: 'html' }) })

const page = 'text/html; charset=utf-8'

export function showList(store: MailStore) {
  return defineFlow({
    schema: { hide: true, querystring: OfSite },
    handler: async ({ query }, reply) => reply.type(page).send(renderPage({ mails: await store.list(), site: query.site })),
  })
}

export function showMail(store: MailStore) {
  return defineFlow({
    schema: { hide: true, params: One, querystring: Reading },
    async handler({ params, query }, reply) {
      const open = { mail: await findMail(store, params.id), view: query.view }
      return reply.type(page).send(renderPage({ mails: await store.list(), site: query.site, open }))
    },
  })
}

// Opened by itself, without the frame around it, it may do no more.
const bodyPolicy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox ${popups}`

export function showBody(store: MailStore) {
  return defineFlow({
    schema: { hide: true, params: One },
    handler: async ({ params }, reply) =>
      reply
        .type(page)
        .header('content-security-policy', bodyPolicy)
        .send(standAlone(await findMail(store, params.id))),
  })
}

export function download(store: MailStore) {
  return defineFlow({
    schema: { hide: true, params: One },
    async handler({ params }, reply) {
      const content = await store.read(params.id)
      if (!content) throw problem('MAIL_MESSAGE_UNKNOWN')
      return reply.type('message/rfc822').header('content-disposition', `attachment; filename="${params.id}.eml"`).send(Buffer.from(content))
    },
  })
}

export async function findMail(store: MailStore, id: string): Promise<Mail> {
  const content = await store.read(id)
  if (!content) throw problem('MAIL_MESSAGE_UNKNOWN')
  return readMail(id, content)
}
