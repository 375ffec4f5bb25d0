import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { databaseProblem } from '../db/sql-error.ts'
import { isProblem, type Problem } from '../errors.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import type { PagesOptions } from '../tenancy/failure-page.ts'
import { visitorLanguage } from '../tenancy/language.ts'
import { sendPage } from '../tenancy/page.ts'
import { readPageSite } from '../tenancy/page-site.ts'
import { type FormFault, readTyped, renderContactForm, type Typed, trapName } from './contact-form.ts'
import { type ContactWords, contactWords } from './contact-words.ts'
import { contactForm, type Form, findForm } from './form-schema.ts'
import { findAnswersFault, receiveAnswers, takeFormPost } from './receive-answers.ts'
import type { Fault } from './validate-entry.ts'

const longestText = 65_536
const Text = Type.String({ maxLength: longestText })

export const contactPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const form = await findForm(request.db, contactForm)
    const page = await openPage(request, reply)
    page.send(page.words.title, renderContactForm(page.words, form.fields, {}, []))
    return reply
  },
})

export function submitContact({ prepareProblem }: PagesOptions) {
  return defineFlow({
    schema: { hide: true, body: Type.Record(Type.String(), Type.Union([Text, Type.Array(Text)])) },
    // In a form each byte of an accented letter takes three.
    bodyLimit: 256 * 1024,
    async handler(request, reply) {
      const form = await findForm(request.db, contactForm)
      const page = await openPage(request, reply)
      const typed: Typed = typeof request.body === 'object' && request.body !== null ? request.body : {}
      const showAgain = (faults: FormFault[]) => page.send(page.words.title, renderContactForm(page.words, form.fields, typed, faults))
      try {
        await takeFormPost(request)
        if (request.validationError) throw request.validationError
        const fault = await takeIn(request, form, typed)
        // The answer to a form is the address of another page: loading that anew sends nothing twice.
        if (!fault) return reply.code(303).header('location', '/contact/sent').send()
        reply.code(400)
        showAgain([describe(page.words, fault)])
      } catch (error) {
        const failure = isProblem(error) ? error : databaseProblem(error)
        const text = failure && sayFailure(page.words, failure)
        if (!failure || !text) throw error
        prepareProblem(failure, request, reply)
        showAgain([{ text }])
      }
      return reply
    },
  })
}

export const contactSentPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    await findForm(request.db, contactForm)
    const { words, send } = await openPage(request, reply)
    send(words.sent.title, `<p>${words.sent.text}</p><p class="more"><a href="/">${words.home}</a></p>`)
    return reply
  },
})

interface OpenPage {
  words: ContactWords
  send(title: string, content: string): void
}

async function openPage({ db, headers }: FastifyRequest, reply: FastifyReply): Promise<OpenPage> {
  const site = await readPageSite(db)
  const language = visitorLanguage(headers['accept-language'], site?.locale ?? '')
  return { words: contactWords[language], send: (title, content) => sendPage(reply, { site, language, title, content }) }
}

/** Answers what is wrong, or nothing once it is stored; a program's message is not, and is told the same. */
async function takeIn(request: FastifyRequest, form: Form, typed: Typed): Promise<Fault | undefined> {
  if ((typed[trapName] ?? '') !== '') return undefined
  const answers = readTyped(form.fields, typed)
  const fault = await findAnswersFault(form, answers)
  if (!fault) await receiveAnswers(request, form, answers)
  return fault
}

function describe({ faults, atMost }: ContactWords, { pointer, rule, limit }: Fault): FormFault {
  const field = (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~')
  return { field, text: rule === 'long' && limit !== undefined ? atMost(limit) : faults[rule] }
}

function sayFailure({ form, wait, busy }: ContactWords, { code, statusCode, retryAfter = 60 }: Problem): string | undefined {
  if (code === 'RATE_LIMITED') return wait(retryAfter)
  if (code === 'REQUEST_INVALID') return form
  return statusCode === 503 ? busy : undefined
}
