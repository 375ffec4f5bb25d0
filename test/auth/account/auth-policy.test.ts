import t from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { openLimits } from '../minted.ts'
import { signedInCalls } from './signed-in.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b, another } = tools
const copy = await another()
const { open, send } = authCalls(app)
const { newMember, ask, proofOf } = signedInCalls(tools)
const owner = await open(a)

const policy = {
  signUp: 'domain',
  signUpDomains: ['mezochi.st', 'xn--bcher-kva.example'],
  secondFactor: 'off',
  mailedSignIn: false,
  passkeys: true,
  passwordLength: 12,
  captcha: { provider: 'turnstile', siteKey: '0x4AAAAAAA', secret: 'the secret of the captcha' },
}
const shown = { ...policy, captcha: { provider: 'turnstile', siteKey: '0x4AAAAAAA', hasSecret: true } }
const read = (who: { accessToken: string }, site = a) => ask(site, who, { url: '/v1/auth-policy' })
const save = (who: { accessToken: string }, payload: object, site = a) => ask(site, who, { method: 'PUT', url: '/v1/auth-policy', payload })
const rowOf = async (site = a) => (await data.owner.query('select * from auth_policies where tenant_id = $1', [site.id])).rows[0]
const eventsOf = async () => (await data.owner.query(`select * from audit_events where action = 'auth-policy.changed' order by id`)).rows

t.test('a site that never decided shows the defaults: 200', async (t) => {
  t.same((await read(owner)).json(), {
    signUp: 'open',
    signUpDomains: [],
    secondFactor: 'optional',
    mailedSignIn: true,
    passkeys: true,
    passwordLength: 10,
    captcha: { provider: 'none', siteKey: '', hasSecret: false },
  })
})

t.test('what is saved is kept: domains in one form, the secret sealed and never shown, the fields that changed in the log', async (t) => {
  const answer = await save(owner, { ...policy, signUpDomains: ['MeZochi.ST', 'bücher.example', 'ｍezochi.st'] })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(answer.json(), shown)
  t.same((await read(owner)).json(), shown)
  const { sealed_captcha_secret: sealed } = await rowOf()
  t.notMatch(sealed, 'the secret')
  t.equal(app.secretBox.open(sealed, { tenantId: a.id, field: 'auth_policies.sealed_captcha_secret' }), policy.captcha.secret)
  const events = await eventsOf()
  t.match(events, [{ tenant_id: a.id, actor_kind: 'member', actor: a.owner.id }])
  t.same(events[0].details.changed.sort(), ['captcha', 'mailedSignIn', 'passwordLength', 'secondFactor', 'signUp', 'signUpDomains'])
  t.notMatch(JSON.stringify(events), /mezochi|secret of/)
  t.equal(await rowOf(b), undefined, 'another site is as it was')
})

t.test('a secret that is left out stays, unless the provider is another; none takes it away', async (t) => {
  const { secret, ...captcha } = policy.captcha
  const before = (await rowOf()).sealed_captcha_secret
  t.equal(outcome(await save(owner, { ...policy, captcha })), '200', secret)
  t.equal((await rowOf()).sealed_captcha_secret, before)
  t.equal((await eventsOf()).length, 1, 'nothing changed, nothing told')
  t.equal(outcome(await save(owner, { ...policy, captcha: { ...captcha, provider: 'hcaptcha' } })), '400 REQUEST_INVALID')
  t.equal(outcome(await save(owner, { ...policy, captcha: { ...captcha, provider: 'none' } })), '200')
  t.match(await rowOf(), { captcha_provider: 'none', captcha_site_key: '', sealed_captcha_secret: null })
  t.equal(outcome(await save(owner, { ...policy, captcha })), '400 REQUEST_INVALID', 'there is none any more')
  t.equal(outcome(await save(owner, policy)), '200')
})

t.test('what a front end needs is public, without what it does not need; every copy has a change within 2 s, and 304 until then', async (t) => {
  const options = (on = app) => send(a, { url: '/v1/auth/options' }, { on })
  const answer = await options()
  t.same(answer.json(), {
    signUp: 'domain',
    mailedSignIn: false,
    passkeys: true,
    passwordLength: 12,
    captcha: { provider: 'turnstile', siteKey: '0x4AAAAAAA' },
    languages: ['pt', 'en', 'fr'],
  })
  const again = await send(a, { url: '/v1/auth/options' }, { headers: { 'if-none-match': String(answer.headers.etag) } })
  t.equal(again.statusCode, 304)
  t.equal((await options(copy)).json().signUp, 'domain')
  t.equal(outcome(await save(owner, { ...policy, signUp: 'invitation' })), '200')
  for (const on of [app, copy]) await eventually(t, 'it shows', async () => (await options(on)).json().signUp === 'invitation')
  t.equal((await send(b, { url: '/v1/auth/options' })).json().signUp, 'open')
  await save(owner, policy)
})

t.test('reading takes site:read and writing site:write and a recent proof: 401, 403', async (t) => {
  // With `staff` those who may do something would have to set up a second factor first.
  await data.owner.query(`update auth_policies set second_factor = 'optional'`)
  await eventually(t, 'the service knows', async () => (await read(owner)).json().secondFactor === 'optional')
  const [member, editor, admin] = [await newMember(a), await newMember(a, { role: 'editor' }), await newMember(a, { role: 'admin' })]
  t.equal(outcome(await read(member)), '403 AUTH_FORBIDDEN')
  t.equal(outcome(await read(editor)), '200')
  t.equal(outcome(await save(editor, policy)), '403 AUTH_FORBIDDEN')
  t.equal(outcome(await save(admin, { ...policy, secondFactor: 'optional' })), '200')
  await proofOf(admin, 601)
  t.equal(outcome(await save(admin, policy)), '403 AUTH_PROOF_NEEDED')
  t.equal(outcome(await read(admin)), '200')
  t.equal(outcome(await save(owner, policy, b)), '401 AUTH_TOKEN_INVALID')
  t.equal(outcome(await read(await open(b), b)), '200', 'control')
})

t.test('a policy that asks for a second factor ends sessions that began without, of those whom it asks, but for who decided', async (t) => {
  t.equal(outcome(await save(owner, { ...policy, secondFactor: 'optional' })), '200')
  const [member, editor, proven] = [await newMember(a), await newMember(a, { role: 'editor' }), await newMember(a, { role: 'editor' })]
  const strange = await newMember(b, { role: 'editor' })
  await data.owner.query(`update sessions set methods = '{password,totp}' where member_id = $1`, [proven.id])
  const here = { owner, member, editor, proven }
  const who = async (site: typeof a, people: Record<string, { accessToken: string }>) => {
    const asked = Object.entries(people).map(async ([name, one]) => ((await ask(site, one, { url: '/v1/me' })).statusCode === 200 ? [name] : []))
    return (await Promise.all(asked)).flat().join(', ')
  }
  t.equal(await who(a, here), 'owner, member, editor, proven', 'control')
  t.equal(outcome(await save(owner, { ...policy, secondFactor: 'staff' })), '200')
  await eventually(t, 'staff without a factor is out', async () => (await who(a, here)) === 'owner, member, proven')
  t.equal(outcome(await save(owner, { ...policy, secondFactor: 'required' })), '200')
  await eventually(t, 'everybody without one is', async () => (await who(a, here)) === 'owner, proven')
  t.equal(await who(b, { strange }), 'strange', 'another site’s people go on')
  t.equal(outcome(await save(owner, { ...policy, secondFactor: 'off' })), '200')
})

t.test('anything else answers 400 REQUEST_INVALID and keeps what holds', async (t) => {
  const { secondFactor, ...incomplete } = policy
  t.ok(secondFactor)
  const bodies: Record<string, object> = {
    'a field missing': incomplete,
    'a mode we do not have': { ...policy, signUp: 'everybody' },
    'no domain': { ...policy, signUpDomains: [] },
    'an address for a domain': { ...policy, signUpDomains: ['ana@mezochi.st'] },
    'an IP address': { ...policy, signUpDomains: ['127.0.0.1'] },
    'a wildcard': { ...policy, signUpDomains: ['*.mezochi.st'] },
    'a top-level domain': { ...policy, signUpDomains: ['com'] },
    'a list in one': { ...policy, signUpDomains: ['a.st,b.st'] },
    '101 domains': { ...policy, signUpDomains: Array.from({ length: 101 }, (_, n) => `d${n}.example`) },
    'a short password': { ...policy, passwordLength: 7 },
    'a long one': { ...policy, passwordLength: 129 },
    'half a length': { ...policy, passwordLength: 10.5 },
    'text for a switch': { ...policy, passkeys: 'true' },
    'no site key': { ...policy, captcha: { ...policy.captcha, siteKey: '' } },
    'a site key that cannot go into a page': { ...policy, captcha: { ...policy.captcha, siteKey: 'a"><script>' } },
    'an empty secret': { ...policy, captcha: { ...policy.captcha, secret: '' } },
    'a sealed secret': { ...policy, captcha: { ...policy.captcha, sealedSecret: 'v1.x.y' } },
    'a tenant': { ...policy, tenantId: b.id },
  }
  const before = await rowOf()
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await save(owner, body)), '400 REQUEST_INVALID', title)
  t.same(await rowOf(), before)
})

t.test('the platform’s own staff are never whoever comes along: open and domain answer 400 there', async (t) => {
  await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [b.id])
  const operator = await open(b)
  await eventually(t, 'it is the platform', async () => outcome(await save(operator, { ...policy, signUp: 'open' }, b)) === '400 REQUEST_INVALID')
  t.equal(outcome(await save(operator, policy, b)), '400 REQUEST_INVALID')
  t.equal(outcome(await save(operator, { ...policy, signUp: 'closed' }, b)), '200')
})
