import { defineFlow } from '../../tenancy/define-flow.ts'
import { findMail, OfSite, One } from './show-mail.ts'
import type { MailStore } from './store.ts'

/** For scripts: newest first. */
export function listMessages(store: MailStore) {
  return defineFlow({
    schema: { hide: true, querystring: OfSite },
    async handler({ query }) {
      const mails = await store.list()
      return { items: query.site ? mails.filter(({ site }) => site === query.site) : mails }
    },
  })
}

/** Names of headers in lower case; what is there more than once has one value a line. */
export function readMessage(store: MailStore) {
  return defineFlow({
    schema: { hide: true, params: One },
    async handler({ params }) {
      const { attachments, headers, ...mail } = await findMail(store, params.id)
      const byName = new Map<string, string>()
      for (const { name, value } of headers) {
        const key = name.toLowerCase()
        byName.set(key, byName.has(key) ? `${byName.get(key)}\n${value}` : value)
      }
      return { ...mail, headers: Object.fromEntries(byName), attachments: attachments.map(({ filename, mimeType }) => ({ filename, mimeType })) }
    },
  })
}
