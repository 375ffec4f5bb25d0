import t from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { signedInCalls } from './signed-in.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, a, b, another } = tools
const copy = await another()
const { me } = authCalls(app)
const { forgotPassword, signUp, mailedReset, resetPassword, mailsTo, membersOf } = accountCalls(tools)
const { newMember, ask, auditOf } = signedInCalls(tools)
const patch = (member: { accessToken: string }, payload: object) => ask(a, member, { method: 'PATCH', url: '/v1/me', payload })

t.test('name and language change at once, on every copy, and in the log by their names alone: 200', async (t) => {
  const mine = await newMember(a)
  await me(a, mine.accessToken, { on: copy })
  const answer = await patch(mine, { name: 'Ana d’Alva', language: 'fr' })
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { id: mine.id, name: 'Ana d’Alva', language: 'fr', emailVerified: true, eraseAt: null })
  for (const on of [app, copy]) {
    await eventually(t, 'it shows', async () => (await me(a, mine.accessToken, { on })).json().name === 'Ana d’Alva')
    t.same((await me(a, mine.accessToken, { on })).json(), answer.json())
  }
  t.match(await auditOf(a, mine.id), [{ action: 'member.changed', actor: mine.id, details: { changed: ['name', 'language'] } }])
  t.equal((await patch(mine, { language: null })).json().language, null)
  t.equal((await membersOf(a)).filter(({ name }) => name === 'Ana d’Alva').length, 1, 'nobody else')
})

t.test('mails to a member speak the member’s language, whatever the form was sent in', async (t) => {
  const [mine, plain] = [await newMember(a), await newMember(a)]
  await patch(mine, { language: 'fr' })
  await forgotPassword(a, { email: mine.email, language: 'en' })
  await signUp(a, { email: mine.email, password: 'a password of mine', name: 'Ana', language: 'en' })
  const { token } = await mailedReset(a, mine.email)
  await resetPassword(a, { token, password: 'the second password' })
  t.same(
    (await mailsTo(a, mine.email)).map(({ kind, locale }) => `${kind} ${locale}`),
    ['reset-password fr', 'sign-up-again fr', 'reset-password fr', 'password-changed fr'],
  )
  await forgotPassword(a, { email: plain.email, language: 'en' })
  await forgotPassword(a, { email: plain.email })
  t.same(
    (await mailsTo(a, plain.email)).map(({ locale }) => locale),
    ['en', 'pt'],
    'one who chose none: as wished, or as the site does',
  )
})

t.test('roles, addresses, status, tenant and anything else that is off answer 400 REQUEST_INVALID, and change nothing', async (t) => {
  const mine = await newMember(a)
  const before = (await membersOf(a)).find(({ id }) => id === mine.id)
  const bodies: Record<string, object> = {
    nothing: {},
    'a role': { name: 'Ana', role: 'owner' },
    roles: { name: 'Ana', roles: ['owner'] },
    permissions: { permissions: ['site:write'] },
    'an address': { name: 'Ana', email: 'other@people.example' },
    'an address key': { emailKey: 'other@people.example' },
    'a verified address': { emailVerifiedAt: null },
    'a status': { status: 'deactivated' },
    'an epoch': { epoch: 7 },
    'a tenant': { name: 'Ana', tenantId: b.id },
    'an id': { id: a.owner.id, name: 'Ana' },
    'an end': { eraseAt: '2100-01-01T00:00:00Z' },
    'a language we do not speak': { language: 'de' },
    'a list of languages': { language: ['fr'] },
    'a name of two lines': { name: 'Ana\nMaria' },
    'a name that turns direction': { name: 'Ana \u202eairaM' },
    'no name': { name: '' },
    'an operation': { name: { set: 'Ana' } },
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await patch(mine, body)), '400 REQUEST_INVALID', title)
  t.same(
    (await membersOf(a)).find(({ id }) => id === mine.id),
    before,
  )
})

t.test('without a session, or with one of another site: 401', async (t) => {
  const mine = await newMember(a)
  const request = { method: 'PATCH', url: '/v1/me', payload: { name: 'Eve' } } as const
  t.equal(outcome(await ask(b, mine, request)), '401 AUTH_TOKEN_INVALID')
  t.equal(outcome(await ask(a, { accessToken: '' }, request)), '401 AUTH_REQUIRED')
})
