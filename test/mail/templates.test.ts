import t from 'tap'
import { Compile } from 'typebox/compile'
import { createMember } from '../../src/auth/account/create-member.ts'
import { mailKinds } from '../../src/jobs/mail-kinds.ts'
import { defaultTexts } from '../../src/mail/templates/default-texts.ts'
import { listTemplates } from '../../src/mail/templates/list-templates.ts'
import type { Template } from '../../src/mail/templates/template.ts'
import { createTestApp, password, type TestSite } from '../app.ts'
import { samplePng } from './sample-sites.ts'

const { app, data, a, b, call } = await createTestApp(t)
const answer200 = Compile(listTemplates.schema.response[200])
const [tokenOfA, tokenOfB] = [await tokenOf(a, a.owner.email), await tokenOf(b, b.owner.email)]

const at = (kind: string, locale: string) => `/v1/mail/templates/${kind}/${locale}`
const text = { subject: 'Bem-vindo a {{ site_short_name }}', body: 'Olá!\n\n{{ link }}\n\n{{ code }}' }

async function tokenOf(site: TestSite, email: string): Promise<string> {
  return (await call(site, { method: 'POST', url: '/v1/auth/sign-in', payload: { email, password } })).json().accessToken
}

function ask(site: TestSite, method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object, token = site === a ? tokenOfA : tokenOfB) {
  return call(site, { method, url, headers: { authorization: `Bearer ${token}` }, ...(payload ? { payload } : {}) })
}

async function find(site: TestSite, kind: string, locale: string): Promise<Template | undefined> {
  const { items }: { items: Template[] } = (await ask(site, 'GET', '/v1/mail/templates')).json()
  return items.find((item) => item.kind === kind && item.locale === locale)
}

t.test('the list answers 200 with every kind in every language, its default and its variables', async (t) => {
  const answer = await ask(a, 'GET', '/v1/mail/templates')
  t.equal(answer.statusCode, 200)
  t.ok(answer200.Check(answer.json()), 'as the schema says')
  const { guide, items }: { guide: string; items: Template[] } = answer.json()
  t.match(guide, /Paragraphs are parted by an empty line/)
  t.equal(items.length, Object.keys(mailKinds).length * 3)
  t.ok(
    items.every(({ own }) => own === null),
    'nothing of its own yet',
  )
  for (const { variables } of items) t.ok(variables.every(({ description }) => description.length > 3))
  const reset = items.find(({ kind, locale }) => kind === 'reset-password' && locale === 'fr')
  t.strictSame(reset?.default, defaultTexts.fr.mails['reset-password'])
  t.strictSame(reset?.variables.map(({ name, inSubject }) => (inSubject ? name : `(${name})`)).sort(), [
    '(code)',
    '(link)',
    'code_life',
    'link_life',
    'name',
    'site_name',
    'site_origin',
    'site_short_name',
  ])
  t.strictSame(
    items
      .find(({ kind }) => kind === 'contact-acknowledgement')
      ?.variables.map(({ name }) => name)
      .sort(),
    ['form', 'site_name', 'site_origin', 'site_short_name'],
    'a kind without a page has no link',
  )
})

t.test('a default text can be saved as it is, for every kind and language', async (t) => {
  for (const { kind, locale, default: preset } of (await ask(b, 'GET', '/v1/mail/templates')).json().items as Template[]) {
    t.equal((await ask(b, 'PUT', at(kind, locale), preset)).statusCode, 200, `${kind} ${locale}`)
    t.equal((await ask(b, 'DELETE', at(kind, locale))).statusCode, 204)
  }
})

t.test('a text is kept with 200, replaced with 200, and taken back with 204, twice if need be', async (t) => {
  const saved = await ask(a, 'PUT', at('verify-email', 'pt'), { ...text, body: text.body.replaceAll('\n', '\r\n') })
  t.equal(saved.statusCode, 200)
  t.match(saved.json(), { kind: 'verify-email', locale: 'pt', own: { ...text, brokenAt: null } })
  t.strictSame(await find(a, 'verify-email', 'pt'), saved.json())
  await data.owner.query('update mail_templates set broken_at = now() where tenant_id = $1', [a.id])
  t.type((await find(a, 'verify-email', 'pt'))?.own?.brokenAt, 'string', 'a failure shows')
  const again = await ask(a, 'PUT', at('verify-email', 'pt'), { ...text, subject: 'Outro' })
  t.match(again.json().own, { subject: 'Outro', brokenAt: null }, 'and is forgotten after a change')
  t.equal((await find(a, 'verify-email', 'en'))?.own, null, 'other languages keep the default')
  for (const _time of [1, 2]) {
    const removed = await ask(a, 'DELETE', at('verify-email', 'pt'))
    t.equal(removed.statusCode, 204)
    t.equal(removed.body, '')
  }
  t.equal((await find(a, 'verify-email', 'pt'))?.own, null)
})

t.test('one site’s text neither shows nor goes with another site', async (t) => {
  await ask(a, 'PUT', at('sign-in', 'en'), { ...text, subject: 'Only of A' })
  t.equal((await find(a, 'sign-in', 'en'))?.own?.subject, 'Only of A', 'it is there')
  t.equal((await find(b, 'sign-in', 'en'))?.own, null)
  t.equal((await ask(b, 'DELETE', at('sign-in', 'en'))).statusCode, 204)
  await ask(b, 'PUT', at('sign-in', 'en'), { ...text, subject: 'Only of B' })
  t.equal((await find(a, 'sign-in', 'en'))?.own?.subject, 'Only of A', 'as before')
})

const invalid: Record<string, { own: Partial<typeof text>; issues: { path: string; message: RegExp }[] }> = {
  'an unknown variable': { own: { body: `${text.body}\n{{ nmae }}` }, issues: [{ path: '/body', message: /^Line 6: There is no variable "nmae"/ }] },
  'one in a branch not taken': {
    own: { body: `${text.body}{% if site_name == "" %}{{ nope }}{% endif %}` },
    issues: [{ path: '/body', message: /no variable "nope"/ }],
  },
  'no link': { own: { body: '{{ code }}' }, issues: [{ path: '/body', message: /needs \{\{ link \}\}/ }] },
  'no code': { own: { body: '{{ link }}' }, issues: [{ path: '/body', message: /needs \{\{ code \}\}/ }] },
  'a loop': { own: { body: `${text.body}{% for a in (1..9) %}{% endfor %}` }, issues: [{ path: '/body', message: /no tag "for"/ }] },
  'a filter that is not offered': { own: { subject: '{{ site_name | raw }}' }, issues: [{ path: '/subject', message: /no filter "raw"/ }] },
  'a subject of two lines': { own: { subject: 'a\nb' }, issues: [{ path: '/subject', message: /one line/ }] },
  'a subject with the code': { own: { subject: '{{ code }}' }, issues: [{ path: '/subject', message: /no variable "code"/ }] },
  'a subject that grows': { own: { subject: '{{ site_origin }}'.repeat(11) }, issues: [{ path: '/subject', message: /longer than 200/ }] },
  'a control character': { own: { body: `${text.body}\u0007` }, issues: [{ path: '/body', message: /control/ }] },
  'faults in both': {
    own: { subject: '{{', body: '{% if %}' },
    issues: [
      { path: '/subject', message: /^Line 1: / },
      { path: '/body', message: /^Line 1: / },
    ],
  },
}

t.test('a text that no mail could be made of answers 422 MAIL_TEMPLATE_INVALID with the place, and is not kept', async (t) => {
  for (const [what, { own, issues }] of Object.entries(invalid)) {
    for (const answer of [
      await ask(a, 'PUT', at('verify-email', 'fr'), { ...text, ...own }),
      await ask(a, 'POST', `${at('verify-email', 'fr')}/preview`, { ...text, ...own }),
    ]) {
      t.equal(answer.statusCode, 422, what)
      t.match(answer.json(), { code: 'MAIL_TEMPLATE_INVALID', issues })
      t.equal(answer.json().issues.length, issues.length)
    }
  }
  t.equal((await find(a, 'verify-email', 'fr'))?.own, null)
})

t.test('a body of the wrong shape answers 400 REQUEST_INVALID', async (t) => {
  for (const body of [
    { subject: 'x' },
    { ...text, extra: 1 },
    { ...text, subject: '' },
    { ...text, subject: 'x'.repeat(201) },
    { ...text, body: 'x'.repeat(10_001) },
  ]) {
    t.match((await ask(a, 'PUT', at('verify-email', 'pt'), body)).json(), { status: 400, code: 'REQUEST_INVALID' })
  }
  const longest = { subject: '🌴'.repeat(200), body: `{{ link }}{{ code }}${'🌴'.repeat(9_970)}` }
  t.equal((await ask(a, 'PUT', at('verify-email', 'pt'), longest)).statusCode, 422, 'characters are counted, not their halves; this grows too long')
  const long = { subject: '🌴'.repeat(200), body: `{{ link }}{{ code }}${'é'.repeat(9_970)}` }
  t.equal((await ask(a, 'PUT', at('verify-email', 'pt'), long)).statusCode, 200)
  t.equal((await ask(a, 'PUT', at('verify-email', 'pt'), { ...text, body: 'x'.repeat(200_000) })).json().code, 'BODY_TOO_LARGE')
})

t.test('an unknown kind or language answers 404 MAIL_TEMPLATE_UNKNOWN', async (t) => {
  for (const url of [at('nope', 'pt'), at('constructor', 'pt'), at('verify-email', 'de'), at('verify-email', 'PT')]) {
    t.match((await ask(a, 'PUT', url, text)).json(), { status: 404, code: 'MAIL_TEMPLATE_UNKNOWN' }, url)
    t.match((await ask(a, 'DELETE', url)).json(), { status: 404, code: 'MAIL_TEMPLATE_UNKNOWN' })
    t.match((await ask(a, 'POST', `${url}/preview`, text)).json(), { status: 404, code: 'MAIL_TEMPLATE_UNKNOWN' })
  }
})

t.test('a preview answers 200 with the mail in the site’s brand, and keeps nothing', async (t) => {
  const logo = samplePng(100, 20)
  await data.owner.query('update brands set logo_png = $2 where tenant_id = $1', [a.id, logo])
  const before = await find(a, 'invitation', 'en')
  const preview = { subject: 'From {{ inviter }}', body: 'src="cid:logo" <i>\n\n{{ link }}' }
  const answer = await ask(a, 'POST', `${at('invitation', 'en')}/preview`, preview)
  t.equal(answer.statusCode, 200)
  const { subject, html, text: plain } = answer.json()
  t.equal(subject, 'From John Trovoada')
  t.match(plain, /^src="cid:logo" <i>\n\nAccept the invitation:\nhttps?:\/\/site-a\.example\S*\/account\/invitation\?token=/)
  t.match(html, '<p>src=&#34;cid:logo&#34; &lt;i&gt;</p>')
  t.match(html, `src="data:image/png;base64,${logo.toString('base64')}" alt="Name of site-a"`)
  t.match(html, '#14532d')
  t.strictSame(await find(a, 'invitation', 'en'), before)
})

t.test('reading needs mail:read and changing needs mail:write: 403 AUTH_FORBIDDEN, and 401 for nobody', async (t) => {
  const db = data.open({ max: 1 }).forTenant(a.id)
  await db.role.create({
    data: { tenantId: a.id, id: '01890000-0000-7000-8000-0000000000aa', slug: 'reader', name: 'Reader', permissions: ['mail:read'] },
  })
  const tokens: Record<string, string> = {}
  for (const role of ['reader', 'editor']) {
    const email = `${role}@site-a.example`
    await createMember(db, app.hasher, { tenantId: a.id, email, name: role, password, role })
    tokens[role] = await tokenOf(a, email)
  }
  const url = at('test', 'pt')
  const plain = { subject: 'Teste', body: 'Teste' }
  const statuses = async (token: string | undefined) =>
    Promise.all([
      ask(a, 'GET', '/v1/mail/templates', undefined, token),
      ask(a, 'POST', `${url}/preview`, plain, token),
      ask(a, 'PUT', url, plain, token),
      ask(a, 'DELETE', url, undefined, token),
    ]).then((answers) => answers.map(({ statusCode }) => statusCode))
  t.strictSame(await statuses(tokens.reader), [200, 200, 403, 403])
  t.strictSame(await statuses(tokens.editor), [403, 403, 403, 403])
  t.strictSame(await statuses('none'), [401, 401, 401, 401])
  t.strictSame(await statuses(tokenOfA), [200, 200, 200, 204])
})
