import type { FastifyRequest } from 'fastify'
import { refuseFor } from '../errors.ts'
import { enqueueMail } from '../jobs/enqueue-mail.ts'
import { clientNetwork } from '../security/client-network.ts'
import { emailKey } from '../security/email-address.ts'
import { newId } from '../security/random-token.ts'
import { languageOf } from '../tenancy/language.ts'
import { type Answers, type Form, staffField } from './form-schema.ts'
import { formText } from './form-text.ts'
import type { Fault } from './validate-entry.ts'

/** Counts the attempt: 429 when this network has sent the site too much. */
export async function takeFormPost({ tenant, server, ip }: FastifyRequest): Promise<void> {
  const network = `${tenant.id} ${clientNetwork(ip)}`
  refuseFor(await server.limits.formPosts.take(network))
  refuseFor(await server.limits.formPostsDaily.take(network))
}

/** What the site's staff mark is not the public's to set, whether the schema has it or not. */
export async function findAnswersFault({ schema }: Form, answers: Answers): Promise<Fault | undefined> {
  if (Object.hasOwn(answers, staffField)) return { pointer: `/${staffField}`, rule: 'unknown' }
  // Ajv takes 15 MB: with the first form that is sent in.
  const { findFault } = await import('./validate-entry.ts')
  return findFault(schema, answers)
}

/** Stores valid answers as a draft, and with them the mails they cause: all of it or nothing. Answers the entry's id. */
export async function receiveAnswers(request: FastifyRequest, form: Form, answers: Answers): Promise<string> {
  const { db, tenant } = request
  const site = await db.site.findFirst({ select: { contactEmail: true, locale: true } })
  const locale = site?.locale ?? ''
  // An address of the site's own that cannot be written to is no reason to lose a message.
  const reader = emailKey(site?.contactEmail ?? '')
  const writer = writerOf(form, answers)
  const acknowledged = writer !== undefined && (await mayWriteTo(request, writer))
  const id = newId()
  const tenantId = tenant.id
  await db.$transaction(async (tx) => {
    await tx.entry.create({ data: { tenantId, id, collectionId: form.collectionId, slug: `m-${id}`, data: answers } })
    if (reader) {
      await enqueueMail(tx, {
        tenantId,
        kind: 'contact-notice',
        to: reader,
        language: languageOf(locale),
        variables: { form: form.name, sender: writer ?? '', message: formText(form.fields, answers) },
        intent: `contact-notice:${id}`,
      })
    }
    if (acknowledged) {
      await enqueueMail(tx, {
        tenantId,
        kind: 'contact-acknowledgement',
        to: writer,
        language: languageOf(locale),
        variables: { form: form.name },
        intent: `contact-acknowledgement:${id}`,
      })
    }
  })
  return id
}

/** The address in the field `email`, if the schema says that it holds one, and it is one that mail can be sent to. */
function writerOf({ fields }: Form, answers: Answers): string | undefined {
  const asked = fields.some(({ name, kind }) => name === 'email' && kind === 'email')
  return asked && typeof answers.email === 'string' ? emailKey(answers.email) : undefined
}

/** So that the form cannot flood a stranger. The message itself is taken in all the same. */
async function mayWriteTo({ server, tenant }: FastifyRequest, address: string): Promise<boolean> {
  const key = `${tenant.id} contact ${address}`
  return (await server.limits.mailsSoon.take(key)) === 0 && (await server.limits.mailsHourly.take(key)) === 0
}
