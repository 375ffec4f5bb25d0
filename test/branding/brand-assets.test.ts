import sharp from 'sharp'
import t from 'tap'
import { createTestApp } from '../app.ts'
import { headersOf } from '../multipart.ts'
import { brandCalls, fontOf, pictureOf } from './brand-calls.ts'

const test = await createTestApp(t)
const { app, data, a, b, call } = test
const [own, other] = [await brandCalls(test, a), await brandCalls(test, b)]
const stored = async () => (await Array.fromAsync(app.objectStorage.list(`tenants/${a.id}/`))).map(({ key }) => key)

t.test('an image is taken, made anew and listed: 201', async (t) => {
  const photo = await sharp({ create: { width: 3_000, height: 1_500, channels: 3, background: '#336699' } })
    .withExif({ IFD0: { Copyright: 'somewhere at home' } })
    .jpeg()
    .toBuffer()
  const answer = await own.upload(Buffer.concat([photo, Buffer.from('<script>polyglot</script>')]), 'Câmara \u202egpj.exe')
  t.equal(answer.statusCode, 201)
  const asset = answer.json()
  t.match(asset, { kind: 'image', name: 'Câmara gpj.webp', contentType: 'image/webp', width: 2_048, height: 1_024 })
  const kept = await app.objectStorage.read(`tenants/${a.id}/brand/${asset.id}`)
  const bytes = Buffer.concat(await Array.fromAsync(kept?.stream ?? []))
  t.equal(bytes.length, asset.size)
  t.notMatch(bytes.toString('latin1'), /polyglot|at home/, 'nothing but the picture comes over')
  t.match((await own.ask('GET', '/v1/brand/assets')).json().items[0], { id: asset.id, used: false })
  t.same((await other.ask('GET', '/v1/brand/assets')).json(), { items: [] })
})

t.test('drawings are kept as pixels, with what shows through', async (t) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><circle cx="5" cy="5" r="5" fill="#f00"/></svg>'
  const asset = (await own.upload(svg, 'logo.svg')).json()
  t.match(asset, { contentType: 'image/png', width: 2_048, height: 1_024 })
})

t.test('what is no image, or one that does harm, answers 422 IMAGE_REFUSED with the reason, and nothing is kept', async (t) => {
  const before = await stored()
  const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inside}</svg>`
  const files: Record<string, [reason: string, bytes: Buffer | string]> = {
    'HTML named .png': ['not-an-image', '<!doctype html><script>alert(1)</script>'],
    'a PDF': ['not-an-image', '%PDF-1.7\n'],
    nothing: ['not-an-image', ''],
    'a picture that breaks off': ['broken', (await pictureOf('#123456', 900, 900)).subarray(0, 900)],
    'more pixels than are taken': ['too-many-pixels', await pictureOf('#000000', 5_000, 4_000)],
    'a script': ['active-svg', svg('<script>alert(1)</script>')],
    'a handler': ['active-svg', svg('<rect onload="alert(1)"/>')],
    'an entity': ['active-svg', `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<text>&x;</text>')}`],
    'another file': ['active-svg', svg('<image href="file:///etc/passwd"/>')],
    'another page': ['active-svg', svg('<foreignObject><p>hello</p></foreignObject>')],
  }
  for (const [name, [reason, bytes]] of Object.entries(files)) {
    const answer = await own.upload(bytes)
    t.match([answer.statusCode, answer.json().code, answer.json().issues?.[0]?.reason], [422, 'IMAGE_REFUSED', reason], name)
  }
  t.same(await stored(), before)
})

t.test('a font is a whole WOFF2 file, or 422 FONT_REFUSED', async (t) => {
  const answer = await own.upload(fontOf(), 'Own.woff2', 'fonts')
  t.match([answer.statusCode, answer.json()], [201, { kind: 'font', contentType: 'font/woff2', width: null, size: 400 }])
  const faulty = {
    'cut short': fontOf().subarray(0, 300),
    'too long': Buffer.concat([fontOf(), Buffer.alloc(9)]),
    TrueType: Buffer.alloc(400),
    empty: '',
  }
  for (const [name, bytes] of Object.entries(faulty)) t.equal((await own.upload(bytes, 'a.woff2', 'fonts')).json().code, 'FONT_REFUSED', name)
})

t.test('too large answers 413, no multipart 415, an end that is missing 400, and nothing is kept', async (t) => {
  const before = await stored()
  t.equal((await own.upload(Buffer.alloc(10 * 1024 * 1024 + 1))).json().code, 'FILE_TOO_LARGE')
  t.equal((await own.upload(Buffer.alloc(1024 * 1024 + 1), 'a.woff2', 'fonts')).json().code, 'FILE_TOO_LARGE')
  t.equal((await own.ask('POST', '/v1/brand/images', { file: 'x' })).json().code, 'CONTENT_TYPE_UNSUPPORTED')
  const { accessToken } = await test.signIn(a)
  const headers = { authorization: `Bearer ${accessToken}`, ...headersOf(20) }
  t.equal((await call(a, { method: 'POST', url: '/v1/brand/images', headers, payload: 'x'.repeat(20) })).json().code, 'UPLOAD_MALFORMED')
  t.same(await stored(), before)
})

t.test('an image that a brand uses stays, in the draft and as long as one can return to it: 409 BRAND_ASSET_IN_USE', async (t) => {
  const logo = await own.image('#ff0000')
  const remove = async (id: string) => (await own.ask('DELETE', `/v1/brand/assets/${id}`)).statusCode
  await own.save((spec) => ({ ...spec, images: { ...spec.images, logo } }))
  t.equal(await remove(logo), 409, 'in the draft')
  await own.publish((spec) => spec)
  await own.publish((spec) => ({ ...spec, images: { ...spec.images, logo: null } }))
  t.equal(await remove(logo), 409, 'in an earlier publication')
  t.ok((await stored()).includes(`tenants/${a.id}/brand/${logo}`))
  const unused = await own.image('#00ff00')
  t.equal((await other.ask('DELETE', `/v1/brand/assets/${unused}`)).statusCode, 404, 'of another site')
  t.equal(await remove(unused), 204)
  t.notOk((await stored()).includes(`tenants/${a.id}/brand/${unused}`), 'its bytes are gone too')
  t.equal(await remove(unused), 404)
})

t.test('a site has two hundred of them at most: 409 BRAND_ASSETS_FULL', async (t) => {
  await data.owner.query(
    `insert into brand_assets (tenant_id, id, kind, name, content_type, size) select $1, gen_random_uuid(), 'font', 'f', 'font/woff2', 1 from generate_series(1, 200)`,
    [b.id],
  )
  t.equal((await other.upload(await pictureOf('#000000', 9, 9))).json().code, 'BRAND_ASSETS_FULL')
})
