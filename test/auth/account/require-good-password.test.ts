import { join } from 'node:path'
import t from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { writeBreached } from '../../security/passwords/breached-folder.ts'
import { authCalls, outcome, withoutRequestId } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'

const breachedDir = join(t.testdir(), 'hibp')
await writeBreached(breachedDir, ['a leaked password of old'])
const tools = await createTestApp(t, { env: { BREACHED_PASSWORDS_DIR: breachedDir }, overrides: { limits: openLimits() } })
const { app, data, a } = tools
const { send, signIn } = authCalls(app)
const { signUp, verifyEmail, resetPassword, mailedSignUp, mailedReset, challengeRow } = accountCalls(tools)

/** Reason → passwords that Ana Lima, ana.lima@people.example, may not take at the site "Name of site-a". */
const weak: Record<string, string[]> = {
  short: ['ninesigns', 'áéíóúâêôç'.normalize('NFD')],
  long: ['k7 '.repeat(43)],
  common: ['Password123!', 'qwertyuiop', 'aaaaaaaaaaaa'],
  breached: ['a leaked password of old'],
  personal: ['ana.lima@people.example', 'analima analima', 'Name of Site-A 2026', 'sitea sitea sitea'],
}
const good = 'a password of mine'
const isWeak = (body: { json(): { issues: object[] } }, reason: string) =>
  t.match(body.json().issues, [{ path: '/password', message: /^must /, reason }], reason)

t.test('sign-up refuses a weak password with 400 PASSWORD_WEAK and its reason, and writes nothing', async (t) => {
  const rows = async () => (await data.owner.query('select count(*)::int as n from email_challenges')).rows[0].n
  const before = await rows()
  const hash = t.capture(app.hasher, 'hash', app.hasher.hash)
  for (const [reason, passwords] of Object.entries(weak)) {
    for (const password of passwords) {
      const answer = await signUp(a, { email: 'ana.lima@people.example', name: 'Ana Lima', password })
      t.equal(outcome(answer), '400 PASSWORD_WEAK', password)
      isWeak(answer, reason)
      t.notOk(answer.body.includes(password), 'it is not told back')
    }
  }
  t.equal(hash().length, 0, 'nothing was hashed')
  t.equal(await rows(), before)
  t.equal((await signUp(a, { email: 'ana.lima@people.example', name: 'Ana Lima', password: good })).statusCode, 202, 'control')
})

t.test('a weak password is answered the same for addresses that have an account', async (t) => {
  const [known, unknown] = [a.owner.email, 'nobody-yet@people.example']
  for (const password of ['Password123!', 'short', 'a leaked password of old']) {
    const answers = []
    for (const email of [known, unknown]) answers.push(withoutRequestId(await signUp(a, { email, name: 'Ana', password })))
    t.same(answers[0], answers[1])
  }
})

t.test('the link of a sign-up refuses a weak password, that with the name of the sign-up too, and is not spent', async (t) => {
  const { challenge, token } = await mailedSignUp(a, 'bela.costa@people.example', { name: 'Bela Ximenes' })
  const passwords = { personal: ['belacosta 1', 'ximenes ximenes'], common: ['Password123!'], breached: ['a leaked password of old'] }
  for (const [reason, list] of Object.entries(passwords)) {
    for (const password of list) {
      const answer = await verifyEmail(a, { token, password })
      t.equal(outcome(answer), '400 PASSWORD_WEAK', password)
      isWeak(answer, reason)
    }
  }
  t.equal((await challengeRow(challenge)).spent_at, null)
  t.equal((await verifyEmail(a, { token, password: good })).statusCode, 200, 'control')
})

t.test('a reset refuses a weak password, without a try of the code where nobody had to be known for it', async (t) => {
  await data.owner.query(`update members set name = 'Zulmira Owner' where id = $1`, [a.owner.id])
  const { challenge, token, code } = await mailedReset(a, a.owner.email)
  for (const password of ['Password123!', 'short', 'a leaked password of old']) {
    t.equal(outcome(await resetPassword(a, { challenge, code, password })), '400 PASSWORD_WEAK', password)
  }
  t.match(await challengeRow(challenge), { spent_at: null, attempts: 0 })
  const named = await resetPassword(a, { token, password: 'zulmira forever' })
  t.equal(outcome(named), '400 PASSWORD_WEAK', "the member's own name")
  isWeak(named, 'personal')
  t.equal(
    outcome(await resetPassword(a, { token: 'A'.repeat(43), password: 'zulmira forever' })),
    '400 CHALLENGE_INVALID',
    'who proves nothing learns no name',
  )
  t.equal((await resetPassword(a, { token, password: good })).statusCode, 204, 'control')
  t.equal((await signIn(a, { email: a.owner.email, password: good })).statusCode, 200)
})

t.test('pages say beside the field what is wrong with it, in the visitor’s language: 400', async (t) => {
  const said: Record<string, Record<string, RegExp>> = {
    pt: { common: /das mais usadas/, breached: /fugas de dados/, personal: /o seu nome/, short: /pelo menos 10/, long: /até 128/ },
    en: { common: /Many people use/, breached: /data breaches/, personal: /your name/, short: /at least 10/, long: /up to 128/ },
    fr: { common: /très répandu/, breached: /fuites de données/, personal: /votre nom/, short: /au moins 10/, long: /jusqu’à 128/ },
  }
  for (const [language, sentences] of Object.entries(said)) {
    for (const [reason, sentence] of Object.entries(sentences)) {
      const payload = new URLSearchParams({ email: 'ana.lima@people.example', name: 'Ana Lima', password: weak[reason]?.[0] ?? '' }).toString()
      const headers = { origin: `https://${a.host}`, 'content-type': 'application/x-www-form-urlencoded', 'accept-language': language }
      const answer = await send(a, { method: 'POST', url: '/account/sign-up', payload }, { headers })
      t.equal(answer.statusCode, 400)
      t.match(/<p class="fault" id="password-fault">(.*?)<\/p>/.exec(answer.body)?.[1], sentence, `${language} ${reason}`)
      t.match(answer.body, 'aria-describedby="password-hint password-fault"')
      t.match(answer.body, 'value="Ana Lima"', 'the rest stays')
    }
  }
})

t.test('a service whose folder of breached passwords is none does not start', async (t) => {
  await t.rejects(createTestApp(t, { env: { BREACHED_PASSWORDS_DIR: join(breachedDir, 'nowhere') } }), /^BREACHED_PASSWORDS_DIR must be a folder/)
})

t.test('a site that asks for longer passwords gets them: 400 PASSWORD_WEAK, and 202', async (t) => {
  await data.owner.query('insert into auth_policies (tenant_id, password_length) values ($1, 20)', [a.id])
  const answerTo = (password: string) => signUp(a, { email: 'wide@people.example', name: 'Ana', password })
  await eventually(t, 'the policy has arrived', async () => outcome(await answerTo(good)) === '400 PASSWORD_WEAK')
  isWeak(await answerTo(good), 'short')
  t.equal(outcome(await answerTo('a longer password of mine')), '202')
})
