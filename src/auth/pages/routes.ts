import formbody from '@fastify/formbody'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../errors.ts'
import type { Scope } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { visitorLanguage } from '../../tenancy/language.ts'
import { type PageSite, readPageSite, sendPage } from '../../tenancy/page.ts'
import { forgotPasswordPage, submitForgotPassword } from './forgot-password-page.ts'
import { resetPasswordPage, submitResetPassword } from './reset-password-page.ts'
import { signUpPage, submitSignUp } from './sign-up-page.ts'
import { submitVerifyEmail, verifyEmailPage } from './verify-email-page.ts'
import { words } from './words.ts'

export interface AccountPagesOptions {
  /** Logs a failure, and gives the reply its status and headers. */
  prepareProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Problem
}

/** For everybody who has a browser: forms without a script. Here and nowhere else a form is read; and nothing but a form. */
export async function accountPages(scope: Scope, { prepareProblem }: AccountPagesOptions): Promise<void> {
  scope.removeAllContentTypeParsers()
  await scope.register(formbody, { bodyLimit: 4096 })
  scope.addHook('preValidation', tidyForm)
  scope.setErrorHandler(async (error, request, reply) => {
    sendFailurePage(prepareProblem(error, request, reply), request, reply, await findSite(request))
    return reply
  })

  scope.get('/account/sign-up', signUpPage)
  scope.get('/account/verify-email', verifyEmailPage)
  scope.get('/account/forgot-password', forgotPasswordPage)
  scope.get('/account/reset-password', resetPasswordPage)
  // What is wrong with a form is told on its page.
  const form = { attachValidation: true }
  scope.post('/account/sign-up', { ...submitSignUp, ...form })
  scope.post('/account/verify-email', { ...submitVerifyEmail, ...form })
  scope.post('/account/forgot-password', { ...submitForgotPassword, ...form })
  scope.post('/account/reset-password', { ...submitResetPassword, ...form })
}

/** Spaces that come along when something is typed on a phone or pasted. A password is taken as it is. */
async function tidyForm({ body }: FastifyRequest): Promise<void> {
  if (typeof body !== 'object' || body === null) return
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string') continue
    if (name === 'email' || name === 'name') Reflect.set(body, name, value.trim())
    if (name === 'code') Reflect.set(body, name, value.replace(/\s/g, ''))
  }
}

function sendFailurePage({ statusCode }: Problem, { id, headers }: FastifyRequest, reply: FastifyReply, site: PageSite | undefined): void {
  const language = visitorLanguage(headers['accept-language'], site?.locale ?? '')
  const { error, home } = words[language]
  const content =
    `<p>${statusCode < 500 ? error.refused : error.ours}</p><p class="hint">${error.reference}: ${escapeHtml(id)}</p>` +
    `${site ? `<p class="more"><a href="/">${home}</a></p>` : ''}`
  sendPage(reply, { site, language, title: error.title, content })
}

/** Undefined also where that is what failed: no site under this host, or no database. */
async function findSite(request: FastifyRequest): Promise<PageSite | undefined> {
  try {
    return await readPageSite(request.db)
  } catch {
    return undefined
  }
}
