import type { FastifyReply, FastifyRequest } from 'fastify'
import { isProblem, type Problem } from '../../errors.ts'
import { renderCaptcha } from '../../security/captcha/render-captcha.ts'
import { emailKey } from '../../security/email-address.ts'
import { lengthWeakness, weaknesses } from '../../security/passwords/password-rules.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'
import { type Language, visitorLanguage } from '../../tenancy/language.ts'
import { sendPage } from '../../tenancy/page.ts'
import { readPageSite } from '../../tenancy/page-site.ts'
import { memberLanguage } from '../account/mail-language.ts'
import { type Fault, type FieldName, type Form, renderFaults, renderForm } from './form.ts'
import { renderMenu } from './menu.ts'
import { type Words, words } from './words.ts'

/** What is under the title: what is wrong, text, a form, another way, and links to other pages. */
export interface Content {
  title: string
  text?: readonly string[]
  form?: Form
  /** HTML right under the form: another way than the form. */
  beside?: string
  /** Another form, folded away under a line that opens it. */
  folded?: { summary: string; form: Form }
  /** HTML. */
  after?: string
  /** As in src/tenancy/page.ts. */
  formTargets?: readonly string[]
  script?: string
  faults?: readonly Fault[]
  /** The visitor was signed in, and is not any more. */
  isGone?: boolean
}

export interface AccountPage {
  words: Words
  policy: AuthPolicy
  language: Language
  send(content: Content): void
  /** Says what failed, with its status; what the visitor typed stays. Throws what no form can answer. */
  sendFailure(error: unknown, content: Content): void
}

/** A page for this visitor, in the site's brand. */
export async function openAccountPage(request: FastifyRequest, reply: FastifyReply): Promise<AccountPage> {
  const site = await readPageSite(request.db)
  const language = (await ownLanguage(request)) ?? visitorLanguage(request.headers['accept-language'], site?.locale ?? '')
  const policy = await request.server.authPolicies.of(request.tenant, request.db)
  const said = words[language]
  const send = (content: Content) => {
    const captcha = content.form?.captcha ? renderCaptcha(policy.captcha, language) : undefined
    sendPage(reply, {
      site,
      language,
      title: content.title,
      ...(content.faults ? { failed: said.failed } : {}),
      content: renderContent(said, content, { passwordLength: policy.passwordLength, captcha: captcha?.html ?? '' }),
      navigation: content.isGone ? '' : renderMenu(said, request),
      ...(content.formTargets ? { formTargets: content.formTargets } : {}),
      ...(content.script ? { script: content.script } : {}),
      ...(captcha ? { sources: captcha.policy } : {}),
    })
  }
  return {
    words: said,
    policy,
    language,
    send,
    sendFailure(error, content) {
      if (!isProblem(error)) throw error
      const { form, folded } = content
      const fields = [...(form?.fields ?? []), ...(form?.aside?.fields ?? []), ...(folded?.form.fields ?? [])]
      const typed = typedIn(request, 'password', 'recoveryCode')
      const faults = faultsOf(said, error, { fields, email: form?.typed?.email ?? '', typed, least: policy.passwordLength })
      if (!faults) throw error
      reply.code(error.statusCode)
      if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
      // A link that is void stays so: there is nothing to press any more. A code may have been mistyped.
      const over = (isVoid(error) && form?.hidden?.token !== undefined) || isOver(error)
      send(over ? { title: content.title, after: content.after ?? '', faults } : { ...content, faults })
    },
  }
}

/** Asked of the database: memory may not know yet what was chosen a moment ago. */
async function ownLanguage({ db, session }: FastifyRequest): Promise<Language | undefined> {
  if (!session) return undefined
  return memberLanguage(await db.member.findFirst({ where: { id: session.memberId }, select: { language: true } }))
}

/** What the form brought, as far as it is text: it may have been refused. */
export function typedIn({ body }: { body: unknown }, ...names: string[]): Record<string, string> {
  const values = names.map((name) => [name, Reflect.get(Object(body), name)] as const)
  return Object.fromEntries(values.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function isVoid({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'CHALLENGE_INVALID' || code === 'OPERATOR_ENTRY_INVALID'
}

/** There is nothing to fill in any more, whatever is typed. */
function isOver({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'PENDING_INVALID' || code === 'MAILED_SIGN_IN_OFF'
}

interface SiteForms {
  passwordLength: number
  /** HTML. */
  captcha: string
}

function renderContent(
  said: Words,
  { text = [], form, beside = '', folded, after = '', faults = [] }: Content,
  { passwordLength, captcha }: SiteForms,
): string {
  const needsScript = captcha && `<noscript><p class="hint">${said.captchaNeedsScript}</p></noscript>`
  const shown = form ? renderForm(said, { ...form, faults, passwordLength }, captcha + needsScript) : ''
  return `${renderFaults(said, faults)}${text.join('')}${shown}${beside}${folded ? renderFolded(said, folded, faults) : ''}${after}`
}

/** Open where something in it is wrong. */
function renderFolded(said: Words, { summary, form }: NonNullable<Content['folded']>, faults: readonly Fault[]): string {
  const open = faults.some(({ field }) => field && form.fields.includes(field)) ? ' open' : ''
  return `<details${open}><summary>${summary}</summary>${renderForm(said, { ...form, faults })}</details>`
}

interface Submitted {
  fields: readonly FieldName[]
  email: string
  /** What is never shown again. */
  typed: Record<string, string>
  /** Of a new password. */
  least: number
}

const captchaFaults: readonly string[] = ['CAPTCHA_REQUIRED', 'CAPTCHA_INVALID']

function faultsOf(said: Words, { code, retryAfter = 60, issues = [] }: Problem, { fields, email, typed, least }: Submitted): Fault[] | undefined {
  const { faults, wayFaults } = said
  if (code === 'AUTH_INVALID_CREDENTIALS') return [{ text: faults.credentials }]
  if (isVoid({ code })) return [{ text: faults.challenge }]
  if (code === 'SIGN_UP_DOMAIN') return [{ field: 'email', text: faults.domain }]
  if (code === 'SECOND_FACTOR_INVALID') return [{ field: typed.recoveryCode ? 'recoveryCode' : 'code', text: wayFaults.factor }]
  if (code === 'PENDING_INVALID') return [{ text: wayFaults.pending }]
  if (code === 'MAILED_SIGN_IN_OFF') return [{ text: wayFaults.mailOff }]
  if (captchaFaults.includes(code)) return [{ text: wayFaults.captcha }]
  if (code === 'CAPTCHA_UNAVAILABLE') return [{ text: wayFaults.captchaAway }]
  if (code === 'RATE_LIMITED') return [{ text: faults.wait(retryAfter) }]
  if (code === 'OVERLOADED') return [{ text: faults.busy }]
  if (code === 'PASSWORD_WEAK') {
    const weakness = weaknesses.find((known) => issues.some(({ reason }) => reason === known)) ?? 'common'
    return [{ field: 'password', text: weakness === 'short' ? faults.weak.short(least) : faults.weak[weakness] }]
  }
  if (code !== 'REQUEST_INVALID') return undefined
  const paths = new Set(issues.map(({ path }) => path.slice(1)))
  // A schema sees little of an address or a password: all faults are told at once.
  if (!emailKey(email)) paths.add('email')
  if (lengthWeakness(typed.password ?? '', least)) paths.add('password')
  const wrong = fields.filter((name) => paths.has(name))
  return wrong.length > 0
    ? wrong.map((field) => ({ field, text: field === 'password' ? faults.password(least) : faults[field] }))
    : [{ text: faults.form }]
}
