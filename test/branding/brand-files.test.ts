import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import sharp from 'sharp'
import t from 'tap'
import { createBrandFiles } from '../../src/branding/files/brand-files.ts'
import { createImages, type Images } from '../../src/files/images.ts'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { planBrand } from '../../src/tenancy/brand/brand-plan.ts'
import { readPublishedBrand } from '../../src/tenancy/brand/published-brand.ts'
import { createTestApp } from '../app.ts'
import { outcome } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'
import { startFaultyProxy } from '../storage/faulty-proxy.ts'
import { startS3 } from '../storage/s3-server.ts'
import { brandCalls, fontOf } from './brand-calls.ts'

const test = await createTestApp(t)
const { app, data, a, b, call } = test
const own = await brandCalls(test, a)
const [logo, mark] = [await own.image('#ff0000', 800, 200), await own.image('#00aa00', 600, 600)]
const font = (await own.upload(fontOf(), 'own.woff2', 'fonts')).json().id
await own.publish((spec) => ({
  ...spec,
  images: { logo, mark, favicon: null, social: logo },
  fonts: { heading: { asset: font }, body: { stack: 'humanist' } },
}))
const db = data.open({ max: 2 }).forTenant(a.id)
const brand = await readPublishedBrand(db)
if (!brand) throw new Error('nothing is published')
const plan = planBrand(brand)
const nameOf = (role: Parameters<typeof plan.get>[0]) => plan.get(role)?.name ?? ''
const addressOf = (role: Parameters<typeof plan.get>[0]) => `/brand/${nameOf(role)}`

t.test('every file of a brand is served to be kept for ever, in its type: 200', async (t) => {
  const types: Record<string, RegExp> = {
    css: /^text\/css/,
    webmanifest: /^application\/manifest\+json/,
    webp: /^image\/webp/,
    png: /^image\/png/,
    jpg: /^image\/jpeg/,
    ico: /^image\/(x-icon|vnd\.microsoft\.icon)/,
    woff2: /^font\/woff2/,
  }
  t.equal(plan.size, 11)
  for (const { name } of plan.values()) {
    const answer = await call(a, { url: `/brand/${name}` })
    t.equal(answer.statusCode, 200, name)
    t.match(answer.headers['content-type'], types[name.split('.')[2] ?? ''])
    t.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable')
    t.equal(answer.headers['x-content-type-options'], 'nosniff')
    const again = await call(a, { url: `/brand/${name}`, headers: { 'if-none-match': String(answer.headers.etag) } })
    t.equal(again.statusCode, 304)
    t.equal((await call(a, { method: 'HEAD', url: `/brand/${name}` })).statusCode, 200)
  }
})

t.test('what can be compressed has a copy in br and gzip that is the same inside', async (t) => {
  for (const role of ['theme', 'manifest', 'favicon'] as const) {
    const plain = await call(a, { url: addressOf(role) })
    const inBrotli = await call(a, { url: addressOf(role), headers: { 'accept-encoding': 'gzip, br' } })
    const inGzip = await call(a, { url: addressOf(role), headers: { 'accept-encoding': 'gzip' } })
    t.match([inBrotli.headers['content-encoding'], inGzip.headers['content-encoding']], ['br', 'gzip'], role)
    t.ok(brotliDecompressSync(inBrotli.rawPayload).equals(plain.rawPayload))
    t.ok(gunzipSync(inGzip.rawPayload).equals(plain.rawPayload))
    t.match(plain.headers.vary, /accept-encoding/i)
    t.equal(new Set([plain, inBrotli, inGzip].map(({ headers }) => headers.etag)).size, 3, 'each has a tag of its own')
  }
  const photo = await call(a, { url: addressOf('logo'), headers: { 'accept-encoding': 'br, gzip' } })
  t.equal(photo.headers['content-encoding'], undefined, 'an image is compressed already')
})

t.test('images are as large as they are used for', async (t) => {
  const sizes = {
    logo: [640, 160],
    'logo-png': [640, 160],
    'icon-192': [192, 192],
    'maskable-512': [512, 512],
    'touch-icon': [180, 180],
    social: [1200, 630],
  }
  for (const [role, size] of Object.entries(sizes)) {
    const { width, height } = await sharp((await call(a, { url: addressOf(role as 'logo') })).rawPayload).metadata()
    t.same([width, height], size, role)
  }
  const icon = (await call(a, { url: addressOf('favicon') })).rawPayload
  t.same([icon.readUInt16LE(2), icon.readUInt16LE(4), icon[6], icon[22], icon[38]], [1, 3, 16, 32, 48])
  const third = icon.subarray(icon.readUInt32LE(6 + 32 + 12))
  t.equal((await sharp(third).metadata()).width, 48)
  const manifest = (await call(a, { url: addressOf('manifest') })).json()
  t.match(manifest, { name: 'Name of site-a', short_name: 'site-a', lang: 'pt-ST', theme_color: '#14532d' })
  for (const { src } of manifest.icons) t.equal((await call(a, { url: src })).statusCode, 200, src)
})

t.test('addresses that stay lead to the file in force, and are asked again each time: 302', async (t) => {
  const stable = {
    '/favicon.ico': 'favicon',
    '/apple-touch-icon.png': 'touch-icon',
    '/site.webmanifest': 'manifest',
    '/brand/logo': 'logo',
    '/brand/logo.png': 'logo-png',
    '/brand/icon.png': 'icon-512',
    '/brand/social.jpg': 'social',
  } as const
  for (const [url, role] of Object.entries(stable)) {
    const answer = await call(a, { url })
    t.match([answer.statusCode, answer.headers.location, answer.headers['cache-control']], [302, addressOf(role), 'no-cache'], url)
    t.match([(await call(b, { url })).statusCode], [url === '/site.webmanifest' ? 302 : 404], `${url} of a site that has none`)
  }
  const sheet = await call(a, { url: '/theme.css' })
  t.equal(sheet.body, (await call(a, { url: addressOf('theme') })).body)
  t.match(sheet.body, `url(${addressOf('font-heading')})`)
})

t.test('a file of another site, or of no brand, answers 404 BRAND_FILE_UNKNOWN and is not to be kept', async (t) => {
  for (const url of [addressOf('logo'), '/brand/theme.AAAAAAAAAAAAAAAA.css']) {
    const answer = await call(b, { url })
    t.match([answer.statusCode, answer.json().code, answer.headers['cache-control']], [404, 'BRAND_FILE_UNKNOWN', 'no-store'], url)
  }
  t.equal((await call(a, { url: addressOf('logo') })).statusCode, 200, 'control')
  const odd = ['..%2f..%2fetc%2fpasswd', `${nameOf('theme')}.br`, 'theme.css', '%00', `..%2f${b.id}%2f${nameOf('theme')}`, 'constructor']
  for (const name of odd) t.match((await call(a, { url: `/brand/${name}` })).statusCode, /^40[04]$/, name)
})

/** Counts what it makes. */
function countingImages(): Images & { made: number } {
  const images = createImages()
  const counting = {
    made: 0,
    inspect: images.inspect,
    render: (...args: Parameters<Images['render']>) => {
      counting.made++
      return images.render(...args)
    },
  }
  return counting
}

t.test('a fresh copy of the service makes a file when it is first asked for, once for a hundred who ask', async (t) => {
  const images = countingImages()
  const files = createBrandFiles(images)
  t.teardown(() => files.close())
  const site = { tenantId: a.id, version: 1, db, storage: tenantStorage(app.objectStorage, a.id) }
  const found = await Promise.all(Array.from({ length: 100 }, () => files.find(site, nameOf('logo'))))
  t.equal(images.made, 1)
  const folder = found[0]?.folder ?? ''
  t.same(await readdir(folder), [nameOf('logo')], 'that one, and nothing half-made')

  await rm(join(folder, nameOf('logo')))
  t.ok(await files.find(site, nameOf('logo')), 'it is believed to be there for a minute')
  t.equal(images.made, 1)
})

t.test('what somebody tidied away is made again', async (t) => {
  const images = countingImages()
  let now = 0
  const files = createBrandFiles(images, () => now)
  t.teardown(() => files.close())
  const site = { tenantId: a.id, version: 1, db, storage: tenantStorage(app.objectStorage, a.id) }
  const { folder = '' } = (await files.find(site, nameOf('logo'))) ?? {}
  await rm(folder, { recursive: true })
  now = 60_001
  await files.find(site, nameOf('logo'))
  t.same(await readdir(folder), [nameOf('logo')])
  t.equal(images.made, 2)
  await files.close()
  await t.rejects(readdir(folder), { code: 'ENOENT' }, 'nothing is left behind')
})

t.test('pages of earlier brands find their files, also on a copy that never made them', async (t) => {
  const earlier = addressOf('logo')
  await own.publish((spec) => ({ ...spec, images: { ...spec.images, logo: mark } }))
  await eventually(t, 'another logo shows', async () => (await call(a, { url: '/v1/site' })).json().brand.logo.address !== earlier)
  const another = await test.another()
  const answer = await another.inject({ url: earlier, headers: { host: a.host } })
  t.equal(answer.statusCode, 200)
  t.equal((await sharp(answer.rawPayload).metadata()).height, 160)
})

t.test('whoever asks for names that there are not is answered from memory', async (t) => {
  const files = createBrandFiles(createImages())
  t.teardown(() => files.close())
  const asked = { sites: 0 }
  const site = new Proxy(db.site, {
    get: (target, name) => {
      if (name === 'findFirst') asked.sites++
      return Reflect.get(target, name)
    },
  })
  const counting = new Proxy(db, { get: (target, name) => (name === 'site' ? site : Reflect.get(target, name)) })
  const storage = tenantStorage(app.objectStorage, a.id)
  const find = (name: string, version: number) => files.find({ tenantId: a.id, version, db: counting, storage }, name)
  for (let round = 0; round < 20; round++) t.equal(await find(`theme.${String(round).padStart(16, 'A')}.css`, 1), undefined)
  t.equal(asked.sites, 1)
  t.ok(await find(nameOf('theme'), 1), 'control')
  await find('theme.AAAAAAAAAAAAAAAA.css', 2)
  t.equal(asked.sites, 2, 'another version is another brand')
})

t.test('a storage that is away answers 503 STORAGE_UNAVAILABLE with Retry-After, and is asked again', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const proxy = await startFaultyProxy(t, server.settings.endpoint)
  const storage = createS3Storage({ ...server.settings, endpoint: proxy.url }, { connection: 500, silence: 500 })
  for await (const { key, size } of app.objectStorage.list('')) {
    const found = await app.objectStorage.read(key)
    t.equal((await storage.put(key, found?.stream ?? Buffer.of(), { contentType: 'application/octet-stream' })).size, size)
  }
  const another = await test.another({ storage })
  const ask = () => another.inject({ url: addressOf('logo'), headers: { host: a.host } })
  proxy.fail(503)
  const away = await ask()
  t.ok(proxy.met() > 0, 'it was asked')
  t.equal(outcome(away), '503 STORAGE_UNAVAILABLE')
  t.match([away.headers['retry-after'], away.headers['cache-control']], [/^[1-9]\d*$/, 'no-store'])
  proxy.heal()
  t.equal(outcome(await ask()), '200')
})

t.test('what the storage failed at is not kept', async (t) => {
  const storage = tenantStorage(app.objectStorage, a.id)
  const files = createBrandFiles(createImages())
  t.teardown(() => files.close())
  const broken = { ...storage, read: async () => Promise.reject(new Error('away')) }
  await t.rejects(files.find({ tenantId: a.id, version: 1, db, storage: broken }, nameOf('logo')), /away/)
  t.ok(await files.find({ tenantId: a.id, version: 1, db, storage }, nameOf('logo')))
})
