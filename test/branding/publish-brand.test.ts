import sharp from 'sharp'
import t, { type Test } from 'tap'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { brandCalls } from './brand-calls.ts'

const test = await createTestApp(t)
const { data, a, b, call } = test
const own = await brandCalls(test, a)

const siteOf = async (site: { host: string }) => (await call(site, { url: '/v1/site' })).json()
/** Processes hear of it by a notification, some milliseconds later. */
const inForce = (t: Test, number: number) => eventually(t, `publication ${number} shows`, async () => (await siteOf(a)).brand.publication === number)
const pageOf = async (site: { host: string }) => (await call(site, { url: '/account/sign-in' })).body
const lastEvent = async (action: string) =>
  (await data.owner.query('select details from audit_events where tenant_id = $1 and action = $2 order by id desc limit 1', [a.id, action])).rows[0]
const mailLogo = async (id: string) => (await data.owner.query('select logo_png from brands where tenant_id = $1', [id])).rows[0].logo_png

t.test('without a draft there is nothing to publish: 409 BRAND_DRAFT_MISSING', async (t) => {
  const answer = await own.ask('POST', '/v1/brand/publications', { revision: 1 })
  t.match([answer.statusCode, answer.json().code], [409, 'BRAND_DRAFT_MISSING'])
})

t.test('a published brand shows at once on pages, in what mails carry and in /v1/site, and not on another site: 201', async (t) => {
  const before = { page: await pageOf(b), site: await siteOf(b) }
  const logo = await own.image('#ff0000', 1_000, 250)
  const mark = await own.image('#00ff00', 300, 300)
  const social = await own.image('#0000ff', 1_600, 900)
  const answer = await own.publish(
    (spec) => ({
      ...spec,
      name: 'Another name',
      tagline: 'Another tagline',
      locale: 'fr',
      timeZone: 'Europe/Paris',
      images: { logo, mark, favicon: null, social },
      contact: { ...spec.contact, email: 'office@site-a.example' },
    }),
    'the new face',
  )
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { number: 1, note: 'the new face', returnedTo: null, publishedBy: a.owner.id, inForce: true })

  await inForce(t, 1)
  const site = await siteOf(a)
  t.match(site, { name: 'Another name', locale: 'fr', timeZone: 'Europe/Paris' })
  t.match(site.brand, { publication: 1, tagline: 'Another tagline', logo: { width: 640, height: 160 }, contact: { email: 'office@site-a.example' } })
  const page = await pageOf(a)
  t.match(page, `<img src="${site.brand.logo.address}" alt="Another name" width="176" height="44">`)
  t.match(page, `<link rel="stylesheet" href="${site.brand.theme}">`)
  const { data: pixels, info } = await sharp(await mailLogo(a.id))
    .raw()
    .toBuffer({ resolveWithObject: true })
  t.same([info.width, info.height, ...pixels.subarray(0, 3)], [440, 110, 255, 0, 0], 'mails carry it as PNG')
  for (const address of [site.brand.theme, site.brand.manifest, site.brand.logo.address, site.brand.icon, site.brand.social]) {
    t.equal((await call(a, { url: address })).statusCode, 200, address)
  }

  t.equal(await pageOf(b), before.page, 'the other site is as it was')
  t.same(await siteOf(b), before.site)
  t.equal(await mailLogo(b.id), null)
  t.match(await own.draft(), { changed: false, publication: 1 }, 'the draft has become what is in force')
  const { details } = await lastEvent('brand.published')
  t.equal(details.number, 1)
  t.same(details.changed.sort(), ['contact', 'images', 'locale', 'name', 'tagline', 'timeZone'], 'it says which parts, where messages go among them')
})

t.test('what everybody sees is readable, whatever was chosen', async (t) => {
  await own.publish((spec) => ({
    ...spec,
    colors: { light: { primary: '#eeeeee', accent: '#ffff00', surface: '#ffffff', text: '#dddddd' }, dark: null },
  }))
  await inForce(t, 2)
  const { colors } = (await siteOf(a)).brand
  t.same(colors, { primary: '#eeeeee', accent: '#999900', surface: '#ffffff', text: '#737373' })
  const css = (await call(a, { url: (await siteOf(a)).brand.theme })).body
  t.match(css, '--text:#737373')
  t.match(css, '--on-primary:#000000')
  const { rows } = await data.owner.query('select text_color, accent_color from brands where tenant_id = $1', [a.id])
  t.same(rows, [{ text_color: '#737373', accent_color: '#999900' }], 'mails go by these')
})

t.test('one step back is a publication of its own, and can be undone the same way', async (t) => {
  const now = await siteOf(a)
  const back = await own.ask('POST', '/v1/brand/publications/1/return')
  t.equal(back.statusCode, 201)
  t.match(back.json(), { number: 3, returnedTo: 1, inForce: true })
  await inForce(t, 3)
  const earlier = await siteOf(a)
  t.same(earlier.brand.colors.text, '#111111')
  t.equal((await own.ask('POST', '/v1/brand/publications/2/return')).statusCode, 201)
  await inForce(t, 4)
  t.same((await siteOf(a)).brand, { ...now.brand, publication: 4 })
  const { items } = (await own.ask('GET', '/v1/brand/publications')).json()
  t.same(
    items.map(({ number, returnedTo, inForce }: (typeof items)[number]) => [number, returnedTo, inForce]),
    [
      [4, 2, true],
      [3, 1, false],
      [2, null, false],
      [1, null, false],
    ],
  )
  t.match(await lastEvent('brand.returned'), { details: { number: 4, returnedTo: 2 } })
  for (const number of [99, 0, 'x']) {
    const answer = await own.ask('POST', `/v1/brand/publications/${number}/return`)
    t.match([answer.statusCode, answer.json().code], number === 99 ? [404, 'BRAND_PUBLICATION_UNKNOWN'] : [400, 'REQUEST_INVALID'], String(number))
  }
})

t.test('a publication of another site is none: 404, and it is there', async (t) => {
  const other = await brandCalls(test, b)
  t.equal((await other.ask('POST', '/v1/brand/publications/4/return')).statusCode, 404)
  t.same((await other.ask('GET', '/v1/brand/publications')).json(), { items: [] })
  t.equal((await own.ask('POST', '/v1/brand/publications/4/return')).statusCode, 201, 'control')
})

t.test('only the draft that was seen is published, and once', async (t) => {
  const { revision } = (await own.save((spec) => ({ ...spec, tagline: 'Seen' }))).json()
  await own.save((spec) => ({ ...spec, tagline: 'Changed since' }))
  const late = await own.ask('POST', '/v1/brand/publications', { revision })
  t.match([late.statusCode, late.json().code], [409, 'BRAND_DRAFT_CHANGED'])
  const newest = { revision: revision + 1 }
  const answers = await Promise.all(Array.from({ length: 6 }, () => own.ask('POST', '/v1/brand/publications', newest)))
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409, 409, 409])
  await eventually(t, 'the newest shows', async () => (await siteOf(a)).brand.tagline === 'Changed since')
})

t.test('of the history the last fifty stay, the one in force among them', async (t) => {
  const { number } = (await own.publish((spec) => spec)).json()
  await data.owner.query(
    `insert into brand_publications (tenant_id, number, spec, images) select tenant_id, number + s, spec, images
     from brand_publications, generate_series(1, 60) s where tenant_id = $1 and number = $2`,
    [a.id, number],
  )
  const newest = (await own.publish((spec) => spec)).json().number
  t.equal(newest, number + 61)
  const { rows } = await data.owner.query('select count(*)::int as kept, min(number) as oldest from brand_publications where tenant_id = $1', [a.id])
  t.same(rows, [{ kept: 50, oldest: newest - 49 }])
})

t.test('where the storage has lost an image nothing is published, and the brand in force stays', async (t) => {
  const logo = await own.image('#abcdef')
  const { items } = (await own.ask('GET', '/v1/brand/publications')).json()
  await inForce(t, items[0].number)
  const before = await siteOf(a)
  const { revision } = (await own.save((spec) => ({ ...spec, images: { ...spec.images, logo } }))).json()
  const storage = test.app.objectStorage
  await storage.remove([`tenants/${a.id}/brand/${logo}`])
  t.equal((await own.ask('POST', '/v1/brand/publications', { revision })).statusCode, 500)
  t.same(await siteOf(a), before)
  t.match(await own.draft(), { revision }, 'the draft is kept')
})
