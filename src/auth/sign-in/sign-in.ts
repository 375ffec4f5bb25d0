import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import type { PasswordHasher } from '../../security/passwords/password-hasher.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { TypedPassword } from '../account/account-fields.ts'
import { countSignIn } from '../account/account-limits.ts'
import { Transport } from '../sessions/token-answer.ts'
import { answerSignIn, signInAnswers } from './answer-sign-in.ts'
import { finishSignIn, type SignInOutcome } from './finish-sign-in.ts'
import { renewHash } from './renew-hash.ts'
import { tellOfLock } from './tell-of-lock.ts'

export const credentialFields = { email: Type.String({ minLength: 3, maxLength: 254 }), password: TypedPassword }
const CredentialsBody = Type.Object(credentialFields)

export const signInFlow = defineFlow({
  schema: {
    operationId: 'signIn',
    summary: 'Sign in with email and password',
    tags: ['auth'],
    body: Type.Object({ ...credentialFields, transport: Transport }, { additionalProperties: false }),
    response: { ...signInAnswers, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    return answerSignIn(request, reply, await signIn(request, request.body), request.body.transport ?? 'body')
  },
})

/** 401 AUTH_INVALID_CREDENTIALS whatever is wrong: address, password or the state of the account. */
export async function signIn(request: FastifyRequest, { email, password }: Static<typeof CredentialsBody>): Promise<SignInOutcome> {
  const { tenant, db, server } = request
  await countSignIn(request)
  // An address that cannot exist is looked up and counted like any other, under its own spelling.
  const key = emailKey(email) ?? `?${email.toLowerCase()}`
  const account = `${tenant.id} ${key}`

  // Counted before the hash, so that a thousand guesses at once are a thousand failures; taken back where nothing was decided.
  const failure = await server.limits.failedSignIns.fail(account)
  refuseFor(failure.wait)
  const member = await authenticate({ db, hasher: server.hasher, key, password }).catch(async (error) => {
    await failure.takeBack()
    throw error
  })
  if (!member) {
    if (failure.beginsLock) await tellOfLock(request, key)
    throw problem('AUTH_INVALID_CREDENTIALS')
  }
  await renewHash(request, { memberId: member.id, hash: member.hash, password })
  const result = await finishSignIn(request, { memberId: member.id, epoch: member.epoch, methods: ['password'] })
  // With a second factor owed, what failed before still counts: each round by a thief of the password would clear it.
  if (result.outcome === 'signed-in') await server.limits.failedSignIns.clear(account)
  else await failure.takeBack()
  return result
}

interface Credentials {
  id: string
  epoch: number
  status: string
  hash: string | undefined
}

interface Attempt {
  db: TenantDb
  hasher: PasswordHasher
  key: string
  password: string
}

/** Does the same work for every account, known or not, and every password. */
async function authenticate({ db, hasher, key, password }: Attempt): Promise<Credentials | undefined> {
  const found = await findCredentials(db, key)
  const matches = await hasher.verify(found?.hash, password)
  return matches && found?.status === 'active' ? found : undefined
}

/** One statement, whether the account exists or not: both ways take the same time. */
async function findCredentials(db: TenantDb, key: string): Promise<Credentials | undefined> {
  const [row] = await db.$queryRaw<(Omit<Credentials, 'hash'> & { hash: string | null })[]>`
    select m.id, m.epoch, m.status, p.hash from members m
    left join passwords p on p.tenant_id = m.tenant_id and p.member_id = m.id
    where m.email_key = ${key}`
  return row && { ...row, hash: row.hash ?? undefined }
}
