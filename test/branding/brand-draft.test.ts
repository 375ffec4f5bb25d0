import t from 'tap'
import { createTestApp } from '../app.ts'
import { brandCalls, fontOf } from './brand-calls.ts'

const test = await createTestApp(t)
const { data, a, b, call } = test
const [own, other] = [await brandCalls(test, a), await brandCalls(test, b)]

t.test('before anything is changed the draft is what the site was made with: 200, revision 0', async (t) => {
  const draft = await own.draft()
  t.match(draft, { revision: 0, changed: false, publication: 0, updatedAt: null, updatedBy: null })
  t.match(draft.spec, { name: 'Name of site-a', locale: 'pt-ST', images: { logo: null }, colors: { light: { accent: '#ca8a04' }, dark: null } })
})

t.test('a draft is saved with the revision that was read, by whom is told, and nobody else sees it', async (t) => {
  const saved = await own.save((spec) => ({ ...spec, tagline: 'A better one' }))
  t.equal(saved.statusCode, 200)
  t.match(saved.json(), { revision: 1, spec: { tagline: 'A better one' }, updatedBy: a.owner.id, publication: 0 })
  t.match(await own.draft(), { revision: 1, spec: { tagline: 'A better one' } })
  t.equal((await call(a, { url: '/v1/site' })).json().brand.tagline, 'A tagline', 'control: not in force')
  t.match(await other.draft(), { revision: 0, spec: { tagline: 'A tagline' } }, 'the other site has its own')
})

t.test('whoever read an older draft gets 409 BRAND_DRAFT_CHANGED and overwrites nothing', async (t) => {
  const { revision, spec } = await own.draft()
  t.equal((await own.save((kept) => ({ ...kept, tagline: 'First' }))).statusCode, 200)
  const late = await own.ask('PUT', '/v1/brand/draft', { revision, spec: { ...spec, tagline: 'Late' } })
  t.match([late.statusCode, late.json().code], [409, 'BRAND_DRAFT_CHANGED'])
  t.equal((await own.draft()).spec.tagline, 'First')
})

t.test('ten who save the same revision at once: one is in time', async (t) => {
  const { revision, spec } = await own.draft()
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_one, at) => own.ask('PUT', '/v1/brand/draft', { revision, spec: { ...spec, tagline: `Number ${at}` } })),
  )
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, ...Array.from({ length: 9 }, () => 409)])
})

t.test('what cannot be answers 400 with where and why, and the draft stays as it was', async (t) => {
  const before = await own.draft()
  const foreign = await other.image('#ff0000')
  const font = (await own.upload(fontOf(), 'a.woff2', 'fonts')).json().id
  type Spec = typeof before.spec
  const light = (colour: object) => (spec: Spec) => ({ ...spec, colors: { ...spec.colors, light: { ...spec.colors.light, ...colour } } })
  const bad: Record<string, [path: string, change: (spec: Spec) => object]> = {
    'no name': ['/spec/name', (spec) => ({ ...spec, name: '' })],
    'two lines': ['/spec/tagline', (spec) => ({ ...spec, tagline: 'a\nb' })],
    'turned text': ['/spec/shortName', (spec) => ({ ...spec, shortName: 'a\u202eb' })],
    'a colour by name': ['/spec/colors/light/primary', light({ primary: 'red' })],
    'a colour that ends the rule': ['/spec/colors/light/text', light({ text: '#ffffff;}' })],
    'a language that is none': ['/spec/locale', (spec) => ({ ...spec, locale: 'xx-1' })],
    'a time zone that is none': ['/spec/timeZone', (spec) => ({ ...spec, timeZone: 'Africa/Atlantis' })],
    'a script for an address': ['/spec/legal/privacy', (spec) => ({ ...spec, legal: { ...spec.legal, privacy: 'javascript:alert(1)' } })],
    'two addresses': ['/spec/contact/email', (spec) => ({ ...spec, contact: { ...spec.contact, email: 'a@b.example,c@d.example' } })],
    'an unknown stack': ['/spec/fonts/body', (spec) => ({ ...spec, fonts: { ...spec.fonts, body: { stack: 'Comic Sans' } } })],
    'an image of another site': ['/spec/images/logo', (spec) => ({ ...spec, images: { ...spec.images, logo: foreign } })],
    'a font for an image': ['/spec/images/mark', (spec) => ({ ...spec, images: { ...spec.images, mark: font } })],
    'an image that is not there': ['/spec/fonts/heading/asset', (spec) => ({ ...spec, fonts: { ...spec.fonts, heading: { asset: a.id } } })],
    'more than there is': ['/spec', (spec) => ({ ...spec, logo: 'x' })],
  }
  for (const [name, [path, change]] of Object.entries(bad)) {
    const answer = await own.ask('PUT', '/v1/brand/draft', { revision: before.revision, spec: change(before.spec) })
    t.match([answer.statusCode, answer.json().code], [400, 'REQUEST_INVALID'], name)
    const paths: string[] = answer.json().issues?.map((issue: { path: string }) => issue.path) ?? []
    t.ok(
      paths.some((one) => one.startsWith(path)),
      `${name}: ${paths.join()}`,
    )
  }
  t.equal(
    (await own.ask('PUT', '/v1/brand/draft', { revision: before.revision, spec: { ...before.spec, tagline: 'x'.repeat(20_000) } })).statusCode,
    413,
  )
  t.same(await own.draft(), before)
  const fine = await own.save((spec) => ({ ...spec, fonts: { ...spec.fonts, heading: { asset: font } } }))
  t.equal(fine.statusCode, 200, 'control: the font as a font')
})

t.test('colours that cannot be read are told, with the nearest that can; they are kept as chosen', async (t) => {
  const light = { primary: '#ffffff', accent: '#ffff00', surface: '#ffffff', text: '#cccccc' }
  const dark = { primary: '#000000', accent: '#222222', surface: '#000000', text: '#333333' }
  const { spec, advice, suggestedDark } = (await own.save((kept) => ({ ...kept, colors: { light, dark } }))).json()
  t.same(spec.colors, { light, dark })
  t.same(
    advice.map(({ path, chosen, least }: (typeof advice)[number]) => [path, chosen, least]),
    [
      ['/colors/light/text', '#cccccc', 4.5],
      ['/colors/light/accent', '#ffff00', 3],
      ['/colors/dark/text', '#333333', 4.5],
      ['/colors/dark/accent', '#222222', 3],
    ],
  )
  t.match(advice[0], { used: '#767676', contrast: 1.61 })
  t.match(suggestedDark.surface, /^#[0-2]/)
})

t.test('a preview shows the draft’s texts, colours and logo in one page that loads nothing of the brand’s: 200', async (t) => {
  const logo = await own.image('#0000ff')
  await own.save((spec) => ({
    ...spec,
    tagline: 'Only <i>in</i> the draft',
    images: { ...spec.images, logo },
    colors: {
      light: { primary: '#123456', accent: '#9a3412', surface: '#ffffff', text: '#000000' },
      dark: { primary: '#123456', accent: '#eeaa00', surface: '#0a0b0c', text: '#ffffff' },
    },
  }))
  const page = await own.ask('GET', '/v1/brand/draft/preview')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.match(page.body, 'Only &#60;i&#62;in&#60;/i&#62; the draft')
  t.match(page.body, '--primary:#123456')
  t.match(page.body, '<img src="data:image/webp;base64,')
  t.notMatch(page.body, /<script|(?:src|href)="(?!data:|#|\/"|\/assets\/)/)
  const dark = await own.ask('GET', '/v1/brand/draft/preview?scheme=dark')
  t.match(dark.body, '--surface:#0a0b0c')
  t.notMatch(page.body, '--surface:#0a0b0c')
  t.equal((await call(a, { url: '/v1/brand/draft/preview' })).statusCode, 401, 'for staff alone')
})

t.test('a discarded draft is again what is in force: 204', async (t) => {
  const before = (await own.draft()).revision
  t.equal((await own.ask('DELETE', '/v1/brand/draft')).statusCode, 204)
  const after = await own.draft()
  t.match(after, { changed: false, spec: { tagline: 'A tagline' }, updatedBy: null })
  t.ok(after.revision > before, 'what was seen of it before is of no use any more')
  t.equal((await own.ask('DELETE', '/v1/brand/draft')).statusCode, 204, 'as often as one likes')
})

t.test('reading needs site:read and changing needs site:write: 403 AUTH_FORBIDDEN', async (t) => {
  await data.owner.query(`update roles set permissions = '{site:read}' where tenant_id = $1 and slug = 'owner'`, [b.id])
  const routes = [
    ['GET', '/v1/brand/draft', 200],
    ['GET', '/v1/brand/draft/preview', 200],
    ['GET', '/v1/brand/publications', 200],
    ['GET', '/v1/brand/assets', 200],
    ['PUT', '/v1/brand/draft', 403],
    ['DELETE', '/v1/brand/draft', 403],
    ['POST', '/v1/brand/publications', 403],
    ['POST', '/v1/brand/publications/1/return', 403],
    ['POST', '/v1/brand/images', 403],
    ['POST', '/v1/brand/fonts', 403],
    ['DELETE', `/v1/brand/assets/${a.id}`, 403],
  ] as const
  const reader = await brandCalls(test, b)
  for (const [method, url, status] of routes) t.equal((await reader.ask(method, url)).statusCode, status, `${method} ${url}`)
})
