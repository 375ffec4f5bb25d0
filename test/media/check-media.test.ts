import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import sharp from 'sharp'
import t from 'tap'
import { checkMedia, temporaryPrefix } from '../../src/media/check/check-media.ts'
import { planCuts, planWhole } from '../../src/media/check/make-variants.ts'
import { StorageFailure } from '../../src/storage/object-storage.ts'
import { eventually } from '../eventually.ts'
import { docxOf, entitySvg, gifOf, pngOf, scriptedSvg } from '../files/hostile-files.ts'
import { startTestWorker } from '../mail/worker.ts'
import { createMediaApp, photo } from './media-calls.ts'

const { app, a, ask, add, send, check, visit, images, storageOf, dbOf, keysOf, rowsOf, data } = await createMediaApp(t)
/** Of this process: others may be at it too. */
const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith(`${temporaryPrefix}${process.pid}-`))
const read = async (id: string) => (await ask('GET', `/v1/media/${id}`)).json()
const plainSvg = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="12"><rect width="24" height="12" fill="#0a0"/></svg>'

t.test(
  'variants are made as large as the image is, in AVIF and WebP, with a square and a wide cut; a drawing is as large as it is needed',
  async (t) => {
    const sizes = (media: { variants: { use: string; type: string; width: number; height: number }[] }, type: string) =>
      media.variants.filter((one) => one.type === type).map(({ use, width, height }) => `${use} ${width}×${height}`)
    const wide = await add({ name: 'a.png', bytes: await photo(2_000, 1_000) })
    const wanted = ['whole 320×160', 'whole 640×320', 'whole 1280×640', 'whole 1920×960', 'square 640×640', 'wide 1280×720']
    for (const type of ['image/avif', 'image/webp']) t.same(sizes(wide, type), wanted)
    t.match(wide, { status: 'ready', width: 2_000, height: 1_000 })
    const small = await add({ name: 'b.jpg', bytes: await photo(100, 50, 'jpeg') })
    t.same(sizes(small, 'image/webp'), ['whole 100×50', 'square 50×50', 'wide 88×50'])
    const drawing = await add({ name: 'c.svg', bytes: plainSvg })
    t.match(drawing, { width: 24, height: 12, contentType: 'image/svg+xml' })
    t.same(sizes(drawing, 'image/webp'), ['whole 320×160', 'whole 640×320', 'whole 1280×640', 'whole 1920×960', 'square 640×640', 'wide 1280×720'])
    const animated = await add({ name: 'd.gif', bytes: gifOf(20) })
    t.match(animated, { status: 'ready', width: 1, height: 1 })
    t.same(await leftovers(), [])
  },
)

t.test('a plan is never larger than the image, nor empty', async (t) => {
  const picture = (width: number, height: number) => ({ id: 'x', source: 'x', focusX: null, focusY: null, width, height })
  for (const [width, height] of [
    [1, 1],
    [1, 16_777_216],
    [16_777_216, 1],
    [4_096, 4_096],
    [320, 200],
    [321, 10],
  ] as const) {
    const plans = [...planWhole(picture(width, height)), ...planCuts(picture(width, height))]
    t.ok(
      plans.every((one) => one.width >= 1 && one.width <= width && (one.height === undefined || (one.height >= 1 && one.height <= height))),
      `${width}×${height}`,
    )
    t.equal(new Set(plans.map((one) => `${one.use} ${one.width}`)).size, plans.length)
  }
})

t.test('nothing but pixels comes over: no position, no profile, no comment', async (t) => {
  const bytes = await sharp(await photo(400, 300))
    .withExif({ IFD0: { Copyright: 'a secret place' } })
    .jpeg()
    .toBuffer()
  t.ok((await sharp(bytes).metadata()).exif, 'control')
  const media = await add({ name: 'a.jpg', bytes })
  for (const { name } of media.variants) {
    const { exif, icc, xmp } = await sharp((await visit(`/media/${media.id}/${name}`)).rawPayload).metadata()
    t.same([exif, icc, xmp], [undefined, undefined, undefined])
  }
})

const bad: Record<string, [Buffer | string, string]> = {
  '31kb-of-256-megapixels.png': [pngOf(16_384, 16_384), 'too-many-pixels'],
  '50000-squared.png': [pngOf(50_000, 50_000, { width: 8, height: 8 }), 'too-many-pixels'],
  'ten-thousand-frames.gif': [gifOf(10_000), 'too-many-frames'],
  'script.svg': [scriptedSvg, 'active-svg'],
  'entity.svg': [entitySvg, 'active-svg'],
  'cut-off.png': [pngOf(400, 400).subarray(0, 60), 'broken'],
  'latin1.txt': [Buffer.concat([Buffer.from('a'.repeat(5_000)), Buffer.from([0xe3, 0x20])]), 'not-text'],
  'nul-at-the-end.csv': [Buffer.concat([Buffer.from('a;b\n'.repeat(2_000)), Buffer.from([0])]), 'not-text'],
}
for (const [name, [bytes, reason]] of Object.entries(bad)) {
  t.test(`${name} is refused as ${reason}: nothing of it is served, kept or counted`, async (t) => {
    t.ok(bytes.length < 250_000, 'it is small, where it is sent')
    const { bytes: before } = (await ask('GET', '/v1/media/usage')).json()
    const { id } = await add({ name, bytes })
    t.match(await read(id), { status: 'refused', reason, variants: [] })
    t.equal((await visit(`/media/${id}`)).statusCode, 404)
    t.notOk((await keysOf()).some((key) => key.includes(id)))
    t.same((await ask('GET', '/v1/media/usage')).json().bytes, before)
    t.same(await leftovers(), [])
  })
}

t.test('what is two files at once is shown as pixels, or is a download', async (t) => {
  const page = Buffer.from('<script>alert(1)</script>')
  const both = await add({ name: 'both.png', bytes: Buffer.concat([await photo(400, 300), page]) })
  t.equal(both.status, 'ready')
  for (const { name } of both.variants) t.notOk((await visit(`/media/${both.id}/${name}`)).rawPayload.includes(page))
  const bomb = await add({ name: 'bomb.docx', bytes: docxOf({ name: 'word/media/zeros.bin', data: Buffer.alloc(200 * 1024 * 1024) }) })
  t.match(bomb, { status: 'ready', kind: 'document' }, 'nobody here unpacks it')
  t.match((await visit(`/media/${bomb.id}`)).headers, { 'content-disposition': /^attachment/ })
})

t.test('a focus that moves makes the cuts anew, and nothing else', async (t) => {
  const media = await add({ name: 'a.png', bytes: await photo(1_600, 400) })
  const colourOf = async () => {
    const { rawPayload } = await visit(`/media/${media.id}?cut=square`)
    const { dominant } = await sharp(rawPayload).stats()
    return dominant.r > dominant.b ? 'red' : 'blue'
  }
  for (const [x, colour] of [
    [0, 'red'],
    [1, 'blue'],
  ] as const) {
    await ask('PATCH', `/v1/media/${media.id}`, { payload: { focus: { x, y: 0.5 } } })
    await check(media.id)
    t.equal(await colourOf(), colour)
  }
  const now = await read(media.id)
  t.match(now.focus, { x: 1, y: 0.5 })
  const names = (use: string, one: { variants: { use: string; name: string }[] }) => one.variants.filter((v) => v.use === use).map(({ name }) => name)
  t.same(names('whole', now), names('whole', media))
  t.notSame(names('square', now), names('square', media))
  const kept = (await keysOf()).filter((key) => key.includes(media.id))
  t.equal(kept.length, 1 + now.variants.length, 'those of before are gone')
  await check(media.id)
  t.same(await read(media.id), now, 'and once is enough')
})

t.test('a check that is killed half-way is done again to the same end', async (t) => {
  const { id } = (await send({ name: 'a.png', bytes: await photo(700, 500) })).json()
  let renders = 0
  const dying = {
    ...images,
    render: (...args: Parameters<typeof images.render>) => (++renders > 3 ? Promise.reject(new Error('killed')) : images.render(...args)),
  }
  await t.rejects(checkMedia({ db: dbOf(a), storage: storageOf(a), images: dying }, id), /killed/)
  t.match(await read(id), { status: 'checking', variants: [] })
  t.equal((await visit(`/media/${id}`)).statusCode, 404)
  t.same(await leftovers(), [])
  await check(id)
  const media = await read(id)
  t.match(media, { status: 'ready' })
  for (const { name } of media.variants) t.equal((await visit(`/media/${id}/${name}`)).statusCode, 200)
})

t.test('a storage that refuses for a time leaves the file in quarantine; it is nobody’s fault but the storage’s', async (t) => {
  const { id } = (await send({ name: 'a.png', bytes: await photo(400, 300) })).json()
  const away = { ...storageOf(a), put: () => Promise.reject(new StorageFailure('unavailable')) }
  await t.rejects(checkMedia({ db: dbOf(a), storage: away, images }, id), { name: 'StorageFailure' })
  t.match(await read(id), { status: 'checking' })
  await check(id)
  t.match(await read(id), { status: 'ready' })
})

t.test('a file that is removed while it is checked leaves nothing', async (t) => {
  const { id } = (await send({ name: 'a.png', bytes: await photo(400, 300) })).json()
  let removed: Promise<unknown> | undefined
  const slow = {
    ...images,
    render: async (...args: Parameters<typeof images.render>) => {
      removed ??= ask('DELETE', `/v1/media/${id}`)
      await removed
      return images.render(...args)
    },
  }
  await checkMedia({ db: dbOf(a), storage: storageOf(a), images: slow }, id)
  t.notOk((await rowsOf()).some((row) => row.id === id))
  t.notOk((await keysOf()).some((key) => key.includes(id)))
})

t.test('the worker does it by itself: a file that is sent is ready a moment later, and its focus may move', async (t) => {
  startTestWorker(t, { config: app.config, database: data.open() })
  const { id } = (await send({ name: 'a.png', bytes: await photo(400, 300) })).json()
  await eventually(t, 'it is ready', async () => (await read(id)).status === 'ready', 30_000)
  const before = (await read(id)).variants
  await ask('PATCH', `/v1/media/${id}`, { payload: { focus: { x: 0.1, y: 0.1 } } })
  const moved = async () => JSON.stringify((await read(id)).variants) !== JSON.stringify(before)
  await eventually(t, 'its cuts are new', moved, 30_000)
})
