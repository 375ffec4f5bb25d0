import type { FastifyReply } from 'fastify'
import { isProblem } from '../../errors.ts'
import type { AccountPage, Content } from './account-page.ts'
import type { FieldName } from './form.ts'
import type { Words } from './words.ts'

export interface Told {
  error: unknown
  content: Content
  /** What it is about, where that is a field. */
  field?: FieldName
}

/** As `sendFailure` does, also what goes wrong with factors and proofs. */
export function sendProblem(page: AccountPage, reply: FastifyReply, { error, content, field }: Told): void {
  const text = isProblem(error) ? wordsOf(page.words, error.code) : undefined
  if (!isProblem(error) || !text) {
    page.sendFailure(error, content)
    return
  }
  reply.code(error.statusCode)
  page.send({ ...content, faults: [{ text, ...(field ? { field } : {}) }] })
}

function wordsOf({ problems }: Words, code: string): string | undefined {
  return Object.entries(problems).find(([known]) => known === code)?.[1]
}
