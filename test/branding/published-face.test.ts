import sharp from 'sharp'
import t, { type Test } from 'tap'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { brandCalls } from './brand-calls.ts'

const test = await createTestApp(t)
const { a, b, call } = test
const own = await brandCalls(test, a)
const [red, green, blue] = [await own.image('#ff0000', 800, 200), await own.image('#00ff00', 600, 600), await own.image('#0000ff', 64, 64)]

const siteOf = async (site: { host: string }) => (await call(site, { url: '/v1/site' })).json()
const homeOf = async (site: { host: string }) => (await call(site, { url: '/' })).body
const signInOf = async (site: { host: string }) => (await call(site, { url: '/account/sign-in' })).body

/** Answers when it shows. */
async function publish(t: Test, change: Parameters<typeof own.publish>[0]): Promise<void> {
  const answer = await own.publish(change)
  t.equal(answer.statusCode, 201)
  await eventually(t, 'it shows', async () => (await siteOf(a)).brand.publication === answer.json().number)
}

t.test('tabs show the favicon where there is one, and home screens the mark', async (t) => {
  await publish(t, (spec) => ({ ...spec, images: { logo: red, mark: green, favicon: blue, social: null } }))
  t.same(await coloursOfIcon(), ['#0000ff', '#0000ff', '#0000ff'])
  t.equal(await colourAt('/apple-touch-icon.png'), '#00ff00')
  for (const { src } of await manifestIcons()) t.equal(await colourAt(src), '#00ff00', src)
})

t.test('without a mark everything is made from the favicon, and nothing from the logo', async (t) => {
  await publish(t, (spec) => ({ ...spec, images: { ...spec.images, mark: null } }))
  t.same(await coloursOfIcon(), ['#0000ff', '#0000ff', '#0000ff'])
  t.equal(await colourAt('/apple-touch-icon.png'), '#0000ff')
  const icons = await manifestIcons()
  t.equal(icons.length, 3)
  for (const { src } of icons) t.equal(await colourAt(src), '#0000ff', src)
})

t.test('pages link icons and manifest that are there, in their types: 200', async (t) => {
  await publish(t, (spec) => ({ ...spec, images: { logo: red, mark: green, favicon: blue, social: null } }))
  for (const [page, html] of Object.entries({ home: await homeOf(a), 'sign-in': await signInOf(a) })) {
    const links = linksOf(html).filter(({ relation }) => relation !== 'stylesheet')
    t.same(
      links.map(({ relation, type }) => [relation, type]),
      [
        ['icon', undefined],
        ['icon', 'image/png'],
        ['apple-touch-icon', undefined],
        ['manifest', undefined],
      ],
      page,
    )
    const types = [/^image\/(x-icon|vnd\.microsoft\.icon)$/, /^image\/png$/, /^image\/png$/, /^application\/manifest\+json/]
    for (const [at, { address }] of links.entries()) {
      const answer = await call(a, { url: address })
      t.equal(answer.statusCode, 200, address)
      t.match(answer.headers['content-type'], types[at], address)
    }
  }
  t.same(
    linksOf(await homeOf(b)).map(({ relation }) => relation),
    ['stylesheet', 'manifest', 'stylesheet'],
    'a site without images links none',
  )
})

t.test('a shared link shows the social image, by its whole address', async (t) => {
  t.notMatch(await homeOf(a), 'og:image', 'control: there is none')
  await publish(t, (spec) => ({ ...spec, images: { ...spec.images, social: green } }))
  const { origin, brand } = await siteOf(a)
  t.match(brand.social, /^\/brand\/social\.[\w-]{16}\.jpg$/)
  t.match(await homeOf(a), `<meta property="og:image" content="${origin}${brand.social}">`)
  const { width, height } = await sharp((await call(a, { url: brand.social })).rawPayload).metadata()
  t.same([width, height], [1_200, 630])
})

t.test('legal links are kept by the draft, published, and stand in the footer of the home page', async (t) => {
  const legal = { privacy: 'https://site-a.example/privacy?a=1&b=2', terms: '/terms', imprint: null }
  t.notMatch(footerOf(await homeOf(a)), '<a', 'control: there are none')
  await own.save((spec) => ({ ...spec, legal }))
  t.same((await own.draft()).spec.legal, legal)
  t.notMatch(footerOf(await homeOf(a)), '<a', 'not before it is published')
  await publish(t, (spec) => spec)
  t.same((await siteOf(a)).brand.legal, legal)
  t.same(anchorsOf(footerOf(await homeOf(a))), [
    ['https://site-a.example/privacy?a=1&#38;b=2', 'Privacidade'],
    ['/terms', 'Termos'],
  ])
  await publish(t, (spec) => ({ ...spec, legal: { ...legal, imprint: '/imprint' } }))
  t.same(anchorsOf(footerOf(await homeOf(a)))[0], ['/imprint', 'Ficha técnica'])
  t.notMatch(footerOf(await homeOf(b)), '<a', 'the other site has none')
})

t.test('every page in the brand shows the legal links in its footer, in the visitor’s language; without any there is no footer', async (t) => {
  const pages = ['/account/sign-in', '/account/sign-up', '/contact', '/account/verify-email?token=x']
  const ask = async (site: { host: string }, url: string) =>
    (await call(site, { url, headers: { 'accept-language': 'en', accept: 'text/html' } })).body
  await publish(t, (spec) => ({ ...spec, legal: { privacy: '/privacy?a=1&b=2', terms: 'https://site-a.example/terms', imprint: null } }))
  const links = [
    ['/privacy?a=1&#38;b=2', 'Privacy'],
    ['https://site-a.example/terms', 'Terms'],
  ]
  for (const url of pages) {
    const body = await ask(a, url)
    t.same(anchorsOf(footerOf(body)), links, url)
    t.match(body, /<\/main><footer>/, 'after what the page is for')
    t.match(await ask(b, url), '</main></body>', `${url} of a site that has none`)
  }
  const preview = await own.ask('GET', '/v1/brand/draft/preview')
  t.match(footerOf(preview.body), 'href="/privacy?a=1&#38;b=2"', 'the preview shows them too')
  await publish(t, (spec) => ({ ...spec, legal: { privacy: null, terms: null, imprint: null } }))
  t.notMatch(await ask(a, '/account/sign-in'), '<footer', 'and taken away again')
  t.notMatch(footerOf(await homeOf(a)), '<a')
})

t.test('phone and address are kept by the draft, and told by /v1/site once they are published', async (t) => {
  const contact = { email: 'office@site-a.example', phone: '+239 222 (10) 20', address: 'Rua 3 de Fevereiro, São Tomé' }
  await own.save((spec) => ({ ...spec, contact }))
  t.same((await own.draft()).spec.contact, contact)
  t.match((await siteOf(a)).brand.contact, { phone: null, address: null }, 'not before')
  await publish(t, (spec) => spec)
  t.same((await siteOf(a)).brand.contact, contact)
  t.same((await siteOf(b)).brand.contact, { email: null, phone: null, address: null })
  await publish(t, (spec) => ({ ...spec, contact: { ...contact, phone: null } }))
  t.same((await siteOf(a)).brand.contact, { ...contact, phone: null }, 'and taken away again')
})

t.test('the sheet has the light colours for everybody, and the dark ones for who prefers dark', async (t) => {
  const light = { primary: '#14532d', accent: '#9a6503', surface: '#ffffff', text: '#111111' }
  const dark = { primary: '#7dd3fc', accent: '#fbbf24', surface: '#0b1220', text: '#f1f5f9' }
  await publish(t, (spec) => ({ ...spec, colors: { light, dark }, fonts: { heading: { stack: 'system' }, body: { stack: 'system' } } }))
  const byDay = '--primary:#14532d;--on-primary:#ffffff;--accent:#9a6503;--link:#9a6503;--surface:#ffffff;--text:#111111;--plate:#ffffff'
  const byNight = '--primary:#7dd3fc;--on-primary:#000000;--accent:#fbbf24;--link:#fbbf24;--surface:#0b1220;--text:#f1f5f9'
  const fonts = '--font-heading:system-ui,sans-serif;--font-body:system-ui,sans-serif'
  const { theme, ...brand } = (await siteOf(a)).brand
  for (const url of ['/theme.css', theme]) {
    const { body } = await call(a, { url })
    t.equal(body, `:root{color-scheme:light dark;${byDay};${fonts}}@media (prefers-color-scheme:dark){:root{${byNight}}}`, url)
  }
  t.match(brand, { colors: light, dark })
})

/** In `#rrggbb`, of the middle of an image. */
async function colourOf(image: Buffer): Promise<string> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const middle = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels
  return `#${data.subarray(middle, middle + 3).toString('hex')}`
}

async function colourAt(url: string): Promise<string> {
  const answer = await call(a, { url })
  return answer.statusCode === 302 ? colourAt(String(answer.headers.location)) : colourOf(answer.rawPayload)
}

/** Of each image in the ICO. */
async function coloursOfIcon(): Promise<string[]> {
  const { headers } = await call(a, { url: '/favicon.ico' })
  const icon = (await call(a, { url: String(headers.location) })).rawPayload
  const entries = Array.from({ length: icon.readUInt16LE(4) }, (_, at) => 6 + 16 * at)
  const images = entries.map((entry) => icon.subarray(icon.readUInt32LE(entry + 12)).subarray(0, icon.readUInt32LE(entry + 8)))
  return Promise.all(images.map(colourOf))
}

async function manifestIcons(): Promise<{ src: string }[]> {
  return (await call(a, { url: (await siteOf(a)).brand.manifest })).json().icons
}

function linksOf(html: string) {
  return [...html.matchAll(/<link rel="([^"]+)" href="([^"]+)"(?: sizes="[^"]+")?(?: type="([^"]+)")?>/g)].map(
    ([, relation = '', address = '', type]) => ({ relation, address, type }),
  )
}

function footerOf(html: string): string {
  return /<footer>(.*)<\/footer>/s.exec(html)?.[1] ?? ''
}

function anchorsOf(html: string): string[][] {
  return [...html.matchAll(/<a href="([^"]+)">([^<]+)<\/a>/g)].map(([, address = '', text = '']) => [address, text])
}
