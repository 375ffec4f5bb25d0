import type { FastifyReply, FastifyRequest } from 'fastify'
import { isProblem, type Problem } from '../../errors.ts'
import { emailKey } from '../../security/email-address.ts'
import { lengthWeakness, weaknesses } from '../../security/passwords/password-rules.ts'
import { type Language, visitorLanguage } from '../../tenancy/language.ts'
import { readPageSite, sendPage } from '../../tenancy/page.ts'
import { type Fault, type Form, renderFaults, renderForm } from './form.ts'
import { renderMenu } from './menu.ts'
import { type Words, words } from './words.ts'

/** What is under the title: what is wrong, text, a form, and links to other pages. */
export interface Content {
  title: string
  text?: readonly string[]
  form?: Form
  /** HTML. */
  after?: string
  /** As in src/tenancy/page.ts. */
  formTargets?: readonly string[]
  script?: string
  faults?: readonly Fault[]
}

export interface AccountPage {
  words: Words
  language: Language
  send(content: Content): void
  /** Says what failed, with its status; what the visitor typed stays. Throws what no form can answer. */
  sendFailure(error: unknown, content: Content): void
}

/** A page for this visitor, in the site's brand. */
export async function openAccountPage(request: FastifyRequest, reply: FastifyReply): Promise<AccountPage> {
  const site = await readPageSite(request.db)
  const language = visitorLanguage(request.headers['accept-language'], site?.locale ?? '')
  const said = words[language]
  const send = (content: Content) =>
    sendPage(reply, {
      site,
      language,
      title: content.title,
      ...(content.faults ? { failed: said.failed } : {}),
      content: renderContent(said, content),
      navigation: renderMenu(said, request),
      ...(content.formTargets ? { formTargets: content.formTargets } : {}),
      ...(content.script ? { script: content.script } : {}),
    })
  return {
    words: said,
    language,
    send,
    sendFailure(error, content) {
      if (!isProblem(error)) throw error
      const faults = faultsOf(said, error, { form: content.form, password: typedIn(request, 'password').password })
      if (!faults) throw error
      reply.code(error.statusCode)
      if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
      // A link that is void stays so: there is nothing to press any more. A code may have been mistyped.
      const over = isVoid(error) && content.form?.hidden?.token !== undefined
      send(over ? { title: content.title, after: content.after ?? '', faults } : { ...content, faults })
    },
  }
}

/** What the form brought, as far as it is text: it may have been refused. */
export function typedIn({ body }: { body: unknown }, ...names: string[]): Record<string, string> {
  const values = names.map((name) => [name, Reflect.get(Object(body), name)] as const)
  return Object.fromEntries(values.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function isVoid({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'CHALLENGE_INVALID' || code === 'OPERATOR_ENTRY_INVALID'
}

function renderContent(said: Words, { text = [], form, after = '', faults = [] }: Content): string {
  const shown = form ? renderForm(said, { ...form, faults }) : ''
  return `${renderFaults(said, faults)}${text.join('')}${shown}${after}`
}

interface Submitted {
  form: Form | undefined
  password: string | undefined
}

function faultsOf({ faults }: Words, { code, retryAfter = 60, issues = [] }: Problem, { form, password }: Submitted): Fault[] | undefined {
  if (code === 'AUTH_INVALID_CREDENTIALS') return [{ text: faults.credentials }]
  if (isVoid({ code })) return [{ text: faults.challenge }]
  if (code === 'SIGN_UP_DOMAIN') return [{ field: 'email', text: faults.domain }]
  if (code === 'RATE_LIMITED') return [{ text: faults.wait(retryAfter) }]
  if (code === 'OVERLOADED') return [{ text: faults.busy }]
  if (code === 'PASSWORD_WEAK') {
    const weakness = weaknesses.find((known) => issues.some(({ reason }) => reason === known)) ?? 'common'
    return [{ field: 'password', text: faults.weak[weakness] }]
  }
  if (code !== 'REQUEST_INVALID') return undefined
  const paths = new Set(issues.map(({ path }) => path.slice(1)))
  // A schema sees little of an address or a password: all faults are told at once.
  if (!emailKey(form?.typed?.email ?? '')) paths.add('email')
  if (lengthWeakness(password ?? '')) paths.add('password')
  const wrong = [...(form?.fields ?? []), ...(form?.aside?.fields ?? [])].filter((name) => paths.has(name))
  return wrong.length > 0 ? wrong.map((field) => ({ field, text: faults[field] })) : [{ text: faults.form }]
}
