import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createTestApp, type TestSite } from '../app.ts'
import { authCalls } from './auth-calls.ts'
import { accountCalls, openLimits } from './minted.ts'
import { statementsOf, verbAndTable } from './statements.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { post, open, refresh, signIn } = authCalls(app)
const { mint } = accountCalls(tools)
const password = 'not the password'
const form = { headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' } }

/** Addresses of one length: somebody's, a deactivated member's, one without a password, one at another site, and nobody's. */
const addresses = ['member', 'absent', 'keyles', 'abroad', 'nobody'].map((name) => `${name}@people.example`)
const [member = '', ...others] = addresses
const add = (site: TestSite, email: string) =>
  createMember(data.open({ max: 1 }).forTenant(site.id), app.hasher, {
    tenantId: site.id,
    email,
    name: 'Ana',
    password: 'her own password',
    role: 'member',
  })
for (const email of addresses.slice(0, 3)) await add(a, email)
await add(b, addresses[3] ?? '')
await data.owner.query(`update members set status = 'deactivated' where email_key = $1`, [addresses[1]])
await data.owner.query('delete from passwords using members m where m.id = member_id and m.email_key = $1', [addresses[2]])

/** Every limit counted and every hash computed, in order. */
const calls: string[] = []
for (const [name, tool] of Object.entries({ ...app.limits, hasher: app.hasher })) {
  for (const verb of Object.keys(tool)) {
    const method = Reflect.get(tool, verb)
    if (typeof method !== 'function') continue
    Reflect.set(tool, verb, (...args: unknown[]) => {
      calls.push(`${name} ${verb}`)
      return Reflect.apply(method, tool, args)
    })
  }
}

interface Seen {
  status: number
  headers: object
  body: string
  statements: string[]
  counted: string[]
  hashes: number
}

/** All that somebody could tell two addresses by, but for what differs each time anyway. */
async function watch(email: string, ask: () => Promise<LightMyRequestResponse>): Promise<Seen> {
  const before = calls.length
  const answers: LightMyRequestResponse[] = []
  const statements = await statementsOf(app, async () => void answers.push(await ask()))
  const [answer] = answers
  if (!answer) throw new Error('there is an answer')
  const { 'x-request-id': _id, date: _date, ...headers } = answer.headers
  return {
    status: answer.statusCode,
    headers,
    body: without(answer.body, email),
    // The last word on the mail differs; see forgot-password.ts.
    statements: statements.map((text) => verbAndTable(text.replace(/^(release|rollback to) savepoint/, 'end of savepoint'))),
    counted: calls.slice(before).filter((call) => !call.startsWith('hasher')),
    hashes: calls.slice(before).filter((call) => call.startsWith('hasher')).length,
  }
}

const without = (body: string, email: string) =>
  body
    .replaceAll(email, '<email>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')

const flows: Record<string, { status: number; ask: (email: string) => Promise<LightMyRequestResponse>; hashes: number }> = {
  'sign-in': { status: 401, hashes: 1, ask: (email) => signIn(a, { email, password }) },
  'sign-up': { status: 202, hashes: 1, ask: (email) => post(a, '/v1/auth/sign-up', { email, password, name: 'Ana' }) },
  'forgot-password': { status: 202, hashes: 0, ask: (email) => post(a, '/v1/auth/forgot-password', { email }) },
  'the page of sign-up': {
    status: 200,
    hashes: 1,
    ask: (email) => post(a, '/account/sign-up', new URLSearchParams({ email, password, name: 'Ana' }).toString(), form),
  },
  'the page of forgot-password': {
    status: 200,
    hashes: 0,
    ask: (email) => post(a, '/account/forgot-password', new URLSearchParams({ email }).toString(), form),
  },
}

for (const [name, { status, ask, hashes }] of Object.entries(flows)) {
  t.test(`${name} answers ${status}, does and counts the same for an address of a member and for any other`, async (t) => {
    await ask('warmup@people.example')
    const known = await watch(member, () => ask(member))
    t.equal(known.status, status)
    t.equal(known.hashes, hashes)
    t.ok(known.statements.length > 0 && known.counted.length > 0, 'control: statements and limits are seen')
    for (const email of others) t.same(await watch(email, () => ask(email)), known, email)
  })
}

for (const [purpose, ask, more] of [
  ['verify-email', 'sign-up', { password, name: 'Ana' }],
  ['reset-password', 'forgot-password', {}],
] as const) {
  t.test(`a wrong code at ${purpose} answers 400, does and counts the same whose address it is about, sent or not`, async (t) => {
    const wrong = async (email: string) => {
      const { challenge } = (await post(a, `/v1/auth/${ask}`, { email, ...more })).json()
      const { code } = await mint(a, challenge)
      const guess = code === '000000' ? '000001' : '000000'
      const body = { challenge, code: guess, ...(purpose === 'reset-password' ? { password } : {}) }
      const tries = []
      for (let n = 0; n < 7; n++) tries.push(await watch(email, () => post(a, `/v1/auth/${purpose}`, body)))
      return tries
    }
    const known = await wrong(member)
    t.same(
      known.map(({ status, hashes }) => [status, hashes]),
      Array(7).fill([400, 0]),
    )
    t.ok(known[0]?.statements.length, 'control')
    for (const email of others) t.same(await wrong(email), known, email)
  })
}

t.test('refresh answers 401 in the same words for the token of a member who is gone and for one that nobody was given', async (t) => {
  const gone = await open(b)
  const made = gone.refreshToken.replace(/.{4}$/, (end) => [...end].reverse().join('x').slice(0, 4))
  t.equal((await refresh(b, gone.refreshToken)).statusCode, 200, 'control')
  const { refreshToken } = await open(b)
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [b.owner.id])
  const answers = [await refresh(b, refreshToken), await refresh(b, made), await refresh(b, 'x'.repeat(refreshToken.length))]
  for (const answer of answers) {
    t.equal(answer.statusCode, 401)
    t.match(answer.json(), { code: 'AUTH_REFRESH_INVALID' })
    t.same(Object.keys(answer.headers).sort(), Object.keys(answers[0]?.headers ?? {}).sort())
  }
})

t.test('the comparison sees a flow that tells: another statement, hash, count, header or word', async (t) => {
  const plain = await watch(member, () => signIn(a, { email: member, password }))
  const other = await watch(member, () => post(a, '/v1/auth/forgot-password', { email: member }))
  for (const part of ['status', 'headers', 'body', 'statements', 'counted', 'hashes'] as const) t.notSame(other[part], plain[part], part)
})
