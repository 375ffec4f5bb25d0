import t, { type Test } from 'tap'
import { readEmailChange } from '../../../src/auth/account/read-email-change.ts'
import { emailChangeNewLife, emailChangeOldLife } from '../../../src/auth/sessions/token-life.ts'
import { createRateLimiter } from '../../../src/security/rate-limiter.ts'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits, setLimits } from '../minted.ts'
import { statementsOf, verbAndTable } from '../statements.ts'
import { type SignedIn, signedInCalls } from './signed-in.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { me, signIn, post, refresh } = authCalls(app)
const { mint, mailedReset, resetPassword, mailsTo, challengeRow } = accountCalls(tools)
const { newMember, again, ask, proofOf, auditOf } = signedInCalls(tools)

const wish = (member: { accessToken: string }, payload: object, site = a) => ask(site, member, { method: 'POST', url: '/v1/me/email', payload })
const confirm = (proof: object, site = a) => post(site, '/v1/auth/email-change/confirm', proof)
const undo = (proof: object, site = a) => post(site, '/v1/auth/email-change/undo', proof)
const ownEmail = async (member: { accessToken: string }) => (await ask(a, member, { url: '/v1/me/email' })).json()
const addressOf = async ({ id }: { id: string }) =>
  (await data.owner.query('select email, email_key, epoch from members where id = $1', [id])).rows[0]

let addresses = 0
const freshAddress = () => `moved${++addresses}@other.example`

/** A wish whose mails have both been sent. */
async function mailedChange(member: SignedIn, email = freshAddress()) {
  const answer = await wish(member, { email })
  if (answer.statusCode !== 202) throw new Error(answer.body)
  const { newAddress, oldAddress } = answer.json()
  return { email, toNew: await mint(a, newAddress.challenge), toOld: await mint(a, oldAddress.challenge) }
}

async function changed(t: Test, member: SignedIn, email?: string) {
  const mailed = await mailedChange(member, email)
  t.same((await confirm({ token: mailed.toOld.token })).json(), { confirmed: 'old', changed: false })
  t.same((await confirm({ token: mailed.toNew.token })).json(), { confirmed: 'new', changed: true })
  return mailed
}

t.test('a wish answers 202 with two challenges, mails both addresses, and changes nothing yet', async (t) => {
  const mine = await newMember(a)
  const before = Date.now()
  const answer = await wish(mine, { email: 'New.Me@other.example', language: 'fr' })
  t.equal(answer.statusCode, 202)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { newAddress, oldAddress } = answer.json()
  for (const [{ expiresAt }, life] of [
    [newAddress, emailChangeNewLife],
    [oldAddress, emailChangeOldLife],
  ] as const) {
    const lives = Date.parse(expiresAt) - before
    t.ok(lives >= life * 1000 && lives < (life + 60) * 1000)
  }
  const variables = { name: /^Member/, new_address: 'n•••@other.example' }
  t.match(await mailsTo(a, mine.email), [{ kind: 'email-change-old', locale: 'fr', challenge_id: oldAddress.challenge, variables }])
  const toNew = await mailsTo(a, 'new.me@other.example')
  t.match(toNew, [{ kind: 'email-change-new', challenge_id: newAddress.challenge }])
  t.same(toNew[0].variables, {}, 'nothing that the member wrote goes to a stranger')
  const pending = { email: 'New.Me@other.example', oldConfirmed: false, newConfirmed: false }
  t.match(await ownEmail(mine), { email: mine.email, verified: true, pending })
  t.match(await addressOf(mine), { email: mine.email, epoch: 0 })
  t.match(await auditOf(a, mine.id), [{ action: 'email.change-requested', actor: mine.id }])
})

t.test('both sides confirm, in either order, by link or code: the address changes, other sessions end, resets are void', async (t) => {
  for (const order of [['old', 'new'] as const, ['new', 'old'] as const]) {
    const mine = await newMember(a)
    const other = await again(a, mine)
    const reset = await mailedReset(a, mine.email)
    const { email, toNew, toOld } = await mailedChange(mine)
    const proofs = { old: { token: toOld.token }, new: { challenge: toNew.challenge, code: toNew.code } }
    t.same((await confirm(proofs[order[0]])).json(), { confirmed: order[0], changed: false })
    t.match(await addressOf(mine), { email: mine.email })
    t.match((await ownEmail(mine)).pending, { oldConfirmed: order[0] === 'old', newConfirmed: order[0] === 'new' })
    t.same((await confirm(proofs[order[1]])).json(), { confirmed: order[1], changed: true })
    t.match(await addressOf(mine), { email, email_key: email, epoch: 1 })
    await eventually(t, 'the other session is over', async () => (await me(a, other.accessToken)).statusCode === 401)
    await eventually(t, 'the new address shows', async () => (await me(a, mine.accessToken)).json().email === email)
    t.equal(outcome(await refresh(a, mine.refreshToken)), '200', 'the session that asked goes on')
    t.equal(outcome(await resetPassword(a, { token: reset.token, password: 'the second password' })), '400 CHALLENGE_INVALID')
    t.equal(outcome(await signIn(a, { email: mine.email, password })), '401 AUTH_INVALID_CREDENTIALS')
    t.equal(outcome(await signIn(a, { email, password })), '200')
    t.match((await auditOf(a, mine.id)).slice(1), [{ action: 'email.changed', actor_kind: 'member', actor: mine.id }])
    t.equal((await ownEmail(mine)).pending, null)
  }
})

t.test('an address that is taken gets the same answer and the same statements, and no mail', async (t) => {
  const [mine, known] = [await newMember(a), await newMember(a)]
  const asked = async (email: string) => {
    const answers: Awaited<ReturnType<typeof wish>>[] = []
    const statements = await statementsOf(app, async () => void answers.push(await wish(mine, { email })))
    const [answer] = answers
    if (!answer) throw new Error('there was no answer')
    return { statusCode: answer.statusCode, length: answer.headers['content-length'], body: answer.json(), statements }
  }
  // The first request of a session reads who it is.
  await ask(a, mine, { url: '/v1/me' })
  const email = `free${'x'.repeat(known.email.length - 17)}@people.example`
  const [free, taken] = [await asked(email), await asked(known.email.toUpperCase())]
  t.equal(taken.statusCode, 202)
  t.same(Object.keys(taken.body), Object.keys(free.body))
  t.equal(taken.length, free.length)
  const isMail = (text: string) => /^insert into .*mail_messages/i.test(text)
  t.equal(taken.statements.filter(isMail).length, 2, 'control: they are seen')
  // What comes last keeps the mail or takes it back.
  const alike = (text: string) => verbAndTable(text).replace(/^(release savepoint|rollback to)$/, 'end of mail')
  t.same(taken.statements.map(alike), free.statements.map(alike))
  t.same(await mailsTo(a, known.email), [])
  t.equal((await mailsTo(a, email)).length, 1, 'control')
  const secrets = await mint(a, taken.body.newAddress.challenge)
  t.equal(outcome(await confirm({ token: secrets.token })), '400 CHALLENGE_INVALID', 'even if it had been minted')
})

t.test('an address that somebody gets meanwhile: 400 CHALLENGE_INVALID, and the change is void', async (t) => {
  const mine = await newMember(a)
  const { email, toNew, toOld } = await mailedChange(mine)
  await confirm({ token: toNew.token })
  const rival = await newMember(a)
  await data.owner.query('update members set email = $2, email_key = $2 where id = $1', [rival.id, email])
  t.equal(outcome(await confirm({ token: toOld.token })), '400 CHALLENGE_INVALID')
  t.match(await addressOf(mine), { email: mine.email, epoch: 0 })
  await data.owner.query(`update members set email = 'gone@other.example', email_key = 'gone@other.example' where id = $1`, [rival.id])
  t.equal(outcome(await confirm({ token: toOld.token })), '400 CHALLENGE_INVALID', 'also once it is free again')
  t.equal((await ownEmail(mine)).pending, null)
})

t.test('fifty uses of one link at once: one confirms, one undoes, one restores', async (t) => {
  const fifty = (use: () => ReturnType<typeof confirm>) => Promise.all(Array.from({ length: 50 }, use))
  const oneOf = ['200', ...Array(49).fill('400 CHALLENGE_INVALID')]
  const mine = await newMember(a)
  const first = await mailedChange(mine)
  t.same((await fifty(() => confirm({ token: first.toOld.token }))).map(outcome).sort(), oneOf, 'old')
  t.same((await fifty(() => undo({ token: first.toOld.token }))).map(outcome).sort(), oneOf, 'undone before')
  const second = await mailedChange(mine)
  t.equal(outcome(await confirm({ token: second.toOld.token })), '200')
  t.same((await fifty(() => confirm({ token: second.toNew.token }))).map(outcome).sort(), oneOf, 'new')
  t.match(await addressOf(mine), { email: second.email, epoch: 1 })
  t.same((await fifty(() => undo({ token: second.toOld.token }))).map(outcome).sort(), oneOf, 'undone after')
  t.match(await addressOf(mine), { email: mine.email, epoch: 2 })
  t.equal((await mailsTo(a, mine.email)).filter(({ kind }) => kind === 'factor-changed').length, 2, 'one for the change, one for the undo')
})

t.test('confirmations and undos at once leave one state: changed or not, and never both', async (t) => {
  for (let round = 0; round < 5; round++) {
    const mine = await newMember(a)
    const { email, toNew, toOld } = await mailedChange(mine)
    const [kept, one, two] = await Promise.all([undo({ token: toOld.token }), confirm({ token: toOld.token }), confirm({ token: toNew.token })])
    t.equal(outcome(kept), '200')
    t.match(await addressOf(mine), { email: mine.email }, `the old address wins (${outcome(one)}, ${outcome(two)})`)
    t.equal(outcome(await undo({ token: toOld.token })), '400 CHALLENGE_INVALID')
    t.equal((await data.owner.query('select 1 from members where email_key = $1', [email])).rowCount, 0)
  }
})

t.test('the old address keeps what it has: before the change is applied, both links are void', async (t) => {
  const mine = await newMember(a)
  const { toNew, toOld } = await mailedChange(mine)
  await confirm({ token: toNew.token })
  t.same((await undo({ challenge: toOld.challenge, code: toOld.code })).json(), { restored: false })
  for (const { token } of [toNew, toOld]) t.equal(outcome(await confirm({ token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await undo({ token: toOld.token })), '400 CHALLENGE_INVALID', 'once')
  t.equal((await ownEmail(mine)).pending, null)
  t.equal((await me(a, mine.accessToken)).statusCode, 200, 'no session ends')
  t.match((await auditOf(a, mine.id)).at(-1), { action: 'email.change-undone', details: { restored: false } })
})

t.test('within three days the old address comes back: every session and reset ends, and a mail says so', async (t) => {
  const mine = await newMember(a)
  const { email, toOld } = await changed(t, mine)
  const thief = await again(a, { ...mine, email })
  const reset = await mailedReset(a, email)
  t.same((await undo({ token: toOld.token })).json(), { restored: true })
  t.match(await addressOf(mine), { email: mine.email, email_key: mine.email, epoch: 2 })
  for (const { accessToken } of [mine, thief]) await eventually(t, 'over', async () => (await me(a, accessToken)).statusCode === 401)
  t.equal(outcome(await resetPassword(a, { token: reset.token, password: 'the second password' })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await signIn(a, { email, password })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
  const told = (await mailsTo(a, mine.email)).at(-1)
  t.match(told, { kind: 'factor-changed', locale: 'pt', variables: { change: /mudança de endereço foi anulada/ } })
  t.match((await auditOf(a, mine.id)).at(-1), { action: 'email.change-undone', details: { restored: true } })
})

t.test('the way back counts from the change, and a second late it is closed: 400', async (t) => {
  const mine = await newMember(a)
  const { toNew, toOld } = await mailedChange(mine)
  await confirm({ token: toNew.token })
  await data.owner.query(`update email_challenges set expires_at = now() + interval '1 minute' where id = $1`, [toOld.challenge])
  await confirm({ token: toOld.token })
  const row = await challengeRow(toOld.challenge)
  t.ok(row.expires_at.getTime() > Date.now() + (emailChangeOldLife - 60) * 1000, 'three days from now')
  t.equal(row.spent_at, null)
  await data.owner.query(`update email_challenges set expires_at = now() - interval '1 second' where id = $1`, [toOld.challenge])
  t.equal(outcome(await undo({ token: toOld.token })), '400 CHALLENGE_INVALID')
  await data.owner.query(`update email_challenges set expires_at = now() + interval '1 minute' where id = $1`, [toOld.challenge])
  t.equal(outcome(await undo({ token: toOld.token })), '200', 'control')
})

t.test('a thief who changes it twice is undone by the first address; the second one undoes only its own', async (t) => {
  const mine = await newMember(a)
  const first = await changed(t, mine)
  const second = await changed(t, await again(a, { ...mine, email: first.email }))
  t.equal(outcome(await undo({ token: second.toOld.token })), '200')
  t.match(await addressOf(mine), { email: first.email })
  const third = await changed(t, await again(a, { ...mine, email: first.email }))
  const open = await mailedChange(await again(a, { ...mine, email: third.email }))
  t.equal(outcome(await undo({ token: first.toOld.token })), '200')
  t.match(await addressOf(mine), { email: mine.email })
  for (const { token } of [third.toOld, open.toOld]) t.equal(outcome(await undo({ token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await confirm({ token: open.toNew.token })), '400 CHALLENGE_INVALID')
})

t.test('an old address that somebody else has by now does not come back: 400', async (t) => {
  const mine = await newMember(a)
  const { email, toOld } = await changed(t, mine)
  const rival = await newMember(a)
  await data.owner.query('update members set email_key = $2 where id = $1', [rival.id, mine.email])
  t.equal(outcome(await undo({ token: toOld.token })), '400 CHALLENGE_INVALID')
  t.match(await addressOf(mine), { email, epoch: 1 })
})

t.test('a newer wish voids the one before; so does dropping it: 204', async (t) => {
  const mine = await newMember(a)
  const first = await mailedChange(mine)
  const second = await mailedChange(mine)
  for (const { token } of [first.toNew, first.toOld]) t.equal(outcome(await confirm({ token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await undo({ token: first.toOld.token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await confirm({ token: second.toOld.token })), '200', 'control')
  t.equal(outcome(await ask(a, mine, { method: 'DELETE', url: '/v1/me/email' })), '204')
  t.equal(outcome(await confirm({ token: second.toNew.token })), '400 CHALLENGE_INVALID')
  t.equal((await ownEmail(mine)).pending, null)
  const events = (await auditOf(a, mine.id)).length
  t.equal(outcome(await ask(a, mine, { method: 'DELETE', url: '/v1/me/email' })), '204', 'nothing to drop')
  t.equal((await auditOf(a, mine.id)).length, events, 'and nothing to tell')
  const many = await Promise.all(Array.from({ length: 5 }, () => wish(mine, { email: freshAddress() })))
  t.same(many.map(outcome), Array(5).fill('202'))
  const open = 'select 1 from email_changes where member_id = $1 and undone_at is null and applied_at is null'
  t.equal((await data.owner.query(open, [mine.id])).rowCount, 1, 'of five at once one is left')
})

t.test('a second late, at another site, of a deactivated member, or after the address changed otherwise: 400', async (t) => {
  const mine = await newMember(a)
  const { toNew, toOld } = await mailedChange(mine)
  for (const { token } of [toNew, toOld]) t.equal(outcome(await confirm({ token }, b)), '400 CHALLENGE_INVALID', 'another site')
  const expire = (id: string, when: string) =>
    data.owner.query('update email_challenges set expires_at = now() + $2::interval where id = $1', [id, when])
  for (const { challenge, token } of [toNew, toOld]) {
    await expire(challenge, '-1 second')
    t.equal(outcome(await confirm({ token })), '400 CHALLENGE_INVALID', 'late')
    await expire(challenge, '1 minute')
  }
  await data.owner.query(`update email_changes set expires_at = now() - interval '1 second' where old_challenge = $1`, [toOld.challenge])
  t.equal(outcome(await confirm({ token: toOld.token })), '400 CHALLENGE_INVALID', 'the new address did not confirm in a day')
  await data.owner.query(`update email_changes set expires_at = now() + interval '1 minute' where old_challenge = $1`, [toOld.challenge])
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [mine.id])
  t.equal(outcome(await confirm({ token: toNew.token })), '400 CHALLENGE_INVALID', 'deactivated')
  await data.owner.query(`update members set status = 'active', email_key = 'else@people.example' where id = $1`, [mine.id])
  t.equal(outcome(await confirm({ token: toNew.token })), '400 CHALLENGE_INVALID', 'another address by now')
  await data.owner.query('update members set email_key = $2 where id = $1', [mine.id, mine.email])
  t.equal(outcome(await confirm({ token: toNew.token })), '200', 'control')
})

t.test('the new address’s link cannot undo, and no other mail’s link can do either: 400', async (t) => {
  const mine = await newMember(a)
  const { toNew } = await mailedChange(mine)
  const reset = await mailedReset(a, mine.email)
  t.equal(outcome(await undo({ token: toNew.token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await undo({ challenge: toNew.challenge, code: toNew.code })), '400 CHALLENGE_INVALID')
  for (const use of [confirm, undo]) t.equal(outcome(await use({ token: reset.token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await resetPassword(a, { token: toNew.token, password: 'the second password' })), '400 CHALLENGE_INVALID')
})

t.test('look-alikes and other forms of one address: the own one is 400, another member’s is taken, a Cyrillic letter is another', async (t) => {
  const mine = await newMember(a)
  await data.owner.query(`update members set email = 'josé.kelvin@bücher.example', email_key = 'josé.kelvin@xn--bcher-kva.example' where id = $1`, [
    mine.id,
  ])
  const forms = [
    'jose\u0301.\u212aelvin@bücher.example',
    'JOSÉ.KELVIN@BÜCHER.EXAMPLE',
    'ｊosé.kelvin@xn--bcher-kva.example',
    'josé.kelvin@bu\u0308cher。example',
  ]
  const other = await newMember(a)
  for (const email of forms) {
    t.equal(outcome(await wish(mine, { email })), '400 REQUEST_INVALID', `own: ${email}`)
    const answer = await wish(other, { email })
    t.equal(outcome(answer), '202')
    t.equal((await challengeRow(answer.json().newAddress.challenge)).member_id, null, `taken: ${email}`)
  }
  const lookAlike = await wish(other, { email: 'jоsé.kelvin@bücher.example' })
  t.equal((await challengeRow(lookAlike.json().newAddress.challenge)).member_id, other.id)
})

t.test('anything else that is off answers 400 REQUEST_INVALID and writes nothing', async (t) => {
  const mine = await newMember(a)
  const email = 'right@other.example'
  const bodies: Record<string, object> = {
    'a role': { email, role: 'owner' },
    'a tenant': { email, tenantId: b.id },
    'a member': { email, memberId: a.owner.id },
    'a verified address': { email, emailVerifiedAt: '2026-01-01T00:00:00Z' },
    'an object': { email: { not: '' } },
    'two addresses': { email: 'a@x.example,b@x.example' },
    'a display name': { email: 'Ana <ana@x.example>' },
    'a line end': { email: 'ana@x.example\r\nBcc: evil@x.example' },
    'the own one': { email: mine.email.toUpperCase() },
    nothing: {},
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await wish(mine, body)), '400 REQUEST_INVALID', title)
  const { toOld } = await mailedChange(mine)
  const { challenge, token, code } = toOld
  const proofs = [
    { token, challenge, code },
    { challenge, code: Number(code) },
    { challenge, code: [code] },
    { challenge, code: '١٢٣٤٥٦' },
    { token, memberId: a.owner.id },
    {},
  ]
  for (const proof of proofs) for (const use of [confirm, undo]) t.equal(outcome(await use(proof)), '400 REQUEST_INVALID', JSON.stringify(proof))
  t.match(await challengeRow(challenge), { attempts: 0, spent_at: null })
  t.equal((await data.owner.query('select 1 from email_changes where member_id = $1', [mine.id])).rowCount, 1)
})

t.test('it takes a session of this site with a recent proof: 401 and 403 AUTH_PROOF_NEEDED', async (t) => {
  const mine = await newMember(a)
  t.equal(outcome(await wish(mine, { email: freshAddress() }, b)), '401 AUTH_TOKEN_INVALID')
  await proofOf(mine, 601)
  t.equal(outcome(await wish(mine, { email: freshAddress() })), '403 AUTH_PROOF_NEEDED')
  await proofOf(mine, 590)
  t.equal(outcome(await wish(mine, { email: freshAddress() })), '202', 'control')
})

t.test('one mail a minute to either address, whichever member asks: 429', async (t) => {
  const now = () => 1_000_000_000
  setLimits(t, app, { mailsSoon: createRateLimiter({ limit: 1, windowMs: 60_000, now }) })
  const [mine, other] = [await newMember(a), await newMember(a)]
  t.equal(outcome(await wish(mine, { email: 'flooded@other.example' })), '202')
  t.equal(outcome(await wish(mine, { email: 'another@other.example' })), '429 RATE_LIMITED')
  t.equal(outcome(await wish(other, { email: 'FLOODED@other.example' })), '429 RATE_LIMITED')
})

t.test('a page can read what a link is about, and spends nothing', async (t) => {
  const mine = await newMember(a)
  const { email, toNew, toOld } = await mailedChange(mine)
  const db = app.database.forTenant(a.id)
  // What a page has is a request; of it this needs the database.
  const read = (token: string, of = db) => readEmailChange(Object.assign(Object.create(null), { db: of }), token)
  const hidden = `m•••@other.example`
  t.same(await read(toNew.token), { side: 'new', newEmail: email, confirmed: false, applied: false })
  t.same(await read(toOld.token), { side: 'old', newEmail: hidden, confirmed: false, applied: false })
  await confirm({ token: toOld.token })
  t.same(await read(toOld.token), { side: 'old', newEmail: hidden, confirmed: true, applied: false })
  await confirm({ token: toNew.token })
  t.same(await read(toOld.token), { side: 'old', newEmail: hidden, confirmed: true, applied: true })
  t.equal(await read(toNew.token), undefined)
  t.equal(await read(toOld.token, app.database.forTenant(b.id)), undefined, 'another site')
  t.equal(await read('A'.repeat(43)), undefined)
  await undo({ token: toOld.token })
  t.equal(await read(toOld.token), undefined)
})
