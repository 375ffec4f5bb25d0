import formbody from '@fastify/formbody'
import type { Scope } from '../tenancy/define-flow.ts'
import { answerFailuresByPage, type PagesOptions } from '../tenancy/failure-page.ts'
import { contactPage, contactSentPage, submitContact } from './contact-page.ts'
import { homePage } from './home-page.ts'
import { listCollections } from './list-collections.ts'
import { listEntries } from './list-entries.ts'
import { postForm } from './post-form.ts'
import { readEntry } from './read-entry.ts'

/** For everybody. */
export async function publicContentRoutes(scope: Scope, options: PagesOptions): Promise<void> {
  scope.get('/', homePage)
  scope.get('/v1/collections', listCollections)
  scope.get('/v1/collections/:collection/entries', listEntries)
  scope.get('/v1/collections/:collection/entries/:entry', readEntry)
  scope.post('/v1/forms/:form', postForm)
  await scope.register(contactPages, options)
}

/** Here alone in this area a plain form is read, and nothing but that. */
async function contactPages(scope: Scope, options: PagesOptions): Promise<void> {
  scope.removeAllContentTypeParsers()
  await scope.register(formbody)
  answerFailuresByPage(scope, options)
  scope.get('/contact', contactPage)
  scope.get('/contact/sent', contactSentPage)
  // What is wrong with the form is told on its page.
  scope.post('/contact', { ...submitContact(options), attachValidation: true })
}
