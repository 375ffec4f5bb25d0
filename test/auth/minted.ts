import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { Limits } from '../../plugins/identity.ts'
import type { FailureDelay } from '../../src/security/failure-delay.ts'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import type { TestApp, TestSite } from '../app.ts'
import { authCalls, type CallOptions } from './auth-calls.ts'

export interface Secrets {
  /** Id, as the answer told it. */
  challenge: string
  token: string
  code: string
}

const open = () => createRateLimiter({ limit: 1_000_000, windowMs: 60_000 })

/** For tests of other things than limits. Those by network stay as they are: each call comes from a network of its own. */
export const openLimits = () => ({ mailsSoon: open(), mailsHourly: open(), dearActs: open() })

/** Counts no failure, for tests of what is counted beside them. */
export const neverFailing: FailureDelay = {
  wait: async () => 0,
  fail: async () => ({ wait: 0, beginsLock: false, takeBack: async () => {} }),
  clear: async () => {},
}

/** Exchanges limits of the service until the test ends. */
export function setLimits(t: Test, { limits }: FastifyInstance, exchanged: Partial<Limits>): void {
  const before = { ...limits }
  Object.assign(limits, exchanged)
  t.teardown(() => void Object.assign(limits, before))
}

/** The account operations as a client makes them, and what the worker does between them. */
export function accountCalls({ app, data }: Pick<TestApp, 'app' | 'data'>) {
  const { post } = authCalls(app)
  const at = (operation: string) => (site: { host: string }, payload: object, options?: CallOptions) =>
    post(site, `/v1/auth/${operation}`, payload, options)
  const [signUp, verifyEmail, forgotPassword, resetPassword] = [at('sign-up'), at('verify-email'), at('forgot-password'), at('reset-password')]

  /** Makes link and code of the challenge, and keeps their hashes, as the worker does when it sends the mail. */
  async function mint(site: TestSite, challenge: string): Promise<Secrets> {
    const { token, code, tokenHash, codeHash } = app.challengeMint.mint(site.id, challenge)
    const { rowCount } = await data.owner.query(
      `update email_challenges set token_hash = $3, code_hash = $4, code_expires_at = least(expires_at, now() + interval '10 minutes')
       where tenant_id = $1 and id = $2`,
      [site.id, challenge, Buffer.from(tokenHash), Buffer.from(codeHash)],
    )
    if (rowCount !== 1) throw new Error('there is no such challenge')
    return { challenge, token, code }
  }
  const mintOf = (site: TestSite, answer: LightMyRequestResponse) => {
    if (answer.statusCode !== 202) throw new Error(`${answer.statusCode} ${answer.body}`)
    return mint(site, answer.json().challenge)
  }
  return {
    signUp,
    verifyEmail,
    /** The form behind the link of a sign-up mail. */
    confirmByLink: (site: { host: string }, token: string, options?: CallOptions) =>
      verifyEmail(site, { token, password: 'chosen at the link' }, options),
    forgotPassword,
    resetPassword,
    mint,
    /** A sign-up, or a wish for a new password, whose mail has been sent. */
    mailedSignUp: async (site: TestSite, email: string, more: object = {}) =>
      mintOf(site, await signUp(site, { email, password: 'a password of mine', name: 'Ana', ...more })),
    mailedReset: async (site: TestSite, email: string) => mintOf(site, await forgotPassword(site, { email })),
    challengeRow: async (id: string) => (await data.owner.query('select * from email_challenges where id = $1', [id])).rows[0],
    mailsTo: async (site: TestSite, recipient: string) =>
      (await data.owner.query('select * from mail_messages where tenant_id = $1 and recipient = $2 order by created_at, id', [site.id, recipient]))
        .rows,
    membersOf: async (site: TestSite) =>
      (await data.owner.query('select * from members where tenant_id = $1 order by created_at, id', [site.id])).rows,
  }
}
