import t from 'tap'
import { createFailureDelay } from '../../../src/security/failure-delay.ts'
import { createTestApp, password } from '../../app.ts'
import { authCalls, outcome, withoutRequestId } from '../auth-calls.ts'
import { accountCalls, setLimits } from '../minted.ts'
import { sessionTools } from '../sessions/session-calls.ts'
import { statementsOf, verbAndTable } from '../statements.ts'

const tools = await createTestApp(t)
const { app, a } = tools
const { signIn } = authCalls(app)
const { mailsTo } = accountCalls(tools)
const { addMember, eventsOf } = sessionTools(tools)

let at = 1_000_000_000_000
setLimits(t, app, { failedSignIns: createFailureDelay(() => at) })

/** So many wrong passwords, each as soon as it may be tried. */
async function fail(email: string, times: number) {
  for (let n = 0; n < times; n++) {
    // Soon enough to count on, late enough to be let in.
    at += 899_000
    if ((await app.limits.failedSignIns.wait(`${a.id} ${email}`)) > 0) at += 2_000
    t.equal(outcome(await signIn(a, { email, password: 'wrong' })), '401 AUTH_INVALID_CREDENTIALS')
  }
}

t.test('the tenth wrong password in a row tells the member by mail and the site in its audit log, in the member’s language', async (t) => {
  const email = 'locked@people.example'
  const id = await addMember(a, email)
  await tools.data.owner.query(`update members set language = 'fr' where id = $1`, [id])
  await fail(email, 9)
  t.same(await mailsTo(a, email), [])
  await fail(email, 1)
  t.match(await mailsTo(a, email), [{ kind: 'sign-in-locked', locale: 'fr', variables: { name: 'Ana', when: /^\d{4}-/ } }])
  t.match(await eventsOf('session.locked'), [{ actor_kind: 'visitor', target_kind: 'member', target: id }])
  t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED', 'it is locked')
  at += 900_000
  t.equal((await signIn(a, { email, password })).statusCode, 200, 'never for good')
})

t.test('guesses at once that begin a lock tell of it once', async (t) => {
  const email = 'atonce@people.example'
  await addMember(a, email)
  await fail(email, 4)
  await Promise.all(Array.from({ length: 12 }, () => signIn(a, { email, password: 'wrong' })))
  await fail(email, 5)
  t.equal((await mailsTo(a, email)).length, 1)
  await fail(email, 3)
  t.equal((await mailsTo(a, email)).length, 1, 'and no sooner than a minute later again')
})

t.test('for a name that nobody has, the same answer and the same statements, and nothing is left of them', async (t) => {
  await addMember(a, 'someone@people.example')
  const events = (await eventsOf('session.locked')).length
  const seen: string[][] = []
  const answers: object[] = []
  for (const email of ['someone@people.example', 'nobody@people.example', 'no address']) {
    await fail(email, 9)
    at += 899_000
    const texts = await statementsOf(app, async () => void answers.push(withoutRequestId(await signIn(a, { email, password: 'wrong' }))))
    if (seen.length === 0)
      t.ok(
        texts.some((text) => /^insert into .*mail_messages/i.test(text)),
        'control: they are seen',
      )
    seen.push(texts.map((text) => verbAndTable(text.replace(/^(release|rollback to) savepoint/, 'end of savepoint'))))
  }
  t.same(seen[1], seen[0])
  t.same(seen[2], seen[0])
  t.same(answers[1], answers[0])
  t.same(answers[2], answers[0])
  t.equal((await eventsOf('session.locked')).length, events + 1)
  t.same(await mailsTo(a, 'nobody@people.example'), [])
  t.equal((await mailsTo(a, 'someone@people.example')).length, 1)
})
