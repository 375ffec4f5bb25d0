import t from 'tap'
import { Compile } from 'typebox/compile'
import { readSite } from '../../src/branding/read-site.ts'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'

const { data, a, b, call } = await createTestApp(t)

t.test('GET /v1/site answers names, origin, locale and brand: 200', async (t) => {
  const answer = await call(a, { url: '/v1/site' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], /^application\/json/)
  t.ok(Compile(readSite.schema.response[200]).Check(answer.json()))
  t.same(answer.json(), {
    slug: 'site-a',
    name: 'Name of site-a',
    origin: 'https://site-a.example',
    locale: 'pt-ST',
    timeZone: 'Africa/Sao_Tome',
    brand: {
      publication: 0,
      shortName: 'site-a',
      tagline: 'A tagline',
      // The accent as dark as it has to be on this surface.
      colors: { primary: '#14532d', accent: '#c68704', surface: '#ffffff', text: '#111111' },
      dark: null,
      theme: answer.json().brand.theme,
      manifest: answer.json().brand.manifest,
      logo: null,
      icon: null,
      social: null,
      legal: { privacy: null, terms: null, imprint: null },
      contact: { email: null, phone: null, address: null },
    },
  })
  t.match(answer.json().brand, { theme: /^\/brand\/theme\.[\w-]{16}\.css$/, manifest: /^\/brand\/manifest\.[\w-]{16}\.webmanifest$/ })
  t.equal((await call(b, { url: '/v1/site' })).json().name, 'Name of site-b')
})

t.test('a tenant that has no profile yet answers 404 TENANT_UNKNOWN', async (t) => {
  const bare = await data.addTenant({ slug: 'bare', host: 'bare.example' })
  await eventually(t, 'it is unknown', async () => (await call(bare, { url: '/v1/site' })).json().code === 'TENANT_UNKNOWN')
  for (const url of ['/', '/theme.css']) t.equal((await call(bare, { url })).statusCode, 404, url)
})

t.test('GET /theme.css holds the brand’s colours and one that is readable on the primary: 200', async (t) => {
  const css = await call(a, { url: '/theme.css' })
  t.equal(css.statusCode, 200)
  t.equal(css.headers['content-type'], 'text/css; charset=utf-8')
  const colours = '--primary:#14532d;--on-primary:#ffffff;--accent:#c68704;--link:#9e6c03;--surface:#ffffff;--text:#111111;--plate:#ffffff'
  const fonts = '--font-heading:system-ui,sans-serif;--font-body:system-ui,sans-serif'
  t.equal(css.body, `:root{color-scheme:light;${colours};${fonts}}`)
})

t.test('text on the primary colour is black or white, whichever contrasts more', async (t) => {
  const readable: Record<string, string> = {
    '#ffffff': '#000000',
    '#000000': '#ffffff',
    '#ffff00': '#000000',
    '#0000ff': '#ffffff',
    '#767676': '#000000',
    '#707070': '#ffffff',
  }
  for (const [colour, expected] of Object.entries(readable)) {
    await data.owner.query('update brands set primary_color = $2 where tenant_id = $1', [b.id, colour])
    const body = async () => (await call(b, { url: '/theme.css' })).body
    await eventually(t, `the theme has ${colour}`, async () => (await body()).includes(`--primary:${colour}`))
    t.match(await body(), `--on-primary:${expected}`, colour)
  }
})

t.test('nothing but a colour gets into a brand, so nothing else into the stylesheet', async (t) => {
  for (const text of ['#fff', 'red', '#FFFFFF', '#ffffff;}', '#12345g', '#ffffff\n', '}body{display:none}', '']) {
    for (const column of ['primary_color', 'accent_color', 'surface_color', 'text_color']) {
      await t.rejects(data.owner.query(`update brands set ${column} = $2 where tenant_id = $1`, [a.id, text]), { code: '23514' }, `${column} ${text}`)
    }
  }
})
